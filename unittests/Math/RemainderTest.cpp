//===- RemainderTest.cpp - division with an integer quotient --------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Floats: fmod is MPFR's and the C library's, the others follow from it by the
// formulas of PyTorch. Integers: a model in wider integers.
//
//===----------------------------------------------------------------------===//

#include "FuserMath/Remainder.h"
#include "FloatTest.h"

#include <cstring>
#include <random>
#include <vector>

#include <mpfr.h>

using namespace fuser::math;

namespace {

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

double exactFmod(double x, double y) {
  mpfr_t a, b;
  mpfr_inits2(53, a, b, nullptr);
  mpfr_set_d(a, x, MPFR_RNDN);
  mpfr_set_d(b, y, MPFR_RNDN);
  mpfr_fmod(a, a, b, MPFR_RNDN);
  double result = mpfr_get_d(a, MPFR_RNDN);
  mpfr_clears(a, b, nullptr);
  return result;
}

/// Python's % as PyTorch has it.
template <class T> T modelRemainder(T x, T y) {
  T r = std::fmod(x, y);
  return r != 0 && (y < 0) != (r < 0) ? r + y : r;
}

/// PyTorch's c10::div_floor_floating.
template <class T> T modelDivFloor(T x, T y) {
  if (y == 0)
    return x / y;
  T r = std::fmod(x, y);
  T quotient = (x - r) / y;
  if (r != 0 && (y < 0) != (r < 0))
    quotient -= 1;
  if (quotient == 0)
    return std::copysign(T(0), x / y);
  T down = std::floor(quotient);
  return quotient - down > T(0.5) ? down + 1 : down;
}

template <class T> class FloatRemainderTest : public FloatTest<T> {
protected:
  void check(T x, T y) {
    auto &b = this->b;
    EXPECT_TRUE(same(op::fmod(b, x, y), std::fmod(x, y))) << x << " " << y;
    EXPECT_TRUE(same(op::remainder(b, x, y), modelRemainder(x, y)))
        << x << " " << y;
    EXPECT_TRUE(same(op::div_trunc(b, x, y), std::trunc(x / y)))
        << x << " " << y;
    EXPECT_TRUE(same(op::div_floor(b, x, y), modelDivFloor(x, y)))
        << x << " " << y;
  }

  /// Any float: all exponents, signs, NaN.
  T wild() {
    uint64_t bits = engine();
    T x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
  }
  /// One of few significant bits, any exponent.
  T plain() {
    constexpr int digits = std::numeric_limits<T>::digits;
    int low = std::numeric_limits<T>::min_exponent - digits;
    int high = std::numeric_limits<T>::max_exponent;
    std::uniform_int_distribution<int> exponent(low, high - 7);
    T mantissa = static_cast<T>(engine() % 256) - 128;
    return std::ldexp(mantissa, exponent(engine));
  }

  std::mt19937_64 engine;
};
TYPED_TEST_SUITE(FloatRemainderTest, FloatTypes);

TYPED_TEST(FloatRemainderTest, WildPairs) {
  for (int i = 0; i < 300000; ++i)
    this->check(this->wild(), this->wild());
}

TYPED_TEST(FloatRemainderTest, FewBits) {
  for (int i = 0; i < 100000; ++i) {
    this->check(this->plain(), this->plain());
    this->check(this->wild(), this->plain());
    this->check(this->plain(), this->wild());
  }
}

/// Every distance of exponents, with the mantissas that strain a modulus.
TYPED_TEST(FloatRemainderTest, AllDistances) {
  using T = TypeParam;
  const T least = this->least, greatest = this->greatest;
  const T almostOne = 1 - std::numeric_limits<T>::epsilon() / 2;
  for (T mantissa : {T(1), almostOne, T(0.75), T(2) / 3}) {
    for (T y = mantissa; y > least; y /= 2)
      this->check(greatest, y);
    for (T y = mantissa; y < greatest / 2; y *= 2) {
      this->check(greatest, y);
      this->check(y, 3 * least);
      this->check(y, this->leastNormal - least);
      this->check(y, T(3));
    }
  }
}

/// Around the multiples of y, below and above the limit of the usual way.
TYPED_TEST(FloatRemainderTest, NearMultiples) {
  using T = TypeParam;
  const T inf = this->inf;
  for (int i = 0; i < 100000; ++i) {
    T y = std::ldexp(static_cast<T>(this->engine() >> 30), -20);
    int shift = 64 - static_cast<int>(this->engine() % 60);
    T x = y * static_cast<T>(this->engine() >> (shift - 1));
    for (T at : {x, std::nextafter(x, inf), std::nextafter(x, -inf)}) {
      this->check(at, y);
      this->check(-at, y);
    }
  }
}

TYPED_TEST(FloatRemainderTest, SpecialValues) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, nan = this->nan, least = this->least,
          leastNormal = this->leastNormal, greatest = this->greatest;
  const T zero = 0;
  const T numbers[] = {zero,      least, leastNormal, T(0.5),   T(1),
                       T(1.5),    T(5),  T(0x1p100f), greatest, inf,
                       nan,       -zero, -least,      -T(1),    -T(5),
                       -greatest, -inf};
  for (T x : numbers)
    for (T y : numbers)
      this->check(x, y);
  EXPECT_TRUE(same(op::fmod(b, T(-5), inf), T(-5)));
  EXPECT_TRUE(same(op::fmod(b, T(-6), T(3)), -zero));
  EXPECT_TRUE(std::isnan(op::fmod(b, T(5), zero)));
  EXPECT_TRUE(std::isnan(op::fmod(b, inf, T(5))));
  EXPECT_TRUE(same(op::remainder(b, T(5), inf), T(5)));
  EXPECT_TRUE(same(op::remainder(b, T(-5), inf), inf));
  EXPECT_TRUE(same(op::remainder(b, T(5), -inf), -inf));
  EXPECT_TRUE(same(op::remainder(b, T(-6), T(3)), -zero));
  EXPECT_TRUE(same(op::remainder(b, T(6), T(-3)), zero));
  EXPECT_TRUE(same(op::remainder(b, T(-5), T(3)), T(1)));
  EXPECT_TRUE(same(op::div_floor(b, T(-5), T(3)), T(-2)));
  EXPECT_TRUE(same(op::div_floor(b, T(-5), inf), T(-1)));
  EXPECT_TRUE(same(op::div_floor(b, T(1), zero), inf));
  EXPECT_TRUE(same(op::div_trunc(b, T(-5), T(3)), T(-1)));
}

TEST(RemainderTest, FmodIsMpfrs) {
  ScalarBuilder<double> b;
  std::mt19937_64 engine;
  for (int i = 0; i < 200000; ++i) {
    uint64_t bits[] = {engine(), engine()};
    double x, y;
    std::memcpy(&x, &bits[0], sizeof x);
    std::memcpy(&y, &bits[1], sizeof y);
    EXPECT_TRUE(same(op::fmod(b, x, y), exactFmod(x, y))) << x << " " << y;
  }
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

/// Compares with a model in 128 bits, where nothing overflows.
template <class T> class IntegerRemainderTest : public testing::Test {
protected:
  using Wide = __int128;

  void check(T x, T y) {
    ScalarBuilder<T> b;
    T trunc = op::div_trunc(b, x, y), floor = op::div_floor(b, x, y);
    T fmod = op::fmod(b, x, y), remainder = op::remainder(b, x, y);
    EXPECT_EQ(b.raised, y == 0);
    if (y == 0) {
      EXPECT_TRUE(trunc == 0 && floor == 0 && fmod == 0 && remainder == 0);
      return;
    }
    Wide quotient = Wide(x) / y, r = Wide(x) % y;
    bool isDown = r != 0 && (r < 0) != (y < 0);
    EXPECT_EQ(trunc, static_cast<T>(quotient)) << +x << " " << +y;
    EXPECT_EQ(fmod, static_cast<T>(r)) << +x << " " << +y;
    EXPECT_EQ(floor, static_cast<T>(quotient - isDown)) << +x << " " << +y;
    EXPECT_EQ(remainder, static_cast<T>(isDown ? r + y : r)) << +x << " " << +y;
  }

  /// The bounds of the type, small numbers, and some between.
  std::vector<T> numbers() {
    using Limits = std::numeric_limits<T>;
    std::vector<T> all;
    for (int i = -20; i <= 20; ++i)
      for (T base : {Limits::min(), T(0), Limits::max()})
        all.push_back(static_cast<T>(static_cast<Wide>(base) + i));
    std::mt19937_64 engine;
    for (int i = 0; i < 200; ++i)
      all.push_back(static_cast<T>(engine() >> (i % 64)));
    return all;
  }
};
using IntegerTypes = testing::Types<uint8_t, int8_t, int16_t, int32_t, int64_t>;
TYPED_TEST_SUITE(IntegerRemainderTest, IntegerTypes);

TYPED_TEST(IntegerRemainderTest, SpecialValues) {
  for (auto x : this->numbers())
    for (auto y : this->numbers())
      this->check(x, y);
}

TYPED_TEST(IntegerRemainderTest, AllPairsOfBytes) {
  for (int x = 0; x < 256; ++x)
    for (int y = 0; y < 256; ++y) {
      using T = TypeParam;
      this->check(static_cast<T>(static_cast<int8_t>(x)),
                  static_cast<T>(static_cast<int8_t>(y)));
    }
}

} // namespace
