//===- KernelOptimizer.cpp - the passes of LLVM that kernels need ---------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelOptimizer.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Transforms/IPO/AlwaysInliner.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/LICM.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"
#include "llvm/Transforms/Scalar/SROA.h"

using namespace fuser;

KernelOptimizer::KernelOptimizer(llvm::TargetMachine *machine)
    : builder(machine) {
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  inlining.addPass(llvm::AlwaysInlinerPass(/*InsertLifetime=*/false));
  llvm::FunctionPassManager promotion;
  promotion.addPass(llvm::EarlyCSEPass()); // Descriptors hide pointers.
  promotion.addPass(llvm::SROAPass(llvm::SROAOptions::PreserveCFG));
  inlining.addPass(
      llvm::createModuleToFunctionPassAdaptor(std::move(promotion)));
  // The code is vectors already: O1 and above make it slower, and cost more
  // than all the rest of the compilation.
  passes.addPass(llvm::EarlyCSEPass());
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(
      llvm::LICMPass(llvm::LICMOptions()), /*UseMemorySSA=*/true));
}

void KernelOptimizer::run(llvm::Module &module, bool inlines) {
  if (inlines)
    inlining.run(module, modules);
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      passes.run(function, functions);
  loops.clear();
  functions.clear();
  components.clear();
  modules.clear();
}

absl::StatusOr<llvm::SmallVector<char, 0>>
fuser::generateFile(llvm::TargetMachine &machine, llvm::Module &module,
                    llvm::CodeGenFileType type) {
  llvm::SmallVector<char, 0> buffer;
  llvm::raw_svector_ostream stream(buffer);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type,
                                  /*DisableVerify=*/true))
    return absl::InternalError("the code generator can't write this file type");
  passes.run(module);
  return buffer;
}
