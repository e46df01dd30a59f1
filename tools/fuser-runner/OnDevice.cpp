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
  absl::Status status =
      runtime::moveToDevice(absl::MakeSpan(moved), place, *cuda);
  if (!status.ok())
    return status;
  return moved;
}

absl::StatusOr<std::vector<Tensor>>
OnDevice::download(absl::Span<const Tensor> tensors,
                   runtime::Allocator &allocator) const {
  std::vector<Tensor> moved(tensors.begin(), tensors.end());
  if (isHost())
    return moved;
  absl::Status status =
      runtime::moveToHost(absl::MakeSpan(moved), *cuda, allocator);
  if (!status.ok())
    return status;
  return moved;
}

absl::Status OnDevice::synchronize() const {
  return isHost() ? absl::OkStatus()
                  : cuda->synchronize(place, /*stream=*/nullptr);
}

} // namespace fuser::runner
