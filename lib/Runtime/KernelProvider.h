//===- KernelProvider.h - finding, making, evicting kernels --- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_KERNELPROVIDER_H
#define FUSER_LIB_RUNTIME_KERNELPROVIDER_H

#include "BackendTable.h"
#include "KernelLimit.h"
#include "Recorder.h"

namespace fuser::runtime {

/// Finds the kernels of a session's calls, and has them made by the backends.
/// Thread-safe.
class KernelProvider {
public:
  KernelProvider(std::size_t maxKernels, Recorder &recorder)
      : limit(maxKernels), recorder(recorder) {}

  /// A kernel, valid to the end of the caller's ReadSection, or null and the
  /// reason why there is none.
  struct Lookup {
    const std::shared_ptr<const FusedKernel> *kernel;
    FallbackReason reason;
    absl::Status error;
  };
  Lookup get(Group &group, const CachedPlan &plan);

  /// Asks the backend of `device` for a kernel that no cache knows.
  absl::StatusOr<std::shared_ptr<FusedKernel>> compile(const KernelSpec &spec,
                                                       const ArgSpec &argSpec,
                                                       int64_t mapSize,
                                                       Device device) const;

  /// Backends of the session, and, for types that have none, neither there nor
  /// in the process, the ones to use then.
  BackendTable own, defaults;

  bool hasBackend(DeviceType type) const {
    return constructorFor(type) != nullptr;
  }
  bool isDisabled(DeviceType type) const {
    return disabled[static_cast<int>(type)].load(std::memory_order_relaxed);
  }
  void setDisabled(DeviceType type, bool value) {
    disabled[static_cast<int>(type)].store(value, std::memory_order_relaxed);
  }

  /// Forgets the kernels of `group`, which is about to go.
  void forget(Group &group) { limit.forget(group); }

private:
  Lookup getOrCompile(Group &group, const CachedPlan &plan);
  KernelCache::Kernel compileAndRecord(Group &group, const ArgSpec &argSpec,
                                       const LaunchPlan &plan) const;
  FusedKernelConstructor constructorFor(DeviceType type) const;
  uint64_t generation() const;

  KernelLimit limit;
  Recorder &recorder;
  std::array<std::atomic<bool>, kNumDeviceTypes> disabled{};
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_KERNELPROVIDER_H
