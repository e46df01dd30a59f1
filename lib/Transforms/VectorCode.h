//===- VectorCode.h - the bodies of generics on vectors ---------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_TRANSFORMS_VECTORCODE_H
#define FUSER_LIB_TRANSFORMS_VECTORCODE_H

#include "KernelNests.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace fuser {

/// The lanes of one vector; `mask` null: all of them. One lane is a scalar.
struct Lanes {
  unsigned count;
  mlir::Value mask;
};

/// What the loops of a kernel function are made of, whatever runs them: the
/// rows of operands, and the bodies of generics on vectors. What a body
/// computes on scalars is computed on vectors, op by op.
class VectorCode {
public:
  /// Replaces the generics of the function.
  llvm::LogicalResult run();

protected:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<mlir::Value>;

  /// Code goes before the terminator of the kernel function `func`.
  explicit VectorCode(mlir::func::FuncOp func);
  virtual ~VectorCode() = default;

  /// The loops over [argument 0, argument 1) of the function.
  virtual void emitRows() = 0;
  /// The elements from `index` on of an operand that the innermost dimension
  /// moves, and that is memory.
  virtual Value load(const NestOperand &operand, Value row, Value index,
                     Lanes lanes) = 0;
  virtual void store(const NestOperand &operand, Value row, Value index,
                     Lanes lanes, Value value) = 0;

  /// The indices in dimensions of `sizes` of row number `row`, by division.
  Values indicesOf(Value row, mlir::ValueRange sizes);
  Value rowOf(const NestOperand &operand, mlir::ValueRange outer, Value size,
              Value column = nullptr);
  Values rowsOf(const KernelNest &nest, mlir::ValueRange outer, Value size);
  Values broadcasts(KernelNest &nest, llvm::ArrayRef<Value> rows,
                    unsigned lanes);
  void emitVector(KernelNest &nest, llvm::ArrayRef<Value> rows,
                  llvm::ArrayRef<Value> broadcasts, Value index, Lanes lanes);

  Value indexConstant(int64_t value);
  /// `scalar` in each lane, at the start of the function.
  Value vectorConstant(mlir::TypedAttr scalar, unsigned lanes);
  /// [0, 1, 2, ...].
  Value iota(unsigned lanes, mlir::Type element);
  /// scf.for, with `body` called on the index.
  void loop(Value from, Value to, Value step,
            llvm::function_ref<void(Value)> body);

  mlir::func::FuncOp func;
  mlir::ImplicitLocOpBuilder b;
  llvm::SmallVector<KernelNest> nests;

private:
  Value indices(const NestOperand &operand, Value row, Value index,
                unsigned lanes);
  void emitOps(mlir::Block &block, Lanes lanes, mlir::IRMapping &mapping);
  void emitIf(mlir::scf::IfOp op, Lanes lanes, mlir::IRMapping &mapping);
  void emitAssert(mlir::cf::AssertOp op, Lanes lanes, mlir::IRMapping &mapping);
  Value anyLane(Value mask);

  Value raised;
  mlir::DenseMap<mlir::Attribute, Value> constants;
};

/// `element` in each of `lanes` lanes.
inline mlir::Type laneType(mlir::Type element, unsigned lanes) {
  return lanes == 1 ? element
                    : mlir::Type(mlir::VectorType::get({lanes}, element));
}

} // namespace fuser

#endif // FUSER_LIB_TRANSFORMS_VECTORCODE_H
