//===- PowTest.cpp - powers of floats and integers ------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Floats: f64 against MPFR, f32 against the double function of the C library,
// special values against the C library. Integers: repeated multiplication.
//
//===----------------------------------------------------------------------===//

#include "FuserMath/Pow.h"
#include "FloatTest.h"
#include "Ulp.h"

#include <cstring>
#include <random>
#include <vector>

#include <mpfr.h>

using namespace fuser::math;

namespace {

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

long double exactPow(double x, double y) {
  mpfr_t a, b;
  mpfr_inits2(64, a, b, nullptr);
  mpfr_set_d(a, x, MPFR_RNDN);
  mpfr_set_d(b, y, MPFR_RNDN);
  mpfr_pow(a, a, b, MPFR_RNDN);
  long double result = mpfr_get_ld(a, MPFR_RNDN);
  mpfr_clears(a, b, nullptr);
  return result;
}
long double reference(double x, double y) { return exactPow(x, y); }
double reference(float x, float y) { return std::pow(double(x), double(y)); }

/// What the header states.
template <class T> struct Bound;
template <> struct Bound<float> {
  static constexpr double ulp = 0.94;
  static constexpr int samples = 1000000;
};
template <> struct Bound<double> {
  static constexpr double ulp = 1.16;
  static constexpr int samples = 40000;
};

template <class T> class PowTest : public FloatTest<T> {
protected:
  void see(T x, T y) {
    double error = ulpError(op::pow(this->b, x, y), reference(x, y));
    if (error > worst) {
      worst = error;
      worstX = x;
      worstY = y;
    }
  }
  void TearDown() override {
    this->RecordProperty("ulp", std::to_string(worst));
    EXPECT_LE(worst, Bound<T>::ulp) << std::hexfloat << worstX << " " << worstY;
  }

  /// Any float: all exponents, signs, NaN.
  T wild() {
    uint64_t bits = engine();
    T x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
  }
  T uniform(T low, T high) {
    return std::uniform_real_distribution<T>(low, high)(engine);
  }
  /// A logarithm to base 2 for the result, from overflow down to underflow.
  T wantedLog2() {
    using Limits = std::numeric_limits<T>;
    return uniform(Limits::min_exponent - Limits::digits - 2,
                   Limits::max_exponent + 2);
  }

  std::mt19937_64 engine;
  double worst = 0;
  T worstX = 0, worstY = 0;
};
TYPED_TEST_SUITE(PowTest, FloatTypes);

TYPED_TEST(PowTest, WildPairs) {
  for (int i = 0; i < Bound<TypeParam>::samples; ++i)
    this->see(this->wild(), this->wild());
}

TYPED_TEST(PowTest, AnyBaseAndResult) {
  for (int i = 0; i < Bound<TypeParam>::samples; ++i) {
    TypeParam x = std::abs(this->wild());
    this->see(x, this->wantedLog2() / std::log2(x));
  }
}

TYPED_TEST(PowTest, BaseAboutOne) {
  for (int i = 0; i < Bound<TypeParam>::samples; ++i) {
    TypeParam x = this->uniform(0.5, 2);
    this->see(x, this->wantedLog2() / std::log2(x));
    constexpr int digits = std::numeric_limits<TypeParam>::digits;
    x = 1 + std::ldexp(this->uniform(-1, 1),
                       -static_cast<int>(this->engine() % digits));
    this->see(x, this->wantedLog2() / std::log2(x));
  }
}

TYPED_TEST(PowTest, SmallExponents) {
  for (int i = 0; i < Bound<TypeParam>::samples; ++i) {
    this->see(this->uniform(0, 10), this->uniform(-10, 10));
    this->see(this->uniform(-100, 100),
              static_cast<int>(this->engine() % 41) - 20);
  }
}

TYPED_TEST(PowTest, SpecialValues) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, nan = this->nan, least = this->least,
          leastNormal = this->leastNormal, greatest = this->greatest;
  const T maxOdd = std::ldexp(T(1), std::numeric_limits<T>::digits) - 1;
  const T justBelowOne = std::nextafter(T(1), T(0));
  std::vector<T> numbers = {0,          0.5,   1,     1.5,         2,
                            3,          4,     5,     7.5,         maxOdd,
                            maxOdd + 1, 1e30f, least, leastNormal, justBelowOne,
                            greatest,   inf,   nan};
  for (size_t i = 0, size = numbers.size(); i < size; ++i)
    numbers.push_back(-numbers[i]);
  for (T x : numbers)
    for (T y : numbers) {
      T expected = std::pow(x, y), got = op::pow(b, x, y);
      bool isPlain = std::isfinite(expected) && expected != 0;
      if (isPlain && ulpError(got, reference(x, y)) <= Bound<T>::ulp)
        continue;
      EXPECT_TRUE(same(got, expected)) << x << " " << y;
    }
}

/// Annex F.10.4.4, without the C library.
TYPED_TEST(PowTest, AnnexF) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, nan = this->nan;
  const T zero = 0, one = 1;
  for (T y : {zero, -zero})
    for (T x : {nan, inf, -inf, zero, -zero, T(-3.5)})
      EXPECT_TRUE(same(op::pow(b, x, y), one));
  for (T y : {nan, inf, -inf, T(0.5), T(-7)})
    EXPECT_TRUE(same(op::pow(b, one, y), one));
  for (T y : {inf, -inf})
    EXPECT_TRUE(same(op::pow(b, -one, y), one));
  EXPECT_TRUE(std::isnan(op::pow(b, -one, nan)));
  EXPECT_TRUE(std::isnan(op::pow(b, nan, one)));
  EXPECT_TRUE(std::isnan(op::pow(b, T(-2), T(0.5))));
  EXPECT_TRUE(same(op::pow(b, T(-2), T(3)), T(-8)));
  EXPECT_TRUE(same(op::pow(b, T(-2), T(-2)), T(0.25)));
  EXPECT_TRUE(same(op::pow(b, -zero, T(-3)), -inf));
  EXPECT_TRUE(same(op::pow(b, -zero, T(-2)), inf));
  EXPECT_TRUE(same(op::pow(b, -zero, T(-0.5)), inf));
  EXPECT_TRUE(same(op::pow(b, -zero, -inf), inf));
  EXPECT_TRUE(same(op::pow(b, -zero, T(3)), -zero));
  EXPECT_TRUE(same(op::pow(b, -zero, T(0.5)), zero));
  EXPECT_TRUE(same(op::pow(b, -inf, T(-3)), -zero));
  EXPECT_TRUE(same(op::pow(b, -inf, T(-0.5)), zero));
  EXPECT_TRUE(same(op::pow(b, -inf, T(3)), -inf));
  EXPECT_TRUE(same(op::pow(b, -inf, T(0.5)), inf));
  EXPECT_TRUE(same(op::pow(b, T(0.5), inf), zero));
  EXPECT_TRUE(same(op::pow(b, T(-2), inf), inf));
  EXPECT_TRUE(same(op::pow(b, T(-2), -inf), zero));
}

/// Powers that are representable come out exactly.
TYPED_TEST(PowTest, ExactPowers) {
  using T = TypeParam;
  auto &b = this->b;
  const T exact = std::ldexp(T(1), std::numeric_limits<T>::digits);
  for (int x = 2; x < 1000; ++x) {
    T power = 1;
    for (int y = 0; power < exact; ++y, power *= x) {
      EXPECT_TRUE(same(op::pow(b, T(x), T(y)), power)) << x << " " << y;
      if (x % 2 == 0)
        continue;
      EXPECT_TRUE(same(op::pow(b, T(-x), T(y)), y % 2 ? -power : power));
    }
  }
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

template <class T> class IntegerPowTest : public testing::Test {
protected:
  /// PyTorch's powi: by squaring, over all bits of the exponent.
  static T model(T x, T y) {
    if (y < 0)
      return x == T(1) ? T(1) : x == T(-1) ? T(y % 2 ? -1 : 1) : T(0);
    uint64_t base = static_cast<uint64_t>(x), result = 1;
    for (uint64_t rest = static_cast<uint64_t>(y); rest; rest >>= 1) {
      if (rest & 1)
        result *= base;
      base *= base;
    }
    return static_cast<T>(result);
  }
  void check(T x, T y) {
    EXPECT_EQ(op::pow(b, x, y), model(x, y)) << +x << " " << +y;
  }
  ScalarBuilder<T> b;
};
using IntegerTypes = testing::Types<uint8_t, int8_t, int16_t, int32_t, int64_t>;
TYPED_TEST_SUITE(IntegerPowTest, IntegerTypes);

TYPED_TEST(IntegerPowTest, AllPairsOfBytes) {
  using T = TypeParam;
  for (int x = 0; x < 256; ++x)
    for (int y = 0; y < 256; ++y) {
      this->check(static_cast<T>(static_cast<int8_t>(x)),
                  static_cast<T>(static_cast<int8_t>(y)));
      this->check(static_cast<T>(x), static_cast<T>(y));
    }
}

TYPED_TEST(IntegerPowTest, WildPairs) {
  using T = TypeParam;
  std::mt19937_64 engine;
  for (int i = 0; i < 300000; ++i) {
    uint64_t x = engine(), y = engine();
    int shift = static_cast<int>(engine() % 64);
    this->check(static_cast<T>(x), static_cast<T>(y));
    this->check(static_cast<T>(x), static_cast<T>(y >> shift));
    this->check(static_cast<T>(x << (shift % 8)), static_cast<T>(y % 80));
  }
}

TYPED_TEST(IntegerPowTest, Bounds) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  for (int i = -3; i <= 3; ++i)
    for (int j = -3; j <= 3; ++j)
      for (uint64_t base : {uint64_t(Limits::min()), uint64_t(Limits::max())})
        for (uint64_t exponent :
             {uint64_t(Limits::min()), uint64_t(Limits::max()), uint64_t(0)}) {
          this->check(static_cast<T>(base + i), static_cast<T>(exponent + j));
          this->check(static_cast<T>(i), static_cast<T>(exponent + j));
        }
}

} // namespace
