//===- HostileLayoutTest.cpp - layouts that nobody expects ----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each program runs on kernels and, op by op, on the interpreter, which must
// agree; see Harness.h. LayoutTest.cpp has the usual layouts.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <algorithm>
#include <numeric>
#include <sys/mman.h>

using namespace fuser;

static std::string tensorType(int64_t rank) {
  std::string text = "tensor<";
  for (int64_t dim = 0; dim < rank; ++dim)
    text += "?x";
  return text + "f32>";
}

/// x - y * 3, on tensors of these ranks. The group reads y first, so that x is
/// its input 1.
static std::string mapOf(int64_t rankX, int64_t rankY) {
  return absl::StrReplaceAll(
      R"mlir(
func.func @f(%x: !x, %y: !y) -> !r {
  %c = fuser.constant dense<3.0> : tensor<f32>
  %0 = fuser.mul %y, %c : (!y, tensor<f32>) -> !y
  %1 = fuser.sub %x, %0 : (!x, !y) -> !r
  return %1 : !r
}
)mlir",
      {{"!x", tensorType(rankX)},
       {"!y", tensorType(rankY)},
       {"!r", tensorType(std::max(rankX, rankY))}});
}

/// Elements of `base`'s memory, which is kept, at other strides.
static Tensor restrided(const Tensor &base, Dims sizes, Dims strides) {
  return Tensor::borrow(base.data(), base.dtype(), sizes, strides,
                        std::make_shared<Tensor>(base));
}

/// Dense elements whose dimensions lie in the order `order`, the slowest first.
static Tensor permuted(const Dims &sizes, const Dims &order, uint64_t seed) {
  Dims strides(sizes.size());
  int64_t stride = 1;
  for (auto dim = order.rbegin(); dim != order.rend(); ++dim) {
    strides[*dim] = stride;
    stride *= sizes[*dim];
  }
  return restrided(makeInput(DType::f32, {stride}, Layout::Contiguous, seed),
                   sizes, strides);
}

//===----------------------------------------------------------------------===//
// Strides
//===----------------------------------------------------------------------===//

TEST(HostileLayout, StridesOfSizeOneMeanNothing) {
  Harness harness;
  const std::string text = mapOf(4, 4);
  const Tensor x = makeInput(DType::f32, {4, 1, 5, 1}, Layout::Contiguous, 1),
               y = makeInput(DType::f32, {4, 1, 5, 1}, Layout::Contiguous, 2);
  harness.check(text, {x, y});
  const int64_t odd[] = {0, 1, 3, 7, int64_t(1) << 40, INT64_MAX};
  for (int64_t first : odd)
    for (int64_t second : odd)
      harness.check(text, {restrided(x, {4, 1, 5, 1}, {5, first, 1, second}),
                           restrided(y, {4, 1, 5, 1}, {5, second, 1, 9})});
  EXPECT_EQ(harness.compiler.session().nCompiledKernels(), 1);
  for (int64_t dim : {1, 3}) {
    Dims strides{5, 5, 1, 1};
    strides[dim] = -1;
    EXPECT_EQ(harness.runError(text, {restrided(x, {4, 1, 5, 1}, strides), y}),
              "input 1 of shape [4, 1, 5, 1] has a negative stride; copy it "
              "first");
  }
}

/// Such strides survive views, and outputs that take them over.
TEST(HostileLayout, ViewsOfStridesOfSizeOne) {
  Harness harness;
  const Tensor base = makeInput(DType::f32, {200});
  for (int64_t odd : {int64_t(0), int64_t(7), INT64_MAX})
    harness.check(R"mlir(
func.func @f(%x: tensor<?x?x?xf32>) -> (tensor<?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<6x?xf32>) {
  %t = fuser.transpose %x permutation [2, 1, 0]
      : tensor<?x?x?xf32> to tensor<?x?x?xf32>
  %0 = fuser.neg %t : tensor<?x?x?xf32>
  %s = fuser.slice %x dim 1 start 0 end 9 step 5
      : tensor<?x?x?xf32> to tensor<?x?x?xf32>
  %e = fuser.expand_dims %s dim 1 : tensor<?x?x?xf32> to tensor<?x?x?x?xf32>
  %1 = fuser.exp %e : tensor<?x?x?x?xf32>
  %r = fuser.reshape %x sizes [6, -1] : tensor<?x?x?xf32> to tensor<6x?xf32>
  %2 = fuser.abs %r : tensor<6x?xf32>
  return %0, %1, %2 : tensor<?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<6x?xf32>
}
)mlir",
                  {restrided(base, {6, 1, 5}, {1, odd, 6})});
}

TEST(HostileLayout, EveryPairOfPermutations) {
  Harness harness;
  const std::string text = mapOf(4, 4);
  const Dims sizes{2, 3, 5, 4};
  Dims order{0, 1, 2, 3};
  std::vector<Tensor> inputs;
  do
    inputs.push_back(permuted(sizes, order, inputs.size()));
  while (std::next_permutation(order.begin(), order.end()));
  for (std::size_t i = 0; i < inputs.size(); ++i)
    for (std::size_t j : {i, std::size_t(0), (i * 7 + 5) % inputs.size()}) {
      auto results = harness.check(text, {inputs[i], inputs[j]});
      ASSERT_EQ(results.size(), 1u);
      // The first operand decides.
      EXPECT_EQ(results[0].strides(), inputs[i].strides());
    }
}

TEST(HostileLayout, ChannelsLast) {
  Harness harness;
  for (const Dims &sizes : {Dims{2, 3, 4, 5}, Dims{1, 3, 4, 5},
                            Dims{2, 1, 4, 5}, Dims{2, 3, 1, 1}}) {
    const Tensor x = permuted(sizes, {0, 2, 3, 1}, 1);
    for (const Tensor &y :
         {permuted(sizes, {0, 2, 3, 1}, 2), permuted(sizes, {0, 1, 2, 3}, 2)}) {
      harness.check(mapOf(4, 4), {x, y});
      harness.check(mapOf(4, 4), {y, x});
    }
    harness.check(mapOf(4, 3), {x, makeInput(DType::f32, {sizes[1], 1, 1})});
    harness.check(mapOf(1, 4), {makeInput(DType::f32, {sizes[3]}), x});
    auto results = harness.check(R"mlir(
func.func @f(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %0 = fuser.neg %x : tensor<?x?x?x?xf32>
  %1 = fuser.concat %0, %x dim 1
      : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32> to tensor<?x?x?x?xf32>
  return %1 : tensor<?x?x?x?xf32>
}
)mlir",
                                 {x});
    ASSERT_EQ(results.size(), 1u);
  }
}

/// Several indices, one element.
TEST(HostileLayout, InputsThatOverlapThemselves) {
  Harness harness;
  const Tensor base = makeInput(DType::f32, {400});
  for (const Dims &strides : {Dims{1, 1}, Dims{2, 1}, Dims{1, 2}, Dims{3, 3},
                              Dims{0, 0}, Dims{1, 0}, Dims{5, 2}}) {
    const Tensor x = restrided(base, {9, 20}, strides);
    harness.check(mapOf(2, 2), {x, makeInput(DType::f32, {9, 20})});
    harness.check(mapOf(2, 2), {makeInput(DType::f32, {9, 1}), x});
    harness.check(mapOf(2, 2), {x, x});
    harness.check(R"mlir(
func.func @f(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %a, %b, %c = fuser.chunk %x dim -1
      : tensor<?x?xf32> to tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>
  %0 = fuser.mul %a, %b : tensor<?x?xf32>
  %1 = fuser.concat %c, %0, %x dim -1
      : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32> to tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}
)mlir",
                  {restrided(base, {9, 21}, strides)});
  }
}

//===----------------------------------------------------------------------===//
// Far apart
//===----------------------------------------------------------------------===//

/// Address space that takes memory only where it is touched; zeros.
static std::shared_ptr<void> reserve(int64_t bytes) {
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return nullptr;
  return std::shared_ptr<void>(memory, [=](void *m) { munmap(m, bytes); });
}

/// 1, 2, ... in row-major order at these strides.
static Tensor farElements(const Dims &sizes, const Dims &strides) {
  int64_t last = 0, count = 1;
  for (std::size_t dim = 0; dim < sizes.size(); ++dim) {
    last += (sizes[dim] - 1) * strides[dim];
    count *= sizes[dim];
  }
  std::shared_ptr<void> memory = reserve((last + 1) * 4);
  if (!memory)
    return Tensor();
  for (int64_t i = 0; i < count; ++i) {
    int64_t rest = i, offset = 0;
    for (std::size_t dim = sizes.size(); dim-- > 0;) {
      offset += rest % sizes[dim] * strides[dim];
      rest /= sizes[dim];
    }
    static_cast<float *>(memory.get())[offset] = static_cast<float>(i + 1);
  }
  return Tensor::borrow(memory.get(), DType::f32, sizes, strides, memory);
}

static const Dims kFar[] = {
    {int64_t(1) << 31, 1},                       // rows far apart
    {1, int64_t(1) << 31},                       // columns
    {(int64_t(1) << 34) + 5, int64_t(1) << 28},  // both
    {int64_t(1) << 29, 3},                       // bytes alone pass 2^31
    {(int64_t(1) << 30) - 1, (int64_t(1) << 33)} // elements pass 2^32
};

TEST(HostileLayout, ElementsFarApart) {
  Harness harness;
  for (const Dims &strides : kFar) {
    const Tensor x = farElements({3, 20}, strides);
    if (!x.data())
      GTEST_SKIP() << "no address space";
    const Tensor y =
        makeInput(DType::f32, {3, 20}, Layout::Contiguous, 1, Data::Tame);
    harness.check(mapOf(2, 2), {x, y});
    harness.check(mapOf(2, 2), {y, x});
    harness.check(mapOf(2, 2), {x, x});
    harness.check(R"mlir(
func.func @f(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %a, %b = fuser.chunk %x dim 0 : tensor<?x?xf32> to tensor<?x?xf32>, tensor<?x?xf32>
  %c, %d = fuser.chunk %x dim 1 : tensor<?x?xf32> to tensor<?x?xf32>, tensor<?x?xf32>
  %0 = fuser.neg %b : tensor<?x?xf32>
  %1 = fuser.mul %c, %d : tensor<?x?xf32>
  %2 = fuser.concat %1, %1 dim 1 : tensor<?x?xf32>, tensor<?x?xf32> to tensor<?x?xf32>
  %3 = fuser.concat %2, %0 dim 0 : tensor<?x?xf32>, tensor<?x?xf32> to tensor<?x?xf32>
  return %3 : tensor<?x?xf32>
}
)mlir",
                  {x});
  }
}

/// Stores as well, on kernels and on the interpreter.
TEST(HostileLayout, OutputsFarApart) {
  for (bool interpretOnly : {false, true}) {
    runtime::SessionOptions options;
    options.interpretOnly = interpretOnly;
    Compiler compiler(options);
    auto program = compiler.load(mapOf(2, 2), "far.mlir");
    ASSERT_TRUE(program.ok()) << program.status();
    const int64_t key = program->functions()[0].calls[0].key;
    ASSERT_EQ(program->functions()[0].calls[0].inputs.size(), 2u);
    for (const Dims &strides : kFar) {
      const Tensor x = farElements({3, 20}, strides);
      const Tensor out = farElements({3, 20}, strides);
      if (!x.data() || !out.data())
        GTEST_SKIP() << "no address space";
      // x - x * 3, first apart, then in place.
      std::vector<double> expected;
      for (int i = 1; i <= 60; ++i)
        expected.push_back(-2 * i);
      for (const Tensor &target : {out, x}) {
        const absl::Status status =
            compiler.session().runFusion(key, {x, x}, {target});
        ASSERT_TRUE(status.ok()) << status;
        EXPECT_TRUE(isNear(target, expected, 0, 0));
      }
    }
    EXPECT_EQ(compiler.session().statistics().totalFallbacks(),
              interpretOnly ? 2 * std::size(kFar) : 0);
  }
}

TEST(HostileLayout, ExtentsPastTheAddressSpace) {
  Harness harness;
  const Tensor y = makeInput(DType::f32, {3, 3});
  // (size - 1) * stride * 4 and the sum of two of them pass 2^63 - 1.
  for (const Dims &strides :
       {Dims{int64_t(1) << 62, 1}, Dims{1, int64_t(1) << 60},
        Dims{INT64_MAX, 1}, Dims{int64_t(3) << 58, int64_t(3) << 58}})
    EXPECT_EQ(harness.runError(mapOf(2, 2), {restrided(y, {3, 3}, strides), y}),
              "input 1 of shape [3, 3] exceeds the address space");
  // No elements are nowhere.
  harness.check(mapOf(2, 2), {restrided(y, {3, 0}, {INT64_MAX, INT64_MAX}),
                              makeInput(DType::f32, {3, 1})});
}

//===----------------------------------------------------------------------===//
// No elements, and no dimensions
//===----------------------------------------------------------------------===//

/// Any of the parts may be empty along the dimension, or all along another one.
TEST(HostileLayout, EmptyPartsOfConcats) {
  Harness harness;
  for (int64_t rank : {1, 2, 3})
    for (int64_t dim = -rank; dim < rank; ++dim) {
      const std::string text = absl::StrReplaceAll(
          R"mlir(
func.func @f(%a: !t, %b: !t, %c: !t) -> (!t, !t) {
  %0 = fuser.neg %a : !t
  %1 = fuser.exp %c : !t
  %2 = fuser.concat %0, %b, %1 dim DIM : !t, !t, !t to !t
  return %2, %0 : !t, !t
}
)mlir",
          {{"!t", tensorType(rank)}, {"DIM", absl::StrCat(dim)}});
      for (int empty = 0; empty < 8; ++empty) {
        std::vector<Value> inputs;
        for (int part = 0; part < 3; ++part) {
          Dims sizes(rank, 3);
          sizes[(dim + rank) % rank] = empty >> part & 1 ? 0 : part + 1;
          inputs.push_back(makeInput(DType::f32, sizes));
        }
        harness.check(text, inputs);
      }
      for (int64_t other = 0; other < rank; ++other) {
        Dims sizes(rank, 3);
        sizes[other] = 0;
        const Tensor part = makeInput(DType::f32, sizes);
        harness.check(text, {part, part, part});
      }
    }
}

/// Chunks of ceil(size / 4): unequal at the end, then empty.
TEST(HostileLayout, UnequalAndEmptyChunks) {
  Harness harness;
  for (int64_t dim : {0, 1, 2, -1, -2, -3}) {
    const std::string text = absl::StrReplaceAll(
        R"mlir(
func.func @f(%x: !t) -> (!t, !t, !t, !t, !t) {
  %0 = fuser.neg %x : !t
  %a, %b, %c, %d = fuser.chunk %0 dim DIM : !t to !t, !t, !t, !t
  %1 = fuser.exp %a : !t
  %2 = fuser.abs %d : !t
  %3 = fuser.concat %2, %c, %b, %1 dim DIM : !t, !t, !t, !t to !t
  return %3, %a, %b, %c, %2 : !t, !t, !t, !t, !t
}
)mlir",
        {{"!t", tensorType(3)}, {"DIM", absl::StrCat(dim)}});
    for (int64_t size = 0; size < 10; ++size)
      for (Layout layout : {Layout::Contiguous, Layout::Transposed}) {
        Dims sizes{2, 3, 5};
        sizes[(dim + 3) % 3] = size;
        harness.check(text, {makeInput(DType::f32, sizes, layout)});
      }
  }
}

/// Outputs of rank 0 to 4 with a zero anywhere, or nowhere.
TEST(HostileLayout, EmptyOutputsOfEveryRank) {
  Harness harness;
  for (int64_t rank = 0; rank <= 4; ++rank)
    for (int zeros = 0; zeros < 1 << rank; ++zeros) {
      Dims sizes(rank, 2), ones(rank, 1);
      for (int64_t dim = 0; dim < rank; ++dim)
        if (zeros >> dim & 1)
          sizes[dim] = 0;
      const Tensor x = makeInput(DType::f32, sizes),
                   y = makeInput(DType::f32, ones);
      harness.check(mapOf(rank, rank), {x, x});
      harness.check(mapOf(rank, rank), {y, x});
      harness.check(mapOf(0, rank), {makeInput(DType::f32, {}), x});
      harness.check(mapOf(rank, 0), {x, makeInput(DType::f32, {})});
    }
}

TEST(HostileLayout, RankZeroEverywhere) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<?xf32>)
    -> (tensor<f32>, tensor<?xf32>, tensor<1x1xf32>, tensor<f32>, tensor<3xf32>) {
  %0 = fuser.add %x, %y : tensor<f32>
  %1 = fuser.mul %z, %0 : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %2 = fuser.expand_dims %0 dim 0 : tensor<f32> to tensor<1xf32>
  %3 = fuser.expand_dims %y dim 0 : tensor<f32> to tensor<1xf32>
  %4 = fuser.concat %2, %3, %2 dim -1
      : tensor<1xf32>, tensor<1xf32>, tensor<1xf32> to tensor<3xf32>
  %5 = fuser.expand_dims %2 dim 1 : tensor<1xf32> to tensor<1x1xf32>
  %6 = fuser.squeeze %3 dim 0 : tensor<1xf32> to tensor<f32>
  %7 = fuser.neg %6 : tensor<f32>
  return %0, %1, %5, %7, %4
      : tensor<f32>, tensor<?xf32>, tensor<1x1xf32>, tensor<f32>, tensor<3xf32>
}
)mlir";
  for (int64_t size : {0, 1, 20})
    harness.check(text, {makeInput(DType::f32, {}, Layout::Contiguous, 1),
                         makeInput(DType::f32, {}, Layout::Contiguous, 2),
                         makeInput(DType::f32, {size})});
}

//===----------------------------------------------------------------------===//
// Several shapes
//===----------------------------------------------------------------------===//

/// Each output, and each part of a concat, broadcasts by itself.
TEST(HostileLayout, ShapesOfTheirOwn) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x?xf32>, %row: tensor<?xf32>, %col: tensor<?x1xf32>,
             %n: tensor<f32>)
    -> (tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?x?xf32>) {
  %0 = fuser.add %x, %row : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %1 = fuser.mul %row, %n : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %2 = fuser.sub %col, %row : (tensor<?x1xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %3 = fuser.neg %col : tensor<?x1xf32>
  %4 = fuser.concat %0, %3, %2, %col dim 1
      : tensor<?x?xf32>, tensor<?x1xf32>, tensor<?x?xf32>, tensor<?x1xf32>
        to tensor<?x?xf32>
  return %0, %1, %2, %4
      : tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?x?xf32>
}
)mlir";
  for (const Dims &sizes : {Dims{3, 5}, Dims{1, 5}, Dims{3, 1}, Dims{1, 1},
                            Dims{0, 5}, Dims{3, 0}, Dims{40, 70}})
    for (Layout layout :
         {Layout::Contiguous, Layout::Transposed, Layout::Expanded,
          Layout::ExpandedInner, Layout::InnerStride})
      harness.check(text, {makeInput(DType::f32, sizes, layout, 1),
                           makeInput(DType::f32, {sizes[1]}, layout, 2),
                           makeInput(DType::f32, {sizes[0], 1}, layout, 3),
                           makeInput(DType::f32, {}, layout, 4)});
}
