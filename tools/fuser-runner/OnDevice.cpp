//===- OnDevice.cpp - runs on a CUDA device -------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnDevice.h"
#include "FuserRuntime/DeviceTensor.h"
#include "absl/strings/str_cat.h"

using fuser::runtime::CudaRuntime;
using fuser::runtime::Device;
using fuser::runtime::Tensor;
using fuser::runtime::Value;

namespace fuser::runner {

std::string cudaVersionString(int version) {
  return absl::StrCat(version / 1000, ".", version % 1000 / 10);
}

absl::StatusOr<OnDevice> OnDevice::open(runtime::Session &session) {
  auto cuda = session.cudaRuntime();
  if (!cuda.ok())
    return cuda.status();
  const Device device{runtime::DeviceType::CUDA, 0};
  auto properties = (*cuda)->properties(device);
  if (!properties.ok())
    return properties.status();
  OnDevice result;
  result.about = {(*properties)->name,      (*properties)->major,
                  (*properties)->minor,     (*properties)->multiprocessors,
                  (*cuda)->driverVersion(), (*cuda)->isEmulated()};
  result.cuda = *std::move(cuda);
  result.place = device;
  return result;
}

absl::StatusOr<std::vector<Value>>
OnDevice::upload(absl::Span<const Value> values) const {
  std::vector<Value> moved(values.begin(), values.end());
  if (isHost())
    return moved;
  for (Value &value : moved)
    if (const auto *tensor = std::get_if<Tensor>(&value)) {
      absl::StatusOr<Tensor> copy = copyToDevice(*tensor, place, *cuda);
      if (!copy.ok())
        return copy.status();
      value = *std::move(copy);
    }
  return moved;
}

absl::StatusOr<std::vector<Tensor>>
OnDevice::download(absl::Span<const Tensor> tensors,
                   runtime::Allocator &allocator) const {
  std::vector<Tensor> moved(tensors.begin(), tensors.end());
  for (Tensor &tensor : moved) {
    if (tensor.device().type == runtime::DeviceType::CPU)
      continue;
    absl::StatusOr<Tensor> copy = copyToHost(tensor, *cuda, allocator);
    if (!copy.ok())
      return copy.status();
    tensor = *std::move(copy);
  }
  return moved;
}

absl::Status OnDevice::synchronize() const {
  return isHost() ? absl::OkStatus()
                  : cuda->synchronize(place, /*stream=*/nullptr);
}

} // namespace fuser::runner
