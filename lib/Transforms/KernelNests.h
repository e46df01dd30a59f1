//===- KernelNests.h - the nests of a kernel function -----------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_TRANSFORMS_KERNELNESTS_H
#define FUSER_LIB_TRANSFORMS_KERNELNESTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace fuser {

/// An operand of a generic: memory, and how the loops move through it.
struct NestOperand {
  mutable mlir::memref::ReinterpretCastOp view;
  /// Whether the innermost dimension moves it.
  bool moves;
  /// The stride of the innermost dimension; null if it is 1 or does not move,
  /// or if lineStride is that.
  mlir::Value innerStride;
  /// The stride of the innermost dimension if it is no constant and that of the
  /// one before it is 1 (runtime::StrideClass::Transposed); otherwise null.
  mlir::Value lineStride;

  mlir::Value pointer() const { return view.getSource(); }
  mlir::Type element() const { return view.getType().getElementType(); }
  /// Whether it is no memory: its elements are their own addresses.
  bool isIndex() const { return element().isIndex(); }
};

struct KernelNest {
  mlir::linalg::GenericOp op;
  /// Inputs, then outputs.
  llvm::SmallVector<NestOperand> operands;
  /// The size of the innermost dimension.
  mlir::Value innerSize;
  unsigned lanes;

  /// Whether the loop goes by blocks of rows, see runtime::kBlockRows.
  bool hasBlocks() const {
    return llvm::any_of(operands,
                        [](const NestOperand &o) { return !!o.lineStride; });
  }
};

/// How many vectors of the main loop are best computed side by side: 1, 2 or 4.
unsigned interleaveOf(const KernelNest &nest);

/// The generic of `nest` with multiplications instead of divisions by what is
/// the same along the innermost dimension, with equal results: a copy, or the
/// generic itself if there are none.
mlir::linalg::GenericOp withoutUniformDivisions(KernelNest nest);

/// The memory that `func` reports division by zero in; null if there is none.
mlir::Value raisedFlag(mlir::func::FuncOp func);

/// The linalg.generic ops of a kernel function that fuser-specialize and
/// convert-fuser-to-linalg made. Anything else gives a diagnostic.
llvm::FailureOr<llvm::SmallVector<KernelNest>>
readKernelNests(mlir::func::FuncOp func);

} // namespace fuser

#endif // FUSER_LIB_TRANSFORMS_KERNELNESTS_H
