//===- DeviceTimer.cpp - how long a device is busy ------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DeviceTimer.h"

using fuser::runtime::CudaRuntime;

namespace fuser::runner {

absl::StatusOr<DeviceTimer> DeviceTimer::create(const OnDevice &where) {
  CudaRuntime &cuda = where.runtime();
  if (!cuda.driver().cuEventElapsedTime)
    return absl::FailedPreconditionError(
        "the driver has no cuEventElapsedTime");
  const CudaRuntime::Binding binding(cuda, where.device());
  absl::Status status = binding.status();
  DeviceTimer timer(where);
  for (runtime::CudaEvent *event : {&timer.begin, &timer.end})
    if (status.ok())
      status = cuda.check(cuda.driver().cuEventCreate(event, /*flags=*/0),
                          "cuEventCreate");
  if (!status.ok())
    return status;
  return timer;
}

DeviceTimer::DeviceTimer(DeviceTimer &&other)
    : where(other.where), begin(std::exchange(other.begin, nullptr)),
      end(std::exchange(other.end, nullptr)) {}

DeviceTimer::~DeviceTimer() {
  if (!begin && !end)
    return;
  const CudaRuntime::Binding binding(where.runtime(), where.device());
  for (runtime::CudaEvent event : {begin, end})
    if (event && binding.status().ok())
      where.runtime().driver().cuEventDestroy(event);
}

absl::StatusOr<DeviceTimer::Round> DeviceTimer::time(DeviceWork work,
                                                     int64_t times) const {
  CudaRuntime &cuda = where.runtime();
  const CudaRuntime::Binding binding(cuda, where.device());
  if (!binding.status().ok())
    return binding.status();
  absl::Status status = where.synchronize();
  const auto record = [&](runtime::CudaEvent event) {
    status.Update(
        cuda.check(cuda.driver().cuEventRecord(event, /*stream=*/nullptr),
                   "cuEventRecord"));
  };
  record(begin);
  const double host = timeOf([&] {
    for (int64_t i = 0; i < times && status.ok(); ++i)
      status = work();
  });
  record(end);
  status.Update(where.synchronize());
  float milliseconds = 0;
  if (status.ok())
    status =
        cuda.check(cuda.driver().cuEventElapsedTime(&milliseconds, begin, end),
                   "cuEventElapsedTime");
  if (!status.ok())
    return status;
  return Round{milliseconds * 1e-3 / times, host / times};
}

absl::StatusOr<int64_t> DeviceTimer::timesIn(double seconds,
                                             DeviceWork work) const {
  // What is done for the first time counts for nothing.
  if (absl::StatusOr<Round> first = time(work, 1); !first.ok())
    return first.status();
  const absl::StatusOr<Round> once = time(work, 1);
  if (!once.ok())
    return once.status();
  const double fits = seconds / std::max(once->device, 1e-6);
  return std::clamp<int64_t>(static_cast<int64_t>(fits), 1, 1000);
}

} // namespace fuser::runner
