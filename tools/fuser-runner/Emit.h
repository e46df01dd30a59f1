//===- Emit.h - kernels as text ---------------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_EMIT_H
#define FUSER_TOOLS_FUSER_RUNNER_EMIT_H

#include "FuserCompiler/Compiler.h"

namespace fuser::runner {

/// The kernels that the calls of `function` have for `inputs`, at `stage`, one
/// after another, each below a line that names its group and ops.
absl::StatusOr<std::string> emitKernels(Compiler &compiler,
                                        const Program &program,
                                        const ProgramFunction &function,
                                        absl::Span<const runtime::Value> inputs,
                                        EmitStage stage);

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_EMIT_H
