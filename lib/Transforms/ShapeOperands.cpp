//===- ShapeOperands.cpp - operands of which only the shape counts --------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShapeOperands.h"
#include "FuserDialect/FuserDialect.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace fuser;

/// A value that follows from more shapes than that is left as it is.
static constexpr size_t kMaxSources = 8;

namespace {
/// The values whose shapes broadcast to that of a value, through pointwise ops
/// and fuser.broadcast_like. Never constants alone, and one that is no constant
/// comes first.
using Sources = SmallVector<Value, 2>;

class ShapeOperands {
public:
  explicit ShapeOperands(Block &block) : block(block) {}
  void run();

private:
  Sources sourcesOf(Value value) const;
  void findSources(Operation *op);
  void replaceLike(IotaOp iota);
  void replaceOthers(BroadcastLikeOp op);
  void replaceConstants(Operation *op);
  void eraseUnused();

  Block &block;
  /// Of results for which it is not just the result itself.
  DenseMap<Value, Sources> sources;
  /// Operands that were replaced.
  SmallVector<Value> replaced;
  /// Of constants, their element alone.
  DenseMap<Operation *, Value> elements;
};
} // namespace

static bool isConstant(Value value) {
  return value.getDefiningOp<ConstantOp>() != nullptr;
}

Sources ShapeOperands::sourcesOf(Value value) const {
  auto found = sources.find(value);
  return found == sources.end() ? Sources{value} : found->second;
}

/// Those of the result of `op` from those of its operands.
void ShapeOperands::findSources(Operation *op) {
  if (!isa<PointwiseOpInterface, BroadcastLikeOp>(op))
    return;
  llvm::SmallSetVector<Value, 8> joined;
  for (Value operand : op->getOperands()) {
    // A tensor of one element has no shape to give.
    if (cast<RankedTensorType>(operand.getType()).getRank() == 0)
      continue;
    joined.insert_range(sourcesOf(operand));
    if (joined.size() > kMaxSources)
      return;
  }
  Sources result(joined.begin(), joined.end());
  llvm::stable_sort(
      result, [](Value a, Value b) { return !isConstant(a) && isConstant(b); });
  if (!result.empty() && !isConstant(result.front()))
    sources[op->getResult(0)] = std::move(result);
}

void ShapeOperands::replaceLike(IotaOp iota) {
  Value like = iota.getLike();
  if (!like || !sources.contains(like))
    return;
  Sources from = sourcesOf(like);
  auto type = cast<RankedTensorType>(like.getType());
  Value shape = from.front();
  auto shapeType = cast<RankedTensorType>(shape.getType());
  if (from.size() > 1) {
    OpBuilder builder(iota);
    shape = BroadcastLikeOp::create(builder, iota.getLoc(),
                                    type.clone(shapeType.getElementType()),
                                    shape, ValueRange(from).drop_front());
  } else if (shapeType.getShape() != type.getShape()) {
    return;
  }
  iota.getLikeMutable().assign(shape);
  replaced.push_back(like);
}

void ShapeOperands::replaceOthers(BroadcastLikeOp op) {
  llvm::SmallSetVector<Value, 8> others;
  for (Value other : op.getOthers())
    others.insert_range(sourcesOf(other));
  if (llvm::equal(others, op.getOthers()))
    return;
  llvm::append_range(replaced, op.getOthers());
  op.getOthersMutable().assign(others.getArrayRef());
}

/// True if the operands of `op` other than number `index` broadcast to a shape
/// that its operand `index` does not change.
static bool isShapeOfOthers(Operation *op, unsigned index) {
  auto shape = cast<ShapedType>(op->getOperand(index).getType()).getShape();
  for (size_t dim = 1; dim <= shape.size(); ++dim) {
    int64_t extent = shape[shape.size() - dim];
    bool isGiven = llvm::any_of(op->getOpOperands(), [&](OpOperand &other) {
      auto type = dyn_cast<ShapedType>(other.get().getType());
      return other.getOperandNumber() != index && type &&
             type.getRank() >= static_cast<int64_t>(dim) &&
             (extent == 1 || type.getDimSize(type.getRank() - dim) == extent);
    });
    if (!isGiven)
      return false;
  }
  return true;
}

/// Constants of equal elements that give a pointwise op no shape become one
/// element, which no concat cuts.
void ShapeOperands::replaceConstants(Operation *op) {
  if (!isa<PointwiseOpInterface>(op))
    return;
  for (OpOperand &operand : op->getOpOperands()) {
    auto constant = operand.get().getDefiningOp<ConstantOp>();
    auto all = constant ? dyn_cast<DenseElementsAttr>(constant.getValue())
                        : DenseElementsAttr();
    if (!all || !all.isSplat() || constant->getBlock() != &block ||
        all.getType().getRank() == 0 ||
        !isShapeOfOthers(op, operand.getOperandNumber()))
      continue;
    Value &element = elements[constant];
    if (!element) {
      OpBuilder builder(constant);
      element = ConstantOp::create(
          builder, constant.getLoc(),
          all.resizeSplat(all.getType().clone(ArrayRef<int64_t>())));
    }
    replaced.push_back(constant);
    operand.set(element);
  }
}

/// Erases the ops that gave shapes and are not used now, and what only they
/// used.
void ShapeOperands::eraseUnused() {
  SmallVector<Operation *> erased;
  SmallPtrSet<Operation *, 16> seen;
  while (!replaced.empty()) {
    Operation *op = replaced.pop_back_val().getDefiningOp();
    if (!op || seen.contains(op) || op->getBlock() != &block ||
        !isOpTriviallyDead(op))
      continue;
    seen.insert(op);
    erased.push_back(op);
    llvm::append_range(replaced, op->getOperands());
    op->dropAllReferences();
  }
  // Not before: values of them may be on the list several times.
  for (Operation *op : erased)
    op->erase();
}

void ShapeOperands::run() {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    replaceConstants(&op);
    // Its own sources first: those of a new fuser.broadcast_like are not asked
    // for, since nothing else uses it.
    findSources(&op);
    if (auto iota = dyn_cast<IotaOp>(op))
      replaceLike(iota);
    else if (auto like = dyn_cast<BroadcastLikeOp>(op))
      replaceOthers(like);
  }
  eraseUnused();
}

void fuser::replaceShapeOperands(Block &block) { ShapeOperands(block).run(); }
