//===- Traffic.h - the memory that calls move -------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_TRAFFIC_H
#define FUSER_TOOLS_FUSER_RUNNER_TRAFFIC_H

#include "FuserCompiler/Compiler.h"
#include <optional>
#include <vector>

namespace fuser::runner {

/// The call of a function that consists of one, with memory for its results.
struct PreparedCall {
  int64_t key;
  std::vector<runtime::Value> inputs;
  std::vector<runtime::Tensor> outputs;
};

struct Traffic {
  /// For each call of the function: bytes that it reads and writes at the
  /// least.
  std::vector<int64_t> callBytes;
  /// Set if the function is a single call.
  std::optional<PreparedCall> single;

  int64_t total() const;
};

/// Runs `function` once and looks at each of its calls.
absl::StatusOr<Traffic> measureTraffic(const Program &program,
                                       const ProgramFunction &function,
                                       absl::Span<const runtime::Value> inputs,
                                       runtime::Session &session);

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_TRAFFIC_H
