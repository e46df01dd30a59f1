//===- Executor.cpp - one call of a group ---------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Executor.h"
#include "Copies.h"
#include "DeviceCopies.h"
#include "Inputs.h"
#include "absl/strings/str_cat.h"
#include <algorithm>

namespace fuser::runtime {

/// Where a call reads and writes.
class Executor::Memory {
public:
  /// Finds or allocates all of it.
  absl::Status open(const LaunchPlan &plan, Device device,
                    absl::Span<const Value> inputs,
                    absl::Span<const Tensor> given, Allocator &allocator);

  MemoryTable table() const { return addresses; }

  /// The new outputs, none if they were given.
  Outputs outputs;

private:
  absl::InlinedVector<void *, kUsualOperands> addresses;
  std::vector<Tensor> copies;
};

/// The address of the element of a runtime scalar, which is where it stands.
static void *addressOf(const Value &value) {
  const void *address = std::visit(
      [](const auto &held) -> const void * {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, Tensor>)
          return held.data();
        else
          return &held;
      },
      value);
  return const_cast<void *>(address); // Inputs are not written.
}

absl::Status Executor::Memory::open(const LaunchPlan &plan, Device device,
                                    absl::Span<const Value> inputs,
                                    absl::Span<const Tensor> given,
                                    Allocator &allocator) {
  addresses.reserve(plan.numMemories());
  for (const Value &input : inputs)
    addresses.push_back(addressOf(input));
  for (const Tensor &output : given)
    addresses.push_back(output.data());
  if (given.empty()) {
    for (const PlannedOutput &output : plan.outputs) {
      absl::StatusOr<Tensor> tensor = output.allocate(allocator, device);
      if (!tensor.ok())
        return tensor.status();
      outputs.push_back(*std::move(tensor));
      addresses.push_back(outputs.back().data());
    }
  }
  for (const PlannedCopy &copy : plan.copies) {
    absl::StatusOr<Tensor> tensor =
        Tensor::allocate(copy.from.dtype, {copy.numElements}, allocator);
    if (!tensor.ok())
      return tensor.status();
    copies.push_back(*std::move(tensor));
    addresses.push_back(copies.back().data());
  }
  return absl::OkStatus();
}

void Executor::setAllocator(DeviceType type,
                            std::shared_ptr<Allocator> allocator) {
  const auto number = static_cast<std::size_t>(type);
  if (type == DeviceType::CPU || number >= allocators.size())
    return;
  std::lock_guard<std::mutex> guard(allocatorLock);
  allocators[number] = std::move(allocator);
}

bool Executor::hasAllocator(DeviceType type) const {
  std::lock_guard<std::mutex> guard(allocatorLock);
  return allocators[static_cast<std::size_t>(type)] != nullptr;
}

absl::StatusOr<std::shared_ptr<Allocator>>
Executor::allocatorFor(Device device) const {
  {
    std::lock_guard<std::mutex> guard(allocatorLock);
    if (auto allocator = allocators[static_cast<std::size_t>(device.type)])
      return allocator;
  }
  absl::StatusOr<std::shared_ptr<CudaRuntime>> runtime = cuda.get();
  if (!runtime.ok())
    return absl::FailedPreconditionError(
        absl::StrCat("no memory for outputs on ", deviceTypeName(device.type),
                     ": ", runtime.status().message()));
  const Stream stream = currentStream(device);
  if (stream) { // The default one can't be captured.
    absl::StatusOr<bool> isCapturing = (*runtime)->isCapturing(device, stream);
    if (!isCapturing.ok())
      return isCapturing.status();
    if (*isCapturing)
      return absl::FailedPreconditionError(
          "memory can't be allocated while a stream is captured; give the "
          "outputs, in layouts that need no copies");
  }
  return (*runtime)->allocator(device, stream);
}

/// The one device that all tensors are on.
static absl::StatusOr<Device> commonDevice(absl::Span<const Value> inputs,
                                           absl::Span<const Tensor> given) {
  const Tensor *first = nullptr;
  auto agrees = [&first](const Tensor &tensor) {
    if (!first)
      first = &tensor;
    return first->device() == tensor.device();
  };
  bool agree = true;
  for (const Value &input : inputs)
    if (const Tensor *tensor = std::get_if<Tensor>(&input))
      agree &= agrees(*tensor);
  for (const Tensor &output : given)
    agree &= agrees(output);
  if (!agree)
    return absl::InvalidArgumentError(
        "the inputs and outputs of a group must be on one device");
  const Device device = first ? first->device() : Device();
  if (static_cast<int>(device.type) >= kNumDeviceTypes)
    return absl::InvalidArgumentError("a tensor is on no known device");
  return device;
}

absl::StatusOr<std::shared_ptr<const CachedPlan>>
Executor::plan(Group &group, absl::Span<const Value> inputs,
               absl::Span<const Tensor> given) {
  InputTensors tensors;
  if (absl::Status status = tensors.read(group.spec.inputs, inputs);
      !status.ok())
    return status;
  absl::StatusOr<Device> device = commonDevice(inputs, given);
  if (!device.ok())
    return device.status();
  absl::StatusOr<LaunchPlan> plan =
      planLaunch(group.spec, tensors.tensors(), given);
  if (!plan.ok())
    return plan.status();
  recorder.addPlan();
  return std::make_shared<const CachedPlan>(CallLayout(inputs, given),
                                            *std::move(plan), *device);
}

absl::StatusOr<const CachedPlan *>
Executor::findPlan(Group &group, PlanSlot *site, absl::Span<const Value> inputs,
                   absl::Span<const Tensor> given) {
  if (site)
    if (const auto *found = site->find(inputs, given))
      return found->get();
  if (const auto *found = group.plans.find(inputs, given)) {
    // Layouts that take turns would otherwise replace each other at every call.
    if (site && site->isEmpty())
      site->set(*found);
    return found->get();
  }
  auto made = plan(group, inputs, given);
  if (!made.ok())
    return made.status();
  group.plans.add(inputs, given, *made);
  if (site)
    site->set(*made);
  return made->get();
}

absl::Status Executor::openMemory(const CachedPlan &cached,
                                  absl::Span<const Value> inputs,
                                  absl::Span<const Tensor> given,
                                  Memory &memory) const {
  const Device device = cached.device;
  if (device.type == DeviceType::CPU ||
      (!given.empty() && cached.plan.copies.empty()))
    return memory.open(cached.plan, device, inputs, given, *allocators[0]);
  absl::StatusOr<std::shared_ptr<Allocator>> allocator = allocatorFor(device);
  if (!allocator.ok())
    return allocator.status();
  absl::Status status =
      memory.open(cached.plan, device, inputs, given, **allocator);
  if (absl::IsResourceExhausted(status) && !hasAllocator(device.type))
    // Of a device that is of no use any more, it is not the memory's fault.
    if (auto runtime = cuda.get(); runtime.ok())
      if (absl::Status why =
              (*runtime)->synchronize(device, currentStream(device));
          !why.ok())
        return why;
  return status;
}

/// Launches the kernel, if there is one: its `error` is then how that ended.
KernelProvider::Lookup Executor::launch(Group &group, const CachedPlan &cached,
                                        MemoryTable memory) {
  KernelProvider::Lookup found = kernels.get(group, cached);
  if (found.kernel) {
    found.error = (*found.kernel)->launch(cached.plan, memory, *threads);
    if (found.error.ok() || absl::IsInvalidArgument(found.error))
      recorder.addLaunch();
  }
  return found;
}

/// Whether a launch ended the call. Else its error lets it fall back.
static bool endsCall(const KernelProvider::Lookup &launched) {
  return launched.kernel &&
         (launched.error.ok() || absl::IsInvalidArgument(launched.error) ||
          absl::IsDataLoss(launched.error));
}

void Executor::countInterpreted(Group &group,
                                const KernelProvider::Lookup &why) {
  if (why.isPending)
    recorder.addInterpretedFirst();
  else
    recorder.addFallback(group, why.reason, why.error);
}

static int64_t numReshapes(const LaunchPlan &plan) {
  return std::count_if(plan.copies.begin(), plan.copies.end(),
                       [](const PlannedCopy &copy) { return !copy.repeats; });
}

absl::Status Executor::runOnHost(Group &group, const CachedPlan &cached,
                                 MemoryTable memory, bool mustInterpret) {
  if (!cached.plan.copies.empty()) {
    makeCopies(cached.plan, memory, *threads);
    recorder.addCopies(numReshapes(cached.plan));
  }
  KernelProvider::Lookup found{nullptr, FallbackReason::Requested,
                               absl::OkStatus()};
  if (!mustInterpret)
    found = launch(group, cached, memory);
  if (endsCall(found))
    return found.error;
  // If there is none, or none yet, or it failed, interpret and count why.
  countInterpreted(group, found);
  return cached.interpreter(group.spec).run(memory, *threads);
}

/// Whether the current stream of `device` is captured; the default one can't
/// be, nor one of a device without a driver.
static absl::StatusOr<bool> isCaptured(const CudaSource &cuda, Device device) {
  const Stream stream = currentStream(device);
  if (!stream)
    return false;
  absl::StatusOr<std::shared_ptr<CudaRuntime>> runtime = cuda.get();
  return runtime.ok() ? (*runtime)->isCapturing(device, stream) : false;
}

/// Refuses what can't be captured.
static absl::Status checkNotCaptured(const CudaSource &cuda, Device device,
                                     absl::string_view why) {
  absl::StatusOr<bool> captured = isCaptured(cuda, device);
  if (!captured.ok() || !*captured)
    return captured.status();
  return absl::FailedPreconditionError(
      absl::StrCat("this call can't be captured: ", why,
                   "; before a capture make it once, and wait for its kernel"));
}

/// As runOnHost; the interpreter works on copies.
absl::Status Executor::runOnDevice(Group &group, const CachedPlan &cached,
                                   absl::Span<const Value> inputs,
                                   MemoryTable memory, bool mustInterpret) {
  const Device device = cached.device;
  if (mustInterpret || !KernelProvider::isSettled(cached))
    if (absl::Status status =
            checkNotCaptured(cuda, device, "it has no kernel yet");
        !status.ok())
      return status;
  auto deviceCall = [&](CudaRuntime &runtime) {
    return DeviceCall{group.spec,     cached,  inputs,
                      memory,         runtime, currentStream(device),
                      *allocators[0], *threads};
  };
  if (!cached.plan.copies.empty()) {
    absl::StatusOr<std::shared_ptr<CudaRuntime>> runtime = cuda.get();
    absl::Status status = runtime.status();
    if (status.ok() && !mustInterpret) // interpretOnHost makes its own.
      status = makeCopiesOnDevice(deviceCall(**runtime));
    if (!status.ok())
      return status;
    recorder.addCopies(numReshapes(cached.plan));
  }

  KernelProvider::Lookup found{nullptr, FallbackReason::Requested,
                               absl::OkStatus()};
  if (!mustInterpret)
    found = launch(group, cached, memory);
  if (endsCall(found))
    return found.error;
  // If there is none, or none yet, or it failed, interpret and count why.
  absl::StatusOr<std::shared_ptr<CudaRuntime>> runtime = cuda.get();
  if (!runtime.ok())
    return found.error.ok()
               ? absl::FailedPreconditionError(absl::StrCat(
                     fallbackReasonName(found.reason),
                     ", and copies for the interpreter can't be made: ",
                     runtime.status().message()))
               : found.error;
  if (absl::Status status =
          checkNotCaptured(cuda, device,
                           found.error.ok() ? fallbackReasonName(found.reason)
                                            : found.error.message());
      !status.ok())
    return status;
  countInterpreted(group, found);
  return interpretOnHost(deviceCall(**runtime));
}

absl::StatusOr<Executor::Outputs> Executor::run(Group &group, PlanSlot *site,
                                                absl::Span<const Value> inputs,
                                                absl::Span<const Tensor> given,
                                                bool mustInterpret) {
  absl::StatusOr<const CachedPlan *> plan =
      findPlan(group, site, inputs, given);
  if (!plan.ok())
    return plan.status();
  const CachedPlan &cached = **plan;
  if (absl::Status status = checkStream(currentStream(cached.device));
      !status.ok())
    return status;
  Memory memory;
  absl::Status status = openMemory(cached, inputs, given, memory);
  if (status.ok() && !cached.plan.nests.empty())
    status =
        cached.device.type == DeviceType::CPU
            ? runOnHost(group, cached, memory.table(), mustInterpret)
            : runOnDevice(group, cached, inputs, memory.table(), mustInterpret);
  if (!status.ok())
    return status;
  return std::move(memory.outputs);
}

} // namespace fuser::runtime
