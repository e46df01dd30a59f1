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

/// (tanh(x) / x - 1) / x^2 = numerator(x^2) / denominator(x^2) for |x| < 0.8,
/// error relative to tanh(x) 2^-27.4 and 2^-57.8; tanh is 1 from `one` on.
template <class T> struct TanhConstants;
template <> struct TanhConstants<float> {
  static constexpr float one = 9.1f;
  static constexpr float numerator[] = {-0x1.555556p-2f, -0x1.e214p-7f};
  static constexpr float denominator[] = {1, 0x1.c6cb74p-2f, 0x1.020bap-6f};
};
template <> struct TanhConstants<double> {
  static constexpr double one = 19.1;
  static constexpr double numerator[] = {
      -0x1.5555555555555p-2, -0x1.5e4fa5e1cb041p-6, -0x1.fa8822ec0388dp-13};
  static constexpr double denominator[] = {
      1, 0x1.db4888b3efa92p-2, 0x1.91099e27adce9p-6, 0x1.0892d91e20368p-12,
      -0x1.33ad8906a9585p-26};
};

} // namespace detail

namespace op {

/// The hyperbolic tangent, odd, tanh(+-inf) = +-1: x + x^3 N(x^2) / D(x^2) for
/// |x| < 0.8 and 1 - 2 / (e^2|x| + 1) beyond, with one division for both.
///
/// Max error: f32 1.14 ULP (all inputs), f64 1.07 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V tanh(B &b, typename B::V x) {
  using namespace detail;
  using T = typename B::Scalar;
  using C = TanhConstants<T>;
  auto one = b.constant(1);
  auto a = b.abs(x);
  auto isSmall = b.lt(a, b.constant(T(0.8)));

  auto z = b.mul(a, a);
  auto smallNumerator = b.mul(b.mul(a, z), polynomial(b, z, C::numerator));
  auto smallDenominator = polynomial(b, z, C::denominator);

  auto clamped = atMost(b, a, C::one);
  auto reduction =
      reduceExp<Format<T>::exponentBias>(b, b.add(clamped, clamped));
  auto s = expm1Reduced(b, reducedArgument(b, reduction));
  auto p = powerOfTwo(b, reduction.shifted);
  auto bigDenominator = b.fma(p, s, b.add(p, one));

  auto quotient = b.div(b.select(isSmall, smallNumerator, b.constant(-2)),
                        b.select(isSmall, smallDenominator, bigDenominator));
  return withSignOf(b, b.add(b.select(isSmall, a, one), quotient), x);
}

} // namespace op
} // namespace fuser::math

#endif // FUSERMATH_TANH_H
