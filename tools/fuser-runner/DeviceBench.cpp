//===- DeviceBench.cpp - calls beside copies, on a device -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bench.h"
#include "DeviceCopyBandwidth.h"

using fuser::runtime::Tensor;
using fuser::runtime::Value;

namespace fuser::runner {

/// How long the calls are that are timed together.
static constexpr double roundSeconds = 0.005;
static constexpr int64_t minCopyBytes = int64_t(64) << 20;

absl::StatusOr<Benchmark>
runDeviceBenchmark(const Program &program, const ProgramFunction &function,
                   absl::Span<const Value> inputs, const Traffic &traffic,
                   Compiler &compiler, const OnDevice &where, double seconds) {
  runtime::Session &session = compiler.session();
  const absl::StatusOr<DeviceTimer> timer = DeviceTimer::create(where);
  if (!timer.ok())
    return timer.status();
  const absl::StatusOr<Program> copier =
      compiler.load(kCopyProgram, "copy.mlir");
  if (!copier.ok())
    return copier.status();
  Benchmark result;
  result.callBytes = traffic.total();
  result.preallocated = traffic.single.has_value();
  result.copyWays = "two ways";
  const auto call = [&] {
    const std::optional<PreparedCall> &single = traffic.single;
    return single
               ? session.runFusion(single->key, single->inputs, single->outputs)
               : program.run(function, inputs).status();
  };
  absl::StatusOr<DeviceCopyBandwidth> copies = DeviceCopyBandwidth::create(
      std::max(minCopyBytes, result.callBytes / 2), where,
      [&](const Tensor &from, const Tensor &to) {
        return copier->run(copier->functions()[0], {from}, {to});
      });
  if (copies.ok())
    result.copyBytes = copies->traffic();
  const absl::StatusOr<int64_t> each = timer->timesIn(roundSeconds, call);
  if (!each.ok())
    return each.status();
  result.callsEach = *each;

  const auto start = std::chrono::steady_clock::now();
  while (result.seconds < seconds) {
    const auto round = timer->time(call, *each);
    if (!round.ok())
      return round.status();
    result.calls.seconds.push_back(round->device);
    result.hostCalls.seconds.push_back(round->host);
    if (copies.ok())
      if (absl::Status status = copies->measure(*timer); !status.ok())
        return status;
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count();
  }
  if (copies.ok())
    result.copies = copies->fastest();
  return result;
}

} // namespace fuser::runner
