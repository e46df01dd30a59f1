//===- BlockLoops.cpp - loops over transposed operands --------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A transposed operand is contiguous along the dimension before the innermost
// one, along which the loop goes by blocks of rows. Of a block, tile by tile,
// what such an operand shows is transposed into a buffer that stays in the
// cache; then the tile's rows are computed as other rows are, which read (or,
// for a store, write) the buffer. So memory is read in runs of a block's rows
// on the one side and of a tile's columns on the other, and what the next tile
// needs is prefetched meanwhile: hardware does not foresee so short runs.
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/LaunchPlan.h"
#include "TransposeTile.h"
#include "VectorLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace fuser;

static constexpr int64_t kCacheLine = 64;

static int64_t bytesOf(Type element) {
  return element.getIntOrFloatBitWidth() / 8;
}

/// The columns of a tile in which `element` is transposed: two cache lines of a
/// row, or one of narrow elements, which is a vector.
static int64_t tileColumns(Type element) {
  int64_t inLine = kCacheLine / bytesOf(element);
  return bytesOf(element) >= 4 ? 2 * inLine : inLine;
}

/// Those that all operands have.
static int64_t tileColumns(const KernelNest &nest) {
  int64_t columns = kCacheLine;
  for (const NestOperand &operand : nest.operands)
    if (operand.lineStride)
      columns = std::min(columns, tileColumns(operand.element()));
  return columns;
}

/// The part of a block that is computed at once.
struct VectorLoops::Tile {
  int64_t maxColumns;
  /// The outer indices of its first row; its first column.
  SmallVector<Value> outer;
  Value column;
  Value numRows, numColumns;
  /// How many columns further the next tile is; 0 if this is the last one.
  Value nextColumn;
  /// Of each operand: its buffer, or null if it is not transposed; otherwise
  /// its first row.
  SmallVector<Value> buffers, lines;
};

/// Memory for the part of each transposed operand of `nest`. Nests share it.
SmallVector<Value> VectorLoops::makeBuffers(KernelNest &nest) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&func.getBody().front());
  SmallVector<Value> result;
  size_t number = 0;
  for (const NestOperand &operand : nest.operands) {
    Value &buffer = result.emplace_back();
    if (!operand.lineStride)
      continue;
    Value &shared = buffers[{number++, operand.element()}];
    if (!shared)
      shared = memref::AllocaOp::create(
          b,
          MemRefType::get(
              {runtime::kBlockRows * tileColumns(operand.element())},
              operand.element()),
          b.getI64IntegerAttr(kCacheLine));
    buffer = shared;
  }
  return result;
}

/// Row `row` of a tile in its buffer.
Value VectorLoops::bufferRow(Value buffer, Value row, int64_t columns) {
  auto type = MemRefType::get(
      {ShapedType::kDynamic},
      cast<MemRefType>(buffer.getType()).getElementType(),
      StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, {1}));
  Value offset = arith::MulIOp::create(b, row, indexConstant(columns));
  return memref::ReinterpretCastOp::create(
      b, type, buffer, OpFoldResult(offset),
      ArrayRef<OpFoldResult>{OpFoldResult(indexConstant(columns))},
      ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
}

/// Prefetches line by line what lies in `memory` from `index` on. To the second
/// level: columns whose distance is a power of two would push each other out of
/// the first.
void VectorLoops::prefetch(Value memory, Value index, int64_t count) {
  Type element = cast<MemRefType>(memory.getType()).getElementType();
  int64_t step = kCacheLine / bytesOf(element);
  for (int64_t first = 0; first < count; first += step) {
    Value place = first == 0
                      ? index
                      : arith::AddIOp::create(b, index, indexConstant(first));
    memref::PrefetchOp::create(b, memory, place, /*isWrite=*/false,
                               /*localityHint=*/2, /*isDataCache=*/true);
  }
}

/// Prefetches the part of the next tile that belongs to row `row` of this one:
/// of a transposed leaf some of a column, of others a row.
void VectorLoops::prefetchNext(KernelNest &nest, const Tile &tile,
                               ArrayRef<Value> rows, Value row) {
  for (int64_t i = 0; i < nest.op.getNumDpsInputs(); ++i) {
    const NestOperand &operand = nest.operands[i];
    if (!operand.moves || operand.innerStride || operand.isIndex())
      continue;
    if (!operand.lineStride) {
      prefetch(rows[i], tile.nextColumn, tile.maxColumns);
      continue;
    }
    // There may be fewer columns than rows: then several rows share one.
    int64_t share = runtime::kBlockRows / tile.maxColumns;
    int64_t length = runtime::kBlockRows / share;
    Value column = arith::DivUIOp::create(b, row, indexConstant(share));
    Value part = arith::RemUIOp::create(b, row, indexConstant(share));
    column = arith::AddIOp::create(b, column, tile.nextColumn);
    Value index = arith::AddIOp::create(
        b, arith::MulIOp::create(b, column, operand.lineStride),
        arith::MulIOp::create(b, part, indexConstant(length)));
    prefetch(tile.lines[i], index, length);
  }
}

void VectorLoops::emitTileRow(KernelNest &nest, const Tile &tile, Value row) {
  SmallVector<Value> outer = tile.outer;
  outer.back() = arith::AddIOp::create(b, outer.back(), row);
  SmallVector<Value> rows;
  for (auto [i, operand] : llvm::enumerate(nest.operands))
    rows.push_back(tile.buffers[i]
                       ? bufferRow(tile.buffers[i], row, tile.maxColumns)
                       : rowOf(operand, outer, nest.innerSize, tile.column));
  if (options.mainLoop)
    prefetchNext(nest, tile, rows, row);
  emitNest(nest, rows, indexConstant(0), tile.numColumns);
}

void VectorLoops::emitTile(KernelNest &nest, Tile &tile) {
  auto bufferLines = [&](size_t i) {
    return Lines{bufferRow(tile.buffers[i], indexConstant(0), tile.maxColumns),
                 indexConstant(tile.maxColumns)};
  };
  size_t numInputs = nest.op.getNumDpsInputs();
  tile.lines.clear();
  for (auto [i, operand] : llvm::enumerate(nest.operands)) {
    tile.lines.push_back(nullptr);
    if (!operand.lineStride)
      continue;
    tile.lines[i] = rowOf(operand, tile.outer, nest.innerSize, tile.column);
    if (i < numInputs)
      emitTransposedCopy(b, {tile.lines[i], operand.lineStride},
                         tile.numColumns, tile.numRows, bufferLines(i),
                         options.mainLoop);
  }
  loop(indexConstant(0), tile.numRows, indexConstant(1),
       [&](Value row) { emitTileRow(nest, tile, row); });
  for (size_t i = numInputs; i < nest.operands.size(); ++i)
    if (Value stride = nest.operands[i].lineStride)
      emitTransposedCopy(b, bufferLines(i), tile.numRows, tile.numColumns,
                         {tile.lines[i], stride}, options.mainLoop);
}

/// The block of rows with the outer indices `outer`, of which the last one
/// counts blocks.
void VectorLoops::emitBlock(KernelNest &nest, ValueRange outer) {
  Value blockRows = indexConstant(runtime::kBlockRows);
  auto least = [&](Value x, Value y) -> Value {
    return arith::MinUIOp::create(b, x, y);
  };
  Tile tile;
  tile.maxColumns = tileColumns(nest);
  tile.buffers = makeBuffers(nest);
  tile.outer.assign(outer.begin(), outer.end());
  tile.outer.back() = arith::MulIOp::create(b, outer.back(), blockRows);
  Value size = nest.operands.back().view.getSizes().drop_back().back();
  tile.numRows =
      least(arith::SubIOp::create(b, size, tile.outer.back()), blockRows);
  Value columns = indexConstant(tile.maxColumns);
  loop(indexConstant(0), nest.innerSize, indexConstant(tile.maxColumns), [&](Value column) {
    tile.column = column;
    Value left = arith::SubIOp::create(b, nest.innerSize, column);
    tile.numColumns = least(left, columns);
    Value isLast =
        arith::CmpIOp::create(b, arith::CmpIPredicate::ule, left, columns);
    tile.nextColumn =
        arith::SelectOp::create(b, isLast, indexConstant(0), columns);
    emitTile(nest, tile);
  });
}
