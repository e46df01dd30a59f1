//===- Philox.h - counter-based random numbers ------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
// easy as 1, 2, 3", SC 2011, and the semantics of `random` on one element. The
// templates take a builder of int64_t (Builder.h), in whose values the 32-bit
// words are zero-extended.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_PHILOX_H
#define FUSERMATH_PHILOX_H

#include "FuserMath/Cast.h"

namespace fuser::math {
inline namespace FUSERMATH_ISA {

/// Four 32-bit words.
template <class V> struct PhiloxWords {
  V word[4];
};

namespace philox {

/// The low 32 bits of `x`.
template <class B> FUSERMATH_INLINE typename B::V low(B &b, typename B::V x) {
  return b.bitAnd(x, b.constant(0xffffffff));
}

/// The high 32 bits of `x`, which b.shr may have filled with its sign.
template <class B> FUSERMATH_INLINE typename B::V high(B &b, typename B::V x) {
  return low(b, b.shr(x, b.constant(32)));
}

} // namespace philox

/// Ten rounds on the counter (word 0 is its lowest) under the key
/// `key1`:`key0`.
template <class B>
FUSERMATH_INLINE PhiloxWords<typename B::V>
philox4x32(B &b, PhiloxWords<typename B::V> counter, typename B::V key0,
           typename B::V key1) {
  using V = typename B::V;
  using namespace philox;
  constexpr int64_t multiplier0 = 0xD2511F53, multiplier1 = 0xCD9E8D57;
  constexpr int64_t weyl0 = 0x9E3779B9, weyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    // Products below 2^64, whose bits an int64_t holds.
    V product0 = b.mul(counter.word[0], b.constant(multiplier0));
    V product1 = b.mul(counter.word[2], b.constant(multiplier1));
    V word0 = b.bitXor(b.bitXor(high(b, product1), counter.word[1]), key0);
    V word2 = b.bitXor(b.bitXor(high(b, product0), counter.word[3]), key1);
    counter = {{word0, low(b, product1), word2, low(b, product0)}};
    key0 = low(b, b.add(key0, b.constant(weyl0)));
    key1 = low(b, b.add(key1, b.constant(weyl1)));
  }
  return counter;
}

namespace op {

/// The number in [0, 2^p) of which `random` makes its result, p being the
/// precision of the float type T: times 2^-p it is that result, exactly.
///
/// The key is `seed`; the counter has `index` / n in its low 64 bits, as an
/// unsigned number, and `offset` in its high ones. For f64 n is 2, and an
/// element takes the words 2r and 2r + 1, the first as the low half, where r =
/// `index` mod n. For narrower types n is 4, and an element takes word r. Of
/// what it takes the top p bits count.
template <class T, class B>
FUSERMATH_INLINE typename B::V
random(B &b, typename B::V index, typename B::V seed, typename B::V offset) {
  using V = typename B::V;
  using namespace philox;
  constexpr int precision = scalar::kPrecision<T>;
  constexpr bool isWide = precision > 32;
  constexpr int logPerCounter = isWide ? 1 : 2;
  constexpr int wordBits = isWide ? 64 : 32;
  V block = b.bitAnd(b.shr(index, b.constant(logPerCounter)),
                     b.constant(INT64_MAX >> (logPerCounter - 1)));
  PhiloxWords<V> words = philox4x32(
      b, {{low(b, block), high(b, block), low(b, offset), high(b, offset)}},
      low(b, seed), high(b, seed));
  auto isSet = [&](int64_t bit) {
    return b.ne(b.bitAnd(index, b.constant(bit)), b.constant(0));
  };
  V bits = b.select(isSet(1), words.word[isWide ? 2 : 1], words.word[0]);
  if constexpr (isWide) {
    V upper = b.select(isSet(1), words.word[3], words.word[1]);
    bits = b.bitXor(bits, b.shl(upper, b.constant(32)));
  } else {
    V others = b.select(isSet(1), words.word[3], words.word[2]);
    bits = b.select(isSet(2), others, bits);
  }
  return b.bitAnd(b.shr(bits, b.constant(wordBits - precision)),
                  b.constant((int64_t(1) << precision) - 1));
}

} // namespace op

/// 2^-p, p being the precision of the float type T.
template <class T> constexpr double randomUnit() {
  return 1.0 / static_cast<double>(int64_t(1) << scalar::kPrecision<T>);
}

/// The element of type T in [0, 1) that `random` gives.
template <class T>
FUSERMATH_INLINE T randomScalar(int64_t index, int64_t seed, int64_t offset) {
  ScalarBuilder<int64_t> b;
  const int64_t bits = op::random<T>(b, index, seed, offset);
  if constexpr (scalar::kPrecision<T> > 24)
    return castScalar<T>(static_cast<double>(bits) * randomUnit<T>());
  else
    return castScalar<T>(static_cast<float>(static_cast<int32_t>(bits)) *
                         static_cast<float>(randomUnit<T>()));
}

} // namespace FUSERMATH_ISA
} // namespace fuser::math

#endif // FUSERMATH_PHILOX_H
