//===- Polynomial.h - polynomials and sign of builder values ----*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the functions of all families are built from.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_POLYNOMIAL_H
#define FUSERMATH_POLYNOMIAL_H

#include "FuserMath/Builder.h"

namespace fuser::math::detail {

/// c[0] + c[1] x + ... by Horner's rule, one fma per coefficient but the last.
/// The recursion, unlike a loop, leaves nothing for the compiler to unroll.
template <int First = 0, class B, class T, int N>
FUSERMATH_INLINE typename B::V polynomial(B &b, typename B::V x,
                                          const T (&c)[N]) {
  if constexpr (First + 1 == N)
    return b.constant(c[First]);
  else
    return b.fma(polynomial<First + 1>(b, x, c), x, b.constant(c[First]));
}

/// c[0] + c[1] x + ... + x^N.
template <int First = 0, class B, class T, int N>
FUSERMATH_INLINE typename B::V monicPolynomial(B &b, typename B::V x,
                                               const T (&c)[N]) {
  if constexpr (First + 1 == N)
    return b.add(x, b.constant(c[First]));
  else
    return b.fma(monicPolynomial<First + 1>(b, x, c), x, b.constant(c[First]));
}

/// The format of a float type.
template <class T> struct Format;
template <> struct Format<float> {
  static constexpr int mantissaBits = 23;
  static constexpr int exponentBias = 127;
  static constexpr int64_t signBit = INT32_MIN;
  static constexpr float leastNormal = 0x1p-126f;
  static constexpr float inf = __builtin_inff();
};
template <> struct Format<double> {
  static constexpr int mantissaBits = 52;
  static constexpr int exponentBias = 1023;
  static constexpr int64_t signBit = INT64_MIN;
  static constexpr double leastNormal = 0x1p-1022;
  static constexpr double inf = __builtin_inf();
};

/// `magnitude`, whose sign bit is clear, with the sign of `x`.
template <class B>
FUSERMATH_INLINE typename B::V withSignOf(B &b, typename B::V magnitude,
                                          typename B::V x) {
  auto signBit = b.integer(Format<typename B::Scalar>::signBit);
  return b.fromBits(b.ior(b.bits(magnitude), b.iand(b.bits(x), signBit)));
}

/// `bound` where x > bound, else x: a NaN stays.
template <class B>
FUSERMATH_INLINE typename B::V atMost(B &b, typename B::V x,
                                      typename B::Scalar bound) {
  return b.select(b.gt(x, b.constant(bound)), b.constant(bound), x);
}

/// `bound` where x < bound, else x: a NaN stays.
template <class B>
FUSERMATH_INLINE typename B::V atLeast(B &b, typename B::V x,
                                       typename B::Scalar bound) {
  return b.select(b.lt(x, b.constant(bound)), b.constant(bound), x);
}

} // namespace fuser::math::detail

#endif // FUSERMATH_POLYNOMIAL_H
