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

namespace {
/// Builds the ops of a formula, on f32 where the composite is on f16 or bf16.
class Formula {
public:
  Formula(OpBuilder &builder, Operation *op)
      : b(op->getLoc(), builder),
        type(cast<RankedTensorType>(op->getResult(0).getType())),
        element(type.getElementType()) {
    if (isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 32)
      element = b.getF32Type();
  }

  /// An operand in the type that the formula computes in.
  Value input(Value value) { return convert(value, element); }
  /// The composite's result.
  Value result(Value value) { return convert(value, type.getElementType()); }

  /// The composite's element type.
  Type resultElement() const { return type.getElementType(); }

  Value constant(double value) {
    auto scalar = RankedTensorType::get({}, element);
    Attribute attr =
        isa<FloatType>(element)
            ? Attribute(b.getFloatAttr(element, value))
            : Attribute(b.getIntegerAttr(element, static_cast<int64_t>(value)));
    return ConstantOp::create(b, DenseElementsAttr::get(scalar, attr))
        .getResult();
  }
  template <class OpTy, class... Values> Value make(Values... operands) {
    return inferred(OpTy::create(b, type.clone(element), operands...));
  }
  Value compare(ComparePredicate predicate, Value x, Value y) {
    return inferred(
        CompareOp::create(b, type.clone(b.getI1Type()), predicate, x, y));
  }

private:
  Value convert(Value value, Type to) {
    auto from = cast<RankedTensorType>(value.getType());
    if (from.getElementType() == to)
      return value;
    return CastOp::create(b, from.clone(to), value).getResult();
  }
  /// Operands that broadcast may have a smaller shape than the composite.
  Value inferred(Operation *op) {
    LogicalResult status = inferResultTypes(op);
    assert(succeeded(status) && "the composite's operands broadcast");
    (void)status;
    return op->getResult(0);
  }

  ImplicitLocOpBuilder b;
  RankedTensorType type;
  Type element;
};
} // namespace

Value ReluOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  return f.result(f.make<MaximumOp>(f.input(getX()), f.constant(0)));
}

Value SiluOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  Value x = f.input(getX());
  Value e = f.make<ExpOp>(f.make<NegOp>(x));
  return f.result(f.make<DivOp>(x, f.make<AddOp>(e, f.constant(1))));
}

Value MishOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  Value x = f.input(getX());
  Value softplus = f.make<Log1pOp>(f.make<ExpOp>(x));
  return f.result(f.make<MulOp>(x, f.make<TanhOp>(softplus)));
}

/// clamp(x + 3, 0, 6)
static Value hardStep(Formula &f, Value x) {
  return f.make<ClampOp>(f.make<AddOp>(x, f.constant(3)), f.constant(0),
                         f.constant(6));
}

Value HardsigmoidOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  return f.result(f.make<DivOp>(hardStep(f, f.input(getX())), f.constant(6)));
}

Value HardswishOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  Value x = f.input(getX());
  return f.result(
      f.make<DivOp>(f.make<MulOp>(x, hardStep(f, x)), f.constant(6)));
}

/// x / (e^-2u + 1) with u = sqrt(2/pi) (x + 0.044715 x^3), for x (1 + tanh u)
/// / 2.
static Value geluByTanh(Formula &f, Value x) {
  constexpr double minusTwoRoots = -1.5957691216057307118; // -2 sqrt(2/pi)
  Value slope =
      f.make<FmaOp>(f.make<MulOp>(x, x), f.constant(0.044715 * minusTwoRoots),
                    f.constant(minusTwoRoots));
  Value e = f.make<ExpOp>(f.make<MulOp>(x, slope));
  return f.make<DivOp>(x, f.make<AddOp>(e, f.constant(1)));
}

namespace {
/// Q(a) = erfc(a / sqrt 2) / 2, the upper tail of the normal distribution, as a
/// polynomial to the power 2^squarings for 0 <= a <= limit, where a Q(a) rounds
/// to 0 in the type. Coefficients from the constant one on: those of least
/// relative error on Chebyshev points (C. L. Lawson's iteration), rounded to
/// f32 one after the other from the highest one down.
struct NormalTail {
  double limit;
  int squarings;
  llvm::ArrayRef<double> coefficients;
};
} // namespace

/// Relative error 2^-16.5, with the rounding errors of f32.
static constexpr double tailForF16[] = {
    0x1.f5076cp-1, -0x1.8fdad8p-6,  -0x1.342e1ap-7, -0x1.dfd458p-11,
    0x1.11560p-12, -0x1.0de20cp-16, 0x1.4c93eap-22};
/// Relative error 2^-13.5 down to the least normal number.
static constexpr double tailForBF16[] = {
    0x1.fa7c0p-1,   -0x1.93f0cep-7,  -0x1.3d8c08p-8, -0x1.0cf1e4p-11,
    0x1.d0bfdcp-14, -0x1.36880cp-17, 0x1.54305ap-21, -0x1.2c21fap-25,
    0x1.407e86p-30, -0x1.23e386p-36};

/// max(x, 0) - a Q(a) with a = |x|, as exact as a half can hold. No terms
/// cancel for negative x; gelu(-0) = -0 and gelu(-inf) = -0.
static Value geluByTail(Formula &f, Value x) {
  const NormalTail tail = f.resultElement().isF16()
                              ? NormalTail{5.8, 5, tailForF16}
                              : NormalTail{13.6, 6, tailForBF16};
  // A minimum and a maximum of one instruction each; the latter keeps NaN and
  // -0.
  Value limit = f.constant(tail.limit), zero = f.constant(0);
  Value a = f.make<AbsOp>(x);
  Value isInside = f.compare(ComparePredicate::lt, a, limit);
  a = f.make<SelectOp>(isInside, a, limit);
  Value isBelow = f.compare(ComparePredicate::gt, zero, x);
  Value positive = f.make<SelectOp>(isBelow, zero, x);
  Value q = f.constant(tail.coefficients.back());
  for (double coefficient : llvm::reverse(tail.coefficients.drop_back()))
    q = f.make<FmaOp>(q, a, f.constant(coefficient));
  for (int i = 0; i < tail.squarings; ++i)
    q = f.make<MulOp>(q, q);
  return f.make<FmaOp>(f.make<NegOp>(a), q, positive);
}

Value GeluOp::decompose(OpBuilder &builder) {
  constexpr double sqrtHalf = 0.70710678118654752440;
  Formula f(builder, *this);
  Value x = f.input(getX());
  if (getApproximate() == GeluApproximate::tanh)
    return f.result(geluByTanh(f, x));
  if (f.resultElement().getIntOrFloatBitWidth() < 32)
    return f.result(geluByTail(f, x));
  Value erf = f.make<ErfOp>(f.make<MulOp>(x, f.constant(sqrtHalf)));
  Value half = f.make<MulOp>(x, f.constant(0.5));
  return f.result(f.make<MulOp>(half, f.make<AddOp>(erf, f.constant(1))));
}

Value LeakyReluOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  Value x = f.input(getX());
  Value isAbove = f.compare(ComparePredicate::gt, x, f.constant(0));
  Value scaled = f.make<MulOp>(x, f.constant(getSlope().convertToDouble()));
  return f.result(f.make<SelectOp>(isAbove, x, scaled));
}

Value EluOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  Value x = f.input(getX());
  Value alpha = f.constant(getAlpha().convertToDouble());
  Value scale = f.constant(getScale().convertToDouble());
  Value isAbove = f.compare(ComparePredicate::gt, x, f.constant(0));
  Value inner = f.make<MulOp>(x, f.constant(getInputScale().convertToDouble()));
  Value below =
      f.make<MulOp>(f.make<Expm1Op>(inner), f.make<MulOp>(alpha, scale));
  return f.result(f.make<SelectOp>(isAbove, f.make<MulOp>(x, scale), below));
}

Value SoftplusOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  Value x = f.input(getX());
  Value beta = f.constant(getBeta().convertToDouble());
  Value scaled = f.make<MulOp>(x, beta);
  Value isAbove = f.compare(ComparePredicate::gt, scaled,
                            f.constant(getThreshold().convertToDouble()));
  Value smooth = f.make<DivOp>(f.make<Log1pOp>(f.make<ExpOp>(scaled)), beta);
  return f.result(f.make<SelectOp>(isAbove, x, smooth));
}

Value HardtanhOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  return f.result(f.make<ClampOp>(f.input(getX()),
                                  f.constant(getMin().convertToDouble()),
                                  f.constant(getMax().convertToDouble())));
}

Value ThresholdOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  Value x = f.input(getX());
  Value isBelow = f.compare(ComparePredicate::le, x,
                            f.constant(getThreshold().convertToDouble()));
  return f.result(
      f.make<SelectOp>(isBelow, f.constant(getValue().convertToDouble()), x));
}

Value AddcmulOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  Value x = f.input(getX()), b = f.input(getB());
  Value scaled = f.make<MulOp>(f.input(getValue()), f.input(getA()));
  if (isa<FloatType>(getElementTypeOrSelf(x)))
    return f.result(f.make<FmaOp>(scaled, b, x));
  return f.result(f.make<AddOp>(x, f.make<MulOp>(scaled, b)));
}

Value AddcdivOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  Value scaled = f.make<MulOp>(f.input(getValue()), f.input(getA()));
  Value quotient = f.make<DivOp>(scaled, f.input(getB()));
  return f.result(f.make<AddOp>(f.input(getX()), quotient));
}

LogicalResult fuser::verifyAddcValue(Operation *op, Value value) {
  Type element = getElementTypeOrSelf(op->getOperand(0));
  Type factor = getElementTypeOrSelf(value);
  bool isHalf = isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 32;
  // addc_c1
  if (factor == element || (isHalf && factor.isF32()))
    return success();
  return op->emitOpError("has a factor of ")
         << factor << ": expected " << element << (isHalf ? " or f32" : "");
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
