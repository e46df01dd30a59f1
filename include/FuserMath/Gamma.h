//===- Gamma.h - the logarithm of the gamma function ------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// lgamma, in f64; f32 goes through it.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_GAMMA_H
#define FUSERMATH_GAMMA_H

#include "FuserMath/Pow.h"

namespace fuser::math {
namespace detail {

/// Constants of lgamma. Names in -Low complete their stems to twice the
/// precision.
///
/// Near the roots, for 0 <= z <= 1.5,
///   log(gamma(1 + z)) / (z (z - 1))
///     = 9/16 - z / 8 + numerator(z) / denominator(z),
/// where the quotient is less than 1/64, error 2^-55.9. Far from them, for a
/// >= 2.5, with t = 1 / a and w = t^2 - farCenter,
///   log(gamma(a)) - (a - 1/2) (log(a) - 1)
///     = stirling + t farNumerator(w) / farDenominator(w), error 2^-57.
struct LgammaConstants {
  static constexpr double ln2 = 0x1.62e42fefa39efp-1;
  static constexpr double ln2Low = 0x1.abc9e3b39803fp-56;
  static constexpr double far = 2.5;
  static constexpr double numerator[] = {
      0x1.e233f1bed8635p-7,  -0x1.308946e49a63bp-4, -0x1.507b282862b57p-3,
      -0x1.9b7e00eb60962p-5, 0x1.fc01fed314514p-5,  0x1.647f394bf558cp-5,
      0x1.1fec13d63cd85p-7,  0x1.089fe97336f08p-11, 0x1.2f3b3ca10f689p-25};
  static constexpr double denominator[] = {1,
                                           0x1.8f4347942c367p+1,
                                           0x1.e18b5cc2eb5dep+1,
                                           0x1.1a733a101bcefp+1,
                                           0x1.4bf745ca999f3p-1,
                                           0x1.66bc52c85f0bcp-4,
                                           0x1.09c15aee4abc2p-8};
  static constexpr double farCenter = 0.08;
  static constexpr double farNumerator[] = {
      0x1.54715a9657ba5p-4, 0x1.845d51374c13dp-1, 0x1.176f10b865649p+1,
      0x1.224766b03393dp+1, 0x1.6f4c01360d4d3p-1, 0x1.1170e4200dc16p-5};
  static constexpr double farDenominator[] = {1,
                                              0x1.250f4adcaf0d1p+3,
                                              0x1.a8ced68d2012ap+4,
                                              0x1.c10b2607e3599p+4,
                                              0x1.2b4fe78f10068p+3,
                                              0x1.2119204c4ccb0p-1};
  /// log(2 pi) / 2 - 1/2.
  static constexpr double stirling = 0x1.acfe390c97d69p-2;
  static constexpr double stirlingLow = 0x1.3494bc9001442p-56;
  /// (sin(pi t) / (pi t) - 1) / t^2 in t^2 for |t| <= 1/2, error 2^-57 relative
  /// to sin.
  static constexpr double sine[] = {
      -0x1.a51a6625307d3p+0,  0x1.9f9cb402bc439p-1,  -0x1.86a8e4720af1cp-3,
      0x1.ac6805cd0d68dp-6,   -0x1.338169c014521p-9, 0x1.3746ae9273158p-13,
      -0x1.d3eaebf66482fp-18, 0x1.078b4d2a8844cp-22};
};

/// log(a), as extendedLog2.
template <class B>
FUSERMATH_INLINE Extended<B> extendedLog(B &b, typename B::V a) {
  auto log2 = extendedLog2(b, a);
  auto ln2 = b.constant(LgammaConstants::ln2);
  auto high = b.mul(log2.high, ln2);
  auto low = b.fma(log2.high, ln2, b.neg(high));
  low = b.fma(log2.high, b.constant(LgammaConstants::ln2Low), low);
  return {high, b.fma(log2.low, ln2, low)};
}

/// |sin(pi a) / pi|.
template <class B>
FUSERMATH_INLINE Extended<B> extendedSine(B &b, typename B::V a) {
  auto t = b.abs(b.sub(a, b.roundEven(a)));
  auto square = b.mul(t, t);
  auto cube = b.mul(t, square);
  auto bend = polynomial(b, square, LgammaConstants::sine);
  auto high = b.fma(cube, bend, t);
  return {high, b.fma(cube, bend, b.sub(t, high))};
}

/// x + y as a rounded sum and its rounding error, of any x and y (D. Knuth, The
/// Art of Computer Programming, vol. 2, 4.2.2).
template <class B>
FUSERMATH_INLINE Extended<B> extendedSum(B &b, typename B::V x,
                                         typename B::V y) {
  auto sum = b.add(x, y);
  auto part = b.sub(sum, x);
  auto lost = b.add(b.sub(x, b.sub(sum, part)), b.sub(y, part));
  return {sum, lost};
}

/// lgamma for a builder of double. With a = |x|, log(gamma(a)) is
///   -log(a) + log(gamma(1 + a)) for a < 1, both near the roots for a < 2.5 and
///   Stirling's formula beyond.
/// The reflection formula gives the rest:
///   log|gamma(-a)| = -log(gamma(a)) - log(a |sin(pi a)| / pi).
template <class B>
FUSERMATH_INLINE typename B::V lgammaF64(B &b, typename B::V x) {
  using C = LgammaConstants;
  auto zero = b.constant(0);
  auto one = b.constant(1);
  auto infinity = b.constant(LogConstants<double>::infinity);
  auto a = b.abs(x);
  auto isSmall = b.lt(a, one);
  auto isFar = b.ge(a, b.constant(C::far));

  // log(gamma(a)) = product + productLow + high + low.
  auto log = extendedLog(b, a);
  auto logHigh = b.select(isFar, b.sub(log.high, one), log.high); // exact
  auto factor = b.select(isFar, b.sub(a, b.constant(0.5)),
                         b.select(isSmall, b.constant(-1), zero));
  auto product = b.mul(factor, logHigh);
  auto productLow =
      b.fma(factor, log.low, b.fma(factor, logHigh, b.neg(product)));
  auto z = b.select(isSmall, a, b.sub(a, one));
  auto zNext = b.sub(z, one);
  auto u = b.mul(z, zNext);
  auto uLow = b.fma(z, zNext, b.neg(u));
  auto minusEighth = b.constant(-0.125);
  auto line0 = b.constant(0.5625);
  auto line = b.fma(z, minusEighth, line0);
  auto lineLow = b.fma(z, minusEighth, b.sub(line0, line));
  auto t = b.div(one, a);
  auto w = b.fma(t, t, b.constant(-C::farCenter));
  auto numerator = b.select(isFar, polynomial(b, w, C::farNumerator),
                            polynomial(b, z, C::numerator));
  auto denominator = b.select(isFar, polynomial(b, w, C::farDenominator),
                              polynomial(b, z, C::denominator));
  auto quotient = b.div(numerator, denominator);
  auto scale = b.select(isFar, t, u);
  auto nearHigh = b.mul(u, line);
  auto nearLow = b.fma(u, line, b.neg(nearHigh));
  nearLow = b.fma(uLow, line, b.fma(u, lineLow, nearLow));

  auto high = b.select(isFar, b.constant(C::stirling), nearHigh);
  auto low = b.select(isFar, b.constant(C::stirlingLow), nearLow);
  low = b.fma(scale, quotient, low);

  auto usual = b.add(product, b.add(high, b.add(low, productLow)));
  usual = b.select(b.eq(product, infinity), infinity, usual);
  auto r = b.rarely(b.lt(x, zero), usual, [&] {
    // For a < 1 the product, -log(a), is left out on both sides.
    auto sine = extendedSine(b, a);
    auto multiple = b.select(isSmall, one, a);
    auto s = b.mul(sine.high, multiple);
    auto sLow = b.fma(sine.high, multiple, b.neg(s));
    sLow = b.fma(sine.low, multiple, sLow);
    auto logS = extendedLog(b, s);
    auto sum = extendedSum(b, b.select(isSmall, zero, product), logS.high);
    auto sumLow = b.add(b.select(isSmall, zero, productLow),
                        b.add(b.add(logS.low, b.div(sLow, s)), sum.low));
    auto minus = b.add(sum.high, b.add(high, b.add(low, sumLow)));
    return b.select(b.eq(s, zero), infinity, b.neg(minus));
  });
  auto isPole = b.either(b.eq(a, zero), b.eq(a, infinity));
  return b.select(isPole, infinity, r);
}

} // namespace detail

namespace op {

/// log|gamma(x)|: +inf at 0 and the negative integers, and for x = +-inf.
///
/// Max error: f32 0.51 ULP (all x > 0 and all of -8192 < x < -1/2, other x
/// sampled); f64 1.30 ULP (sampled), but where x < 0 and |lgamma(x)| < 1 it is
/// absolute, 2^-52: near the negative roots terms as great as
/// log(gamma(|x|)) cancel.
template <class B>
FUSERMATH_INLINE typename B::V lgamma(B &b, typename B::V x) {
  if constexpr (sizeof(typename B::Scalar) == 4) {
    auto wide = b.wide();
    return b.narrow(detail::lgammaF64(wide, b.widen(x)));
  } else {
    return detail::lgammaF64(b, x);
  }
}

} // namespace op
} // namespace fuser::math

#endif // FUSERMATH_GAMMA_H
