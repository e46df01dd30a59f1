//===- Overlap.h - memory that inputs and outputs share ---------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_OVERLAP_H
#define FUSER_LIB_RUNTIME_OVERLAP_H

#include "FuserRuntime/LaunchPlan.h"
#include "Views.h"

namespace fuser::runtime {

/// Finds the loops of `plan` that write to memory of `inputs`, and sets their
/// PlannedLoop::inPlace. InvalidArgument unless each element that a store
/// writes is, of all that the call reads, at most one that the same iteration
/// of the same nest loads: every operand that shares memory with a store must
/// be a leaf of its nest, with its address, element size and strides.
absl::Status checkOverlap(const KernelSpec &spec,
                          absl::Span<const Tensor> inputs,
                          absl::Span<const Tensor> outputs, LaunchPlan &plan);

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_OVERLAP_H
