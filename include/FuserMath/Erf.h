//===- Erf.h - error functions ----------------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// erf in two ranges, and erfc.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_ERF_H
#define FUSERMATH_ERF_H

#include "FuserMath/Exp.h"

namespace fuser::math {
namespace detail {

/// `small` is erf(x) / x - 1 in x^2 for |x| < split; `big` is the logarithm of
/// erfc in |x| - 1 beyond, to base 2 for float and e for double. Errors
/// relative to erf(x): float 2^-29.3 and 2^-27.4, double 2^-56.0 and 2^-57.9.
/// erf rounds to 1 from `one` on.
template <class T> struct ErfConstants;
template <> struct ErfConstants<float> {
  static constexpr float split = 1, one = 3.93f;
  static constexpr float small[] = {
      0x1.06eba8p-3f, -0x1.81273ep-2f,  0x1.ce2ce6p-4f, -0x1.b7f71ap-6f,
      0x1.53f224p-8f, -0x1.a3516ap-11f, 0x1.47726p-14f};
  static constexpr float big[] = {
      -0x1.558eaep+1f, -0x1.e75306p+1f, -0x1.37666ap+0f, -0x1.e8d72ap-5f,
      0x1.c7383ap-7f,  -0x1.317efep-9f, 0x1.7dd1d8p-13f};
};
template <> struct ErfConstants<double> {
  static constexpr double split = 0.875, one = 5.95;
  static constexpr double small[] = {
      0x1.06eba8214db68p-3,   -0x1.812746b03799bp-2,  0x1.ce2f21a03f5f3p-4,
      -0x1.b82ce311971c8p-6,  0x1.565bcceb6bda5p-8,   -0x1.c02dae0560d9p-11,
      0x1.f9a2815ae1b4ep-14,  -0x1.f4c696f599c95p-17, 0x1.b9583edd33fe1p-20,
      -0x1.5b0102d36aaf7p-23, 0x1.cf703d5795d37p-27,  -0x1.92e24c601f165p-31};
  static constexpr double big[] = {
      -0x1.d97fbf27aa2a1p+0,  -0x1.51c9b0006c23ep+1,  -0x1.afabc11a28f93p-1,
      -0x1.5477f09ca4bebp-5,  0x1.48c9d40c80eb9p-7,   -0x1.033f69af8efe9p-9,
      0x1.f1b4bde4737ep-13,   0x1.b8bf919d789aep-16,  -0x1.c761cfa0c69b5p-16,
      0x1.418b76a813b8dp-17,  -0x1.1055c0ef04cd2p-19, 0x1.f31c3ef209f68p-24,
      0x1.ec8cbb76e7bp-24,    -0x1.024cfe2730f03p-24, 0x1.2fe2e4aebedd9p-26,
      -0x1.e5a2c86a01636p-29, 0x1.057c205cbfc82p-31,  -0x1.57d46a9958da4p-35,
      0x1.a113d41865622p-40};
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

/// erf(a) for a >= split or NaN: 1 - e^v or, for float, 1 - 2^v, which needs no
/// product to split v.
template <class B>
FUSERMATH_INLINE typename B::V erfOfBig(B &b, typename B::V a) {
  using T = typename B::Scalar;
  using C = ErfConstants<T>;
  constexpr int bias = Format<T>::exponentBias;
  auto t = b.sub(atMost(b, a, C::one), b.constant(1));
  auto v = polynomial(b, t, C::big);
  if constexpr (sizeof(T) == 4) {
    auto magic = b.constant(ExpConstants<T>::roundToInteger + bias);
    auto shifted = b.add(v, magic);
    auto f = b.sub(v, b.sub(shifted, magic));
    auto y = polynomial(b, f, Exp2Constants<T>::p);
    return b.fma(b.neg(powerOfTwo(b, shifted)), y, b.constant(1));
  } else {
    auto reduction = reduceExp<bias>(b, v);
    auto y = expReduced(b, reducedArgument(b, reduction));
    auto minusP = b.neg(powerOfTwo(b, reduction.shifted));
    return b.fma(minusP, y, b.constant(1));
  }
}

} // namespace detail

namespace op {

/// The error function, odd, erf(+-inf) = +-1: x + x P(x^2) for |x| < 1 or
/// 0.875, else 1 - e^log(erfc(|x|)).
///
/// Max error: f32 0.99 ULP (all inputs), f64 0.94 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V erf(B &b, typename B::V x) {
  using namespace detail;
  using C = ErfConstants<typename B::Scalar>;
  auto a = b.abs(x);
  auto small = b.fma(polynomial(b, b.mul(a, a), C::small), a, a);
  auto big = erfOfBig(b, a);
  return withSignOf(b, b.select(b.lt(a, b.constant(C::split)), small, big), x);
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
