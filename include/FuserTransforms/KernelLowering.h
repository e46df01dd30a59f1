//===- KernelLowering.h - kernel functions to the LLVM dialect --*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERTRANSFORMS_KERNELLOWERING_H
#define FUSERTRANSFORMS_KERNELLOWERING_H

#include "mlir/IR/BuiltinOps.h"
#include <memory>

namespace fuser {

/// The conversion from kernel functions (scf, vector, arith, math, memref) to
/// the LLVM dialect. Building the patterns costs more than using them: make one
/// a context and keep it. Not thread-safe.
class KernelLowering {
public:
  /// `isTrusted`: all that is converted is of the passes before, so that every
  /// pattern succeeds. Otherwise what can't be converted is put back.
  explicit KernelLowering(mlir::MLIRContext *context, bool isTrusted = true);
  ~KernelLowering();

  /// Converts the kernel functions of `module`; fails with a diagnostic.
  llvm::LogicalResult convert(mlir::ModuleOp module);

private:
  struct Patterns;
  std::unique_ptr<Patterns> patterns;
  const bool isTrusted;
};

} // namespace fuser

#endif // FUSERTRANSFORMS_KERNELLOWERING_H
