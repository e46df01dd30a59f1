//===- DeviceTimer.h - how long a device is busy ----------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_DEVICETIMER_H
#define FUSER_TOOLS_FUSER_RUNNER_DEVICETIMER_H

#include "OnDevice.h"
#include "Timing.h"
#include "absl/functional/function_ref.h"
#include <utility>

namespace fuser::runner {

/// Gives a device things to do: its default stream.
using DeviceWork = absl::FunctionRef<absl::Status()>;

/// Times what the default stream of a device does between two events.
class DeviceTimer {
public:
  static absl::StatusOr<DeviceTimer> create(const OnDevice &where);
  ~DeviceTimer();
  DeviceTimer(DeviceTimer &&other);
  DeviceTimer &operator=(DeviceTimer &&) = delete;

  /// Seconds of one round.
  struct Round {
    double device; ///< from its first to its last work
    double host;   ///< until it had been given all of that
  };
  /// Has `work` done `times` times, after what was given before, and waits for
  /// the end; the means.
  absl::StatusOr<Round> time(DeviceWork work, int64_t times) const;

  /// How often `work`, which is done twice for it, fits into `seconds`; at
  /// least once, at most 1000 times.
  absl::StatusOr<int64_t> timesIn(double seconds, DeviceWork work) const;

private:
  explicit DeviceTimer(const OnDevice &where) : where(where) {}

  const OnDevice where;
  runtime::CudaEvent begin = nullptr, end = nullptr;
};

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_DEVICETIMER_H
