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
#include "llvm/ADT/SetVector.h"

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
    : func(func), options(options),
      b(func.getLoc(), func.getBody().front().getTerminator()),
      nonTemporal(func->hasAttr(kNonTemporalAttr)), raised(raisedFlag(func)) {}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

Value VectorLoops::indexConstant(int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}

/// A splat of `scalar`, at the start of the function.
Value VectorLoops::vectorConstant(TypedAttr scalar, unsigned lanes) {
  auto type = VectorType::get({lanes}, scalar.getType());
  auto splat = DenseElementsAttr::get(type, Attribute(scalar));
  Value &value = constants[splat];
  if (!value) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&func.getBody().front());
    value = arith::ConstantOp::create(b, splat);
  }
  return value;
}

/// scf.for by `step`, with `body` called on the index.
void VectorLoops::loop(Value from, Value to, int64_t step,
                       function_ref<void(Value)> body) {
  auto op = scf::ForOp::create(b, from, to, indexConstant(step));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.getBody());
  body(op.getInductionVar());
}

/// [0, 1, 2, ...].
static Value iota(ImplicitLocOpBuilder &b, unsigned lanes, Type element) {
  SmallVector<Attribute> values;
  for (unsigned lane = 0; lane < lanes; ++lane)
    values.push_back(b.getIntegerAttr(element, lane));
  return arith::ConstantOp::create(
      b, DenseElementsAttr::get(VectorType::get({lanes}, element), values));
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

/// The indices of row `begin` in the outer dimensions, by division: once a
/// call.
SmallVector<Value> VectorLoops::startIndices(ValueRange sizes) {
  SmallVector<Value> indices(sizes.size());
  Value rest = func.getArgument(0);
  for (size_t dim = sizes.size(); dim-- > 1;) {
    indices[dim] = arith::RemUIOp::create(b, rest, sizes[dim]);
    rest = arith::DivUIOp::create(b, rest, sizes[dim]);
  }
  indices[0] = rest;
  return indices;
}

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
      isCounted ? startIndices(sizes) : SmallVector<Value>();
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

/// The memory of `operand` from the first element of a row on, or from that of
/// `column`; the first element itself if it is no memory.
Value VectorLoops::rowOf(const NestOperand &operand, ValueRange outer,
                         Value size, Value column) {
  Value offset;
  SmallVector<OpFoldResult> strides = operand.view.getMixedStrides();
  SmallVector<Value> position(outer);
  if (column && operand.moves)
    position.push_back(column);
  for (auto [index, stride] : llvm::zip(position, strides)) {
    auto factor = dyn_cast<Value>(stride); // Otherwise 1.
    Value step = factor ? arith::MulIOp::create(b, index, factor) : index;
    offset = offset ? arith::AddIOp::create(b, offset, step) : step;
  }
  if (!offset)
    offset = indexConstant(0);
  if (operand.isIndex())
    return arith::AddIOp::create(
        b, memref::ExtractAlignedPointerAsIndexOp::create(b, operand.pointer()),
        offset);
  auto type = MemRefType::get(
      {ShapedType::kDynamic}, operand.element(),
      StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, {1}));
  return memref::ReinterpretCastOp::create(
      b, type, operand.pointer(), OpFoldResult(offset),
      ArrayRef<OpFoldResult>{OpFoldResult(size)},
      ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
}

/// That of each operand.
SmallVector<Value> VectorLoops::rowsOf(const KernelNest &nest, ValueRange outer,
                                       Value size) {
  return llvm::map_to_vector(nest.operands, [&](const NestOperand &operand) {
    return rowOf(operand, outer, size);
  });
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
                               iota(b, lanes, type), bound);
}

/// The elements of an operand without memory in the lanes from `index` on;
/// `row` is the first one of the row.
Value VectorLoops::indices(const NestOperand &operand, Value row, Value index,
                           VectorType type) {
  unsigned lanes = type.getDimSize(0);
  Value lane = iota(b, lanes, b.getIndexType());
  if (operand.innerStride) {
    index = arith::MulIOp::create(b, index, operand.innerStride);
    lane = arith::MulIOp::create(
        b, lane, vector::BroadcastOp::create(b, type, operand.innerStride));
  }
  Value first = arith::AddIOp::create(b, row, index);
  return arith::AddIOp::create(b, vector::BroadcastOp::create(b, type, first),
                               lane);
}

/// Where the lanes of a strided operand are, relative to the first.
Value VectorLoops::laneOffsets(const NestOperand &operand, unsigned lanes) {
  Type i64 = b.getI64Type();
  Value stride = arith::IndexCastOp::create(b, i64, operand.innerStride);
  Value strides =
      vector::BroadcastOp::create(b, VectorType::get({lanes}, i64), stride);
  return arith::MulIOp::create(b, iota(b, lanes, i64), strides);
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

/// `mask` null: all lanes.
Value VectorLoops::load(const NestOperand &operand, Value row, Value index,
                        Value mask, VectorType type) {
  if (operand.isIndex())
    return indices(operand, row, index, type);
  if (!mask && !operand.innerStride)
    return vector::LoadOp::create(b, type, row, index);
  if (operand.innerStride && options.mainLoop)
    return loadLanes(operand, row, index, mask ? rowEnd : nullptr, type);
  Value zeros =
      vectorConstant(cast<TypedAttr>(b.getZeroAttr(type.getElementType())),
                     type.getDimSize(0));
  if (!operand.innerStride)
    return vector::MaskedLoadOp::create(b, type, row, index, mask, zeros);
  unsigned lanes = type.getDimSize(0);
  Value first = arith::MulIOp::create(b, index, operand.innerStride);
  if (!mask)
    mask = vectorConstant(b.getBoolAttr(true), lanes);
  return vector::GatherOp::create(b, type, row, ValueRange{first},
                                  laneOffsets(operand, lanes), mask, zeros);
}

void VectorLoops::store(const NestOperand &operand, Value row, Value index,
                        Value mask, Value value) {
  auto type = cast<VectorType>(value.getType());
  unsigned lanes = type.getDimSize(0);
  if (operand.innerStride) {
    Value first = arith::MulIOp::create(b, index, operand.innerStride);
    if (!mask)
      mask = vectorConstant(b.getBoolAttr(true), lanes);
    vector::ScatterOp::create(b, Type(), row, ValueRange{first},
                              laneOffsets(operand, lanes), mask, value);
    return;
  }
  if (mask) {
    vector::MaskedStoreOp::create(b, row, index, mask, value);
    return;
  }
  // Rows start at multiples of 64 bytes; see PlannedLoop::nonTemporal.
  int64_t bytes =
      std::min<int64_t>(lanes * type.getElementTypeBitWidth() / 8, 64);
  vector::StoreOp::create(b, value, row, ValueRange{index}, nonTemporal,
                          nonTemporal ? llvm::MaybeAlign(bytes)
                                      : llvm::MaybeAlign());
}

/// True if `mask` is true for any lane.
Value VectorLoops::anyLane(Value mask) {
  return vector::ReductionOp::create(b, vector::CombiningKind::OR, mask);
}

/// The ops of `block` but its terminator, on vectors.
void VectorLoops::emitOps(Block &block, Lanes lanes, IRMapping &mapping) {
  for (Operation &op : block.without_terminator()) {
    if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      mapping.map(constant.getResult(),
                  vectorConstant(constant.getValue(), lanes.count));
    } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
      emitIf(branch, lanes, mapping);
    } else if (auto check = dyn_cast<cf::AssertOp>(op)) {
      emitAssert(check, lanes, mapping);
    } else {
      Operation *clone = b.clone(op, mapping);
      for (OpResult result : clone->getResults())
        result.setType(VectorType::get({lanes.count}, result.getType()));
    }
  }
}

/// Both ways where a lane takes the first one, otherwise only the second. (A
/// masked-off lane may take it needlessly.)
void VectorLoops::emitIf(scf::IfOp op, Lanes lanes, IRMapping &mapping) {
  Value condition = mapping.lookup(op.getCondition());
  Type type = VectorType::get({lanes.count}, op.getResult(0).getType());
  emitOps(*op.elseBlock(), lanes, mapping);
  Value usual = mapping.lookup(op.elseYield().getOperand(0));
  auto branch = scf::IfOp::create(b, type, anyLane(condition),
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, usual);
  b.setInsertionPointToStart(branch.thenBlock());
  emitOps(*op.thenBlock(), lanes, mapping);
  Value rare = mapping.lookup(op.thenYield().getOperand(0));
  scf::YieldOp::create(
      b, arith::SelectOp::create(b, condition, rare, usual).getResult());
  mapping.map(op.getResult(0), branch.getResult(0));
}

/// Sets the flag if the condition is false for any lane that counts.
void VectorLoops::emitAssert(cf::AssertOp op, Lanes lanes, IRMapping &mapping) {
  Value allTrue = vectorConstant(b.getBoolAttr(true), lanes.count);
  Value fails = arith::XOrIOp::create(b, mapping.lookup(op.getArg()), allTrue);
  if (lanes.mask)
    fails = arith::AndIOp::create(b, fails, lanes.mask);
  auto branch = scf::IfOp::create(b, anyLane(fails));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Value one = arith::ConstantOp::create(b, b.getI8IntegerAttr(1));
  memref::StoreOp::create(b, one, raised, ValueRange());
}

/// The operands that do not move along the row, in `lanes` lanes; null for the
/// others.
SmallVector<Value> VectorLoops::broadcasts(KernelNest &nest,
                                           ArrayRef<Value> rows,
                                           unsigned lanes) {
  SmallVector<Value> values(nest.operands.size());
  for (auto [operand, row, value] : llvm::zip(nest.operands, rows, values))
    if (!operand.moves)
      value = vector::BroadcastOp::create(
          b, VectorType::get({lanes}, operand.element()),
          operand.isIndex() ? row
                            : memref::LoadOp::create(b, row, indexConstant(0)));
  return values;
}

/// The body on the lanes from `index` on.
void VectorLoops::emitVector(KernelNest &nest, ArrayRef<Value> rows,
                             ArrayRef<Value> broadcasts, Value index,
                             Lanes lanes) {
  Block &body = *nest.op.getBody();
  size_t numInputs = nest.op.getNumDpsInputs();
  IRMapping mapping;
  for (size_t i = 0; i < numInputs; ++i) {
    const NestOperand &operand = nest.operands[i];
    auto type = VectorType::get({lanes.count}, operand.element());
    mapping.map(body.getArgument(i),
                operand.moves ? load(operand, rows[i], index, lanes.mask, type)
                              : broadcasts[i]);
  }
  emitOps(body, lanes, mapping);
  for (auto [i, value] : llvm::enumerate(body.getTerminator()->getOperands()))
    store(nest.operands[numInputs + i], rows[numInputs + i], index, lanes.mask,
          mapping.lookup(value));
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
    loop(begin, end, lanes, [&](Value index) {
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
  loop(mainEnd, end, nest.lanes, [&](Value index) {
    emitVector(
        nest, rows, fixed, index,
        {nest.lanes, shared ? shared : tailMask(nest.lanes, index, end)});
  });
}

LogicalResult VectorLoops::run() {
  FailureOr<SmallVector<KernelNest>> found = readKernelNests(func);
  if (failed(found))
    return failure();
  nests = std::move(*found);
  if (nests.empty())
    return success();
  emitRows();
  // Operands may share a view.
  SetVector<Operation *> views;
  for (KernelNest &nest : nests) {
    nest.op.erase();
    for (NestOperand &operand : nest.operands)
      views.insert(operand.view);
  }
  for (Operation *view : views)
    if (view->use_empty())
      view->erase();
  return success();
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
