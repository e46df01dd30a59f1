//===- InferShapes.cpp - refine result types ------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserTransforms/Passes.h"

using namespace mlir;
using namespace fuser;

namespace fuser {
#define GEN_PASS_DEF_INFERSHAPESPASS
#include "FuserTransforms/Passes.h.inc"
} // namespace fuser

/// `type` with the extents of `shape`; static extents of either win if `keep`.
static Type withShape(Type type, ArrayRef<int64_t> shape, bool keep) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> extents = llvm::to_vector(shape);
  if (keep)
    for (auto [extent, declared] : llvm::zip_equal(extents, tensor.getShape()))
      if (ShapedType::isDynamic(extent))
        extent = declared;
  return tensor.clone(extents);
}

/// Sets the result types of `op` by its operands. With `keep`, static extents
/// that were declared stay.
static LogicalResult inferResultTypes(Operation &op, bool keep) {
  if (!isa_and_nonnull<FuserDialect>(op.getDialect()))
    return success();
  if (op.hasTrait<OpTrait::SameOperandsAndResultType>()) {
    op.getResult(0).setType(op.getOperand(0).getType());
    return success();
  }
  auto infer = dyn_cast<InferShapesOpInterface>(op);
  if (!infer)
    return success();
  SmallVector<SmallVector<int64_t>> shapes;
  if (failed(infer.inferShapes(operandShapes(&op), shapes,
                               [&] { return op.emitOpError(); })))
    return failure();
  for (auto [result, shape] : llvm::zip_equal(op.getResults(), shapes)) {
    auto declared = cast<RankedTensorType>(result.getType());
    if (!keep) {
      result.setType(declared.clone(shape));
      continue;
    }
    if (!shapesCompatible(shape, declared.getShape()))
      return op.emitOpError()
             << "has a result of shape " << shapeToString(declared.getShape())
             << " where its operands give " << shapeToString(shape);
    result.setType(withShape(declared, shape, keep));
  }
  return success();
}

static LogicalResult inferGroup(GroupOp group, bool keep);

static LogicalResult inferBlock(Block &block, bool keep) {
  for (Operation &op : block) {
    if (auto group = dyn_cast<GroupOp>(op)) {
      if (failed(inferGroup(group, keep)))
        return failure();
    } else if (failed(inferResultTypes(op, keep))) {
      return failure();
    }
  }
  return success();
}

static LogicalResult inferGroup(GroupOp group, bool keep) {
  Block &body = group.getBody().front();
  for (auto [argument, input] :
       llvm::zip_equal(body.getArguments(), group.getInputs()))
    argument.setType(input.getType());
  if (failed(inferBlock(body, keep)))
    return failure();
  for (auto [result, value] :
       llvm::zip_equal(group.getResults(), group.getYield().getValues()))
    result.setType(value.getType());
  return success();
}

LogicalResult fuser::inferShapesIn(Block &block) {
  return inferBlock(block, /*keep=*/true);
}

LogicalResult fuser::eraseExtents(GroupOp group) {
  Block &body = group.getBody().front();
  for (BlockArgument argument : body.getArguments())
    if (auto tensor = dyn_cast<RankedTensorType>(argument.getType()))
      argument.setType(tensor.clone(
          SmallVector<int64_t>(tensor.getRank(), ShapedType::kDynamic)));
  return inferBlock(body, /*keep=*/false);
}

namespace {
struct InferShapesPass : fuser::impl::InferShapesPassBase<InferShapesPass> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isExternal())
      return;
    if (!func.getBody().hasOneBlock()) {
      func.emitOpError("has several blocks: expected one");
      return signalPassFailure();
    }
    Block &body = func.getBody().front();
    if (failed(inferShapesIn(body)))
      return signalPassFailure();
    if (auto returned = dyn_cast<func::ReturnOp>(body.getTerminator()))
      func.setType(FunctionType::get(&getContext(), func.getArgumentTypes(),
                                     returned.getOperandTypes()));
  }
};
} // namespace
