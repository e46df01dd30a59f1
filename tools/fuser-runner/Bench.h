//===- Bench.h - calls beside copies ----------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_BENCH_H
#define FUSER_TOOLS_FUSER_RUNNER_BENCH_H

#include "OnDevice.h"
#include "Timing.h"
#include "Traffic.h"

namespace fuser::runner {

/// What --bench measures.
struct Benchmark {
  Timings calls;
  /// Of how many calls each of them is the mean, and, on a device, what they
  /// took on the host: the device goes on with what it was given.
  int64_t callsEach = 1;
  Timings hostCalls;
  bool preallocated = false; ///< the calls write into given outputs
  int64_t callBytes = 0;
  /// Copies between the calls, by the fastest of several ways. None if there
  /// was no memory for them.
  Timings copies;
  const char *copyWays = "three ways";
  int64_t copyBytes = 0;
  double seconds = 0;

  double callRate(double time) const {
    return gigabytesPerSecond(callBytes, time);
  }
  double copyRate(double time) const {
    return gigabytesPerSecond(copyBytes, time);
  }
};

/// Calls `function` again and again for about `seconds`, and copies memory in
/// between with the same threads: as much as a call moves, or 64 MiB (read and
/// written) if that is more.
absl::StatusOr<Benchmark>
runBenchmark(const Program &program, const ProgramFunction &function,
             absl::Span<const runtime::Value> inputs, const Traffic &traffic,
             runtime::Session &session, double seconds);

/// The same on a device, whose times are taken by events, and whose copies are
/// those of DeviceCopyBandwidth.
absl::StatusOr<Benchmark>
runDeviceBenchmark(const Program &program, const ProgramFunction &function,
                   absl::Span<const runtime::Value> inputs,
                   const Traffic &traffic, Compiler &compiler,
                   const OnDevice &where, double seconds);

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_BENCH_H
