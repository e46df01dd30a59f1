//===- Trig.h - sine, cosine and tangent ------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// sin, cos and tan of |x| = n pi/2 + r with an integer n and r = high + low,
// |r| < 0.8; the last two bits of n, the quadrant, say which function of r the
// result is. Up to `limit` n pi/2 is subtracted in three parts (W. J. Cody,
// W. Waite, Software Manual for the Elementary Functions, 1980), beyond by
// TrigHuge.h.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_TRIG_H
#define FUSERMATH_TRIG_H

#include "FuserMath/TrigHuge.h"

namespace fuser::math {
namespace detail {

/// `halfPi` is the sum of three numbers; `roundToInteger` is the number whose
/// addition rounds to an integer and leaves it in the low bits of the sum.
template <class T> struct TrigConstants;
template <> struct TrigConstants<float> {
  static constexpr float limit = 0x1p13f;
  static constexpr float twoOverPi = 0x1.45f306p-1f;
  static constexpr float roundToInteger = 0x1.8p23f;
  static constexpr float halfPi[] = {0x1.921fb6p+0f, -0x1.778000p-25f,
                                     0x1.68c234p-39f};
  /// (sin(r) / r - 1) / r^2 in r^2, error relative to sin(r) 2^-27.7.
  static constexpr float sine[] = {-0x1.555544p-3f, 0x1.1106aep-7f,
                                   -0x1.990f92p-13f};
  /// (1 - r^2 / 2 - cos(r)) / r^4 in r^2, error relative to cos(r) 2^-32.6.
  static constexpr float cosine[] = {-0x1.555548p-5f, 0x1.6c0b08p-10f,
                                     -0x1.999a6cp-16f};
};
template <> struct TrigConstants<double> {
  static constexpr double limit = 0x1p22;
  static constexpr double twoOverPi = 0x1.45f306dc9c883p-1;
  static constexpr double roundToInteger = 0x1.8p52;
  static constexpr double halfPi[] = {
      0x1.921fb54442d18p+0, 0x1.1a62633000000p-54, 0x1.45c06e0e68948p-86};
  /// Error 2^-57.5.
  static constexpr double sine[] = {
      -0x1.5555555555545p-3, 0x1.111111110f281p-7,   -0x1.a01a019b51f18p-13,
      0x1.71de34d0fd286p-19, -0x1.ae5de34ff438bp-26, 0x1.5d6cf65ff9cf9p-33};
  /// Error 2^-63.5.
  static constexpr double cosine[] = {
      -0x1.5555555555548p-5, 0x1.6c16c16c149a9p-10,  -0x1.a01a019befa6bp-16,
      0x1.27e4f77ebfeacp-22, -0x1.1ee98deec25f1p-29, 0x1.8f7e4238c61abp-37};
};

/// Reduces 0 <= a <= limit, and NaN to NaN; the quadrant is that of
/// a + Offset pi/2. The first subtraction is exact, for its result is below 1
/// and a multiple of the last place of halfPi[0]. The second part is so short
/// that its product with n is exact; what the second subtraction loses makes
/// `low`, with the third part.
template <int Offset, class B>
FUSERMATH_INLINE TrigReduction<B> reduceByHalfPi(B &b, typename B::V a) {
  using C = TrigConstants<typename B::Scalar>;
  auto magic = b.constant(C::roundToInteger + Offset);
  auto shifted = b.fma(a, b.constant(C::twoOverPi), magic);
  auto n = b.sub(shifted, magic);
  auto rest = b.fma(n, b.constant(-C::halfPi[0]), a);
  auto minusSecond = b.constant(-C::halfPi[1]);
  auto high = b.fma(n, minusSecond, rest);
  auto lost = b.fma(n, minusSecond, b.sub(rest, high));
  auto low = b.fma(n, b.constant(-C::halfPi[2]), lost);
  return {high, low, b.bits(shifted)};
}

/// Whether the quadrant is 0 or 2.
template <class B>
FUSERMATH_INLINE typename B::M isEven(B &b, const TrigReduction<B> &r) {
  return b.ieq(b.iand(r.quadrant, b.integer(1)), b.integer(0));
}

/// y with the sign changed where bit `Bit` of `quadrant` xor the sign bit of
/// `x` is set.
template <int Bit, class B>
FUSERMATH_INLINE typename B::V
changeSign(B &b, typename B::V y, typename B::I quadrant, typename B::I x) {
  using T = typename B::Scalar;
  auto moved = b.shl(quadrant, 8 * sizeof(T) - 1 - Bit);
  auto sign = b.iand(b.ixor(x, moved), b.integer(Format<T>::signBit));
  return b.fromBits(b.ixor(b.bits(y), sign));
}

/// A number as the sum of two, the second small beside the first.
template <class B> struct TwoParts {
  typename B::V high, low;

  /// high + low without an error.
  FUSERMATH_INLINE static TwoParts sum(B &b, TwoParts x) {
    auto sum = b.add(x.high, x.low);
    return {sum, b.add(b.sub(x.high, sum), x.low)};
  }
};

/// sin(r) and cos(r); r is not negated by n.
template <class B> struct SineAndCosine {
  TwoParts<B> sine, cosine;
};
template <class B>
FUSERMATH_INLINE SineAndCosine<B> sineAndCosine(B &b,
                                                const TrigReduction<B> &r) {
  using T = typename B::Scalar;
  using C = TrigConstants<T>;
  auto z = b.mul(r.high, r.high);
  auto cube = b.mul(r.high, z);
  auto sineLow = b.fma(cube, polynomial(b, z, C::sine), r.low);
  auto tail =
      b.fma(b.mul(z, z), polynomial(b, z, C::cosine), b.mul(r.high, r.low));
  auto half = b.mul(r.high, b.constant(T(-0.5)));
  auto cosineLow = b.fma(half, r.high, b.neg(tail));
  return {{r.high, sineLow}, {b.constant(1), cosineLow}};
}

/// sum of (where ? c[k] : d[k]) x^k.
template <int First = 0, class B, class T, int N>
FUSERMATH_INLINE typename B::V
selectedPolynomial(B &b, typename B::V x, typename B::M where, const T (&c)[N],
                   const T (&d)[N]) {
  auto first = b.select(where, b.constant(c[First]), b.constant(d[First]));
  if constexpr (First + 1 == N)
    return first;
  else
    return b.fma(selectedPolynomial<First + 1>(b, x, where, c, d), x, first);
}

/// -cos(n pi/2 + r), with the sign changed where that of `sign` is set: for
/// n = 0 and 1 it is -cos(r) = -1 + r^2 / 2 - ... and sin(r), for 2 and 3 their
/// negatives. One sequence of operations serves both, with the operands of one
/// or the other, so that there is one polynomial to compute, not two.
template <class B>
FUSERMATH_INLINE typename B::V
minusCosineReduced(B &b, const TrigReduction<B> &r, typename B::I sign) {
  using T = typename B::Scalar;
  using C = TrigConstants<T>;
  auto even = isEven(b, r);
  auto z = b.mul(r.high, r.high);
  auto p = selectedPolynomial(b, z, even, C::cosine, C::sine);
  auto low = b.select(even, b.mul(r.high, r.low), r.low);
  auto tail = b.fma(b.mul(z, b.select(even, z, r.high)), p, low);
  auto half = b.mul(r.high, b.constant(T(0.5)));
  tail = b.fma(b.select(even, half, b.constant(0)), r.high, tail);
  auto y = b.add(b.select(even, b.constant(-1), r.high), tail);
  return changeSign<1>(b, y, r.quadrant, sign);
}

/// The tangent of n pi/2 + r, with the sign changed where that of `sign` is
/// set: sine / cosine or -cosine / sine. One reciprocal serves the quotient and
/// the step that corrects it.
template <class B>
FUSERMATH_INLINE typename B::V tangentReduced(B &b, const TrigReduction<B> &r,
                                              typename B::I sign) {
  auto [sine, cosine] = sineAndCosine(b, r);
  sine = TwoParts<B>::sum(b, sine);
  cosine = TwoParts<B>::sum(b, cosine);
  auto even = isEven(b, r);
  auto numerator = b.select(even, sine.high, cosine.high);
  auto numeratorLow = b.select(even, sine.low, cosine.low);
  auto denominator = b.select(even, cosine.high, sine.high);
  auto denominatorLow = b.select(even, cosine.low, sine.low);
  auto inverse = b.div(b.constant(1), denominator);
  auto quotient = b.mul(numerator, inverse);
  auto minus = b.neg(quotient);
  auto remainder = b.add(b.fma(minus, denominator, numerator),
                         b.fma(minus, denominatorLow, numeratorLow));
  auto tangent = b.fma(remainder, inverse, quotient);
  return changeSign<0>(b, tangent, r.quadrant, sign);
}

/// -cos(|x| + Offset pi/2), with the sign changed where that of `sign` is set.
template <int Offset, class B>
FUSERMATH_INLINE typename B::V minusCosine(B &b, typename B::V x,
                                           typename B::I sign) {
  auto a = b.abs(x);
  auto isHuge = b.gt(a, b.constant(TrigConstants<typename B::Scalar>::limit));
  auto usual = minusCosineReduced(b, reduceByHalfPi<Offset>(b, a), sign);
  return b.rarely(isHuge, usual, [&] {
    return minusCosineReduced(b, reduceHugeByHalfPi<Offset>(b, a), sign);
  });
}

} // namespace detail

namespace op {

/// The sine, odd, of radians; sin(+-inf) = NaN.
///
/// Max error: f32 0.90 ULP (all inputs to 2^65, sampled beyond), f64 0.95 ULP
/// (sampled).
template <class B> FUSERMATH_INLINE typename B::V sin(B &b, typename B::V x) {
  return detail::minusCosine<1>(b, x, b.bits(x));
}

/// The cosine, even, of radians; cos(+-inf) = NaN.
///
/// Max error: f32 0.91 ULP (all inputs to 2^65, sampled beyond), f64 0.95 ULP
/// (sampled).
template <class B> FUSERMATH_INLINE typename B::V cos(B &b, typename B::V x) {
  return detail::minusCosine<2>(b, x, b.integer(0));
}

/// The tangent of radians, odd, never infinite; tan(+-inf) = NaN.
///
/// Max error: f32 1.40 ULP (all inputs to 2^65, sampled beyond), f64 1.45 ULP
/// (sampled).
template <class B> FUSERMATH_INLINE typename B::V tan(B &b, typename B::V x) {
  using namespace detail;
  auto a = b.abs(x);
  auto sign = b.bits(x);
  auto isHuge = b.gt(a, b.constant(TrigConstants<typename B::Scalar>::limit));
  auto usual = tangentReduced(b, reduceByHalfPi<0>(b, a), sign);
  return b.rarely(isHuge, usual, [&] {
    return tangentReduced(b, reduceHugeByHalfPi<0>(b, a), sign);
  });
}

} // namespace op
} // namespace fuser::math

#endif // FUSERMATH_TRIG_H
