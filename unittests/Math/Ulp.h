//===- Ulp.h - errors in units in the last place ----------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_UNITTESTS_MATH_ULP_H
#define FUSER_UNITTESTS_MATH_ULP_H

#include <algorithm>
#include <cmath>
#include <limits>

namespace fuser::math {

/// The error of `got` against a `reference` of a wider format, in units of the
/// last place that a T of the reference's magnitude has. Infinite where one of
/// the two is a NaN or, once rounded to T, an infinity and the other is not.
template <class T, class Wide> double ulpError(T got, Wide reference) {
  using Limits = std::numeric_limits<T>;
  const double infinity = std::numeric_limits<double>::infinity();
  if (std::isnan(reference) || std::isnan(got))
    return std::isnan(reference) && std::isnan(got) ? 0 : infinity;
  T rounded = static_cast<T>(reference);
  if (std::isinf(rounded) || std::isinf(got))
    return rounded == got ? 0 : infinity;
  int exponent;
  std::frexp(reference, &exponent);
  if (reference == 0)
    exponent = Limits::min_exponent;
  int unit = std::max(exponent, Limits::min_exponent) - Limits::digits;
  return static_cast<double>(
      std::ldexp(std::fabs(static_cast<Wide>(got) - reference), -unit));
}

} // namespace fuser::math

#endif // FUSER_UNITTESTS_MATH_ULP_H
