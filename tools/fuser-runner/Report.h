//===- Report.h - what a run has done ---------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_REPORT_H
#define FUSER_TOOLS_FUSER_RUNNER_REPORT_H

#include "Bench.h"
#include "FuserCompiler/Program.h"
#include "OnDevice.h"
#include "Verify.h"
#include <optional>
#include <string>
#include <vector>

namespace fuser::runner {

/// A call of a group.
struct GroupReport {
  int64_t key;
  std::vector<std::string> ops;
  int64_t bytes; ///< that it reads and writes at the least
};

/// Everything that is told of a run.
struct Report {
  std::string file, function;
  std::vector<std::string> argumentTypes, resultTypes;
  int threads = 0;
  std::optional<DeviceDescription> device; ///< nothing: the host
  std::vector<GroupReport> groups;
  double firstCall = 0; ///< seconds, compiling included
  Timings warmCalls;
  /// After the calls above.
  runtime::StatisticsSnapshot statistics;
  std::optional<Benchmark> benchmark;
  std::optional<Verification> verification;

  int64_t bytes() const;
  /// How many kernels have been compiled for group `key`, and in how many
  /// milliseconds.
  struct Kernels {
    int64_t count = 0;
    double milliseconds = 0;
    std::string error; ///< of the last compilation that failed
  };
  Kernels kernelsOf(int64_t key) const;
};

/// The report as text: groups, times, cache and fallbacks; the stages of every
/// compilation if `stages`; the benchmark if there is one. Not the
/// verification.
std::string reportText(const Report &report, bool stages);

/// What was fused and what was not, what was new in the key of each kernel, and
/// why calls were interpreted, of `function` of `program` in a session that
/// did `statistics`; for people.
std::string explanationText(const Program &program, std::string_view function,
                            const runtime::StatisticsSnapshot &statistics);

/// The same for programs, as a JSON object: "functions", "compiles",
/// "fallbacks" and "copies".
std::string explanationJson(const Program &program, std::string_view function,
                            const runtime::StatisticsSnapshot &statistics);

/// All of it as a JSON object.
std::string reportJson(const Report &report);

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_REPORT_H
