//===- Allocator.cpp - an allocator that reuses blocks --------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Allocator.h"
#include "BlockShelf.h"
#include <algorithm>
#include <limits>
#include <mutex>
#include <pthread.h>
#include <unistd.h>
#include <vector>

namespace fuser::runtime {

/// Blocks up to this size have a place on a shelf of few threads. Larger ones
/// take longer to use than to find, and should serve the next one who asks.
static constexpr std::size_t kMaxOwnBytes = std::size_t(64) << 10;

/// Threads share these, by turns.
static constexpr std::size_t kNumOwnShelves = 16;

/// What one of them keeps at the most, of a cache that is large.
static constexpr std::size_t kMaxShelfBytes = std::size_t(1) << 20;

/// Uses of own shelves are added up in one place in portions of this.
static constexpr int64_t kMeterBytes = int64_t(64) << 10;

/// Looks at the common shelf, each followed by a yield; about 0.1 ms, in which
/// any thread that runs is done with it.
static constexpr int kPatience = 200;

namespace {

/// The bytes in use, and the most there were.
class UseMeter {
public:
  void add(int64_t bytes) {
    const int64_t use = now.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    int64_t most = peak.load(std::memory_order_relaxed);
    while (use > most &&
           !peak.compare_exchange_weak(most, use, std::memory_order_relaxed))
      ;
  }
  std::atomic<int64_t> now{0}, peak{0};
};

class CachingAllocator : public Allocator {
public:
  explicit CachingAllocator(std::size_t limit);
  ~CachingAllocator() override;

  void *allocate(std::size_t bytes) override;
  void deallocate(void *block, std::size_t bytes) override;
  void trim(std::size_t bytesToKeep) override;
  void setCacheLimit(std::size_t bytes) override;
  AllocatorStatistics statistics() const override;

  /// Nobody uses a shelf between these two.
  void lockShelves();
  void unlockShelves();

private:
  void *takeKept(SizeClass sizeClass);
  void *takeFresh(SizeClass sizeClass);
  bool keep(SizeClass sizeClass, void *block);
  std::size_t bytesCached() const;

  std::atomic<std::size_t> limit;
  UseMeter meter;
  std::atomic<int64_t> misses{0};
  /// The common one, then the own ones.
  std::array<BlockShelf, 1 + kNumOwnShelves> shelves;
};

} // namespace

//===----------------------------------------------------------------------===//
// fork
//===----------------------------------------------------------------------===//

// A child gets the memory page by page while other threads of its parent go on:
// it would find one page before and one after the same change. So nobody
// changes a shelf during a fork.

static std::mutex forkLock;

/// All there are. Guarded by forkLock. Never destroyed, as sessions may outlive
/// main.
static std::vector<CachingAllocator *> &allAllocators() {
  static auto *allocators = new std::vector<CachingAllocator *>();
  return *allocators;
}

static void beforeFork() {
  forkLock.lock();
  for (CachingAllocator *allocator : allAllocators())
    allocator->lockShelves();
}

static void afterFork() {
  for (CachingAllocator *allocator : allAllocators())
    allocator->unlockShelves();
  forkLock.unlock();
}

CachingAllocator::CachingAllocator(std::size_t limit) : limit(limit) {
  static const int registered =
      pthread_atfork(beforeFork, afterFork, afterFork);
  static_cast<void>(registered);
  std::lock_guard<std::mutex> guard(forkLock);
  allAllocators().push_back(this);
}

CachingAllocator::~CachingAllocator() {
  {
    std::lock_guard<std::mutex> guard(forkLock);
    std::vector<CachingAllocator *> &all = allAllocators();
    all.erase(std::find(all.begin(), all.end(), this));
  }
  CachingAllocator::trim(0);
}

void CachingAllocator::lockShelves() {
  for (BlockShelf &shelf : shelves)
    while (!shelf.tryLock())
      usleep(10); // Not a yield, for the reason at BlockShelf::Access.
}

void CachingAllocator::unlockShelves() {
  for (BlockShelf &shelf : shelves)
    shelf.unlock();
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

/// The number of the thread's own shelf.
static unsigned ownShelf() {
  static std::atomic<unsigned> numThreads{0};
  // Zero at first, so that nothing must be initialised before a use.
  static thread_local unsigned number = 0;
  if (number == 0)
    number =
        1 + numThreads.fetch_add(1, std::memory_order_relaxed) % kNumOwnShelves;
  return number;
}

/// Adds to what `shelf` has not told the meter.
static void meterLater(BlockShelf &shelf, UseMeter &meter, int64_t bytes) {
  shelf.unmeteredUse.add(bytes);
  const int64_t use = shelf.unmeteredUse.get();
  if (use < kMeterBytes && use > -kMeterBytes)
    return;
  shelf.unmeteredUse.add(-use);
  meter.add(use);
}

/// A block that is kept, of which `shelf` counts the use.
static void *takeFrom(BlockShelf::Access &shelf, SizeClass sizeClass) {
  void *block = shelf->take(sizeClass);
  if (!block)
    return nullptr;
  shelf->hits.add(1);
  shelf->bytesReused.add(static_cast<int64_t>(sizeClass.bytes));
  return block;
}

void *CachingAllocator::takeKept(SizeClass sizeClass) {
  const int64_t bytes = static_cast<int64_t>(sizeClass.bytes);
  if (sizeClass.bytes <= kMaxOwnBytes) {
    BlockShelf &own = shelves[ownShelf()];
    if (BlockShelf::Access access(own, 1); access)
      if (void *block = takeFrom(access, sizeClass)) {
        meterLater(own, meter, bytes);
        return block;
      }
  }
  BlockShelf::Access common(shelves[0], kPatience);
  void *block = common ? takeFrom(common, sizeClass) : nullptr;
  if (block)
    meter.add(bytes);
  return block;
}

void *CachingAllocator::takeFresh(SizeClass sizeClass) {
  void *block = newSystemBlock(sizeClass.bytes);
  if (!block) {
    // What is cached in other classes may be what is missing.
    trim(0);
    block = newSystemBlock(sizeClass.bytes);
  }
  if (!block)
    return nullptr;
  misses.fetch_add(1, std::memory_order_relaxed);
  meter.add(static_cast<int64_t>(sizeClass.bytes));
  ASAN_POISON_MEMORY_REGION(block, sizeClass.bytes);
  return block;
}

void *CachingAllocator::allocate(std::size_t bytes) {
  if (bytes == 0 || bytes > std::numeric_limits<std::ptrdiff_t>::max() / 2)
    return nullptr;
  const SizeClass sizeClass = sizeClassOf(bytes);
  void *block = takeKept(sizeClass);
  if (!block)
    block = takeFresh(sizeClass);
  if (block)
    ASAN_UNPOISON_MEMORY_REGION(block, bytes);
  return block;
}

/// What each own shelf may keep: of half the limit, so much that a block fits.
static std::size_t ownLimit(std::size_t all) {
  const std::size_t share =
      all / (2 * kNumOwnShelves) / kSmallAlignment * kSmallAlignment;
  return std::min(kMaxShelfBytes, share);
}

/// Puts a block on a shelf that has room for it.
bool CachingAllocator::keep(SizeClass sizeClass, void *block) {
  const int64_t bytes = static_cast<int64_t>(sizeClass.bytes);
  if (sizeClass.bytes <= kMaxOwnBytes) {
    BlockShelf &own = shelves[ownShelf()];
    BlockShelf::Access access(own, 1);
    if (access && own.bytes.get() + sizeClass.bytes <= ownLimit(limit.load())) {
      own.put(sizeClass, block);
      meterLater(own, meter, -bytes);
      return true;
    }
  }
  meter.add(-bytes);
  BlockShelf::Access common(shelves[0], kPatience);
  if (!common)
    return false;
  const std::size_t all = limit.load(); // Now: trim() comes after a change.
  if (common->bytes.get() + sizeClass.bytes >
      all - kNumOwnShelves * ownLimit(all))
    return false;
  common->put(sizeClass, block);
  return true;
}

void CachingAllocator::deallocate(void *block, std::size_t bytes) {
  const SizeClass sizeClass = sizeClassOf(bytes);
  if (!keep(sizeClass, block)) {
    ASAN_UNPOISON_MEMORY_REGION(block, sizeClass.bytes);
    freeSystemBlock(block, sizeClass.bytes);
  }
}

std::size_t CachingAllocator::bytesCached() const {
  std::size_t bytes = 0;
  for (const BlockShelf &shelf : shelves)
    bytes += shelf.bytes.get();
  return bytes;
}

/// Gives a block of a class back to the system, if the shelf has one.
static bool giveBack(BlockShelf &shelf, SizeClass sizeClass) {
  // The system takes its time, in which others may use the shelf.
  void *block = nullptr;
  if (BlockShelf::Access access(shelf, kPatience); access)
    block = access->take(sizeClass);
  if (!block)
    return false;
  ASAN_UNPOISON_MEMORY_REGION(block, sizeClass.bytes);
  freeSystemBlock(block, sizeClass.bytes);
  return true;
}

void CachingAllocator::trim(std::size_t bytesToKeep) {
  for (unsigned index = kNumSizeClasses; index-- > kMinSizeClass;)
    for (BlockShelf &shelf : shelves)
      while (bytesCached() > bytesToKeep &&
             giveBack(shelf, sizeClassAt(index))) {
      }
}

void CachingAllocator::setCacheLimit(std::size_t bytes) {
  limit.store(bytes);
  const auto most = static_cast<int64_t>(ownLimit(bytes));
  for (std::size_t own = 1; own < shelves.size(); ++own)
    for (unsigned index = kNumSizeClasses; index-- > kMinSizeClass;)
      while (shelves[own].bytes.get() > most &&
             giveBack(shelves[own], sizeClassAt(index))) {
      }
  trim(bytes);
}

AllocatorStatistics CachingAllocator::statistics() const {
  AllocatorStatistics result;
  result.bytesInUse = meter.now.load(std::memory_order_relaxed);
  for (const BlockShelf &shelf : shelves) {
    result.bytesInUse += shelf.unmeteredUse.get();
    result.bytesCached += shelf.bytes.get();
    result.hits += shelf.hits.get();
    result.bytesReused += shelf.bytesReused.get();
  }
  result.misses = misses.load(std::memory_order_relaxed);
  result.peakBytesInUse =
      std::max(meter.peak.load(std::memory_order_relaxed), result.bytesInUse);
  return result;
}

std::shared_ptr<Allocator> createCachingAllocator(std::size_t cacheLimit) {
  return std::make_shared<CachingAllocator>(cacheLimit);
}

} // namespace fuser::runtime
