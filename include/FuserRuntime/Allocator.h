//===- Allocator.h - where output tensors get their memory ------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_ALLOCATOR_H
#define FUSERRUNTIME_ALLOCATOR_H

#include <cstddef>
#include <cstdint>
#include <memory>

namespace fuser::runtime {

/// What an allocator holds and has done. A block counts with the bytes that it
/// takes, which may be more than were asked for.
struct AllocatorStatistics {
  int64_t bytesInUse = 0;  ///< given and not taken back yet
  int64_t bytesCached = 0; ///< taken back, kept for the next one who asks
  /// The most that was in use at a time, but for 64 KiB a thread at the most.
  int64_t peakBytesInUse = 0;
  int64_t hits = 0;        ///< allocations that got a block that was kept
  int64_t misses = 0;      ///< all others
  int64_t bytesReused = 0; ///< of the hits: that much was not faulted in again
};

/// Gives and takes back the memory of output tensors. Thread-safe. Must outlive
/// every block that it gave; one that is held by a shared_ptr is kept alive by
/// the tensors that it gave memory to.
class Allocator : public std::enable_shared_from_this<Allocator> {
public:
  virtual ~Allocator() = default;

  /// `bytes` (> 0) of memory aligned to at least 64 bytes, or null if there is
  /// none.
  virtual void *allocate(std::size_t bytes) = 0;

  /// Takes back a block of `bytes` that allocate() gave, to any thread.
  virtual void deallocate(void *block, std::size_t bytes) = 0;

  /// Gives free blocks that it keeps back to the system, the largest first,
  /// until no more than `bytesToKeep` bytes of them are left.
  virtual void trim(std::size_t bytesToKeep = 0) {}

  /// From now on keeps at most `bytes` bytes of free blocks. For an allocator
  /// that keeps any.
  virtual void setCacheLimit(std::size_t bytes) {}

  /// All 0 for an allocator that does not count.
  virtual AllocatorStatistics statistics() const { return {}; }
};

/// What an allocator keeps that is not told: 1 GiB.
inline constexpr std::size_t kDefaultCacheLimit = std::size_t(1) << 30;

/// An allocator that keeps freed blocks by size class and hands them out again:
/// a fresh 64 MiB output costs several times its kernel in page faults, a
/// reused one nothing. Blocks of 2 MiB and more begin at multiples of 2 MiB and
/// ask for huge pages. Keeps at most `cacheLimit` bytes of free blocks, and
/// gives all of them back to the system rather than fail. A process may fork
/// while threads use it.
std::shared_ptr<Allocator>
createCachingAllocator(std::size_t cacheLimit = kDefaultCacheLimit);

} // namespace fuser::runtime

#endif // FUSERRUNTIME_ALLOCATOR_H
