//===- InverseTrig.h - arcsine, arccosine, arctangent -----------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each function is k pi/2 + m (r + s), where k is 0, 1 or 2, m a power of two
// with a sign, and r + s the arcsine or the arctangent of r up to the error of
// r itself. The identities are those of W. J. Cody, W. Waite, Software Manual
// for the Elementary Functions, 1980.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_INVERSETRIG_H
#define FUSERMATH_INVERSETRIG_H

#include "FuserMath/Polynomial.h"

namespace fuser::math {
namespace detail {

/// atan(x) rounds to pi/2 from `infinity` on. Quotients whose denominator is
/// between `least` and `greatest` need no scaling by `scale` or its inverse.
template <class T> struct InverseTrigConstants;
template <> struct InverseTrigConstants<float> {
  static constexpr float halfPi = 0x1.921fb6p+0f;
  static constexpr float halfPiLow = -0x1.777a5cp-25f;
  static constexpr float infinity = 0x1p60f;
  static constexpr float least = 0x1p-60f, greatest = 0x1p100f, scale = 0x1p64f;
  /// (asin(r) / r - 1) / r^2 in r^2 for r <= 1/2, error relative to asin(r)
  /// 2^-27.6.
  static constexpr float arcsine[] = {0x1.5555c8p-3f, 0x1.330206p-4f,
                                      0x1.747b72p-5f, 0x1.8c415ap-6f,
                                      0x1.5959aap-5f};
  /// (atan(r) / r - 1) / r^2 in r^2 for r <= 1, error relative to atan(r)
  /// 2^-28.5; chosen so that atan(1) is exactly rounded.
  static constexpr float arctangent[] = {
      -0x1.555552p-2f, 0x1.99981ep-3f, -0x1.247622p-3f, 0x1.c51132p-4f,
      -0x1.695252p-4f, 0x1.1505b4p-4f, -0x1.70719p-5f,  0x1.75117ap-6f,
      -0x1.e65e1p-8f,  0x1.292c4cp-10f};
};
template <> struct InverseTrigConstants<double> {
  static constexpr double halfPi = 0x1.921fb54442d18p+0;
  static constexpr double halfPiLow = 0x1.1a62633145c07p-54;
  static constexpr double infinity = 0x1p60;
  static constexpr double least = 0x1p-500, greatest = 0x1p1000,
                          scale = 0x1p700;
  /// Error 2^-55.9.
  static constexpr double arcsine[] = {
      0x1.555555555539p-3,  0x1.333333336e80fp-4,  0x1.6db6db427a4f8p-5,
      0x1.f1c72c38fb342p-6, 0x1.6e89f440197a8p-6,  0x1.1c6be1a68770bp-6,
      0x1.c6fdc1aaa59bcp-7, 0x1.8ec2fca6002c5p-7,  0x1.abcf5cd7f42b6p-8,
      0x1.3ff4a9908979ep-6, -0x1.09d3283354289p-6, 0x1.056d6c811bcb5p-5};
  /// Error 2^-57.6.
  static constexpr double arctangent[] = {
      -0x1.5555555555526p-2,  0x1.99999999955b4p-3,  -0x1.249249237f57dp-3,
      0x1.c71c717fcf76dp-4,   -0x1.745d11ae74c7ap-4, 0x1.3b13669a2a047p-4,
      -0x1.110e5126fd02dp-4,  0x1.e1bba66c1a4b8p-5,  -0x1.ae5e72c0e6984p-5,
      0x1.82dad79d1736p-5,    -0x1.59a3ff2ac6667p-5, 0x1.2c2e5ccfd4e26p-5,
      -0x1.e9fa0da6643e9p-6,  0x1.683cc98472e13p-6,  -0x1.c78fcd542af16p-7,
      0x1.d7b927bbdceedp-8,   -0x1.7a399ad4364a2p-9, 0x1.b3facbcd7bb8ap-11,
      -0x1.3f364d4b9695cp-13, 0x1.bbed9f7b04237p-17};
};

/// The angle r + s, s small beside r.
template <class B> struct Angle {
  typename B::V r, s;
};

/// k pi/2 + m (r + s), where k pi/2 is 0 or at least m r.
template <class B>
FUSERMATH_INLINE typename B::V
addToHalfPi(B &b, typename B::V k, typename B::V m, const Angle<B> &angle) {
  using C = InverseTrigConstants<typename B::Scalar>;
  auto base = b.mul(k, b.constant(C::halfPi));
  auto r = b.mul(m, angle.r);
  auto head = b.add(base, r);
  auto lost = b.add(b.sub(base, head), r);
  auto low = b.fma(k, b.constant(C::halfPiLow), lost);
  return b.add(head, b.fma(m, angle.s, low));
}

/// asin(a) for a <= 1/2, else (pi/2 - asin(a)) / 2 = asin(sqrt((1 - a) / 2)),
/// with the rounding error of the root made up for; NaN for a > 1.
template <class B>
FUSERMATH_INLINE Angle<B> arcsineReduced(B &b, typename B::V a,
                                         typename B::M isBig) {
  using T = typename B::Scalar;
  using C = InverseTrigConstants<T>;
  auto half = b.constant(T(0.5));
  auto square = b.fma(a, b.constant(T(-0.5)), half); // exact where isBig
  auto root = b.sqrt(square);
  auto twice = b.add(root, b.add(root, b.constant(Format<T>::leastNormal)));
  auto rootLost = b.div(b.fma(b.neg(root), root, square), twice);
  auto z = b.select(isBig, square, b.mul(a, a));
  auto r = b.select(isBig, root, a);
  auto lost = b.select(isBig, rootLost, b.constant(0));
  return {r, b.fma(b.mul(r, z), polynomial(b, z, C::arcsine), lost)};
}

/// atan(y / x) for 0 <= y <= x: of the quotient and of its rounding error,
/// which one reciprocal serves.
template <class B>
FUSERMATH_INLINE Angle<B> arctangentOfQuotient(B &b, typename B::V y,
                                               typename B::V x) {
  using T = typename B::Scalar;
  using C = InverseTrigConstants<T>;
  auto inverse = b.div(b.constant(1), x);
  auto r = b.mul(y, inverse);
  auto lost = b.mul(b.fma(b.neg(r), x, y), inverse);
  auto z = b.mul(r, r);
  // The derivative is 1 / (1 + z): 1 - z / 2 is near enough.
  lost = b.fma(b.mul(lost, b.constant(T(-0.5))), z, lost);
  return {r, b.fma(b.mul(r, z), polynomial(b, z, C::arctangent), lost)};
}

/// The arctangent of |y| / |x|, continued beyond pi/2 for a negative x, -0
/// included, and with the sign of y. `larger` and `smaller` are |x| and |y|,
/// scaled alike, in the order that `isSteep` says.
template <class B>
FUSERMATH_INLINE typename B::V
arctangentInQuadrant(B &b, typename B::V y, typename B::V x,
                     typename B::M isSteep, typename B::V smaller,
                     typename B::V larger) {
  auto one = b.constant(1);
  auto isLeft = b.ilt(b.bits(x), b.integer(0));
  auto k =
      b.select(isSteep, one, b.select(isLeft, b.constant(2), b.constant(0)));
  auto m = b.select(b.differ(isSteep, isLeft), b.constant(-1), one);
  auto angle = arctangentOfQuotient(b, smaller, larger);
  return withSignOf(b, addToHalfPi(b, k, m, angle), y);
}

} // namespace detail

namespace op {

/// The arcsine, odd, in [-pi/2, pi/2]; asin(|x| > 1) = NaN.
///
/// Max error: f32 0.70 ULP (all inputs), f64 0.75 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V asin(B &b, typename B::V x) {
  using namespace detail;
  auto a = b.abs(x);
  auto isBig = b.gt(a, b.constant(typename B::Scalar(0.5)));
  auto k = b.select(isBig, b.constant(1), b.constant(0));
  auto m = b.select(isBig, b.constant(-2), b.constant(1));
  return withSignOf(b, addToHalfPi(b, k, m, arcsineReduced(b, a, isBig)), x);
}

/// The arccosine, in [0, pi]: acos(1) = +0, acos(|x| > 1) = NaN.
///
/// Max error: f32 0.67 ULP (all inputs), f64 0.72 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V acos(B &b, typename B::V x) {
  using namespace detail;
  auto zero = b.constant(0), one = b.constant(1), two = b.constant(2);
  auto a = b.abs(x);
  auto isBig = b.gt(a, b.constant(typename B::Scalar(0.5)));
  auto isNegative = b.lt(x, zero);
  auto k = b.select(isBig, b.select(isNegative, two, zero), one);
  auto m = b.select(isBig, two, b.constant(-1));
  m = b.select(isNegative, b.neg(m), m);
  return addToHalfPi(b, k, m, arcsineReduced(b, a, isBig));
}

/// The arctangent, odd, in [-pi/2, pi/2]; atan(+-inf) = +-pi/2, rounded.
///
/// Max error: f32 1.03 ULP (all inputs), f64 1.03 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V atan(B &b, typename B::V x) {
  using namespace detail;
  auto one = b.constant(1);
  auto a =
      atMost(b, b.abs(x), InverseTrigConstants<typename B::Scalar>::infinity);
  auto isBig = b.gt(a, one);
  auto angle =
      arctangentOfQuotient(b, b.select(isBig, one, a), b.select(isBig, a, one));
  auto k = b.select(isBig, one, b.constant(0));
  auto m = b.select(isBig, b.constant(-1), one);
  return withSignOf(b, addToHalfPi(b, k, m, angle), x);
}

/// The angle of the point (x, y) with the x axis, in [-pi, pi], with the sign
/// of y. Zeros and infinities as C, Annex F, has them: a zero is the limit from
/// the side of its sign, atan2(+-0, -0) = +-pi, and infinities are as if equal,
/// atan2(+-inf, -inf) = +-3 pi/4. y / x neither overflows nor underflows early;
/// results may be subnormal.
///
/// Max error: f32 1.5 ULP, f64 1.5 ULP (both sampled; the most for subnormal
/// y).
template <class B>
FUSERMATH_INLINE typename B::V atan2(B &b, typename B::V y, typename B::V x) {
  using namespace detail;
  using T = typename B::Scalar;
  using C = InverseTrigConstants<T>;
  auto absY = b.abs(y), absX = b.abs(x);
  auto isSteep = b.gt(absY, absX);
  auto larger = b.select(isSteep, absY, absX);
  auto smaller = b.select(isSteep, absX, absY);
  auto isExtreme = b.either(b.lt(larger, b.constant(C::least)),
                            b.gt(larger, b.constant(C::greatest)));
  auto usual = arctangentInQuadrant(b, y, x, isSteep, smaller, larger);
  return b.rarely(isExtreme, usual, [&] {
    auto one = b.constant(1), zero = b.constant(0);
    auto infinity = b.constant(T(__builtin_inf()));
    auto scale = b.select(b.lt(larger, one), b.constant(C::scale),
                          b.constant(1 / C::scale));
    auto isInfinite = b.eq(larger, infinity);
    auto small = b.mul(smaller, b.select(isInfinite, zero, scale));
    small = b.select(b.eq(smaller, infinity), one, small);
    // Both zero: 0 / 1.
    auto isUnit = b.either(isInfinite, b.eq(larger, zero));
    auto large = b.select(isUnit, one, b.mul(larger, scale));
    return arctangentInQuadrant(b, y, x, isSteep, small, large);
  });
}

} // namespace op
} // namespace fuser::math

#endif // FUSERMATH_INVERSETRIG_H
