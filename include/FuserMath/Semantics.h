//===- Semantics.h - what each pointwise op computes ------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function template of namespace fuser::math::op per row of Ops.def, by
// the mnemonic's name. Comparisons return a truth value, the others a value of
// the operands' type. The headers included here hold what is longer than a few
// lines; Cast.h holds the semantics of `cast`.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_SEMANTICS_H
#define FUSERMATH_SEMANTICS_H

#include "FuserMath/Erf.h"
#include "FuserMath/Exp.h"
#include "FuserMath/Gamma.h"
#include "FuserMath/Hyperbolic.h"
#include "FuserMath/InverseTrig.h"
#include "FuserMath/Log.h"
#include "FuserMath/Pow.h"
#include "FuserMath/Remainder.h"
#include "FuserMath/Root.h"
#include "FuserMath/Tanh.h"
#include "FuserMath/Trig.h"

namespace fuser::math {
namespace op {

/// -x: floats flip the sign bit, integers wrap.
template <class B> FUSERMATH_INLINE typename B::V neg(B &b, typename B::V x) {
  return b.neg(x);
}

/// |x|: floats clear the sign bit; the least signed integer gives itself.
template <class B> FUSERMATH_INLINE typename B::V abs(B &b, typename B::V x) {
  if constexpr (B::isFloat)
    return b.abs(x);
  else
    return b.select(b.lt(x, b.constant(0)), b.neg(x), x);
}

/// 1 for x > 0, -1 for x < 0 and 0 for the rest: zeros and, as PyTorch has it,
/// NaN.
template <class B> FUSERMATH_INLINE typename B::V sign(B &b, typename B::V x) {
  auto zero = b.constant(0), one = b.constant(1);
  auto positive = b.select(b.gt(x, zero), one, zero);
  return b.select(b.lt(x, zero), b.neg(one), positive);
}

/// ~x: all bits of an integer, the truth value of i1.
template <class B>
FUSERMATH_INLINE typename B::V bitwise_not(B &b, typename B::V x) {
  return b.bitNot(x);
}

/// The least integer >= x; -0 and what rounds to it from below stay -0.
template <class B> FUSERMATH_INLINE typename B::V ceil(B &b, typename B::V x) {
  return b.ceil(x);
}

/// The greatest integer <= x; -0 stays.
template <class B> FUSERMATH_INLINE typename B::V floor(B &b, typename B::V x) {
  return b.floor(x);
}

/// The nearest integer, the even one of two; the sign of x, of zero too.
template <class B> FUSERMATH_INLINE typename B::V round(B &b, typename B::V x) {
  return b.roundEven(x);
}

/// The next integer toward zero; the sign of x, of zero too.
template <class B> FUSERMATH_INLINE typename B::V trunc(B &b, typename B::V x) {
  return b.trunc(x);
}

/// x - trunc(x), exact; of an integer +0; NaN for infinities.
template <class B> FUSERMATH_INLINE typename B::V frac(B &b, typename B::V x) {
  return b.sub(x, b.trunc(x));
}

/// Whether x is NaN.
template <class B>
FUSERMATH_INLINE typename B::M is_nan(B &b, typename B::V x) {
  return b.ne(x, x);
}

/// Whether x is an infinity.
template <class B>
FUSERMATH_INLINE typename B::M is_inf(B &b, typename B::V x) {
  return b.eq(b.abs(x), b.constant(detail::Format<typename B::Scalar>::inf));
}

/// Whether x is neither NaN nor an infinity.
template <class B>
FUSERMATH_INLINE typename B::M is_finite(B &b, typename B::V x) {
  return b.lt(b.abs(x), b.constant(detail::Format<typename B::Scalar>::inf));
}

/// The square root, correctly rounded; sqrt(-0) = -0, sqrt(x < 0) = NaN.
template <class B> FUSERMATH_INLINE typename B::V sqrt(B &b, typename B::V x) {
  return b.sqrt(x);
}

/// x + y; integers wrap.
template <class B>
FUSERMATH_INLINE typename B::V add(B &b, typename B::V x, typename B::V y) {
  return b.add(x, y);
}

/// x - y; integers wrap.
template <class B>
FUSERMATH_INLINE typename B::V sub(B &b, typename B::V x, typename B::V y) {
  return b.sub(x, y);
}

/// x * y; integers wrap.
template <class B>
FUSERMATH_INLINE typename B::V mul(B &b, typename B::V x, typename B::V y) {
  return b.mul(x, y);
}

/// x / y, of floats.
template <class B>
FUSERMATH_INLINE typename B::V div(B &b, typename B::V x, typename B::V y) {
  return b.div(x, y);
}

/// The lesser of x and y as IEEE 754-2019 `minimum`: -0 < +0, and a quiet NaN
/// if either is NaN.
template <class B>
FUSERMATH_INLINE typename B::V minimum(B &b, typename B::V x, typename B::V y) {
  if constexpr (B::isFloat) {
    // Equal numbers differ at most in the sign of zero; NaNs are added.
    auto equal = b.fromBits(b.ior(b.bits(x), b.bits(y)));
    auto rest = b.select(b.eq(x, y), equal, b.add(x, y));
    return b.select(b.lt(x, y), x, b.select(b.gt(x, y), y, rest));
  } else {
    return b.select(b.lt(x, y), x, y);
  }
}

/// The greater of x and y as IEEE 754-2019 `maximum`: -0 < +0, and a quiet NaN
/// if either is NaN.
template <class B>
FUSERMATH_INLINE typename B::V maximum(B &b, typename B::V x, typename B::V y) {
  if constexpr (B::isFloat) {
    auto equal = b.fromBits(b.iand(b.bits(x), b.bits(y)));
    auto rest = b.select(b.eq(x, y), equal, b.add(x, y));
    return b.select(b.gt(x, y), x, b.select(b.lt(x, y), y, rest));
  } else {
    return b.select(b.gt(x, y), x, y);
  }
}

/// x & y, bit by bit.
template <class B>
FUSERMATH_INLINE typename B::V bitwise_and(B &b, typename B::V x,
                                           typename B::V y) {
  return b.bitAnd(x, y);
}

/// x | y, bit by bit.
template <class B>
FUSERMATH_INLINE typename B::V bitwise_or(B &b, typename B::V x,
                                          typename B::V y) {
  return b.bitOr(x, y);
}

/// x ^ y, bit by bit.
template <class B>
FUSERMATH_INLINE typename B::V bitwise_xor(B &b, typename B::V x,
                                           typename B::V y) {
  return b.bitXor(x, y);
}

} // namespace op

namespace detail {

/// Whether y is at least 0 and less than the type's width.
template <class B>
FUSERMATH_INLINE typename B::M isShift(B &b, typename B::V y) {
  constexpr int width = 8 * sizeof(typename B::Scalar);
  return b.both(b.ge(y, b.constant(0)), b.lt(y, b.constant(width)));
}

} // namespace detail

namespace op {

/// x * 2^y modulo 2^n; 0 where y is negative or no less than the width.
template <class B>
FUSERMATH_INLINE typename B::V shl(B &b, typename B::V x, typename B::V y) {
  auto zero = b.constant(0);
  auto isShift = detail::isShift(b, y);
  return b.select(isShift, b.shl(x, b.select(isShift, y, zero)), zero);
}

/// floor(x / 2^y); where y is negative or no less than the width, 0 or, for
/// x < 0, -1.
template <class B>
FUSERMATH_INLINE typename B::V shr(B &b, typename B::V x, typename B::V y) {
  constexpr int last = 8 * sizeof(typename B::Scalar) - 1;
  auto isShift = detail::isShift(b, y);
  auto shifted = b.shr(x, b.select(isShift, y, b.constant(last)));
  return b.isSigned ? shifted : b.select(isShift, shifted, b.constant(0));
}

/// x == y: false if either is NaN.
template <class B>
FUSERMATH_INLINE typename B::M eq(B &b, typename B::V x, typename B::V y) {
  return b.eq(x, y);
}

/// x != y: true if either is NaN.
template <class B>
FUSERMATH_INLINE typename B::M ne(B &b, typename B::V x, typename B::V y) {
  return b.ne(x, y);
}

/// x < y: false if either is NaN, as are the other orderings. Integers compare
/// by their signedness; of truth values, false < true.
template <class B>
FUSERMATH_INLINE typename B::M lt(B &b, typename B::V x, typename B::V y) {
  return b.lt(x, y);
}

/// x <= y.
template <class B>
FUSERMATH_INLINE typename B::M le(B &b, typename B::V x, typename B::V y) {
  return b.le(x, y);
}

/// x > y.
template <class B>
FUSERMATH_INLINE typename B::M gt(B &b, typename B::V x, typename B::V y) {
  return b.gt(x, y);
}

/// x >= y.
template <class B>
FUSERMATH_INLINE typename B::M ge(B &b, typename B::V x, typename B::V y) {
  return b.ge(x, y);
}

/// minimum(maximum(x, low), high): high where low > high, and NaN if any of
/// the three is NaN.
template <class B>
FUSERMATH_INLINE typename B::V clamp(B &b, typename B::V x, typename B::V low,
                                     typename B::V high) {
  return minimum(b, maximum(b, x, low), high);
}

/// x * y + z with one rounding.
template <class B>
FUSERMATH_INLINE typename B::V fma(B &b, typename B::V x, typename B::V y,
                                   typename B::V z) {
  return b.fma(x, y, z);
}

/// x + w (y - x), from the nearer end: fma(w, y - x, x) for |w| < 1/2, else
/// fma(w - 1, y - x, y). What eager PyTorch computes.
template <class B>
FUSERMATH_INLINE typename B::V lerp(B &b, typename B::V x, typename B::V y,
                                    typename B::V w) {
  using T = typename B::Scalar;
  auto isNearX = b.lt(b.abs(w), b.constant(T(0.5)));
  auto weight = b.select(isNearX, w, b.sub(w, b.constant(1)));
  return b.fma(weight, b.sub(y, x), b.select(isNearX, x, y));
}

/// x where `condition` holds, else y.
template <class B>
FUSERMATH_INLINE typename B::V select(B &b, typename B::M condition,
                                      typename B::V x, typename B::V y) {
  return b.select(condition, x, y);
}

} // namespace op
} // namespace fuser::math

#endif // FUSERMATH_SEMANTICS_H
