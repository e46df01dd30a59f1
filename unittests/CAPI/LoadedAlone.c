/*===- LoadedAlone.c - fuser loaded by a program that knows nothing of it
---===*\
|*                                                                            *|
|* Part of fuser, under the Apache License v2.0 with LLVM Exceptions.         *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Loads fuser for itself alone (RTLD_LOCAL), after another LLVM whose        *|
|* symbols all see if one is named, and runs a program on kernels for a       *|
|* processor that lacks fma, rounding and conversions of f16. So they call    *|
|* functions, which nothing but fuser is linked with.                         *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE // RTLD_DEFAULT
#include "fuser-c/fuser.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kProgram =
    "!t = tensor<?xf32>\n"
    "func.func @f(%x: !t, %h: tensor<?xf16>) -> !t {\n"
    "  %a = fuser.floor %x : !t\n"
    "  %b = fuser.fma %a, %x, %x : !t\n"
    "  %c = fuser.cast %h : tensor<?xf16> to !t\n"
    "  %y = fuser.add %b, %c : !t\n"
    "  return %y : !t\n"
    "}\n";

static void *load(const char *path, int flags) {
  void *library = dlopen(path, RTLD_NOW | flags);
  if (!library) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
  return library;
}

/* Declares NAME as the function fuser_NAME of the library. */
#define FUNCTION(NAME)                                                         \
  __typeof__(fuser_##NAME) *NAME =                                             \
      (__typeof__(fuser_##NAME) *)dlsym(fuser, "fuser_" #NAME)

int main(int argc, char **argv) {
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: fuser-loaded-alone LIBFUSER [LIBLLVM]\n");
    return 2;
  }
  if (argc == 3 && (!dlsym(load(argv[2], RTLD_GLOBAL), "LLVMContextCreate") ||
                    !dlsym(RTLD_DEFAULT, "LLVMContextCreate"))) {
    fprintf(stderr, "%s shows no LLVM\n", argv[2]);
    return 1;
  }
  void *fuser = load(argv[1], RTLD_LOCAL);
  FUNCTION(session_create);
  FUNCTION(session_statistics);
  FUNCTION(program_load);
  FUNCTION(program_function);
  FUNCTION(call_into);
  FUNCTION(error_message);

  fuser_session_options options = {0};
  options.size = sizeof options;
  options.cpu = "x86-64";
  options.tier = FUSER_TIER_FINAL_ONLY;
  fuser_session *session;
  fuser_program *program;
  fuser_function *function;
  fuser_error *error = session_create(&options, &session);
  if (!error)
    error =
        program_load(session, kProgram, strlen(kProgram), NULL, NULL, &program);
  if (!error)
    error = program_function(program, "f", &function);

  float x[4] = {0.5f, 1.5f, -1.5f, 2.25f}, y[4] = {0};
  uint16_t h[4] = {0x3c00, 0x4000, 0xc000, 0x3800}; /* 1, 2, -2, 0.5 */
  int64_t shape[1] = {4};
  DLTensor xs = {x, {kDLCPU, 0}, 1, {kDLFloat, 32, 1}, shape, NULL, 0};
  DLTensor hs = {h, {kDLCPU, 0}, 1, {kDLFloat, 16, 1}, shape, NULL, 0};
  DLTensor ys = {y, {kDLCPU, 0}, 1, {kDLFloat, 32, 1}, shape, NULL, 0};
  fuser_value arguments[2] = {{FUSER_TENSOR, {&xs}}, {FUSER_TENSOR, {&hs}}};
  const DLTensor *outputs[1] = {&ys};
  char *json = NULL;
  if (!error)
    error = call_into(function, arguments, 2, outputs, 1);
  if (!error)
    error = session_statistics(session, &json);
  if (error) {
    fprintf(stderr, "%s\n", error_message(error));
    return 1;
  }
  /* floor(x) * x + x + h, which is exact here. */
  const float expected[4] = {1.5f, 5.0f, -0.5f, 7.25f};
  if (memcmp(y, expected, sizeof y) != 0) {
    fprintf(stderr, "found %g %g %g %g\n", y[0], y[1], y[2], y[3]);
    return 1;
  }
  if (!strstr(json, "\"launches\": 1")) {
    fprintf(stderr, "expected one launch of a kernel: %s\n", json);
    return 1;
  }
  return 0;
}
