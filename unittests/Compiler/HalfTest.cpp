//===- HalfTest.cpp - every number of the halves --------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// f16 and bf16 have 65,536 representations: what they are treated specially
// for is tested on all of them.
//
//===----------------------------------------------------------------------===//

#include "FuserMath/Cast.h"
#include "Harness.h"
#include "absl/strings/str_replace.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace fuser;

static constexpr int kNumBits = 65536;

template <class T> static Tensor allHalves() {
  std::vector<T> elements;
  for (int bits = 0; bits < kNumBits; ++bits)
    elements.push_back(T{static_cast<uint16_t>(bits)});
  return makeTensor<T>({kNumBits}, std::move(elements));
}

//===----------------------------------------------------------------------===//
// gelu
//===----------------------------------------------------------------------===//

/// The spacing of numbers of `precision` bits at x, of subnormals below
/// 2^`leastExponent`.
static double unitAt(double x, int precision, int leastExponent) {
  int exponent = x == 0 ? leastExponent : std::ilogb(x);
  return std::ldexp(1, std::max(exponent, leastExponent) - (precision - 1));
}

static double gelu(double x) { return x * 0.5 * std::erfc(-x * M_SQRT1_2); }

/// Holds gelu of every T against double's erfc. docs/Numerics.md states the
/// bounds.
template <class T>
static void checkGelu(const char *type, int precision, int leastExponent,
                      double bound) {
  Harness harness;
  const std::string text = absl::StrReplaceAll(R"mlir(
func.func @f(%x: tensor<?xT>) -> tensor<?xT> {
  %y = fuser.gelu %x : tensor<?xT>
  return %y : tensor<?xT>
}
)mlir",
                                               {{"T", type}});
  const Tensor inputs = allHalves<T>();
  std::vector<Tensor> results = harness.check(text, {inputs});
  ASSERT_EQ(results.size(), 1u);
  const std::vector<double> x = doubles(inputs), y = doubles(results[0]);
  double greatest = 0, where = 0;
  for (int i = 0; i < kNumBits; ++i) {
    if (std::isnan(x[i])) {
      EXPECT_TRUE(std::isnan(y[i])) << i;
      continue;
    }
    if (std::isinf(x[i])) {
      EXPECT_EQ(y[i], x[i] < 0 ? 0 : x[i]);
    } else {
      const double exact = gelu(x[i]);
      const double error =
          std::abs(y[i] - exact) / unitAt(exact, precision, leastExponent);
      if (!(error <= greatest))
        greatest = error, where = x[i];
    }
    EXPECT_EQ(std::signbit(y[i]), std::signbit(x[i])) << x[i];
  }
  EXPECT_LE(greatest, bound) << "at " << where;
  ::testing::Test::RecordProperty("ulp", std::to_string(greatest));
}

TEST(Half, GeluOfEveryF16) { checkGelu<Half>("f16", 11, -14, 0.52); }
TEST(Half, GeluOfEveryBF16) { checkGelu<BFloat16>("bf16", 8, -126, 0.52); }

//===----------------------------------------------------------------------===//
// NaN
//===----------------------------------------------------------------------===//

/// The sum that rounds to bf16 must not carry the payload of a NaN into its
/// exponent: NaN of every payload through ops that keep it.
TEST(Half, EveryBF16ThroughArithmetic) {
  Harness harness;
  harness.check(R"mlir(
!t = tensor<?xbf16>
func.func @f(%x: !t, %y: !t) -> (!t, !t, !t, !t, !t, !t, !t) {
  %sum = fuser.add %x, %y : !t
  %difference = fuser.sub %y, %x : !t
  %product = fuser.mul %sum, %difference : !t
  %quotient = fuser.div %x, %y : !t
  %fma = fuser.fma %x, %product, %quotient : !t
  %root = fuser.sqrt %x : !t
  %magnitude = fuser.abs %x : !t
  %e = fuser.exp %magnitude : !t
  return %sum, %difference, %product, %quotient, %fma, %root, %e
      : !t, !t, !t, !t, !t, !t, !t
}
)mlir",
                {allHalves<BFloat16>(), makeInput(DType::bf16, {kNumBits})});
}

/// A NaN of f32 or f16 may have low bits set.
TEST(Half, NaNOfLongPayloadsStays) {
  std::vector<float> numbers;
  for (uint32_t low = 0; low < 32; ++low)
    for (uint32_t sign : {0x7fffffffu, 0xffffffffu}) {
      const uint32_t bits = sign & ~(low << 13);
      float number;
      std::memcpy(&number, &bits, sizeof number);
      numbers.push_back(number);
    }
  const auto count = static_cast<int64_t>(numbers.size());
  Harness harness;
  std::vector<Tensor> results = harness.check(
      R"mlir(
func.func @f(%x: tensor<?xf32>, %h: tensor<?xf16>)
    -> (tensor<?xbf16>, tensor<?xbf16>, tensor<?xbf16>) {
  %moved = fuser.cast %x : tensor<?xf32> to tensor<?xbf16>
  %sum = fuser.add %x, %x : tensor<?xf32>
  %added = fuser.cast %sum : tensor<?xf32> to tensor<?xbf16>
  %half = fuser.cast %h : tensor<?xf16> to tensor<?xbf16>
  return %moved, %added, %half
      : tensor<?xbf16>, tensor<?xbf16>, tensor<?xbf16>
}
)mlir",
      {makeTensor<float>({count}, std::move(numbers)), allHalves<Half>()});
  ASSERT_EQ(results.size(), 3u);
  for (int i : {0, 1})
    for (double element : doubles(results[i]))
      EXPECT_TRUE(std::isnan(element));
}
