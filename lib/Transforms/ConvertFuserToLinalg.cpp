//===- ConvertFuserToLinalg.cpp - nests to linalg.generic -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmitPointwise.h"
#include "FuserTransforms/Passes.h"
#include "FuserTransforms/Specialize.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace fuser;

namespace fuser {
#define GEN_PASS_DEF_CONVERTFUSERTOLINALGPASS
#include "FuserTransforms/Passes.h.inc"
} // namespace fuser

static DType elementDType(Value value) {
  return *dtypeOf(getElementTypeOrSelf(value.getType()));
}

/// The element of `splat` as a signless scalar.
static Value emitConstant(ScalarCode &code, DenseElementsAttr splat) {
  Type element = splat.getElementType();
  if (isa<FloatType>(element)) {
    APFloat value = splat.getSplatValue<APFloat>();
    bool losesInfo;
    value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
    bool isSmall = element.getIntOrFloatBitWidth() < 32;
    return code.floatConstant(isSmall ? code.builder.getF32Type() : element,
                              value.convertToDouble());
  }
  Type type =
      IntegerType::get(element.getContext(), element.getIntOrFloatBitWidth());
  return code.integerConstant(
      type, static_cast<int64_t>(splat.getSplatValue<APInt>().getZExtValue()));
}

/// The body of `nest` as scalar code on stored elements.
static LogicalResult emitBody(NestOp nest, OpBuilder &builder,
                              ValueRange stored) {
  Block &body = nest.getBody().front();
  auto function = nest->getParentOfType<func::FuncOp>();
  ScalarCode code(builder, nest.getLoc(), builder.getInsertionBlock(),
                  /*isForHost=*/!function->hasAttr(kDeviceAttr));
  IRMapping mapping;
  for (auto [argument, element] : llvm::zip(body.getArguments(), stored))
    mapping.map(argument, emitLoaded(code, element, elementDType(argument)));
  for (Operation &op : body.without_terminator()) {
    if (auto constant = dyn_cast<ConstantOp>(op)) {
      auto splat = dyn_cast<DenseElementsAttr>(constant.getValue());
      if (!splat || !splat.isSplat())
        return op.emitOpError("has different elements: expected an input of "
                              "the nest");
      mapping.map(constant.getResult(), emitConstant(code, splat));
      continue;
    }
    auto pointwise = dyn_cast<PointwiseOpInterface>(op);
    if (!pointwise)
      return op.emitOpError("has no scalar code: expected pointwise ops and "
                            "constants in a nest");
    auto operands = llvm::map_to_vector(
        op.getOperands(), [&](Value v) { return mapping.lookup(v); });
    mapping.map(op.getResult(0), emitPointwise(code, pointwise, operands));
  }
  SmallVector<Value> results;
  for (Value value : body.getTerminator()->getOperands())
    results.push_back(
        emitStored(code, mapping.lookup(value), elementDType(value)));
  linalg::YieldOp::create(builder, nest.getLoc(), results);
  return success();
}

static LogicalResult convertNest(NestOp nest) {
  OpBuilder builder(nest);
  auto rankOf = [](Value v) { return cast<MemRefType>(v.getType()).getRank(); };
  int64_t rank = rankOf(nest.getOutputs().front());
  AffineMap identity = builder.getMultiDimIdentityMap(rank);
  // An input of one rank less stays where it is along the innermost dimension.
  auto maps = llvm::map_to_vector(nest.getOperands(), [&](Value operand) {
    return rankOf(operand) == rank ? identity : identity.dropResult(rank - 1);
  });
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  LogicalResult status = success();
  linalg::GenericOp::create(
      builder, nest.getLoc(), TypeRange(), nest.getInputs(), nest.getOutputs(),
      maps, iterators, [&](OpBuilder &inner, Location, ValueRange stored) {
        status =
            emitBody(nest, inner, stored.take_front(nest.getInputs().size()));
      });
  nest.erase();
  return status;
}

LogicalResult fuser::convertNestsToLinalg(func::FuncOp func) {
  SmallVector<NestOp> nests;
  func.walk([&](NestOp nest) { nests.push_back(nest); });
  for (NestOp nest : nests)
    if (failed(convertNest(nest)))
      return failure();
  return success();
}

namespace {
struct ConvertFuserToLinalgPass
    : fuser::impl::ConvertFuserToLinalgPassBase<ConvertFuserToLinalgPass> {
  void runOnOperation() override {
    if (failed(convertNestsToLinalg(getOperation())))
      signalPassFailure();
  }
};
} // namespace
