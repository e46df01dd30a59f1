//===- Log.h - logarithms ---------------------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// log, log1p, log2 and log10, on x = 2^e (1 + f) with 1 + f about 1.
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

/// x = 2^e (1 + f).
template <class B> struct LogReduction {
  typename B::V e, f;
};

/// Reduces a normal x > 0, with the least 1 + f that `least` represents.
template <class B>
FUSERMATH_INLINE LogReduction<B> reduceLog(B &b, typename B::V x,
                                           int64_t least) {
  constexpr int bits = Format<typename B::Scalar>::mantissaBits;
  constexpr int64_t mantissa = (int64_t(1) << bits) - 1;
  auto i = b.isub(b.bits(x), b.integer(least));
  auto e = b.toFloat(b.shr(i, bits));
  auto m = b.fromBits(b.iadd(b.iand(i, b.integer(mantissa)), b.integer(least)));
  return {e, b.sub(m, b.constant(1))};
}

/// `y`, or the logarithm of an x that is no positive number.
template <class B>
FUSERMATH_INLINE typename B::V logOfSpecial(B &b, typename B::V x,
                                            typename B::V y) {
  using C = LogConstants<typename B::Scalar>;
  auto zero = b.constant(0);
  y = b.select(b.eq(x, b.constant(C::infinity)), x, y);
  y = b.select(b.eq(x, zero), b.constant(-C::infinity), y);
  return b.select(b.ge(x, zero), y, b.constant(C::nan));
}

/// Whether x is anything but a normal positive number. The representations of
/// those follow each other: one comparison tells, of the distance from the
/// first, moved by half the range of the integers as if it were unsigned.
template <class B>
FUSERMATH_INLINE typename B::M isSpecialForLog(B &b, typename B::V x) {
  using F = Format<typename B::Scalar>;
  constexpr int64_t first = int64_t(1) << F::mantissaBits;
  constexpr int64_t count = 2 * F::exponentBias * first;
  // first + signBit and signBit + count - 1, of which neither overflows.
  auto distance = b.isub(b.bits(x), b.integer(F::signBit + first));
  return b.ilt(b.integer(F::signBit + (count - 1)), distance);
}

/// The logarithm of any x: ofReduced(r) is that of a normal x > 0 which
/// reduceLog made r. The others are rare; subnormals are scaled by 2^bits,
/// which their exponent then makes up for.
template <class B, class OfReduced>
FUSERMATH_INLINE typename B::V logOfAny(B &b, typename B::V x, int64_t least,
                                        OfReduced ofReduced) {
  using F = Format<typename B::Scalar>;
  auto usual = ofReduced(reduceLog(b, x, least));
  return b.rarely(isSpecialForLog(b, x), usual, [&] {
    constexpr auto scale =
        static_cast<typename B::Scalar>(int64_t(1) << F::mantissaBits);
    auto isTiny = b.lt(x, b.constant(F::leastNormal));
    auto r =
        reduceLog(b, b.select(isTiny, b.mul(x, b.constant(scale)), x), least);
    r.e = b.select(isTiny, b.sub(r.e, b.constant(F::mantissaBits)), r.e);
    return logOfSpecial(b, x, ofReduced(r));
  });
}

/// Logarithms to another base: 1 / ln(base) = high + low, and log(2) to that
/// base is twoHigh + twoLow, where e * twoHigh is exact. For float,
/// log(1 + f) = (high + low) f + f^2 p(f), error 2^-27.7.
template <class T, int Base> struct LogBase;
template <> struct LogBase<float, 2> {
  static constexpr int64_t least = 0x3f3504f3; // sqrt(1/2)
  static constexpr float high = 0x1.715476p+0f, low = 0x1.4ae0cp-26f,
                         twoHigh = 1, twoLow = 0;
  static constexpr float p[] = {
      -0x1.71547p-1f,  0x1.ec7094p-2f,  -0x1.715af6p-2f,
      0x1.277f58p-2f,  -0x1.eaa4f2p-3f, 0x1.a2c4a8p-3f,
      -0x1.87d4f4p-3f, 0x1.7f4d62p-3f,  -0x1.c4d5dap-4f};
};
template <> struct LogBase<float, 10> {
  static constexpr int64_t least = 0x3f3504f3;
  static constexpr float high = 0x1.bcb7b2p-2f, low = -0x1.5b235ep-27f;
  static constexpr float twoHigh = 0x1.3442p-2f, twoLow = -0x1.95ec1p-19f;
  static constexpr float p[] = {
      -0x1.bcb7aap-3f, 0x1.287a7p-3f,   -0x1.bcbf32p-4f,
      0x1.63d128p-4f,  -0x1.276f06p-4f, 0x1.f82298p-5f,
      -0x1.d707d4p-5f, 0x1.ce2336p-5f,  -0x1.13844cp-5f};
};
template <> struct LogBase<double, 2> {
  static constexpr int64_t least = LogConstants<double>::least;
  static constexpr double high = 0x1.71547652b82fep+0,
                          low = 0x1.777d0ffda0d24p-56;
  static constexpr double twoHigh = 1, twoLow = 0;
};
template <> struct LogBase<double, 10> {
  static constexpr int64_t least = LogConstants<double>::least;
  static constexpr double high = 0x1.bcb7b1526e50ep-2,
                          low = 0x1.95355baaafad3p-57;
  static constexpr double twoHigh = 0x1.34413509f78p-2,
                          twoLow = 0x1.fef311f12b358p-46;
};

/// The logarithm of 2^e (1 + f) to base `Base`. An error in the sum with e
/// stays below half a unit, so that a result that is a T, such as an integer,
/// is exact.
template <int Base, class B>
FUSERMATH_INLINE typename B::V logToBaseReduced(B &b,
                                                const LogReduction<B> &r) {
  using T = typename B::Scalar;
  using C = LogBase<T, Base>;
  auto f = r.f;
  auto high = b.constant(C::high), low = b.constant(C::low);
  auto eLow = b.mul(r.e, b.constant(C::twoLow));
  typename B::V y;
  if constexpr (sizeof(T) == 4) {
    auto tail = b.fma(b.mul(f, f), polynomial(b, f, C::p), b.fma(f, low, eLow));
    y = b.fma(f, high, tail);
  } else {
    // As logReduced: f - f^2 / 2 is the unevaluated sum of head and lost.
    auto s = b.div(f, b.add(f, b.constant(2)));
    auto s2 = b.mul(s, s);
    auto minusHalf = b.mul(f, b.constant(T(-0.5)));
    auto head = b.fma(minusHalf, f, f);
    auto lost = b.fma(minusHalf, f, b.sub(f, head));
    auto R = b.mul(s2, polynomial(b, s2, LogConstants<T>::p));
    auto tail = b.fma(s, b.fma(b.neg(minusHalf), f, R), lost);
    y = b.fma(head, high, b.fma(tail, high, b.fma(head, low, eLow)));
  }
  return b.fma(r.e, b.constant(C::twoHigh), y);
}

/// The logarithm of x to base `Base`.
template <int Base, class B>
FUSERMATH_INLINE typename B::V logToBase(B &b, typename B::V x) {
  constexpr int64_t least = LogBase<typename B::Scalar, Base>::least;
  return logOfAny(b, x, least, [&](const LogReduction<B> &r) {
    return logToBaseReduced<Base>(b, r);
  });
}

} // namespace detail

namespace op {

/// The natural logarithm. log(+-0) = -inf, log(inf) = inf, log(x < 0) = NaN;
/// x may be subnormal.
///
/// Max error: f32 0.84 ULP (all inputs), f64 0.86 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V log(B &b, typename B::V x) {
  using namespace detail;
  using C = LogConstants<typename B::Scalar>;
  return logOfAny(b, x, C::least, [&](const LogReduction<B> &r) {
    return logReduced(b, r.f, r.e, b.mul(r.e, b.constant(C::ln2Low)));
  });
}

/// The logarithm to base 2, exact for powers of two; special values as log.
///
/// Max error: f32 0.98 ULP (all inputs), f64 0.86 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V log2(B &b, typename B::V x) {
  return detail::logToBase<2>(b, x);
}

/// The logarithm to base 10, exact for powers of ten; special values as log.
///
/// Max error: f32 0.92 ULP (all inputs), f64 0.83 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V log10(B &b, typename B::V x) {
  return detail::logToBase<10>(b, x);
}

/// log(1 + x). log1p(+-0) = +-0, log1p(-1) = -inf, log1p(inf) = inf,
/// log1p(x < -1) = NaN. The exponent e is that of the rounded 1 + x, but f
/// comes from x itself: f = 2^-e x + (2^-e - 1), with the rounding error of
/// that sum.
///
/// Max error: f32 0.90 ULP (all inputs), f64 0.86 ULP (sampled).
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
