//===- Executor.cpp - one call of a group ---------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Executor.h"
#include "Copies.h"
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

absl::StatusOr<std::shared_ptr<Allocator>>
Executor::allocatorFor(Device device) const {
  std::lock_guard<std::mutex> guard(allocatorLock);
  if (auto allocator = allocators[static_cast<std::size_t>(device.type)])
    return allocator;
  return absl::FailedPreconditionError(absl::StrCat(
      "no allocator for outputs on ", deviceTypeName(device.type),
      "; give the outputs, or register a backend with an allocator"));
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

absl::Status Executor::runInMemory(Group &group, const CachedPlan &cached,
                                   const Memory &memory, bool mustInterpret) {
  const LaunchPlan &plan = cached.plan;
  const bool isOnHost = cached.device.type == DeviceType::CPU;
  if (!plan.copies.empty()) {
    if (!isOnHost)
      return absl::UnimplementedError("this call must copy an input for a "
                                      "reshape, which only the CPU can");
    makeCopies(plan, memory.table(), *threads);
    recorder.addCopies(
        std::count_if(plan.copies.begin(), plan.copies.end(),
                      [](const PlannedCopy &copy) { return !copy.repeats; }));
  }

  KernelProvider::Lookup found{nullptr, FallbackReason::Requested,
                               absl::OkStatus()};
  if (!mustInterpret) {
    found = kernels.get(group, cached);
    if (found.kernel) {
      found.error = (*found.kernel)->launch(plan, memory.table(), *threads);
      const bool isWrongCall = absl::IsInvalidArgument(found.error);
      if (found.error.ok() || isWrongCall)
        recorder.addLaunch();
      if (found.error.ok() || isWrongCall)
        return found.error;
    }
  }

  // If there is none, or none yet, or it failed, interpret and count why.
  if (!isOnHost)
    return found.error.ok() ? absl::FailedPreconditionError(absl::StrCat(
                                  "only the CPU has an interpreter: ",
                                  fallbackReasonName(found.reason)))
                            : found.error;
  if (found.isPending)
    recorder.addInterpretedFirst();
  else
    recorder.addFallback(group, found.reason, found.error);
  return cached.interpreter(group.spec).run(memory.table(), *threads);
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
  Allocator *allocator = allocators[0].get();
  std::shared_ptr<Allocator> deviceAllocator;
  if (cached.device.type != DeviceType::CPU && given.empty()) {
    auto found = allocatorFor(cached.device);
    if (!found.ok())
      return found.status();
    deviceAllocator = *std::move(found);
    allocator = deviceAllocator.get();
  }

  Memory memory;
  if (absl::Status status =
          memory.open(cached.plan, cached.device, inputs, given, *allocator);
      !status.ok())
    return status;
  if (!cached.plan.nests.empty())
    if (absl::Status status = runInMemory(group, cached, memory, mustInterpret);
        !status.ok())
      return status;
  return std::move(memory.outputs);
}

} // namespace fuser::runtime
