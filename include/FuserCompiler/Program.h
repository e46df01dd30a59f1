//===- Program.h - a loaded program -----------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERCOMPILER_PROGRAM_H
#define FUSERCOMPILER_PROGRAM_H

#include "FuserRuntime/Session.h"
#include "FuserTransforms/Explanation.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fuser {

class DeviceConstants;

/// An argument or result of a function. Dynamic extents are -1; a runtime
/// scalar (f64, i64 or i1) has isScalar set.
struct ValueSignature {
  std::string name; ///< as written in the program, without %; may be empty
  DType dtype;
  runtime::Dims sizes;
  bool isScalar = false;

  /// "tensor<?x64xui8>" or "f64".
  std::string str() const;
  /// True if `value` is a scalar of the type, or a tensor of the type and rank
  /// whose sizes are the static extents.
  bool admits(const runtime::Value &value) const;
  bool admits(const runtime::Tensor &tensor) const;
};

/// A function as a list of calls of groups over numbered values: the arguments,
/// then the constants, then what the calls give.
struct ProgramFunction {
  struct Call {
    int64_t key;
    /// Runs the group, and keeps it registered.
    std::shared_ptr<runtime::CallSite> site;
    std::vector<int32_t> inputs;
    int32_t firstOutput;
    int32_t numOutputs;
    /// For each output the first result that it is, or -1.
    std::vector<int32_t> results;
    /// Values that no later call and no result needs.
    std::vector<int32_t> lastUses;
    /// The mnemonics of the group's ops, in order, without constants.
    std::vector<std::string> ops;
  };
  std::string name;
  std::vector<ValueSignature> arguments, results;
  /// On the host. Null if there are none: what copies them to devices.
  std::vector<runtime::Tensor> constants;
  std::shared_ptr<DeviceConstants> deviceConstants;
  std::vector<Call> calls;
  std::vector<int32_t> returned;
  /// The results that are an argument, a constant or an earlier result.
  std::vector<int32_t> copied;
  /// There is one call; it reads all arguments and gives each result once.
  bool isOneCall = false;
};

/// The functions of a loaded program. Immutable; run from several threads at
/// once. Its groups stay registered as long as it, or a copy of its functions,
/// lives. Must not outlive its compiler's session.
class Program {
public:
  /// All functions, in the order of the text.
  const std::vector<ProgramFunction> &functions() const { return allFunctions; }

  /// The function called `name`; if `name` is empty, the only one. NotFound
  /// lists the names there are.
  absl::StatusOr<const ProgramFunction *> find(std::string_view name) const;

  /// Runs `function` and returns its results. Wrong arguments (number, dtype,
  /// rank, static extents) fail with InvalidArgument that names the argument,
  /// what was expected and what was found.
  absl::StatusOr<std::vector<runtime::Tensor>>
  run(const ProgramFunction &function,
      absl::Span<const runtime::Value> arguments) const;

  /// As run, into given outputs, of any strides that give each element a place
  /// of its own. An output may replace an argument element by element, that is
  /// have its address, sizes and strides, where the group that computes it
  /// reads it and no later one does; any other overlap is InvalidArgument.
  /// Groups store where the outputs are; what no group computes is copied.
  /// After InvalidArgument because of what was given outputs hold what they
  /// held, after other errors, such as a division by zero, anything.
  absl::Status run(const ProgramFunction &function,
                   absl::Span<const runtime::Value> arguments,
                   absl::Span<const runtime::Tensor> outputs) const;

  /// As run, on the interpreter.
  absl::StatusOr<std::vector<runtime::Tensor>>
  runFallback(const ProgramFunction &function,
              absl::Span<const runtime::Value> arguments) const;

  /// Calls `visit` for each group call with the values it is given.
  absl::Status forEachCall(
      const ProgramFunction &function,
      absl::Span<const runtime::Value> arguments,
      const std::function<absl::Status(const ProgramFunction::Call &,
                                       absl::Span<const runtime::Value>)>
          &visit) const;

  /// The module after group formation and partitioning, as text.
  const std::string &groupsText() const { return text; }

  /// What was fused and what was not, and why, function by function; empty
  /// unless it was loaded with LoadOptions::explain. The ops are those that
  /// simplification left.
  const std::vector<FunctionExplanation> &explanation() const {
    return explanations;
  }

private:
  friend class ProgramLoader;
  std::vector<ProgramFunction> allFunctions;
  std::string text;
  std::vector<FunctionExplanation> explanations;
};

} // namespace fuser

#endif // FUSERCOMPILER_PROGRAM_H
