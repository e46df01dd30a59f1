//===- Interface.h - the process-wide interface --------------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What FuserRuntime/Interface.h offers on one session of the process, for
// programs. Thread-safe.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERCOMPILER_INTERFACE_H
#define FUSERCOMPILER_INTERFACE_H

#include "FuserCompiler/Compiler.h"
#include "FuserRuntime/Interface.h"

namespace fuser {

/// A compiler for runtime::defaultSession(), made at the first use and never
/// destroyed.
Compiler &defaultCompiler();

/// As Compiler::registerFusion.
absl::StatusOr<int64_t> registerFusion(GroupOp group, bool fast = false);

/// Runs a program of one function, whose ops must form one fusion group, once:
/// parses it, registers the group, runs it as runFusion does and lets it go.
/// Fails as Compiler::load and Program::run do, and with InvalidArgument if it
/// is not one group.
absl::StatusOr<std::vector<runtime::Tensor>>
debugLaunchGraph(std::string_view graph,
                 absl::Span<const runtime::Value> inputs);

/// The code of the kernel that such a program has for these inputs: assembly of
/// the machine that runs it, or an earlier stage.
absl::StatusOr<std::string>
debugGetFusedKernelCode(std::string_view graph,
                        absl::Span<const runtime::Value> inputs,
                        EmitStage stage = EmitStage::Assembly);

} // namespace fuser

#endif // FUSERCOMPILER_INTERFACE_H
