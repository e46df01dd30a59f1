//===- CudaMemory.cpp - memory in the order of streams --------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaMemory.h"
#include "RelaxedCapture.h"
#include <algorithm>
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

  /// Gives free blocks back, the largest first, while all streams together keep
  /// more than `bytesToKeep`. While the stream is captured none: to free it in
  /// that order would be recorded, and to wait for it makes the capture void.
  void trim(std::size_t bytesToKeep);

  /// Waits for what was given back in the order of the stream, unless that is
  /// captured.
  void waitForFrees();

  /// Waits for the stream and lets go of it: what is free now or later is given
  /// back.
  void forget();

private:
  struct Free {
    void *block = nullptr;
    SizeClass sizeClass{};
  };

  void *takeKept(SizeClass sizeClass);
  void *takeNew(std::size_t bytes);
  bool keepFree(const Free &free);
  Free takeFree();
  bool hasFree();
  void giveBack(void *block, Stream order);
  void giveBackForgotten(const Free &free);
  bool isCaptured(Stream asked) const;
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
  /// Whether blocks were given back that may still wait in the stream.
  std::atomic<bool> isFreeing{false};
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

/// Whether `asked` is captured. If that can't be told, the next call of the
/// driver says why.
bool CudaRuntime::Memory::StreamAllocator::isCaptured(Stream asked) const {
  const absl::StatusOr<bool> answer = runtime.isCapturing(device, asked);
  return answer.ok() && *answer;
}

void *CudaRuntime::Memory::StreamAllocator::takeNew(std::size_t bytes) {
  const Binding binding(runtime, device);
  if (!binding.status().ok() || isCaptured(stream))
    return nullptr;
  const RelaxedCapture relaxed(runtime.entry);
  const bool hasPools = (*runtime.properties(device))->hasMemoryPools;
  CudaAddress address = 0;
  auto tryOnce = [&] {
    return hasPools
               ? runtime.entry.cuMemAllocAsync(&address, bytes, handle(stream))
               : runtime.entry.cuMemAlloc(&address, bytes);
  };
  CudaResult result = tryOnce();
  if (result == cudaresult::kOutOfMemory) {
    // What other streams freed is there when they have come so far. Not by
    // waiting for the device: that makes any capture void.
    memory.trim(0);
    memory.waitForFrees(device);
    result = tryOnce();
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
    block = takeNew(sizeClass.bytes);
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
  if (current == stream)
    return;
  const Binding binding(runtime, device);
  // An event of a captured stream would draw this one into the capture.
  if (!binding.status().ok() || isCaptured(current))
    return;
  const CudaDriver &driver = runtime.entry;
  const RelaxedCapture relaxed(driver);
  if (isCaptured(stream)) { // It can't be made to wait.
    driver.cuStreamSynchronize(handle(current));
    return;
  }
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
  bool hasStream;
  {
    std::lock_guard<std::mutex> guard(lock);
    if (--numOut == 0)
      last = std::move(keep);
    hasStream = !isForgotten;
  }
  const Free free{block, sizeClass};
  if (!hasStream) {
    giveBackForgotten(free);
    return;
  }
  waitForCurrent();
  const bool isTooMuch = memory.numKept() + sizeClass.bytes > memory.limit;
  if (isTooMuch && !isCaptured(stream))
    giveBack(block, stream);
  else if (!keepFree(free))
    giveBackForgotten(free);
}

/// False if the stream was forgotten.
bool CudaRuntime::Memory::StreamAllocator::keepFree(const Free &free) {
  std::lock_guard<std::mutex> guard(lock);
  if (isForgotten)
    return false;
  kept[free.sizeClass.index].push_back(free.block);
  count(memory.cached, static_cast<int64_t>(free.sizeClass.bytes));
  return true;
}

/// Gives a block back to the driver, in the order of a stream that is not
/// captured.
void CudaRuntime::Memory::StreamAllocator::giveBack(void *block, Stream order) {
  const Binding binding(runtime, device);
  if (!binding.status().ok())
    return;
  const CudaDriver &driver = runtime.entry;
  const RelaxedCapture relaxed(driver);
  if (order == stream)
    isFreeing.store(true, std::memory_order_relaxed);
  if ((*runtime.properties(device))->hasMemoryPools &&
      driver.cuMemFreeAsync(addressOf(block), handle(order)) ==
          cudaresult::kSuccess)
    return;
  driver.cuStreamSynchronize(handle(order));
  driver.cuMemFree(addressOf(block));
}

/// The stream has done what it was given before it was forgotten; what may
/// still use the block is the thread's current one.
void CudaRuntime::Memory::StreamAllocator::giveBackForgotten(const Free &free) {
  const Stream current = currentStream(device);
  if (!isCaptured(current)) {
    giveBack(free.block, current);
    return;
  }
  // Into other hands, which free it later. Those of the default stream that
  // are in the table were not forgotten, or only now.
  while (!memory.findOwn(device, nullptr)->keepFree(free))
    ;
}

/// One of the largest that there are; null if there is none.
CudaRuntime::Memory::StreamAllocator::Free
CudaRuntime::Memory::StreamAllocator::takeFree() {
  std::lock_guard<std::mutex> guard(lock);
  for (unsigned index = kNumSizeClasses; index-- > kMinSizeClass;)
    if (!kept[index].empty()) {
      const Free free{kept[index].back(), sizeClassAt(index)};
      kept[index].pop_back();
      count(memory.cached, -static_cast<int64_t>(free.sizeClass.bytes));
      return free;
    }
  return {};
}

bool CudaRuntime::Memory::StreamAllocator::hasFree() {
  std::lock_guard<std::mutex> guard(lock);
  return std::any_of(
      kept.begin(), kept.end(),
      [](const std::vector<void *> &blocks) { return !blocks.empty(); });
}

void CudaRuntime::Memory::StreamAllocator::trim(std::size_t bytesToKeep) {
  if (!runtime.isUsable() || memory.numKept() <= bytesToKeep || !hasFree() ||
      isCaptured(stream))
    return;
  while (memory.numKept() > bytesToKeep) {
    const Free free = takeFree();
    if (!free.block)
      return;
    giveBack(free.block, stream);
  }
}

void CudaRuntime::Memory::StreamAllocator::waitForFrees() {
  if (isFreeing.exchange(false, std::memory_order_relaxed))
    // It asks whether the stream is captured.
    runtime.synchronize(device, stream).IgnoreError();
}

void CudaRuntime::Memory::StreamAllocator::forget() {
  if (!runtime.isUsable())
    return;
  runtime.synchronize(device, stream).IgnoreError();
  {
    std::lock_guard<std::mutex> guard(lock);
    isForgotten = true;
  }
  for (Free free = takeFree(); free.block; free = takeFree())
    giveBackForgotten(free);
}

//===----------------------------------------------------------------------===//
// All streams
//===----------------------------------------------------------------------===//

std::shared_ptr<CudaRuntime::Memory::StreamAllocator>
CudaRuntime::Memory::findOwn(Device device, Stream stream) {
  std::lock_guard<std::mutex> guard(lock);
  auto [place, isNew] = allocators.try_emplace({device.index, stream});
  if (isNew)
    place->second = std::make_shared<StreamAllocator>(*this, device, stream);
  return place->second;
}

std::shared_ptr<Allocator> CudaRuntime::Memory::find(Device device,
                                                     Stream stream) {
  return findOwn(device, stream);
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
CudaRuntime::Memory::all(std::optional<Device> device) const {
  std::vector<std::shared_ptr<StreamAllocator>> result;
  std::lock_guard<std::mutex> guard(lock);
  for (const auto &[key, allocator] : allocators)
    if (!device || key.first == device->index)
      result.push_back(allocator);
  return result;
}

void CudaRuntime::Memory::trim(std::size_t bytesToKeep) {
  for (const std::shared_ptr<StreamAllocator> &allocator : all())
    allocator->trim(bytesToKeep);
}

void CudaRuntime::Memory::waitForFrees(Device device) const {
  for (const std::shared_ptr<StreamAllocator> &allocator : all(device))
    allocator->waitForFrees();
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
