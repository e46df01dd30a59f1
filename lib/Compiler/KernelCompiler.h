//===- KernelCompiler.h - group and argument spec to kernel -----*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_COMPILER_KERNELCOMPILER_H
#define FUSER_LIB_COMPILER_KERNELCOMPILER_H

#include "CodeGenerator.h"
#include "FuserCompiler/Compiler.h"
#include "FuserTransforms/KernelLowering.h"
#include "FuserTransforms/Specialize.h"
#include "GpuKernelCompiler.h"

namespace fuser {

/// What a KernelCompiler needs in its context.
mlir::DialectRegistry kernelDialects();

/// Compiles kernels in one MLIR context, in which nothing else is done
/// meanwhile. Not thread-safe.
class KernelCompiler {
public:
  /// Loads the dialects that `context` has registered.
  KernelCompiler(mlir::MLIRContext *context, TargetOptions target);

  /// Why there is no code generator, if there is none.
  absl::Status checkTarget() { return codeGenerator().status(); }

  /// Machine code, loaded, with the milliseconds of each stage.
  absl::StatusOr<std::shared_ptr<runtime::FusedKernel>>
  compile(const runtime::KernelSpec &spec, const runtime::ArgSpec &argSpec,
          runtime::Tier tier, std::function<std::string()> printCode);

  /// Code for a CUDA device: PTX for `target`, or, if there is none, an object
  /// file for an emulated one.
  absl::StatusOr<DeviceCode>
  compileForDevice(const runtime::KernelSpec &spec,
                   const runtime::ArgSpec &argSpec,
                   const std::optional<GpuTarget> &target,
                   runtime::CompileTimes &times);

  /// The text of one form of the kernel.
  absl::StatusOr<std::string> emit(const runtime::KernelSpec &spec,
                                   const runtime::ArgSpec &argSpec,
                                   EmitStage stage, runtime::Tier tier);

private:
  struct LLVMKernel;
  GpuKernelCompiler &gpuCompiler();
  absl::StatusOr<CodeGenerator *> codeGenerator();
  absl::Status lowerToLinalg(const runtime::KernelSpec &spec,
                             const runtime::ArgSpec &argSpec,
                             mlir::ModuleOp module);
  absl::StatusOr<LLVMKernel> lowerToLLVM(const runtime::KernelSpec &spec,
                                         const runtime::ArgSpec &argSpec,
                                         runtime::Tier tier);

  mlir::MLIRContext *context;
  const TargetOptions target;
  KernelLowering lowering;
  /// Made at first use; an error is remembered.
  absl::StatusOr<std::unique_ptr<CodeGenerator>> generator =
      absl::UnknownError("not created");
  bool generatorCreated = false;
  /// Made at first use.
  std::optional<GpuKernelCompiler> gpu;
  runtime::CompileTimes times;
};

} // namespace fuser

#endif // FUSER_LIB_COMPILER_KERNELCOMPILER_H
