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
#include <vector>

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

/// Unlike mpfr_rec_sqrt, which takes -0 for +0.
int exactRsqrt(mpfr_t result, const mpfr_t x, mpfr_rnd_t rounding) {
  mpfr_t t;
  mpfr_init2(t, 192);
  mpfr_sqrt(t, x, rounding);
  int inexact = mpfr_ui_div(result, 1, t, rounding);
  mpfr_clear(t);
  return inexact;
}

int exactReciprocal(mpfr_t result, const mpfr_t x, mpfr_rnd_t rounding) {
  return mpfr_ui_div(result, 1, x, rounding);
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double rsqrt(double x) { return 1 / std::sqrt(x); }
double reciprocal(double x) { return 1 / x; }

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
    FUNCTION(exp, std::exp, mpfr_exp, 0.90, 0.89, -746, 710),
    FUNCTION(exp2, std::exp2, mpfr_exp2, 0.90, 0.92, -1076, 1025),
    FUNCTION(expm1, std::expm1, mpfr_expm1, 0.83, 0.89, -5, 5),
    FUNCTION(log, std::log, mpfr_log, 0.84, 0.86, 0, 4),
    FUNCTION(log1p, std::log1p, mpfr_log1p, 0.90, 0.86, -1, 4),
    FUNCTION(log2, std::log2, mpfr_log2, 0.98, 0.86, 0, 4),
    FUNCTION(log10, std::log10, mpfr_log10, 0.92, 0.83, 0, 4),
    FUNCTION(sinh, std::sinh, mpfr_sinh, 1.45, 1.81, -711, 711),
    FUNCTION(cosh, std::cosh, mpfr_cosh, 1.26, 1.31, -711, 711),
    FUNCTION(tanh, std::tanh, mpfr_tanh, 0.88, 0.90, -3, 3),
    FUNCTION(asinh, std::asinh, mpfr_asinh, 1.02, 1.08, -4, 4),
    FUNCTION(acosh, std::acosh, mpfr_acosh, 1.61, 1.74, 1, 4),
    FUNCTION(atanh, std::atanh, mpfr_atanh, 1.01, 1.02, -1, 1),
    FUNCTION(sigmoid, sigmoid, exactSigmoid, 0.97, 0.94, -40, 40),
    FUNCTION(erf, std::erf, mpfr_erf, 0.99, 0.94, -6, 6),
    FUNCTION(erfc, std::erfc, mpfr_erfc, 1.71, 1.79, -6, 27.3),
    FUNCTION(rsqrt, rsqrt, exactRsqrt, 0.51, 0.51, 0, 4),
    FUNCTION(reciprocal, reciprocal, exactReciprocal, 0.50, 0.50, -4, 4),
    FUNCTION(sin, std::sin, mpfr_sin, 0.90, 0.95, -10, 10),
    FUNCTION(cos, std::cos, mpfr_cos, 0.91, 0.95, -10, 10),
    FUNCTION(tan, std::tan, mpfr_tan, 1.40, 1.45, -10, 10),
    FUNCTION(asin, std::asin, mpfr_asin, 0.70, 0.75, -1, 1),
    FUNCTION(acos, std::acos, mpfr_acos, 0.67, 0.72, -1, 1),
    FUNCTION(atan, std::atan, mpfr_atan, 1.03, 1.03, -4, 4),
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

/// In turn numbers uniform where the function matters, with random bits, which
/// gives all exponents and signs, of random magnitude down to the subnormals,
/// and near 1, where several functions have a root or a pole.
class Sample {
public:
  explicit Sample(const Function &function)
      : uniform(function.low, function.high) {}

  double next() {
    switch (kind++ % 4) {
    case 0:
      return uniform(engine);
    case 1: {
      uint64_t bits = engine();
      double x;
      std::memcpy(&x, &bits, sizeof x);
      return x;
    }
    case 2:
      return std::ldexp(unit(engine), -int(engine() % 1074));
    default:
      return 1 + std::ldexp(unit(engine), -int(engine() % 53));
    }
  }

private:
  std::mt19937_64 engine;
  std::uniform_real_distribution<double> uniform;
  std::uniform_real_distribution<double> unit{-1, 1};
  unsigned kind = 0;
};

/// The greatest of the errors it is shown, and where.
struct Worst {
  double error = 0, at = 0;

  void see(double otherError, double otherAt) {
    if (otherError > error)
      *this = {otherError, otherAt};
  }
};

class AccuracyTest : public testing::TestWithParam<const Function *> {
protected:
  const Function &function = *GetParam();
  Worst worst;
};

TEST_P(AccuracyTest, F64AgainstMpfr) {
  Sample sample(function);
  for (int i = 0; i < 40000; ++i) {
    double x = sample.next();
    worst.see(ulpError(function.f64(x), exact(function, x)), x);
  }
  EXPECT_LE(worst.error, function.boundF64) << "at " << worst.at;
}

TEST_P(AccuracyTest, DoubleReferenceAgainstMpfr) {
  Sample sample(function);
  for (int i = 0; i < 4000; ++i) {
    double x = static_cast<float>(sample.next());
    worst.see(ulpError(function.wide(x), exact(function, x)), x);
  }
  EXPECT_LE(worst.error, 4) << "at " << worst.at;
}

TEST_P(AccuracyTest, F32AgainstDouble) {
  constexpr uint64_t stride = 2039; // a prime
  for (uint64_t i = 0; i < uint64_t(1) << 32; i += stride) {
    uint32_t bits = static_cast<uint32_t>(i);
    float x;
    std::memcpy(&x, &bits, sizeof x);
    worst.see(ulpError(function.f32(x), function.wide(x)), x);
  }
  EXPECT_LE(worst.error, function.boundF32) << "at " << worst.at;
}

std::vector<const Function *> allFunctions() {
  std::vector<const Function *> all;
  for (const Function &function : kFunctions)
    all.push_back(&function);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Functions, AccuracyTest,
                         testing::ValuesIn(allFunctions()),
                         [](const auto &info) {
                           return std::string(info.param->name);
                         });

} // namespace
