//===- Cast.h - conversions between element types ---------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The semantics of `cast` on one element. Unlike the C++ conversions these are
// defined for every input; they have no branches, so loops of them vectorise.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_CAST_H
#define FUSERMATH_CAST_H

#include "FuserMath/Builder.h"
#include "FuserMath/Half.h"

namespace fuser::math {
inline namespace FUSERMATH_ISA {
namespace scalar {

/// The range of an integer type; `digits` as in std::numeric_limits.
template <class To> struct IntegerRange;
template <> struct IntegerRange<uint8_t> {
  static constexpr int digits = 8;
  static constexpr uint8_t min = 0, max = UINT8_MAX;
};
template <> struct IntegerRange<int8_t> {
  static constexpr int digits = 7;
  static constexpr int8_t min = INT8_MIN, max = INT8_MAX;
};
template <> struct IntegerRange<int16_t> {
  static constexpr int digits = 15;
  static constexpr int16_t min = INT16_MIN, max = INT16_MAX;
};
template <> struct IntegerRange<int32_t> {
  static constexpr int digits = 31;
  static constexpr int32_t min = INT32_MIN, max = INT32_MAX;
};
template <> struct IntegerRange<int64_t> {
  static constexpr int digits = 63;
  static constexpr int64_t min = INT64_MIN, max = INT64_MAX;
};

/// The bits of a float type's significand; 0 for other types.
template <class T> inline constexpr int kPrecision = 0;
template <> inline constexpr int kPrecision<Half> = 11;
template <> inline constexpr int kPrecision<BFloat16> = 8;
template <> inline constexpr int kPrecision<float> = 24;
template <> inline constexpr int kPrecision<double> = 53;

/// The greatest float below 2^digits whose conversion is in the range.
template <class To, class From> constexpr From lastInRange() {
  constexpr int digits = IntegerRange<To>::digits;
  if constexpr (digits <= kPrecision<From>)
    return static_cast<From>(IntegerRange<To>::max);
  else
    return static_cast<From>(IntegerRange<To>::max -
                             ((To(1) << (digits - kPrecision<From>)) - 1));
}

/// Truncates toward zero and saturates; NaN gives 0.
template <class To, class From> FUSERMATH_INLINE To floatToInteger(From x) {
  using Range = IntegerRange<To>;
  constexpr From first = static_cast<From>(Range::min);
  constexpr From last = lastInRange<To, From>();
  From number = x == x ? x : From(0);
  From atLeast = number > first ? number : first;
  From inRange = atLeast < last ? atLeast : last;
  if constexpr (sizeof(To) < 4)
    return static_cast<To>(static_cast<int32_t>(inRange));
  else if constexpr (Range::digits <= kPrecision<From>)
    return static_cast<To>(inRange);
  else
    return number > last ? Range::max : static_cast<To>(inRange);
}

template <class T> inline constexpr bool kIsFloat = kPrecision<T> != 0;
template <class A, class B> inline constexpr bool kIsSame = false;
template <class A> inline constexpr bool kIsSame<A, A> = true;

} // namespace scalar

/// The type that elements of type T are computed in: float for the halves.
template <class T> struct ComputeType {
  using Type = T;
};
template <> struct ComputeType<Half> {
  using Type = float;
};
template <> struct ComputeType<BFloat16> {
  using Type = float;
};
template <class T> using Compute = typename ComputeType<T>::Type;

/// The number that element `x` is.
template <class T> FUSERMATH_INLINE Compute<T> fromElement(T x) { return x; }
FUSERMATH_INLINE float fromElement(Half x) { return toFloat(x); }
FUSERMATH_INLINE float fromElement(BFloat16 x) { return toFloat(x); }

/// The element that `x` is; f16 and bf16 round to nearest even.
template <class T> FUSERMATH_INLINE T toElement(Compute<T> x) {
  if constexpr (scalar::kIsSame<T, Half>)
    return toHalf(x);
  else if constexpr (scalar::kIsSame<T, BFloat16>)
    return toBFloat16(x);
  else
    return x;
}

/// Converts `x` from one element type to another.
///   - To bool: x != 0, so a NaN is true.
///   - From bool: 0 or 1.
///   - Float to integer: truncates toward zero; what is out of range gives the
///     nearer bound, a NaN gives 0.
///   - Integer to integer: modulo 2^n (two's complement).
///   - Integer to float and double to float: rounds to nearest even; what
///     exceeds the range of float gives an infinity.
///   - To f16 and bf16: by way of float, as PyTorch does.
template <class To, class From> FUSERMATH_INLINE To castScalar(From x) {
  using namespace scalar;
  if constexpr (!kIsSame<From, Compute<From>>)
    return castScalar<To>(fromElement(x));
  else if constexpr (!kIsSame<To, Compute<To>>)
    return toElement<To>(castScalar<float>(x));
  else if constexpr (kIsSame<To, bool>)
    return x != From(0);
  else if constexpr (kIsFloat<From> && !kIsFloat<To>)
    return floatToInteger<To>(x);
  else
    return static_cast<To>(x);
}

} // namespace FUSERMATH_ISA
} // namespace fuser::math

#endif // FUSERMATH_CAST_H
