//===- KernelLowering.h - kernel functions to the LLVM dialect --*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERTRANSFORMS_KERNELLOWERING_H
#define FUSERTRANSFORMS_KERNELLOWERING_H

#include "FuserTransforms/GpuTarget.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include <memory>

namespace fuser {

/// What the code of a kernel is made for.
enum class Processor {
  Host,  ///< the LLVM dialect
  Nvidia ///< with the NVVM dialect
};

/// The conversion from kernel functions (scf, vector, arith, math, memref; gpu
/// for a GPU) to the LLVM dialect. Building the patterns costs more than using
/// them: make one a context and keep it. Not thread-safe.
class KernelLowering {
public:
  /// `isTrusted`: all that is converted is of the passes before, so that every
  /// pattern succeeds. Otherwise what can't be converted is put back.
  explicit KernelLowering(mlir::MLIRContext *context,
                          Processor processor = Processor::Host,
                          bool isTrusted = true);
  ~KernelLowering();

  /// Converts the kernel functions of `module`, a module or gpu.module; fails
  /// with a diagnostic.
  llvm::LogicalResult convert(mlir::Operation *module);

private:
  struct Patterns;
  std::unique_ptr<Patterns> patterns;
  const bool isTrusted;
};

/// Says in `module`, before it is converted, what it is made for.
void setGpuTarget(mlir::gpu::GPUModuleOp module, const GpuTarget &target);

} // namespace fuser

#endif // FUSERTRANSFORMS_KERNELLOWERING_H
