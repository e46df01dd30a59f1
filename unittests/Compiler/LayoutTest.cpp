//===- LayoutTest.cpp - broadcasts, strides and views ---------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_cat.h"
#include <cmath>
#include <sys/mman.h>

using namespace fuser;

/// Runs `text` on f32 inputs of `shapes`, all in one layout and in mixed ones.
static void checkLayouts(Harness &harness, const std::string &text,
                         const std::vector<Dims> &shapes) {
  for (int first = 0; first < kNumLayouts; ++first)
    for (int step : {0, 1, 2}) {
      std::vector<Value> inputs;
      std::string trace;
      for (std::size_t i = 0; i < shapes.size(); ++i) {
        Layout layout = Layout((first + i * step) % kNumLayouts);
        inputs.push_back(makeInput(DType::f32, shapes[i], layout, i + 1));
        absl::StrAppend(&trace, runtime::shapeString(shapes[i]), " ",
                        layoutName(layout), "; ");
      }
      SCOPED_TRACE(trace);
      harness.check(text, inputs);
    }
}

static std::string dynamicType(int64_t rank, const char *element = "f32") {
  std::string text = "tensor<";
  for (int64_t dim = 0; dim < rank; ++dim)
    text += "?x";
  return text + element + ">";
}

//===----------------------------------------------------------------------===//
// Broadcasts
//===----------------------------------------------------------------------===//

/// sum = x + y and its square root, on tensors of these ranks.
static std::string sumOf(int64_t rankX, int64_t rankY) {
  const std::string x = dynamicType(rankX), y = dynamicType(rankY),
                    result = dynamicType(std::max(rankX, rankY));
  return absl::StrCat("func.func @f(%x: ", x, ", %y: ", y, ") -> ", result,
                      " {\n  %s = fuser.add %x, %y : (", x, ", ", y, ") -> ",
                      result, "\n  %r = fuser.sqrt %s : ", result,
                      "\n  return %r : ", result, "\n}\n");
}

TEST(Layout, BroadcastsOfTwo) {
  Harness harness;
  const std::vector<std::pair<Dims, Dims>> pairs = {
      {{3, 5}, {5}},             // inner
      {{3, 5}, {3, 1}},          // outer
      {{3, 1}, {1, 5}},          // both
      {{1, 1}, {3, 5}},          // all
      {{3, 5}, {}},              // rank 0
      {{}, {}},                  //
      {{5}, {1}},                //
      {{1}, {1, 1}},             //
      {{2, 3, 5}, {3, 1}},       // middle
      {{2, 3, 5}, {2, 1, 5}},    //
      {{2, 1, 5}, {1, 3, 1}},    //
      {{2, 3, 5}, {1, 1, 5}},    //
      {{2, 3, 4, 5}, {3, 1, 1}}, // a channel
      {{2, 3, 4, 5}, {2, 1, 4, 1}},
      {{2, 1, 4, 1}, {1, 3, 1, 5}},
      {{2, 3, 4, 5}, {1, 1, 1, 1}}};
  for (const auto &[x, y] : pairs) {
    checkLayouts(harness, sumOf(x.size(), y.size()), {x, y});
    checkLayouts(harness, sumOf(y.size(), x.size()), {y, x});
  }
}

/// An extent that was 1 is not 1 the next time.
TEST(Layout, DynamicExtentsBroadcastWhenOne) {
  Harness harness;
  for (int64_t a : {1, 4})
    for (int64_t b : {1, 6})
      for (int64_t c : {1, 4})
        for (int64_t d : {1, 6})
          checkLayouts(harness, sumOf(2, 2), {{a, b}, {c, d}});
}

TEST(Layout, EmptyInEveryPosition) {
  Harness harness;
  checkLayouts(harness, sumOf(1, 1), {{0}, {1}});
  checkLayouts(harness, sumOf(2, 1), {{4, 0}, {1}});
  checkLayouts(harness, sumOf(3, 1), {{4, 0, 3}, {3}});
  checkLayouts(harness, sumOf(3, 3), {{1, 5, 3}, {0, 1, 1}});
  for (std::size_t empty = 0; empty < 4; ++empty) {
    Dims x{2, 3, 4, 5}, y{1, 1, 1, 1};
    x[empty] = 0;
    checkLayouts(harness, sumOf(4, 4), {x, x});
    checkLayouts(harness, sumOf(4, 4), {x, y});
    checkLayouts(harness, sumOf(4, 0), {x, {}});
  }
}

TEST(Layout, BroadcastTo) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x1xf32>, %b: tensor<?xf32>, %n: tensor<f32>)
    -> (tensor<3x?x4xf32>, tensor<2x?xf32>, tensor<2x2xf32>) {
  %0 = fuser.exp %x : tensor<?x1xf32>
  %1 = fuser.broadcast_to %0 sizes [3, -1, 4]
      : tensor<?x1xf32> to tensor<3x?x4xf32>
  %2 = fuser.broadcast_to %b sizes [2, -1] : tensor<?xf32> to tensor<2x?xf32>
  %3 = fuser.broadcast_to %n sizes [2, 2] : tensor<f32> to tensor<2x2xf32>
  return %1, %2, %3 : tensor<3x?x4xf32>, tensor<2x?xf32>, tensor<2x2xf32>
}
)mlir";
  for (int64_t size : {0, 1, 7})
    checkLayouts(harness, text, {{size, 1}, {size}, {}});
}

TEST(Layout, BroadcastLike) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?xf32>, %y: tensor<?x?xf32>)
    -> (tensor<?x?xf32>, tensor<?x?xf32>) {
  %0 = fuser.broadcast_like %x, %y
      : tensor<?xf32>, tensor<?x?xf32> to tensor<?x?xf32>
  %1 = fuser.exp %x : tensor<?xf32>
  %2 = fuser.broadcast_like %1, %y
      : tensor<?xf32>, tensor<?x?xf32> to tensor<?x?xf32>
  return %0, %2 : tensor<?x?xf32>, tensor<?x?xf32>
}
)mlir";
  checkLayouts(harness, text, {{5}, {3, 5}});
  checkLayouts(harness, text, {{1}, {3, 5}});
  checkLayouts(harness, text, {{5}, {3, 1}});
}

/// The extents that a constant repeats along are known at run time only.
TEST(Layout, BroadcastLikeOfConstants) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x?xf32>, %n: tensor<f32>)
    -> (tensor<?x?xf32>, tensor<?x?xf32>) {
  %c = fuser.constant dense<2.5> : tensor<1xf32>
  %0 = fuser.broadcast_like %c, %x
      : tensor<1xf32>, tensor<?x?xf32> to tensor<?x?xf32>
  %1 = fuser.mul %0, %n : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  return %0, %1 : tensor<?x?xf32>, tensor<?x?xf32>
}
)mlir";
  for (const Dims &sizes : {Dims{3, 5}, Dims{1, 1}, Dims{0, 5}})
    checkLayouts(harness, text, {sizes, {}});
}

//===----------------------------------------------------------------------===//
// Permutations and steps
//===----------------------------------------------------------------------===//

TEST(Layout, TransposedOperand) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %t = fuser.transpose %y permutation [1, 0]
      : tensor<?x?xf32> to tensor<?x?xf32>
  %r = fuser.sub %x, %t : tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
)mlir";
  for (const Dims &sizes : {Dims{1, 1}, Dims{3, 5}, Dims{1, 9}, Dims{33, 40}})
    checkLayouts(harness, text, {sizes, {sizes[1], sizes[0]}});
}

/// The transposition is applied to what was computed.
TEST(Layout, TransposedResultOfABroadcast) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x1x?xf32>, %y: tensor<?x1xf32>, %z: tensor<?xf32>)
    -> (tensor<?x?x?xf32>, tensor<?x?x?xf32>) {
  %0 = fuser.mul %x, %y
      : (tensor<?x1x?xf32>, tensor<?x1xf32>) -> tensor<?x?x?xf32>
  %1 = fuser.transpose %0 permutation [2, 0, 1]
      : tensor<?x?x?xf32> to tensor<?x?x?xf32>
  %2 = fuser.add %1, %z
      : (tensor<?x?x?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>
  return %2, %0 : tensor<?x?x?xf32>, tensor<?x?x?xf32>
}
)mlir";
  checkLayouts(harness, text, {{2, 1, 5}, {3, 1}, {3}});
  checkLayouts(harness, text, {{1, 1, 5}, {3, 1}, {1}});
  checkLayouts(harness, text, {{2, 1, 1}, {1, 1}, {4}});
}

/// Inputs permuted alike: the output follows them, in one dimension.
TEST(Layout, AllPermuted) {
  Harness harness;
  for (int64_t rank : {2, 3, 4}) {
    Dims sizes;
    for (int64_t dim = 0; dim < rank; ++dim)
      sizes.push_back(3 + dim);
    Value x = makeInput(DType::f32, sizes, Layout::Transposed, 1);
    Value y = makeInput(DType::f32, sizes, Layout::Transposed, 2);
    auto results = harness.check(sumOf(rank, rank), {x, y});
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(results[0].strides(), std::get<Tensor>(x).strides());
  }
}

TEST(Layout, EveryPermutationOfThree) {
  Harness harness;
  for (const char *order :
       {"0, 1, 2", "0, 2, 1", "1, 0, 2", "1, 2, 0", "2, 0, 1", "2, 1, 0"}) {
    const std::string t = dynamicType(3);
    checkLayouts(harness,
                 absl::StrCat("func.func @f(%x: ", t, ") -> (", t, ", ", t,
                              ") {\n  %e = fuser.abs %x : ", t,
                              "\n  %t = fuser.transpose %e permutation [",
                              order, "] : ", t, " to ", t,
                              "\n  return %t, %e : ", t, ", ", t, "\n}\n"),
                 {{3, 4, 5}});
  }
}

TEST(Layout, Slices) {
  Harness harness;
  const char *bounds[] = {
      "start 0 end 9223372036854775807",
      "start 2 end 8 step 2",
      "start -3 end -1",
      "start 5 end 2",
      "start 100 end 200",
      "start -100 end 3",
      "start 1 end 1000 step 3",
      "start 0 end 9223372036854775807 step 9223372036854775807",
      "start -9223372036854775808 end 9223372036854775807 step 4",
      "start -1 end 9223372036854775807"};
  const std::string t = dynamicType(2);
  for (const char *bound : bounds)
    for (const char *dim : {"0", "1", "-1"}) {
      const std::string text = absl::StrCat(
          "func.func @f(%x: ", t, ", %y: tensor<?x1xf32>) -> (", t, ", ", t,
          ") {\n  %a = fuser.slice %x dim ", dim, " ", bound, " : ", t, " to ",
          t, "\n  %e = fuser.mul %x, %y : (", t, ", tensor<?x1xf32>) -> ", t,
          "\n  %b = fuser.slice %e dim ", dim, " ", bound, " : ", t, " to ", t,
          "\n  %c = fuser.neg %a : ", t, "\n  return %b, %c : ", t, ", ", t,
          "\n}\n");
      SCOPED_TRACE(text);
      for (const Dims &sizes : {Dims{7, 9}, Dims{1, 1}, Dims{2, 0}}) {
        Value x = makeInput(DType::f32, sizes, Layout::Contiguous, 1);
        Value y = makeInput(DType::f32, {1, 1}, Layout::Contiguous, 2);
        harness.check(text, {x, y});
      }
    }
}

/// A column of a matrix: the inner stride is its width.
TEST(Layout, GatheredColumns) {
  Harness harness;
  const std::string columns = R"mlir(
func.func @f(%x: tensor<?x3xf32>) -> tensor<?x1xf32> {
  %a, %b, %c = fuser.chunk %x dim 1
      : tensor<?x3xf32> to tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x1xf32>
  %0 = fuser.mul %a, %b : tensor<?x1xf32>
  %1 = fuser.add %0, %c : tensor<?x1xf32>
  return %1 : tensor<?x1xf32>
}
)mlir";
  for (int64_t rows : {0, 1, 5, 100})
    checkLayouts(harness, columns, {{rows, 3}});
}

TEST(Layout, ExpandDims) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?xf32>, %n: tensor<f32>)
    -> (tensor<?x?xf32>, tensor<1xf32>, tensor<1x?x1xf32>) {
  %row = fuser.expand_dims %x dim 0 : tensor<?xf32> to tensor<1x?xf32>
  %column = fuser.expand_dims %x dim -1 : tensor<?xf32> to tensor<?x1xf32>
  %0 = fuser.sub %row, %column
      : (tensor<1x?xf32>, tensor<?x1xf32>) -> tensor<?x?xf32>
  %1 = fuser.exp %n : tensor<f32>
  %2 = fuser.expand_dims %1 dim 0 : tensor<f32> to tensor<1xf32>
  %3 = fuser.neg %x : tensor<?xf32>
  %4 = fuser.expand_dims %3 dim 1 : tensor<?xf32> to tensor<?x1xf32>
  %5 = fuser.expand_dims %4 dim -3 : tensor<?x1xf32> to tensor<1x?x1xf32>
  return %0, %2, %5 : tensor<?x?xf32>, tensor<1xf32>, tensor<1x?x1xf32>
}
)mlir";
  for (int64_t size : {0, 1, 9})
    checkLayouts(harness, text, {{size}, {}});
}

TEST(Layout, RankZero) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<f64>, %y: tensor<f64>) -> (tensor<f64>, tensor<i1>) {
  %0 = fuser.mul %x, %y : tensor<f64>
  %1 = fuser.log %0 : tensor<f64>
  %2 = fuser.compare le, %x, %y : tensor<f64>
  return %1, %2 : tensor<f64>, tensor<i1>
}
)mlir";
  for (uint64_t seed = 0; seed < 20; ++seed)
    harness.check(text, {makeInput(DType::f64, {}, Layout::Sliced, seed),
                         makeInput(DType::f64, {}, Layout::Contiguous, ~seed)});
}

/// Views of views, down to the elements that are read.
TEST(Layout, ChainsOfViews) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x?x?xf32>, %y: tensor<?xf32>)
    -> (tensor<?x?xf32>, tensor<?x?x?xf32>) {
  %0 = fuser.add %x, %y
      : (tensor<?x?x?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>
  %1 = fuser.slice %0 dim 1 start 1 end 100 step 2
      : tensor<?x?x?xf32> to tensor<?x?x?xf32>
  %2 = fuser.transpose %1 permutation [2, 0, 1]
      : tensor<?x?x?xf32> to tensor<?x?x?xf32>
  %3 = fuser.slice %2 dim 0 start -1 end 100
      : tensor<?x?x?xf32> to tensor<?x?x?xf32>
  %4 = fuser.broadcast_like %3, %2
      : tensor<?x?x?xf32>, tensor<?x?x?xf32> to tensor<?x?x?xf32>
  %5 = fuser.sub %2, %4 : tensor<?x?x?xf32>
  %a, %b = fuser.chunk %5 dim -3
      : tensor<?x?x?xf32> to tensor<?x?x?xf32>, tensor<?x?x?xf32>
  %6 = fuser.slice %b dim 0 start 0 end 1
      : tensor<?x?x?xf32> to tensor<?x?x?xf32>
  %7 = fuser.slice %y dim 0 start 0 end 3 : tensor<?xf32> to tensor<?xf32>
  %8 = fuser.expand_dims %7 dim 1 : tensor<?xf32> to tensor<?x1xf32>
  %9 = fuser.mul %8, %y : (tensor<?x1xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  return %9, %6 : tensor<?x?xf32>, tensor<?x?x?xf32>
}
)mlir";
  checkLayouts(harness, text, {{3, 6, 4}, {4}});
  checkLayouts(harness, text, {{1, 5, 7}, {7}});
  checkLayouts(harness, text, {{2, 5, 7}, {1}});
}

/// Three elements, 8 GiB apart: offsets that no 32 bits hold.
TEST(Layout, LargeStrides) {
  const int64_t stride = int64_t(1) << 31;
  const size_t bytes = (2 * stride + 1) * sizeof(float);
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    GTEST_SKIP() << "no address space";
  Tensor x = Tensor::borrow(
      memory, DType::f32, {3, 1}, {stride, 1},
      std::shared_ptr<void>(memory, [=](void *m) { munmap(m, bytes); }));
  for (int64_t i = 0; i < 3; ++i)
    x.dataAs<float>()[i * stride] = 1.0f + i;
  Harness harness;
  auto results = harness.check(sumOf(2, 1), {x, makeInput(DType::f32, {5})});
  ASSERT_EQ(results.size(), 1u);
  results = harness.check(sumOf(2, 2), {x, x});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(isNear(results[0], {std::sqrt(2.0), 2, std::sqrt(6.0)}));
}

/// Where the shape is known at run time only, constants under views and ops on
/// constants alone are numbers.
TEST(Layout, ViewsOfConstants) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x?xf32>) -> (tensor<?x?xf32>, tensor<?xf32>) {
  %c = fuser.constant dense<1.5> : tensor<f32>
  %v = fuser.expand_dims %c dim 0 : tensor<f32> to tensor<?xf32>
  %w = fuser.minimum %v, %c : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %0 = fuser.mul %x, %w : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %a, %b = fuser.chunk %0 dim 1
      : tensor<?x?xf32> to tensor<?x?xf32>, tensor<?x?xf32>
  %1 = fuser.exp %a : tensor<?x?xf32>
  return %1, %w : tensor<?x?xf32>, tensor<?xf32>
}
)mlir";
  for (const Dims &sizes : {Dims{3, 6}, Dims{1, 1}, Dims{4, 0}})
    harness.check(text, {makeInput(DType::f32, sizes)});
}

/// The masked tail writes the elements there are and none beyond.
TEST(Layout, NothingIsWrittenBeyondTheEnd) {
  Compiler compiler;
  auto program = compiler.load(R"mlir(
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = fuser.neg %x : tensor<?xf32>
  return %0 : tensor<?xf32>
}
)mlir",
                               "guard.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  const int64_t key = program->functions()[0].calls[0].key;
  constexpr float kGuard = 12345;
  for (int64_t size = 1; size <= 40; ++size) {
    std::vector<float> x(size, 1.0f), y(size + 64, kGuard);
    Tensor in = Tensor::borrow(x.data(), DType::f32, {size}, {1});
    Tensor out = Tensor::borrow(y.data(), DType::f32, {size}, {1});
    ASSERT_TRUE(compiler.session().runFusion(key, {in}, {out}).ok());
    EXPECT_EQ(y[size - 1], -1.0f) << size;
    for (size_t i = size; i < y.size(); ++i)
      ASSERT_EQ(y[i], kGuard) << "size " << size << ", element " << i;
  }
  EXPECT_EQ(compiler.session().statistics().totalFallbacks(), 0);
}
