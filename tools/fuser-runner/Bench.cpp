//===- Bench.cpp - calls beside copies ------------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bench.h"
#include "CopyBandwidth.h"
#include <array>
#include <functional>

using fuser::runtime::Value;

namespace fuser::runner {

/// How long calls and copies take turns for.
static constexpr double turnSeconds = 0.02;
static constexpr int64_t minCopyBytes = int64_t(64) << 20;

namespace {
using TimedCall = std::function<absl::Status()>;

/// All ways to copy; the fastest one counts.
struct Copies {
  std::optional<CopyBandwidth> memory;
  std::array<Timings, CopyBandwidth::numWays> ways;

  void copyOnce() {
    for (int way = 0; memory && way < CopyBandwidth::numWays; ++way)
      ways[way].seconds.push_back(
          timeOf([&] { memory->copy(static_cast<CopyBandwidth::Way>(way)); }));
  }
  const Timings &fastest() const {
    return *std::min_element(
        ways.begin(), ways.end(),
        [](const Timings &a, const Timings &b) { return a.min() < b.min(); });
  }
};
} // namespace

/// Calls until a turn is over, at least once.
static absl::Status takeTurn(const TimedCall &call, Timings &timings) {
  double spent = 0;
  while (spent < turnSeconds) {
    absl::Status status;
    const double time = timeOf([&] { status = call(); });
    if (!status.ok())
      return status;
    timings.seconds.push_back(time);
    spent += time;
  }
  return absl::OkStatus();
}

absl::StatusOr<Benchmark>
runBenchmark(const Program &program, const ProgramFunction &function,
             absl::Span<const Value> inputs, const Traffic &traffic,
             runtime::Session &session, double seconds) {
  Benchmark result;
  result.callBytes = traffic.total();
  result.preallocated = traffic.single.has_value();
  TimedCall call = [&] { return program.run(function, inputs).status(); };
  if (const std::optional<PreparedCall> &single = traffic.single)
    call = [&session, &single] {
      return session.runFusion(single->key, single->inputs, single->outputs);
    };

  Copies copies;
  absl::StatusOr<CopyBandwidth> memory = CopyBandwidth::create(
      std::max(minCopyBytes, result.callBytes / 2), session);
  if (memory.ok()) {
    copies.memory = std::move(*memory);
    result.copyBytes = copies.memory->traffic();
  }
  // What is touched for the first time counts for nothing.
  if (absl::Status status = call(); !status.ok())
    return status;

  const auto start = std::chrono::steady_clock::now();
  while (result.seconds < seconds) {
    if (absl::Status status = takeTurn(call, result.calls); !status.ok())
      return status;
    copies.copyOnce();
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count();
  }
  result.copies = copies.fastest();
  return result;
}

} // namespace fuser::runner
