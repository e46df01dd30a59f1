//===- BackendTable.h - ways to kernels ----------------------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_BACKENDTABLE_H
#define FUSER_LIB_RUNTIME_BACKENDTABLE_H

#include "FuserRuntime/FusedKernel.h"
#include <array>
#include <atomic>
#include <mutex>

namespace fuser::runtime {

/// The constructor of kernels for each device type that has one. Thread-safe.
class BackendTable {
public:
  /// Ignored if `type` is no device type.
  void set(DeviceType type, FusedKernelConstructor constructor) {
    const auto number = static_cast<std::size_t>(type);
    if (number >= constructors.size())
      return;
    std::lock_guard<std::mutex> guard(lock);
    constructors[number] = std::move(constructor);
    // Whoever reads the new generation finds the new constructor.
    changes.fetch_add(1, std::memory_order_release);
  }

  /// Empty if there is none.
  FusedKernelConstructor find(DeviceType type) const {
    const auto number = static_cast<std::size_t>(type);
    if (number >= constructors.size())
      return nullptr;
    std::lock_guard<std::mutex> guard(lock);
    return constructors[number];
  }

  /// Counts the calls of set().
  uint64_t generation() const {
    return changes.load(std::memory_order_acquire);
  }

private:
  mutable std::mutex lock;
  std::array<FusedKernelConstructor, kNumDeviceTypes> constructors;
  std::atomic<uint64_t> changes{0};
};

/// The backends of the process.
BackendTable &processBackends();

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_BACKENDTABLE_H
