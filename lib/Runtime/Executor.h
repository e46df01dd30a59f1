//===- Executor.h - one call of a group ----------------------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_EXECUTOR_H
#define FUSER_LIB_RUNTIME_EXECUTOR_H

#include "FuserRuntime/Parallel.h"
#include "KernelProvider.h"

namespace fuser::runtime {

/// Runs calls of groups: plan, outputs, kernel, launch; or the interpreter.
/// Thread-safe. Each function is to be called in a ReadSection.
class Executor {
public:
  Executor(KernelProvider &kernels, Recorder &recorder,
           std::shared_ptr<Allocator> hostAllocator,
           std::shared_ptr<ThreadPool> threads, const CudaSource &cuda)
      : threads(std::move(threads)), kernels(kernels), recorder(recorder),
        cuda(cuda) {
    allocators[0] = std::move(hostAllocator);
  }

  using Outputs = absl::InlinedVector<Tensor, 2>;

  /// Runs `group` on one value an input into the `given` outputs, or into new
  /// ones if there are none, and returns those. Looks for the plan in `site`,
  /// if there is one, then with the group.
  absl::StatusOr<Outputs> run(Group &group, PlanSlot *site,
                              absl::Span<const Value> inputs,
                              absl::Span<const Tensor> given,
                              bool mustInterpret);

  /// The plan of such a call.
  absl::StatusOr<std::shared_ptr<const CachedPlan>>
  plan(Group &group, absl::Span<const Value> inputs,
       absl::Span<const Tensor> given);

  /// Where new outputs on devices of `type` are; ignored if it is no device
  /// type.
  void setAllocator(DeviceType type, std::shared_ptr<Allocator> allocator);

  /// The same, from where it is remembered if it is. Valid to the end of the
  /// ReadSection.
  absl::StatusOr<const CachedPlan *> findPlan(Group &group, PlanSlot *site,
                                              absl::Span<const Value> inputs,
                                              absl::Span<const Tensor> given);

  /// Where new outputs on `device` are: where a backend said, or in the order
  /// of the current stream.
  absl::StatusOr<std::shared_ptr<Allocator>> allocatorFor(Device device) const;

  /// Whether setAllocator gave one.
  bool hasAllocator(DeviceType type) const;

private:
  class Memory;
  absl::Status openMemory(const CachedPlan &cached,
                          absl::Span<const Value> inputs,
                          absl::Span<const Tensor> given, Memory &memory) const;
  KernelProvider::Lookup launch(Group &group, const CachedPlan &cached,
                                MemoryTable memory);
  absl::Status runOnHost(Group &group, const CachedPlan &cached,
                         MemoryTable memory, bool mustInterpret);
  absl::Status runOnDevice(Group &group, const CachedPlan &cached,
                           absl::Span<const Value> inputs, MemoryTable memory,
                           bool mustInterpret);
  void countInterpreted(Group &group, const KernelProvider::Lookup &why);

  const std::shared_ptr<ThreadPool> threads;
  KernelProvider &kernels;
  Recorder &recorder;
  const CudaSource &cuda;
  mutable std::mutex allocatorLock;
  /// That of the CPU never changes.
  std::array<std::shared_ptr<Allocator>, kNumDeviceTypes> allocators;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_EXECUTOR_H
