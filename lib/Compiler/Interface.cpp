//===- Interface.cpp - the process-wide interface -------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Interface.h"
#include "FuserDialect/FuserDialect.h"
#include "absl/strings/str_cat.h"

using namespace fuser;

Compiler &fuser::defaultCompiler() {
  // Threads may outlive main.
  static auto *compiler = new Compiler(runtime::defaultSession());
  return *compiler;
}

absl::StatusOr<int64_t> fuser::registerFusion(GroupOp group, bool fast) {
  return defaultCompiler().registerFusion(group, fast);
}

/// Loads a program of one function and one group.
static absl::StatusOr<Program> loadGraph(std::string_view graph) {
  absl::StatusOr<Program> program = defaultCompiler().load(graph, "graph");
  if (!program.ok())
    return program;
  absl::StatusOr<const ProgramFunction *> function = program->find("");
  if (!function.ok())
    return function.status();
  const size_t numGroups = (*function)->calls.size();
  if (numGroups != 1)
    return absl::InvalidArgumentError(absl::StrCat(
        "the graph forms ", numGroups, " groups: expected exactly one"));
  return program;
}

absl::StatusOr<std::vector<runtime::Tensor>>
fuser::debugLaunchGraph(std::string_view graph,
                        absl::Span<const runtime::Value> inputs) {
  absl::StatusOr<Program> program = loadGraph(graph);
  if (!program.ok())
    return program.status();
  return program->run(program->functions()[0], inputs);
}

absl::StatusOr<std::string>
fuser::debugGetFusedKernelCode(std::string_view graph,
                               absl::Span<const runtime::Value> inputs,
                               EmitStage stage) {
  absl::StatusOr<Program> program = loadGraph(graph);
  if (!program.ok())
    return program.status();
  std::string code;
  absl::Status status = program->forEachCall(
      program->functions()[0], inputs,
      [&](const ProgramFunction::Call &call,
          absl::Span<const runtime::Value> values) {
        auto text = defaultCompiler().emit(call.key, values, stage);
        if (text.ok())
          code = *std::move(text);
        return text.status();
      });
  if (!status.ok())
    return status;
  return code;
}
