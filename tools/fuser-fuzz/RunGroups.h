//===- RunGroups.h - ways to call the groups of a program ----- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_FUZZ_RUNGROUPS_H
#define FUSER_TOOLS_FUSER_FUZZ_RUNGROUPS_H

#include "Case.h"
#include "FuserCompiler/Program.h"
#include "GuardedMemory.h"
#include "Random.h"

namespace fuser::fuzz {

/// Where the groups of a run have their outputs.
enum class OutputMode {
  Allocated,
  Given,   ///< each in memory of its own
  InPlace, ///< some in the memory of inputs that nothing needs any more
};

/// What runs have met.
struct RunCounts {
  /// Outputs that took the places of an input, element by element.
  uint64_t inPlace = 0;
  /// Calls refused because an output shared memory with an input or with
  /// itself.
  uint64_t overlapsRefused = 0;
};

/// The value that a call passes for an argument, whose node is `node`.
runtime::Value valueOf(const Argument &argument, const Node &node);

/// Runs the groups of a function one after another, by Session::runFusion or at
/// their call sites as `random` has it, and looks at all memory after each.
class GroupRunner {
public:
  GroupRunner(runtime::Session &session, const ProgramFunction &function,
              OutputMode mode, Random &random, RunCounts &counts)
      : session(session), function(function), mode(mode), random(random),
        counts(counts) {}

  /// The results for `arguments`, whose nodes begin `program`; outputs may
  /// replace them. A call that is refused for an overlap is made again with all
  /// outputs apart.
  absl::StatusOr<std::vector<runtime::Tensor>>
  run(const Case &program, const std::vector<Argument> &arguments);

  /// What was written to that is no output, or by a refused call; empty if
  /// nothing was.
  const std::string &overwritten() const { return fault; }

private:
  using GroupCall = ProgramFunction::Call;
  using Inputs = std::vector<runtime::Value>;

  void addValue(runtime::Value value, Memory memory);
  absl::Status runAllocated(const GroupCall &call, Inputs inputs);
  absl::Status runGiven(const GroupCall &call, const Inputs &inputs);
  absl::Status runInto(const GroupCall &call, const Inputs &inputs,
                       const std::vector<GuardedTensor> &outputs);
  std::vector<int32_t> unneededInputs(const GroupCall &call) const;
  std::optional<GuardedTensor>
  placeInInput(const runtime::PlannedOutput &output,
               std::vector<int32_t> &candidates);

  runtime::Session &session;
  const ProgramFunction &function;
  const OutputMode mode;
  Random &random;
  RunCounts &counts;
  std::string fault;
  /// By the program's numbers; constants, scalars and allocated outputs have no
  /// memory that is known.
  std::vector<runtime::Value> values;
  std::vector<Memory> memories;
};

} // namespace fuser::fuzz

#endif // FUSER_TOOLS_FUSER_FUZZ_RUNGROUPS_H
