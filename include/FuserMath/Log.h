//===- Log.h - logarithms ---------------------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// log and log1p, on x = 2^e (1 + f) with 1 + f about 1.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_LOG_H
#define FUSERMATH_LOG_H

#include "FuserMath/Polynomial.h"

namespace fuser::math {
namespace detail {

/// `least` is the representation of the least 1 + f. `ln2High` has enough
/// trailing zeros for e * ln2High to be exact.
template <class T> struct LogConstants;
template <> struct LogConstants<float> {
  static constexpr int64_t least = 0x3f2aaaab; // 2/3
  static constexpr float ln2High = 0x1.62e400p-1f;
  static constexpr float ln2Low = 0x1.7f7d1cp-20f;
  static constexpr float infinity = __builtin_inff();
  static constexpr float nan = __builtin_nanf("");
  static constexpr float tiny = 0x1p-30f; // log1p(x) rounds to x below
  /// (log(1 + f) - f + f^2 / 2) / f^3, error 2^-27.7 relative to log(1 + f).
  static constexpr float p[] = {
      0x1.555506p-2f, -0x1.fffefap-3f, 0x1.99d06p-3f,  -0x1.559bccp-3f,
      0x1.1ed3d4p-3f, -0x1.f34a98p-4f, 0x1.1e754ep-3f, -0x1.078938p-3f};
};
template <> struct LogConstants<double> {
  static constexpr int64_t least = 0x3fe6a09e667f3bcd; // sqrt(1/2)
  static constexpr double ln2High = 0x1.62e42fee00000p-1;
  static constexpr double ln2Low = 0x1.a39ef35793c76p-33;
  static constexpr double infinity = __builtin_inf();
  static constexpr double nan = __builtin_nan("");
  static constexpr double tiny = 0x1p-60;
  /// (log((1 + s) / (1 - s)) / s - 2) / s^2 in s^2, error 2^-59.5 relative to
  /// log(1 + f).
  static constexpr double p[] = {0x1.5555555555592p-1, 0x1.999999997ff9ep-2,
                                 0x1.24924941d76f2p-2, 0x1.c71c521d0aedfp-3,
                                 0x1.74663b1e04c07p-3, 0x1.39a21694fdbdfp-3,
                                 0x1.2f01fcc4b8561p-3};
};

/// log(1 + f) + e ln2High + low.
template <class B>
FUSERMATH_INLINE typename B::V logReduced(B &b, typename B::V f,
                                          typename B::V e, typename B::V low) {
  using T = typename B::Scalar;
  using C = LogConstants<T>;
  if constexpr (sizeof(T) == 4) {
    auto f2 = b.mul(f, f);
    auto tail = b.fma(b.mul(f2, f), polynomial(b, f, C::p), low);
    tail = b.fma(f2, b.constant(T(-0.5)), tail);
    return b.fma(e, b.constant(C::ln2High), b.add(tail, f));
  } else {
    // log(1 + f) = f - f^2 / 2 + s (f^2 / 2 + R), s = f / (2 + f), as in
    // FreeBSD's e_log.c; `lost` is the rounding error of `head`.
    auto s = b.div(f, b.add(f, b.constant(2)));
    auto s2 = b.mul(s, s);
    auto halfSquare = b.mul(b.mul(f, f), b.constant(T(0.5)));
    auto R = b.mul(s2, polynomial(b, s2, C::p));
    auto head = b.fma(e, b.constant(C::ln2High), f);
    auto lost = b.add(f, b.fma(e, b.constant(C::ln2High), b.neg(head)));
    auto tail = b.add(b.fma(s, b.add(halfSquare, R), low), lost);
    return b.sub(head, b.sub(halfSquare, tail));
  }
}

} // namespace detail

namespace op {

/// The natural logarithm. log(+-0) = -inf, log(inf) = inf, log(x < 0) = NaN;
/// x may be subnormal.
///
/// Max error: f32 0.84 ULP (all inputs), f64 0.81 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V log(B &b, typename B::V x) {
  using namespace detail;
  using T = typename B::Scalar;
  using C = LogConstants<T>;
  constexpr int bits = Format<T>::mantissaBits;
  constexpr int64_t mantissa = (int64_t(1) << bits) - 1;
  constexpr T scale = static_cast<T>(int64_t(1) << bits);
  // Subnormals are scaled by 2^bits, which their exponent then makes up for.
  auto isTiny = b.lt(x, b.constant(Format<T>::leastNormal));
  auto normal = b.select(isTiny, b.mul(x, b.constant(scale)), x);
  auto offset =
      b.selectInteger(isTiny, b.integer(C::least + (int64_t(bits) << bits)),
                      b.integer(C::least));
  auto i = b.isub(b.bits(normal), offset);
  auto e = b.toFloat(b.shr(i, bits));
  auto m =
      b.fromBits(b.iadd(b.iand(i, b.integer(mantissa)), b.integer(C::least)));
  auto f = b.sub(m, b.constant(1));
  auto y = logReduced(b, f, e, b.mul(e, b.constant(C::ln2Low)));
  auto zero = b.constant(0);
  y = b.select(b.eq(x, b.constant(C::infinity)), x, y);
  y = b.select(b.eq(x, zero), b.constant(-C::infinity), y);
  return b.select(b.ge(x, zero), y, b.constant(C::nan));
}

/// log(1 + x). log1p(+-0) = +-0, log1p(-1) = -inf, log1p(inf) = inf,
/// log1p(x < -1) = NaN. The exponent e is that of the rounded 1 + x, but f
/// comes from x itself: f = 2^-e x + (2^-e - 1), with the rounding error of
/// that sum.
///
/// Max error: f32 0.90 ULP (all inputs), f64 0.83 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V log1p(B &b, typename B::V x) {
  using namespace detail;
  using T = typename B::Scalar;
  using C = LogConstants<T>;
  constexpr int bits = Format<T>::mantissaBits;
  constexpr int64_t bias = Format<T>::exponentBias;
  auto one = b.constant(1);
  auto i = b.isub(b.bits(b.add(x, one)), b.integer(C::least));
  auto e = b.toFloat(b.shr(i, bits));
  // 2^-e is subnormal for the greatest x: 4 * 2^-e and x / 4 are used.
  auto power = b.fromBits(b.isub(b.integer((bias + 2) << bits),
                                 b.iand(i, b.integer(-(int64_t(1) << bits)))));
  auto quarter = b.mul(x, b.constant(T(0.25)));
  auto shift = b.fma(power, b.constant(T(0.25)), b.constant(-1));
  auto f = b.fma(power, quarter, shift);
  auto lost = b.fma(power, quarter, b.sub(shift, f));
  auto low = b.fma(e, b.constant(C::ln2Low), b.fma(b.neg(f), lost, lost));
  auto y = logReduced(b, f, e, low);
  y = b.select(b.lt(b.abs(x), b.constant(C::tiny)), x, y);
  y = b.select(b.eq(x, b.constant(C::infinity)), x, y);
  y = b.select(b.eq(x, b.constant(-1)), b.constant(-C::infinity), y);
  return b.select(b.ge(x, b.constant(-1)), y, b.constant(C::nan));
}

} // namespace op
} // namespace fuser::math

#endif // FUSERMATH_LOG_H
