//===- KernelOptimizer.h - the passes of LLVM that kernels need -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_COMPILER_KERNELOPTIMIZER_H
#define FUSER_LIB_COMPILER_KERNELOPTIMIZER_H

#include "absl/status/statusor.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Target/TargetMachine.h"

namespace fuser {

/// The few passes that explicit vector code gains from, with the analyses that
/// they need, set up once. Not thread-safe.
class KernelOptimizer {
public:
  explicit KernelOptimizer(llvm::TargetMachine *machine);

  /// `inlines`: first, functions that must be inlined are, and what they load
  /// from local memory becomes values.
  void run(llvm::Module &module, bool inlines = false);

private:
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder;
  llvm::ModulePassManager inlining;
  llvm::FunctionPassManager passes;
};

/// An object file, or assembly text.
absl::StatusOr<llvm::SmallVector<char, 0>>
generateFile(llvm::TargetMachine &machine, llvm::Module &module,
             llvm::CodeGenFileType type);

} // namespace fuser

#endif // FUSER_LIB_COMPILER_KERNELOPTIMIZER_H
