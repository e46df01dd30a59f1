//===- CudaMemory.cpp - memory in the order of streams --------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaMemory.h"
#include <array>
#include <limits>

namespace fuser::runtime {

/// The blocks of one stream. While any is out it keeps the runtime, which it
/// belongs to.
class CudaRuntime::Memory::StreamAllocator : public Allocator {
public:
  StreamAllocator(Memory &memory, Device device, Stream stream)
      : memory(memory), runtime(memory.runtime), device(device),
        stream(stream) {}

  void *allocate(std::size_t bytes) override;
  void deallocate(void *block, std::size_t bytes) override;

  /// Gives a free block back, of the largest there are; false if there is none.
  bool giveBackOne();

  /// Lets go of the stream: what is free now or later is given back.
  void forget();

private:
  void *takeKept(SizeClass sizeClass);
  void *takeNew(std::size_t bytes, CudaResult &result);
  void giveBack(void *block, Stream order);
  void waitForCurrent() const;
  void count(std::atomic<int64_t> &counter, int64_t amount) {
    counter.fetch_add(amount, std::memory_order_relaxed);
  }

  Memory &memory;
  CudaRuntime &runtime;
  const Device device;
  const Stream stream;
  std::mutex lock;
  bool isForgotten = false;
  int64_t numOut = 0;
  std::shared_ptr<CudaRuntime> keep;
  std::array<std::vector<void *>, kNumSizeClasses> kept;
};

static CudaStream handle(Stream stream) {
  return static_cast<CudaStream>(stream);
}

static CudaAddress addressOf(void *block) {
  return reinterpret_cast<CudaAddress>(block);
}

void *CudaRuntime::Memory::StreamAllocator::takeKept(SizeClass sizeClass) {
  std::vector<void *> &blocks = kept[sizeClass.index];
  if (blocks.empty())
    return nullptr;
  void *block = blocks.back();
  blocks.pop_back();
  const auto bytes = static_cast<int64_t>(sizeClass.bytes);
  count(memory.cached, -bytes);
  count(memory.hits, 1);
  count(memory.reused, bytes);
  return block;
}

void *CudaRuntime::Memory::StreamAllocator::takeNew(std::size_t bytes,
                                                    CudaResult &result) {
  const Binding binding(runtime, device);
  if (!binding.status().ok()) {
    result = cudaresult::kInvalidContext;
    return nullptr;
  }
  const bool hasPools = (*runtime.properties(device))->hasMemoryPools;
  CudaAddress address = 0;
  auto tryOnce = [&] {
    result = hasPools ? runtime.entry.cuMemAllocAsync(&address, bytes,
                                                      handle(stream))
                      : runtime.entry.cuMemAlloc(&address, bytes);
    return result != cudaresult::kOutOfMemory;
  };
  if (!tryOnce()) {
    // What other streams freed is there when they have come so far.
    memory.trim(0);
    if (runtime.entry.cuCtxSynchronize() == cudaresult::kSuccess)
      tryOnce();
  }
  return result == cudaresult::kSuccess ? reinterpret_cast<void *>(address)
                                        : nullptr;
}

void *CudaRuntime::Memory::StreamAllocator::allocate(std::size_t bytes) {
  if (bytes == 0 || bytes > std::numeric_limits<std::ptrdiff_t>::max() / 2 ||
      !runtime.isUsable())
    return nullptr;
  const SizeClass sizeClass = sizeClassOf(bytes);
  const auto taken = static_cast<int64_t>(sizeClass.bytes);
  void *block;
  {
    std::lock_guard<std::mutex> guard(lock);
    block = takeKept(sizeClass);
    if (block && numOut++ == 0)
      keep = runtime.shared_from_this();
  }
  if (!block) {
    CudaResult result;
    block = takeNew(sizeClass.bytes, result);
    if (!block)
      return nullptr;
    count(memory.misses, 1);
    std::lock_guard<std::mutex> guard(lock);
    if (numOut++ == 0)
      keep = runtime.shared_from_this();
  }
  const int64_t use =
      memory.inUse.fetch_add(taken, std::memory_order_relaxed) + taken;
  int64_t most = memory.peak.load(std::memory_order_relaxed);
  while (use > most && !memory.peak.compare_exchange_weak(
                           most, use, std::memory_order_relaxed))
    ;
  return block;
}

/// Makes the stream wait for what the thread's current one was given, where
/// that is another one: it may use the block.
void CudaRuntime::Memory::StreamAllocator::waitForCurrent() const {
  const Stream current = currentStream(device);
  if (!current || current == stream)
    return;
  const Binding binding(runtime, device);
  if (!binding.status().ok())
    return;
  // An event of a captured stream would draw this one into the capture.
  const absl::StatusOr<bool> isCapturing = runtime.isCapturing(device, current);
  if (!isCapturing.ok() || *isCapturing)
    return;
  const CudaDriver &driver = runtime.entry;
  CudaEvent event = nullptr;
  CudaResult result = driver.cuEventCreate(&event, kCudaEventDisableTiming);
  if (result == cudaresult::kSuccess) {
    result = driver.cuEventRecord(event, handle(current));
    if (result == cudaresult::kSuccess)
      result = driver.cuStreamWaitEvent(handle(stream), event, 0);
    driver.cuEventDestroy(event);
  }
  if (result != cudaresult::kSuccess)
    driver.cuStreamSynchronize(handle(current));
}

void CudaRuntime::Memory::StreamAllocator::deallocate(void *block,
                                                      std::size_t bytes) {
  const SizeClass sizeClass = sizeClassOf(bytes);
  const auto taken = static_cast<int64_t>(sizeClass.bytes);
  // Declared first: this may be the last reference, to be let go of without the
  // lock.
  std::shared_ptr<CudaRuntime> last;
  if (!runtime.isUsable()) // In a child or at the exit: it is left alone.
    return;
  count(memory.inUse, -taken);
  waitForCurrent();
  std::unique_lock<std::mutex> guard(lock);
  if (--numOut == 0)
    last = std::move(keep);
  const int64_t now = memory.cached.load(std::memory_order_relaxed) + taken;
  if (!isForgotten && static_cast<std::size_t>(now) <= memory.limit.load()) {
    kept[sizeClass.index].push_back(block);
    count(memory.cached, taken);
    return;
  }
  const Stream order = isForgotten ? nullptr : stream;
  guard.unlock();
  giveBack(block, order);
}

/// Gives a block back to the driver, in the order of a stream.
void CudaRuntime::Memory::StreamAllocator::giveBack(void *block, Stream order) {
  const Binding binding(runtime, device);
  if (!binding.status().ok())
    return;
  const CudaDriver &driver = runtime.entry;
  if ((*runtime.properties(device))->hasMemoryPools &&
      driver.cuMemFreeAsync(addressOf(block), handle(order)) ==
          cudaresult::kSuccess)
    return;
  driver.cuStreamSynchronize(handle(order));
  driver.cuMemFree(addressOf(block));
}

bool CudaRuntime::Memory::StreamAllocator::giveBackOne() {
  void *block = nullptr;
  Stream order;
  {
    std::lock_guard<std::mutex> guard(lock);
    for (unsigned index = kNumSizeClasses; index-- > kMinSizeClass && !block;)
      if (!kept[index].empty()) {
        block = kept[index].back();
        kept[index].pop_back();
        count(memory.cached, -static_cast<int64_t>(sizeClassAt(index).bytes));
      }
    order = isForgotten ? nullptr : stream;
  }
  if (block && runtime.isUsable())
    giveBack(block, order);
  return block != nullptr;
}

void CudaRuntime::Memory::StreamAllocator::forget() {
  while (giveBackOne()) {
  }
  std::lock_guard<std::mutex> guard(lock);
  isForgotten = true;
}

//===----------------------------------------------------------------------===//
// All streams
//===----------------------------------------------------------------------===//

std::shared_ptr<Allocator> CudaRuntime::Memory::find(Device device,
                                                     Stream stream) {
  std::lock_guard<std::mutex> guard(lock);
  auto [place, isNew] = allocators.try_emplace({device.index, stream});
  if (isNew)
    place->second = std::make_shared<StreamAllocator>(*this, device, stream);
  return place->second;
}

void CudaRuntime::Memory::forget(Device device, Stream stream) {
  std::shared_ptr<StreamAllocator> found;
  {
    std::lock_guard<std::mutex> guard(lock);
    const auto place = allocators.find({device.index, stream});
    if (place == allocators.end())
      return;
    found = std::move(place->second);
    allocators.erase(place);
  }
  found->forget();
}

std::vector<std::shared_ptr<CudaRuntime::Memory::StreamAllocator>>
CudaRuntime::Memory::all() const {
  std::vector<std::shared_ptr<StreamAllocator>> result;
  std::lock_guard<std::mutex> guard(lock);
  for (const auto &[key, allocator] : allocators)
    result.push_back(allocator);
  return result;
}

void CudaRuntime::Memory::trim(std::size_t bytesToKeep) {
  for (const std::shared_ptr<StreamAllocator> &allocator : all())
    while (static_cast<std::size_t>(cached.load()) > bytesToKeep &&
           allocator->giveBackOne()) {
    }
}

AllocatorStatistics CudaRuntime::Memory::statistics() const {
  AllocatorStatistics result;
  result.bytesInUse = inUse.load(std::memory_order_relaxed);
  result.bytesCached = cached.load(std::memory_order_relaxed);
  result.peakBytesInUse = peak.load(std::memory_order_relaxed);
  result.hits = hits.load(std::memory_order_relaxed);
  result.misses = misses.load(std::memory_order_relaxed);
  result.bytesReused = reused.load(std::memory_order_relaxed);
  return result;
}

} // namespace fuser::runtime
