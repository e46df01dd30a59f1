//===- Atan2Test.cpp - the arctangent of two numbers ----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// f64 against MPFR; f32, with more points, against the double function of the
// C library, which is itself held against MPFR; special values exactly.
//
//===----------------------------------------------------------------------===//

#include "FloatTest.h"
#include "FuserMath/Semantics.h"
#include "Ulp.h"

#include <cstring>
#include <random>
#include <vector>

#include <mpfr.h>

using namespace fuser::math;

namespace {

/// The stated bounds in ULP.
constexpr double kBoundF32 = 1.5, kBoundF64 = 1.5;

long double exact(double y, double x) {
  mpfr_t a, b;
  mpfr_init2(a, 64);
  mpfr_init2(b, 64);
  mpfr_set_d(a, y, MPFR_RNDN);
  mpfr_set_d(b, x, MPFR_RNDN);
  mpfr_atan2(a, a, b, MPFR_RNDN);
  long double result = mpfr_get_ld(a, MPFR_RNDN);
  mpfr_clears(a, b, mpfr_ptr(nullptr));
  return result;
}

/// Points of several kinds in turn: random bits, which gives all exponents;
/// both coordinates of one magnitude; quotients about the least number, which
/// makes subnormal results.
template <class T> class Points {
public:
  struct Point {
    T y, x;
  };

  Point next() {
    kind = (kind + 1) % 3;
    switch (kind) {
    case 0:
      return {random(), random()};
    case 1: {
      T scale = std::ldexp(T(1), static_cast<int>(exponent(engine)));
      return {scale * uniform(engine), scale * uniform(engine)};
    }
    default: {
      T x = std::fabs(random());
      return {x * std::numeric_limits<T>::min() * uniform(engine), x};
    }
    }
  }

private:
  T random() {
    uint64_t bits = engine();
    T x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
  }

  using Limits = std::numeric_limits<T>;
  std::mt19937_64 engine;
  std::uniform_real_distribution<T> uniform{-1, 1};
  std::uniform_int_distribution<int> exponent{
      Limits::min_exponent - Limits::digits, Limits::max_exponent - 1};
  int kind = 0;
};

TEST(Atan2Test, F64AgainstMpfr) {
  ScalarBuilder<double> b;
  Points<double> points;
  for (int i = 0; i < 60000; ++i) {
    auto [y, x] = points.next();
    ASSERT_LE(ulpError(op::atan2(b, y, x), exact(y, x)), kBoundF64)
        << y << ", " << x;
  }
}

TEST(Atan2Test, DoubleReferenceAgainstMpfr) {
  Points<float> points;
  for (int i = 0; i < 6000; ++i) {
    auto [y, x] = points.next();
    ASSERT_LE(ulpError(std::atan2(double(y), double(x)), exact(y, x)), 4)
        << y << ", " << x;
  }
}

TEST(Atan2Test, F32AgainstDouble) {
  ScalarBuilder<float> b;
  Points<float> points;
  for (int i = 0; i < 2000000; ++i) {
    auto [y, x] = points.next();
    double reference = std::atan2(double(y), double(x));
    ASSERT_LE(ulpError(op::atan2(b, y, x), reference), kBoundF32)
        << y << ", " << x;
  }
}

template <class T> class Atan2SpecialTest : public FloatTest<T> {};
TYPED_TEST_SUITE(Atan2SpecialTest, FloatTypes);

/// Every pair; exactly rounded where C, Annex F, F.10.1.4, has a special case.
TYPED_TEST(Atan2SpecialTest, Pairs) {
  using T = TypeParam;
  std::vector<T> values;
  for (T x : {T(0), this->least, 3 * this->least, this->leastNormal, T(0.75),
              T(1), this->greatest, this->inf, this->nan})
    values.insert(values.end(), {x, -x});
  auto isSpecial = [](T x) { return x == 0 || !std::isfinite(x); };
  for (T y : values)
    for (T x : values) {
      T got = op::atan2(this->b, y, x);
      long double reference = exact(y, x);
      if (isSpecial(x) || isSpecial(y))
        EXPECT_TRUE(same(got, static_cast<T>(reference))) << y << ", " << x;
      else
        EXPECT_LE(ulpError(got, reference), kBoundF64) << y << ", " << x;
      EXPECT_TRUE(std::isnan(got) || std::signbit(got) == std::signbit(y));
    }
}

/// The table of Annex F itself, which the reference above is held to.
TYPED_TEST(Atan2SpecialTest, AnnexF) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, zero = 0, one = 1;
  const T pi = static_cast<T>(3.14159265358979323846L);
  for (T sign : {one, -one}) {
    auto expect = [&](T y, T x, T expected) {
      EXPECT_TRUE(same(op::atan2(b, sign * y, x), sign * expected))
          << sign * y << ", " << x;
    };
    for (T x : {-zero, -this->least, -one, -inf})
      expect(zero, x, pi);
    for (T x : {zero, this->least, one, inf})
      expect(zero, x, zero);
    for (T y : {this->least, one, inf}) {
      expect(y, zero, pi / 2);
      expect(y, -zero, pi / 2);
    }
    for (T y : {zero, one, this->greatest}) {
      expect(y, -inf, pi);
      expect(y, inf, zero);
    }
    for (T x : {-this->greatest, -one, one, this->greatest})
      expect(inf, x, pi / 2);
    expect(inf, inf, pi / 4);
    expect(inf, -inf, static_cast<T>(2.35619449019234492885L));
  }
}

} // namespace
