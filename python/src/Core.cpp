//===- Core.cpp - the functions of the module _core -----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What tvm_ffi.load_module finds here: functions called __tvm_ffi_<name>. All
// share one session, made at first use and never freed: results may be dropped
// while the process ends.
//
//===----------------------------------------------------------------------===//

#include "Callee.h"
#include "OpenMP.h"

#include <mutex>

using namespace fuser::python;

//===----------------------------------------------------------------------===//
// The session
//===----------------------------------------------------------------------===//

/// Whether kernels are to run on OpenMP's threads: share_threads was called.
static std::atomic<bool> sharesThreads{false};

static int makeSession(fuser_session *&session) {
  if (check(fuser_session_create(nullptr, &session)))
    return -1;
  fuser_session_options options = {};
  options.size = sizeof(options);
  const int32_t numThreads = fuser_session_num_threads(session);
  if (!sharesThreads || numThreads == 1 || !useOpenMP(options, numThreads))
    return 0;
  fuser_session_free(session);
  session = nullptr;
  return check(fuser_session_create(&options, &session));
}

/// Makes the session if there is none yet.
static int useSession(fuser_session *&session) {
  static std::mutex mutex;
  static fuser_session *shared = nullptr;
  std::lock_guard<std::mutex> lock(mutex);
  if (!shared && makeSession(shared))
    return -1;
  session = shared;
  return 0;
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

static fuser_kind kindOf(const fuser_signature &signature) {
  if (!signature.is_scalar)
    return FUSER_TENSOR;
  if (signature.dtype.code == kDLFloat)
    return FUSER_F64;
  return signature.dtype.code == kDLInt ? FUSER_I64 : FUSER_BOOL;
}

static void readSignature(Callee &callee) {
  const size_t count = fuser_function_num_arguments(callee.function);
  for (size_t i = 0; i < count; ++i)
    callee.kinds.push_back(kindOf(fuser_function_argument(callee.function, i)));
  callee.numResults = fuser_function_num_results(callee.function);
}

/// The packed functions of `callee`, in the order that load's comment gives.
static int returnFunctions(const std::shared_ptr<Callee> &callee,
                           TVMFFIAny *result) {
  constexpr TVMFFISafeCallType kFunctions[] = {callPacked,     intoPacked,
                                               callBitsPacked, intoBitsPacked,
                                               codePacked,     queryPacked};
  TVMFFIAny functions[std::size(kFunctions)] = {};
  size_t made = 0;
  for (TVMFFISafeCallType function : kFunctions) {
    void *self = newReference(callee);
    TVMFFIObjectHandle handle = nullptr;
    if (TVMFFIFunctionCreate(self, function, deleteReference, &handle)) {
      deleteReference(self);
      break;
    }
    functions[made].type_index = kTVMFFIFunction;
    functions[made++].v_obj = static_cast<TVMFFIObject *>(handle);
  }
  if (made == std::size(kFunctions))
    return returnArray(functions, made, result);
  for (size_t i = 0; i < made; ++i)
    TVMFFIObjectDecRef(functions[i].v_obj);
  return -1;
}

extern "C" {

/// load(text, name, function, max_ops, max_operands, fast, explain): an Array
/// of the packed functions call, into, call_bits, into_bits, code and query.
/// `function`: "" for the only one. Numbers: 0 for the default.
TVM_FFI_DLL_EXPORT int __tvm_ffi_load(void *, const TVMFFIAny *args,
                                      int32_t numArgs, TVMFFIAny *result) {
  std::string_view text, name, function;
  int64_t numbers[4];
  bool fits = numArgs == 7 && textOf(args[0], text) && textOf(args[1], name) &&
              textOf(args[2], function);
  for (int i = 0; fits && i < 4; ++i)
    fits = integerOf(args[3 + i], numbers[i]);
  if (!fits)
    return fail(kInvalidArgument, "load takes three texts and four numbers");
  fuser_session *session = nullptr;
  if (useSession(session))
    return -1;
  fuser_load_options options = {};
  options.size = sizeof(options);
  options.max_ops = numbers[0];
  options.max_operands = numbers[1];
  options.fast = numbers[2] != 0;
  options.explain = numbers[3] != 0;
  auto callee = std::make_shared<Callee>();
  if (check(fuser_program_load(session, text.data(), text.size(),
                               std::string(name).c_str(), &options,
                               &callee->program)))
    return -1;
  const std::string functionName(function);
  if (check(fuser_program_function(
          callee->program, function.empty() ? nullptr : functionName.c_str(),
          &callee->function)))
    return -1;
  readSignature(*callee);
  return returnFunctions(callee, result);
}

/// stats(): JSON.
TVM_FFI_DLL_EXPORT int __tvm_ffi_stats(void *, const TVMFFIAny *, int32_t,
                                       TVMFFIAny *result) {
  fuser_session *session = nullptr;
  char *json = nullptr;
  if (useSession(session) || check(fuser_session_statistics(session, &json)))
    return -1;
  return returnOwnedText(json, result);
}

/// can_fuse_on_gpu(): bool.
TVM_FFI_DLL_EXPORT int __tvm_ffi_can_fuse_on_gpu(void *, const TVMFFIAny *,
                                                 int32_t, TVMFFIAny *result) {
  fuser_session *session = nullptr;
  if (useSession(session))
    return -1;
  result->type_index = kTVMFFIBool;
  result->v_int64 = fuser_session_can_fuse_on_gpu(session) != 0;
  return 0;
}

/// Calls `act` on the session with the one argument, a number of bytes.
static int withBytes(const TVMFFIAny *args, int32_t numArgs,
                     void (*act)(fuser_session *, size_t)) {
  fuser_session *session = nullptr;
  int64_t bytes = 0;
  if (numArgs != 1 || !integerOf(args[0], bytes) || bytes < 0)
    return fail(kInvalidArgument, "a number of bytes is >= 0");
  if (useSession(session))
    return -1;
  act(session, static_cast<size_t>(bytes));
  return 0;
}

/// trim(bytes): keeps no more freed outputs than that.
TVM_FFI_DLL_EXPORT int __tvm_ffi_trim(void *, const TVMFFIAny *args,
                                      int32_t numArgs, TVMFFIAny *) {
  return withBytes(args, numArgs, fuser_session_trim);
}

/// set_cache_limit(bytes)
TVM_FFI_DLL_EXPORT int __tvm_ffi_set_cache_limit(void *, const TVMFFIAny *args,
                                                 int32_t numArgs, TVMFFIAny *) {
  return withBytes(args, numArgs, fuser_session_set_cache_limit);
}

/// wait(): until there is no kernel to make any more.
TVM_FFI_DLL_EXPORT int __tvm_ffi_wait(void *, const TVMFFIAny *, int32_t,
                                      TVMFFIAny *) {
  fuser_session *session = nullptr;
  if (useSession(session))
    return -1;
  fuser_session_wait(session);
  return 0;
}

/// share_threads(): has the session, if there is none yet, use the threads of
/// the OpenMP library that the process has, instead of its own.
TVM_FFI_DLL_EXPORT int __tvm_ffi_share_threads(void *, const TVMFFIAny *,
                                               int32_t, TVMFFIAny *) {
  sharesThreads = true;
  return 0;
}

TVM_FFI_DLL_EXPORT int __tvm_ffi_num_threads(void *, const TVMFFIAny *, int32_t,
                                             TVMFFIAny *result) {
  fuser_session *session = nullptr;
  if (useSession(session))
    return -1;
  result->type_index = kTVMFFIInt;
  result->v_int64 = fuser_session_num_threads(session);
  return 0;
}

TVM_FFI_DLL_EXPORT int __tvm_ffi_version(void *, const TVMFFIAny *, int32_t,
                                         TVMFFIAny *result) {
  return returnText(fuser_version_string(), result);
}

} // extern "C"
