//===- Exp.h - exponentials -------------------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// exp, expm1 and sigmoid, on one argument reduction: x = n ln2 + r with an
// integer n and |r| <= ln2 / 2 (W. J. Cody, W. Waite, Software Manual for the
// Elementary Functions, 1980), and a minimax polynomial q with
// e^r = 1 + r + r^2 q(r). exp2, whose reduction x = n + f is exact.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_EXP_H
#define FUSERMATH_EXP_H

#include "FuserMath/Polynomial.h"

namespace fuser::math {
namespace detail {

/// Constants of the reduction. `ln2High` has enough trailing zeros for
/// n * ln2High to be exact; `roundToInteger` is the number whose addition
/// rounds to an integer and leaves it in the low bits of the sum.
template <class T> struct ExpConstants;
template <> struct ExpConstants<float> {
  static constexpr float log2e = 0x1.715476p+0f;
  static constexpr float ln2High = 0x1.62e400p-1f;
  static constexpr float ln2Low = 0x1.7f7d1cp-20f;
  static constexpr float roundToInteger = 0x1.8p23f;
  /// (e^r - 1 - r) / r^2, error 2^-27.2 relative to e^r - 1.
  static constexpr float q[] = {0x1.fffffcp-2f, 0x1.55549p-3f, 0x1.5558aap-5f,
                                0x1.123ac6p-7f, 0x1.6a563ep-10f};
  /// (e^r - 1 - r - r^2 / 2) / r^3, error 2^-31.0 relative to e^r - 1.
  static constexpr float cubic[] = {0x1.555554p-3f, 0x1.5554eap-5f,
                                    0x1.1113aap-7f, 0x1.6d4c82p-10f,
                                    0x1.9c605ap-13f};
};
template <> struct ExpConstants<double> {
  static constexpr double log2e = 0x1.71547652b82fep+0;
  static constexpr double ln2High = 0x1.62e42fee00000p-1;
  static constexpr double ln2Low = 0x1.a39ef35793c76p-33;
  static constexpr double roundToInteger = 0x1.8p52;
  /// Error 2^-56.9.
  static constexpr double q[] = {0x1.000000000000ap-1,  0x1.5555555555500p-3,
                                 0x1.55555555506b4p-5,  0x1.1111111126273p-7,
                                 0x1.6c16c184788a2p-10, 0x1.a01a0132f14f4p-13,
                                 0x1.a019995bee27dp-16, 0x1.71df1269c3479p-19,
                                 0x1.28adfed97d18ep-22, 0x1.ad9cadb22c217p-26};
  /// Error 2^-59.9.
  static constexpr double cubic[] = {
      0x1.5555555555559p-3,  0x1.5555555555552p-5,  0x1.111111110f5ep-7,
      0x1.6c16c16c174b1p-10, 0x1.a01a01b0531e4p-13, 0x1.a01a01a4e4499p-16,
      0x1.71ddf7048bef5p-19, 0x1.27e4c9e385992p-22, 0x1.af6166f620b9cp-26,
      0x1.1fc09e7eaa569p-29};
};

/// x = n ln2 + r, where r = high + low and high is exact.
template <class B> struct ExpReduction {
  typename B::V n;
  typename B::V high;
  /// Holds n + Bias in its low bits, from where powerOfTwo takes it.
  typename B::V shifted;
};

/// Reduces x, |x| < 2^11: `Bias` is that of powerOfTwo's result.
template <int Bias, class B>
FUSERMATH_INLINE ExpReduction<B> reduceExp(B &b, typename B::V x) {
  using C = ExpConstants<typename B::Scalar>;
  auto magic = b.constant(C::roundToInteger + Bias);
  auto shifted = b.fma(x, b.constant(C::log2e), magic);
  auto n = b.sub(shifted, magic);
  return {n, b.fma(n, b.constant(-C::ln2High), x), shifted};
}

template <class B>
FUSERMATH_INLINE typename B::V
reducedArgument(B &b, const ExpReduction<B> &reduction) {
  auto minusLow = b.constant(-ExpConstants<typename B::Scalar>::ln2Low);
  return b.fma(reduction.n, minusLow, reduction.high);
}

/// 2^(n + Bias - exponentBias), if that is normal. The shift drops all but the
/// exponent field and the sign above it: a Bias greater by
/// 2 (exponentBias + 1) negates the result.
template <class B>
FUSERMATH_INLINE typename B::V powerOfTwo(B &b, typename B::V shifted) {
  constexpr int mantissaBits = Format<typename B::Scalar>::mantissaBits;
  return b.fromBits(b.shl(b.bits(shifted), mantissaBits));
}

/// e^r for a reduced r.
template <class B>
FUSERMATH_INLINE typename B::V expReduced(B &b, typename B::V r) {
  auto one = b.constant(1);
  auto q = polynomial(b, r, ExpConstants<typename B::Scalar>::q);
  return b.fma(b.fma(q, r, one), r, one);
}

/// e^r - 1 for a reduced r, accurate relative to itself.
template <class B>
FUSERMATH_INLINE typename B::V expm1Reduced(B &b, typename B::V r) {
  auto q = polynomial(b, r, ExpConstants<typename B::Scalar>::q);
  return b.fma(b.mul(r, r), q, r);
}

/// y * 2^n, where `shifted` holds n + exponentBias; n <= 0 where `isNegative`,
/// n >= 0 elsewhere. Scaling in two steps, by 2^(n + step) and 2^-step or by
/// 2^(n - step) and 2^step, lets the result overflow, or underflow with one
/// rounding.
template <class B>
FUSERMATH_INLINE typename B::V scaleByPowerOfTwo(B &b, typename B::V y,
                                                 typename B::V shifted,
                                                 typename B::M isNegative) {
  using T = typename B::Scalar;
  constexpr int step = sizeof(T) == 4 ? 64 : 512;
  constexpr T big = sizeof(T) == 4 ? T(0x1p64) : T(0x1p512);
  auto change = b.selectInteger(isNegative, b.integer(step), b.integer(-step));
  auto exponent = b.iadd(b.bits(shifted), change);
  auto first = b.fromBits(b.shl(exponent, Format<T>::mantissaBits));
  auto second = b.select(isNegative, b.constant(1 / big), b.constant(big));
  return b.mul(b.mul(y, first), second);
}

/// exp(x) rounds to 0 below `zero` and overflows above `overflow`; expm1(x)
/// rounds to -1 below `minusOne`.
template <class T> struct ExpRange;
template <> struct ExpRange<float> {
  static constexpr float zero = -104, overflow = 89, minusOne = -18;
};
template <> struct ExpRange<double> {
  static constexpr double zero = -746, overflow = 710, minusOne = -38;
};

/// 2^f for |f| <= 1/2, errors 2^-27.5 and 2^-55.1; exp2(x) rounds to 0 below
/// `zero` and overflows from `overflow` on.
template <class T> struct Exp2Constants;
template <> struct Exp2Constants<float> {
  static constexpr float zero = -151, overflow = 128;
  static constexpr float p[] = {1,
                                0x1.62e432p-1f,
                                0x1.ebfbe6p-3f,
                                0x1.c6ada8p-5f,
                                0x1.3b21c6p-7f,
                                0x1.5fbd16p-10f,
                                0x1.4be9ep-13f};
};
template <> struct Exp2Constants<double> {
  static constexpr double zero = -1076, overflow = 1024;
  static constexpr double p[] = {1,
                                 0x1.62e42fefa39f3p-1,
                                 0x1.ebfbdff82c599p-3,
                                 0x1.c6b08d7048dd1p-5,
                                 0x1.3b2ab6fba1c56p-7,
                                 0x1.5d87fe7bf50dp-10,
                                 0x1.43091309928e3p-13,
                                 0x1.ffcbed3094c0ep-17,
                                 0x1.62bfd46c5a123p-20,
                                 0x1.b543a646ffe6p-24,
                                 0x1.e60619f289572p-28,
                                 0x1.bcd019f10b6ccp-32};
};

} // namespace detail

namespace op {

/// e^x. exp(-inf) = 0, exp(inf) = inf; results may be subnormal.
///
/// Max error: f32 0.90 ULP (all inputs), f64 0.89 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V exp(B &b, typename B::V x) {
  using namespace detail;
  using T = typename B::Scalar;
  auto inRange =
      atLeast(b, atMost(b, x, ExpRange<T>::overflow), ExpRange<T>::zero);
  auto reduction = reduceExp<Format<T>::exponentBias>(b, inRange);
  auto y = expReduced(b, reducedArgument(b, reduction));
  return scaleByPowerOfTwo(b, y, reduction.shifted, b.lt(x, b.constant(0)));
}

/// 2^x, exact for integers. exp2(-inf) = 0, exp2(inf) = inf; results may be
/// subnormal.
///
/// Max error: f32 0.90 ULP (all inputs), f64 0.92 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V exp2(B &b, typename B::V x) {
  using namespace detail;
  using T = typename B::Scalar;
  using C = Exp2Constants<T>;
  auto inRange = atLeast(b, atMost(b, x, C::overflow), C::zero);
  auto magic =
      b.constant(ExpConstants<T>::roundToInteger + Format<T>::exponentBias);
  auto shifted = b.add(inRange, magic);
  auto f = b.sub(inRange, b.sub(shifted, magic));
  auto y = polynomial(b, f, C::p);
  return scaleByPowerOfTwo(b, y, shifted, b.lt(x, b.constant(0)));
}

/// e^x - 1 = (2^n r + (2^n - 1)) + 2^n r^2 q(r), with the rounding errors
/// of r, of 2^n - 1 and of the inner sum made up for. expm1(+-0) = +-0,
/// expm1(-inf) = -1, expm1(inf) = inf.
///
/// Max error: f32 0.83 ULP (all inputs), f64 0.89 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V expm1(B &b, typename B::V x) {
  using namespace detail;
  using T = typename B::Scalar;
  auto inRange =
      atLeast(b, atMost(b, x, ExpRange<T>::overflow), ExpRange<T>::minusOne);
  // Half the result is computed: 2^n itself may overflow.
  auto reduction = reduceExp<Format<T>::exponentBias - 1>(b, inRange);
  auto halfPower = powerOfTwo(b, reduction.shifted);
  auto low = b.mul(reduction.n, b.constant(-ExpConstants<T>::ln2Low));
  auto r = b.add(reduction.high, low);
  auto rLost = b.add(b.sub(reduction.high, r), low);
  auto linear = b.mul(r, b.constant(T(0.5))); // (e^r - 1 - r) / r
  auto slope =
      b.fma(b.mul(r, r), polynomial(b, r, ExpConstants<T>::cubic), linear);
  auto tail = b.fma(slope, r, b.fma(rLost, r, rLost));
  auto minusHalf = b.constant(T(-0.5));
  auto offset = b.add(halfPower, minusHalf);
  auto offsetLost = b.add(b.sub(halfPower, offset), minusHalf);
  auto head = b.fma(halfPower, r, offset);
  auto headLost = b.fma(halfPower, r, b.sub(offset, head));
  auto lost = b.add(offsetLost, headLost);
  auto half = b.add(head, b.fma(halfPower, tail, lost));
  // Keeps -0, and subnormals, of which half would lose a bit.
  constexpr T tiny = sizeof(T) == 4 ? T(0x1p-30) : T(0x1p-60);
  return b.select(b.lt(b.abs(x), b.constant(tiny)), x, b.add(half, half));
}

/// 1 / (1 + e^-x), the logistic function: sigmoid(-inf) = 0, sigmoid(inf) = 1;
/// results may be subnormal. The denominator, negated and scaled to stay
/// finite, is the sum d + dLow; one Newton step accounts for dLow.
///
/// Max error: f32 0.97 ULP (all inputs), f64 0.94 ULP (sampled).
template <class B>
FUSERMATH_INLINE typename B::V sigmoid(B &b, typename B::V x) {
  using namespace detail;
  using T = typename B::Scalar;
  constexpr int scale = sizeof(T) == 4 ? 64 : 128;
  constexpr T unit = sizeof(T) == 4 ? T(0x1p-64) : T(0x1p-128);
  constexpr T one = sizeof(T) == 4 ? 30 : 60; // sigmoid is 1 from here on
  constexpr int bias = Format<T>::exponentBias;
  constexpr int negated = 2 * (bias + 1);
  auto z = b.neg(atLeast(b, atMost(b, x, one), ExpRange<T>::zero));
  auto reduction = reduceExp<bias + negated - scale>(b, z);
  auto s = expm1Reduced(b, reducedArgument(b, reduction));
  auto p = powerOfTwo(b, reduction.shifted); // -2^n * unit
  auto sum = b.sub(p, b.constant(unit));
  auto sumLow = b.sub(b.sub(p, sum), b.constant(unit));
  auto d = b.fma(p, s, sum);
  auto dLow = b.add(b.fma(p, s, b.sub(sum, d)), sumLow);
  auto y = b.div(b.constant(-1), d);
  auto residual = b.fma(y, dLow, b.fma(y, d, b.constant(1)));
  return b.mul(b.fma(y, residual, y), b.constant(unit));
}

} // namespace op
} // namespace fuser::math

#endif // FUSERMATH_EXP_H
