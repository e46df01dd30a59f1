//===- Semantics.h - what each pointwise op computes ------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function template of namespace fuser::math::op per row of Ops.def, by
// the mnemonic's name. Comparisons return a truth value, the others a value of
// the operands' type. Exp.h, Log.h, Hyperbolic.h, Root.h, Tanh.h and Erf.h hold
// the rest of them; Cast.h holds the semantics of `cast`.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_SEMANTICS_H
#define FUSERMATH_SEMANTICS_H

#include "FuserMath/Erf.h"
#include "FuserMath/Exp.h"
#include "FuserMath/Hyperbolic.h"
#include "FuserMath/Log.h"
#include "FuserMath/Root.h"
#include "FuserMath/Tanh.h"

namespace fuser::math::op {

/// -x: floats flip the sign bit, integers wrap.
template <class B> FUSERMATH_INLINE typename B::V neg(B &b, typename B::V x) {
  return b.neg(x);
}

/// |x|: floats clear the sign bit; the least signed integer gives itself.
template <class B> FUSERMATH_INLINE typename B::V abs(B &b, typename B::V x) {
  if constexpr (B::isFloat)
    return b.abs(x);
  else
    return b.select(b.lt(x, b.constant(0)), b.neg(x), x);
}

/// The square root, correctly rounded; sqrt(-0) = -0, sqrt(x < 0) = NaN.
template <class B> FUSERMATH_INLINE typename B::V sqrt(B &b, typename B::V x) {
  return b.sqrt(x);
}

/// x + y; integers wrap.
template <class B>
FUSERMATH_INLINE typename B::V add(B &b, typename B::V x, typename B::V y) {
  return b.add(x, y);
}

/// x - y; integers wrap.
template <class B>
FUSERMATH_INLINE typename B::V sub(B &b, typename B::V x, typename B::V y) {
  return b.sub(x, y);
}

/// x * y; integers wrap.
template <class B>
FUSERMATH_INLINE typename B::V mul(B &b, typename B::V x, typename B::V y) {
  return b.mul(x, y);
}

/// x / y, of floats.
template <class B>
FUSERMATH_INLINE typename B::V div(B &b, typename B::V x, typename B::V y) {
  return b.div(x, y);
}

/// The lesser of x and y as IEEE 754-2019 `minimum`: -0 < +0, and a quiet NaN
/// if either is NaN.
template <class B>
FUSERMATH_INLINE typename B::V minimum(B &b, typename B::V x, typename B::V y) {
  if constexpr (B::isFloat) {
    // Equal numbers differ at most in the sign of zero; NaNs are added.
    auto equal = b.fromBits(b.ior(b.bits(x), b.bits(y)));
    auto rest = b.select(b.eq(x, y), equal, b.add(x, y));
    return b.select(b.lt(x, y), x, b.select(b.gt(x, y), y, rest));
  } else {
    return b.select(b.lt(x, y), x, y);
  }
}

/// The greater of x and y as IEEE 754-2019 `maximum`: -0 < +0, and a quiet NaN
/// if either is NaN.
template <class B>
FUSERMATH_INLINE typename B::V maximum(B &b, typename B::V x, typename B::V y) {
  if constexpr (B::isFloat) {
    auto equal = b.fromBits(b.iand(b.bits(x), b.bits(y)));
    auto rest = b.select(b.eq(x, y), equal, b.add(x, y));
    return b.select(b.gt(x, y), x, b.select(b.lt(x, y), y, rest));
  } else {
    return b.select(b.gt(x, y), x, y);
  }
}

/// x == y: false if either is NaN.
template <class B>
FUSERMATH_INLINE typename B::M eq(B &b, typename B::V x, typename B::V y) {
  return b.eq(x, y);
}

/// x != y: true if either is NaN.
template <class B>
FUSERMATH_INLINE typename B::M ne(B &b, typename B::V x, typename B::V y) {
  return b.ne(x, y);
}

/// x < y: false if either is NaN, as are the other orderings. Integers compare
/// by their signedness; of truth values, false < true.
template <class B>
FUSERMATH_INLINE typename B::M lt(B &b, typename B::V x, typename B::V y) {
  return b.lt(x, y);
}

/// x <= y.
template <class B>
FUSERMATH_INLINE typename B::M le(B &b, typename B::V x, typename B::V y) {
  return b.le(x, y);
}

/// x > y.
template <class B>
FUSERMATH_INLINE typename B::M gt(B &b, typename B::V x, typename B::V y) {
  return b.gt(x, y);
}

/// x >= y.
template <class B>
FUSERMATH_INLINE typename B::M ge(B &b, typename B::V x, typename B::V y) {
  return b.ge(x, y);
}

/// minimum(maximum(x, low), high): high where low > high, and NaN if any of
/// the three is NaN.
template <class B>
FUSERMATH_INLINE typename B::V clamp(B &b, typename B::V x, typename B::V low,
                                     typename B::V high) {
  return minimum(b, maximum(b, x, low), high);
}

/// x where `condition` holds, else y.
template <class B>
FUSERMATH_INLINE typename B::V select(B &b, typename B::M condition,
                                      typename B::V x, typename B::V y) {
  return b.select(condition, x, y);
}

} // namespace fuser::math::op

#endif // FUSERMATH_SEMANTICS_H
