//===- TierCosts.h - to interpret or to compile -----------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Estimates, within a factor of about two on the machines that they were
// measured on (docs/Rationale.md). They decide when kernels are made, never
// what is computed.
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_TIERCOSTS_H
#define FUSER_LIB_RUNTIME_TIERCOSTS_H

#include "FuserRuntime/LaunchPlan.h"
#include "FuserRuntime/Parallel.h"

namespace fuser::runtime {

/// The nanoseconds that a call of `plan`, which was made of `spec`, takes on
/// the interpreter.
int64_t interpretationTime(const KernelSpec &spec, const LaunchPlan &plan,
                           const ThreadPool &threads);

/// The nanoseconds that a backend takes for a kernel of tier Quick.
int64_t quickCompilationTime(const KernelSpec &spec);

/// How many times as long one for a GPU takes, the driver's part included.
inline constexpr int64_t kDeviceCompilation = 6;

/// The nanoseconds that copies take from a device and back to it, so that the
/// host can make a call of `plan`.
int64_t hostCopyTime(const LaunchPlan &plan);

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_TIERCOSTS_H
