//===- Half.h - the 16-bit float types --------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// IEEE 754 binary16 and bfloat16 as storage, and their exact conversion to
// float and correctly rounded conversion from it. What is computed on them is
// computed as float. The conversions have no branches, so loops of them
// vectorise on any machine.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_HALF_H
#define FUSERMATH_HALF_H

#include <cstdint>

namespace fuser {

/// The representation of an f16 element.
struct Half {
  uint16_t bits;
};

/// The representation of a bf16 element.
struct BFloat16 {
  uint16_t bits;
};

namespace detail {
inline __attribute__((always_inline)) uint32_t bitsOf(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}
inline __attribute__((always_inline)) float floatOf(uint32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}
} // namespace detail

inline __attribute__((always_inline)) float toFloat(Half half) {
  const uint32_t sign = (half.bits & 0x8000u) << 16;
  const uint32_t magnitude = (half.bits & 0x7fffu) << 13;
  // The exponents' biases differ by 112. A product is right for subnormals too.
  const float number = detail::floatOf(magnitude) * 0x1p112f;
  const uint32_t special = magnitude | 0x7f800000u;
  const uint32_t bits =
      magnitude < (0x7c00u << 13) ? detail::bitsOf(number) : special;
  return detail::floatOf(bits | sign);
}

inline __attribute__((always_inline)) float toFloat(BFloat16 half) {
  return detail::floatOf(static_cast<uint32_t>(half.bits) << 16);
}

/// Rounds to nearest even; from 65520 on to infinity. A NaN stays one.
inline __attribute__((always_inline)) Half toHalf(float x) {
  const uint32_t bits = detail::bitsOf(x);
  const uint32_t magnitude = bits & 0x7fffffffu;
  // Half's least normal is 2^-14. Below, one unit is 2^-24: that of 0.5f.
  const uint32_t subnormal =
      detail::bitsOf(detail::floatOf(magnitude) + 0.5f) - 0x3f000000u;
  const uint32_t odd = (magnitude >> 13) & 1;
  const uint32_t normal = (magnitude + 0xfffu + odd - (112u << 23)) >> 13;
  uint32_t result = magnitude < 0x38800000u ? subnormal : normal;
  result = magnitude >= 0x47800000u ? 0x7c00u : result;
  result = magnitude > 0x7f800000u ? 0x7e00u : result;
  return {static_cast<uint16_t>(result | ((bits >> 16) & 0x8000u))};
}

/// Rounds to nearest even. A NaN stays one.
inline __attribute__((always_inline)) BFloat16 toBFloat16(float x) {
  const uint32_t bits = detail::bitsOf(x);
  const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1)) >> 16;
  const bool isNaN = (bits & 0x7fffffffu) > 0x7f800000u;
  return {static_cast<uint16_t>(isNaN ? (bits >> 16) | 0x40u : rounded)};
}

} // namespace fuser

#endif // FUSERMATH_HALF_H
