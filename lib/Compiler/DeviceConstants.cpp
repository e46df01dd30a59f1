//===- DeviceConstants.cpp - constants of programs on devices -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DeviceConstants.h"
#include "FuserRuntime/DeviceTensor.h"

using namespace fuser;
using runtime::Tensor;

/// That of the tensors. Groups refuse tensors on several.
static runtime::Device deviceOf(absl::Span<const runtime::Value> arguments) {
  for (const runtime::Value &value : arguments)
    if (auto *tensor = std::get_if<Tensor>(&value))
      return tensor->device();
  return runtime::Device();
}

DeviceConstants::~DeviceConstants() {
  if (copies.empty())
    return;
  auto cuda = session.cudaRuntime();
  if (!cuda.ok())
    return;
  // Kernels on other streams than the copies' may still read them.
  for (auto &[index, tensors] : copies) {
    const runtime::Device device{runtime::DeviceType::CUDA, index};
    if (absl::IsFailedPrecondition((*cuda)->synchronize(device)))
      // A capture forbids it, or this is a forked process: rather lose the
      // memory than have it overwritten.
      static_cast<void>(new std::vector<Tensor>(std::move(tensors)));
  }
}

absl::StatusOr<absl::Span<const Tensor>>
DeviceConstants::beside(absl::Span<const runtime::Value> arguments) {
  const runtime::Device device = deviceOf(arguments);
  if (device.type != runtime::DeviceType::CUDA || constants.empty())
    return constants;
  {
    std::lock_guard<std::mutex> guard(lock);
    auto found = copies.find(device.index);
    if (found != copies.end())
      return found->second;
  }
  // Without the lock: copies are waited for. If several threads make them, the
  // first ones stay.
  auto cuda = session.cudaRuntime();
  if (!cuda.ok())
    return cuda.status();
  // Used on any stream: not of one that may be destroyed.
  const runtime::StreamScope scope(device, /*stream=*/nullptr);
  std::vector<Tensor> made;
  for (const Tensor &constant : constants) {
    absl::StatusOr<Tensor> copy = copyToDevice(constant, device, **cuda);
    if (!copy.ok())
      return copy.status();
    made.push_back(*std::move(copy));
  }
  std::lock_guard<std::mutex> guard(lock);
  return copies.try_emplace(device.index, std::move(made)).first->second;
}

absl::Status DeviceConstants::move(runtime::Stack &stack,
                                   absl::Span<const runtime::Value> arguments) {
  const runtime::Device device = deviceOf(arguments);
  if (device.type != runtime::DeviceType::CUDA)
    return absl::OkStatus();
  auto cuda = session.cudaRuntime();
  if (!cuda.ok())
    return cuda.status();
  return moveToDevice(absl::MakeSpan(stack), device, **cuda);
}
