//===- GroupBorders.cpp - which ops may not share a group -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConcatMotion.h"
#include "GroupFormation.h"

using namespace mlir;
using namespace fuser;

/// Concats of one group that depend on each other, at most: what the sizes of
/// such parts are is worked out by recursion.
static constexpr unsigned kMaxConcatDepth = 200;

bool fuser::isFusible(Operation *op) {
  return isa_and_nonnull<FuserDialect>(op->getDialect()) &&
         op->getNumRegions() == 0 &&
         !isa<ConstantOp, CompositeOpInterface>(op) &&
         !op->hasTrait<OpTrait::IsTerminator>();
}

/// Why an op is no part of any group.
static FusionReason reasonNotFusible(Operation *op) {
  if (isa<CompositeOpInterface>(op))
    return FusionReason::Composite;
  return isa<ConstantOp>(op) ? FusionReason::Constant
                             : FusionReason::NotFusible;
}

/// Why `consumer` must not be in the group of `producer`; none if it may.
std::optional<FusionReason> GroupFormation::borderReason(const Node &producer,
                                                         Operation *consumer) {
  if (!producer.fusible)
    return reasonNotFusible(producer.op);
  if (!isFusible(consumer))
    return reasonNotFusible(consumer);
  if (isa<ReshapeOp>(consumer) && producer.isComputed && !producer.isReshapable)
    return FusionReason::BeforeReshape;
  if (isa<ConcatOp>(consumer) && producer.concatDepth >= kMaxConcatDepth)
    return FusionReason::LimitOps;
  if (producer.isFixed && !isa<ConcatOp>(consumer))
    return FusionReason::ConcatParts;
  for (const Cut &cut : producer.cuts) {
    if (isa<IotaOp>(consumer))
      return FusionReason::ConcatShape;
    bool isView = consumer->hasTrait<View>() && !isElementwise(consumer);
    if (isView && !movedDim(consumer, cut.dim))
      return FusionReason::ConcatDim;
    // The extents of the parts would say less than those of the whole.
    bool isAlong =
        isElementwise(consumer) ||
        (isa<ConcatOp>(consumer) && dimOf(cast<ConcatOp>(consumer)) != cut.dim);
    if (isAlong && !cut.isStatic && isStaticAlong(consumer, cut.dim))
      return FusionReason::ConcatExtent;
  }
  // What a view leaves out would not be computed, and could not fail.
  if (isa<SliceOp, ChunkOp, BroadcastToOp, BroadcastLikeOp>(consumer) &&
      producer.raises)
    return FusionReason::MayFail;
  if (!isa<ConcatOp>(consumer)) // Of many operands.
    for (Value operand : consumer->getOperands())
      if (operand.getDefiningOp() == producer.op &&
          isBetterStored(operand, consumer))
        return FusionReason::Recompute;
  return std::nullopt;
}

static bool raises(Operation *op) {
  auto pointwise = dyn_cast<PointwiseOpInterface>(op);
  if (!pointwise)
    return false;
  Type element = getElementTypeOrSelf(op->getOperand(0).getType());
  return opcodeRaises(pointwise.getOpcode(), *dtypeOf(element));
}

void GroupFormation::findComputed(size_t index) {
  Node &node = nodes[index];
  node.raises = raises(node.op) ||
                llvm::any_of(node.op->getOperands(), [&](Value operand) {
                  Node *inside = neighbour(operand, node.level);
                  return inside && inside->raises;
                });
  node.isComputed = isa<PointwiseOpInterface, ConcatOp>(node.op);
  if (isa<PointwiseOpInterface>(node.op)) {
    node.isReshapable = isReshapable(index);
  } else if (node.op->hasTrait<View>()) {
    Node *viewed = neighbour(node.op->getOperand(0), node.level);
    node.isComputed = viewed && viewed->isComputed;
    node.isReshapable = node.isComputed && isa<ReshapeOp>(node.op);
  }
}

/// True if all operands of a pointwise op have its shape or are one element,
/// and are inputs or computed of such: then no stride of 0 comes between. And
/// if nothing but the reshape needs it: it would be computed twice.
bool GroupFormation::isReshapable(size_t index) {
  Operation *op = nodes[index].op;
  auto result = cast<RankedTensorType>(op->getResult(0).getType());
  int64_t numShaped =
      llvm::count_if(op->getOperands(), [&](Value v) { return rankOf(v) > 0; });
  return op->hasOneUse() && llvm::all_of(op->getOperands(), [&](Value operand) {
           auto type = cast<RankedTensorType>(operand.getType());
           bool hasShape =
               numShaped <= 1 || (result.hasStaticShape() &&
                                  type.getShape() == result.getShape());
           Node *inside = neighbour(operand, nodes[index].level);
           bool isLeaf = !inside || isa<SplatOp, IotaOp>(inside->op);
           return (hasShape || type.getRank() == 0) &&
                  (isLeaf || (inside->isComputed && inside->isReshapable));
         });
}
