//===- GivenOutputs.h - calls into memory of the caller ---------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_COMPILER_GIVENOUTPUTS_H
#define FUSER_LIB_COMPILER_GIVENOUTPUTS_H

#include "FuserCompiler/Program.h"

namespace fuser {

/// Refuses arguments that are not of the signature, in Program.cpp.
absl::Status checkArguments(const ProgramFunction &function,
                            absl::Span<const runtime::Value> arguments);

/// The constants of `function` on the device of the arguments, in Program.cpp.
absl::StatusOr<absl::Span<const runtime::Tensor>>
constantsBeside(const ProgramFunction &function,
                absl::Span<const runtime::Value> arguments);

/// As Program::run into given outputs.
absl::Status runInto(const ProgramFunction &function,
                     absl::Span<const runtime::Value> arguments,
                     absl::Span<const runtime::Tensor> outputs);

} // namespace fuser

#endif // FUSER_LIB_COMPILER_GIVENOUTPUTS_H
