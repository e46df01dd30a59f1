//===- KernelLimit.h - how many kernels a session keeps ------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_KERNELLIMIT_H
#define FUSER_LIB_RUNTIME_KERNELLIMIT_H

#include "GroupTable.h"

namespace fuser::runtime {

/// Bounds the kernels of all groups of a session: evicts those that were not
/// used for the longest time. Time is counted in kernels made, so kernels used
/// since the last one was made are equally young; of these the oldest goes.
/// Thread-safe.
class KernelLimit {
public:
  explicit KernelLimit(std::size_t maxKernels) : maxKernels(maxKernels) {}

  /// Notes a use; cheap enough for every launch.
  void touch(KernelCache::Entry &entry) const {
    const uint64_t now = clock.load(std::memory_order_relaxed);
    if (entry.lastUse.load(std::memory_order_relaxed) != now)
      entry.lastUse.store(now, std::memory_order_relaxed);
  }

  /// Takes an entry of `group` that has got a kernel, and evicts the ones that
  /// are too many. Returns how many that were.
  int64_t add(const Group &group, KernelCache::Entry &entry);

  /// Forgets the entries of `group`, which is about to go.
  void forget(Group &group);

private:
  struct Kept {
    const Group *group;
    KernelCache::Entry *entry;
  };

  const std::size_t maxKernels;
  std::atomic<uint64_t> clock{0};
  std::mutex lock;
  /// In the order in which they were made.
  std::vector<Kept> kept;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_KERNELLIMIT_H
