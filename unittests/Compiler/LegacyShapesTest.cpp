//===- LegacyShapesTest.cpp - where fusers went wrong with shapes ---------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cases that other fusers got wrong without a word, or refused: each compared
// with the oracle and with values worked out by hand.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_replace.h"
#include <limits>
#include <sys/mman.h>

using namespace fuser;

static constexpr float nan32 = std::numeric_limits<float>::quiet_NaN();

//===----------------------------------------------------------------------===//
// Concatenation
//===----------------------------------------------------------------------===//

TEST(LegacyShapes, ConcatOfBool) {
  const std::string text = R"mlir(
func.func @f(%a: tensor<?xi1>, %b: tensor<?xi1>) -> tensor<?xi1> {
  %y = fuser.concat %a, %b dim 0
      : tensor<?xi1>, tensor<?xi1> to tensor<?xi1>
  return %y : tensor<?xi1>
}
)mlir";
  expectResult(text, {truths({1, 0, 1}), truths({0, 1, 1, 0})},
               truths({1, 0, 1, 0, 1, 1, 0}));
}

TEST(LegacyShapes, ConcatOfComputedBool) {
  const std::string text = R"mlir(
func.func @f(%x: tensor<?xf32>, %b: tensor<?xi1>) -> tensor<?xi1> {
  %a = fuser.compare lt, %x, %x : tensor<?xf32>
  %c = fuser.compare eq, %x, %x : tensor<?xf32>
  %y = fuser.concat %a, %b, %c dim 0
      : tensor<?xi1>, tensor<?xi1>, tensor<?xi1> to tensor<?xi1>
  return %y : tensor<?xi1>
}
)mlir";
  expectResult(text, {makeTensor<float>({2}, {1, nan32}), truths({1, 0, 1})},
               truths({0, 0, 1, 0, 1, 1, 0}));
}

//===----------------------------------------------------------------------===//
// Large offsets
//===----------------------------------------------------------------------===//

/// Address space that takes memory only where it is touched; zeros.
static std::shared_ptr<void> reserve(size_t bytes) {
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return nullptr;
  return std::shared_ptr<void>(memory, [=](void *m) { munmap(m, bytes); });
}

/// 1, 2 and 3 at stride 2^31, more than 32 bits of offset even in elements.
template <class T> static void testFarElements(const char *type) {
  constexpr int64_t stride = int64_t(1) << 31;
  std::shared_ptr<void> memory = reserve((2 * stride + 1) * sizeof(T));
  if (!memory)
    GTEST_SKIP() << "no address space";
  T *data = static_cast<T *>(memory.get());
  for (int64_t i = 0; i < 3; ++i)
    data[i * stride] = static_cast<T>(i + 1);
  const std::string text = absl::StrReplaceAll(
      R"mlir(
func.func @f(%x: tensor<?xTYPE>) -> tensor<?xTYPE> {
  %y = fuser.add %x, %x : tensor<?xTYPE>
  return %y : tensor<?xTYPE>
}
)mlir",
      {{"TYPE", type}});
  expectResult(
      text, {Tensor::borrow(data, dtypeOfScalar<T>(), {3}, {stride}, memory)},
      makeTensor<T>({3}, {2, 4, 6}));
}

TEST(LegacyShapes, ThreeBytesAtStride2To31) { testFarElements<uint8_t>("ui8"); }
TEST(LegacyShapes, ThreeFloatsAtStride2To31) { testFarElements<float>("f32"); }
TEST(LegacyShapes, ThreeDoublesAtStride2To31) {
  testFarElements<double>("f64");
}

/// Every 2^31st row, times two.
static const char *const farRows = R"mlir(
func.func @f(%x: tensor<?x?xTYPE>) -> tensor<?x?xTYPE> {
  %s = fuser.slice %x dim 0 start 1 end 9223372036854775807 step 2147483648
      : tensor<?x?xTYPE> to tensor<?x?xTYPE>
  %y = fuser.add %s, %s : tensor<?x?xTYPE>
  return %y : tensor<?x?xTYPE>
}
)mlir";

TEST(LegacyShapes, MoreThan2To32ElementsByExpansion) {
  constexpr int64_t rows = (int64_t(1) << 33) + 2;
  Tensor x = makeTensor<float>({2}, {1.5f, -3});
  expectResult(absl::StrReplaceAll(farRows, {{"TYPE", "f32"}}),
               {Tensor::borrow(x.data(), DType::f32, {rows, 2}, {0, 1})},
               makeTensor<float>({5, 2}, {3, -6, 3, -6, 3, -6, 3, -6, 3, -6}));
}

TEST(LegacyShapes, MoreThan2To32ElementsInMemory) {
  constexpr int64_t step = int64_t(1) << 31;
  constexpr int64_t rows = 4 * step + 2;
  std::shared_ptr<void> memory = reserve(2 * rows);
  if (!memory)
    GTEST_SKIP() << "no address space";
  uint8_t *data = static_cast<uint8_t *>(memory.get());
  for (int64_t i = 0; i < 5; ++i) {
    data[2 * (1 + i * step)] = static_cast<uint8_t>(10 + i);
    data[2 * (1 + i * step) + 1] = static_cast<uint8_t>(20 + i);
  }
  expectResult(
      absl::StrReplaceAll(farRows, {{"TYPE", "ui8"}}),
      {Tensor::borrow(data, DType::ui8, {rows, 2}, {2, 1}, memory)},
      makeTensor<uint8_t>({5, 2}, {20, 40, 22, 42, 24, 44, 26, 46, 28, 48}));
}

/// An op on 2^33 elements of which a slice takes five: only those are computed.
/// The oracle, op by op, would need 32 GiB.
TEST(LegacyShapes, MoreThan2To32ElementsAreNotComputed) {
  constexpr int64_t size = (int64_t(1) << 33) + 1;
  Compiler compiler;
  auto program = compiler.load(R"mlir(
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = fuser.neg %x : tensor<?xf32>
  %s = fuser.slice %y dim 0 start 0 end 9223372036854775807 step 2147483648
      : tensor<?xf32> to tensor<?xf32>
  return %s : tensor<?xf32>
}
)mlir",
                               "far.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  float x = 2.5f;
  auto results = program->run(**program->find(""),
                              {Tensor::borrow(&x, DType::f32, {size}, {0})});
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_TRUE(sameBits(results->front(),
                       makeTensor<float>({5}, std::vector<float>(5, -2.5f))));
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

TEST(LegacyShapes, NegativeDimOfChunkWraps) {
  expectResult(R"mlir(
func.func @f(%x: tensor<2x4xf32>) -> tensor<2x2xf32> {
  %a, %b = fuser.chunk %x dim -1
      : tensor<2x4xf32> to tensor<2x2xf32>, tensor<2x2xf32>
  %y = fuser.sub %b, %a : tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
)mlir",
               {makeTensor<float>({2, 4}, {1, 2, 10, 20, 3, 4, 30, 40})},
               makeTensor<float>({2, 2}, {9, 18, 27, 36}));
}

TEST(LegacyShapes, NegativeDimOfConcatWraps) {
  expectResult(R"mlir(
func.func @f(%x: tensor<2x1xf32>, %y: tensor<2x2xf32>) -> tensor<2x3xf32> {
  %0 = fuser.neg %x : tensor<2x1xf32>
  %r = fuser.concat %0, %y dim -1
      : tensor<2x1xf32>, tensor<2x2xf32> to tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}
)mlir",
               {makeTensor<float>({2, 1}, {1, 2}),
                makeTensor<float>({2, 2}, {3, 4, 5, 6})},
               makeTensor<float>({2, 3}, {-1, 3, 4, -2, 5, 6}));
}

TEST(LegacyShapes, NoElements4x0) {
  expectResult(R"mlir(
func.func @f(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.exp %x : tensor<?x?xf32>
  %y = fuser.add %0, %x : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
)mlir",
               {makeInput(DType::f32, {4, 0})}, makeTensor<float>({4, 0}, {}));
}

TEST(LegacyShapes, NoElements4x0x3And3) {
  expectResult(R"mlir(
func.func @f(%x: tensor<?x?x?xf32>, %y: tensor<?xf32>) -> tensor<?x?x?xf32> {
  %z = fuser.add %x, %y
      : (tensor<?x?x?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>
  return %z : tensor<?x?x?xf32>
}
)mlir",
               {makeInput(DType::f32, {4, 0, 3}), makeInput(DType::f32, {3})},
               makeTensor<float>({4, 0, 3}, {}));
}
