//===- DeviceCopyBandwidth.h - how fast a device copies ---------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_DEVICECOPYBANDWIDTH_H
#define FUSER_TOOLS_FUSER_RUNNER_DEVICECOPYBANDWIDTH_H

#include "DeviceTimer.h"
#include <array>
#include <functional>

namespace fuser::runner {

/// Copies of a block of a device's memory.
class DeviceCopyBandwidth {
public:
  /// What makes `to`, f32 as `from`, from it by a kernel that reads and writes
  /// each element once.
  using Kernel = std::function<absl::Status(const runtime::Tensor &from,
                                            const runtime::Tensor &to)>;

  /// Gets two blocks of at least `bytes` and fills them.
  static absl::StatusOr<DeviceCopyBandwidth>
  create(int64_t bytes, const OnDevice &where, Kernel kernel);

  /// cuMemcpyDtoDAsync, and the kernel.
  enum Way { Driver, ByKernel };
  static constexpr int numWays = 2;
  absl::Status copy(Way way) const;

  /// Times a few copies each way.
  absl::Status measure(const DeviceTimer &timer);

  /// What was measured so far.
  const Timings &timings(Way way) const { return ways[way]; }
  const Timings &fastest() const;

  /// Bytes that one copy reads and writes.
  int64_t traffic() const { return 2 * bytes; }

private:
  DeviceCopyBandwidth(const OnDevice &where, Kernel kernel, int64_t bytes)
      : where(where), kernel(std::move(kernel)), bytes(bytes) {}

  OnDevice where;
  Kernel kernel;
  int64_t bytes;
  runtime::Tensor from, to;
  std::array<Timings, numWays> ways;
};

/// A program of one function, with such a kernel.
extern const char kCopyProgram[];

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_DEVICECOPYBANDWIDTH_H
