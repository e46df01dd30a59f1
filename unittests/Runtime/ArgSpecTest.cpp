//===- ArgSpecTest.cpp - coalescing, nests, loops and keys ----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/ArgSpec.h"
#include "SpecBuilder.h"

using namespace fuser;
using namespace fuser::runtime;

static LaunchPlan plan(const KernelSpec &spec, std::vector<Tensor> inputs,
                       std::vector<Tensor> outputs = {}) {
  absl::StatusOr<LaunchPlan> result = planLaunch(spec, inputs, outputs);
  EXPECT_TRUE(result.ok()) << result.status();
  result->bytes = minimalBytes(spec, inputs, *result);
  return *std::move(result);
}

static ArgSpec key(const KernelSpec &spec, std::vector<Tensor> inputs) {
  return ArgSpec(Device(), plan(spec, std::move(inputs)));
}

/// A view of new memory that holds all its elements.
static Tensor strided(Dims sizes, Dims strides) {
  int64_t extent = 1;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    extent += (sizes[i] - 1) * strides[i];
  auto memory = std::make_shared<std::vector<float>>(extent);
  return Tensor::borrow(memory->data(), DType::f32, sizes, strides, memory);
}

TEST(ArgSpec, SizesAreNoPartOfIt) {
  const KernelSpec spec = addSpec(2, 2);
  const ArgSpec first = key(spec, {iota({4, 5}), iota({4, 5})});
  EXPECT_EQ(first.str(), "cpu loop 0: nest rank 1, pieces [0], leaves [0:c "
                         "1:c], stores [c]");
  for (Dims sizes : {Dims{400, 50}, Dims{7, 1}, Dims{1, 9}, Dims{1, 1}}) {
    const ArgSpec other = key(spec, {iota(sizes), iota(sizes)});
    EXPECT_EQ(first, other) << other.str();
    EXPECT_EQ(first.hash(), other.hash());
  }
}

TEST(ArgSpec, PermutedInputsCoalesceLikeDenseOnes) {
  const KernelSpec spec = addSpec(3, 3);
  Tensor permuted = iota({4, 5, 6}, {2, 0, 1});
  EXPECT_EQ(key(spec, {permuted, permuted}),
            key(spec, {iota({4, 5, 6}), iota({4, 5, 6})}));
  EXPECT_EQ(key(spec, {iota({4, 5, 6}), permuted}).str(),
            "cpu loop 0: nest rank 2, pieces [0], leaves [0:c 1:t], stores "
            "[c]");
}

TEST(ArgSpec, TransposedOperands) {
  const KernelSpec spec = addSpec(3, 3);
  const char *text = "cpu loop 0: nest rank 3, pieces [0], leaves [0:c 1:t], "
                     "stores [c]";
  // The dimension of stride 1 comes right before the innermost.
  const LaunchPlan p =
      plan(spec, {iota({100, 4, 5}), iota({100, 4, 5}, {1, 2, 0})});
  const PlannedNest &nest = p.nests[0];
  EXPECT_EQ(nest.sizes, (Dims{100, 20}));
  EXPECT_EQ(nest.operands[1].inner, StrideClass::Transposed);
  EXPECT_EQ(nest.operands[1].strides, (Dims{1, 100}));
  EXPECT_EQ(p.loops[0].extent, 1);
  // Sizes, of rows and of blocks; strides; of the transposed one not the 1.
  EXPECT_EQ(p.loops[0].dims, (decltype(p.loops[0].dims){100, 20, 20, 100, 20}));
  const LaunchPlan moved =
      plan(spec, {iota({100, 4, 5}), iota({100, 4, 5}, {2, 1, 0})});
  EXPECT_EQ(moved.nests[0].sizes, (Dims{4, 100, 5}));
  EXPECT_EQ(moved.nests[0].operands[0].strides, (Dims{5, 20, 1}));
  EXPECT_EQ(moved.nests[0].operands[1].strides, (Dims{100, 1, 400}));
  EXPECT_EQ(moved.loops[0].extent, 4);
  EXPECT_EQ(ArgSpec(Device(), moved).str(), text);
  // Sizes are no part of the key.
  for (Dims sizes : {Dims{2, 3, 4}, Dims{70, 2, 900}})
    EXPECT_EQ(key(spec, {iota(sizes), iota(sizes, {2, 1, 0})}).str(), text);
  // Nowhere contiguous.
  EXPECT_EQ(key(addSpec(2, 2), {iota({4, 5}), strided({4, 5}, {2, 8})}).str(),
            "cpu loop 0: nest rank 2, pieces [0], leaves [0:c 1:s], stores "
            "[c]");
}

/// Nests of one loop all go by blocks, or none does.
TEST(Loops, BlocksAreApart) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 2), y = b.arg(DType::f32, 2);
  const ValueId nx = b.op(Opcode::neg, x), ny = b.op(Opcode::neg, y);
  const KernelSpec spec =
      b.output(SpecBuilder::concat(1, {b.piece(nx, {x}), b.piece(ny, {y})}))
          .build();
  EXPECT_EQ(plan(spec, {iota({4, 3}), iota({4, 5})}).loops.size(), 1u);
  EXPECT_EQ(plan(spec, {iota({4, 3}), iota({4, 5}, {1, 0})}).loops.size(), 2u);
}

TEST(ArgSpec, StridesOfSizeOneDimsAreIgnored) {
  const KernelSpec spec = addSpec(2, 2);
  EXPECT_EQ(key(spec, {strided({1, 6}, {77, 1}), strided({1, 6}, {0, 1})}),
            key(spec, {iota({4, 6}), iota({4, 6})}));
}

TEST(ArgSpec, Broadcasts) {
  const KernelSpec spec = addSpec(2, 1);
  const LaunchPlan bias = plan(spec, {iota({4, 6}), iota({6})});
  EXPECT_EQ(bias.nests[0].sizes, (Dims{4, 6}));
  EXPECT_EQ(bias.nests[0].operands[1].strides, (Dims{0, 1}));
  // One stride of 0 after the other is one dimension.
  const LaunchPlan scalar = plan(addSpec(3, 0), {iota({2, 3, 4}), iota({})});
  EXPECT_EQ(scalar.nests[0].sizes, (Dims{24}));
  EXPECT_EQ(scalar.nests[0].operands[1].inner, StrideClass::Broadcast);
  EXPECT_EQ(key(addSpec(1, 0), {iota({7}), iota({})}),
            key(addSpec(1, 0), {iota({1}), iota({})}));
  EXPECT_EQ(key(addSpec(0, 0), {iota({}), iota({})}).str(),
            "cpu loop 0: nest rank 1, pieces [0], leaves [0:c 1:c], stores "
            "[c]");
}

TEST(ArgSpec, InnerStride) {
  const LaunchPlan p =
      plan(addSpec(1, 1), {strided({5}, {3}), strided({5}, {0})});
  EXPECT_EQ(p.nests[0].operands[0].inner, StrideClass::Strided);
  EXPECT_EQ(p.nests[0].operands[1].inner, StrideClass::Broadcast);
  EXPECT_EQ(p.nests[0].operands[2].inner, StrideClass::Contiguous);
  // Rows of a wider matrix keep two dimensions, a column becomes one.
  EXPECT_EQ(plan(addSpec(2, 2), {strided({4, 5}, {8, 1}), iota({4, 5})})
                .nests[0]
                .sizes,
            (Dims{4, 5}));
}

/// Two inputs, concatenated along `dim`, and their sum over the first.
static KernelSpec concatSpec(int64_t dim) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 2), y = b.arg(DType::f32, 2);
  const ValueId nx = b.op(Opcode::neg, x), ny = b.op(Opcode::neg, y);
  return b
      .output(SpecBuilder::concat(dim, {b.piece(nx, {x}), b.piece(ny, {y})}))
      .build();
}

TEST(Loops, ConcatOnTheInnerDimSharesALoop) {
  const LaunchPlan p = plan(concatSpec(1), {iota({4, 3}), iota({4, 2})});
  ASSERT_EQ(p.nests.size(), 2u);
  ASSERT_EQ(p.loops.size(), 1u);
  EXPECT_EQ(p.loops[0].extent, 4);
  EXPECT_EQ(p.nests[1].operands[1].strides, (Dims{5, 1}));
  // Of equal shape they are one nest.
  EXPECT_EQ(plan(concatSpec(1), {iota({4, 3}), iota({4, 3})}).nests.size(), 1u);
  // An empty part needs no nest.
  EXPECT_EQ(plan(concatSpec(1), {iota({4, 3}), iota({4, 0})}).nests.size(), 1u);
}

TEST(Loops, FlatNestsHaveTheirOwn) {
  const LaunchPlan p = plan(concatSpec(0), {iota({4, 3}), iota({2, 3})});
  ASSERT_EQ(p.loops.size(), 2u);
  EXPECT_EQ(p.loops[0].extent, 12);
  EXPECT_EQ(p.loops[1].extent, 6);
}

TEST(Loops, PiecesOfOneShapeShareANest) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 1), y = b.arg(DType::f32, 1);
  const ValueId sum = b.op(Opcode::add, x, y), root = b.op(Opcode::sqrt, sum);
  const KernelSpec spec =
      b.output(b.piece(root, {x, y})).output(b.piece(sum, {x, y})).build();
  const LaunchPlan p = plan(spec, {iota({8}), iota({8})});
  ASSERT_EQ(p.nests.size(), 1u);
  EXPECT_EQ(p.nests[0].pieces.size(), 2u);
  EXPECT_EQ(p.nests[0].operands.size(), 4u);
  EXPECT_EQ(p.nests[0].weight, 10); // The sum counts once.
  EXPECT_EQ(p.bytes, 4 * 8 * 4);

  // Of pieces in several nests an instruction may count several times.
  SpecBuilder c;
  const ValueId u = c.arg(DType::f32, 1), v = c.arg(DType::f32, 1);
  const ValueId first = c.op(Opcode::sqrt, u),
                second = c.op(Opcode::neg, first);
  const ValueId other = c.op(Opcode::exp, v);
  const KernelSpec apart = c.output(c.piece(first, {u}))
                               .output(c.piece(other, {v}))
                               .output(c.piece(second, {u}))
                               .build();
  EXPECT_EQ(apart.weight, 23);
  const LaunchPlan q = plan(apart, {iota({8}), iota({9})});
  ASSERT_EQ(q.nests.size(), 2u);
  EXPECT_EQ(q.nests[0].leaves, (absl::InlinedVector<int32_t, 8>{0}));
  EXPECT_EQ(q.nests[0].weight, 9 + 10);
  EXPECT_EQ(q.nests[1].weight, 13);
}

/// Sums of pairs of tensors, each scaled by one number that all share.
static KernelSpec sumsOfPairs(int count) {
  SpecBuilder b;
  const ValueId scale = b.arg(DType::f32, 0);
  std::vector<ValueId> x, y;
  for (int i = 0; i < count; ++i) {
    x.push_back(b.arg(DType::f32, 1));
    y.push_back(b.arg(DType::f32, 1));
  }
  for (int i = 0; i < count; ++i) {
    const ValueId product = b.op(Opcode::mul, y[i], scale);
    b.output(b.piece(b.op(Opcode::add, x[i], product), {x[i], y[i], scale}));
  }
  return b.build();
}

TEST(Loops, NestsOfIndependentPiecesAreOfFewStreams) {
  auto sizesOfNests = [](int pairs, int64_t size) {
    std::vector<Tensor> inputs(2 * pairs + 1, iota({size}));
    inputs[0] = iota({});
    std::vector<std::size_t> result;
    for (const PlannedNest &nest : plan(sumsOfPairs(pairs), inputs).nests)
      result.push_back(nest.pieces.size());
    return result;
  };
  // Three streams a piece; the number is none.
  EXPECT_EQ(sizesOfNests(4, 8), (std::vector<std::size_t>{4}));
  EXPECT_EQ(sizesOfNests(10, 8), (std::vector<std::size_t>{4, 4, 2}));

  // What shares a stream stays together.
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 1);
  for (int i = 0; i < 20; ++i)
    b.arg(DType::f32, 1);
  for (ValueId y = x + 1; y <= 20; ++y)
    b.output(b.piece(b.op(Opcode::add, x, y), {x, y}));
  EXPECT_EQ(plan(b.build(), std::vector<Tensor>(21, iota({8}))).nests.size(),
            1u);
}

TEST(Loops, OverlappingLeavesCountOnceInBytes) {
  SpecBuilder b;
  const int32_t in = b.input(DType::f32, 1);
  const ValueId x = b.leaf(in, {slice(0, 0, 9)});
  const ValueId y = b.leaf(in, {slice(0, 1, 10)});
  const LaunchPlan p =
      plan(b.output(b.op(Opcode::sub, x, y)).build(), {iota({10})});
  EXPECT_EQ(p.bytes, (10 + 9) * 4);
}

TEST(Loops, NonTemporal) {
  auto zeros = [](Dims sizes) {
    return Tensor::allocate(DType::f32, sizes, testAllocator()).value();
  };
  // Two loads, and a store that counts a quarter, are 24 MiB and more.
  const int64_t large = (int64_t(32) << 20) / 3 / 4 / 1024 * 1024 + 1024;
  auto isNonTemporal = [](const LaunchPlan &p) {
    return p.loops[0].nonTemporal;
  };
  const KernelSpec add = addSpec(1, 1);
  Tensor x = zeros({large}), out = zeros({large + 16});
  auto cut = [&](int64_t offset) {
    return Tensor::borrow(out.dataAs<float>() + offset, DType::f32, {large},
                          {1});
  };
  EXPECT_TRUE(isNonTemporal(plan(add, {x, x})));
  EXPECT_FALSE(isNonTemporal(plan(addSpec(1, 0), {x, iota({})})));
  EXPECT_FALSE(isNonTemporal(plan(add, {iota({1024}), iota({1024})})));
  EXPECT_TRUE(isNonTemporal(plan(add, {x, x}, {cut(16)})));
  EXPECT_FALSE(isNonTemporal(plan(add, {x, x}, {cut(1)})));
  EXPECT_NE(ArgSpec(Device(), plan(add, {x, x}, {cut(16)})),
            ArgSpec(Device(), plan(add, {x, x}, {cut(1)})));

  SpecBuilder b;
  const ValueId heavy = b.op(Opcode::lgamma, b.arg(DType::f32, 1));
  EXPECT_FALSE(isNonTemporal(plan(b.output(heavy).build(), {x})));

  // Every row must begin at a cache line, and be long or of whole lines.
  const KernelSpec rows = addSpec(2, 2);
  auto isNonTemporalOfRows = [&](int64_t length) {
    const int64_t count = 2 * large / length;
    return isNonTemporal(
        plan(rows, {zeros({count, length}), zeros({count, 1})}));
  };
  EXPECT_TRUE(isNonTemporalOfRows(64));
  EXPECT_FALSE(isNonTemporalOfRows(65));
  EXPECT_TRUE(isNonTemporalOfRows(32));
  EXPECT_FALSE(isNonTemporalOfRows(40));
  // Joined rows are long and aligned.
  EXPECT_TRUE(isNonTemporal(
      plan(addSpec(2, 1), {zeros({2 * large / 19, 19}), zeros({19})})));
}

/// Loops that are small each, but not together.
TEST(Loops, NonTemporalOfManyLoops) {
  const Tensor x =
      Tensor::allocate(DType::f32, {int64_t(1) << 18}, testAllocator()).value();
  auto isNonTemporal = [&](int pairs) {
    std::vector<Tensor> inputs(2 * pairs + 1, x);
    inputs[0] = iota({});
    return plan(sumsOfPairs(pairs), inputs).loops[0].nonTemporal;
  };
  EXPECT_FALSE(isNonTemporal(10)); // 22.5 MiB
  EXPECT_TRUE(isNonTemporal(11));  // 24.75 MiB
}

/// Code of some weight, but of many bytes.
TEST(Loops, NonTemporalOfManyOperands) {
  SpecBuilder b;
  ValueId inputs[6];
  for (ValueId &input : inputs)
    input = b.arg(DType::f32, 1);
  ValueId result = b.op(Opcode::sqrt, inputs[0]);
  for (int i = 1; i < 6; ++i)
    result = b.op(Opcode::div, result, inputs[i]);
  const Tensor x =
      Tensor::allocate(DType::f32, {int64_t(1) << 20}, testAllocator()).value();
  EXPECT_TRUE(plan(b.output(result).build(), std::vector<Tensor>(6, x))
                  .loops[0]
                  .nonTemporal);
}
