//===- CodeGenerator.h - LLVM IR to machine code ----------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_COMPILER_CODEGENERATOR_H
#define FUSER_LIB_COMPILER_CODEGENERATOR_H

#include "FuserCompiler/Compiler.h"
#include "KernelOptimizer.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>
#include <string>
#include <vector>

namespace fuser {

/// The status of an llvm::Error; OK for success.
absl::Status statusOf(llvm::Error error, absl::string_view what);

/// Generates code for a processor that this machine can stand in for, and loads
/// it. One target machine a level and one JIT for its lifetime. Not
/// thread-safe; code that was loaded may run on any thread, and keeps the JIT
/// alive.
class CodeGenerator {
public:
  /// How much work code generation does: None compiles two to four times
  /// faster, Default runs up to 1.6 times faster.
  enum class Level { None, Default };

  ~CodeGenerator();

  static absl::StatusOr<std::unique_ptr<CodeGenerator>>
  create(const TargetOptions &target);

  bool isX86() const { return machines[0]->getTargetTriple().isX86(); }

  /// Whether there are enough vector registers, and wide ones, to work on
  /// several vectors side by side.
  bool hasWideVectors() const;

  /// Whether an fma is an instruction.
  bool hasFMA() const;

  /// Gives `module` the target's triple, layout and features.
  void setTarget(llvm::Module &module) const;

  /// Runs the few passes that explicit vector code gains from.
  void optimize(llvm::Module &module);

  /// An object file, or assembly text.
  absl::StatusOr<llvm::SmallVector<char, 0>>
  generate(llvm::Module &module, Level level, bool assembly) const;

  struct LoadedCode {
    std::vector<void *> functions;
    /// Frees the code when the last copy goes, unless the process exits.
    std::shared_ptr<void> owner;
  };
  /// Loads an object file and finds `symbols` in it; they must be new to this
  /// generator.
  absl::StatusOr<LoadedCode> load(llvm::SmallVector<char, 0> object,
                                  const std::vector<std::string> &symbols);

  /// The address of a symbol of code that is loaded.
  absl::StatusOr<void *> find(const std::string &symbol);

  /// A number that no earlier call gave, for symbol names.
  int64_t nextSerial() { return serial++; }

private:
  CodeGenerator();
  llvm::TargetMachine &machine(Level level) const {
    return *machines[level == Level::Default];
  }

  std::unique_ptr<llvm::TargetMachine> machines[2];
  /// Made at first use.
  std::unique_ptr<KernelOptimizer> optimizer;
  /// What the JIT had to say beside the errors that it returned; shared with
  /// it.
  struct Complaints;
  std::shared_ptr<Complaints> complaints;
  std::shared_ptr<llvm::orc::LLJIT> jit;
  int64_t serial = 0;
};

} // namespace fuser

#endif // FUSER_LIB_COMPILER_CODEGENERATOR_H
