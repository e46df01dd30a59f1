//===- ProgramLoader.h - program text to a list of calls --------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_COMPILER_PROGRAMLOADER_H
#define FUSER_LIB_COMPILER_PROGRAMLOADER_H

#include "FuserCompiler/Compiler.h"
#include "FuserDialect/FuserDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

namespace mlir {
class AsmParserState;
} // namespace mlir

namespace fuser {

/// Parses a program, forms its groups, registers them and lists the calls of
/// each function. Used by one thread at a time.
class ProgramLoader {
public:
  using RegisterFusion = std::function<absl::StatusOr<int64_t>(GroupOp)>;

  ProgramLoader(mlir::MLIRContext &context, runtime::Session &session,
                RegisterFusion registerFusion)
      : context(context), session(session),
        registerFusion(std::move(registerFusion)) {}

  /// As Compiler::load.
  absl::StatusOr<Program> load(std::string_view text, std::string_view name,
                               const LoadOptions &options);

private:
  /// The names that the program's text gives to the arguments of its functions.
  using ArgumentNames = llvm::StringMap<std::vector<std::string>>;

  static ArgumentNames argumentNames(mlir::ModuleOp module,
                                     const mlir::AsmParserState &state);
  absl::StatusOr<mlir::OwningOpRef<mlir::ModuleOp>>
  parse(std::string_view text, std::string_view name, ArgumentNames &names);
  absl::Status formGroupsIn(mlir::ModuleOp module, const LoadOptions &options,
                            std::vector<FunctionExplanation> &explanations);
  absl::StatusOr<ProgramFunction>
  loadFunction(mlir::func::FuncOp func, const std::vector<std::string> &names);
  absl::Status loadBody(mlir::func::FuncOp func, ProgramFunction &function);

  mlir::MLIRContext &context;
  runtime::Session &session;
  RegisterFusion registerFusion;
};

} // namespace fuser

#endif // FUSER_LIB_COMPILER_PROGRAMLOADER_H
