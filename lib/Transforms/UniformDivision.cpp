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
#include <cmath>

using namespace mlir;
using namespace fuser;
using llvm::APFloat;
using Predicate = arith::CmpFPredicate;

//===----------------------------------------------------------------------===//
// Which divisions
//===----------------------------------------------------------------------===//

/// The divisions of the body, outside of rare ways, by what is the same along
/// the innermost dimension, of what is not.
static SmallVector<arith::DivFOp> uniformDivisions(const KernelNest &nest) {
  linalg::GenericOp op = nest.op;
  llvm::DenseSet<Value> uniform;
  for (BlockArgument argument : op.getBody()->getArguments())
    if (!nest.operands[argument.getArgNumber()].moves)
      uniform.insert(argument);
  SmallVector<arith::DivFOp> divisions;
  for (Operation &inner : op.getBody()->without_terminator()) {
    auto isUniform = [&](Value v) { return uniform.contains(v); };
    if (inner.getNumRegions() == 0 &&
        llvm::all_of(inner.getOperands(), isUniform))
      uniform.insert(inner.result_begin(), inner.result_end());
    else if (auto division = dyn_cast<arith::DivFOp>(inner))
      if (isUniform(division.getRhs()))
        divisions.push_back(division);
  }
  return divisions;
}

//===----------------------------------------------------------------------===//
// What replaces them
//===----------------------------------------------------------------------===//

namespace {

/// Quotients q are right where minDivisor <= |c| <= maxDivisor and, but for
/// integers x, |q| >= minQuotient: then |x| is so great that e is exact, and r
/// and q are normal. Great |x| need no bound: if p overflows, q is NaN.
struct Limits {
  double minDivisor, maxDivisor, minQuotient;
};

/// What depends on a divisor alone.
struct Divisor {
  Value reciprocal;
  /// Whether quotients of integers may be wrong.
  Value isUnfit;
  /// Other quotients may be if they are below `least`, unless x is equal to
  /// `zero`. These are NaN if any quotient may be, and that of zero.
  Value least, zero;
};

/// Writes quotients into a body, without dividing if nothing is extreme.
class UniformDivision {
public:
  explicit UniformDivision(Block *body)
      : builder(OpBuilder::atBlockBegin(body)),
        code(builder, body->getParentOp()->getLoc(), body) {}

  /// Replaces `op`, or leaves it where that is best.
  void replace(arith::DivFOp op);

private:
  Value byConstant(Value x, const APFloat &divisor);
  const Divisor &divisorOf(Value c);
  Value quotient(Value x, Value c);
  Value divideWhere(Value mayBeWrong, Value x, Value c, Value quotient);
  Value compare(Predicate predicate, Value x, Value y) {
    return code.make<arith::CmpFOp>(predicate, x, y);
  }

  OpBuilder builder;
  ScalarCode code;
  llvm::DenseMap<Value, Divisor> divisors;
};

} // namespace

/// Whether x is 0 or at least 1, and far from overflow.
static bool isInteger(Value x) {
  return isa_and_nonnull<arith::SIToFPOp, arith::UIToFPOp>(x.getDefiningOp());
}

static Limits limitsOf(Type type) {
  return type.isF32() ? Limits{0x1p-40, 0x1p100, 0x1p-60}
                      : Limits{0x1p-400, 0x1p1000, 0x1p-500};
}

const Divisor &UniformDivision::divisorOf(Value c) {
  auto [place, isNew] = divisors.try_emplace(c);
  Divisor &divisor = place->second;
  if (!isNew)
    return divisor;
  Limits limits = limitsOf(c.getType());
  auto number = [&](double value) {
    return code.floatConstant(c.getType(), value);
  };
  auto isWithin = [&](Value value) -> Value {
    return code.make<arith::AndIOp>(
        compare(Predicate::OGE, value, number(limits.minDivisor)),
        compare(Predicate::OLE, value, number(limits.maxDivisor)));
  };
  Value nan = number(std::numeric_limits<double>::quiet_NaN());
  Value isFit = isWithin(c);
  divisor.reciprocal = code.make<arith::DivFOp>(number(1), c);
  divisor.isUnfit = code.make<arith::XOrIOp>(
      isFit, code.integerConstant(builder.getI1Type(), 1));
  divisor.least = code.make<arith::SelectOp>(
      isWithin(code.make<math::AbsFOp>(c)), number(limits.minQuotient), nan);
  divisor.zero = code.make<arith::SelectOp>(isFit, number(0), nan);
  return divisor;
}

/// The steps above. Of a zero x, e is +0, and q is p, which has the right sign,
/// if c is positive; if c is negative, q is +0.
Value UniformDivision::quotient(Value x, Value c) {
  Value r = divisorOf(c).reciprocal;
  Value p = code.make<arith::MulFOp>(x, r);
  Value e = code.make<math::FmaOp>(c, p, code.make<arith::NegFOp>(x));
  return code.make<math::FmaOp>(code.make<arith::NegFOp>(e), r, p);
}

Value UniformDivision::divideWhere(Value mayBeWrong, Value x, Value c,
                                   Value quotient) {
  return scf::IfOp::create(
             builder, code.loc, mayBeWrong,
             [&](OpBuilder &inner, Location loc) {
               Value exact = arith::DivFOp::create(inner, loc, x, c);
               scf::YieldOp::create(inner, loc, exact);
             },
             [&](OpBuilder &inner, Location loc) {
               scf::YieldOp::create(inner, loc, quotient);
             })
      .getResult(0);
}

/// r and s such that fma(x, r, x s) is x / c for all integers x from `first` to
/// `last`; s is 0 if x r is, too. Found by trial.
template <class T>
static std::optional<std::pair<double, double>>
factorsFor(T c, int64_t first, int64_t last) {
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

/// x / divisor in one or two steps; null if there's no such way.
Value UniformDivision::byConstant(Value x, const APFloat &divisor) {
  auto number = [&](double value) {
    return code.floatConstant(x.getType(), value);
  };
  APFloat inverse = divisor;
  if (divisor.getExactInverse(&inverse))
    return code.make<arith::MulFOp>(x, number(inverse.convertToDouble()));
  if (!isInteger(x))
    return nullptr;
  Operation *cast = x.getDefiningOp();
  Type integer = cast->getOperand(0).getType();
  if (integer.getIntOrFloatBitWidth() > 8)
    return nullptr;
  // The bounds of an i1 are those of an i8.
  bool isSigned = isa<arith::SIToFPOp>(cast);
  int64_t first = isSigned ? -128 : 0, last = isSigned ? 127 : 255;
  double c = divisor.convertToDouble();
  auto factors = x.getType().isF32()
                     ? factorsFor(static_cast<float>(c), first, last)
                     : factorsFor(c, first, last);
  if (!factors)
    return nullptr;
  auto [r, rest] = *factors;
  if (rest == 0)
    return code.make<arith::MulFOp>(x, number(r));
  return code.make<math::FmaOp>(
      x, number(r), code.make<arith::MulFOp>(x, number(rest)));
}

void UniformDivision::replace(arith::DivFOp op) {
  Value x = op.getLhs(), c = op.getRhs();
  builder.setInsertionPoint(op);
  auto finish = [&](Value quotient) {
    op.replaceAllUsesWith(quotient);
    op.erase();
  };
  APFloat constant(0.0);
  bool isConstant = matchPattern(c, m_ConstantFloat(&constant));
  if (isConstant) {
    if (Value quotient = byConstant(x, constant))
      return finish(quotient);
    Limits limits = limitsOf(c.getType());
    double value = constant.convertToDouble();
    if (!isInteger(x))
      value = std::abs(value);
    if (!(value >= limits.minDivisor && value <= limits.maxDivisor))
      return;
  }
  Value q = quotient(x, c);
  const Divisor &divisor = divisorOf(c);
  if (isInteger(x))
    return finish(isConstant ? q : divideWhere(divisor.isUnfit, x, c, q));
  Value isSmall =
      compare(Predicate::ULT, code.make<math::AbsFOp>(q), divisor.least);
  Value isNotZero = compare(Predicate::UNE, x, divisor.zero);
  Value mayBeWrong = code.make<arith::AndIOp>(isSmall, isNotZero);
  finish(divideWhere(mayBeWrong, x, c, q));
}

linalg::GenericOp fuser::withoutUniformDivisions(KernelNest nest) {
  if (uniformDivisions(nest).empty())
    return nest.op;
  nest.op = cast<linalg::GenericOp>(OpBuilder(nest.op).clone(*nest.op));
  UniformDivision division(nest.op.getBody());
  for (arith::DivFOp op : uniformDivisions(nest))
    division.replace(op);
  return nest.op;
}
