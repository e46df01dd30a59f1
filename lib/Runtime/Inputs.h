//===- Inputs.h - stack values as input tensors -----------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_INPUTS_H
#define FUSER_LIB_RUNTIME_INPUTS_H

#include "FuserRuntime/KernelSpec.h"
#include "FuserRuntime/Value.h"

namespace fuser::runtime {

/// The inputs of one call as tensors, for as long as the values that they were
/// read from live. Those made of runtime scalars borrow memory of this object.
class InputTensors {
public:
  InputTensors() = default;
  InputTensors(const InputTensors &) = delete;
  InputTensors &operator=(const InputTensors &) = delete;

  /// Takes one value an input. InvalidArgument if a tensor comes where a scalar
  /// is expected or the other way round, or a scalar of another type.
  absl::Status read(absl::Span<const InputDesc> inputs,
                    absl::Span<const Value> values);

  absl::Span<const Tensor> tensors() const { return all; }

private:
  absl::InlinedVector<Tensor, 8> all;
  absl::InlinedVector<uint64_t, 8> scalars;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_INPUTS_H
