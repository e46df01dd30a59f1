//===- SpecialValuesTest.cpp - functions at zeros, infinities and NaN -----===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FloatTest.h"
#include "FuserMath/Semantics.h"

using namespace fuser::math;

namespace {

template <class T> class SpecialValuesTest : public FloatTest<T> {};
TYPED_TEST_SUITE(SpecialValuesTest, FloatTypes);

TYPED_TEST(SpecialValuesTest, NanGivesNan) {
  using T = TypeParam;
  auto &b = this->b;
  const T nan = this->nan;
  for (T x : {nan, -nan}) {
    EXPECT_TRUE(std::isnan(op::exp(b, x)));
    EXPECT_TRUE(std::isnan(op::expm1(b, x)));
    EXPECT_TRUE(std::isnan(op::log(b, x)));
    EXPECT_TRUE(std::isnan(op::log1p(b, x)));
    EXPECT_TRUE(std::isnan(op::tanh(b, x)));
    EXPECT_TRUE(std::isnan(op::sigmoid(b, x)));
    EXPECT_TRUE(std::isnan(op::erf(b, x)));
    EXPECT_TRUE(std::isnan(op::erfc(b, x)));
    EXPECT_TRUE(std::isnan(op::sqrt(b, x)));
    EXPECT_TRUE(std::isnan(op::rsqrt(b, x)));
    EXPECT_TRUE(std::isnan(op::sin(b, x)));
    EXPECT_TRUE(std::isnan(op::cos(b, x)));
    EXPECT_TRUE(std::isnan(op::tan(b, x)));
    EXPECT_TRUE(std::isnan(op::asin(b, x)));
    EXPECT_TRUE(std::isnan(op::acos(b, x)));
    EXPECT_TRUE(std::isnan(op::atan(b, x)));
    EXPECT_TRUE(std::isnan(op::reciprocal(b, x)));
    EXPECT_TRUE(std::isnan(op::exp2(b, x)));
    EXPECT_TRUE(std::isnan(op::log2(b, x)));
    EXPECT_TRUE(std::isnan(op::log10(b, x)));
    EXPECT_TRUE(std::isnan(op::sinh(b, x)));
    EXPECT_TRUE(std::isnan(op::cosh(b, x)));
    EXPECT_TRUE(std::isnan(op::asinh(b, x)));
    EXPECT_TRUE(std::isnan(op::acosh(b, x)));
    EXPECT_TRUE(std::isnan(op::atanh(b, x)));
  }
}

TYPED_TEST(SpecialValuesTest, Exp) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, least = this->least, greatest = this->greatest;
  const T zero = 0, one = 1;
  EXPECT_TRUE(same(op::exp(b, -inf), zero));
  EXPECT_TRUE(same(op::exp(b, -greatest), zero));
  EXPECT_TRUE(same(op::exp(b, zero), one));
  EXPECT_TRUE(same(op::exp(b, -zero), one));
  EXPECT_TRUE(same(op::exp(b, least), one));
  EXPECT_TRUE(same(op::exp(b, greatest), inf));
  EXPECT_TRUE(same(op::exp(b, inf), inf));
  // Around the ends of the range, subnormal results included.
  const T overflow = std::log(greatest), underflow = std::log(least);
  EXPECT_TRUE(std::isfinite(op::exp(b, overflow * (1 - T(1e-6)))));
  EXPECT_TRUE(same(op::exp(b, overflow * (1 + T(1e-6))), inf));
  EXPECT_TRUE(same(op::exp(b, underflow), least));
  EXPECT_TRUE(same(op::exp(b, underflow - 1), zero));
}

TYPED_TEST(SpecialValuesTest, Exp2) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, least = this->least, greatest = this->greatest;
  const T zero = 0, one = 1;
  EXPECT_TRUE(same(op::exp2(b, -inf), zero));
  EXPECT_TRUE(same(op::exp2(b, -greatest), zero));
  EXPECT_TRUE(same(op::exp2(b, -zero), one));
  EXPECT_TRUE(same(op::exp2(b, least), one));
  EXPECT_TRUE(same(op::exp2(b, greatest), inf));
  EXPECT_TRUE(same(op::exp2(b, inf), inf));
  using Limits = std::numeric_limits<T>;
  const int first = Limits::min_exponent - Limits::digits;
  for (int n = first - 3; n <= Limits::max_exponent + 3; ++n)
    EXPECT_TRUE(same(op::exp2(b, T(n)), std::ldexp(one, n))) << n;
  // Half of the least subnormal and a little more.
  EXPECT_TRUE(same(op::exp2(b, first - T(0.9)), least));
  EXPECT_TRUE(same(op::exp2(b, first - T(1.1)), zero));
}

TYPED_TEST(SpecialValuesTest, Expm1) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, least = this->least, leastNormal = this->leastNormal,
          greatest = this->greatest;
  const T zero = 0, one = 1;
  EXPECT_TRUE(same(op::expm1(b, -inf), -one));
  EXPECT_TRUE(same(op::expm1(b, -greatest), -one));
  EXPECT_TRUE(same(op::expm1(b, -T(50)), -one));
  EXPECT_TRUE(same(op::expm1(b, greatest), inf));
  EXPECT_TRUE(same(op::expm1(b, inf), inf));
  for (T x : {zero, least, 3 * least, leastNormal, T(0x1p-100)}) {
    EXPECT_TRUE(same(op::expm1(b, x), x));
    EXPECT_TRUE(same(op::expm1(b, -x), -x));
  }
}

TYPED_TEST(SpecialValuesTest, Log) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, least = this->least, greatest = this->greatest;
  const T zero = 0, one = 1;
  EXPECT_TRUE(same(op::log(b, zero), -inf));
  EXPECT_TRUE(same(op::log(b, -zero), -inf));
  EXPECT_TRUE(same(op::log(b, one), zero));
  EXPECT_TRUE(same(op::log(b, inf), inf));
  for (T x : {-least, -one, -greatest, -inf})
    EXPECT_TRUE(std::isnan(op::log(b, x)));
  EXPECT_TRUE(same(op::log(b, least), std::log(least)));
  EXPECT_TRUE(same(op::log(b, greatest), std::log(greatest)));
}

/// Logarithms of normal positive numbers are on the usual way, no others.
TYPED_TEST(SpecialValuesTest, UsualLog) {
  using T = TypeParam;
  const T leastNormal = std::numeric_limits<T>::min();
  for (T x : {leastNormal, T(0.1), T(1), T(100), this->greatest}) {
    Rarity rarity;
    UsualBuilder<T> usual(rarity);
    EXPECT_TRUE(same(op::log(usual, x), op::log(this->b, x)));
    EXPECT_TRUE(same(op::log2(usual, x), op::log2(this->b, x)));
    EXPECT_TRUE(same(op::log10(usual, x), op::log10(this->b, x)));
    EXPECT_FALSE(bool(rarity)) << x;
  }
  for (T x : {T(0), T(-0.0), this->least, std::nextafter(leastNormal, T(0)),
              -leastNormal, T(-1), -this->greatest, this->inf, -this->inf,
              this->nan, -this->nan}) {
    Rarity rarity;
    UsualBuilder<T> usual(rarity);
    op::log(usual, x);
    EXPECT_TRUE(bool(rarity)) << x;
  }
}

TYPED_TEST(SpecialValuesTest, LogToBase) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, least = this->least, greatest = this->greatest;
  const T zero = 0, one = 1;
  for (T x : {zero, -zero}) {
    EXPECT_TRUE(same(op::log2(b, x), -inf));
    EXPECT_TRUE(same(op::log10(b, x), -inf));
  }
  for (T x : {-least, -one, -greatest, -inf}) {
    EXPECT_TRUE(std::isnan(op::log2(b, x)));
    EXPECT_TRUE(std::isnan(op::log10(b, x)));
  }
  EXPECT_TRUE(same(op::log2(b, inf), inf));
  EXPECT_TRUE(same(op::log10(b, inf), inf));
  using Limits = std::numeric_limits<T>;
  for (int n = Limits::min_exponent - Limits::digits; n < Limits::max_exponent;
       ++n)
    EXPECT_TRUE(same(op::log2(b, std::ldexp(one, n)), T(n))) << n;
  // The powers of ten that T represents: 5^n < 2^digits.
  T power = 1;
  for (int n = 0; n <= (sizeof(T) == 4 ? 10 : 22); ++n, power *= 10)
    EXPECT_TRUE(same(op::log10(b, power), T(n))) << n;
}

TYPED_TEST(SpecialValuesTest, Log1p) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, least = this->least, leastNormal = this->leastNormal,
          greatest = this->greatest;
  const T zero = 0, one = 1;
  EXPECT_TRUE(same(op::log1p(b, -one), -inf));
  EXPECT_TRUE(same(op::log1p(b, inf), inf));
  for (T x : {-one - std::numeric_limits<T>::epsilon(), -T(2), -greatest, -inf})
    EXPECT_TRUE(std::isnan(op::log1p(b, x)));
  for (T x : {zero, least, 3 * least, leastNormal, T(0x1p-100)}) {
    EXPECT_TRUE(same(op::log1p(b, x), x));
    EXPECT_TRUE(same(op::log1p(b, -x), -x));
  }
  EXPECT_TRUE(same(op::log1p(b, greatest), std::log(greatest)));
}

TYPED_TEST(SpecialValuesTest, OddFunctions) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, least = this->least, leastNormal = this->leastNormal,
          greatest = this->greatest;
  const T zero = 0, one = 1;
  for (T x : {zero, least, leastNormal, T(1e-3), T(0.5), T(0.9), one, T(3),
              T(10), greatest, inf}) {
    EXPECT_TRUE(same(op::tanh(b, -x), -op::tanh(b, x)));
    EXPECT_TRUE(same(op::erf(b, -x), -op::erf(b, x)));
    EXPECT_TRUE(same(op::sinh(b, -x), -op::sinh(b, x)));
    EXPECT_TRUE(same(op::asinh(b, -x), -op::asinh(b, x)));
    if (x <= one) {
      EXPECT_TRUE(same(op::atanh(b, -x), -op::atanh(b, x)));
    }
  }
  for (T x : {T(30), greatest, inf}) {
    EXPECT_TRUE(same(op::tanh(b, x), one));
    EXPECT_TRUE(same(op::erf(b, x), one));
  }
  for (T x : {zero, least, 3 * least, leastNormal}) {
    EXPECT_TRUE(same(op::tanh(b, x), x));
    EXPECT_TRUE(same(op::sinh(b, x), x));
    EXPECT_TRUE(same(op::asinh(b, x), x));
    EXPECT_TRUE(same(op::atanh(b, x), x));
  }
  EXPECT_TRUE(same(op::erf(b, zero), zero));
  EXPECT_TRUE(same(op::erf(b, least), least));
}

TYPED_TEST(SpecialValuesTest, Hyperbolic) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, least = this->least, greatest = this->greatest;
  const T zero = 0, one = 1;
  EXPECT_TRUE(same(op::sinh(b, inf), inf));
  EXPECT_TRUE(same(op::sinh(b, greatest), inf));
  EXPECT_TRUE(same(op::cosh(b, inf), inf));
  EXPECT_TRUE(same(op::cosh(b, -greatest), inf));
  // e^x overflows, half of it does not.
  const T overflow = std::log(greatest) + std::log(T(2));
  const T below = overflow * (1 - T(1e-6)), above = overflow * (1 + T(1e-6));
  EXPECT_TRUE(std::isfinite(op::sinh(b, below)));
  EXPECT_TRUE(std::isfinite(op::cosh(b, below)));
  EXPECT_TRUE(same(op::sinh(b, above), inf));
  EXPECT_TRUE(same(op::cosh(b, above), inf));
  for (T x : {zero, least, T(1e-9)})
    EXPECT_TRUE(same(op::cosh(b, x), one));
  for (T x : {T(0.1), T(0.5), one, T(7), T(80), overflow, greatest, inf})
    EXPECT_TRUE(same(op::cosh(b, -x), op::cosh(b, x)));
}

TYPED_TEST(SpecialValuesTest, InverseHyperbolic) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, least = this->least, greatest = this->greatest;
  const T zero = 0, one = 1;
  const T epsilon = std::numeric_limits<T>::epsilon();
  EXPECT_TRUE(same(op::asinh(b, inf), inf));
  EXPECT_TRUE(same(op::asinh(b, -inf), -inf));
  EXPECT_TRUE(same(op::acosh(b, inf), inf));
  EXPECT_TRUE(same(op::acosh(b, one), zero));
  for (T x : {one - epsilon, zero, -zero, least, -one, -T(2), -greatest, -inf})
    EXPECT_TRUE(std::isnan(op::acosh(b, x)));
  // log(2 x), where x^2 overflows and, at last, 2 x does.
  for (T x : {std::sqrt(greatest) * 2, greatest}) {
    T expected = std::log(static_cast<long double>(x)) + std::log(2.0L);
    EXPECT_TRUE(same(op::asinh(b, x), expected));
    EXPECT_TRUE(same(op::asinh(b, -x), -expected));
    EXPECT_TRUE(same(op::acosh(b, x), expected));
  }
  EXPECT_TRUE(same(op::atanh(b, one), inf));
  EXPECT_TRUE(same(op::atanh(b, -one), -inf));
  for (T x : {one + epsilon, T(2), greatest, inf}) {
    EXPECT_TRUE(std::isnan(op::atanh(b, x)));
    EXPECT_TRUE(std::isnan(op::atanh(b, -x)));
  }
}

TYPED_TEST(SpecialValuesTest, Erfc) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, greatest = this->greatest;
  const T zero = 0, one = 1;
  EXPECT_TRUE(same(op::erfc(b, -inf), T(2)));
  EXPECT_TRUE(same(op::erfc(b, -greatest), T(2)));
  EXPECT_TRUE(same(op::erfc(b, zero), one));
  EXPECT_TRUE(same(op::erfc(b, -zero), one));
  EXPECT_TRUE(same(op::erfc(b, T(28)), zero));
  EXPECT_TRUE(same(op::erfc(b, greatest), zero));
  EXPECT_TRUE(same(op::erfc(b, inf), zero));
}

TYPED_TEST(SpecialValuesTest, Sigmoid) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, least = this->least, greatest = this->greatest;
  const T zero = 0, one = 1;
  EXPECT_TRUE(same(op::sigmoid(b, -inf), zero));
  EXPECT_TRUE(same(op::sigmoid(b, -greatest), zero));
  EXPECT_TRUE(same(op::sigmoid(b, zero), T(0.5)));
  EXPECT_TRUE(same(op::sigmoid(b, -zero), T(0.5)));
  EXPECT_TRUE(same(op::sigmoid(b, std::log(least)), least));
  EXPECT_TRUE(same(op::sigmoid(b, T(50)), one));
  EXPECT_TRUE(same(op::sigmoid(b, greatest), one));
  EXPECT_TRUE(same(op::sigmoid(b, inf), one));
}

TYPED_TEST(SpecialValuesTest, Reciprocals) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, least = this->least;
  const T zero = 0;
  EXPECT_TRUE(same(op::reciprocal(b, zero), inf));
  EXPECT_TRUE(same(op::reciprocal(b, -zero), -inf));
  EXPECT_TRUE(same(op::reciprocal(b, inf), zero));
  EXPECT_TRUE(same(op::reciprocal(b, -inf), -zero));
  EXPECT_TRUE(same(op::reciprocal(b, least), inf));
  EXPECT_TRUE(same(op::reciprocal(b, T(-4)), T(-0.25)));
}

TYPED_TEST(SpecialValuesTest, SquareRoots) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, least = this->least;
  const T zero = 0, one = 1;
  EXPECT_TRUE(same(op::sqrt(b, -zero), -zero));
  EXPECT_TRUE(same(op::sqrt(b, inf), inf));
  EXPECT_TRUE(std::isnan(op::sqrt(b, -one)));
  EXPECT_TRUE(same(op::rsqrt(b, zero), inf));
  EXPECT_TRUE(same(op::rsqrt(b, -zero), -inf));
  EXPECT_TRUE(same(op::rsqrt(b, inf), zero));
  EXPECT_TRUE(same(op::rsqrt(b, T(0.25)), T(2)));
  // The least subnormal, an odd or an even power of two.
  const T root = sizeof(T) == 4 ? T(0x1.6a09e667f3bcdp74) : T(0x1p537);
  EXPECT_TRUE(same(op::rsqrt(b, least), root));
  EXPECT_TRUE(std::isnan(op::rsqrt(b, -one)));
}

TYPED_TEST(SpecialValuesTest, Trig) {
  using T = TypeParam;
  auto &b = this->b;
  const T zero = 0, one = 1;
  for (T x : {this->inf, -this->inf}) {
    EXPECT_TRUE(std::isnan(op::sin(b, x)));
    EXPECT_TRUE(std::isnan(op::cos(b, x)));
    EXPECT_TRUE(std::isnan(op::tan(b, x)));
  }
  for (T x : {zero, this->least, 3 * this->least, this->leastNormal,
              T(0x1p-100), T(0x1p-30)}) {
    EXPECT_TRUE(same(op::sin(b, x), x));
    EXPECT_TRUE(same(op::sin(b, -x), -x));
    EXPECT_TRUE(same(op::tan(b, x), x));
    EXPECT_TRUE(same(op::tan(b, -x), -x));
    EXPECT_TRUE(same(op::cos(b, x), one));
    EXPECT_TRUE(same(op::cos(b, -x), one));
  }
  for (T x : {T(0.5), one, T(3), T(1e4), T(1e8), this->greatest}) {
    EXPECT_TRUE(same(op::sin(b, -x), -op::sin(b, x)));
    EXPECT_TRUE(same(op::tan(b, -x), -op::tan(b, x)));
    EXPECT_TRUE(same(op::cos(b, -x), op::cos(b, x)));
  }
}

TYPED_TEST(SpecialValuesTest, InverseTrig) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, greatest = this->greatest;
  const T zero = 0, one = 1;
  const T pi = static_cast<T>(3.14159265358979323846L);
  for (T x : {zero, this->least, 3 * this->least, this->leastNormal,
              T(0x1p-100), T(0x1p-30)}) {
    for (T y : {x, -x}) {
      EXPECT_TRUE(same(op::asin(b, y), y));
      EXPECT_TRUE(same(op::atan(b, y), y));
    }
  }
  EXPECT_TRUE(same(op::asin(b, one), pi / 2));
  EXPECT_TRUE(same(op::asin(b, -one), -pi / 2));
  EXPECT_TRUE(same(op::acos(b, one), zero));
  EXPECT_TRUE(same(op::acos(b, -one), pi));
  for (T x : {zero, -zero, this->least})
    EXPECT_TRUE(same(op::acos(b, x), pi / 2));
  for (T x : {std::nextafter(one, T(2)), T(2), greatest, inf})
    for (T y : {x, -x}) {
      EXPECT_TRUE(std::isnan(op::asin(b, y)));
      EXPECT_TRUE(std::isnan(op::acos(b, y)));
    }
  for (T x : {T(0x1p60), greatest, inf}) {
    EXPECT_TRUE(same(op::atan(b, x), pi / 2));
    EXPECT_TRUE(same(op::atan(b, -x), -pi / 2));
  }
}

} // namespace
