//===- PtxGenerator.h - LLVM IR to PTX --------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_COMPILER_PTXGENERATOR_H
#define FUSER_LIB_COMPILER_PTXGENERATOR_H

#include "FuserTransforms/GpuTarget.h"
#include "KernelOptimizer.h"
#include "llvm/IR/OptBisect.h"
#include <memory>
#include <string>

namespace fuser {

/// Generates PTX for one target. Not thread-safe.
class PtxGenerator {
public:
  static absl::StatusOr<std::unique_ptr<PtxGenerator>>
  create(const GpuTarget &target);

  const GpuTarget &target() const { return gpu; }

  /// Gives `module` the target's triple and layout.
  void setTarget(llvm::Module &module) const;

  /// See KernelOptimizer.
  void optimize(llvm::Module &module, bool inlines) {
    optimizer.run(module, inlines);
  }

  /// The text of `module`.
  absl::StatusOr<std::string> generate(llvm::Module &module);

private:
  /// Keeps addresses from being stepped from one iteration of a loop to the
  /// next: each operand's would be in a register of 64 bits, in which other
  /// threads would run.
  class NoStrengthReduction : public llvm::OptPassGate {
    bool isEnabled() const override { return true; }
    bool shouldRunPass(llvm::StringRef pass, llvm::StringRef) const override {
      return pass != "Loop Strength Reduction";
    }
  };

  PtxGenerator(const GpuTarget &target,
               std::unique_ptr<llvm::TargetMachine> machine);

  const GpuTarget gpu;
  const std::unique_ptr<llvm::TargetMachine> machine;
  KernelOptimizer optimizer;
  NoStrengthReduction gate;
};

} // namespace fuser

#endif // FUSER_LIB_COMPILER_PTXGENERATOR_H
