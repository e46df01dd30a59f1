//===- LegacyCasesTest.cpp - ten small programs ---------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs that any fuser must get right, each compared with the oracle and
// with its formula in double precision.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_replace.h"
#include <algorithm>
#include <cmath>

using namespace fuser;

static double relu(double x) { return std::max(x, 0.0); }
static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

static Tensor tame(const Dims &sizes, uint64_t seed,
                   Layout layout = Layout::Contiguous) {
  return makeInput(DType::f32, sizes, layout, seed, Data::Tame);
}

/// value(i) for 0 <= i < count.
template <class Fn> static std::vector<double> table(int64_t count, Fn value) {
  std::vector<double> result;
  for (int64_t i = 0; i < count; ++i)
    result.push_back(value(i));
  return result;
}

/// All of `text` in one group, which is one kernel.
static void expectOneKernel(Harness &harness, const std::string &text) {
  const ProgramFunction *function = harness.function(text);
  ASSERT_NE(function, nullptr);
  EXPECT_EQ(function->calls.size(), 1u) << text;
  EXPECT_EQ(harness.compiler.session().nCompiledKernels(), 1) << text;
  EXPECT_EQ(harness.compiler.session().statistics().launches, 1) << text;
}

TEST(LegacyCases, AbsTwice) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<5xf32>) -> tensor<5xf32> {
  %two = fuser.constant dense<2.0> : tensor<f32>
  %a = fuser.abs %x : tensor<5xf32>
  %y = fuser.mul %two, %a : (tensor<f32>, tensor<5xf32>) -> tensor<5xf32>
  return %y : tensor<5xf32>
}
)mlir";
  Tensor x = tame({5}, 1);
  auto results = harness.check(text, {x});
  ASSERT_EQ(results.size(), 1u);
  auto in = doubles(x);
  EXPECT_EQ(doubles(results[0]),
            table(5, [&](int64_t i) { return 2 * std::abs(in[i]); }));
  expectOneKernel(harness, text);
}

TEST(LegacyCases, ScaleAndShiftRows) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<4x4xf32>, %s: tensor<4xf32>, %t: tensor<4xf32>)
    -> tensor<4x4xf32> {
  %0 = fuser.mul %x, %s : (tensor<4x4xf32>, tensor<4xf32>) -> tensor<4x4xf32>
  %y = fuser.add %0, %t : (tensor<4x4xf32>, tensor<4xf32>) -> tensor<4x4xf32>
  return %y : tensor<4x4xf32>
}
)mlir";
  Tensor x = tame({4, 4}, 1), s = tame({4}, 2), t = tame({4}, 3);
  auto results = harness.check(text, {x, s, t});
  ASSERT_EQ(results.size(), 1u);
  auto dx = doubles(x), ds = doubles(s), dt = doubles(t);
  EXPECT_TRUE(isNear(results[0], table(16, [&](int64_t i) {
                       return dx[i] * ds[i % 4] + dt[i % 4];
                     })));
  expectOneKernel(harness, text);
}

TEST(LegacyCases, ChunkMulAdd) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<10x6xf32>) -> tensor<10x2xf32> {
  %a, %b, %c = fuser.chunk %x dim 1
      : tensor<10x6xf32> to tensor<10x2xf32>, tensor<10x2xf32>, tensor<10x2xf32>
  %0 = fuser.mul %a, %b : tensor<10x2xf32>
  %y = fuser.add %0, %c : tensor<10x2xf32>
  return %y : tensor<10x2xf32>
}
)mlir";
  Tensor x = tame({10, 6}, 1);
  auto results = harness.check(text, {x});
  ASSERT_EQ(results.size(), 1u);
  auto in = doubles(x);
  EXPECT_TRUE(isNear(results[0], table(20, [&](int64_t i) {
                       const double *row = &in[i / 2 * 6 + i % 2];
                       return row[0] * row[2] + row[4];
                     })));
  expectOneKernel(harness, text);
}

/// z = x * [x R 0] + y, then z * [x R' 0] + y.
static void checkComparisons(const char *first, const char *second,
                             bool (*isFirst)(double),
                             bool (*isSecond)(double)) {
  Harness harness;
  const std::string text = absl::StrReplaceAll(
      R"mlir(
func.func @f(%x: tensor<?xf32>, %y: tensor<?xf32>)
    -> (tensor<?xf32>, tensor<?xf32>) {
  %zero = fuser.constant dense<0.0> : tensor<f32>
  %m = fuser.compare FIRST, %x, %zero
      : (tensor<?xf32>, tensor<f32>) -> tensor<?xi1>
  %mf = fuser.cast %m : tensor<?xi1> to tensor<?xf32>
  %0 = fuser.mul %x, %mf : tensor<?xf32>
  %z = fuser.add %0, %y : tensor<?xf32>
  %n = fuser.compare SECOND, %x, %zero
      : (tensor<?xf32>, tensor<f32>) -> tensor<?xi1>
  %nf = fuser.cast %n : tensor<?xi1> to tensor<?xf32>
  %1 = fuser.mul %z, %nf : tensor<?xf32>
  %w = fuser.add %1, %y : tensor<?xf32>
  return %z, %w : tensor<?xf32>, tensor<?xf32>
}
)mlir",
      {{"FIRST", first}, {"SECOND", second}});
  Tensor x = makeTensor<float>(
      {9}, {-2.5f, 0.0f, -0.0f, 1.0f, 0.25f, -1e-30f, 0.0f, 3.0f, -0.5f});
  Tensor y = tame({9}, 2);
  auto results = harness.check(text, {x, y});
  ASSERT_EQ(results.size(), 2u);
  auto dx = doubles(x), dy = doubles(y);
  auto z = table(9, [&](int64_t i) { return dx[i] * isFirst(dx[i]) + dy[i]; });
  EXPECT_TRUE(isNear(results[0], z));
  EXPECT_TRUE(isNear(results[1], table(9, [&](int64_t i) {
                       return z[i] * isSecond(dx[i]) + dy[i];
                     })));
  expectOneKernel(harness, text);
}

TEST(LegacyCases, EqualAndNotEqualToZero) {
  checkComparisons(
      "eq", "ne", [](double x) { return x == 0; },
      [](double x) { return x != 0; });
}
TEST(LegacyCases, AboveAndBelowZero) {
  checkComparisons(
      "gt", "lt", [](double x) { return x > 0; },
      [](double x) { return x < 0; });
}
TEST(LegacyCases, NotBelowAndNotAboveZero) {
  checkComparisons(
      "ge", "le", [](double x) { return x >= 0; },
      [](double x) { return x <= 0; });
}

TEST(LegacyCases, Threshold) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %zero = fuser.constant dense<0.0> : tensor<f32>
  %low = fuser.constant dense<-10.0> : tensor<f32>
  %three = fuser.constant dense<3.0> : tensor<f32>
  %m = fuser.compare gt, %x, %zero
      : (tensor<?xf32>, tensor<f32>) -> tensor<?xi1>
  %t = fuser.select %m, %x, %low
      : (tensor<?xi1>, tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %x3 = fuser.mul %three, %x : (tensor<f32>, tensor<?xf32>) -> tensor<?xf32>
  %y = fuser.add %t, %x3 : tensor<?xf32>
  return %y : tensor<?xf32>
}
)mlir";
  auto results =
      harness.check(text, {makeTensor<float>({6}, {-1, -.5f, 0, 1, 2, 3})});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(doubles(results[0]),
            (std::vector<double>{-13, -11.5, -10, 4, 8, 12}));
  expectOneKernel(harness, text);
}

TEST(LegacyCases, BroadcastBothWays) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<1x4xf32>, %y: tensor<4x1xf32>, %z: tensor<1x4xf32>)
    -> tensor<4x4xf32> {
  %one = fuser.constant dense<1.0> : tensor<f32>
  %tenth = fuser.constant dense<0.1> : tensor<f32>
  %0 = fuser.add %y, %one : (tensor<4x1xf32>, tensor<f32>) -> tensor<4x1xf32>
  %1 = fuser.mul %tenth, %0 : (tensor<f32>, tensor<4x1xf32>) -> tensor<4x1xf32>
  %2 = fuser.mul %1, %z
      : (tensor<4x1xf32>, tensor<1x4xf32>) -> tensor<4x4xf32>
  %r = fuser.add %x, %2
      : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
)mlir";
  Tensor x = tame({1, 4}, 1), y = tame({4, 1}, 2), z = tame({1, 4}, 3);
  auto results = harness.check(text, {x, y, z});
  ASSERT_EQ(results.size(), 1u);
  auto dx = doubles(x), dy = doubles(y), dz = doubles(z);
  EXPECT_TRUE(isNear(results[0], table(16, [&](int64_t i) {
                       return dx[i % 4] + .1 * (dy[i / 4] + 1) * dz[i % 4];
                     })));
  expectOneKernel(harness, text);
}

TEST(LegacyCases, ErfAndNearZero) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %erf = fuser.erf %x : tensor<?xf32>
  %erfc = fuser.erfc %x : tensor<?xf32>
  %0 = fuser.sub %erf, %erfc : tensor<?xf32>
  %y = fuser.relu %0 : tensor<?xf32>
  %small = fuser.constant dense<1.0e-4> : tensor<f32>
  %1 = fuser.mul %small, %x : (tensor<f32>, tensor<?xf32>) -> tensor<?xf32>
  %2 = fuser.expm1 %1 : tensor<?xf32>
  %tiny = fuser.constant dense<1.0e-6> : tensor<f32>
  %3 = fuser.mul %x, %x : tensor<?xf32>
  %4 = fuser.mul %tiny, %3 : (tensor<f32>, tensor<?xf32>) -> tensor<?xf32>
  %5 = fuser.log1p %4 : tensor<?xf32>
  %z = fuser.add %2, %5 : tensor<?xf32>
  return %y, %z : tensor<?xf32>, tensor<?xf32>
}
)mlir";
  Tensor x = tame({101}, 1);
  auto results = harness.check(text, {x});
  ASSERT_EQ(results.size(), 2u);
  auto in = doubles(x);
  EXPECT_TRUE(isNear(results[0], table(101, [&](int64_t i) {
                       return relu(std::erf(in[i]) - std::erfc(in[i]));
                     })));
  // Near 0 the relative tolerance is what counts.
  EXPECT_TRUE(isNear(results[1],
                     table(101,
                           [&](int64_t i) {
                             return std::expm1(1e-4 * in[i]) +
                                    std::log1p(1e-6 * in[i] * in[i]);
                           }),
                     1e-5, 1e-11));
  expectOneKernel(harness, text);
}

TEST(LegacyCases, SigmoidOfTanh) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %0 = fuser.add %x, %y : tensor<?xf32>
  %1 = fuser.mul %x, %0 : tensor<?xf32>
  %2 = fuser.add %1, %x : tensor<?xf32>
  %3 = fuser.tanh %2 : tensor<?xf32>
  %z = fuser.sigmoid %3 : tensor<?xf32>
  return %z : tensor<?xf32>
}
)mlir";
  for (int64_t size : {1, 257}) {
    Tensor x = tame({size}, 1), y = tame({size}, 2);
    auto results = harness.check(text, {x, y});
    ASSERT_EQ(results.size(), 1u);
    auto dx = doubles(x), dy = doubles(y);
    EXPECT_TRUE(isNear(results[0], table(size, [&](int64_t i) {
                         return sigmoid(
                             std::tanh(dx[i] * (dx[i] + dy[i]) + dx[i]));
                       })));
  }
  EXPECT_EQ(harness.compiler.session().nCompiledKernels(), 1);
}

TEST(LegacyCases, BatchNormRelu) {
  Harness harness;
  const std::string text = R"mlir(
!full = tensor<4x16x32x40xf32>
!channel = tensor<16x1x1xf32>
func.func @f(%i: !full, %m: !channel, %v: !channel, %w: !channel, %b: !channel)
    -> !full {
  %epsilon = fuser.constant dense<1.0e-4> : tensor<f32>
  %0 = fuser.sub %i, %m : (!full, !channel) -> !full
  %1 = fuser.add %v, %epsilon : (!channel, tensor<f32>) -> !channel
  %2 = fuser.rsqrt %1 : !channel
  %3 = fuser.mul %0, %2 : (!full, !channel) -> !full
  %4 = fuser.mul %3, %w : (!full, !channel) -> !full
  %5 = fuser.add %4, %b : (!full, !channel) -> !full
  %y = fuser.relu %5 : !full
  return %y : !full
}
)mlir";
  const Dims channel{16, 1, 1};
  Tensor i = tame({4, 16, 32, 40}, 1), m = tame(channel, 2),
         v = tame(channel, 3), w = tame(channel, 4), b = tame(channel, 5);
  for (int64_t c = 0; c < 16; ++c)
    v.dataAs<float>()[c] = 1 + v.dataAs<float>()[c] / 2;
  auto results = harness.check(text, {i, m, v, w, b});
  ASSERT_EQ(results.size(), 1u);
  auto di = doubles(i), dm = doubles(m), dv = doubles(v), dw = doubles(w),
       db = doubles(b);
  EXPECT_TRUE(isNear(
      results[0], table(4 * 16 * 32 * 40, [&](int64_t n) {
        const int64_t c = n / (32 * 40) % 16;
        return relu((di[n] - dm[c]) / std::sqrt(dv[c] + 1e-4) * dw[c] + db[c]);
      })));
  expectOneKernel(harness, text);
}

TEST(LegacyCases, ExpandDims) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%b: tensor<20x28xf32>, %d: tensor<20xf32>) -> tensor<20x28xf32> {
  %c = fuser.constant dense<42.0> : tensor<f32>
  %e = fuser.expand_dims %d dim 1 : tensor<20xf32> to tensor<20x1xf32>
  %0 = fuser.mul %c, %e : (tensor<f32>, tensor<20x1xf32>) -> tensor<20x1xf32>
  %1 = fuser.add %b, %0
      : (tensor<20x28xf32>, tensor<20x1xf32>) -> tensor<20x28xf32>
  %y = fuser.div %1, %c : (tensor<20x28xf32>, tensor<f32>) -> tensor<20x28xf32>
  return %y : tensor<20x28xf32>
}
)mlir";
  Tensor b = tame({20, 28}, 1), d = tame({20}, 2);
  auto results = harness.check(text, {b, d});
  ASSERT_EQ(results.size(), 1u);
  auto db = doubles(b), dd = doubles(d);
  EXPECT_TRUE(isNear(results[0], table(20 * 28, [&](int64_t i) {
                       return (db[i] + 42 * dd[i / 28]) / 42;
                     })));
  expectOneKernel(harness, text);
}
