//===- Inputs.h - values for the arguments of a function --------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_INPUTS_H
#define FUSER_TOOLS_FUSER_RUNNER_INPUTS_H

#include "FuserCompiler/Program.h"
#include "absl/status/statusor.h"
#include <string>
#include <vector>

namespace fuser::runner {

/// Makes a value for each argument of `function` from `specs`, each "NAME=SPEC"
/// or, in the order of the arguments not named, "SPEC". NAME is the argument's
/// name or arg0, arg1, ... Every argument needs one. Errors name the argument.
absl::StatusOr<std::vector<runtime::Value>>
makeInputs(const ProgramFunction &function, absl::Span<const std::string> specs,
           uint64_t seed, runtime::Allocator &allocator);

/// The name of argument `index`, or argN if it has none.
std::string argumentName(const ProgramFunction &function, size_t index);

/// The names of the results, all different: each one's own if that can be the
/// name of a file and no result before it has it, else result0, result1, ...
/// (result1_2 where a result before or after is called result1).
std::vector<std::string> makeResultNames(const ProgramFunction &function);

/// The type of `value` as the program writes it: "tensor<4x8xf32>" or "f64".
std::string typeString(const runtime::Value &value);

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_INPUTS_H
