//===- TrigHuge.h - huge numbers modulo pi/2 --------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The slow way of Trig.h. For x = m 2^e with an integer m it multiplies m by
// as many bits of 2/pi as matter: those that give multiples of 4 are left out,
// as are those too low to be seen (M. H. Payne, R. N. Hanek, Radian reduction
// for trigonometric functions, SIGNUM Newsletter 18, 1983). The product is an
// integer whose top two bits are the quadrant and whose rest is the fraction.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_TRIGHUGE_H
#define FUSERMATH_TRIGHUGE_H

#include "FuserMath/Polynomial.h"

namespace fuser::math::detail {

/// x = n pi/2 + high + low; the last two bits of `quadrant` are those of n.
template <class B> struct TrigReduction {
  typename B::V high, low;
  typename B::I quadrant;
};

/// The bits of 2/pi after 32 zeros: the first bit weighs 2^31.
inline constexpr uint64_t kTwoOverPi[] = {
    0x00000000a2f9836e, 0x4e441529fc2757d1, 0xf534ddc0db629599,
    0x3c439041fe5163ab, 0xdebbc561b7246e3a, 0x424dd2e006492eea,
    0x09d1921cfe1deb1c, 0xb129a73ee88235f5, 0x2ebb4484e99c7026,
    0xb45f7e413991d639, 0x835339f49c845f8b, 0xbdf9283b1ff897ff,
    0xde05980fef2f118b, 0x5a0a6d1f6d367ecf, 0x27cb09b74f463f66,
    0x9e5fea2d7527bac7, 0xebe5f17b3d0739f7, 0x8a5292ea6bfb5fb1,
    0x1f8d5d0856033046};

/// N consecutive words of kTwoOverPi.
template <class B, int N> struct Window {
  typename B::I word[N];
};

/// The words from number start / 64 on, to 64-bit integers. Of a window twice
/// as wide either half is chosen by one bit of `start`, then of that half the
/// halves, and so on: `Step` is the number of words that the first bit skips.
template <int Step, class B, int N>
FUSERMATH_INLINE auto chooseWords(B &b, const Window<B, N> &all,
                                  typename B::I start) {
  if constexpr (Step == 0) {
    return all;
  } else {
    auto stays =
        b.ieq(b.iand(start, b.integer(int64_t(64) * Step)), b.integer(0));
    Window<B, N - Step> chosen;
    for (int i = 0; i < N - Step; ++i)
      chosen.word[i] = b.selectInteger(stays, all.word[i], all.word[i + Step]);
    return chooseWords<Step / 2>(b, chosen, start);
  }
}

/// N + 1 words of kTwoOverPi, of which the bits from number `start` on fill N;
/// start < 128 Step.
template <int N, int Step, class B>
FUSERMATH_INLINE Window<B, N> windowOfTwoOverPi(B &b, typename B::I start) {
  constexpr int size = N + 2 * Step;
  Window<B, size> all;
  for (int i = 0; i < size; ++i)
    all.word[i] = b.integer(static_cast<int64_t>(kTwoOverPi[i]));
  auto words = chooseWords<Step>(b, all, start);
  auto k = b.iand(start, b.integer(63));
  auto rest = b.isub(b.integer(63), k);
  Window<B, N> window;
  for (int i = 0; i < N; ++i) {
    auto next = b.shrLogicalBy(b.shrLogical(words.word[i + 1], 1), rest);
    window.word[i] = b.ior(b.shlBy(words.word[i], k), next);
  }
  return window;
}

/// The upper half of the product of two unsigned integers of 64 bits.
template <class B>
FUSERMATH_INLINE typename B::I mulHigh(B &b, typename B::I x, typename B::I y) {
  auto lowHalf = b.integer(0xffffffff);
  auto x0 = b.iand(x, lowHalf), x1 = b.shrLogical(x, 32);
  auto y0 = b.iand(y, lowHalf), y1 = b.shrLogical(y, 32);
  auto first = b.shrLogical(b.imul(x0, y0), 32);
  auto middle = b.iadd(b.imul(x1, y0), first);
  auto other = b.iadd(b.imul(x0, y1), b.iand(middle, lowHalf));
  auto carry = b.iadd(b.shrLogical(middle, 32), b.shrLogical(other, 32));
  return b.iadd(b.imul(x1, y1), carry);
}

/// n and f of p = 2^62 n + f, |f| <= 2^61.
template <class B> struct QuadrantAndFraction {
  typename B::I n, f;
};
template <class B>
FUSERMATH_INLINE QuadrantAndFraction<B> splitProduct(B &b, typename B::I p) {
  auto n = b.shrLogical(b.iadd(p, b.integer(int64_t(1) << 61)), 62);
  return {n, b.isub(p, b.shl(n, 62))};
}

/// m of a = m 2^e, and the number of the first bit of kTwoOverPi that matters:
/// the one that weighs 2^(1 - e). `Zeros` low bits of the mantissa are left out
/// of m, for they are 0.
template <class B> struct MantissaAndStart {
  typename B::I m, start;
};
template <int Zeros, class B>
FUSERMATH_INLINE MantissaAndStart<B> decompose(B &b, typename B::V a) {
  using F = Format<typename B::Scalar>;
  constexpr int64_t one = int64_t(1) << (F::mantissaBits - Zeros);
  auto bits = b.shrLogical(b.bits(a), Zeros);
  auto m = b.ior(b.iand(bits, b.integer(one - 1)), b.integer(one));
  auto exponent = b.shrLogical(bits, F::mantissaBits - Zeros);
  constexpr int64_t offset = F::exponentBias + F::mantissaBits - Zeros - 30;
  return {m, b.isub(exponent, b.integer(offset))};
}

/// Reduces a > 2^22 with 192 bits of 2/pi; the result is right to 2^-64 of
/// itself even for the a closest to a multiple of pi/2, which is within 2^-61.
template <int Offset, class B>
FUSERMATH_INLINE TrigReduction<B> reduceHugeF64(B &b, typename B::V a) {
  auto [m, start] = decompose<0>(b, a);
  auto window = windowOfTwoOverPi<3, 8>(b, start);
  auto top = b.iadd(b.imul(m, window.word[0]), mulHigh(b, m, window.word[1]));
  // Of the next 64 bits of the product one is dropped, in favour of the carry.
  auto next = b.iadd(b.shrLogical(b.imul(m, window.word[1]), 1),
                     b.shrLogical(mulHigh(b, m, window.word[2]), 1));
  auto [n, f] = splitProduct(b, b.iadd(top, b.shrLogical(next, 63)));

  auto head = b.toFloat(f);
  auto headLost = b.toFloat(b.isub(f, b.toInteger(head)));
  auto tail = b.toFloat(b.iand(next, b.integer(INT64_MAX)));
  head = b.mul(head, b.constant(0x1p-62));
  tail =
      b.fma(tail, b.constant(0x1p-125), b.mul(headLost, b.constant(0x1p-62)));
  auto fraction = b.add(head, tail);
  auto fractionLow = b.add(b.sub(head, fraction), tail);

  constexpr double halfPi = 0x1.921fb54442d18p+0;
  constexpr double halfPiLow = 0x1.1a62633145c07p-54;
  auto high = b.mul(fraction, b.constant(halfPi));
  auto low = b.fma(fraction, b.constant(halfPi), b.neg(high));
  low = b.fma(fraction, b.constant(halfPiLow), low);
  low = b.fma(fractionLow, b.constant(halfPi), low);
  return {high, low, b.iadd(n, b.integer(Offset))};
}

/// Reduces a > 2^13 with 96 bits of 2/pi; the closest a float comes to a
/// multiple of pi/2 is 2^-30.
template <int Offset, class B>
FUSERMATH_INLINE TrigReduction<B> reduceHugeF32(B &b, typename B::V a) {
  auto w = b.wide();
  auto [m, start] = decompose<29>(w, b.widen(a));
  auto window = windowOfTwoOverPi<2, 2>(w, start);
  auto next = w.imul(m, w.shrLogical(window.word[1], 32));
  auto [n, f] = splitProduct(
      w, w.iadd(w.imul(m, window.word[0]), w.shrLogical(next, 32)));
  auto r = w.mul(w.toFloat(f), w.constant(0x1.921fb54442d18p-62));
  auto high = b.narrow(r);
  auto low = b.narrow(w.sub(r, b.widen(high)));
  auto quadrant = b.toInteger(b.narrow(w.toFloat(n)));
  return {high, low, b.iadd(quadrant, b.integer(Offset))};
}

/// Reduces a beyond the range of reduceByHalfPi; an infinity to NaN.
template <int Offset, class B>
FUSERMATH_INLINE TrigReduction<B> reduceHugeByHalfPi(B &b, typename B::V a) {
  auto r = [&] {
    if constexpr (sizeof(typename B::Scalar) == 4)
      return reduceHugeF32<Offset>(b, a);
    else
      return reduceHugeF64<Offset>(b, a);
  }();
  r.high = b.fma(a, b.constant(0), r.high);
  return r;
}

} // namespace fuser::math::detail

#endif // FUSERMATH_TRIGHUGE_H
