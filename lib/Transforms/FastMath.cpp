//===- FastMath.cpp - groups without the roundings in between -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserTransforms/Passes.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace fuser;

namespace fuser {
#define GEN_PASS_DEF_FASTMATHPASS
#include "FuserTransforms/Passes.h.inc"
} // namespace fuser

static bool isHalf(Value value) {
  Type element = getElementTypeOrSelf(value.getType());
  return element.isF16() || element.isBF16();
}

static Type withElement(Value value, Type element) {
  return cast<RankedTensorType>(value.getType()).clone(element);
}

//===----------------------------------------------------------------------===//
// Halves as f32
//===----------------------------------------------------------------------===//

/// Replaces what a block computes on f16 and bf16 by the same on f32. Not
/// random numbers: those of f32 may round to 1.
static void widenHalves(Block &block) {
  OpBuilder builder(block.getParentOp());
  Type f32 = builder.getF32Type();
  IRMapping wide;
  auto widened = [&](Value value) {
    if (!isHalf(value))
      return value;
    if (Value known = wide.lookupOrNull(value))
      return known;
    Value result = builder.createOrFold<CastOp>(value.getLoc(),
                                                withElement(value, f32), value);
    wide.map(value, result);
    return result;
  };
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (!isa<PointwiseOpInterface>(op) || isa<RandomOp>(op) ||
        !(isHalf(op.getResult(0)) ||
          llvm::any_of(op.getOperands(), [](Value v) { return isHalf(v); })))
      continue;
    builder.setInsertionPoint(&op);
    auto operands = llvm::map_to_vector(op.getOperands(), widened);
    Value result = op.getResult(0), narrow;
    Type type = result.getType();
    if (isHalf(result))
      type = withElement(result, f32);
    if (isa<CastOp>(op)) {
      narrow = builder.createOrFold<CastOp>(op.getLoc(), type, operands[0]);
    } else {
      Operation *clone = builder.clone(op);
      clone->setOperands(operands);
      clone->getResult(0).setType(type);
      narrow = clone->getResult(0);
    }
    if (isHalf(result)) {
      Value number = narrow;
      narrow = CastOp::create(builder, op.getLoc(), result.getType(), number);
      wide.map(narrow, number);
    }
    result.replaceAllUsesWith(narrow);
    op.erase();
  }
}

//===----------------------------------------------------------------------===//
// Contraction
//===----------------------------------------------------------------------===//

/// The product that nothing else reads; null if `value` is none.
static MulOp soleProduct(Value value) {
  auto mul = value.getDefiningOp<MulOp>();
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(value.getType()));
  return mul && isFloat && value.hasOneUse() ? mul : MulOp();
}

/// x * y + z and x * y - z, and z - x * y, as one fma each.
static void contract(Block &block) {
  OpBuilder builder(block.getParentOp());
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (!isa<AddOp, SubOp>(op))
      continue;
    builder.setInsertionPoint(&op);
    bool isSub = isa<SubOp>(op);
    auto negated = [&](Value value) -> Value {
      if (!isSub)
        return value;
      return NegOp::create(builder, op.getLoc(), value.getType(), value);
    };
    Value left = op.getOperand(0), right = op.getOperand(1), fma;
    auto fuse = [&](Value x, Value y, Value z) {
      fma = FmaOp::create(builder, op.getLoc(), op.getResult(0).getType(), x, y,
                          z);
    };
    if (MulOp product = soleProduct(left))
      fuse(product.getX(), product.getY(), negated(right));
    else if (MulOp product = soleProduct(right))
      fuse(negated(product.getX()), product.getY(), left);
    else
      continue;
    op.getResult(0).replaceAllUsesWith(fma);
    op.erase();
  }
}

static void eraseUnused(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

void fuser::relaxMath(GroupOp group) {
  Block &body = group.getBody().front();
  widenHalves(body);
  eraseUnused(body);
  contract(body);
  eraseUnused(body);
}

namespace {
struct FastMathPass : fuser::impl::FastMathPassBase<FastMathPass> {
  void runOnOperation() override {
    getOperation()->walk([](GroupOp group) { relaxMath(group); });
  }
};
} // namespace
