//===- Composite.cpp - ops defined by others ------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserDialect/FuserDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace fuser;

/// Builds formulas over tensors of one type with rank-0 constants.
namespace {
class Formula {
public:
  Formula(OpBuilder &builder, Operation *op)
      : b(op->getLoc(), builder),
        type(cast<RankedTensorType>(op->getResult(0).getType())) {}

  Value constant(double value) {
    Type element = type.getElementType();
    auto scalar = RankedTensorType::get({}, element);
    Attribute attr =
        isa<FloatType>(element)
            ? Attribute(b.getFloatAttr(element, value))
            : Attribute(b.getIntegerAttr(element, static_cast<int64_t>(value)));
    return ConstantOp::create(b, DenseElementsAttr::get(scalar, attr))
        .getResult();
  }
  template <class OpTy> Value make(Value x) {
    return OpTy::create(b, type, x).getResult();
  }
  template <class OpTy> Value make(Value x, Value y) {
    return OpTy::create(b, type, x, y).getResult();
  }

private:
  ImplicitLocOpBuilder b;
  RankedTensorType type;
};
} // namespace

Value ReluOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  return f.make<MaximumOp>(getX(), f.constant(0));
}

Value SiluOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  Value e = f.make<ExpOp>(f.make<NegOp>(getX()));
  return f.make<DivOp>(getX(), f.make<AddOp>(e, f.constant(1)));
}

Value GeluOp::decompose(OpBuilder &builder) {
  constexpr double sqrtHalf = 0.70710678118654752440;
  constexpr double sqrtTwoOverPi = 0.79788456080286535588;
  Formula f(builder, *this);
  Value x = getX(), inner;
  if (getApproximate() == GeluApproximate::none) {
    inner = f.make<ErfOp>(f.make<MulOp>(x, f.constant(sqrtHalf)));
  } else {
    Value cube = f.make<MulOp>(f.make<MulOp>(x, x), x);
    Value sum = f.make<AddOp>(x, f.make<MulOp>(cube, f.constant(0.044715)));
    inner = f.make<TanhOp>(f.make<MulOp>(sum, f.constant(sqrtTwoOverPi)));
  }
  Value half = f.make<MulOp>(x, f.constant(0.5));
  return f.make<MulOp>(half, f.make<AddOp>(inner, f.constant(1)));
}

LogicalResult
RandLikeOp::inferShapes(ArrayRef<SmallVector<int64_t>> shapes,
                        SmallVectorImpl<SmallVector<int64_t>> &results,
                        function_ref<InFlightDiagnostic()>) {
  results.push_back(shapes.front());
  return success();
}

Value RandLikeOp::decompose(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  Type i64 = b.getI64Type();
  auto scalar = RankedTensorType::get({}, i64);
  auto splat = [&](Value value) {
    return SplatOp::create(b, scalar, value).getResult();
  };
  Value index =
      IotaOp::create(b, getType().clone(i64), getX(), /*dim=*/IntegerAttr());
  return RandomOp::create(b, getType(), index, splat(getSeed()),
                          splat(getOffset()))
      .getResult();
}
