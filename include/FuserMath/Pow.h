//===- Pow.h - powers -------------------------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// pow of floats as 2^(y log2|x|), with the logarithm to more than the precision
// of the type, and of integers modulo 2^n.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_POW_H
#define FUSERMATH_POW_H

#include "FuserMath/Exp.h"
#include "FuserMath/Log.h"

namespace fuser::math {
namespace detail {

/// `leastMantissa` represents sqrt(1/2).
///
/// log2((1 + s) / (1 - s)) / s = slope + slopeLow + z q(z) where z = s^2 and
/// |s| <= (sqrt(2) - 1) / (sqrt(2) + 1), relative errors 2^-36.6 and 2^-68.
///
/// (2^f - 1) / f = p(f) for |f| <= 0.501, errors of 2^f 2^-28.2 and 2^-57.6.
///
/// y log2|x| is clamped to `far`, from where on the power is 0 or infinite, as
/// it is for |y| >= `hugeY` and any |x| != 1.
template <class T> struct PowConstants;
template <> struct PowConstants<float> {
  static constexpr int64_t leastMantissa = 0x3f3504f3;
  static constexpr float far = 170;
  static constexpr float hugeY = 0x1p32f;
  static constexpr float slope = 0x1.715476p+1f;
  static constexpr float slopeLow = 0x1.4aaf3p-25f;
  static constexpr float q[] = {0x1.ec709ep-1f, 0x1.2776fap-1f, 0x1.a5c0eep-2f,
                                0x1.59ba18p-2f};
  static constexpr float p[] = {0x1.62e43p-1f,   0x1.ebfbep-3f,
                                0x1.c6af7p-5f,   0x1.3b2a44p-7f,
                                0x1.5f0f3ep-10f, 0x1.44295ap-13f};
};
template <> struct PowConstants<double> {
  static constexpr int64_t leastMantissa = 0x3fe6a09e667f3bcd;
  static constexpr double far = 1100;
  static constexpr double hugeY = 0x1p64;
  static constexpr double slope = 0x1.71547652b82fep+1;
  static constexpr double slopeLow = 0x1.779356737d198p-55;
  static constexpr double q[] = {
      0x1.ec709dc3a03fdp-1, 0x1.2776c50ef9dddp-1, 0x1.a61762a746425p-2,
      0x1.484b14383433ap-2, 0x1.0c9a4eb216331p-2, 0x1.c6b5a84020cb5p-3,
      0x1.8113dcd2011ep-3,  0x1.58a114eb21f08p-2, -0x1.ef4c5446d9416p+1,
      0x1.ba3cec232c546p+5, -0x1.481e4a6322a06p+8};
  static constexpr double p[] = {
      0x1.62e42fefa39efp-1,  0x1.ebfbdff82c5a5p-3,  0x1.c6b08d704a189p-5,
      0x1.3b2ab6fb9feefp-7,  0x1.5d87fe78874f7p-10, 0x1.4309130f50cf8p-13,
      0x1.ffcbfce2c713fp-17, 0x1.62bfc660fe647p-20, 0x1.b52413843a4b4p-24,
      0x1.e61d83ceba069p-28, 0x1.eb146b8d2e796p-32};
};

/// The unevaluated sum high + low, |low| a few ULP of high at most.
template <class B> struct Extended {
  typename B::V high;
  typename B::V low;
};

/// log2(a) for a finite a > 0, with a relative error of about 2^-34 in f32 and
/// 2^-64 in f64; some finite sum for other a. a = 2^e m with m in
/// [sqrt(1/2), sqrt(2)), and log2(m) is a series in s = (m - 1) / (m + 1).
/// Names in -Low are the rounding errors of their stems.
template <class B>
FUSERMATH_INLINE Extended<B> extendedLog2(B &b, typename B::V a) {
  using T = typename B::Scalar;
  using C = PowConstants<T>;
  constexpr int bits = Format<T>::mantissaBits;
  constexpr int64_t mantissa = (int64_t(1) << bits) - 1;
  constexpr T scale = static_cast<T>(int64_t(1) << bits);
  auto isTiny = b.lt(a, b.constant(Format<T>::leastNormal));
  auto normal = b.select(isTiny, b.mul(a, b.constant(scale)), a);
  auto offset = b.selectInteger(
      isTiny, b.integer(C::leastMantissa + (int64_t(bits) << bits)),
      b.integer(C::leastMantissa));
  auto i = b.isub(b.bits(normal), offset);
  auto e = b.toFloat(b.shr(i, bits));
  auto m = b.fromBits(
      b.iadd(b.iand(i, b.integer(mantissa)), b.integer(C::leastMantissa)));

  auto one = b.constant(1);
  auto numerator = b.sub(m, one); // exact
  auto denominator = b.add(m, one);
  auto denominatorLow = b.sub(m, b.sub(denominator, one));
  auto reciprocal = b.div(one, denominator);
  auto s = b.mul(numerator, reciprocal);
  auto minusS = b.neg(s);
  auto rest =
      b.fma(minusS, denominatorLow, b.fma(minusS, denominator, numerator));
  auto sLow = b.mul(rest, reciprocal);

  auto z = b.mul(s, s);
  auto zLow = b.fma(b.add(s, s), sLow, b.fma(s, s, b.neg(z)));
  auto slopeOfQ = polynomial<1>(b, z, C::q);
  auto q0 = b.constant(C::q[0]);
  auto q = b.fma(slopeOfQ, z, q0);
  auto qLow = b.fma(slopeOfQ, z, b.sub(q0, q));
  auto slope = b.constant(C::slope);
  auto ratio = b.fma(z, q, slope);
  auto ratioLow =
      b.add(b.fma(z, q, b.sub(slope, ratio)), b.constant(C::slopeLow));
  ratioLow = b.fma(zLow, q, b.fma(z, qLow, ratioLow));

  auto logM = b.mul(s, ratio);
  auto logMLow = b.fma(s, ratio, b.neg(logM));
  logMLow = b.fma(sLow, ratio, b.fma(s, ratioLow, logMLow));
  auto high = b.add(e, logM); // |e| > |logM|, or e = 0
  return {high, b.add(b.add(b.sub(e, high), logM), logMLow)};
}

/// |x|^y for a = |x|, of all a and y but NaNs.
template <class B>
FUSERMATH_INLINE typename B::V powOfMagnitude(B &b, typename B::V a,
                                              typename B::V y) {
  using T = typename B::Scalar;
  using C = PowConstants<T>;
  auto zero = b.constant(0);
  auto log2 = extendedLog2(b, a);
  auto factor = atLeast(b, atMost(b, y, C::hugeY), -C::hugeY);
  auto product = b.mul(factor, log2.high);
  auto high = atLeast(b, atMost(b, product, C::far), -C::far);
  auto low = b.fma(factor, log2.low, b.fma(factor, log2.high, b.neg(product)));
  low = b.select(b.eq(high, product), low, zero);

  auto magic =
      b.constant(ExpConstants<T>::roundToInteger + Format<T>::exponentBias);
  auto shifted = b.add(high, magic);
  auto f = b.add(b.sub(high, b.sub(shifted, magic)), low);
  auto power = b.fma(f, polynomial(b, f, C::p), b.constant(1));
  auto r = scaleByPowerOfTwo(b, power, shifted, b.lt(high, zero));

  auto isZero = b.eq(a, zero);
  auto infinity = b.constant(LogConstants<T>::infinity);
  auto edge = b.select(b.differ(isZero, b.lt(y, zero)), zero, infinity);
  return b.select(b.either(isZero, b.eq(a, infinity)), edge, r);
}

/// A power in the making: factor * base^exponent, modulo 2^n.
template <class B> struct PartialPower {
  typename B::V factor;
  typename B::V base;
  typename B::V exponent;
};

/// Squares the base `Last` - `First` times, moving the exponent's bits from
/// `First` on into the factor. The exponent's other bits stay where they are.
template <int First, int Last, class B>
FUSERMATH_INLINE PartialPower<B> squareBase(B &b, PartialPower<B> p) {
  if constexpr (First == Last) {
    return p;
  } else {
    using T = typename B::Scalar;
    auto bit = b.bitAnd(p.exponent, b.constant(static_cast<T>(1 << First)));
    p.factor =
        b.select(b.ne(bit, b.constant(0)), b.mul(p.factor, p.base), p.factor);
    p.base = b.mul(p.base, p.base);
    return squareBase<First + 1, Last>(b, p);
  }
}

/// ((1 + t)^w - 1) / (w t) by the binomial theorem, in Horner's form
/// 1 + (w - 1) t / 2 (1 + (w - 2) t / 3 (...)), from t / K on. The division by
/// 2 loses the highest bit of t, which the multiplication by t makes up for;
/// that by 3 is exact modulo 2^n.
template <int K, int Terms, class B>
FUSERMATH_INLINE typename B::V binomialSeries(B &b, typename B::V t,
                                              typename B::V w) {
  static_assert(Terms <= 3);
  using T = typename B::Scalar;
  auto one = b.constant(1);
  if constexpr (K > Terms) {
    return one;
  } else {
    auto part =
        K == 2
            ? b.shr(t, one)
            : b.mul(t, b.constant(static_cast<T>(0xaaaaaaaaaaaaaaab))); // 1/3
    auto term = b.mul(b.sub(w, b.constant(K - 1)), part);
    return b.add(one, b.mul(term, binomialSeries<K + 1, Terms>(b, t, w)));
  }
}

/// x^y of integers. After `steps` squarings an odd base is 1 + t where t is a
/// multiple of 2^(steps + 2), and few terms of (1 + t)^w are not 0. An even
/// base has vanished by then, unless w, what is left of the exponent, is 0.
template <class B>
FUSERMATH_INLINE typename B::V integerPow(B &b, typename B::V x,
                                          typename B::V y) {
  using T = typename B::Scalar;
  constexpr int n = 8 * sizeof(T);
  constexpr int steps = n == 8 ? 3 : n == 16 ? 4 : n == 32 ? 6 : 14;
  constexpr int terms = (n - 1) / (steps + 2);
  auto zero = b.constant(0);
  auto one = b.constant(1);
  auto p = squareBase<0, steps>(b, PartialPower<B>{one, x, y});
  auto t = b.sub(p.base, one);
  auto w = b.shr(y, b.constant(steps));
  auto rest = b.mul(b.mul(w, t), binomialSeries<2, terms>(b, t, w));
  auto r = b.mul(p.factor, b.add(one, rest));

  auto isEven = b.eq(b.bitAnd(x, one), zero);
  auto isZero = b.both(isEven, b.ge(y, b.constant(n)));
  if constexpr (B::isSigned) {
    auto isNoUnit = b.both(b.ne(x, one), b.ne(x, b.constant(-1)));
    isZero = b.either(isZero, b.both(b.lt(y, zero), isNoUnit));
  }
  return b.select(isZero, zero, r);
}

} // namespace detail

namespace op {

/// x^y.
///
/// Floats: as C's pow, Annex F. pow(x, +-0) = 1 and pow(1, y) = 1, also of a
/// NaN; pow(x, y) = NaN for a finite x < 0 and y not an integer;
/// pow(-1, +-inf) = 1; pow(+-0, y) is +-inf for odd integers y < 0, +inf for
/// other y < 0, +-0 for odd integers y > 0, +0 for other y > 0;
/// pow(+-inf, y) = pow(+-0, -y). Results may be subnormal.
///
/// Integers: modulo 2^n; pow(x, 0) = 1; pow(x, y < 0) is 0 but for x = 1 and
/// x = -1, as in PyTorch.
///
/// Max error: f32 0.94 ULP, f64 1.16 ULP (both sampled).
template <class B>
FUSERMATH_INLINE typename B::V pow(B &b, typename B::V x, typename B::V y) {
  using namespace detail;
  if constexpr (B::isFloat) {
    using T = typename B::Scalar;
    auto zero = b.constant(0);
    auto one = b.constant(1);
    auto nan = b.constant(LogConstants<T>::nan);
    auto a = b.abs(x);
    auto r = powOfMagnitude(b, a, y);
    auto whole = b.trunc(y);
    auto half = b.mul(y, b.constant(T(0.5)));
    auto isOdd = b.both(b.eq(y, whole), b.ne(b.trunc(half), half));
    auto minusInfinity = b.constant(-LogConstants<T>::infinity);
    auto isFiniteNegative = b.both(b.lt(x, zero), b.gt(x, minusInfinity));
    r = b.select(b.both(isFiniteNegative, b.ne(y, whole)), nan, r);
    r = b.select(isOdd, withSignOf(b, r, x), r);
    r = b.select(b.either(b.ne(x, x), b.ne(y, y)), nan, r);
    return b.select(b.either(b.eq(x, one), b.eq(y, zero)), one, r);
  } else {
    return integerPow(b, x, y);
  }
}

} // namespace op
} // namespace fuser::math

#endif // FUSERMATH_POW_H
