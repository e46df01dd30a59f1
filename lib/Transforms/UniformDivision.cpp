//===- UniformDivision.cpp - divisions by one number a row ----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where all elements of a row are divided by one number c, its reciprocal is
// worked out once a row, and an element takes a multiplication and two fma:
//
//   r = 1 / c,  p = x r,  e = c p - x,  q = p - e r,  each rounded once.
//
// q is x / c, correctly rounded, if nothing overflows or underflows
// (Brisebarre, Muller, Raina: Accelerating Correctly Rounded Floating-Point
// Division when the Divisor is Known in Advance, IEEE Trans. Computers 53,
// 2004; a proof is in docs/Rationale.md). Where something may, elements are
// divided.
//
//===----------------------------------------------------------------------===//

#include "CodeBuilder.h"
#include "KernelNests.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"
#include <cmath>

using namespace mlir;
using namespace fuser;
using llvm::APFloat;
using Predicate = arith::CmpFPredicate;

namespace {

/// The steps are exact enough where |c| is from 2^-uniform to 2^uniform, and
/// |q| at least 2^quotient or x in a Grid within 2^(2 uniform): then x is 0 or
/// so great that e is exact, and r and q are normal. Great |x| need no bound:
/// if p overflows, q is NaN.
struct Limits {
  int precision, uniform, quotient;
};

/// What a value is known to be: a multiple of 2^unit, and no more than 2^top.
/// Rounding changes neither.
struct Grid {
  int unit, top;
  /// Only if each of these is 0 or from 2^-uniform to 2^uniform.
  llvm::SmallSetVector<Value, 2> uniforms;
};

/// What depends on a divisor alone.
struct Divisor {
  Value reciprocal;
  /// Whether quotients of dividends with a Grid may be wrong.
  Value isUnfit;
  /// Other quotients may be if they are below `least`, unless x is equal to
  /// `zero`. These are NaN if any quotient may be, and that of zero.
  Value least, zero;
};

/// Rewrites a body.
class UniformDivision {
public:
  UniformDivision(linalg::GenericOp op, llvm::DenseSet<Value> uniform)
      : body(op.getBody()), builder(OpBuilder::atBlockBegin(body)),
        code(builder, op.getLoc(), body), uniform(std::move(uniform)) {}
  void run();

private:
  bool isUniform(Value value) const { return uniform.contains(value); }
  std::optional<Grid> gridOf(Value value);
  std::optional<Grid> resultGrid(Operation &op);

  Value quotientFor(arith::DivFOp op);
  Value byConstant(Value x, const APFloat &divisor);
  Value byReciprocal(Value x, Value c);
  const Divisor &divisorOf(Value c);
  Value divideWhere(Value mayBeWrong, Value x, Value c, Value quotient);
  Value isUnfit(const Grid &grid);

  Value number(Type type, double value) {
    return code.floatConstant(type, value);
  }
  Value compare(Predicate predicate, Value x, Value y) {
    return code.make<arith::CmpFOp>(predicate, x, y);
  }
  Value isWithinLimits(Value value);
  Value negate(Value truth) {
    return code.make<arith::XOrIOp>(
        truth, code.integerConstant(builder.getI1Type(), 1));
  }

  Block *body;
  OpBuilder builder;
  ScalarCode code;
  /// What is the same along the innermost dimension.
  llvm::DenseSet<Value> uniform;
  llvm::DenseMap<Value, Grid> grids;
  llvm::DenseMap<Value, Divisor> divisors;
};

} // namespace

static Limits limitsOf(Type type) {
  return type.isF32() ? Limits{24, 40, -60} : Limits{53, 300, -500};
}

/// The constant that `value` is, if any.
static std::optional<APFloat> constantOf(Value value) {
  APFloat constant(0.0);
  if (!matchPattern(value, m_ConstantFloat(&constant)))
    return std::nullopt;
  return constant;
}

//===----------------------------------------------------------------------===//
// Grids
//===----------------------------------------------------------------------===//

/// That of something uniform is all that the limits allow.
std::optional<Grid> UniformDivision::gridOf(Value value) {
  if (auto known = grids.find(value); known != grids.end())
    return known->second;
  if (!isUniform(value))
    return std::nullopt;
  Limits limits = limitsOf(value.getType());
  if (auto constant = constantOf(value)) {
    if (constant->isZero())
      return Grid{0, 0, {}};
    int exponent = ilogb(*constant);
    if (!constant->isFinite() || std::abs(exponent) > limits.uniform)
      return std::nullopt;
    return Grid{exponent - limits.precision + 1, exponent + 1, {}};
  }
  Grid grid{-limits.uniform - limits.precision + 1, limits.uniform, {}};
  grid.uniforms.insert(value);
  return grid;
}

/// Of sums, products and integers, and of quotients by constants.
std::optional<Grid> UniformDivision::resultGrid(Operation &op) {
  if (isa<arith::SIToFPOp, arith::UIToFPOp>(op)) {
    unsigned width = op.getOperand(0).getType().getIntOrFloatBitWidth();
    return Grid{0, static_cast<int>(width), {}};
  }
  if (!isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp>(op))
    return std::nullopt;
  auto x = gridOf(op.getOperand(0)), y = gridOf(op.getOperand(1));
  if (!x || !y)
    return std::nullopt;
  Limits limits = limitsOf(op.getResult(0).getType());
  Grid grid{std::min(x->unit, y->unit), std::max(x->top, y->top) + 1,
            x->uniforms};
  grid.uniforms.insert(y->uniforms.begin(), y->uniforms.end());
  if (isa<arith::MulFOp>(op)) {
    grid.unit = x->unit + y->unit;
    grid.top = x->top + y->top;
  } else if (isa<arith::DivFOp>(op)) {
    auto constant = constantOf(op.getOperand(1));
    if (!constant || constant->isZero())
      return std::nullopt;
    // It is from 2^(y->top - 1) to 2^y->top.
    grid.unit = x->unit - y->top - limits.precision + 1;
    grid.top = x->top - y->top + 1;
  }
  if (grid.unit < -2 * limits.uniform || grid.top > 2 * limits.uniform)
    return std::nullopt;
  return grid;
}

//===----------------------------------------------------------------------===//
// Quotients
//===----------------------------------------------------------------------===//

Value UniformDivision::isWithinLimits(Value value) {
  int limit = limitsOf(value.getType()).uniform;
  Type type = value.getType();
  return code.make<arith::AndIOp>(
      compare(Predicate::OGE, value, number(type, std::ldexp(1, -limit))),
      compare(Predicate::OLE, value, number(type, std::ldexp(1, limit))));
}

const Divisor &UniformDivision::divisorOf(Value c) {
  auto [place, isNew] = divisors.try_emplace(c);
  Divisor &divisor = place->second;
  if (!isNew)
    return divisor;
  Type type = c.getType();
  Value isFit = isWithinLimits(c);
  Value isFitNegated = isWithinLimits(code.make<math::AbsFOp>(c));
  Value nan = number(type, std::numeric_limits<double>::quiet_NaN());
  Value least = number(type, std::ldexp(1, limitsOf(type).quotient));
  divisor.reciprocal = code.make<arith::DivFOp>(number(type, 1), c);
  divisor.isUnfit = negate(isFit);
  divisor.least = code.make<arith::SelectOp>(isFitNegated, least, nan);
  divisor.zero = code.make<arith::SelectOp>(isFit, number(type, 0), nan);
  return divisor;
}

/// The steps above. Of a zero x, e is +0, and q is p, which has the right sign,
/// if c is positive; if c is negative, q is +0.
Value UniformDivision::byReciprocal(Value x, Value c) {
  Value r = divisorOf(c).reciprocal;
  Value p = code.make<arith::MulFOp>(x, r);
  Value e = code.make<math::FmaOp>(c, p, code.make<arith::NegFOp>(x));
  return code.make<math::FmaOp>(code.make<arith::NegFOp>(e), r, p);
}

/// r and s such that fma(x, r, x s) is x / c for all integers x from `first` to
/// `last`; s is 0 if x r is that, too. Found by trial.
template <class T>
static std::optional<std::pair<double, double>> factorsFor(T c, int64_t first,
                                                           int64_t last) {
  T r = 1 / c, rest = std::fma(-r, c, T(1)) / c;
  auto holds = [&](auto quotient) {
    for (int64_t i = first; i <= last; ++i) {
      T x = static_cast<T>(i), exact = x / c, found = quotient(x);
      if (found != exact || std::signbit(found) != std::signbit(exact))
        return false;
    }
    return true;
  };
  if (holds([&](T x) { return x * r; }))
    return std::pair<double, double>(r, 0);
  if (holds([&](T x) { return std::fma(x, r, x * rest); }))
    return std::pair<double, double>(r, rest);
  return std::nullopt;
}

/// x / divisor in one or two steps; null if there is no such way.
Value UniformDivision::byConstant(Value x, const APFloat &divisor) {
  Type type = x.getType();
  APFloat inverse = divisor;
  if (divisor.getExactInverse(&inverse))
    return code.make<arith::MulFOp>(x, number(type, inverse.convertToDouble()));
  Operation *cast = x.getDefiningOp();
  if (!isa_and_nonnull<arith::SIToFPOp, arith::UIToFPOp>(cast) ||
      cast->getOperand(0).getType().getIntOrFloatBitWidth() > 8)
    return nullptr;
  bool isSigned = isa<arith::SIToFPOp>(cast);
  int64_t first = isSigned ? -128 : 0, last = isSigned ? 127 : 255;
  double c = divisor.convertToDouble();
  auto factors = type.isF32() ? factorsFor(static_cast<float>(c), first, last)
                              : factorsFor(c, first, last);
  if (!factors)
    return nullptr;
  auto [r, rest] = *factors;
  if (rest == 0)
    return code.make<arith::MulFOp>(x, number(type, r));
  return code.make<math::FmaOp>(
      x, number(type, r), code.make<arith::MulFOp>(x, number(type, rest)));
}

/// Whether some condition of `grid` does not hold; null if there is none.
Value UniformDivision::isUnfit(const Grid &grid) {
  Value unfit;
  for (Value value : grid.uniforms) {
    Value isFit = code.make<arith::OrIOp>(
        isWithinLimits(code.make<math::AbsFOp>(value)),
        compare(Predicate::OEQ, value, number(value.getType(), 0)));
    Value isNot = negate(isFit);
    unfit = unfit ? code.make<arith::OrIOp>(unfit, isNot) : isNot;
  }
  return unfit;
}

Value UniformDivision::divideWhere(Value mayBeWrong, Value x, Value c,
                                   Value quotient) {
  auto divide = [&](OpBuilder &inner, Location loc) {
    Value exact = arith::DivFOp::create(inner, loc, x, c);
    scf::YieldOp::create(inner, loc, exact);
  };
  auto keep = [&](OpBuilder &inner, Location loc) {
    scf::YieldOp::create(inner, loc, quotient);
  };
  return scf::IfOp::create(builder, code.loc, mayBeWrong, divide, keep)
      .getResult(0);
}

/// The quotient without a division; null if one is best.
Value UniformDivision::quotientFor(arith::DivFOp op) {
  Value x = op.getLhs(), c = op.getRhs();
  auto grid = gridOf(x);
  auto constant = constantOf(c);
  if (constant) {
    if (Value quotient = byConstant(x, *constant))
      return quotient;
    if (!gridOf(c) || constant->isZero())
      return nullptr;
    if (constant->isNegative()) // Zeros may be many.
      return nullptr;
  }
  // What there is to test takes as long as divisions of f32 do, and longer in
  // short rows.
  if (!constant && !grid && x.getType().isF32())
    return nullptr;
  Value q = byReciprocal(x, c);
  const Divisor &divisor = divisorOf(c);
  if (!grid) {
    Value isSmall =
        compare(Predicate::ULT, code.make<math::AbsFOp>(q), divisor.least);
    Value isNotZero = compare(Predicate::UNE, x, divisor.zero);
    return divideWhere(code.make<arith::AndIOp>(isSmall, isNotZero), x, c, q);
  }
  Value mayBeWrong = isUnfit(*grid);
  if (!constant)
    mayBeWrong = mayBeWrong
                     ? code.make<arith::OrIOp>(mayBeWrong, divisor.isUnfit)
                     : divisor.isUnfit;
  return mayBeWrong ? divideWhere(mayBeWrong, x, c, q) : q;
}

void UniformDivision::run() {
  for (Operation &op : llvm::make_early_inc_range(body->without_terminator())) {
    Type type = op.getNumResults() == 1 ? op.getResult(0).getType() : Type();
    if (!type || !(type.isF32() || type.isF64()) || isUniform(op.getResult(0)))
      continue;
    Value result = op.getResult(0);
    auto grid = resultGrid(op);
    auto division = dyn_cast<arith::DivFOp>(op);
    if (division && isUniform(division.getRhs())) {
      builder.setInsertionPoint(division);
      if (Value quotient = quotientFor(division)) {
        result.replaceAllUsesWith(quotient);
        op.erase();
        result = quotient;
      }
    }
    if (grid)
      grids.try_emplace(result, *grid);
  }
}

//===----------------------------------------------------------------------===//
// Which divisions
//===----------------------------------------------------------------------===//

/// The values of the body that are the same along the innermost dimension.
static llvm::DenseSet<Value> uniformValues(const KernelNest &nest) {
  linalg::GenericOp op = nest.op;
  llvm::DenseSet<Value> uniform;
  for (auto [argument, operand] :
       llvm::zip(op.getBody()->getArguments(), nest.operands))
    if (!operand.moves)
      uniform.insert(argument);
  for (Operation &inner : op.getBody()->without_terminator())
    if (inner.getNumRegions() == 0 &&
        llvm::all_of(inner.getOperands(),
                     [&](Value v) { return uniform.contains(v); }))
      uniform.insert(inner.result_begin(), inner.result_end());
  return uniform;
}

linalg::GenericOp fuser::withoutUniformDivisions(KernelNest nest) {
  auto divisions = nest.op.getBody()->getOps<arith::DivFOp>();
  if (divisions.empty())
    return nest.op;
  llvm::DenseSet<Value> uniform = uniformValues(nest);
  if (llvm::none_of(divisions, [&](arith::DivFOp op) {
        return uniform.contains(op.getRhs()) && !uniform.contains(op.getLhs());
      }))
    return nest.op;
  nest.op = cast<linalg::GenericOp>(OpBuilder(nest.op).clone(*nest.op));
  UniformDivision(nest.op, uniformValues(nest)).run();
  return nest.op;
}
