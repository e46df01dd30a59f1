//===- VectorAlignment.h - aligned vectors of a device ----------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_VECTORALIGNMENT_H
#define FUSER_LIB_RUNTIME_VECTORALIGNMENT_H

#include "FuserRuntime/LaunchPlan.h"

namespace fuser::runtime {

/// Sets PlannedLoop::isVectorAligned of the loops of a plan for a device other
/// than the CPU, and takes PlannedLoop::nonTemporal away, which is about the
/// caches of a CPU.
void alignVectors(const KernelSpec &spec, absl::Span<const Tensor> inputs,
                  absl::Span<const Tensor> given, LaunchPlan &plan);

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_VECTORALIGNMENT_H
