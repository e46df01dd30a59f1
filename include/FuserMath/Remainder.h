//===- Remainder.h - division with an integer quotient ----------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// fmod, remainder, div_trunc and div_floor, of floats and of integers. The
// results are those of PyTorch's fmod, remainder and div with rounding modes
// "trunc" and "floor". (Where x / y overflows PyTorch's vectorised fmod and
// remainder give NaN; here they are exact.)
//
// Integers: division by zero raises, and gives 0; the least integer divided by
// -1 gives itself, its remainder is 0.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_REMAINDER_H
#define FUSERMATH_REMAINDER_H

#include "FuserMath/Polynomial.h"

namespace fuser::math {
namespace detail {

/// 2^e for a normal result.
template <class B>
FUSERMATH_INLINE typename B::V integerPowerOfTwo(B &b, typename B::I e) {
  using F = Format<typename B::Scalar>;
  return b.fromBits(
      b.shl(b.iadd(e, b.integer(F::exponentBias)), F::mantissaBits));
}

/// Arithmetic modulo an integer m, 0 < m < 2^p, p the precision. Residues are
/// integers of magnitude 0.6 m at most.
template <class B> struct Modulus {
  typename B::V m;
  typename B::V minusM = {};
  typename B::V inverse = {};
};

/// x - round(x / m) m. The error of the rounded quotient q adds to the result:
/// it is of magnitude (1/2 + 2^(1-p) q) m at most, and exact if below 2^p.
template <class B>
FUSERMATH_INLINE typename B::V reduceModulo(B &b, typename B::V x,
                                            const Modulus<B> &modulus) {
  auto q = b.roundEven(b.mul(x, modulus.inverse));
  return b.fma(q, modulus.minusM, x);
}

/// The residue of x y for residues x and y. The product is high + low with
/// |low| <= 2^(p-2), and high / m < 2^(p-1) errs by 1/4 at most, so that
/// nothing is rounded: |r| <= 3/4 m and |r + low| <= 2^p.
template <class B>
FUSERMATH_INLINE typename B::V multiplyModulo(B &b, typename B::V x,
                                              typename B::V y,
                                              const Modulus<B> &modulus) {
  auto high = b.mul(x, y);
  auto low = b.fma(x, y, b.neg(high));
  auto q = b.roundEven(b.div(high, modulus.m));
  auto r = b.fma(q, modulus.minusM, high);
  return reduceModulo(b, b.add(r, low), modulus);
}

template <int Times, class B>
FUSERMATH_INLINE typename B::V squareModulo(B &b, typename B::V x,
                                            const Modulus<B> &modulus) {
  if constexpr (Times == 0)
    return x;
  else
    return squareModulo<Times - 1>(b, multiplyModulo(b, x, x, modulus),
                                   modulus);
}

/// fmod(a, c) for finite a and c > 0 with a / c >= 2^(p-1), so that a is
/// normal; a zero is +0. With the integers mA and mC of a = mA 2^i and c = mC
/// 2^j it is 2^j (2^(i-j) mA mod mC). The power is 2^(i-j) = (2^e)^(2^k) 2^f: k
/// squarings.
template <class B>
FUSERMATH_INLINE typename B::V fmodOfDistant(B &b, typename B::V a,
                                             typename B::V c) {
  using T = typename B::Scalar;
  constexpr int bits = Format<T>::mantissaBits;
  constexpr int k = sizeof(T) == 4 ? 3 : 5; // i - j < 2^8, 2^11
  constexpr T scale = static_cast<T>(int64_t(1) << bits);
  auto leastExponent = b.integer(int64_t(1) << bits);
  auto exponentMask = b.integer(-(int64_t(1) << bits));
  auto exponentA = b.iand(b.bits(a), exponentMask);
  auto exponentC = b.iand(b.bits(c), exponentMask);
  exponentC = b.selectInteger(b.ilt(exponentC, leastExponent), leastExponent,
                              exponentC);
  auto unit = b.fromBits(exponentC);
  auto mA = b.mul(b.div(a, b.fromBits(exponentA)), b.constant(scale));
  auto mC = b.mul(b.div(c, unit), b.constant(scale));
  Modulus<B> modulus{mC, b.neg(mC), b.div(b.constant(1), mC)};

  // The first reduction of each factor leaves the error of a long quotient.
  auto distance = b.shr(b.isub(exponentA, exponentC), bits);
  auto e = b.shr(distance, k);
  auto f = b.iand(distance, b.integer((1 << k) - 1));
  auto power = reduceModulo(b, integerPowerOfTwo(b, e), modulus);
  power = squareModulo<k>(b, reduceModulo(b, power, modulus), modulus);
  auto rest = reduceModulo(b, b.mul(mA, integerPowerOfTwo(b, f)), modulus);
  auto r = multiplyModulo(b, power, reduceModulo(b, rest, modulus), modulus);
  r = b.select(b.lt(r, b.constant(0)), b.add(r, mC), r);
  return b.mul(b.mul(r, b.constant(1 / scale)), unit);
}

/// `moved` where the remainder r is not zero and has not the sign of the
/// divisor y, else `unmoved`.
template <class B>
FUSERMATH_INLINE typename B::V
whereSignsDiffer(B &b, typename B::V r, typename B::V y, typename B::V moved,
                 typename B::V unmoved) {
  auto zero = b.constant(0);
  auto differ = b.differ(b.lt(r, zero), b.lt(y, zero));
  return b.select(b.both(b.ne(r, zero), differ), moved, unmoved);
}

/// y as a divisor that never traps. 0 and -1 become 1, for which the remainder
/// is 0 as it shall be; the quotient is mended by quotientBy.
template <class B>
FUSERMATH_INLINE typename B::V safeDivisor(B &b, typename B::V y) {
  auto isZero = b.eq(y, b.constant(0));
  b.raiseIf(isZero);
  if constexpr (B::isSigned)
    isZero = b.either(isZero, b.eq(y, b.constant(-1)));
  return b.select(isZero, b.constant(1), y);
}

/// The quotient by y, given that by safeDivisor(y).
template <class B>
FUSERMATH_INLINE typename B::V quotientBy(B &b, typename B::V y,
                                          typename B::V quotient) {
  if constexpr (B::isSigned)
    quotient = b.select(b.eq(y, b.constant(-1)), b.neg(quotient), quotient);
  return b.select(b.eq(y, b.constant(0)), b.constant(0), quotient);
}

} // namespace detail

namespace op {

/// The remainder of x / y with the quotient rounded toward zero: it has the
/// sign of x, also where it is zero, and is exact. fmod(x, +-inf) = x;
/// fmod(+-inf, y) = fmod(x, +-0) = NaN. Integers: see the head of the file.
///
/// Below a quotient of 2^p, the precision, the rounded quotient is the right
/// one or one too great, and x - q y is exact either way.
template <class B>
FUSERMATH_INLINE typename B::V fmod(B &b, typename B::V x, typename B::V y) {
  using namespace detail;
  if constexpr (B::isFloat) {
    using T = typename B::Scalar;
    constexpr T limit =
        static_cast<T>(int64_t(1) << (Format<T>::mantissaBits + 1));
    auto a = b.abs(x);
    auto c = b.abs(y);
    auto quotient = b.div(a, c);
    auto r = b.fma(b.neg(b.trunc(quotient)), c, a);
    r = b.select(b.lt(r, b.constant(0)), b.add(r, c), r);
    r = b.select(b.lt(a, c), a, r); // for an infinite c
    // Where a is infinite or c zero, r is NaN already.
    auto isDistant = b.both(b.ge(quotient, b.constant(limit)), b.eq(r, r));
    r = b.rarely(isDistant, r, [&] { return fmodOfDistant(b, a, c); });
    return withSignOf(b, r, x);
  } else {
    return b.rem(x, safeDivisor(b, y));
  }
}

/// The remainder of x / y with the quotient rounded down, as Python's %: fmod
/// plus y where fmod is not zero and has not the sign of y. For floats the sum
/// is rounded; a zero has the sign of x; remainder(x, +-inf) is x where the
/// signs agree, else y. Integers: see the head of the file.
template <class B>
FUSERMATH_INLINE typename B::V remainder(B &b, typename B::V x,
                                         typename B::V y) {
  using namespace detail;
  auto r = fmod(b, x, y);
  return whereSignsDiffer(b, r, y, b.add(r, y), r);
}

/// x / y rounded toward zero. Floats: trunc of the rounded quotient. Integers:
/// see the head of the file.
template <class B>
FUSERMATH_INLINE typename B::V div_trunc(B &b, typename B::V x,
                                         typename B::V y) {
  using namespace detail;
  if constexpr (B::isFloat)
    return b.trunc(b.div(x, y));
  else
    return quotientBy(b, y, b.div(x, safeDivisor(b, y)));
}

/// x / y rounded down. Floats: the integer next to (x - fmod(x, y)) / y, less 1
/// where fmod is not zero and has not the sign of y, as c10's
/// div_floor_floating; a zero has the sign of x / y; div_floor(x, +-0) = x / y;
/// div_floor(+-inf, y) = NaN; div_floor(x, +-inf) is 0 or -1. Integers: see
/// the head of the file.
template <class B>
FUSERMATH_INLINE typename B::V div_floor(B &b, typename B::V x,
                                         typename B::V y) {
  using namespace detail;
  if constexpr (B::isFloat) {
    using T = typename B::Scalar;
    auto zero = b.constant(0);
    auto one = b.constant(1);
    auto r = fmod(b, x, y);
    auto quotient = b.div(b.sub(x, r), y);
    quotient = whereSignsDiffer(b, r, y, b.sub(quotient, one), quotient);
    auto down = b.floor(quotient);
    auto isAbove = b.gt(b.sub(quotient, down), b.constant(T(0.5)));
    down = b.select(isAbove, b.add(down, one), down);
    auto rounded = b.div(x, y);
    down = b.select(b.eq(quotient, zero), withSignOf(b, zero, rounded), down);
    return b.select(b.eq(y, zero), rounded, down);
  } else {
    auto divisor = safeDivisor(b, y);
    auto quotient = b.div(x, divisor);
    auto r = b.sub(x, b.mul(quotient, divisor));
    auto less = b.sub(quotient, b.constant(1));
    return quotientBy(b, y, whereSignsDiffer(b, r, divisor, less, quotient));
  }
}

} // namespace op
} // namespace fuser::math

#endif // FUSERMATH_REMAINDER_H
