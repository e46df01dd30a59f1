//===- Tanh.h - hyperbolic tangent ------------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_TANH_H
#define FUSERMATH_TANH_H

#include "FuserMath/Exp.h"

namespace fuser::math {
namespace detail {

/// (tanh(x) / x - 1) / x^2 = numerator(x^2) / denominator(x^2) for |x| < small,
/// where the numerator is monic, error relative to tanh(x) 2^-31.2 and 2^-56.7;
/// tanh is 1 from `one` on. e^(2 s) = exp2s(s) for |s| <= ln2 / 4, error
/// 2^-28.0 and 2^-57.6.
template <class T> struct TanhConstants;
template <> struct TanhConstants<float> {
  static constexpr float small = 0.75f, one = 9.1f;
  static constexpr float halfLn2 = 0x1.62e43p-2f;
  static constexpr float exp2s[] = {1,
                                    2,
                                    0x1.fffff8p+0f,
                                    0x1.55548cp+0f,
                                    0x1.555b9p-1f,
                                    0x1.123d48p-2f,
                                    0x1.685d22p-4f};
  static constexpr float numerator[] = {0x1.65349ep+4f};
  static constexpr float denominator[] = {-0x1.0be776p+6f, -0x1.dca5a0p+4f,
                                          -0x1.128694p+0f};
};
template <> struct TanhConstants<double> {
  static constexpr double small = 0.75, one = 19.1;
  static constexpr double halfLn2 = 0x1.62e42fefa39efp-2;
  static constexpr double halfLn2Low = 0x1.abc9e3b39803fp-57;
  static constexpr double exp2s[] = {1,
                                     2,
                                     0x1.000000000000cp+1,
                                     0x1.5555555555515p+0,
                                     0x1.555555554fdf6p-1,
                                     0x1.11111111210e2p-2,
                                     0x1.6c16c18610f69p-4,
                                     0x1.a01a014e420ecp-6,
                                     0x1.a019958d88ddep-8,
                                     0x1.71ded54f1a4abp-10,
                                     0x1.28b130b7c264p-12,
                                     0x1.adfe38a3b2d05p-15};
  static constexpr double numerator[] = {0x1.a33b05f81b8d9p+10,
                                         0x1.9c50f5f4e1bebp+6};
  static constexpr double denominator[] = {
      -0x1.3a6c447a14ab1p+12, -0x1.223167709f0cap+11, -0x1.d47329877dd2ap+6,
      -0x1.096fc5cc48b84p+0};
};

} // namespace detail

namespace op {

/// The hyperbolic tangent, odd, tanh(+-inf) = +-1: x + x x^2 N(x^2) / D(x^2)
/// for |x| < 0.75; beyond, with E = e^2|x|, 3/4 + 1/4 (E - 7) / (E + 1), of
/// which the second term is small where errors matter most. One division serves
/// both.
///
/// Max error: f32 0.88 ULP (all inputs), f64 0.90 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V tanh(B &b, typename B::V x) {
  using namespace detail;
  using T = typename B::Scalar;
  using C = TanhConstants<T>;
  auto a = b.abs(x);
  auto isSmall = b.lt(a, b.constant(C::small));

  auto z = b.mul(a, a);
  auto smallNumerator = b.mul(z, monicPolynomial(b, z, C::numerator));
  auto smallDenominator = polynomial(b, z, C::denominator);

  // E = 2^n e^2s. E matters less the greater n, so that for float the rounding
  // error of halfLn2 is not seen.
  auto clamped = atMost(b, a, C::one);
  auto magic =
      b.constant(ExpConstants<T>::roundToInteger + Format<T>::exponentBias);
  auto shifted = b.fma(clamped, b.constant(2 * ExpConstants<T>::log2e), magic);
  auto n = b.sub(shifted, magic);
  auto s = b.fma(n, b.constant(-C::halfLn2), clamped);
  if constexpr (sizeof(T) == 8)
    s = b.fma(n, b.constant(-C::halfLn2Low), s);
  auto y = polynomial(b, s, C::exp2s);
  auto E = b.mul(powerOfTwo(b, shifted), y);
  auto bigNumerator = b.sub(E, b.constant(7));
  auto bigDenominator = b.add(E, b.constant(1));

  auto quotient = b.div(b.select(isSmall, smallNumerator, bigNumerator),
                        b.select(isSmall, smallDenominator, bigDenominator));
  auto factor = b.select(isSmall, a, b.constant(T(0.25)));
  auto summand = b.select(isSmall, a, b.constant(T(0.75)));
  return withSignOf(b, b.fma(factor, quotient, summand), x);
}

} // namespace op
} // namespace fuser::math

#endif // FUSERMATH_TANH_H
