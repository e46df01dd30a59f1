//===- GammaTest.cpp - the logarithm of the gamma function ----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// lgamma within the errors that its header states: f64 against MPFR, f32
// against MPFR and, with more inputs, the double function of the C library.
//
//===----------------------------------------------------------------------===//

#include "FuserMath/Gamma.h"
#include "FloatTest.h"
#include "Ulp.h"

#include <cstring>
#include <random>

#include <mpfr.h>

using namespace fuser::math;

namespace {

template <class Wide> Wide exactLgamma(double x, int precision) {
  mpfr_t value;
  int sign;
  mpfr_init2(value, precision);
  mpfr_set_d(value, x, MPFR_RNDN);
  mpfr_lgamma(value, &sign, value, MPFR_RNDN);
  Wide result = std::is_same_v<Wide, double> ? mpfr_get_d(value, MPFR_RNDN)
                                             : mpfr_get_ld(value, MPFR_RNDN);
  mpfr_clear(value);
  return result;
}
long double reference(double x) { return exactLgamma<long double>(x, 64); }
double reference(float x) { return exactLgamma<double>(x, 53); }

/// What the header states, in ULP.
constexpr double kBoundF32 = 0.51;
constexpr double kBoundF64 = 1.30;
/// In epsilon, where x < 0 and |lgamma(x)| < 1.
constexpr double kBoundNearNegativeRoots = 1;

template <class T> class LgammaTest : public FloatTest<T> {
protected:
  using Limits = std::numeric_limits<T>;

  void see(T x) {
    T got = op::lgamma(this->b, x);
    auto exact = reference(x);
    if (sizeof(T) == 8 && x < 0 && std::fabs(exact) < 1)
      EXPECT_LE(std::fabs(got - exact) / Limits::epsilon(),
                kBoundNearNegativeRoots)
          << std::hexfloat << x;
    else
      EXPECT_LE(ulpError(got, exact), sizeof(T) == 4 ? kBoundF32 : kBoundF64)
          << std::hexfloat << x;
  }
  T uniform(T low, T high) {
    return std::uniform_real_distribution<T>(low, high)(engine);
  }
  /// From a distance of half down to the least.
  T near(T x) {
    return x + std::ldexp(uniform(-1, 1),
                          -static_cast<int>(engine() % Limits::digits));
  }

  std::mt19937_64 engine;
};
TYPED_TEST_SUITE(LgammaTest, FloatTypes);

TYPED_TEST(LgammaTest, AllExponents) {
  for (int i = 0; i < 20000; ++i) {
    uint64_t bits = this->engine();
    TypeParam x;
    std::memcpy(&x, &bits, sizeof x);
    this->see(x);
  }
}

TYPED_TEST(LgammaTest, Positive) {
  for (int i = 0; i < 10000; ++i) {
    this->see(this->uniform(0, 1));
    this->see(this->uniform(1, 2.5));
    this->see(this->uniform(2.5, 4));
    this->see(this->uniform(4, 200));
  }
}

TYPED_TEST(LgammaTest, NearPositiveRoots) {
  for (int i = 0; i < 10000; ++i) {
    this->see(this->near(1));
    this->see(this->near(2));
  }
  for (TypeParam root : {1, 2})
    for (int towards : {0, 4}) {
      TypeParam x = root;
      for (int i = 0; i < 1000; ++i, x = std::nextafter(x, TypeParam(towards)))
        this->see(x);
    }
}

TYPED_TEST(LgammaTest, Negative) {
  for (int i = 0; i < 3000; ++i) {
    this->see(this->uniform(-1, 0));
    this->see(this->uniform(-2, -1));
    this->see(this->uniform(-3, -2));
    this->see(this->uniform(-5, -3));
    this->see(this->uniform(-20, -5));
    this->see(this->uniform(-1000, -20));
    this->see(this->near(-static_cast<int>(this->engine() % 20)));
  }
}

/// Around each negative root that the type can come near to.
TYPED_TEST(LgammaTest, NegativeRoots) {
  using T = TypeParam;
  for (int n = 2; n < 12; ++n)
    for (bool isUpper : {false, true}) {
      // Between a pole and the minimum of lgamma in (-n - 1, -n).
      T low = isUpper ? -n - T(0.5) : -n - 1, high = isUpper ? -n : -n - T(0.5);
      auto isBelow = [&](T x) { return (reference(x) < 0) == isUpper; };
      for (T middle; (middle = (low + high) / 2) != low && middle != high;)
        (isBelow(middle) ? low : high) = middle;
      T x = low;
      for (int i = 0; i < 50; ++i, x = std::nextafter(x, T(0)))
        this->see(x);
      for (int i = 0; i < 50; ++i)
        this->see(low * this->near(1));
    }
}

TYPED_TEST(LgammaTest, SpecialValues) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, nan = this->nan, greatest = this->greatest,
          least = this->least;
  const T zero = 0;
  for (T x : {zero, -zero, inf, -inf, T(-1), T(-2), T(-3), T(-100), T(-1e6f),
              greatest, -greatest, T(-0x1p100f)})
    EXPECT_TRUE(same(op::lgamma(b, x), inf)) << x;
  for (T x : {T(1), T(2)})
    EXPECT_TRUE(same(op::lgamma(b, x), zero));
  for (T x : {nan, -nan})
    EXPECT_TRUE(std::isnan(op::lgamma(b, x)));
  for (T x : {least, -least})
    EXPECT_TRUE(same(op::lgamma(b, x), -std::log(least)));
}

/// The least number whose lgamma overflows.
TEST(LgammaTest, Overflow) {
  ScalarBuilder<double> b;
  ScalarBuilder<float> f;
  const double inf = std::numeric_limits<double>::infinity();
  double finite = 2.5e305, infinite = 2.6e305;
  for (double middle; (middle = finite + (infinite - finite) / 2) != finite &&
                      middle != infinite;)
    (std::isinf(double(reference(middle))) ? infinite : finite) = middle;
  EXPECT_LE(std::fabs(op::lgamma(b, finite * (1 - 1e-15)) / 0x1p1023 - 2),
            1e-14);
  EXPECT_EQ(op::lgamma(b, infinite * (1 + 1e-15)), inf);
  EXPECT_TRUE(std::isfinite(op::lgamma(f, 4e36f)));
  EXPECT_TRUE(std::isinf(op::lgamma(f, 4.1e36f)));
}

TEST(LgammaTest, F32AgainstDouble) {
  constexpr uint64_t stride = 2039; // a prime
  ScalarBuilder<float> b;
  double worst = 0;
  for (uint64_t i = 0; i < uint64_t(1) << 32; i += stride) {
    uint32_t bits = static_cast<uint32_t>(i);
    float x;
    std::memcpy(&x, &bits, sizeof x);
    worst = std::max(worst, ulpError(op::lgamma(b, x), std::lgamma(double(x))));
  }
  EXPECT_LE(worst, kBoundF32);
}

} // namespace
