//===- Allocator.cpp - an allocator that reuses blocks --------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Allocator.h"
#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <sys/mman.h>
#include <vector>

namespace fuser::runtime {

namespace {

/// Blocks from here on are aligned to huge pages and ask for them.
constexpr std::size_t kHugePage = std::size_t(2) << 20;
/// A cache line, and the widest vector.
constexpr std::size_t kSmallAlignment = 64;

/// Size classes are 4 to each power of two, rounded up to whole cache lines
/// and, from 2 MiB on, to whole huge pages. A block wastes up to a fifth of
/// itself to the former, and in small classes (65 bytes, 2 MiB and a byte) up
/// to half of itself, or of a single line, to the latter.
struct SizeClass {
  unsigned index;
  std::size_t bytes;
};

constexpr unsigned kStepBits = 2;
constexpr unsigned kNumClasses = 64 << kStepBits;

SizeClass sizeClassOf(std::size_t bytes) {
  const std::size_t alignment =
      bytes >= kHugePage ? kHugePage : kSmallAlignment;
  // The class of `bytes` is the first step of its power of two that holds it.
  const unsigned log = 63 - __builtin_clzll(bytes);
  const unsigned shift = log > kStepBits ? log - kStepBits : 0;
  const std::size_t steps = (bytes - 1) >> shift;
  std::size_t rounded = (steps + 1) << shift;
  rounded = (rounded + alignment - 1) & ~(alignment - 1);
  const unsigned roundedLog = 63 - __builtin_clzll(rounded);
  const unsigned step = (rounded >> (roundedLog - kStepBits)) & 3;
  return {(roundedLog << kStepBits) + step, rounded};
}

class CachingAllocator : public Allocator {
public:
  explicit CachingAllocator(std::size_t limit) : cacheLimit(limit) {}

  ~CachingAllocator() override { releaseCached(); }

  void *allocate(std::size_t bytes) override {
    if (bytes == 0 || bytes > std::numeric_limits<std::ptrdiff_t>::max() / 2)
      return nullptr;
    const SizeClass sizeClass = sizeClassOf(bytes);
    {
      std::lock_guard<std::mutex> guard(lock);
      std::vector<void *> &blocks = freeBlocks[sizeClass.index];
      if (!blocks.empty()) {
        void *block = blocks.back();
        blocks.pop_back();
        cachedBytes -= sizeClass.bytes;
        return block;
      }
    }
    if (void *block = allocateFresh(sizeClass.bytes))
      return block;
    // What is cached in other classes may be what is missing.
    releaseCached();
    return allocateFresh(sizeClass.bytes);
  }

  void deallocate(void *block, std::size_t bytes) override {
    const SizeClass sizeClass = sizeClassOf(bytes);
    {
      std::lock_guard<std::mutex> guard(lock);
      if (cachedBytes + sizeClass.bytes <= cacheLimit) {
        cachedBytes += sizeClass.bytes;
        freeBlocks[sizeClass.index].push_back(block);
        return;
      }
    }
    std::free(block);
  }

private:
  void releaseCached() {
    std::lock_guard<std::mutex> guard(lock);
    for (std::vector<void *> &blocks : freeBlocks) {
      for (void *block : blocks)
        std::free(block);
      blocks.clear();
    }
    cachedBytes = 0;
  }

  static void *allocateFresh(std::size_t bytes) {
    const bool isHuge = bytes >= kHugePage;
    void *block =
        std::aligned_alloc(isHuge ? kHugePage : kSmallAlignment, bytes);
    if (block && isHuge)
      madvise(block, bytes, MADV_HUGEPAGE); // A hint; failing is no harm.
    return block;
  }

  const std::size_t cacheLimit;
  std::mutex lock;
  std::size_t cachedBytes = 0;
  std::array<std::vector<void *>, kNumClasses> freeBlocks;
};

} // namespace

std::shared_ptr<Allocator> createCachingAllocator(std::size_t cacheLimit) {
  return std::make_shared<CachingAllocator>(cacheLimit);
}

} // namespace fuser::runtime
