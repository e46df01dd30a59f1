//===- FloatTest.h - a fixture for tests of both float types ----*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_UNITTESTS_MATH_FLOATTEST_H
#define FUSER_UNITTESTS_MATH_FLOATTEST_H

#include "FuserMath/Builder.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace fuser::math {

/// Equal in value and, for zeros, in sign; any NaN equals any NaN.
template <class T> testing::AssertionResult same(T got, T expected) {
  bool equal =
      std::isnan(expected)
          ? std::isnan(got)
          : got == expected && std::signbit(got) == std::signbit(expected);
  if (equal)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << got << ", expected " << expected;
}

/// Names the values that matter; derive a fixture from it.
template <class T> class FloatTest : public testing::Test {
protected:
  using Limits = std::numeric_limits<T>;
  static constexpr T inf = Limits::infinity();
  static constexpr T nan = Limits::quiet_NaN();
  static constexpr T least = Limits::denorm_min();
  static constexpr T leastNormal = Limits::min();
  static constexpr T greatest = Limits::max();
  ScalarBuilder<T> b;
};
using FloatTypes = testing::Types<float, double>;

} // namespace fuser::math

#endif // FUSER_UNITTESTS_MATH_FLOATTEST_H
