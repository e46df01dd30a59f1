//===- RegisteredGroup.h - a registered group with its IR ----- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_COMPILER_REGISTEREDGROUP_H
#define FUSER_LIB_COMPILER_REGISTEREDGROUP_H

#include "ExitGate.h"
#include "KernelCompiler.h"
#include <mutex>
#include <vector>

namespace fuser {

/// An MLIR context with what compiles kernels in it. Kept by the compiler that
/// made it and by all groups that were registered in it.
struct CompilerContext {
  explicit CompilerContext(TargetOptions target);

  /// What one thread at a time holds to use it; false if the process exits.
  class Lock {
  public:
    explicit Lock(CompilerContext &context) : guard(context.mutex) {
      if (pass)
        context.eraseUnused();
    }
    explicit operator bool() const { return bool(pass); }

  private:
    std::lock_guard<std::recursive_mutex> guard;
    ExitGate::Pass pass;
  };

  /// Erases `module`, or leaves it to the next Lock if another thread holds
  /// one. Waits for none: groups are let go of at the end of calls of any
  /// other.
  void erase(mlir::OwningOpRef<mlir::ModuleOp> module);

  /// Guards all the rest, and the IR in the context. Recursive: groups are
  /// registered within Compiler::withContext.
  std::recursive_mutex mutex;
  mlir::MLIRContext context;
  KernelCompiler kernels;

private:
  void eraseUnused();

  /// Guards `unused`; what `mutex` guards is not touched under it.
  std::mutex unusedLock;
  std::vector<mlir::OwningOpRef<mlir::ModuleOp>> unused;
};

/// A group without sizes, in the form that kernels are made of. Goes with its
/// kernel spec, whose destruction waits for no lock. Thread-safe, as it locks
/// its context.
class RegisteredGroup : public runtime::KernelSource {
public:
  RegisteredGroup(std::shared_ptr<CompilerContext> owner,
                  mlir::OwningOpRef<mlir::ModuleOp> module,
                  GroupDescription description)
      : owner(std::move(owner)), module(std::move(module)),
        description(std::move(description)) {}
  ~RegisteredGroup() override;

  /// The group that `spec` describes, or null if no Compiler registered it.
  static std::shared_ptr<const RegisteredGroup>
  of(const runtime::KernelSpec &spec);

  absl::StatusOr<std::string> emit(const runtime::ArgSpec &argSpec,
                                   EmitStage stage) const;
  const void *kind() const override;

  /// What sessions take for a backend.
  static absl::StatusOr<std::shared_ptr<runtime::FusedKernel>>
  compile(const runtime::KernelSpec &spec, const runtime::ArgSpec &argSpec,
          int64_t mapSize, runtime::Device device);

private:
  const std::shared_ptr<CompilerContext> owner;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  const GroupDescription description;
};

/// That a group is no RegisteredGroup.
absl::Status notRegisteredError();

} // namespace fuser

#endif // FUSER_LIB_COMPILER_REGISTEREDGROUP_H
