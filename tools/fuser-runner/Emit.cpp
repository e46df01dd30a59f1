//===- Emit.cpp - kernels as text -----------------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

using fuser::runtime::Value;

namespace fuser::runner {

/// What begins a comment in the text of `stage`.
static const char *commentMark(EmitStage stage) {
  switch (stage) {
  case EmitStage::Linalg:
    return "//";
  case EmitStage::LLVM:
    return ";";
  case EmitStage::Assembly:
    return "#";
  }
  return "";
}

absl::StatusOr<std::string> emitKernels(Compiler &compiler,
                                        const Program &program,
                                        const ProgramFunction &function,
                                        absl::Span<const Value> inputs,
                                        EmitStage stage) {
  std::string text;
  int64_t index = 0;
  const absl::Status status = program.forEachCall(
      function, inputs,
      [&](const ProgramFunction::Call &call,
          absl::Span<const Value> values) -> absl::Status {
        const absl::StatusOr<std::string> kernel =
            compiler.emit(call.key, values, stage);
        if (!kernel.ok())
          return absl::Status(
              kernel.status().code(),
              absl::StrCat("group ", index, ": ", kernel.status().message()));
        absl::StrAppend(&text, commentMark(stage), " group ", index++, ": ",
                        absl::StrJoin(call.ops, " "), "\n", *kernel,
                        absl::EndsWith(*kernel, "\n") ? "" : "\n");
        return absl::OkStatus();
      });
  if (!status.ok())
    return status;
  return text;
}

} // namespace fuser::runner
