//===- FusedKernelCUDA.cpp - launching a kernel on a CUDA device ----------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/FusedKernelCUDA.h"
#include "absl/strings/str_cat.h"
#include <algorithm>
#include <cstring>

namespace fuser::runtime {

/// Threads of a block along the innermost dimension, at the most, where an
/// operand is transposed: the others are on neighbouring rows, whose elements
/// of that operand lie side by side.
static constexpr int64_t kTransposedThreads = 32;

/// Blocks for each multiprocessor, which runs up to 8 of them at a time: enough
/// that the last ones to run are a small part, few enough that starting them
/// costs little. Threads go on where more are needed.
static constexpr int64_t kBlocksAMultiprocessor = 32;

static constexpr int64_t kMaxGridY = 65535;

namespace {

/// What a function is launched with: its blocks and their threads.
struct Geometry {
  /// Up to `mostX` threads of a block are on one row.
  Geometry(int64_t columns, int64_t rows, int64_t mostX,
           int64_t multiprocessors);
  unsigned gridX, gridY, blockX, blockY = 1;
};

/// Memory of the device for one launch, given back in the order of its stream.
class DeviceBlock {
public:
  DeviceBlock() = default;
  ~DeviceBlock() {
    if (block)
      allocator->deallocate(block, bytes);
  }
  DeviceBlock(const DeviceBlock &) = delete;
  DeviceBlock &operator=(const DeviceBlock &) = delete;

  absl::Status open(CudaRuntime &runtime, Device device, Stream stream,
                    std::size_t size) {
    auto found = runtime.allocator(device, stream);
    if (!found.ok())
      return found.status();
    allocator = *std::move(found);
    bytes = size;
    block = allocator->allocate(size);
    return block ? absl::OkStatus()
                 : absl::ResourceExhaustedError(
                       "no device memory to launch a kernel");
  }
  void *get() const { return block; }
  CudaAddress address() const { return reinterpret_cast<CudaAddress>(block); }

private:
  std::shared_ptr<Allocator> allocator;
  void *block = nullptr;
  std::size_t bytes = 0;
};

/// 8 bytes each; no more on the stack than may be passed.
using Parameters =
    absl::InlinedVector<uint64_t, kMaxParameterBytes / sizeof(uint64_t)>;

} // namespace

static int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// The least power of two that is at least `n` > 0, up to `most`, which is one.
static int64_t powerOfTwo(int64_t n, int64_t most) {
  int64_t power = 1;
  while (power < n && power < most)
    power *= 2;
  return power;
}

Geometry::Geometry(int64_t columns, int64_t rows, int64_t mostX,
                   int64_t multiprocessors) {
  const int64_t most = multiprocessors * kBlocksAMultiprocessor;
  const int64_t threadsX = powerOfTwo(columns, mostX);
  const int64_t threadsY = powerOfTwo(rows, kDeviceBlockThreads / threadsX);
  const int64_t blocksX = std::min(ceilDiv(columns, threadsX), most);
  const int64_t blocksY =
      std::min({ceilDiv(rows, threadsY), std::max<int64_t>(most / blocksX, 1),
                kMaxGridY});
  gridX = static_cast<unsigned>(blocksX);
  gridY = static_cast<unsigned>(blocksY);
  blockX = static_cast<unsigned>(threadsX);
  blockY = static_cast<unsigned>(threadsY);
}

//===----------------------------------------------------------------------===//
// One launch
//===----------------------------------------------------------------------===//

/// The loops of one call.
class FusedKernelCUDA::Launch {
public:
  Launch(const FusedKernelCUDA &kernel, const LaunchPlan &plan,
         MemoryTable memory)
      : kernel(kernel), runtime(*kernel.runtime), plan(plan), memory(memory),
        stream(currentStream(kernel.device)) {}

  absl::Status run();

private:
  bool raises(std::size_t loop) const;
  absl::Status prepare();
  absl::Status runLoop(std::size_t number);
  void collect(const Entry &entry, const PlannedLoop &loop);
  absl::Status pass(const Entry &entry, const Geometry &geometry);
  absl::Status waitForFlag();

  const FusedKernelCUDA &kernel;
  CudaRuntime &runtime;
  const LaunchPlan &plan;
  const MemoryTable memory;
  const Stream stream;
  /// The byte of functions that raise.
  DeviceBlock flag;
  Parameters parameters;
};

static std::size_t numOperands(const LaunchPlan &plan,
                               const PlannedLoop &loop) {
  std::size_t count = 0;
  for (int32_t nest : loop.nests)
    count += plan.nests[nest].operands.size();
  return count;
}

bool FusedKernelCUDA::Launch::raises(std::size_t loop) const {
  return kernel.entries[loop].description.isScalar.size() >
         numOperands(plan, plan.loops[loop]);
}

/// Checks that it may be launched, and makes the byte.
absl::Status FusedKernelCUDA::Launch::prepare() {
  bool mustWait = false, needsMemory = false;
  for (std::size_t i = 0; i < kernel.entries.size(); ++i) {
    const DeviceFunction &function = kernel.entries[i].description;
    const std::size_t pointers = numOperands(plan, plan.loops[i]);
    if (function.isScalar.size() != pointers &&
        function.isScalar.size() != pointers + 1)
      return absl::InternalError("the kernel was not made for this plan: it "
                                 "has another number of operands");
    mustWait |= raises(i);
    needsMemory |= function.parametersInMemory;
  }
  if (!mustWait && !needsMemory)
    return absl::OkStatus();
  absl::StatusOr<bool> isCapturing = runtime.isCapturing(kernel.device, stream);
  if (!isCapturing.ok())
    return isCapturing.status();
  if (*isCapturing)
    return absl::FailedPreconditionError(
        mustWait ? "a group that divides integers can't be captured: whether a "
                   "divisor was 0 is read after the kernel"
                 : "a group of so many operands can't be captured: their "
                   "addresses are copied for each launch");
  if (!mustWait)
    return absl::OkStatus();
  if (absl::Status status = flag.open(runtime, kernel.device, stream, 1);
      !status.ok())
    return status;
  return runtime.check(
      runtime.driver().cuMemsetD8Async(flag.address(), 0, 1,
                                       static_cast<CudaStream>(stream)),
      "cuMemsetD8Async");
}

/// The parameters of a function.
void FusedKernelCUDA::Launch::collect(const Entry &entry,
                                      const PlannedLoop &loop) {
  const std::vector<bool> &isScalar = entry.description.isScalar;
  const Dims &sizes = plan.nests[loop.nests[0]].sizes;
  int64_t end = sizes.size() == 1 ? sizes[0] : 1;
  for (std::size_t dim = 0; dim + 1 < sizes.size(); ++dim)
    end *= sizes[dim];
  parameters.clear();
  parameters.push_back(0);
  parameters.push_back(static_cast<uint64_t>(end));
  std::size_t number = 0;
  for (int32_t nest : loop.nests)
    for (const PlannedOperand &operand : plan.nests[nest].operands) {
      const void *place = operand.place(memory);
      uint64_t word = reinterpret_cast<uintptr_t>(place);
      if (isScalar[number++]) {
        word = 0;
        std::memcpy(&word, place, dtypeSize(operand.dtype));
      }
      parameters.push_back(word);
    }
  if (number < isScalar.size())
    parameters.push_back(flag.address());
  for (int64_t value : loop.dims)
    parameters.push_back(static_cast<uint64_t>(value));
}

/// Launches with the parameters as they are, or with their address.
absl::Status FusedKernelCUDA::Launch::pass(const Entry &entry,
                                           const Geometry &geometry) {
  DeviceBlock inMemory;
  uint64_t *buffer = parameters.data();
  std::size_t bytes = parameters.size() * sizeof(uint64_t);
  uint64_t place = 0;
  if (entry.description.parametersInMemory) {
    absl::Status status = inMemory.open(runtime, kernel.device, stream, bytes);
    // The driver has read pageable memory when the copy returns, if not yet
    // written it; `parameters` stay as they are to the next loop even so.
    if (status.ok())
      status = runtime.copyToDevice(kernel.device, stream, inMemory.get(),
                                    parameters.data(), bytes);
    if (!status.ok())
      return status;
    place = inMemory.address();
    buffer = &place;
    bytes = sizeof place;
  }
  if (bytes > kMaxParameterBytes)
    return absl::InternalError(
        absl::StrCat("a kernel with ", bytes, " bytes of parameters"));
  void *extra[] = {cudalaunch::kBuffer, buffer, cudalaunch::kBufferSize, &bytes,
                   cudalaunch::kEnd};
  return runtime.check(runtime.driver().cuLaunchKernel(
                           entry.function, geometry.gridX, geometry.gridY, 1,
                           geometry.blockX, geometry.blockY, 1, 0,
                           static_cast<CudaStream>(stream), nullptr, extra),
                       "cuLaunchKernel");
}

absl::Status FusedKernelCUDA::Launch::runLoop(std::size_t number) {
  const Entry &entry = kernel.entries[number];
  const PlannedLoop &loop = plan.loops[number];
  collect(entry, loop);
  int64_t columns = 0;
  for (int32_t nest : loop.nests)
    columns = std::max(columns, plan.nests[nest].sizes.back());
  const PlannedNest &first = plan.nests[loop.nests[0]];
  const bool hasRows = first.sizes.size() > 1;
  const Geometry geometry(ceilDiv(columns, entry.description.lanes),
                          hasRows ? static_cast<int64_t>(parameters[1]) : 1,
                          first.hasBlocks() ? kTransposedThreads
                                            : kDeviceBlockThreads,
                          kernel.multiprocessors);
  return pass(entry, geometry);
}

absl::Status FusedKernelCUDA::Launch::waitForFlag() {
  uint8_t raised = 0;
  absl::Status status =
      runtime.copyToHost(kernel.device, stream, &raised, flag.get(), 1);
  if (status.ok())
    status = runtime.synchronize(kernel.device, stream);
  if (!status.ok())
    return status;
  return raised ? divisionByZeroError() : absl::OkStatus();
}

absl::Status FusedKernelCUDA::Launch::run() {
  if (absl::Status status = prepare(); !status.ok())
    return status;
  bool isReplaced = false;
  for (std::size_t i = 0; i < kernel.entries.size(); ++i) {
    absl::Status status = runLoop(i);
    // Who computes the call again would find what an earlier loop stored.
    if (!status.ok() && isReplaced)
      return absl::DataLossError(
          absl::StrCat("a call in place failed half-way, its outputs hold "
                       "anything: ",
                       status.message()));
    if (!status.ok())
      return status;
    isReplaced |= plan.loops[i].inPlace;
  }
  return flag.get() ? waitForFlag() : absl::OkStatus();
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

FusedKernelCUDA::FusedKernelCUDA(std::shared_ptr<CudaRuntime> runtime,
                                 Device device, int multiprocessors)
    : runtime(std::move(runtime)), device(device),
      multiprocessors(multiprocessors) {}

absl::StatusOr<std::shared_ptr<FusedKernel>>
FusedKernelCUDA::load(std::shared_ptr<CudaRuntime> runtime, Device device,
                      std::string image, std::vector<DeviceFunction> functions,
                      std::function<std::string()> code) {
  absl::StatusOr<const CudaDeviceProperties *> properties =
      runtime->properties(device);
  if (!properties.ok())
    return properties.status();
  absl::StatusOr<std::shared_ptr<const CudaModule>> module =
      runtime->loadModule(device, image);
  if (!module.ok())
    return module.status();
  std::shared_ptr<FusedKernelCUDA> kernel(new FusedKernelCUDA(
      std::move(runtime), device, (*properties)->multiprocessors));
  kernel->module = *std::move(module);
  kernel->printCode = std::move(code);
  for (DeviceFunction &function : functions) {
    absl::StatusOr<CudaFunction> found = kernel->module->find(function.name);
    if (!found.ok())
      return found.status();
    if (function.lanes < 1)
      return absl::InternalError(
          absl::StrCat("kernel ", function.name, " has no lanes"));
    kernel->entries.push_back({std::move(function), *found});
  }
  return std::shared_ptr<FusedKernel>(std::move(kernel));
}

absl::Status FusedKernelCUDA::launch(const LaunchPlan &plan, MemoryTable memory,
                                     ThreadPool &) const {
  if (entries.size() != plan.loops.size())
    return absl::InternalError("the kernel was not made for this plan: it has "
                               "another number of loops");
  const CudaRuntime::Binding binding(*runtime, device);
  if (!binding.status().ok())
    return binding.status();
  return Launch(*this, plan, memory).run();
}

std::string FusedKernelCUDA::code() const {
  return printCode ? printCode() : std::string();
}

} // namespace fuser::runtime
