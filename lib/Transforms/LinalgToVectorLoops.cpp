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
// the body computes on scalars it computes on vectors, op by op.
//
//===----------------------------------------------------------------------===//

#include "FuserTransforms/Passes.h"
#include "FuserTransforms/Specialize.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace fuser;

namespace fuser {
#define GEN_PASS_DEF_LINALGTOVECTORLOOPSPASS
#include "FuserTransforms/Passes.h.inc"
} // namespace fuser

/// The memory that `func` reports division by zero in; null if there is none.
static Value raisedFlag(func::FuncOp func) {
  for (BlockArgument argument : func.getArguments())
    if (func.getArgAttr(argument.getArgNumber(), kRaisedAttr) &&
        argument.getType() ==
            MemRefType::get({}, IntegerType::get(func.getContext(), 8)))
      return argument;
  return nullptr;
}

namespace {
/// An operand of a generic: memory, and how the loops move through it.
struct Operand {
  mutable memref::ReinterpretCastOp view;
  /// Whether the innermost dimension moves it.
  bool moves;
  /// The stride of the innermost dimension; null if it is 1 or does not move.
  Value innerStride;

  Value pointer() const { return view.getSource(); }
  Type element() const { return view.getType().getElementType(); }
  /// Whether it is no memory: its elements are their own addresses.
  bool isIndex() const { return element().isIndex(); }
};

struct Nest {
  linalg::GenericOp op;
  /// Inputs, then outputs.
  SmallVector<Operand> operands;
  /// The size of the innermost dimension.
  Value innerSize;
  unsigned lanes;
};

/// The lanes of one vector; `mask` null: all of them.
struct Lanes {
  unsigned count;
  Value mask;
};

class VectorLoops {
public:
  VectorLoops(func::FuncOp func, const LinalgToVectorLoopsPassOptions &options)
      : func(func), options(options),
        b(func.getLoc(), func.getBody().front().getTerminator()),
        nonTemporal(func->hasAttr(kNonTemporalAttr)), raised(raisedFlag(func)) {
  }

  LogicalResult run();

private:
  LogicalResult collectNests();
  FailureOr<Operand> collectOperand(linalg::GenericOp op, Value value,
                                    int64_t rank);
  SmallVector<Value> startIndices(ValueRange sizes);
  SmallVector<Value> nextIndices(ValueRange indices, ValueRange sizes);
  void emitRows();
  void emitNest(Nest &nest, ValueRange outer, Value begin, Value end);
  void emitVector(Nest &nest, ArrayRef<Value> rows, ArrayRef<Value> broadcasts,
                  Value index, Value mask);
  void emitOps(Block &block, Lanes lanes, IRMapping &mapping);
  void emitIf(scf::IfOp op, Lanes lanes, IRMapping &mapping);
  void emitAssert(cf::AssertOp op, Lanes lanes, IRMapping &mapping);
  Value anyLane(Value mask);
  Value rowOf(const Operand &operand, ValueRange outer, Value size);
  Value load(const Operand &operand, Value row, Value index, Value mask,
             VectorType type);
  Value indices(const Operand &operand, Value row, Value index,
                VectorType type);
  void store(const Operand &operand, Value row, Value index, Value mask,
             Value value);
  Value tailMask(unsigned lanes, Value index, Value end);
  Value laneOffsets(const Operand &operand, unsigned lanes);
  Value indexConstant(int64_t value);
  Value vectorConstant(TypedAttr scalar, unsigned lanes);

  func::FuncOp func;
  const LinalgToVectorLoopsPassOptions &options;
  ImplicitLocOpBuilder b;
  bool nonTemporal;
  Value raised;
  SmallVector<Nest> nests;
  DenseMap<Attribute, Value> constants;
};
} // namespace

//===----------------------------------------------------------------------===//
// Reading the kernel function
//===----------------------------------------------------------------------===//

/// True if `view` is one that fuser-specialize makes: of a pointer, from its
/// first element on, of sizes and strides that are arguments but for an
/// innermost stride of 1 where a nest of `rank` moves it.
static bool isKernelView(memref::ReinterpretCastOp view, int64_t rank) {
  auto pointer = dyn_cast<MemRefType>(view.getSource().getType());
  if (!pointer || pointer.getRank() != 0 ||
      !pointer.getElementType().isIntOrIndexOrFloat())
    return false;
  SmallVector<OpFoldResult> numbers = view.getMixedSizes();
  llvm::append_range(numbers, view.getMixedStrides());
  bool moves = view.getType().getRank() == rank;
  if (moves && isConstantIntValue(numbers.back(), 1))
    numbers.pop_back();
  return isConstantIntValue(view.getMixedOffsets().front(), 0) &&
         llvm::all_of(numbers, llvm::IsaPred<Value>);
}

/// True if the ops of `block`, of the body `body` or within it, do on vectors
/// what they do on scalars.
static bool isElementwise(Block &block, Block *body, Value raised) {
  return llvm::all_of(block, [&](Operation &op) {
    bool isLocal = llvm::all_of(op.getOperands(), [&](Value operand) {
      return body->getParent()->isAncestor(operand.getParentRegion());
    });
    if (!isLocal)
      return false;
    if (auto branch = dyn_cast<scf::IfOp>(op))
      return branch.getNumResults() == 1 && branch.elseBlock() &&
             isElementwise(*branch.thenBlock(), body, raised) &&
             isElementwise(*branch.elseBlock(), body, raised);
    if (isa<cf::AssertOp>(op))
      return raised && &block == body;
    return OpTrait::hasElementwiseMappableTraits(&op) ||
           isa<arith::ConstantOp, linalg::YieldOp, scf::YieldOp>(op);
  });
}

/// True if the body computes on input elements and constants only, by ops that
/// do on vectors what they do on scalars: elementwise ones, scf.if with one
/// result, and, where `func` can report it, cf.assert.
static bool hasElementwiseBody(linalg::GenericOp op, Value raised) {
  Block *body = op.getBody();
  for (BlockArgument argument :
       body->getArguments().drop_front(op.getNumDpsInputs()))
    if (!argument.use_empty())
      return false;
  return isElementwise(*body, body, raised);
}

/// True if operand `operand` is read or written at the loops' indices, or at
/// all but the innermost one.
static bool isPointwise(OpOperand &operand, linalg::GenericOp op) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(op.getNumLoops(), op.getContext());
  return map == identity || (op.isDpsInput(&operand) &&
                             map == identity.dropResult(map.getNumDims() - 1));
}

FailureOr<Operand> VectorLoops::collectOperand(linalg::GenericOp op,
                                               Value value, int64_t rank) {
  auto view = value.getDefiningOp<memref::ReinterpretCastOp>();
  if (!view || !isKernelView(view, rank))
    return op.emitOpError("has an operand that is no memref.reinterpret_cast "
                          "of a pointer argument: run fuser-specialize and "
                          "convert-fuser-to-linalg first");
  Operand operand{view, view.getType().getRank() == rank, nullptr};
  if (operand.moves)
    operand.innerStride = dyn_cast<Value>(view.getMixedStrides().back());
  return operand;
}

LogicalResult VectorLoops::collectNests() {
  bool bodiesFit = true;
  for (auto op : func.getBody().getOps<linalg::GenericOp>()) {
    Nest &nest = nests.emplace_back();
    nest.op = op;
    int64_t rank = op.getNumLoops();
    auto isAtIndices = [&](OpOperand &o) { return isPointwise(o, op); };
    if (rank == 0 || op.getNumParallelLoops() != rank ||
        !llvm::all_of(op->getOpOperands(), isAtIndices))
      return op.emitOpError("is not pointwise: expected parallel loops and "
                            "operands that all of them, or all but the "
                            "innermost one, move");
    if (!hasElementwiseBody(op, raised))
      return op.emitOpError(
          "has a body that is not elementwise: expected arith "
          "and math ops on the input elements and constants");
    bool allWide = true;
    for (Value value : op->getOperands()) {
      FailureOr<Operand> operand = collectOperand(op, value, rank);
      if (failed(operand))
        return failure();
      bool isInput = nest.operands.size() < op.getNumDpsInputs();
      if (operand->isIndex() && !isInput)
        return op.emitOpError("stores indices: expected elements in memory");
      allWide &= operand->isIndex() ||
                 operand->element().getIntOrFloatBitWidth() == 64;
      nest.operands.push_back(*operand);
    }
    nest.lanes = allWide ? 8 : 16;
    memref::ReinterpretCastOp output = nest.operands.back().view;
    nest.innerSize = dyn_cast<Value>(output.getMixedSizes().back());
    bodiesFit &= nest.innerSize && op.getBody()->getOperations().size() > 0 &&
                 rank == static_cast<int64_t>(nests[0].op.getNumLoops());
    if (!llvm::equal(output.getSizes().drop_back(),
                     nests[0].operands.back().view.getSizes().drop_back()))
      bodiesFit = false;
  }
  bool hasRange = func.getNumArguments() >= 2 && func.getBody().hasOneBlock() &&
                  func.getArgument(0).getType().isIndex() &&
                  func.getArgument(1).getType().isIndex();
  if (!nests.empty() && !hasRange)
    return func.emitOpError("is no kernel function: expected one block, and "
                            "the first and the last row as the first "
                            "arguments");
  if (!bodiesFit || (nests.size() > 1 && nests[0].op.getNumLoops() == 1))
    return func.emitOpError("has generics that can't share one loop over rows: "
                            "expected equal outer sizes");
  return success();
}

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

void VectorLoops::emitRows() {
  Value begin = func.getArgument(0), end = func.getArgument(1);
  if (nests[0].op.getNumLoops() == 1) {
    emitNest(nests[0], {}, begin, end);
    return;
  }
  SmallVector<Value> sizes(
      nests[0].operands.back().view.getSizes().drop_back());
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
  for (Nest &nest : nests)
    emitNest(nest, outer, indexConstant(0), nest.innerSize);
  if (isCounted)
    scf::YieldOp::create(b, nextIndices(outer, sizes));
}

/// The memory of `operand` from the first element of the current row on; the
/// first element itself if it is no memory.
Value VectorLoops::rowOf(const Operand &operand, ValueRange outer, Value size) {
  Value offset = indexConstant(0);
  SmallVector<OpFoldResult> strides = operand.view.getMixedStrides();
  for (auto [dim, index] : llvm::enumerate(outer)) {
    Value step = arith::MulIOp::create(b, index, cast<Value>(strides[dim]));
    offset = dim == 0 ? step : arith::AddIOp::create(b, offset, step);
  }
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

//===----------------------------------------------------------------------===//
// One nest on one row
//===----------------------------------------------------------------------===//

/// Lane i is true while index + i < end.
Value VectorLoops::tailMask(unsigned lanes, Value index, Value end) {
  Type i32 = b.getI32Type();
  Value left = arith::SubIOp::create(b, end, index);
  left = arith::MinSIOp::create(b, left, indexConstant(lanes));
  left = arith::IndexCastOp::create(b, i32, left);
  Value bound =
      vector::BroadcastOp::create(b, VectorType::get({lanes}, i32), left);
  return arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                               iota(b, lanes, i32), bound);
}

/// The elements of an operand without memory in the lanes from `index` on;
/// `row` is the first one of the row.
Value VectorLoops::indices(const Operand &operand, Value row, Value index,
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
Value VectorLoops::laneOffsets(const Operand &operand, unsigned lanes) {
  Type i64 = b.getI64Type();
  Value stride = arith::IndexCastOp::create(b, i64, operand.innerStride);
  Value strides =
      vector::BroadcastOp::create(b, VectorType::get({lanes}, i64), stride);
  return arith::MulIOp::create(b, iota(b, lanes, i64), strides);
}

/// `mask` null: all lanes.
Value VectorLoops::load(const Operand &operand, Value row, Value index,
                        Value mask, VectorType type) {
  if (operand.isIndex())
    return indices(operand, row, index, type);
  if (!mask && !operand.innerStride)
    return vector::LoadOp::create(b, type, row, index);
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

void VectorLoops::store(const Operand &operand, Value row, Value index,
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

/// The body on the lanes from `index` on; `mask` null: all of them.
void VectorLoops::emitVector(Nest &nest, ArrayRef<Value> rows,
                             ArrayRef<Value> broadcasts, Value index,
                             Value mask) {
  Block &body = *nest.op.getBody();
  size_t numInputs = nest.op.getNumDpsInputs();
  IRMapping mapping;
  for (size_t i = 0; i < numInputs; ++i) {
    const Operand &operand = nest.operands[i];
    auto type = VectorType::get({nest.lanes}, operand.element());
    mapping.map(body.getArgument(i),
                operand.moves ? load(operand, rows[i], index, mask, type)
                              : broadcasts[i]);
  }
  emitOps(body, {nest.lanes, mask}, mapping);
  for (auto [i, value] : llvm::enumerate(body.getTerminator()->getOperands()))
    store(nest.operands[numInputs + i], rows[numInputs + i], index, mask,
          mapping.lookup(value));
}

/// The loops over [begin, end) of the innermost dimension.
void VectorLoops::emitNest(Nest &nest, ValueRange outer, Value begin,
                           Value end) {
  SmallVector<Value> rows, broadcasts;
  for (const Operand &operand : nest.operands) {
    rows.push_back(rowOf(operand, outer, end));
    Value broadcast;
    if (!operand.moves)
      broadcast = vector::BroadcastOp::create(
          b, VectorType::get({nest.lanes}, operand.element()),
          operand.isIndex()
              ? rows.back()
              : memref::LoadOp::create(b, rows.back(), indexConstant(0)));
    broadcasts.push_back(broadcast);
  }
  Value step = indexConstant(nest.lanes);
  auto loop = [&](Value from, Value to, function_ref<void(Value)> body) {
    auto op = scf::ForOp::create(b, from, to, step);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(op.getBody());
    body(op.getInductionVar());
  };
  Value mainEnd = begin;
  if (options.mainLoop) {
    Value size = arith::SubIOp::create(b, end, begin);
    Value rest = arith::RemUIOp::create(b, size, step);
    mainEnd = arith::SubIOp::create(b, end, rest);
    loop(begin, mainEnd, [&](Value index) {
      emitVector(nest, rows, broadcasts, index, nullptr);
    });
  }
  loop(mainEnd, end, [&](Value index) {
    emitVector(nest, rows, broadcasts, index, tailMask(nest.lanes, index, end));
  });
}

LogicalResult VectorLoops::run() {
  if (failed(collectNests()))
    return failure();
  if (nests.empty())
    return success();
  emitRows();
  for (Nest &nest : nests) {
    nest.op.erase();
    for (Operand &operand : nest.operands)
      if (operand.view->use_empty())
        operand.view.erase();
  }
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
    if (failed(lowerToVectorLoops(getOperation(), {mainLoop})))
      signalPassFailure();
  }
};
} // namespace
