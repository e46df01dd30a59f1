//===- Place.h - tensors in given layouts --------------------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_PLACE_H
#define FUSER_TOOLS_FUSER_RUNNER_PLACE_H

#include "FuserRuntime/Tensor.h"
#include "absl/status/statusor.h"

namespace fuser::runner {

/// Where the elements of a tensor lie, counted in elements.
struct Placement {
  runtime::Dims strides;
  int64_t offset = 0; ///< of the first one
};

/// The elements of `tensor`, copied to where `placement` says, in row-major
/// order: of those that share a place the last one stays. One stride a
/// dimension, none below 0. Fails with InvalidArgument where the memory that it
/// takes exceeds that of the machine.
absl::StatusOr<runtime::Tensor> placeTensor(const runtime::Tensor &tensor,
                                            const Placement &placement,
                                            runtime::Allocator &allocator);

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_PLACE_H
