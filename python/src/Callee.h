//===- Callee.h - one function of a program, for Python ---------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the packed functions of one `fuser.Function` share. Each of them holds
/// a reference; the last one frees the program.
///
//===----------------------------------------------------------------------===//

#ifndef FUSER_PYTHON_CALLEE_H
#define FUSER_PYTHON_CALLEE_H

#include "Packed.h"

#include "fuser-c/fuser.h"

#include <atomic>
#include <memory>
#include <vector>

namespace fuser::python {

struct Callee {
  ~Callee();

  fuser_program *program = nullptr;
  fuser_function *function = nullptr;
  /// The kinds of number that arguments are; FUSER_TENSOR for tensors.
  std::vector<fuser_kind> kinds;
  size_t numResults = 0;
  /// How many elements the last call had, and how often calls in a row had as
  /// many, up to what isShort in Caller.cpp needs. Hints.
  mutable std::atomic<int64_t> lastElements{-1};
  mutable std::atomic<int> repeats{0};
};

/// call(arguments...): the result, or an Array of several. Memory of outputs is
/// the session's.
int callPacked(void *self, const TVMFFIAny *args, int32_t numArgs,
               TVMFFIAny *result);
/// into(arguments..., outputs...).
int intoPacked(void *self, const TVMFFIAny *args, int32_t numArgs,
               TVMFFIAny *result);
/// The same for arrays that can't name bf16, such as NumPy's: ui16 stands for
/// it, in arguments, outputs and results.
int callBitsPacked(void *self, const TVMFFIAny *args, int32_t numArgs,
                   TVMFFIAny *result);
int intoBitsPacked(void *self, const TVMFFIAny *args, int32_t numArgs,
                   TVMFFIAny *result);
/// code(stage, arguments...): text. `stage` is a number of fuser_stage.
int codePacked(void *self, const TVMFFIAny *args, int32_t numArgs,
               TVMFFIAny *result);
/// query(what): "signature" and "explain" as JSON, "groups" as text;
/// "reference": the address of a reference, which the caller owns.
int queryPacked(void *self, const TVMFFIAny *args, int32_t numArgs,
                TVMFFIAny *result);

/// `self` of the functions above; `deleteReference` is their deleter.
void *newReference(const std::shared_ptr<Callee> &callee);
void deleteReference(void *self);

/// Makes `stream` the one that calls of this thread run on, if `device` is a
/// CUDA device, while it lives.
class StreamScope {
public:
  StreamScope(DLDevice device, void *stream) : device(device) {
    if (device.device_type == kDLCUDA)
      before = fuser_set_stream(device.device_id, stream);
  }
  ~StreamScope() {
    if (device.device_type == kDLCUDA)
      fuser_set_stream(device.device_id, before);
  }
  StreamScope(const StreamScope &) = delete;
  StreamScope &operator=(const StreamScope &) = delete;

private:
  const DLDevice device;
  void *before = nullptr;
};

} // namespace fuser::python

#endif // FUSER_PYTHON_CALLEE_H
