//===- Machine.cpp - the state of the emulated driver ---------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include <algorithm>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace fuser::emulator {

/// What memory holds before it is written, and after it was freed.
static constexpr unsigned char kNewByte = 0xCD, kFreedByte = 0xDD;
static constexpr std::size_t kPage = 4096;
static constexpr std::size_t kAlignment = 256;

CudaContext &currentContext() {
  static thread_local CudaContext context = nullptr;
  return context;
}

Machine &Machine::get() {
  // Never destroyed: threads may outlive main.
  static auto *machine = [] {
    auto *made = new Machine();
    made->reset({});
    return made;
  }();
  return *machine;
}

bool StreamState::isDefault() const {
  return device->defaultStream.get() == this;
}

void Machine::clear() {
  while (!blocks.empty())
    release(blocks.begin()->first);
  streams.clear();
  events.clear();
  functions.clear();
  modules.clear();
  calls.clear();
  faults.clear();
  launches.clear();
  complaints.clear();
  recorded.clear();
  devices.clear();
  nextExecution = cudaresult::kSuccess;
  isInitialized = false;
}

void Machine::reset(const Options &wanted) {
  clear();
  options = wanted;
  process = getpid();
  for (int i = 0; i < options.numDevices; ++i) {
    devices.push_back(std::make_unique<Device>());
    Device *device = devices.back().get();
    device->number = i;
    device->defaultStream = std::make_shared<StreamState>();
    device->defaultStream->device = device;
    device->defaultStream->flags = 0;
  }
}

Device *Machine::current() {
  for (const std::unique_ptr<Device> &device : devices)
    if (reinterpret_cast<CudaContext>(device.get()) == currentContext() &&
        device->retained > 0)
      return device.get();
  return nullptr;
}

std::shared_ptr<StreamState> Machine::find(CudaStream stream) {
  Device *device = current();
  if (!device)
    return nullptr;
  if (!stream)
    return device->defaultStream;
  const auto found = streams.find(stream);
  return found == streams.end() || found->second->device != device
             ? nullptr
             : found->second;
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

std::shared_ptr<Task> Machine::lastOf(const StreamState &stream) const {
  return stream.tasks.empty() ? nullptr : stream.tasks.back();
}

void Machine::give(const std::shared_ptr<StreamState> &stream,
                   std::function<CudaResult()> run,
                   std::vector<std::shared_ptr<Task>> after) {
  if (stream->captured) {
    stream->captured->push_back(std::move(run));
    return;
  }
  auto task = std::make_shared<Task>();
  task->run = std::move(run);
  task->after = std::move(after);
  task->stream = stream;
  // The legacy default stream waits for all blocking ones, and they for it.
  auto follow = [&](const StreamState &other) {
    if (std::shared_ptr<Task> last = lastOf(other))
      task->after.push_back(std::move(last));
  };
  if (stream->isDefault()) {
    for (const auto &[handle, other] : streams)
      if (other->device == stream->device && other->isBlocking())
        follow(*other);
  } else if (stream->isBlocking()) {
    follow(*stream->device->defaultStream);
  }
  stream->tasks.push_back(std::move(task));
}

/// Runs what its stream has up to `task`, and before each what comes first.
CudaResult Machine::runUpTo(const std::shared_ptr<Task> &task) {
  const std::shared_ptr<StreamState> stream = task->stream.lock();
  while (!task->isDone && stream && !stream->tasks.empty()) {
    const std::shared_ptr<Task> next = stream->tasks.front();
    for (const std::shared_ptr<Task> &other : next->after)
      if (!other->isDone)
        runUpTo(other);
    if (next->isDone)
      continue; // Something before it needed it.
    stream->tasks.pop_front();
    next->isDone = true;
    next->after.clear();
    CudaResult &sticky = stream->device->sticky;
    if (sticky == cudaresult::kSuccess)
      sticky = next->run();
    next->run = nullptr;
  }
  return stream ? stream->device->sticky : cudaresult::kSuccess;
}

CudaResult Machine::finish(const std::shared_ptr<StreamState> &stream) {
  if (std::shared_ptr<Task> last = lastOf(*stream))
    return runUpTo(last);
  return stream->device->sticky;
}

CudaResult Machine::finish(Device &device) {
  finish(device.defaultStream);
  for (const auto &[handle, stream] : streams)
    if (stream->device == &device)
      finish(stream);
  return device.sticky;
}

bool Machine::isCapturing() const {
  return std::any_of(streams.begin(), streams.end(), [](const auto &entry) {
    return entry.second->captured != nullptr;
  });
}

CudaResult Machine::spoilCaptures() {
  for (const auto &[handle, stream] : streams)
    if (stream->captured)
      stream->isCaptureVoid = true;
  return cudaresult::kCaptureUnsupported;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

CudaResult Machine::allocate(Device &device, std::size_t bytes,
                             CudaAddress &address) {
  if (bytes > options.memoryBytes - device.bytesUsed)
    return cudaresult::kOutOfMemory;
  const std::size_t rounded =
      (bytes + kAlignment - 1) / kAlignment * kAlignment;
  const std::size_t pages = (rounded + kPage - 1) / kPage * kPage;
  void *memory = mmap(nullptr, pages + kPage, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return cudaresult::kOutOfMemory;
  char *const begin = static_cast<char *>(memory);
  mprotect(begin + pages, kPage, PROT_NONE);
  std::memset(begin, kNewByte, pages);
  address = reinterpret_cast<CudaAddress>(begin + pages - rounded);
  blocks[address] = {&device, bytes, memory, pages + kPage};
  device.bytesUsed += bytes;
  return cudaresult::kSuccess;
}

Block *Machine::blockOf(CudaAddress address, std::size_t bytes) {
  auto next = blocks.upper_bound(address);
  if (next == blocks.begin())
    return nullptr;
  auto &[begin, block] = *--next;
  const bool isInside = !block.isFreed && address - begin <= block.bytes &&
                        bytes <= block.bytes - (address - begin);
  return isInside ? &block : nullptr;
}

void Machine::release(CudaAddress address) {
  const auto found = blocks.find(address);
  const Block &block = found->second;
  std::memset(reinterpret_cast<void *>(address), kFreedByte, block.bytes);
  block.device->bytesUsed -= block.bytes;
  munmap(block.pages, block.pageBytes);
  blocks.erase(found);
}

} // namespace fuser::emulator
