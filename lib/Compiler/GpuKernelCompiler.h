//===- GpuKernelCompiler.h - group and argument spec to GPU code *- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_COMPILER_GPUKERNELCOMPILER_H
#define FUSER_LIB_COMPILER_GPUKERNELCOMPILER_H

#include "CodeGenerator.h"
#include "FuserRuntime/FusedKernelCUDA.h"
#include "FuserTransforms/KernelLowering.h"
#include "PtxGenerator.h"
#include "StageTimer.h"

namespace fuser {

/// What FusedKernelCUDA::load takes: PTX, or an object file.
struct DeviceCode {
  std::string image;
  std::vector<runtime::DeviceFunction> functions;
};

/// Makes code for GPUs in one MLIR context, which has kernelDialects() loaded
/// and in which nothing else is done meanwhile. Not thread-safe.
class GpuKernelCompiler {
public:
  explicit GpuKernelCompiler(mlir::MLIRContext *context);

  /// PTX.
  absl::StatusOr<DeviceCode> compile(const runtime::KernelSpec &spec,
                                     const runtime::ArgSpec &argSpec,
                                     const GpuTarget &target,
                                     runtime::CompileTimes &times);

  /// The same kernels as an object file for `host`. Beside an entry point, as
  /// emulator::Entry, there is a number of type int64_t, `<name>_parameters`:
  /// how many parameters it takes.
  absl::StatusOr<DeviceCode> compileForHost(const runtime::KernelSpec &spec,
                                            const runtime::ArgSpec &argSpec,
                                            KernelLowering &lowering,
                                            CodeGenerator &host,
                                            runtime::CompileTimes &times);

  /// The text of one form of the kernels: Gpu, NVVM or PTX.
  absl::StatusOr<std::string> emit(const runtime::KernelSpec &spec,
                                   const runtime::ArgSpec &argSpec,
                                   EmitStage stage, const GpuTarget &target);

private:
  absl::StatusOr<PtxGenerator *> generatorFor(const GpuTarget &target);
  absl::StatusOr<mlir::gpu::GPUModuleOp>
  lowerToNVVM(mlir::ModuleOp module, const GpuTarget &target,
              StageTimer &timer);

  mlir::MLIRContext *context;
  KernelLowering lowering;
  /// Of the last target.
  std::unique_ptr<PtxGenerator> generator;
};

} // namespace fuser

#endif // FUSER_LIB_COMPILER_GPUKERNELCOMPILER_H
