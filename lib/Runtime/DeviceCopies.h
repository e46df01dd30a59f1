//===- DeviceCopies.h - copies of and to a device ---------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_DEVICECOPIES_H
#define FUSER_LIB_RUNTIME_DEVICECOPIES_H

#include "FuserRuntime/CudaRuntime.h"
#include "FuserRuntime/Parallel.h"
#include "PlanCache.h"

namespace fuser::runtime {

/// One call whose tensors are on a CUDA device.
struct DeviceCall {
  const KernelSpec &spec;
  const CachedPlan &cached;
  absl::Span<const Value> inputs;
  /// The call's: addresses on the device, but of runtime scalars.
  MemoryTable memory;
  CudaRuntime &runtime;
  Stream stream;
  /// Of the host.
  Allocator &allocator;
  ThreadPool &threads;
};

/// Makes the copies of the plan on the device; those that are many small pieces
/// through the host, which waits for the stream.
absl::Status makeCopiesOnDevice(const DeviceCall &call);

/// Computes the call on the interpreter: inputs are copied to the host, outputs
/// to the device, in the order of the stream, which is waited for. Writes the
/// outputs' elements and nothing between them.
absl::Status interpretOnHost(const DeviceCall &call);

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_DEVICECOPIES_H
