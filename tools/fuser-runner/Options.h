//===- Options.h - the command line of fuser-runner -------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_OPTIONS_H
#define FUSER_TOOLS_FUSER_RUNNER_OPTIONS_H

#include "FuserCompiler/Compiler.h"
#include "absl/status/statusor.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fuser::runner {

enum class StatsMode { None, Table, Json };
enum class ExplanationMode { None, Text, Json };

struct Options {
  std::string file;
  std::string function;
  std::string outputDir;
  /// Empty: this machine's.
  std::string cpu;
  /// As given: "NAME=SPEC" or "SPEC".
  std::vector<std::string> inputs;
  bool verify = false;
  bool fast = false;
  bool fallback = false;
  bool print = false;
  bool onCuda = false; ///< on the first CUDA device, else on the host
  /// Set with --bench: for how many seconds.
  std::optional<double> benchSeconds;
  StatsMode stats = StatsMode::None;
  ExplanationMode explain = ExplanationMode::None;
  /// As of LoadOptions; nothing: its own.
  std::optional<int64_t> maxOps, maxOperands;
  bool emitGroups = false;
  std::optional<EmitStage> emit;
  /// As of TargetOptions; empty: its own.
  std::string gpuArch, ptx;
  /// 0: as many as the process may use.
  int threads = 0;
  runtime::TierPolicy tiers = runtime::TierPolicy::FinalOnly;
  uint64_t seed = 0;
};

/// Reads the command line. Prints and exits for --help and --version. Misuse is
/// InvalidArgument; the message is empty if it has been printed already.
absl::StatusOr<Options> parseOptions(int argc, const char *const *argv);

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_OPTIONS_H
