//===- BlockShelf.h - free blocks by size class -----------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_BLOCKSHELF_H
#define FUSER_LIB_RUNTIME_BLOCKSHELF_H

#include "SystemMemory.h"
#include <array>
#include <atomic>
#include <cstdint>
#include <sched.h>

namespace fuser::runtime {

/// Size classes are 4 to each power of two, rounded up to whole cache lines
/// and, from 2 MiB on, to whole huge pages. A block wastes up to a fifth of
/// itself to the former, and in small classes (65 bytes, 2 MiB and a byte) up
/// to half of itself, or of a single line, to the latter.
struct SizeClass {
  unsigned index;
  std::size_t bytes;
};

inline constexpr unsigned kClassStepBits = 2;
inline constexpr unsigned kNumSizeClasses = 64 << kClassStepBits;

/// The class of blocks of `bytes` > 0.
constexpr SizeClass sizeClassOf(std::size_t bytes) {
  const std::size_t alignment =
      bytes >= kHugePage ? kHugePage : kSmallAlignment;
  // The class of `bytes` is the first step of its power of two that holds it.
  const unsigned log = 63 - __builtin_clzll(bytes);
  const unsigned shift = log > kClassStepBits ? log - kClassStepBits : 0;
  const std::size_t steps = (bytes - 1) >> shift;
  std::size_t rounded = (steps + 1) << shift;
  rounded = (rounded + alignment - 1) & ~(alignment - 1);
  const unsigned roundedLog = 63 - __builtin_clzll(rounded);
  const unsigned step = (rounded >> (roundedLog - kClassStepBits)) & 3;
  return {(roundedLog << kClassStepBits) + step, rounded};
}

/// The class of the smallest blocks.
inline constexpr unsigned kMinSizeClass = sizeClassOf(1).index;

/// Class number `index` >= kMinSizeClass.
inline SizeClass sizeClassAt(unsigned index) {
  const std::size_t steps = (1u << kClassStepBits) + (index & 3);
  return {index, steps << ((index >> kClassStepBits) - kClassStepBits)};
}

/// A number that one thread at a time changes and any may read.
class SharedCount {
public:
  void add(int64_t amount) {
    value.store(get() + amount, std::memory_order_relaxed);
  }
  int64_t get() const { return value.load(std::memory_order_relaxed); }

private:
  std::atomic<int64_t> value{0};
};

/// Lists of free blocks, for one thread at a time.
class alignas(64) BlockShelf {
public:
  bool tryLock() { return !isTaken.exchange(true, std::memory_order_acquire); }
  void unlock() { isTaken.store(false, std::memory_order_release); }

  /// Exclusive use of a shelf, or nothing if someone else had it at each of
  /// `tries` looks. No wait is without end: the other one may be a thread of
  /// lesser priority, which does not run as long as this one does.
  class Access {
  public:
    Access(BlockShelf &wanted, int tries) {
      for (int i = 0; i < tries; ++i) {
        if (wanted.tryLock()) {
          shelf = &wanted;
          return;
        }
        if (tries > 1)
          sched_yield();
      }
    }
    ~Access() {
      if (shelf)
        shelf->unlock();
    }
    Access(const Access &) = delete;
    Access &operator=(const Access &) = delete;

    explicit operator bool() const { return shelf; }
    BlockShelf *operator->() const { return shelf; }

  private:
    BlockShelf *shelf = nullptr;
  };

  /// A block of this class, poisoned, or null; to be called with Access.
  void *take(SizeClass sizeClass) {
    Free *block = lists[sizeClass.index];
    if (!block)
      return nullptr;
    ASAN_UNPOISON_MEMORY_REGION(block, sizeof(Free));
    lists[sizeClass.index] = block->next;
    ASAN_POISON_MEMORY_REGION(block, sizeof(Free));
    bytes.add(-static_cast<int64_t>(sizeClass.bytes));
    return block;
  }

  /// Keeps a block of this class; to be called with Access.
  void put(SizeClass sizeClass, void *block) {
    ASAN_UNPOISON_MEMORY_REGION(block, sizeof(Free));
    Free *free = static_cast<Free *>(block);
    free->next = lists[sizeClass.index];
    lists[sizeClass.index] = free;
    ASAN_POISON_MEMORY_REGION(block, sizeClass.bytes);
    bytes.add(static_cast<int64_t>(sizeClass.bytes));
  }

  /// The bytes of its blocks.
  SharedCount bytes;
  /// What its user wants counted, with Access.
  SharedCount hits, bytesReused, unmeteredUse;

private:
  struct Free {
    Free *next;
  };
  std::atomic<bool> isTaken{false};
  std::array<Free *, kNumSizeClasses> lists{};
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_BLOCKSHELF_H
