//===- VectorCode.cpp - the bodies of generics on vectors -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorCode.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace fuser;

VectorCode::VectorCode(func::FuncOp func)
    : func(func), b(func.getLoc(), func.getBody().front().getTerminator()),
      raised(raisedFlag(func)) {}

LogicalResult VectorCode::run() {
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

//===----------------------------------------------------------------------===//
// Constants and loops
//===----------------------------------------------------------------------===//

Value VectorCode::indexConstant(int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}

Value VectorCode::vectorConstant(TypedAttr scalar, unsigned lanes) {
  TypedAttr attr = scalar;
  if (lanes > 1)
    attr = DenseElementsAttr::get(VectorType::get({lanes}, scalar.getType()),
                                  Attribute(scalar));
  Value &value = constants[attr];
  if (!value) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&func.getBody().front());
    value = arith::ConstantOp::create(b, attr);
  }
  return value;
}

Value VectorCode::iota(unsigned lanes, Type element) {
  SmallVector<Attribute> values;
  for (unsigned lane = 0; lane < lanes; ++lane)
    values.push_back(b.getIntegerAttr(element, lane));
  if (lanes == 1)
    return arith::ConstantOp::create(b, cast<TypedAttr>(values[0]));
  return arith::ConstantOp::create(
      b, DenseElementsAttr::get(VectorType::get({lanes}, element), values));
}

void VectorCode::loop(Value from, Value to, Value step,
                      function_ref<void(Value)> body) {
  auto op = scf::ForOp::create(b, from, to, step);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.getBody());
  body(op.getInductionVar());
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

SmallVector<Value> VectorCode::indicesOf(Value row, ValueRange sizes) {
  SmallVector<Value> indices(sizes.size());
  Value rest = row;
  for (size_t dim = sizes.size(); dim-- > 1;) {
    indices[dim] = arith::RemUIOp::create(b, rest, sizes[dim]);
    rest = arith::DivUIOp::create(b, rest, sizes[dim]);
  }
  indices[0] = rest;
  return indices;
}

/// The memory of `operand` from the first element of a row on, or from that of
/// `column`; the first element itself if it is no memory.
Value VectorCode::rowOf(const NestOperand &operand, ValueRange outer,
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
SmallVector<Value> VectorCode::rowsOf(const KernelNest &nest, ValueRange outer,
                                      Value size) {
  return llvm::map_to_vector(nest.operands, [&](const NestOperand &operand) {
    return rowOf(operand, outer, size);
  });
}

/// The operands that do not move along the row, in `lanes` lanes; null for the
/// others.
SmallVector<Value> VectorCode::broadcasts(KernelNest &nest,
                                          ArrayRef<Value> rows,
                                          unsigned lanes) {
  SmallVector<Value> values(nest.operands.size());
  for (auto [operand, row, value] : llvm::zip(nest.operands, rows, values)) {
    if (operand.moves)
      continue;
    value = operand.isIndex() ? row
                              : memref::LoadOp::create(b, row, indexConstant(0))
                                    .getResult();
    if (lanes > 1)
      value = vector::BroadcastOp::create(
          b, laneType(operand.element(), lanes), value);
  }
  return values;
}

/// The elements of an operand without memory in the lanes from `index` on;
/// `row` is the first one of the row.
Value VectorCode::indices(const NestOperand &operand, Value row, Value index,
                          unsigned lanes) {
  if (operand.innerStride)
    index = arith::MulIOp::create(b, index, operand.innerStride);
  Value first = arith::AddIOp::create(b, row, index);
  if (lanes == 1)
    return first;
  Type type = laneType(b.getIndexType(), lanes);
  Value lane = iota(lanes, b.getIndexType());
  if (operand.innerStride)
    lane = arith::MulIOp::create(
        b, lane, vector::BroadcastOp::create(b, type, operand.innerStride));
  return arith::AddIOp::create(b, vector::BroadcastOp::create(b, type, first),
                               lane);
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

/// True if `mask` is true for any lane.
Value VectorCode::anyLane(Value mask) {
  if (!isa<VectorType>(mask.getType()))
    return mask;
  return vector::ReductionOp::create(b, vector::CombiningKind::OR, mask);
}

/// The ops of `block` but its terminator, on vectors.
void VectorCode::emitOps(Block &block, Lanes lanes, IRMapping &mapping) {
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
        result.setType(laneType(result.getType(), lanes.count));
    }
  }
}

/// Both ways where a lane takes the first one, otherwise only the second. (A
/// masked-off lane may take it needlessly.)
void VectorCode::emitIf(scf::IfOp op, Lanes lanes, IRMapping &mapping) {
  Value condition = mapping.lookup(op.getCondition());
  Type type = laneType(op.getResult(0).getType(), lanes.count);
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
void VectorCode::emitAssert(cf::AssertOp op, Lanes lanes, IRMapping &mapping) {
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

/// The body on the lanes from `index` on.
void VectorCode::emitVector(KernelNest &nest, ArrayRef<Value> rows,
                            ArrayRef<Value> broadcasts, Value index,
                            Lanes lanes) {
  Block &body = *nest.op.getBody();
  size_t numInputs = nest.op.getNumDpsInputs();
  IRMapping mapping;
  for (size_t i = 0; i < numInputs; ++i) {
    const NestOperand &operand = nest.operands[i];
    mapping.map(body.getArgument(i),
                !operand.moves      ? broadcasts[i]
                : operand.isIndex() ? indices(operand, rows[i], index,
                                              lanes.count)
                                    : load(operand, rows[i], index, lanes));
  }
  emitOps(body, lanes, mapping);
  for (auto [i, value] : llvm::enumerate(body.getTerminator()->getOperands()))
    store(nest.operands[numInputs + i], rows[numInputs + i], index, lanes,
          mapping.lookup(value));
}
