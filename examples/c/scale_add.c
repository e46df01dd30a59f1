/* Loads a program, calls it on arrays of its own, and on outputs that fuser
 * allocates in memory and on threads of the host.
 *
 *   scale_add examples/scale_add.mlir
 */
#include <fuser-c/fuser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 2, COLUMNS = 4 };

/* Prints what went wrong, and ends. */
static void check(fuser_error *error) {
  if (!error)
    return;
  fprintf(stderr, "error %d: %s\n", (int)fuser_error_code(error),
          fuser_error_message(error));
  fuser_error_free(error);
  exit(1);
}

/* The text of a file, which the caller frees. */
static char *read_file(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(1);
  }
  char *text = NULL;
  size_t capacity = 0, got;
  *length = 0;
  do {
    if (*length == capacity) {
      capacity = 2 * capacity + 1024;
      text = realloc(text, capacity);
      if (!text)
        abort();
    }
    got = fread(text + *length, 1, capacity - *length, file);
    *length += got;
  } while (got > 0);
  fclose(file);
  return text;
}

/* A description of row-major floats. */
static DLTensor floats(float *data, int64_t *shape, int ndim) {
  DLTensor tensor = {0};
  tensor.data = data;
  tensor.device.device_type = kDLCPU;
  tensor.ndim = ndim;
  tensor.dtype.code = kDLFloat;
  tensor.dtype.bits = 32;
  tensor.dtype.lanes = 1;
  tensor.shape = shape; /* strides: NULL, which is row-major */
  return tensor;
}

static void print(const char *name, const DLTensor *tensor) {
  const float *data =
      (const float *)((const char *)tensor->data + tensor->byte_offset);
  printf("%s:", name);
  for (int64_t row = 0; row < tensor->shape[0]; ++row)
    for (int64_t column = 0; column < tensor->shape[1]; ++column) {
      int64_t at = row * tensor->shape[1] + column;
      if (tensor->strides)
        at = row * tensor->strides[0] + column * tensor->strides[1];
      printf(" %g", data[at]);
    }
  printf("\n");
}

/* ---- what a host may bring ----------------------------------------------- */

/* Its memory: here malloc's, with a count. */
static void *allocate(void *context, size_t bytes, size_t alignment) {
  *(size_t *)context += bytes;
  return aligned_alloc(alignment, (bytes + alignment - 1) / alignment *
                                      alignment); /* bytes may be any number */
}

static void deallocate(void *context, void *block, size_t bytes) {
  *(size_t *)context -= bytes;
  free(block);
}

/* Its threads: here the calling one. */
static void parallel_for(void *context, int64_t parts,
                         void (*body)(void *argument, int64_t part),
                         void *argument) {
  (void)context;
  for (int64_t part = 0; part < parts; ++part)
    body(argument, part);
}

/* -------------------------------------------------------------------------- */

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: scale_add examples/scale_add.mlir\n");
    return 2;
  }
  size_t length;
  char *text = read_file(argv[1], &length);

  /* A session: a compiler with its kernels, threads and memory. */
  size_t bytes_in_use = 0;
  fuser_session_options options = {0};
  options.size = sizeof options;
  options.num_threads = 2;
  options.allocate = allocate;
  options.deallocate = deallocate;
  options.allocator_context = &bytes_in_use;
  options.parallel_for = parallel_for;
  fuser_session *session;
  check(fuser_session_create(&options, &session));

  /* A program, and the place from which its function is called. */
  fuser_program *program;
  check(fuser_program_load(session, text, length, argv[1], NULL, &program));
  free(text);
  fuser_function *function;
  check(fuser_program_function(program, NULL, &function));
  const fuser_signature x = fuser_function_argument(function, 0);
  printf("%s(%s: rank %d), %d group\n", fuser_function_name(function), x.name,
         (int)x.ndim, (int)fuser_function_num_groups(function));

  /* A call into an array of ours. */
  float in[ROWS * COLUMNS] = {0, 1, 2, 3, 4, 5, 6, 7}, out[ROWS * COLUMNS];
  int64_t shape[] = {ROWS, COLUMNS};
  const DLTensor input = floats(in, shape, 2), output = floats(out, shape, 2);
  const fuser_value arguments[] = {{.kind = FUSER_TENSOR, .as.tensor = &input}};
  const DLTensor *outputs[] = {&output};
  check(fuser_call_into(function, arguments, 1, outputs, 1));
  print("given output", &output);

  /* A call whose output fuser allocates, and which outlives all handles. */
  DLManagedTensor *result;
  check(fuser_call(function, arguments, 1, &result, 1));
  printf("bytes of outputs: %d\n", (int)bytes_in_use);

  /* What is wrong is an error that says what was expected. */
  const DLTensor flat = floats(in, shape, 1);
  const fuser_value wrong[] = {{.kind = FUSER_TENSOR, .as.tensor = &flat}};
  fuser_error *error = fuser_call_into(function, wrong, 1, outputs, 1);
  printf("error %d: %s\n", (int)fuser_error_code(error),
         fuser_error_message(error));
  fuser_error_free(error);

  /* What the session has done. */
  char *json;
  check(fuser_session_statistics(session, &json));
  printf("statistics: %s\n", strstr(json, "\"launches\"") ? "there" : "none");
  fuser_string_free(json);

  /* Handles go in any order. */
  fuser_session_free(session);
  fuser_program_free(program);
  fuser_function_free(function);
  print("new output", &result->dl_tensor);
  result->deleter(result);
  printf("bytes of outputs: %d\n", (int)bytes_in_use);
  return 0;
}
