//===- TrigTest.cpp - sine, cosine and tangent near multiples of pi/2 -----===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where the reduction by pi/2 loses the most bits, in every binade, and where
// one way of reducing gives way to the other. AccuracyTest holds the functions
// elsewhere.
//
//===----------------------------------------------------------------------===//

#include "FloatTest.h"
#include "FuserMath/Semantics.h"
#include "Ulp.h"

#include <random>

#include <mpfr.h>

using namespace fuser::math;

namespace {

template <class T> class TrigTest : public FloatTest<T> {
protected:
  /// Holds the three functions at `x` and -`x` to 1 and 1.5 ULP of MPFR's.
  void check(T x) {
    for (T signedX : {x, T(-x)}) {
      auto &b = this->b;
      EXPECT_LE(ulpError(op::sin(b, signedX), exact(mpfr_sin, signedX)), 1)
          << "sin " << signedX;
      EXPECT_LE(ulpError(op::cos(b, signedX), exact(mpfr_cos, signedX)), 1)
          << "cos " << signedX;
      EXPECT_LE(ulpError(op::tan(b, signedX), exact(mpfr_tan, signedX)), 1.5)
          << "tan " << signedX;
    }
  }

  /// The number nearest to n pi/2.
  static T multipleOfHalfPi(double n) {
    mpfr_t value;
    mpfr_init2(value, 1200);
    mpfr_const_pi(value, MPFR_RNDN);
    mpfr_mul_d(value, value, n, MPFR_RNDN);
    mpfr_div_2ui(value, value, 1, MPFR_RNDN);
    T result = static_cast<T>(mpfr_get_d(value, MPFR_RNDN));
    mpfr_clear(value);
    return result;
  }

private:
  static long double exact(int (*function)(mpfr_t, const mpfr_t, mpfr_rnd_t),
                           double x) {
    mpfr_t value;
    mpfr_init2(value, 64);
    mpfr_set_d(value, x, MPFR_RNDN);
    function(value, value, MPFR_RNDN);
    long double result = mpfr_get_ld(value, MPFR_RNDN);
    mpfr_clear(value);
    return result;
  }
};
TYPED_TEST_SUITE(TrigTest, FloatTypes);

TYPED_TEST(TrigTest, NearMultiplesOfHalfPi) {
  using T = TypeParam;
  for (int n = 1; n < 300; ++n) {
    T x = this->multipleOfHalfPi(n);
    for (T near : {std::nextafter(x, T(0)), x, std::nextafter(x, this->inf)})
      this->check(near);
  }
  std::mt19937_64 engine;
  std::uniform_real_distribution<double> mantissa(1, 2);
  for (int exponent = 0; exponent < std::numeric_limits<T>::max_exponent - 2;
       ++exponent)
    for (int i = 0; i < 10; ++i)
      this->check(this->multipleOfHalfPi(
          std::trunc(std::ldexp(mantissa(engine), exponent))));
}

TYPED_TEST(TrigTest, AroundTheLimitOfTheUsualWay) {
  using T = TypeParam;
  const T limit = detail::TrigConstants<T>::limit;
  T below = limit, above = limit;
  for (int i = 0; i < 1000; ++i) {
    this->check(below);
    this->check(above);
    below = std::nextafter(below, T(0));
    above = std::nextafter(above, this->inf);
  }
}

TYPED_TEST(TrigTest, UsualWayIsNotedAndAgrees) {
  using T = TypeParam;
  const T limit = detail::TrigConstants<T>::limit;
  for (T x : {T(0), T(0.7), T(-3), limit, -limit, this->nan}) {
    Rarity rarity;
    UsualBuilder<T> usual(rarity);
    EXPECT_TRUE(same(op::sin(usual, x), op::sin(this->b, x)));
    EXPECT_TRUE(same(op::cos(usual, x), op::cos(this->b, x)));
    EXPECT_TRUE(same(op::tan(usual, x), op::tan(this->b, x)));
    EXPECT_FALSE(bool(rarity)) << x;
  }
  for (T x : {std::nextafter(limit, this->inf), -this->greatest, this->inf}) {
    Rarity rarity;
    UsualBuilder<T> usual(rarity);
    op::sin(usual, x);
    EXPECT_TRUE(bool(rarity)) << x;
  }
}

/// The double closest to a multiple of pi/2, within 2^-60.9: J.-M. Muller,
/// Elementary Functions, 2nd edition, 2006, table 9.1.
TEST(TrigTestF64, HardestArgument) {
  ScalarBuilder<double> b;
  const double x = 6381956970095103 * 0x1p797;
  EXPECT_NEAR(op::cos(b, x), -4.68716592425462761112e-19, 1e-34);
  EXPECT_EQ(op::sin(b, x), 1);
}

} // namespace
