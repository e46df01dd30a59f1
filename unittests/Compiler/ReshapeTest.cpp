//===- ReshapeTest.cpp - reshape and squeeze ----------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

using namespace fuser;

/// Runs `text` on an f32 input of `sizes` in every layout. The only result must
/// have the elements of the input in row-major order.
static void checkElements(Harness &harness, const std::string &text,
                          const Dims &sizes) {
  for (int layout = 0; layout < kNumLayouts; ++layout) {
    SCOPED_TRACE(layoutName(Layout(layout)));
    Tensor x = makeInput(DType::f32, sizes, Layout(layout), 3, Data::Tame);
    std::vector<Tensor> results = harness.check(text, {x});
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(doubles(results[0]), doubles(x));
  }
}

static const std::string kFlatten = R"mlir(
func.func @f(%x: tensor<?x?xf32>) -> tensor<?xf32> {
  %0 = fuser.reshape %x sizes [-1] : tensor<?x?xf32> to tensor<?xf32>
  return %0 : tensor<?xf32>
}
)mlir";

TEST(Reshape, MovesNothing) {
  Harness harness;
  for (const Dims &sizes : {Dims{5, 7}, Dims{1, 7}, Dims{7, 1}, Dims{1, 1},
                            Dims{0, 3}, Dims{3, 0}, Dims{64, 33}})
    checkElements(harness, kFlatten, sizes);
  checkElements(harness, R"mlir(
func.func @f(%x: tensor<?x8xf32>) -> tensor<4x?x2xf32> {
  %0 = fuser.reshape %x sizes [4, -1, 2] : tensor<?x8xf32> to tensor<4x?x2xf32>
  return %0 : tensor<4x?x2xf32>
}
)mlir",
                {6, 8});
  checkElements(harness, R"mlir(
func.func @f(%x: tensor<1x1xf32>) -> tensor<f32> {
  %0 = fuser.reshape %x sizes [] : tensor<1x1xf32> to tensor<f32>
  return %0 : tensor<f32>
}
)mlir",
                {1, 1});
  checkElements(harness, R"mlir(
func.func @f(%x: tensor<f32>) -> tensor<1x1x1xf32> {
  %0 = fuser.reshape %x sizes [1, -1, 1] : tensor<f32> to tensor<1x1x1xf32>
  return %0 : tensor<1x1x1xf32>
}
)mlir",
                {});
}

/// Static and dynamic, through other views and back, computed on.
TEST(Reshape, AmongOtherViews) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x6xf32>, %y: tensor<?xf32>)
    -> (tensor<3x?xf32>, tensor<?x2xf32>, tensor<?xf32>) {
  %t = fuser.transpose %x permutation [1, 0] : tensor<?x6xf32> to tensor<6x?xf32>
  %r = fuser.reshape %t sizes [3, -1] : tensor<6x?xf32> to tensor<3x?xf32>
  %e = fuser.exp %r : tensor<3x?xf32>
  %a, %b = fuser.chunk %e dim 1 : tensor<3x?xf32> to tensor<3x?xf32>, tensor<3x?xf32>
  %s = fuser.add %a, %b : tensor<3x?xf32>
  %u = fuser.transpose %r permutation [1, 0] : tensor<3x?xf32> to tensor<?x3xf32>
  %v = fuser.reshape %u sizes [-1, 2] : tensor<?x3xf32> to tensor<?x2xf32>
  %w = fuser.neg %v : tensor<?x2xf32>
  %q = fuser.slice %y dim 0 start 1 end -1 step 2 : tensor<?xf32> to tensor<?xf32>
  %z = fuser.reshape %x sizes [-1] : tensor<?x6xf32> to tensor<?xf32>
  %p = fuser.mul %q, %z : tensor<?xf32>
  return %s, %w, %p : tensor<3x?xf32>, tensor<?x2xf32>, tensor<?xf32>
}
)mlir";
  for (int layout = 0; layout < kNumLayouts; ++layout)
    for (int64_t rows : {4, 12}) {
      SCOPED_TRACE(layoutName(Layout(layout)));
      harness.check(
          text, {makeInput(DType::f32, {rows, 6}, Layout(layout), 1),
                 makeInput(DType::f32, {12 * rows + 2}, Layout(layout), 2)});
    }
}

/// A copy is made where strides can't say it, once for all leaves, and nowhere
/// else.
TEST(Reshape, CopiesWhereItMust) {
  Harness harness;
  auto copies = [&](Layout layout) {
    const int64_t before = harness.compiler.session().statistics().copies;
    auto program = harness.compiler.load(kFlatten, "test.mlir");
    EXPECT_TRUE(program.ok()) << program.status();
    EXPECT_TRUE(
        program
            ->run(**program->find(""), {makeInput(DType::f32, {4, 6}, layout)})
            .ok());
    return harness.compiler.session().statistics().copies - before;
  };
  EXPECT_EQ(copies(Layout::Contiguous), 0);
  EXPECT_EQ(copies(Layout::Transposed), 1);
  EXPECT_EQ(copies(Layout::Sliced), 1);
  EXPECT_EQ(copies(Layout::InnerStride), 0); // one stride of 2 for all
  EXPECT_EQ(copies(Layout::Expanded), 1);

  // Three leaves of one reshape.
  const std::string text = R"mlir(
func.func @f(%x: tensor<4x6xf32>) -> (tensor<12xf32>, tensor<24xf32>) {
  %0 = fuser.reshape %x sizes [-1] : tensor<4x6xf32> to tensor<24xf32>
  %1, %2 = fuser.chunk %0 dim 0 : tensor<24xf32> to tensor<12xf32>, tensor<12xf32>
  %3 = fuser.add %1, %2 : tensor<12xf32>
  %4 = fuser.exp %0 : tensor<24xf32>
  return %3, %4 : tensor<12xf32>, tensor<24xf32>
}
)mlir";
  auto program = harness.compiler.load(text, "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  const int64_t before = harness.compiler.session().statistics().copies;
  ASSERT_TRUE(program
                  ->run(**program->find(""),
                        {makeInput(DType::f32, {4, 6}, Layout::Transposed)})
                  .ok());
  EXPECT_EQ(harness.compiler.session().statistics().copies - before, 1);
}

/// Every element type is copied, truth values that are no 0 or 1 included.
TEST(Reshape, CopiesAllTypes) {
  Harness harness;
#define FUSER_DTYPE(NAME, TYPE)                                                \
  harness.check("func.func @f(%x: tensor<?x?x" #NAME ">) -> tensor<?x" #NAME   \
                "> {\n  %0 = fuser.reshape %x sizes [-1] : tensor<?x?x" #NAME  \
                "> to tensor<?x" #NAME ">\n  return %0 : tensor<?x" #NAME      \
                ">\n}\n",                                                      \
                {makeInput(DType::NAME, {70, 90}, Layout::Transposed)});
  FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
}

/// Of computed values: of one input's shape, and where operands broadcast.
TEST(Reshape, OfComputedValues) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x6xf32>, %b: tensor<6xf32>, %s: f64)
    -> (tensor<?xf32>, tensor<?xf32>, tensor<?x3xf32>) {
  %n = fuser.splat %s : f64 -> tensor<f32>
  %0 = fuser.exp %x : tensor<?x6xf32>
  %1 = fuser.mul %0, %n : (tensor<?x6xf32>, tensor<f32>) -> tensor<?x6xf32>
  %2 = fuser.reshape %1 sizes [-1] : tensor<?x6xf32> to tensor<?xf32>
  %3 = fuser.add %x, %b : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %4 = fuser.reshape %3 sizes [-1] : tensor<?x6xf32> to tensor<?xf32>
  %5 = fuser.sqrt %4 : tensor<?xf32>
  %6 = fuser.concat %3, %x dim 0
      : tensor<?x6xf32>, tensor<?x6xf32> to tensor<?x6xf32>
  %7 = fuser.reshape %6 sizes [-1, 3] : tensor<?x6xf32> to tensor<?x3xf32>
  return %2, %5, %7 : tensor<?xf32>, tensor<?xf32>, tensor<?x3xf32>
}
)mlir";
  for (int layout = 0; layout < kNumLayouts; ++layout)
    for (int64_t rows : {0, 1, 5})
      harness.check(text, {makeInput(DType::f32, {rows, 6}, Layout(layout), 1),
                           makeInput(DType::f32, {6}, Layout(layout), 2), 2.5});
}

TEST(Reshape, OfScalarsAndConstants) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%s: f64, %x: tensor<6xf32>) -> (tensor<3x2xf32>, tensor<6xf32>) {
  %n = fuser.splat %s : f64 -> tensor<2x3xf32>
  %0 = fuser.reshape %n sizes [3, -1] : tensor<2x3xf32> to tensor<3x2xf32>
  %c = fuser.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %1 = fuser.reshape %c sizes [6] : tensor<2x3xf32> to tensor<6xf32>
  %2 = fuser.add %1, %x : tensor<6xf32>
  return %0, %2 : tensor<3x2xf32>, tensor<6xf32>
}
)mlir";
  auto results = harness.check(
      text, {1.5, makeTensor<float>({6}, {10, 10, 10, 10, 10, 10})});
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(doubles(results[0]), std::vector<double>(6, 1.5));
  EXPECT_EQ(doubles(results[1]), (std::vector<double>{11, 12, 13, 14, 15, 16}));
}

TEST(Reshape, RefusesOtherCounts) {
  Harness harness;
  const std::string rest = R"mlir(
func.func @f(%x: tensor<?x?xf32>) -> tensor<4x?xf32> {
  %0 = fuser.reshape %x sizes [4, -1] : tensor<?x?xf32> to tensor<4x?xf32>
  return %0 : tensor<4x?xf32>
}
)mlir";
  EXPECT_EQ(harness.runError(rest, {makeInput(DType::f32, {3, 5})}),
            "shape [3, 5] can't be reshaped to [4, -1]: the numbers of "
            "elements don't fit");
  checkElements(harness, rest, {0, 5});
  const std::string whole = R"mlir(
func.func @f(%x: tensor<?x?xf32>) -> tensor<4x2xf32> {
  %0 = fuser.reshape %x sizes [4, 2] : tensor<?x?xf32> to tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}
)mlir";
  EXPECT_EQ(harness.runError(whole, {makeInput(DType::f32, {3, 3})}),
            "shape [3, 3] can't be reshaped to [4, 2]: the numbers of "
            "elements don't fit");
  EXPECT_EQ(harness.runError(whole, {makeInput(DType::f32, {0, 3})}),
            "shape [0, 3] can't be reshaped to [4, 2]: the numbers of "
            "elements don't fit");
  const std::string empty = R"mlir(
func.func @f(%x: tensor<?xf32>) -> tensor<0x7xf32> {
  %0 = fuser.reshape %x sizes [0, 7] : tensor<?xf32> to tensor<0x7xf32>
  return %0 : tensor<0x7xf32>
}
)mlir";
  checkElements(harness, empty, {0});
  EXPECT_EQ(harness.runError(empty, {makeInput(DType::f32, {7})}),
            "shape [7] can't be reshaped to [0, 7]: the numbers of elements "
            "don't fit");
  // More elements than an int64 counts: an expansion of one.
  EXPECT_EQ(harness.runError(R"mlir(
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = fuser.broadcast_to %x sizes [4294967296, 4294967296, -1]
      : tensor<?xf32> to tensor<4294967296x4294967296x?xf32>
  %1 = fuser.reshape %0 sizes [-1]
      : tensor<4294967296x4294967296x?xf32> to tensor<?xf32>
  %2 = fuser.slice %1 dim 0 start 0 end 1 : tensor<?xf32> to tensor<?xf32>
  return %2 : tensor<?xf32>
}
)mlir",
                             {makeInput(DType::f32, {1})}),
            "shape [4294967296, 4294967296, 1] can't be reshaped to [-1]: the "
            "numbers of elements don't fit");
}

//===----------------------------------------------------------------------===//
// Squeeze
//===----------------------------------------------------------------------===//

TEST(Squeeze, RemovesADimension) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x?x?xf32>, %y: tensor<?xf32>)
    -> (tensor<?x?xf32>, tensor<?x?xf32>) {
  %0 = fuser.squeeze %x dim 1 : tensor<?x?x?xf32> to tensor<?x?xf32>
  %1 = fuser.add %x, %y : (tensor<?x?x?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>
  %2 = fuser.squeeze %1 dim -2 : tensor<?x?x?xf32> to tensor<?x?xf32>
  return %0, %2 : tensor<?x?xf32>, tensor<?x?xf32>
}
)mlir";
  for (int layout = 0; layout < kNumLayouts; ++layout)
    for (const Dims &sizes : {Dims{4, 1, 5}, Dims{1, 1, 5}, Dims{0, 1, 5}}) {
      Tensor x = makeInput(DType::f32, sizes, Layout(layout), 1, Data::Tame);
      auto results = harness.check(
          text, {x, makeInput(DType::f32, {5}, Layout(layout), 2)});
      ASSERT_EQ(results.size(), 2u);
      EXPECT_EQ(doubles(results[0]), doubles(x));
    }
  EXPECT_EQ(harness.runError(text, {makeInput(DType::f32, {4, 2, 5}),
                                    makeInput(DType::f32, {5})}),
            "dimension 1 of shape [4, 2, 5] can't be removed: its size is 2, "
            "not 1");
  EXPECT_EQ(harness.runError(text, {makeInput(DType::f32, {4, 0, 5}),
                                    makeInput(DType::f32, {5})}),
            "dimension 1 of shape [4, 0, 5] can't be removed: its size is 0, "
            "not 1");
}
