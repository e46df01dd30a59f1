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

absl::StatusOr<absl::Span<const Tensor>>
DeviceConstants::beside(absl::Span<const runtime::Value> arguments) {
  runtime::Device device;
  for (const runtime::Value &value : arguments)
    if (auto *tensor = std::get_if<Tensor>(&value)) {
      device = tensor->device();
      break; // Groups refuse tensors on several.
    }
  if (device.type != runtime::DeviceType::CUDA || constants.empty())
    return constants;
  std::lock_guard<std::mutex> guard(lock);
  auto found = copies.find(device.index);
  if (found != copies.end())
    return found->second;
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
  return copies[device.index] = std::move(made);
}
