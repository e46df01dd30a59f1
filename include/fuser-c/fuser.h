/*===- fuser-c/fuser.h - the C interface --------------------------*- C -*-===*\
|*                                                                            *|
|* Part of fuser, under the Apache License v2.0 with LLVM Exceptions.         *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* fuser compiles tensor programs and runs them, for programs in any language *|
|* that calls C. The library exports the functions below and nothing else.    *|
|*                                                                            *|
|* Conventions                                                                *|
|*   Errors       Functions that can fail return NULL, or an error that the   *|
|*                caller frees with fuser_error_free. After an error nothing  *|
|*                was made: results are NULL, handles are as they were.       *|
|*   Ownership    Each handle is freed by its own function, in any order: a   *|
|*                handle keeps alive what it was made from. NULL is ignored.  *|
|*                Arguments are borrowed for the call. Strings that a handle  *|
|*                lends live as long as the handle; those given as `char **`  *|
|*                belong to the caller, who frees them with                   *|
|*                fuser_string_free.                                          *|
|*   Threads      All functions may be called from several threads, also on   *|
|*                one handle; but freeing a handle must be its last use.      *|
|*   Memory       Where there is none for outputs, calls fail. Where there is *|
|*                none for anything else, the process ends. *|
|*   fork         A child may go on calling if no other thread was in a call *|
|*                at the fork; it runs everything on the calling thread. *|
|*   Options      Structs begin with their size, so that later versions can   *|
|*                add fields: set it to sizeof the struct, the rest to zero,  *|
|*                which means the default, and then what is to differ.        *|
|*   Tensors      DLPack's DLTensor: sizes and strides in elements, strides   *|
|*                NULL for row-major ones, the address includes byte_offset.  *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef FUSER_C_FUSER_H
#define FUSER_C_FUSER_H

#include <dlpack/dlpack.h>
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define FUSER_API
#else
#define FUSER_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
#define FUSER_NOEXCEPT noexcept
extern "C" {
#else
#define FUSER_NOEXCEPT
#endif

/*===- Versions -----------------------------------------------------------===*/

/** The version of this header. The library's may be later within a major
 * version, and while that is 0 within a minor one. */
#define FUSER_VERSION_MAJOR 0
#define FUSER_VERSION_MINOR 1
#define FUSER_VERSION_PATCH 0

/** The library's version: major * 10000 + minor * 100 + patch. */
FUSER_API uint32_t fuser_version(void) FUSER_NOEXCEPT;
/** The same as text, "0.1.0". Lent for ever. */
FUSER_API const char *fuser_version_string(void) FUSER_NOEXCEPT;

/*===- Errors -------------------------------------------------------------===*/

typedef struct fuser_error fuser_error;

typedef enum fuser_code {
  FUSER_OK = 0,
  /** What was given is wrong: the program's text, an option, a number, shape,
   * dtype, device or stride of a value. The message says what was expected. */
  FUSER_INVALID_ARGUMENT = 1,
  /** There is no such function, or file. The message lists what there is. */
  FUSER_NOT_FOUND = 2,
  /** There is no memory for the outputs. */
  FUSER_OUT_OF_MEMORY = 3,
  /** This library or machine can't do it. */
  FUSER_UNSUPPORTED = 4,
  /** A fault of the library. */
  FUSER_INTERNAL = 5
} fuser_code;

/** The code of `error`; FUSER_OK for NULL. */
FUSER_API fuser_code fuser_error_code(const fuser_error *error) FUSER_NOEXCEPT;
/** What happened, UTF-8, lines separated by '\n'; "" for NULL. */
FUSER_API const char *
fuser_error_message(const fuser_error *error) FUSER_NOEXCEPT;
FUSER_API void fuser_error_free(fuser_error *error) FUSER_NOEXCEPT;

FUSER_API void fuser_string_free(char *string) FUSER_NOEXCEPT;

/*===- Sessions -----------------------------------------------------------===*/

/** A compiler with its kernels, threads, memory and statistics. */
typedef struct fuser_session fuser_session;

/** When kernels are made; their results are the same bits. */
typedef enum fuser_tier {
  /** What FUSER_TIER says: async, sync, 1 or 2; else FUSER_TIER_ASYNC. */
  FUSER_TIER_DEFAULT = 0,
  /** A first call is interpreted, or has a kernel made that compiles quickly; a
   * thread of the session makes the final one. */
  FUSER_TIER_ASYNC = 1,
  /** The same, but the second call makes the final one. */
  FUSER_TIER_SYNC = 2,
  FUSER_TIER_QUICK_ONLY = 3,
  FUSER_TIER_FINAL_ONLY = 4
} fuser_tier;

typedef struct fuser_session_options {
  size_t size; /**< sizeof(fuser_session_options) */
  /** Threads of kernels, the caller's included; 0: what FUSER_NUM_THREADS says,
   * or as many as the process may use. With `parallel_for`: how many parts of a
   * loop that runs at once, at the most; must be > 0. */
  int32_t num_threads;
  fuser_tier tier;
  /** Not 0: compile nothing, interpret. */
  int32_t interpret_only;
  /** Kernels that are kept, at the most; 0: 4096. */
  uint64_t max_kernels;
  /** Bytes of freed outputs that are kept for later ones; 0: what
   * FUSER_CACHE_MIB says, or 1 GiB; < 0: none. Not with `allocate`. */
  int64_t max_cached_bytes;
  /** The processor that kernels are made for, by the name that LLVM has for it,
   * and what it is to have (+) or lack (-) beside, as "+avx2,-avx512f". NULL:
   * this machine's. */
  const char *cpu;
  const char *features;

  /** Where outputs lie, in place of the library's own allocator: gives `bytes`
   * (> 0) bytes aligned to `alignment` (a power of two, >= 64), or NULL if
   * there are none. Both or neither. Called from any thread; must work until
   * the last output is freed, which may be after the session is. */
  void *(*allocate)(void *context, size_t bytes, size_t alignment);
  void (*deallocate)(void *context, void *block, size_t bytes);
  void *allocator_context;

  /** What runs parts of loops, in place of the library's own threads: calls
   * body(argument, part) once for each part in [0, parts), on any threads, and
   * returns when all have returned. Called from any thread. */
  void (*parallel_for)(void *context, int64_t parts,
                       void (*body)(void *argument, int64_t part),
                       void *argument);
  void *parallel_context;
} fuser_session_options;

/** Not 0 if calls with tensors on CUDA devices use kernels: there is a driver
 * and a device that fuser knows. The first such question, or call, of a process
 * loads the driver. */
FUSER_API int32_t fuser_session_can_fuse_on_gpu(fuser_session *session)
    FUSER_NOEXCEPT;

/** Makes `stream`, a CUstream or cudaStream_t of CUDA device `device`, the one
 * on which calls of this thread with tensors on that device run from now on;
 * NULL, which it is at first, or cudaStreamLegacy: the legacy default stream.
 * With cudaStreamPerThread calls fail. Such calls return before their results
 * are there. A result that is freed while another stream is set than it was
 * made on may be in use there: its memory waits for that. Returns the stream
 * before. */
FUSER_API void *fuser_set_stream(int32_t device, void *stream) FUSER_NOEXCEPT;

/** To be called before a stream is destroyed on which results were made: waits
 * for it, and their memory, which the session keeps for the next ones, needs it
 * no more. Results may be freed later. */
FUSER_API void fuser_session_forget_stream(fuser_session *session,
                                           int32_t device,
                                           void *stream) FUSER_NOEXCEPT;

/** Starts a session. `options`: NULL for the defaults. */
FUSER_API fuser_error *
fuser_session_create(const fuser_session_options *options,
                     fuser_session **session) FUSER_NOEXCEPT;
FUSER_API void fuser_session_free(fuser_session *session) FUSER_NOEXCEPT;

/** How many threads run a kernel, at the most. */
FUSER_API int32_t fuser_session_num_threads(const fuser_session *session)
    FUSER_NOEXCEPT;

/** Returns when the session's thread has no kernel to make any more. */
FUSER_API void fuser_session_wait(fuser_session *session) FUSER_NOEXCEPT;

/** Gives freed outputs that are kept back to the system until no more than
 * `bytes_to_keep` bytes are left. */
FUSER_API void fuser_session_trim(fuser_session *session,
                                  size_t bytes_to_keep) FUSER_NOEXCEPT;
/** From now on keeps at most `bytes` bytes of freed outputs. */
FUSER_API void fuser_session_set_cache_limit(fuser_session *session,
                                             size_t bytes) FUSER_NOEXCEPT;

/** What the session has done, as a JSON object: cache hits and misses,
 * compilations with their stages and reasons, launches, fallbacks by reason,
 * memory. */
FUSER_API fuser_error *fuser_session_statistics(fuser_session *session,
                                                char **json) FUSER_NOEXCEPT;

/*===- Programs -----------------------------------------------------------===*/

/** The functions of a loaded text. Its groups and kernels are shared with other
 * programs of the session that hold the same ones. */
typedef struct fuser_program fuser_program;

typedef struct fuser_load_options {
  size_t size; /**< sizeof(fuser_load_options) */
  /** Ops in one group, at most; 0: 500. 1 fuses nothing. */
  int64_t max_ops;
  /** Inputs and outputs of a group, at most; 0: 256. */
  int64_t max_operands;
  /** Not 0: groups may leave out roundings; results then depend on what is
   * fused. */
  int32_t fast;
  /** Not 0: keep why ops were fused or not, for fuser_program_explain. */
  int32_t explain;
} fuser_load_options;

/** Loads MLIR text or bytecode of `length` bytes, which need not end with a 0.
 * `name` stands for it in messages; NULL: "program". `options`: NULL for the
 * defaults. Bytecode must be as it was written: that which is damaged may end
 * the process. */
FUSER_API fuser_error *
fuser_program_load(fuser_session *session, const char *text, size_t length,
                   const char *name, const fuser_load_options *options,
                   fuser_program **program) FUSER_NOEXCEPT;
FUSER_API void fuser_program_free(fuser_program *program) FUSER_NOEXCEPT;

FUSER_API size_t fuser_program_num_functions(const fuser_program *program)
    FUSER_NOEXCEPT;
/** The name of function `index`, in the order of the text; NULL beyond. */
FUSER_API const char *fuser_program_function_name(const fuser_program *program,
                                                  size_t index) FUSER_NOEXCEPT;

/** The text of the program as it was cut into groups. Lent. */
FUSER_API const char *
fuser_program_groups(const fuser_program *program) FUSER_NOEXCEPT;

/** What was fused and what was not, and why, as a JSON array, function by
 * function. FUSER_INVALID_ARGUMENT unless it was loaded with `explain`. */
FUSER_API fuser_error *fuser_program_explain(const fuser_program *program,
                                             char **json) FUSER_NOEXCEPT;

/*===- Functions ----------------------------------------------------------===*/

/** A place from which one function of a program is called. It remembers the
 * last layout of its arguments: a call that has the same one is a comparison of
 * sizes and strides, and a launch. So have one for each place that calls with
 * layouts of its own. */
typedef struct fuser_function fuser_function;

/** The function called `name`; NULL: the only one there is. */
FUSER_API fuser_error *
fuser_program_function(fuser_program *program, const char *name,
                       fuser_function **function) FUSER_NOEXCEPT;
FUSER_API void fuser_function_free(fuser_function *function) FUSER_NOEXCEPT;

/** An argument or a result. All is lent by the function. */
typedef struct fuser_signature {
  const char *name; /**< as the program has it, without %; may be "" */
  DLDataType dtype; /**< i1 is kDLBool (6) of 8 bits */
  int32_t ndim;
  const int64_t *shape; /**< sizes that are not fixed are -1 */
  /** Not 0: a number (f64, i64 or i1), passed by value. */
  int32_t is_scalar;
} fuser_signature;

FUSER_API const char *
fuser_function_name(const fuser_function *function) FUSER_NOEXCEPT;
FUSER_API size_t fuser_function_num_arguments(const fuser_function *function)
    FUSER_NOEXCEPT;
FUSER_API size_t fuser_function_num_results(const fuser_function *function)
    FUSER_NOEXCEPT;
/** How many groups, and so kernels, a call runs. */
FUSER_API size_t fuser_function_num_groups(const fuser_function *function)
    FUSER_NOEXCEPT;
/** Of argument or result `index`; all zero beyond the last. */
FUSER_API fuser_signature fuser_function_argument(
    const fuser_function *function, size_t index) FUSER_NOEXCEPT;
FUSER_API fuser_signature fuser_function_result(const fuser_function *function,
                                                size_t index) FUSER_NOEXCEPT;

typedef enum fuser_kind {
  FUSER_TENSOR = 0,
  FUSER_F64 = 1,
  FUSER_I64 = 2,
  FUSER_BOOL = 3
} fuser_kind;

/** What a function takes: a tensor, or a number where the signature has
 * is_scalar. */
typedef struct fuser_value {
  fuser_kind kind;
  union {
    const DLTensor *tensor;
    double f64;
    int64_t i64;
    int32_t boolean;
  } as;
} fuser_value;

/** Calls `function` and puts its results into `results`. Outputs have the
 * memory order that eager PyTorch would give them. Each result belongs to the
 * caller, who calls its deleter, from any thread, in any order, also after
 * everything else was freed. No result shares memory with an argument: one that
 * the function returns as it is is copied. Results that are the same value
 * share memory. FUSER_INVALID_ARGUMENT if numbers, dtypes, ranks, sizes,
 * strides, alignment or devices do not fit, with the argument's name, what was
 * expected and what was found; also for an integer division by zero.
 * FUSER_OUT_OF_MEMORY. */
FUSER_API fuser_error *fuser_call(fuser_function *function,
                                  const fuser_value *arguments,
                                  size_t num_arguments,
                                  DLManagedTensor **results,
                                  size_t num_results) FUSER_NOEXCEPT;

/** The same, into outputs of the caller, of any strides that give each element
 * a place of its own; their dtypes and sizes must be those of the results. An
 * output may replace an argument element by element, that is have its address,
 * sizes and strides, where the group that computes it reads that; any other
 * overlap is FUSER_INVALID_ARGUMENT. After an error outputs hold anything, but
 * after FUSER_INVALID_ARGUMENT what they held, unless it is for an integer
 * division by zero. */
FUSER_API fuser_error *fuser_call_into(fuser_function *function,
                                       const fuser_value *arguments,
                                       size_t num_arguments,
                                       const DLTensor *const *outputs,
                                       size_t num_outputs) FUSER_NOEXCEPT;

typedef enum fuser_stage {
  FUSER_STAGE_LINALG = 0,   /**< MLIR: linalg over arith and math */
  FUSER_STAGE_LLVM = 1,     /**< LLVM IR, after optimisation */
  FUSER_STAGE_ASSEMBLY = 2, /**< machine code of the host */
  /* Of such a call with tensors on a CUDA device, which need not be there: */
  FUSER_STAGE_GPU = 3,  /**< MLIR: the gpu dialect */
  FUSER_STAGE_NVVM = 4, /**< MLIR: the NVVM dialect */
  FUSER_STAGE_PTX = 5   /**< PTX */
} fuser_stage;

/** The text of the kernels that such a call uses, group by group. */
FUSER_API fuser_error *fuser_function_code(fuser_function *function,
                                           const fuser_value *arguments,
                                           size_t num_arguments,
                                           fuser_stage stage,
                                           char **text) FUSER_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* FUSER_C_FUSER_H */
