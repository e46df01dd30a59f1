//===- Hyperbolic.h - hyperbolic functions and inverses ---------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// sinh and cosh by their addition theorems on the reduction of exp; asinh,
// acosh and atanh as logarithms of quotients. (tanh is in Tanh.h.)
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_HYPERBOLIC_H
#define FUSERMATH_HYPERBOLIC_H

#include "FuserMath/Exp.h"
#include "FuserMath/Log.h"

namespace fuser::math {
namespace detail {

/// (sinh(r) / r - 1) / r^2 and (cosh(r) - 1) / r^2 in r^2 for |r| <= ln2 / 2,
/// errors 2^-34.3 and 2^-33.2 relative to sinh and cosh for float, 2^-61.7 and
/// 2^-58.0 for double. Results overflow from `overflow` on; beyond
/// ln2 * `negligible`, e^-a is nothing to e^a.
template <class T> struct SinhConstants;
template <> struct SinhConstants<float> {
  static constexpr float overflow = 89.5f, negligible = 64;
  static constexpr float sinh[] = {0x1.555556p-3f, 0x1.110fbep-7f,
                                   0x1.a2e334p-13f};
  static constexpr float cosh[] = {0x1p-1f, 0x1.5554e6p-5f, 0x1.6d4f1p-10f};
};
template <> struct SinhConstants<double> {
  static constexpr double overflow = 710.5, negligible = 128;
  static constexpr double sinh[] = {
      0x1.5555555555559p-3, 0x1.111111110f62ap-7, 0x1.a01a01b020541p-13,
      0x1.71ddf7af7cb39p-19, 0x1.af5ff53cf15fp-26};
  static constexpr double cosh[] = {
      0x1.000000000000cp-1, 0x1.555555554fd67p-5, 0x1.6c16c1863e261p-10,
      0x1.a01994ff886fdp-16, 0x1.28b1bde6a8a64p-22};
};

/// p = 2^n / 4 and q = 2^-n / 4, of which sinhN and coshN, half of sinh and
/// cosh of n ln2, are difference and sum; the rest of the argument in sinhR =
/// sinh(r) and coshRm1 = cosh(r) - 1.
template <class B> struct SinhReduction {
  typename B::V p, q, sinhN, coshN, sinhR, coshRm1;
};

/// Reduces a >= 0 or NaN.
template <class B>
FUSERMATH_INLINE SinhReduction<B> reduceSinh(B &b, typename B::V a) {
  using T = typename B::Scalar;
  using C = SinhConstants<T>;
  constexpr int bias = Format<T>::exponentBias - 2;
  auto reduction = reduceExp<bias>(b, atMost(b, a, C::overflow));
  auto r = reducedArgument(b, reduction);
  auto z = b.mul(r, r);
  auto sinhR = b.fma(b.mul(r, z), polynomial(b, z, C::sinh), r);
  auto coshRm1 = b.mul(z, polynomial(b, z, C::cosh));
  auto p = powerOfTwo(b, reduction.shifted);
  auto magic = b.constant(ExpConstants<T>::roundToInteger + bias);
  auto q = powerOfTwo(b, b.sub(magic, atMost(b, reduction.n, C::negligible)));
  return {p, q, b.sub(p, q), b.add(p, q), sinhR, coshRm1};
}

/// atanh(s) = s + s^3 p(s^2) for |s| <= 1/5, errors 2^-34.9 and 2^-62.0;
/// `halfLn2High` has enough trailing zeros for e * halfLn2High to be exact.
template <class T> struct AtanhConstants;
template <> struct AtanhConstants<float> {
  static constexpr float halfLn2High = 0x1.62e4p-2f;
  static constexpr float halfLn2Low = 0x1.7f7d1cp-21f;
  static constexpr float tiny = 0x1p-13f; // asinh, atanh round to x below
  static constexpr float huge = 0x1p30f;  // 2 x - 1 / x rounds to 2 x above
  static constexpr float p[] = {0x1.555554p-2f, 0x1.999c1ap-3f, 0x1.23dc2cp-3f,
                                0x1.ef2ea8p-4f};
};
template <> struct AtanhConstants<double> {
  static constexpr double halfLn2High = 0x1.62e42fefa38p-2;
  static constexpr double halfLn2Low = 0x1.ef35793c7673p-46;
  static constexpr double tiny = 0x1p-28;
  static constexpr double huge = 0x1p60;
  static constexpr double p[] = {0x1.555555555554cp-2, 0x1.999999999d19cp-3,
                                 0x1.24924920fb897p-3, 0x1.c71c75552dc1cp-4,
                                 0x1.745c1e5fffe2fp-4, 0x1.3b3b3ad8fab48p-4,
                                 0x1.0d728eee24acep-4, 0x1.1dc93ac231cf6p-4};
};

/// atanh((n + nLow) / (d + dLow)) + e ln2 / 2, where the quotient is at most
/// 1/5 in magnitude.
template <class B>
FUSERMATH_INLINE typename B::V
atanhOfQuotient(B &b, typename B::V n, typename B::V nLow, typename B::V d,
                typename B::V dLow, typename B::V e) {
  using C = AtanhConstants<typename B::Scalar>;
  auto inverse = b.div(b.constant(1), d);
  auto s = b.mul(n, inverse);
  auto minusS = b.neg(s);
  auto remainder = b.add(b.fma(minusS, d, n), b.fma(minusS, dLow, nLow));
  auto sLow = b.fma(remainder, inverse, b.mul(e, b.constant(C::halfLn2Low)));
  auto z = b.mul(s, s);
  auto tail = b.fma(b.mul(s, z), polynomial(b, z, C::p), sLow);
  auto ln2 = b.constant(C::halfLn2High);
  auto head = b.fma(e, ln2, s);
  auto headLost = b.add(b.fma(e, ln2, b.neg(head)), s);
  return b.add(head, b.add(tail, headLost));
}

/// log(1 + v + low) for v >= 0, log(2 a) where `a` is huge. With 1 + v about
/// 2^e that is e ln2 + 2 atanh((1 + v - 2^e) / (1 + v + 2^e)).
template <class B>
FUSERMATH_INLINE typename B::V logOfSum(B &b, typename B::V v,
                                        typename B::V low, typename B::V a) {
  using T = typename B::Scalar;
  using C = AtanhConstants<T>;
  constexpr int bits = Format<T>::mantissaBits;
  constexpr int64_t unit = int64_t(1) << bits;
  constexpr int64_t bias = Format<T>::exponentBias;
  constexpr int64_t least = bias * unit - unit / 2; // 3/4
  // 2 a = 2^3 (a / 4), of which the sums below are finite.
  auto isHuge = b.gt(a, b.constant(C::huge));
  v = b.select(isHuge, b.mul(a, b.constant(T(0.25))), v);
  low = b.select(isHuge, b.constant(0), low);
  auto one = b.constant(1);
  auto i = b.isub(b.bits(b.add(v, one)), b.integer(least));
  auto e = b.toFloat(b.shr(i, bits));
  e = b.add(e, b.select(isHuge, b.constant(3), b.constant(0)));
  auto power =
      b.fromBits(b.iadd(b.iand(i, b.integer(-unit)), b.integer(bias * unit)));
  auto numerator = b.sub(v, b.sub(power, one));
  auto center = b.add(power, one);
  auto denominator = b.add(v, center);
  auto denominatorLow = b.sub(v, b.sub(denominator, center));
  auto half =
      atanhOfQuotient(b, numerator, low, denominator, denominatorLow, e);
  return b.add(half, half);
}

} // namespace detail

namespace op {

/// The hyperbolic sine, odd, sinh(+-inf) = +-inf. With |x| = n ln2 + r it is
/// sinh(n ln2) cosh(r) + cosh(n ln2) sinh(r), of which half is computed, so
/// that no power of two overflows before the result does.
///
/// Max error: f32 1.45 ULP (all inputs), f64 1.81 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V sinh(B &b, typename B::V x) {
  using namespace detail;
  using T = typename B::Scalar;
  auto a = b.abs(x);
  auto r = reduceSinh(b, a);
  auto half =
      b.add(r.sinhN, b.fma(r.coshN, r.sinhR, b.mul(r.sinhN, r.coshRm1)));
  auto isTiny = b.lt(a, b.constant(AtanhConstants<T>::tiny));
  return b.select(isTiny, x, withSignOf(b, b.add(half, half), x));
}

/// The hyperbolic cosine, even, cosh(+-inf) = inf:
/// cosh(n ln2) cosh(r) + sinh(n ln2) sinh(r), as in sinh.
///
/// Max error: f32 1.26 ULP (all inputs), f64 1.31 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V cosh(B &b, typename B::V x) {
  auto r = detail::reduceSinh(b, b.abs(x));
  // coshN itself is rounded.
  auto rest = b.fma(r.sinhN, r.sinhR, b.mul(r.coshN, r.coshRm1));
  auto half = b.add(r.p, b.add(r.q, rest));
  return b.add(half, half);
}

/// The inverse of sinh, odd, asinh(+-inf) = +-inf: with a = |x|,
/// log(1 + a + a^2 / (1 + sqrt(1 + a^2))).
///
/// Max error: f32 1.02 ULP (all inputs), f64 1.08 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V asinh(B &b, typename B::V x) {
  using namespace detail;
  using T = typename B::Scalar;
  auto one = b.constant(1);
  auto a = b.abs(x);
  auto square = b.mul(a, a);
  auto w = b.div(square, b.add(b.sqrt(b.add(square, one)), one));
  auto v = b.add(a, w);
  auto y = logOfSum(b, v, b.sub(w, b.sub(v, a)), a);
  auto isSame = b.either(b.lt(a, b.constant(AtanhConstants<T>::tiny)),
                         b.eq(a, b.constant(LogConstants<T>::infinity)));
  return b.select(isSame, x, withSignOf(b, y, x));
}

/// The inverse of cosh, not negative, acosh(1) = 0, acosh(inf) = inf,
/// acosh(x < 1) = NaN: with d = x - 1, log(1 + d + sqrt(d^2 + 2 d)).
///
/// Max error: f32 1.61 ULP (all inputs), f64 1.74 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V acosh(B &b, typename B::V x) {
  using namespace detail;
  using C = LogConstants<typename B::Scalar>;
  auto one = b.constant(1);
  auto d = b.sub(x, one);
  auto w = b.sqrt(b.fma(d, d, b.add(d, d)));
  auto v = b.add(w, d);
  auto y = logOfSum(b, v, b.sub(d, b.sub(v, w)), x);
  y = b.select(b.eq(x, b.constant(C::infinity)), x, y);
  return b.select(b.ge(x, one), y, b.constant(C::nan));
}

/// The inverse of tanh, odd, atanh(+-1) = +-inf, atanh(|x| > 1) = NaN: half of
/// log(u / l), u = 1 + |x|, l = 1 - |x|. The difference of their bits gives an
/// e with u / l about 2^e; the rest is atanh((u - 2^e l) / (u + 2^e l)).
///
/// Max error: f32 1.01 ULP (all inputs), f64 1.02 ULP (sampled).
template <class B> FUSERMATH_INLINE typename B::V atanh(B &b, typename B::V x) {
  using namespace detail;
  using T = typename B::Scalar;
  using C = LogConstants<T>;
  constexpr int bits = Format<T>::mantissaBits;
  constexpr int64_t unit = int64_t(1) << bits;
  constexpr int64_t bias = Format<T>::exponentBias;
  auto one = b.constant(1);
  auto a = b.abs(x);
  auto u = b.add(one, a), l = b.sub(one, a);
  auto uLow = b.sub(a, b.sub(u, one)), lLow = b.sub(b.sub(one, l), a);
  auto i = b.iadd(b.isub(b.bits(u), b.bits(l)), b.integer(unit / 2));
  auto e = b.toFloat(b.shr(i, bits));
  auto power =
      b.fromBits(b.iadd(b.iand(i, b.integer(-unit)), b.integer(bias * unit)));
  auto part = b.mul(power, l); // exact
  auto partLow = b.mul(power, lLow);
  auto difference = b.sub(u, part);
  auto low = b.sub(uLow, partLow);
  auto numerator = b.add(difference, low);
  auto numeratorLow = b.sub(low, b.sub(numerator, difference));
  auto denominator = b.add(u, part);
  auto denominatorLow = b.sub(part, b.sub(denominator, u));
  auto y = atanhOfQuotient(b, numerator, numeratorLow, denominator,
                           denominatorLow, e);
  y = b.select(b.eq(a, one), b.constant(C::infinity), y);
  y = b.select(b.le(a, one), y, b.constant(C::nan));
  auto isTiny = b.lt(a, b.constant(AtanhConstants<T>::tiny));
  return b.select(isTiny, x, withSignOf(b, y, x));
}

} // namespace op
} // namespace fuser::math

#endif // FUSERMATH_HYPERBOLIC_H
