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
#include "VectorCode.h"

namespace fuser {

/// Turns the generics of a kernel function into loops.
class VectorLoops : public VectorCode {
public:
  VectorLoops(mlir::func::FuncOp func,
              const LinalgToVectorLoopsPassOptions &options);

private:
  // Rows, in LinalgToVectorLoops.cpp.
  Values nextIndices(mlir::ValueRange indices, mlir::ValueRange sizes);
  Value numBlocks(Value rows);
  void emitRows() override;
  int64_t unit(KernelNest &nest, unsigned lanes);
  void emitNest(KernelNest &nest, llvm::ArrayRef<Value> rows, Value begin,
                Value end);
  void emitMainLoop(KernelNest &nest, llvm::ArrayRef<Value> rows, Value begin,
                    Value end, unsigned lanes);
  Value loadLanes(const NestOperand &operand, Value row, Value index, Value end,
                  mlir::VectorType type);
  Value load(const NestOperand &operand, Value row, Value index,
             Lanes lanes) override;
  void store(const NestOperand &operand, Value row, Value index, Lanes lanes,
             Value value) override;
  Value tailMask(unsigned lanes, Value index, Value end);
  Value laneOffsets(const NestOperand &operand, unsigned lanes);

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

  const LinalgToVectorLoopsPassOptions &options;
  const bool nonTemporal;
  /// Of the row that is emitted.
  Value rowEnd;
  /// The memory for parts of transposed operands, by number and element type.
  mlir::DenseMap<std::pair<size_t, mlir::Type>, Value> buffers;
};

} // namespace fuser

#endif // FUSER_LIB_TRANSFORMS_VECTORLOOPS_H
