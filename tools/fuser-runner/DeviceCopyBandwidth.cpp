//===- DeviceCopyBandwidth.cpp - how fast a device copies -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DeviceCopyBandwidth.h"

using fuser::runtime::CudaAddress;
using fuser::runtime::CudaRuntime;
using fuser::runtime::Tensor;

namespace fuser::runner {

// The sign is changed: y = x would be no computation, and give no kernel.
const char kCopyProgram[] = R"mlir(
func.func @copy(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = fuser.neg %x : tensor<?xf32>
  return %y : tensor<?xf32>
}
)mlir";

/// Copies that are timed together.
static constexpr int64_t copiesEach = 4;

absl::StatusOr<DeviceCopyBandwidth>
DeviceCopyBandwidth::create(int64_t bytes, const OnDevice &where,
                            Kernel kernel) {
  CudaRuntime &cuda = where.runtime();
  const int64_t elements =
      (bytes + int64_t(sizeof(float)) - 1) / int64_t(sizeof(float));
  DeviceCopyBandwidth result(where, std::move(kernel),
                             elements * int64_t(sizeof(float)));
  auto allocator = cuda.allocator(where.device(), /*stream=*/nullptr);
  if (!allocator.ok())
    return allocator.status();
  for (Tensor *tensor : {&result.from, &result.to}) {
    auto allocated = Tensor::allocateStrided(
        DType::f32, {elements}, {1}, result.bytes, **allocator, where.device());
    if (!allocated.ok())
      return allocated.status();
    *tensor = *std::move(allocated);
    const CudaRuntime::Binding binding(cuda, where.device());
    absl::Status status = binding.status();
    if (status.ok())
      status = cuda.check(cuda.driver().cuMemsetD8Async(
                              reinterpret_cast<CudaAddress>(tensor->data()), 1,
                              static_cast<size_t>(result.bytes), nullptr),
                          "cuMemsetD8Async");
    if (!status.ok())
      return status;
  }
  return result;
}

absl::Status DeviceCopyBandwidth::copy(Way way) const {
  if (way == ByKernel)
    return kernel(from, to);
  return where.runtime().copyOnDevice(where.device(), /*stream=*/nullptr,
                                      to.data(), from.data(),
                                      static_cast<size_t>(bytes));
}

absl::Status DeviceCopyBandwidth::measure(const DeviceTimer &timer) {
  for (Way way : {Driver, ByKernel}) {
    const auto work = [&] { return copy(way); };
    // What is done for the first time counts for nothing.
    if (ways[way].seconds.empty())
      if (auto first = timer.time(work, 1); !first.ok())
        return first.status();
    const auto round = timer.time(work, copiesEach);
    if (!round.ok())
      return round.status();
    ways[way].seconds.push_back(round->device);
  }
  return absl::OkStatus();
}

const Timings &DeviceCopyBandwidth::fastest() const {
  return *std::min_element(
      ways.begin(), ways.end(),
      [](const Timings &a, const Timings &b) { return a.min() < b.min(); });
}

} // namespace fuser::runner
