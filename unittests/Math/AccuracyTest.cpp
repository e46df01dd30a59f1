//===- AccuracyTest.cpp - errors against MPFR -----------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions stay within the errors that their headers state, on a sample:
// f64 against MPFR; f32, with many more inputs, against the double functions
// of the C library, which are themselves held against MPFR. ExhaustiveUlp
// measures all f32 inputs.
//
//===----------------------------------------------------------------------===//

#include "FuserMath/Semantics.h"
#include "Ulp.h"

#include <cmath>
#include <cstring>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <mpfr.h>

using namespace fuser::math;

namespace {

struct Function {
  const char *name;
  float (*f32)(float);
  double (*f64)(double);
  double (*wide)(double);
  int (*exact)(mpfr_t result, const mpfr_t x, mpfr_rnd_t);
  /// The stated bounds in ULP.
  double boundF32, boundF64;
  /// Where the function is neither constant nor the identity.
  double low, high;
};

int exactSigmoid(mpfr_t result, const mpfr_t x, mpfr_rnd_t rounding) {
  mpfr_t t;
  mpfr_init2(t, 192);
  mpfr_neg(t, x, rounding);
  mpfr_exp(t, t, rounding);
  mpfr_add_ui(t, t, 1, rounding);
  int inexact = mpfr_ui_div(result, 1, t, rounding);
  mpfr_clear(t);
  return inexact;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double rsqrt(double x) { return 1 / std::sqrt(x); }

#define FUNCTION(NAME, WIDE, EXACT, BOUND_F32, BOUND_F64, LOW, HIGH)           \
  Function {                                                                   \
    #NAME,                                                                     \
        [](float x) {                                                          \
          ScalarBuilder<float> b;                                              \
          return op::NAME(b, x);                                               \
        },                                                                     \
        [](double x) {                                                         \
          ScalarBuilder<double> b;                                             \
          return op::NAME(b, x);                                               \
        },                                                                     \
        WIDE, EXACT, BOUND_F32, BOUND_F64, LOW, HIGH                           \
  }

const Function kFunctions[] = {
    FUNCTION(exp, std::exp, mpfr_exp, @exp32@, @exp64@, -746, 710),
    FUNCTION(expm1, std::expm1, mpfr_expm1, @expm132@, @expm164@, -5, 5),
    FUNCTION(log, std::log, mpfr_log, @log32@, @log64@, 0, 4),
    FUNCTION(log1p, std::log1p, mpfr_log1p, @log1p32@, @log1p64@, -1, 4),
    FUNCTION(tanh, std::tanh, mpfr_tanh, @tanh32@, @tanh64@, -3, 3),
    FUNCTION(sigmoid, sigmoid, exactSigmoid, @sigmoid32@, @sigmoid64@, -40, 40),
    FUNCTION(erf, std::erf, mpfr_erf, @erf32@, @erf64@, -6, 6),
    FUNCTION(erfc, std::erfc, mpfr_erfc, @erfc32@, @erfc64@, -6, 27.3),
    FUNCTION(rsqrt, rsqrt, mpfr_rec_sqrt, @rsqrt32@, @rsqrt64@, 0, 4),
};

/// The value of `function` at `x` to the 64 bits of a long double.
long double exact(const Function &function, double x) {
  mpfr_t value;
  mpfr_init2(value, 64);
  mpfr_set_d(value, x, MPFR_RNDN);
  function.exact(value, value, MPFR_RNDN);
  long double result = mpfr_get_ld(value, MPFR_RNDN);
  mpfr_clear(value);
  return result;
}

/// Half of the numbers are uniform where the function matters, half have
/// random bits, which gives all exponents and signs.
class Sample {
public:
  explicit Sample(const Function &function)
      : uniform(function.low, function.high) {}

  double next() {
    isUniform = !isUniform;
    if (isUniform)
      return uniform(engine);
    uint64_t bits = engine();
    double x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
  }

private:
  std::mt19937_64 engine;
  std::uniform_real_distribution<double> uniform;
  bool isUniform = false;
};

class AccuracyTest : public testing::TestWithParam<Function> {};

TEST_P(AccuracyTest, F64AgainstMpfr) {
  const Function &function = GetParam();
  Sample sample(function);
  double worst = 0, at = 0;
  for (int i = 0; i < 20000; ++i) {
    double x = sample.next();
    double error = ulpError(function.f64(x), exact(function, x));
    if (error > worst)
      worst = error, at = x;
  }
  EXPECT_LE(worst, function.boundF64) << "at " << at;
}

TEST_P(AccuracyTest, DoubleReferenceAgainstMpfr) {
  const Function &function = GetParam();
  Sample sample(function);
  for (int i = 0; i < 2000; ++i) {
    double x = static_cast<float>(sample.next());
    EXPECT_LE(ulpError(function.wide(x), exact(function, x)), 4) << "at " << x;
  }
}

TEST_P(AccuracyTest, F32AgainstDouble) {
  const Function &function = GetParam();
  double worst = 0, at = 0;
  constexpr uint64_t stride = 2039; // a prime
  for (uint64_t i = 0; i < uint64_t(1) << 32; i += stride) {
    uint32_t bits = static_cast<uint32_t>(i);
    float x;
    std::memcpy(&x, &bits, sizeof x);
    double error = ulpError(function.f32(x), function.wide(x));
    if (error > worst)
      worst = error, at = x;
  }
  EXPECT_LE(worst, function.boundF32) << "at " << at;
}

INSTANTIATE_TEST_SUITE_P(
    Functions, AccuracyTest, testing::ValuesIn(kFunctions),
    [](const auto &info) { return std::string(info.param.name); });

} // namespace
