//===- IndexTest.cpp - indices and random numbers ------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserMath/Philox.h"
#include "Harness.h"
#include <numeric>

using namespace fuser;

/// 0, 1, ... below `count`.
static std::vector<double> countTo(int64_t count) {
  std::vector<double> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

/// The numbers that `random` gives to linear indices below `count`.
template <class T>
static std::vector<double> randomTo(int64_t count, int64_t seed,
                                    int64_t offset) {
  std::vector<double> numbers;
  for (int64_t i = 0; i < count; ++i)
    numbers.push_back(math::randomScalar<T>(i, seed, offset));
  return numbers;
}

//===----------------------------------------------------------------------===//
// iota
//===----------------------------------------------------------------------===//

TEST(Iota, Alone) {
  Harness harness;
  auto results = harness.check(R"mlir(
func.func @f(%x: tensor<?x?xf32>)
    -> (tensor<?x?xi64>, tensor<?x?xi64>, tensor<?x?xi64>, tensor<2x3xi64>,
        tensor<i64>, tensor<0xi64>, tensor<37xi64>) {
  %0 = fuser.iota like %x : tensor<?x?xf32> to tensor<?x?xi64>
  %1 = fuser.iota like %x dim 0 : tensor<?x?xf32> to tensor<?x?xi64>
  %2 = fuser.iota like %x dim -1 : tensor<?x?xf32> to tensor<?x?xi64>
  %3 = fuser.iota dim 1 : tensor<2x3xi64>
  %4 = fuser.iota : tensor<i64>
  %5 = fuser.iota : tensor<0xi64>
  %6 = fuser.iota dim 0 : tensor<37xi64>
  return %0, %1, %2, %3, %4, %5, %6 : tensor<?x?xi64>, tensor<?x?xi64>,
      tensor<?x?xi64>, tensor<2x3xi64>, tensor<i64>, tensor<0xi64>,
      tensor<37xi64>
}
)mlir",
                               {makeInput(DType::f32, {2, 3})});
  ASSERT_EQ(results.size(), 7u);
  EXPECT_EQ(doubles(results[0]), countTo(6));
  EXPECT_EQ(doubles(results[1]), (std::vector<double>{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(doubles(results[2]), (std::vector<double>{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(doubles(results[3]), (std::vector<double>{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(doubles(results[4]), countTo(1));
  EXPECT_EQ(doubles(results[5]), countTo(0));
  EXPECT_EQ(doubles(results[6]), countTo(37));
}

static const std::string kViews = R"mlir(
func.func @f(%x: tensor<?x?xf32>)
    -> (tensor<?x?xi64>, tensor<?x?xi64>, tensor<?x?xi64>, tensor<2x?x?xi64>,
        tensor<?xi64>, tensor<?xi64>, tensor<?x?xi64>) {
  %i = fuser.iota like %x : tensor<?x?xf32> to tensor<?x?xi64>
  %n = fuser.neg %i : tensor<?x?xi64>
  %t = fuser.transpose %i permutation [1, 0] : tensor<?x?xi64> to tensor<?x?xi64>
  %s = fuser.slice %i dim 1 start 1 end 99 step 2 : tensor<?x?xi64> to tensor<?x?xi64>
  %a, %b = fuser.chunk %i dim 1 : tensor<?x?xi64> to tensor<?x?xi64>, tensor<?x?xi64>
  %c = fuser.concat %n, %b, %a dim 1
      : tensor<?x?xi64>, tensor<?x?xi64>, tensor<?x?xi64> to tensor<?x?xi64>
  %e = fuser.expand_dims %n dim 0 : tensor<?x?xi64> to tensor<1x?x?xi64>
  %w = fuser.broadcast_to %e sizes [2, -1, -1]
      : tensor<1x?x?xi64> to tensor<2x?x?xi64>
  %f = fuser.reshape %i sizes [-1] : tensor<?x?xi64> to tensor<?xi64>
  %g = fuser.reshape %t sizes [-1] : tensor<?x?xi64> to tensor<?xi64>
  %h = fuser.add %t, %t : tensor<?x?xi64>
  return %s, %c, %t, %w, %f, %g, %h : tensor<?x?xi64>, tensor<?x?xi64>,
      tensor<?x?xi64>, tensor<2x?x?xi64>, tensor<?xi64>, tensor<?xi64>,
      tensor<?x?xi64>
}
)mlir";

TEST(Iota, SeenThroughViews) {
  Harness harness;
  for (int layout = 0; layout < kNumLayouts; ++layout)
    for (const Dims &sizes : {Dims{2, 3}, Dims{1, 5}, Dims{5, 1}, Dims{1, 1},
                              Dims{0, 3}, Dims{3, 0}, Dims{19, 70}})
      harness.check(kViews, {makeInput(DType::f32, sizes, Layout(layout))});
  auto results = harness.check(kViews, {makeInput(DType::f32, {2, 3})});
  ASSERT_EQ(results.size(), 7u);
  EXPECT_EQ(doubles(results[0]), (std::vector<double>{1, 4}));
  EXPECT_EQ(doubles(results[1]), (std::vector<double>{0, -1, -2, 2, 0, 1, //
                                                      -3, -4, -5, 5, 3, 4}));
  EXPECT_EQ(doubles(results[2]), (std::vector<double>{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(doubles(results[3]), (std::vector<double>{0, -1, -2, -3, -4, -5, //
                                                      0, -1, -2, -3, -4, -5}));
  EXPECT_EQ(doubles(results[4]), countTo(6));
  EXPECT_EQ(doubles(results[5]), (std::vector<double>{0, 3, 1, 4, 2, 5}));
}

/// Mixed with memory of all layouts, in masks as causal attention has them.
TEST(Iota, Masks) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x?xf32>, %y: tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x?xf64>) {
  %i = fuser.iota like %x dim 0 : tensor<?x?xf32> to tensor<?x?xi64>
  %j = fuser.iota like %x dim 1 : tensor<?x?xf32> to tensor<?x?xi64>
  %m = fuser.compare ge, %i, %j : tensor<?x?xi64>
  %z = fuser.constant dense<0.0> : tensor<f32>
  %0 = fuser.add %x, %y : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %1 = fuser.select %m, %0, %z
      : (tensor<?x?xi1>, tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %2 = fuser.cast %j : tensor<?x?xi64> to tensor<?x?xf64>
  %3 = fuser.transpose %1 permutation [1, 0] : tensor<?x?xf32> to tensor<?x?xf32>
  return %3, %2 : tensor<?x?xf32>, tensor<?x?xf64>
}
)mlir";
  for (int layout = 0; layout < kNumLayouts; ++layout)
    for (const Dims &sizes :
         {Dims{3, 4}, Dims{1, 40}, Dims{40, 1}, Dims{33, 50}})
      harness.check(text,
                    {makeInput(DType::f32, sizes, Layout(layout), 1),
                     makeInput(DType::f32, {sizes[1]}, Layout(layout), 2)});
}

/// The shape is that of a computed value, of a broadcast.
TEST(Iota, LikeComputedValues) {
  Harness harness;
  auto results = harness.check(
      R"mlir(
func.func @f(%x: tensor<?x1xf32>, %y: tensor<?xf32>) -> tensor<?x?xi64> {
  %s = fuser.add %x, %y : (tensor<?x1xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %i = fuser.iota like %s : tensor<?x?xf32> to tensor<?x?xi64>
  return %i : tensor<?x?xi64>
}
)mlir",
      {makeInput(DType::f32, {3, 1}), makeInput(DType::f32, {4})});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(doubles(results[0]), countTo(12));
}

TEST(Iota, RefusesWhatItCantCount) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?xf32>) -> tensor<1x1x?xi64> {
  %0 = fuser.broadcast_to %x sizes [4294967296, 4294967296, -1]
      : tensor<?xf32> to tensor<4294967296x4294967296x?xf32>
  %i = fuser.iota like %0
      : tensor<4294967296x4294967296x?xf32> to tensor<4294967296x4294967296x?xi64>
  %1 = fuser.slice %i dim 0 start 0 end 1
      : tensor<4294967296x4294967296x?xi64> to tensor<1x4294967296x?xi64>
  %2 = fuser.slice %1 dim 1 start 0 end 1
      : tensor<1x4294967296x?xi64> to tensor<1x1x?xi64>
  return %2 : tensor<1x1x?xi64>
}
)mlir";
  auto program = harness.compiler.load(text, "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  auto results =
      program->run(**program->find(""), {makeInput(DType::f32, {1})});
  EXPECT_EQ(results.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(results.status().message(),
            "shape [4294967296, 4294967296, 1] has more elements than an i64 "
            "counts");
}

//===----------------------------------------------------------------------===//
// random
//===----------------------------------------------------------------------===//

template <class T> static void checkRandLike(const char *type) {
  Harness harness;
  const std::string result = std::string("tensor<?x?x") + type + ">";
  const std::string text =
      "func.func @f(%x: tensor<?x?xf32>, %s: i64, %o: i64) -> " + result +
      " {\n  %r = fuser.rand_like %x, %s, %o : tensor<?x?xf32>, i64, i64 to " +
      result + "\n  return %r : " + result + "\n}\n";
  for (int layout = 0; layout < kNumLayouts; ++layout)
    for (const Dims &sizes : {Dims{3, 5}, Dims{1, 1}, Dims{0, 4}, Dims{37, 90}})
      for (int64_t seed : {int64_t(0), INT64_MIN, int64_t(-1)}) {
        auto results =
            harness.check(text, {makeInput(DType::f32, sizes, Layout(layout)),
                                 seed, int64_t(7)});
        ASSERT_EQ(results.size(), 1u);
        EXPECT_EQ(doubles(results[0]),
                  randomTo<T>(sizes[0] * sizes[1], seed, 7));
      }
}

TEST(Random, RandLike) {
  checkRandLike<float>("f32");
  checkRandLike<double>("f64");
}

/// A view shows the numbers of the elements that it shows.
TEST(Random, SeenThroughViews) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x?xf32>, %s: i64)
    -> (tensor<?x?xf32>, tensor<3x?x?xf32>, tensor<?x?xf32>, tensor<?xf32>,
        tensor<?x?xf32>) {
  %r = fuser.rand_like %x, %s, %s : tensor<?x?xf32>, i64, i64 to tensor<?x?xf32>
  %t = fuser.transpose %r permutation [1, 0] : tensor<?x?xf32> to tensor<?x?xf32>
  %b = fuser.broadcast_to %r sizes [3, -1, -1]
      : tensor<?x?xf32> to tensor<3x?x?xf32>
  %p, %q = fuser.chunk %r dim 0 : tensor<?x?xf32> to tensor<?x?xf32>, tensor<?x?xf32>
  %c = fuser.concat %q, %p, %x dim 0
      : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32> to tensor<?x?xf32>
  %f = fuser.reshape %r sizes [-1] : tensor<?x?xf32> to tensor<?xf32>
  %k = fuser.constant dense<0.5> : tensor<f32>
  %m = fuser.compare lt, %r, %k : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xi1>
  %z = fuser.constant dense<0.0> : tensor<f32>
  %d = fuser.select %m, %x, %z
      : (tensor<?x?xi1>, tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  return %t, %b, %c, %f, %d : tensor<?x?xf32>, tensor<3x?x?xf32>,
      tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>
}
)mlir";
  for (int layout = 0; layout < kNumLayouts; ++layout)
    for (const Dims &sizes :
         {Dims{4, 6}, Dims{1, 9}, Dims{40, 33}, Dims{0, 2}}) {
      auto results = harness.check(
          text, {makeInput(DType::f32, sizes, Layout(layout)), int64_t(11)});
      ASSERT_EQ(results.size(), 5u);
      const int64_t n = sizes[0] * sizes[1];
      const std::vector<double> numbers = randomTo<float>(n, 11, 11);
      EXPECT_EQ(doubles(results[3]), numbers);
      std::vector<double> thrice = numbers;
      thrice.insert(thrice.end(), numbers.begin(), numbers.end());
      thrice.insert(thrice.end(), numbers.begin(), numbers.end());
      EXPECT_EQ(doubles(results[1]), thrice);
      const std::vector<double> transposed = doubles(results[0]);
      for (int64_t i = 0; i < n; ++i)
        EXPECT_EQ(transposed[i % sizes[1] * sizes[0] + i / sizes[1]],
                  numbers[i]);
    }
}

/// The number of threads changes nothing: rows, flat elements, and long rows
/// that are cut into columns.
TEST(Random, ThreadsChangeNothing) {
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x?xf32>, %s: i64) -> (tensor<?x?xf32>, tensor<?x?xf32>) {
  %r = fuser.rand_like %x, %s, %s : tensor<?x?xf32>, i64, i64 to tensor<?x?xf32>
  %c = fuser.concat %r, %x dim 1 : tensor<?x?xf32>, tensor<?x?xf32> to tensor<?x?xf32>
  return %r, %c : tensor<?x?xf32>, tensor<?x?xf32>
}
)mlir";
  for (const Dims &sizes : {Dims{301, 500}, Dims{1, 150001}, Dims{2, 70001}}) {
    Value x = makeInput(DType::f32, sizes);
    std::vector<Tensor> one;
    for (int threads : {1, 2, 5}) {
      runtime::SessionOptions options;
      options.threads = threads;
      Harness harness(options);
      std::vector<Tensor> many = harness.check(text, {x, int64_t(5)});
      ASSERT_EQ(many.size(), 2u);
      if (one.empty())
        one = many;
      EXPECT_TRUE(sameBits(many[0], one[0]));
      EXPECT_TRUE(sameBits(many[1], one[1]));
    }
    EXPECT_EQ(doubles(one[0]), randomTo<float>(sizes[0] * sizes[1], 5, 5));
  }
}
