//===- Erf.h - error functions ----------------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// erf in one range for float and two for double, and erfc.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_ERF_H
#define FUSERMATH_ERF_H

#include "FuserMath/Exp.h"

namespace fuser::math {
namespace detail {

template <class T> struct ErfConstants;
template <> struct ErfConstants<float> {
  static constexpr float one = 3.93f; // erf rounds to 1 from here on
  /// log2(erfc(a)) = a (slope + a v(a)), and the error of slope in v[0] / a;
  /// error 2^-27.9 relative to erf(a).
  static constexpr float slope = -0x1.a0be84p+0f;
  static constexpr float v[] = {
      0x1.d081eep-28f, -0x1.d63ec4p-1f,  -0x1.2fabecp-3f,
      0x1.c4ba5ep-6f,  0x1.e3e1e2p-13f,  -0x1.3b1fbp-9f,
      0x1.de66a2p-11f, -0x1.6397ccp-13f, 0x1.bf6f68p-17f};
  /// (1 - 2^f) / f + 1/2 for f in [-0.96, 0.06], error 2^-31 relative to
  /// 1 - 2^f. (Its first coefficient is 1/2 - ln2.)
  static constexpr float h[] = {
      -0x1.8b90cp-3f,   -0x1.ebfbep-3f,   -0x1.c6b07cp-5f, -0x1.3b274ep-7f,
      -0x1.5d0e32p-10f, -0x1.3b69eap-13f, -0x1.8d127ep-17f};
};
template <> struct ErfConstants<double> {
  static constexpr double one = 5.95;
  /// erf(x) / x - 1 in x^2 for |x| < 1, error 2^-55.9.
  static constexpr double small[] = {
      0x1.06eba8214db68p-3,   -0x1.812746b0379b4p-2,  0x1.ce2f21a040a61p-4,
      -0x1.b82ce311f4c1cp-6,  0x1.565bccf8c576fp-8,   -0x1.c02db036d5193p-11,
      0x1.f9a2ba8341029p-14,  -0x1.f4ca508ea6d71p-17, 0x1.b980189c7dd0ep-20,
      -0x1.5c0975dc59262p-23, 0x1.d72e6ff18dfb3p-27,  -0x1.abefcb0696e5ep-31};
  /// log(erfc(a)) / a for 1 <= a <= one, error 2^-58 relative to erf(a).
  static constexpr double u[] = {
      -0x1.20dd7415ee0dap+0,  -0x1.45f316be50e69p-1,  -0x1.a4f30dc3e0ae0p-4,
      0x1.39583d01e11a7p-6,   0x1.bc6223c5489b5p-13,  -0x1.bba8d7a11eac5p-10,
      0x1.2d313474c7d9ep-11,  0x1.2aed57100812ep-20,  -0x1.90d9d53cf718dp-14,
      0x1.d66b656429018p-15,  -0x1.55b09c41fd235p-16, 0x1.69b1250bb541ap-18,
      -0x1.21acd69716b01p-20, 0x1.5e754d42446d7p-23,  -0x1.37d9fd7a7e05cp-26,
      0x1.82006cc7300b2p-30,  -0x1.291114a952178p-34, 0x1.ac30bbb6a0085p-40};
};

/// e^(a^2) erfc(a) (1 + a) = p(t) where t = (a - center) / (a + center), for
/// 0 <= a <= zero, from where erfc(a) rounds to 0; relative errors 2^-25.7 and
/// 2^-54.9. The variable is that of M. M. Shepherd and J. G. Laframboise,
/// Math. Comp. 36, 1981; the factor 1 + a makes p nearly flat at a = 0.
template <class T> struct ErfcConstants;
template <> struct ErfcConstants<float> {
  static constexpr float zero = 10.1f;
  static constexpr float center = 2.625f;
  static constexpr int scale = 64;
  static constexpr float unit = 0x1p-64f; // 2^-scale
  static constexpr float p[] = {
      0x1.76b40cp-1f,  -0x1.f1f8f4p-3f, 0x1.550d2ap-4f,  0x1.32e8d8p-7f,
      -0x1.f4429cp-6f, 0x1.190ebap-6f,  -0x1.905daap-9f, -0x1.7a2294p-10f,
      0x1.46f756p-11f, 0x1.c313c6p-13f};
};
template <> struct ErfcConstants<double> {
  static constexpr double zero = 27.3;
  static constexpr double center = 3;
  static constexpr int scale = 512;
  static constexpr double unit = 0x1p-512;
  static constexpr double p[] = {
      0x1.6e9827d229d2dp-1,   -0x1.d8f06dfac798bp-3,  0x1.9596c92adaef7p-4,
      -0x1.4f64aa4aa3504p-7,  -0x1.8600d91459f0bp-6,  0x1.67c189950f5eep-6,
      -0x1.3f82b5d13c652p-7,  0x1.a84c55c149f75p-10,  0x1.5297b7a2dd8b2p-11,
      -0x1.81213b85f592ep-12, -0x1.58ccd0690f34bp-16, 0x1.d6c295cd2a1b8p-15,
      -0x1.96770fba622e8p-20, -0x1.2d9b70d6044abp-17, 0x1.17c680a0086b5p-22,
      0x1.a9896cf03b128p-20,  0x1.024ab3c408320p-24,  -0x1.35595eaf8ffdfp-22,
      -0x1.833a62d2adc32p-25, 0x1.8b35032542e26p-25,  0x1.d9c7a9c5f6042p-27,
      -0x1.35067b641a9fep-28, -0x1.0eb290ad3494fp-29};
};

/// erf(a) for a >= 0 or NaN: 1 - 2^v with v = log2(erfc(a)), split into an
/// integer n and f in [-0.95, 0.05]. With n = 0 up to erf(a) = 1/2 nothing
/// cancels, and in base 2 the split is exact.
template <class B>
FUSERMATH_INLINE typename B::V erfOfMagnitudeF32(B &b, typename B::V a) {
  using C = ErfConstants<float>;
  constexpr int bias = Format<float>::exponentBias;
  auto clamped = atMost(b, a, C::one);
  auto bend = b.mul(clamped, polynomial(b, clamped, C::v));
  auto v = b.fma(clamped, b.constant(C::slope), bend);
  auto magic = b.constant(ExpConstants<float>::roundToInteger + bias);
  auto shifted = b.add(b.add(v, b.constant(0.45f)), magic);
  auto f = b.sub(v, b.sub(shifted, magic));
  auto minusHalf = b.mul(f, b.constant(-0.5f)); // exact
  auto oneMinusPower = b.fma(f, polynomial(b, f, C::h), minusHalf);
  auto p = powerOfTwo(b, shifted);
  return b.fma(p, oneMinusPower, b.sub(b.constant(1), p));
}

/// erf(a) for a >= 0 or NaN: a + a P(a^2) for a < 1, else 1 - e^u(a).
template <class B>
FUSERMATH_INLINE typename B::V erfOfMagnitudeF64(B &b, typename B::V a) {
  using C = ErfConstants<double>;
  auto small = b.fma(polynomial(b, b.mul(a, a), C::small), a, a);

  auto clamped = atMost(b, a, C::one);
  auto u = b.mul(clamped, polynomial(b, clamped, C::u));
  auto reduction = reduceExp<Format<double>::exponentBias>(b, u);
  auto y = expReduced(b, reducedArgument(b, reduction));
  auto minusP = b.neg(powerOfTwo(b, reduction.shifted));
  auto big = b.fma(minusP, y, b.constant(1));
  return b.select(b.lt(a, b.constant(1)), small, big);
}

} // namespace detail

namespace op {

/// The error function, odd, erf(+-inf) = +-1.
///
/// Max error: f32 1.44 ULP (all inputs), f64 1.09 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V erf(B &b, typename B::V x) {
  using namespace detail;
  auto a = b.abs(x);
  if constexpr (sizeof(typename B::Scalar) == 4)
    return withSignOf(b, erfOfMagnitudeF32(b, a), x);
  else
    return withSignOf(b, erfOfMagnitudeF64(b, a), x);
}

/// 1 - erf(x), accurate relative to itself down to the subnormals:
/// erfc(-inf) = 2, erfc(inf) = 0. For a = |x| it is e^(-a^2) p(t) / (1 + a),
/// with the rounding errors of a^2, of t and of the quotient made up for.
///
/// Max error: f32 1.71 ULP (all inputs), f64 1.79 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V erfc(B &b, typename B::V x) {
  using namespace detail;
  using T = typename B::Scalar;
  using C = ErfcConstants<T>;
  auto one = b.constant(1);
  auto a = atMost(b, b.abs(x), C::zero);

  // One reciprocal serves both quotients.
  auto d = b.add(a, one);
  auto dLost = b.sub(a, b.sub(d, one));
  auto sum = b.add(a, b.constant(C::center));
  auto reciprocal = b.div(one, b.mul(d, sum));
  auto sumInverse = b.mul(d, reciprocal);
  auto t = b.mul(b.sub(a, b.constant(C::center)), sumInverse);
  auto minusA = b.neg(a);
  auto tLost =
      b.fma(t, minusA, b.fma(b.add(t, one), b.constant(-C::center), a));
  t = b.fma(tLost, sumInverse, t);

  auto slope = polynomial<1>(b, t, C::p);
  auto p0 = b.constant(C::p[0]);
  auto p = b.fma(slope, t, p0);
  auto pLost = b.fma(slope, t, b.sub(p0, p));
  auto dInverse = b.mul(sum, reciprocal);
  auto q = b.mul(p, dInverse);
  auto minusQ = b.neg(q);
  auto remainder = b.fma(minusQ, dLost, b.add(b.fma(minusQ, d, p), pLost));
  auto qLost = b.mul(remainder, dInverse);

  auto square = b.mul(minusA, a); // -a^2, too great by squareLost
  auto squareLost = b.fma(a, a, square);
  auto reduction = reduceExp<Format<T>::exponentBias + C::scale>(b, square);
  auto s = expm1Reduced(
      b, b.sub(reducedArgument(b, reduction), squareLost)); // e^r - 1
  auto y = b.add(q, b.fma(q, s, b.fma(qLost, s, qLost)));
  // Scaled up until the end, so that a subnormal result is rounded once.
  y = b.mul(b.mul(y, powerOfTwo(b, reduction.shifted)), b.constant(C::unit));
  return b.select(b.lt(x, b.constant(0)), b.sub(b.constant(2), y), y);
}

} // namespace op
} // namespace fuser::math

#endif // FUSERMATH_ERF_H
