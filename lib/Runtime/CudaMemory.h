//===- CudaMemory.h - memory in the order of streams ------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_CUDAMEMORY_H
#define FUSER_LIB_RUNTIME_CUDAMEMORY_H

#include "BlockShelf.h"
#include "FuserRuntime/CudaRuntime.h"
#include "absl/container/flat_hash_map.h"
#include <mutex>
#include <optional>
#include <vector>

namespace fuser::runtime {

/// The memory of a CudaRuntime: an allocator for each stream that was asked
/// for. Thread-safe.
class CudaRuntime::Memory {
public:
  explicit Memory(CudaRuntime &runtime) : runtime(runtime) {}

  std::shared_ptr<Allocator> find(Device device, Stream stream);
  void forget(Device device, Stream stream);
  void trim(std::size_t bytesToKeep);
  /// Waits for what was given back in the order of a device's streams, save
  /// captured ones.
  void waitForFrees(Device device) const;
  AllocatorStatistics statistics() const;

  /// The most bytes of free blocks.
  std::atomic<std::size_t> limit{kDefaultCacheLimit};

private:
  class StreamAllocator;
  using Key = std::pair<int32_t, Stream>;

  std::shared_ptr<StreamAllocator> findOwn(Device device, Stream stream);
  /// Those of one device, or all.
  std::vector<std::shared_ptr<StreamAllocator>>
  all(std::optional<Device> device = std::nullopt) const;
  std::size_t numKept() const {
    return static_cast<std::size_t>(cached.load(std::memory_order_relaxed));
  }

  CudaRuntime &runtime;
  mutable std::mutex lock;
  absl::flat_hash_map<Key, std::shared_ptr<StreamAllocator>> allocators;
  std::atomic<int64_t> inUse{0}, cached{0}, peak{0}, hits{0}, misses{0},
      reused{0};
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_CUDAMEMORY_H
