//===- Builder.h - the builder concept and its scalar model -----*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every function of this library is a template over a *builder*: a type that
// says what a value is and how the primitive operations act on it. With the
// ScalarBuilder below a value is a C++ number and the templates compute; with
// a builder whose values are handles into a program they emit that program.
// The templates use the builder's operations only (no branch on a value, no
// table, no library call), so all instances agree bit for bit, provided
// that the operations are those of IEEE 754 with rounding to nearest even, no
// contraction and no flushing of subnormals. The one exception: the sign and
// payload of a NaN result are unspecified.
//
// A float builder (Scalar = float or double) provides
//
//   Scalar                 C++ type of one element
//   V, I, M                values of type Scalar; of the signed integer type of
//                          the same width; truth values
//   isFloat                static constexpr bool, true
//
//   V constant(Scalar)     I integer(int64_t)
//   V add(V, V)            and sub, mul, div: correctly rounded
//   V fma(V a, V b, V c)   a * b + c with one rounding
//   V sqrt(V)              correctly rounded
//   V neg(V)               flips the sign bit, of a NaN too
//   V abs(V)               clears the sign bit, of a NaN too
//   V floor(V)             and ceil, trunc, roundEven: to an integer, -0 kept
//   M eq(V, V)             and lt, le, gt, ge: false if either is NaN
//   M ne(V, V)             true if either is NaN
//   M both(M, M)           and
//   M either(M, M)         or
//   M differ(M, M)         exclusive or
//   V select(M, V a, V b)  a where true, else b
//   V rarely(M m, V usual, Slow slow)
//                          slow() where m holds, else usual. The operations of
//                          slow() run only if m holds somewhere near: for
//                          inputs that are rare and costly.
//   I selectInteger(M, I, I)
//   I bits(V)              the representation; V fromBits(I) is the inverse
//   V toFloat(I)           rounds to nearest even
//   I toInteger(V)         toward zero; unspecified beyond the range of I
//   I iadd(I, I)           and isub, imul: modulo 2^n; iand, ior, ixor
//   I shl(I, int k)        and shrLogical; shr is arithmetic; 0 <= k < n
//   I shlBy(I, I k)        and shrLogicalBy; 0 <= k < n
//   M ieq(I, I)            and ilt, signed
//
// and that of float besides, for the few steps that need more precision,
//
//   Wide wide()            a builder of double
//   Wide::V widen(V)       exact
//   V narrow(Wide::V)      rounds to nearest even
//
// An integer builder (Scalar = uint8_t, int8_t, int16_t, int32_t or int64_t)
// provides
//
//   Scalar, V, M           as above; isFloat is false
//   isSigned               static constexpr bool
//   V constant(Scalar)
//   V add(V, V)            and sub, mul; V neg(V): modulo 2^n
//   V div(V, V), rem(V, V) toward zero; the divisor is not 0, nor is it -1
//                          where the dividend is the least integer
//   V bitAnd(V, V)         and bitOr, bitXor, bitNot
//   V shl(V, V k)          modulo 2^n; shr: arithmetic if signed; 0 <= k < n
//   M eq(V, V)             and ne, lt, le, gt, ge: by Scalar's signedness
//   M both(M, M)           and either, differ
//   V select(M, V, V)
//   void raiseIf(M)        the call fails where it holds: division by zero
//
// A truth builder (Scalar = bool) provides of these Scalar, V, M, isFloat,
// isSigned, constant, the six comparisons (false < true), bitAnd, bitOr,
// bitXor, bitNot and select.
//
// Elements of f16 and bf16 have no builder: they are computed as float and
// rounded once per op (Half.h).
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_BUILDER_H
#define FUSERMATH_BUILDER_H

#include <cstdint>

/// Names the instruction set this translation unit is compiled for. It is part
/// of the mangled name of whatever is instantiated with a ScalarBuilder, so
/// that one program may hold the same loop compiled for several instruction
/// sets and the linker never merges an AVX-512 body into the baseline.
#ifndef FUSERMATH_ISA
#if defined(__AVX512F__)
#define FUSERMATH_ISA isa_avx512
#elif defined(__AVX2__) && defined(__FMA__)
#define FUSERMATH_ISA isa_avx2
#else
#define FUSERMATH_ISA isa_baseline
#endif
#endif

/// Marks every function of the library. A loop vectorises only once all that it
/// calls is inlined, and the longer functions exceed the compiler's own limits.
#define FUSERMATH_INLINE __attribute__((always_inline)) inline

namespace fuser::math {
inline namespace FUSERMATH_ISA {
namespace scalar {

template <class T> struct FloatTraits;
template <> struct FloatTraits<float> {
  using Int = int32_t;
  using UInt = uint32_t;
  static float fma(float a, float b, float c) {
    return __builtin_fmaf(a, b, c);
  }
  static float sqrt(float x) { return __builtin_sqrtf(x); }
  static float abs(float x) { return __builtin_fabsf(x); }
  static float floor(float x) { return __builtin_floorf(x); }
  static float ceil(float x) { return __builtin_ceilf(x); }
  static float trunc(float x) { return __builtin_truncf(x); }
  static float roundEven(float x) { return __builtin_rintf(x); }
};
template <> struct FloatTraits<double> {
  using Int = int64_t;
  using UInt = uint64_t;
  static double fma(double a, double b, double c) {
    return __builtin_fma(a, b, c);
  }
  static double sqrt(double x) { return __builtin_sqrt(x); }
  static double abs(double x) { return __builtin_fabs(x); }
  static double floor(double x) { return __builtin_floor(x); }
  static double ceil(double x) { return __builtin_ceil(x); }
  static double trunc(double x) { return __builtin_trunc(x); }
  static double roundEven(double x) { return __builtin_rint(x); }
};

/// The unsigned type of at least 32 bits that integers compute in: narrower
/// ones would be promoted to int, whose overflow is undefined.
template <class T> struct WrapType;
template <> struct WrapType<uint8_t> {
  using Type = uint32_t;
};
template <> struct WrapType<int8_t> {
  using Type = uint32_t;
};
template <> struct WrapType<int16_t> {
  using Type = uint32_t;
};
template <> struct WrapType<int32_t> {
  using Type = uint32_t;
};
template <> struct WrapType<int64_t> {
  using Type = uint64_t;
};

/// What the builders of all types share.
template <class T> struct ComparingBuilder {
  using Scalar = T;
  using V = T;
  using M = bool;

  V constant(T c) { return c; }
  M eq(V a, V b) { return a == b; }
  M ne(V a, V b) { return a != b; }
  M lt(V a, V b) { return a < b; }
  M le(V a, V b) { return a <= b; }
  M gt(V a, V b) { return a > b; }
  M ge(V a, V b) { return a >= b; }
  M both(M a, M b) { return a & b; }
  M either(M a, M b) { return a | b; }
  M differ(M a, M b) { return a != b; }
  V select(M m, V a, V b) { return m ? a : b; }
};

} // namespace scalar

/// The builder whose values are plain C++ numbers: the primary template serves
/// the integers, the specializations below the other types. Compile with
/// -ffp-contract=off; the rounding mode is to nearest even.
template <class T> struct ScalarBuilder : scalar::ComparingBuilder<T> {
  using V = T;
  using M = bool;
  static constexpr bool isFloat = false;
  static constexpr bool isSigned = T(-1) < T(0);

  V add(V a, V b) { return static_cast<V>(Wrap(a) + Wrap(b)); }
  V sub(V a, V b) { return static_cast<V>(Wrap(a) - Wrap(b)); }
  V mul(V a, V b) { return static_cast<V>(Wrap(a) * Wrap(b)); }
  V neg(V a) { return static_cast<V>(Wrap(0) - Wrap(a)); }
  V div(V a, V b) { return static_cast<V>(a / b); }
  V rem(V a, V b) { return static_cast<V>(a % b); }
  V bitAnd(V a, V b) { return static_cast<V>(a & b); }
  V bitOr(V a, V b) { return static_cast<V>(a | b); }
  V bitXor(V a, V b) { return static_cast<V>(a ^ b); }
  V bitNot(V a) { return static_cast<V>(~a); }
  V shl(V a, V k) { return static_cast<V>(Wrap(a) << k); }
  V shr(V a, V k) { return static_cast<V>(a >> k); }
  void raiseIf(M m) { raised |= m; }

  /// Whether raiseIf was ever called with true.
  bool raised = false;

private:
  using Wrap = typename scalar::WrapType<T>::Type;
};

template <> struct ScalarBuilder<bool> : scalar::ComparingBuilder<bool> {
  static constexpr bool isFloat = false;
  static constexpr bool isSigned = false;

  V bitAnd(V a, V b) { return a & b; }
  V bitOr(V a, V b) { return a | b; }
  V bitXor(V a, V b) { return a != b; }
  V bitNot(V a) { return !a; }
};

namespace scalar {

template <class T> struct FloatBuilder : ComparingBuilder<T> {
  using V = T;
  using I = typename FloatTraits<T>::Int;
  using M = bool;
  static constexpr bool isFloat = true;

  I integer(int64_t c) { return static_cast<I>(c); }

  V add(V a, V b) { return a + b; }
  V sub(V a, V b) { return a - b; }
  V mul(V a, V b) { return a * b; }
  V div(V a, V b) { return a / b; }
  V fma(V a, V b, V c) { return FloatTraits<T>::fma(a, b, c); }
  V sqrt(V x) { return FloatTraits<T>::sqrt(x); }
  V neg(V x) { return -x; }
  V abs(V x) { return FloatTraits<T>::abs(x); }
  V floor(V x) { return FloatTraits<T>::floor(x); }
  V ceil(V x) { return FloatTraits<T>::ceil(x); }
  V trunc(V x) { return FloatTraits<T>::trunc(x); }
  V roundEven(V x) { return FloatTraits<T>::roundEven(x); }

  template <class Slow> V rarely(M m, V usual, Slow slow) {
    return m ? slow() : usual;
  }
  I selectInteger(M m, I a, I b) { return m ? a : b; }

  I bits(V x) {
    I r;
    __builtin_memcpy(&r, &x, sizeof r);
    return r;
  }
  V fromBits(I x) {
    V r;
    __builtin_memcpy(&r, &x, sizeof r);
    return r;
  }
  V toFloat(I x) { return static_cast<V>(x); }
  /// 0 beyond the range, where a C++ conversion is undefined.
  I toInteger(V x) {
    constexpr V limit = static_cast<V>(UInt(1) << (8 * sizeof(I) - 1));
    return x >= -limit && x < limit ? static_cast<I>(x) : I(0);
  }

  I iadd(I a, I b) { return static_cast<I>(UInt(a) + UInt(b)); }
  I isub(I a, I b) { return static_cast<I>(UInt(a) - UInt(b)); }
  I imul(I a, I b) { return static_cast<I>(UInt(a) * UInt(b)); }
  I iand(I a, I b) { return a & b; }
  I ior(I a, I b) { return a | b; }
  I ixor(I a, I b) { return a ^ b; }
  I shl(I a, int k) { return static_cast<I>(UInt(a) << k); }
  I shr(I a, int k) { return a >> k; }
  I shrLogical(I a, int k) { return static_cast<I>(UInt(a) >> k); }
  I shlBy(I a, I k) { return static_cast<I>(UInt(a) << k); }
  I shrLogicalBy(I a, I k) { return static_cast<I>(UInt(a) >> k); }
  M ieq(I a, I b) { return a == b; }
  M ilt(I a, I b) { return a < b; }

private:
  using UInt = typename FloatTraits<T>::UInt;
};

} // namespace scalar

template <> struct ScalarBuilder<double> : scalar::FloatBuilder<double> {};
template <> struct ScalarBuilder<float> : scalar::FloatBuilder<float> {
  using Wide = ScalarBuilder<double>;

  Wide wide() { return {}; }
  double widen(float x) { return x; }
  float narrow(double x) { return static_cast<float>(x); }
};

/// Whether a loop met an element that needs a slow way: all bits set if so, in
/// the widths of the types, as otherwise the loop would not vectorise.
struct Rarity {
  int32_t ofFloats = 0;
  int64_t ofDoubles = 0;

  explicit operator bool() const { return ofFloats | ofDoubles; }
};

/// A scalar builder for loops that must vectorise: its rarely() only notes that
/// the slow way is needed. The loop is then run again with a ScalarBuilder.
template <class T> struct UsualBuilder : ScalarBuilder<T> {
  using V = T;
  using M = bool;

  explicit UsualBuilder(Rarity &rarity) : rarity(rarity) {}
  template <class Slow> V rarely(M m, V usual, Slow) {
    if constexpr (sizeof(T) == 4)
      rarity.ofFloats |= m ? -1 : 0;
    else
      rarity.ofDoubles |= m ? -1 : 0;
    return usual;
  }
  UsualBuilder<double> wide() { return UsualBuilder<double>(rarity); }

  Rarity &rarity;
};

} // namespace FUSERMATH_ISA
} // namespace fuser::math

#endif // FUSERMATH_BUILDER_H
