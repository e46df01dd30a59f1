//===- VectorLoops.h - the loops of a kernel function -----------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_TRANSFORMS_VECTORLOOPS_H
#define FUSER_LIB_TRANSFORMS_VECTORLOOPS_H

#include "FuserTransforms/Passes.h"
#include "KernelNests.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace fuser {

/// The lanes of one vector; `mask` null: all of them.
struct Lanes {
  unsigned count;
  mlir::Value mask;
};

/// Turns the generics of a kernel function into loops.
class VectorLoops {
public:
  VectorLoops(mlir::func::FuncOp func,
              const LinalgToVectorLoopsPassOptions &options);

  llvm::LogicalResult run();

private:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<mlir::Value>;

  // Rows, in LinalgToVectorLoops.cpp.
  Values startIndices(mlir::ValueRange sizes);
  Values nextIndices(mlir::ValueRange indices, mlir::ValueRange sizes);
  Value numBlocks(Value rows);
  void emitRows();
  int64_t unit(KernelNest &nest, unsigned lanes);
  void emitNest(KernelNest &nest, llvm::ArrayRef<Value> rows, Value begin,
                Value end);
  void emitMainLoop(KernelNest &nest, llvm::ArrayRef<Value> rows, Value begin,
                    Value end, unsigned lanes);
  Values broadcasts(KernelNest &nest, llvm::ArrayRef<Value> rows,
                    unsigned lanes);
  void emitVector(KernelNest &nest, llvm::ArrayRef<Value> rows,
                  llvm::ArrayRef<Value> broadcasts, Value index, Lanes lanes);
  void emitOps(mlir::Block &block, Lanes lanes, mlir::IRMapping &mapping);
  void emitIf(mlir::scf::IfOp op, Lanes lanes, mlir::IRMapping &mapping);
  void emitAssert(mlir::cf::AssertOp op, Lanes lanes, mlir::IRMapping &mapping);
  Value anyLane(Value mask);
  Values rowsOf(const KernelNest &nest, mlir::ValueRange outer, Value size);
  Value rowOf(const NestOperand &operand, mlir::ValueRange outer, Value size,
              Value column = nullptr);
  Value loadLanes(const NestOperand &operand, Value row, Value index, Value end,
                  mlir::VectorType type);
  Value load(const NestOperand &operand, Value row, Value index, Value mask,
             mlir::VectorType type);
  Value indices(const NestOperand &operand, Value row, Value index,
                mlir::VectorType type);
  void store(const NestOperand &operand, Value row, Value index, Value mask,
             Value value);
  Value tailMask(unsigned lanes, Value index, Value end);
  Value laneOffsets(const NestOperand &operand, unsigned lanes);
  Value indexConstant(int64_t value);
  Value vectorConstant(mlir::TypedAttr scalar, unsigned lanes);
  void loop(Value from, Value to, int64_t step,
            llvm::function_ref<void(Value)> body);

  // Blocks of rows, in BlockLoops.cpp.
  struct Tile;
  void emitBlock(KernelNest &nest, mlir::ValueRange outer);
  void emitTile(KernelNest &nest, Tile &tile);
  void emitTileRow(KernelNest &nest, const Tile &tile, Value row);
  void prefetchNext(KernelNest &nest, const Tile &tile,
                    llvm::ArrayRef<Value> rows, Value row);
  void prefetch(Value memory, Value index, int64_t count);
  Values makeBuffers(KernelNest &nest);
  Value bufferRow(Value buffer, Value row, int64_t columns);

  mlir::func::FuncOp func;
  const LinalgToVectorLoopsPassOptions &options;
  mlir::ImplicitLocOpBuilder b;
  bool nonTemporal;
  Value raised;
  /// Of the row that is emitted.
  Value rowEnd;
  llvm::SmallVector<KernelNest> nests;
  mlir::DenseMap<mlir::Attribute, Value> constants;
  /// The memory for parts of transposed operands, by number and element type.
  mlir::DenseMap<std::pair<size_t, mlir::Type>, Value> buffers;
};

} // namespace fuser

#endif // FUSER_LIB_TRANSFORMS_VECTORLOOPS_H
