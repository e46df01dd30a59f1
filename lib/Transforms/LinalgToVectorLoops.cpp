//===- LinalgToVectorLoops.cpp - generics to vector loops -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All generics of a kernel function share the loop over rows; each has its own
// loops over the innermost dimension: full vectors, then a masked rest. What
// the body computes on scalars it computes on vectors, op by op. Where operands
// are transposed, BlockLoops.cpp has what goes around these loops.
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/LaunchPlan.h"
#include "FuserTransforms/Passes.h"
#include "FuserTransforms/Specialize.h"
#include "VectorLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace fuser;

namespace fuser {
#define GEN_PASS_DEF_LINALGTOVECTORLOOPSPASS
#include "FuserTransforms/Passes.h.inc"
} // namespace fuser

/// Elements that make up for a reciprocal: with 24, quotients of f32 take 1.3
/// times as long as by division, with 64 as long.
static constexpr int64_t kLongRow = 64;

VectorLoops::VectorLoops(func::FuncOp func,
                         const LinalgToVectorLoopsPassOptions &options)
    : VectorCode(func), options(options),
      nonTemporal(func->hasAttr(kNonTemporalAttr)) {}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

/// The indices of the next row, counting like an odometer.
SmallVector<Value> VectorLoops::nextIndices(ValueRange indices,
                                            ValueRange sizes) {
  SmallVector<Value> next(indices.begin(), indices.end());
  Value zero = indexConstant(0), carry = indexConstant(1);
  for (size_t dim = indices.size(); dim-- > 0;) {
    Value sum = arith::AddIOp::create(b, indices[dim], carry);
    if (dim == 0) {
      next[dim] = sum;
      break;
    }
    Value wraps =
        arith::CmpIOp::create(b, arith::CmpIPredicate::eq, sum, sizes[dim]);
    next[dim] = arith::SelectOp::create(b, wraps, zero, sum);
    carry = arith::SelectOp::create(b, wraps, indexConstant(1), zero);
  }
  return next;
}

/// How many blocks `rows` rows are.
Value VectorLoops::numBlocks(Value rows) {
  Value blockRows = indexConstant(runtime::kBlockRows);
  Value rest = indexConstant(runtime::kBlockRows - 1);
  return arith::DivUIOp::create(b, arith::AddIOp::create(b, rows, rest),
                                blockRows);
}

void VectorLoops::emitRows() {
  Value begin = func.getArgument(0), end = func.getArgument(1);
  if (nests[0].op.getNumLoops() == 1) {
    emitNest(nests[0], rowsOf(nests[0], {}, end), begin, end);
    return;
  }
  SmallVector<Value> sizes(
      nests[0].operands.back().view.getSizes().drop_back());
  bool hasBlocks = nests[0].hasBlocks();
  if (hasBlocks)
    sizes.back() = numBlocks(sizes.back());
  // One outer dimension: its index is the row.
  bool isCounted = sizes.size() > 1;
  SmallVector<Value> start =
      isCounted ? indicesOf(begin, sizes) : SmallVector<Value>();
  auto rows = scf::ForOp::create(b, begin, end, indexConstant(1), start);
  OpBuilder::InsertionGuard guard(b);
  // Without results the loop has its terminator already.
  b.setInsertionPointToStart(rows.getBody());
  SmallVector<Value> outer{rows.getInductionVar()};
  if (isCounted)
    outer.assign(rows.getRegionIterArgs().begin(),
                 rows.getRegionIterArgs().end());
  for (KernelNest &nest : nests)
    if (hasBlocks)
      emitBlock(nest, outer);
    else
      emitNest(nest, rowsOf(nest, outer, nest.innerSize), indexConstant(0),
               nest.innerSize);
  if (isCounted)
    scf::YieldOp::create(b, nextIndices(outer, sizes));
}

//===----------------------------------------------------------------------===//
// One nest on one row
//===----------------------------------------------------------------------===//

/// Lane i is true while index + i < end.
Value VectorLoops::tailMask(unsigned lanes, Value index, Value end) {
  // As many bits as the elements of so many lanes have.
  Type type = b.getIntegerType(std::min(512 / lanes, 32u));
  Value left = arith::SubIOp::create(b, end, index);
  left = arith::MinSIOp::create(b, left, indexConstant(lanes));
  left = arith::IndexCastOp::create(b, type, left);
  Value bound =
      vector::BroadcastOp::create(b, VectorType::get({lanes}, type), left);
  return arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                               iota(lanes, type), bound);
}

/// Where the lanes of a strided operand are, relative to the first.
Value VectorLoops::laneOffsets(const NestOperand &operand, unsigned lanes) {
  Type i64 = b.getI64Type();
  Value stride = arith::IndexCastOp::create(b, i64, operand.innerStride);
  Value strides =
      vector::BroadcastOp::create(b, VectorType::get({lanes}, i64), stride);
  return arith::MulIOp::create(b, iota(lanes, i64), strides);
}

/// The lanes of a strided operand from `index` on, one by one: a gather takes
/// longer. Lanes at `end` and beyond, if that is not null, repeat the last one.
Value VectorLoops::loadLanes(const NestOperand &operand, Value row, Value index,
                             Value end, VectorType type) {
  Value place = arith::MulIOp::create(b, index, operand.innerStride), last;
  if (end)
    last = arith::MulIOp::create(
        b, arith::SubIOp::create(b, end, indexConstant(1)),
        operand.innerStride);
  SmallVector<Value> elements;
  for (int64_t lane = 0; lane < type.getDimSize(0); ++lane) {
    if (lane > 0)
      place = arith::AddIOp::create(b, place, operand.innerStride);
    if (lane > 0 && end)
      place = arith::MinUIOp::create(b, place, last);
    elements.push_back(memref::LoadOp::create(b, row, place));
  }
  return vector::FromElementsOp::create(b, type, elements);
}

Value VectorLoops::load(const NestOperand &operand, Value row, Value index,
                        Lanes lanes) {
  Value mask = lanes.mask;
  auto type = VectorType::get({lanes.count}, operand.element());
  if (!mask && !operand.innerStride)
    return vector::LoadOp::create(b, type, row, index);
  if (operand.innerStride && options.mainLoop)
    return loadLanes(operand, row, index, mask ? rowEnd : nullptr, type);
  Value zeros =
      vectorConstant(cast<TypedAttr>(b.getZeroAttr(type.getElementType())),
                     lanes.count);
  if (!operand.innerStride)
    return vector::MaskedLoadOp::create(b, type, row, index, mask, zeros);
  Value first = arith::MulIOp::create(b, index, operand.innerStride);
  if (!mask)
    mask = vectorConstant(b.getBoolAttr(true), lanes.count);
  return vector::GatherOp::create(b, type, row, ValueRange{first},
                                  laneOffsets(operand, lanes.count), mask,
                                  zeros);
}

void VectorLoops::store(const NestOperand &operand, Value row, Value index,
                        Lanes lanes, Value value) {
  Value mask = lanes.mask;
  if (operand.innerStride) {
    Value first = arith::MulIOp::create(b, index, operand.innerStride);
    if (!mask)
      mask = vectorConstant(b.getBoolAttr(true), lanes.count);
    vector::ScatterOp::create(b, Type(), row, ValueRange{first},
                              laneOffsets(operand, lanes.count), mask, value);
    return;
  }
  if (mask) {
    vector::MaskedStoreOp::create(b, row, index, mask, value);
    return;
  }
  // Rows start at multiples of 64 bytes; see PlannedLoop::nonTemporal.
  unsigned bytes = std::min(
      lanes.count * operand.element().getIntOrFloatBitWidth() / 8, 64u);
  vector::StoreOp::create(b, value, row, ValueRange{index}, nonTemporal,
                          nonTemporal ? llvm::MaybeAlign(bytes)
                                      : llvm::MaybeAlign());
}

/// The main loop goes over a multiple of so many elements: stores past the
/// caches leave no cache line that other stores have to fill up.
int64_t VectorLoops::unit(KernelNest &nest, unsigned lanes) {
  int64_t unit = lanes;
  if (nonTemporal)
    for (const NestOperand &store :
         llvm::drop_begin(nest.operands, nest.op.getNumDpsInputs()))
      unit = std::max<int64_t>(unit,
                               512 / store.element().getIntOrFloatBitWidth());
  return unit;
}

/// The loop over full vectors. Reciprocals are worked out for it before it, so
/// it has none if it is short.
void VectorLoops::emitMainLoop(KernelNest &nest, ArrayRef<Value> rows,
                               Value begin, Value end, unsigned lanes) {
  SmallVector<Value> fixed = broadcasts(nest, rows, lanes);
  auto emitLoop = [&](KernelNest &body) {
    loop(begin, end, indexConstant(lanes), [&](Value index) {
      emitVector(body, rows, fixed, index, {lanes, nullptr});
    });
  };
  KernelNest multiplied = nest;
  if (options.reciprocals)
    multiplied.op = withoutUniformDivisions(nest);
  if (multiplied.op == nest.op)
    return emitLoop(nest);
  Value isLong = arith::CmpIOp::create(b, arith::CmpIPredicate::uge,
                                       arith::SubIOp::create(b, end, begin),
                                       indexConstant(kLongRow));
  auto branch = scf::IfOp::create(b, isLong, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  emitLoop(multiplied);
  b.setInsertionPointToStart(branch.elseBlock());
  emitLoop(nest);
  multiplied.op.erase();
}

/// The loops over [begin, end) of the innermost dimension, in `rows` of the
/// operands.
void VectorLoops::emitNest(KernelNest &nest, ArrayRef<Value> rows, Value begin,
                           Value end) {
  rowEnd = end;
  Value mainEnd = begin;
  int64_t restSize = 0; // At the most; 0: all there is.
  if (options.mainLoop) {
    unsigned lanes = nest.lanes * (options.interleave ? interleaveOf(nest) : 1);
    restSize = unit(nest, lanes);
    Value size = arith::SubIOp::create(b, end, begin);
    Value rest = arith::RemUIOp::create(b, size, indexConstant(restSize));
    mainEnd = arith::SubIOp::create(b, end, rest);
    emitMainLoop(nest, rows, begin, mainEnd, lanes);
  }
  // Where the rest is no more than one vector, rows of one size share its mask.
  Value shared;
  if (restSize == nest.lanes)
    shared = tailMask(nest.lanes, mainEnd, end);
  SmallVector<Value> fixed = broadcasts(nest, rows, nest.lanes);
  loop(mainEnd, end, indexConstant(nest.lanes), [&](Value index) {
    emitVector(
        nest, rows, fixed, index,
        {nest.lanes, shared ? shared : tailMask(nest.lanes, index, end)});
  });
}

LogicalResult
fuser::lowerToVectorLoops(func::FuncOp func,
                          const LinalgToVectorLoopsPassOptions &options) {
  return VectorLoops(func, options).run();
}

namespace {
struct LinalgToVectorLoopsPass
    : fuser::impl::LinalgToVectorLoopsPassBase<LinalgToVectorLoopsPass> {
  using LinalgToVectorLoopsPassBase::LinalgToVectorLoopsPassBase;
  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    if (failed(lowerToVectorLoops(getOperation(),
                                  {mainLoop, interleave, reciprocals})))
      signalPassFailure();
  }
};
} // namespace
