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

static LogicalResult inferGroup(GroupOp group);

LogicalResult fuser::inferShapesIn(Block &block) {
  for (Operation &op : block) {
    if (auto group = dyn_cast<GroupOp>(op)) {
      if (failed(inferGroup(group)))
        return failure();
    } else if (failed(inferResultTypes(&op))) {
      return failure();
    }
  }
  return success();
}

static LogicalResult inferGroup(GroupOp group) {
  Block &body = group.getBody().front();
  for (auto [argument, input] :
       llvm::zip_equal(body.getArguments(), group.getInputs()))
    argument.setType(input.getType());
  if (failed(inferShapesIn(body)))
    return failure();
  for (auto [result, value] :
       llvm::zip_equal(group.getResults(), group.getYield().getValues()))
    result.setType(value.getType());
  return success();
}

LogicalResult fuser::eraseExtents(GroupOp group) {
  Block &body = group.getBody().front();
  for (BlockArgument argument : body.getArguments())
    if (auto tensor = dyn_cast<RankedTensorType>(argument.getType()))
      argument.setType(tensor.clone(
          SmallVector<int64_t>(tensor.getRank(), ShapedType::kDynamic)));
  return inferShapesIn(body);
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
