//===- ShortRowsTest.cpp - joining short rows that repeat an operand ------===//
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

static LaunchPlan plan(const KernelSpec &spec, std::vector<Tensor> inputs) {
  absl::StatusOr<LaunchPlan> result = planLaunch(spec, inputs, {});
  EXPECT_TRUE(result.ok()) << result.status();
  return *std::move(result);
}

TEST(ShortRows, AreJoined) {
  const KernelSpec spec = addSpec(2, 1);
  const std::vector<Tensor> inputs{iota({10000, 3}), iota({3})};
  const LaunchPlan p = plan(spec, inputs);
  ASSERT_EQ(p.nests.size(), 1u);
  const PlannedNest &nest = p.nests[0];
  EXPECT_EQ(nest.numElements(), 30000);
  EXPECT_EQ(nest.sizes[1] % (3 * 64), 0);
  EXPECT_EQ((nest.sizes[0] - 1) * nest.sizes[1] + nest.lastRow, 30000);
  EXPECT_EQ(p.loops[0].extent, nest.sizes[0] - 1);
  EXPECT_EQ(nest.operands[0].strides, (Dims{nest.sizes[1], 1}));
  // The repeated row is one of a copy.
  ASSERT_EQ(p.copies.size(), 1u);
  EXPECT_TRUE(p.copies[0].repeats);
  EXPECT_EQ(p.copies[0].numElements, nest.sizes[1]);
  EXPECT_EQ(nest.operands[1].memory, p.copyMemory(0));
  EXPECT_EQ(nest.operands[1].strides, (Dims{0, 1}));
  // With the kernel that fewer rows have.
  EXPECT_EQ(ArgSpec(Device(), p),
            ArgSpec(Device(), plan(spec, {iota({10, 3}), iota({3})})));
  EXPECT_EQ(minimalBytes(spec, inputs, p), 4 * (30000 + 3 + 30000));
}

TEST(ShortRows, WithoutARest) {
  const LaunchPlan p = plan(addSpec(2, 1), {iota({704 * 10, 3}), iota({3})});
  EXPECT_EQ(p.nests[0].sizes, (Dims{10, 2112}));
  EXPECT_EQ(p.nests[0].lastRow, 0);
  EXPECT_EQ(p.loops[0].extent, 10);
}

/// Also a value that all elements share, and indices.
TEST(ShortRows, BesideOtherOperands) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::i64, 2), y = b.arg(DType::i64, 1),
                z = b.arg(DType::i64, 0), i = b.iota({0, {}, -1});
  const ValueId sum =
      b.op(Opcode::add, b.op(Opcode::add, x, y), b.op(Opcode::add, z, i));
  const OutputNode piece = b.piece(sum, {x, y, z});
  const KernelSpec spec = b.output(piece).build();
  const auto longs = [](Dims sizes) {
    return makeTensor<int64_t>(DType::i64, sizes, [](int64_t i) { return i; });
  };
  const LaunchPlan p = plan(spec, {longs({9000, 5}), longs({5}), longs({})});
  EXPECT_EQ(p.copies.size(), 1u);
  EXPECT_GT(p.nests[0].lastRow, 0);
}

TEST(ShortRows, AreLeftAlone) {
  const auto numCopies = [](int64_t rank, Tensor x, Tensor y) {
    return plan(addSpec(2, rank), {x, y}).copies.size();
  };
  EXPECT_EQ(numCopies(1, iota({5000, 3}), iota({3})), 0u);     // few elements
  EXPECT_EQ(numCopies(1, iota({1000, 256}), iota({256})), 0u); // long rows
  EXPECT_EQ(numCopies(2, iota({10000, 3}), iota({10000, 1})), 0u);
  // Gaps between rows.
  const Tensor wide = iota({10000, 4});
  EXPECT_EQ(
      numCopies(1, Tensor::borrow(wide.data(), DType::f32, {10000, 3}, {4, 1}),
                iota({3})),
      0u);
}

/// Nobody copies what is on another device.
TEST(ShortRows, OfOtherDevices) {
  const Device device{DeviceType::CUDA, 0};
  const Tensor x = iota({10000, 3}), y = iota({3});
  const auto there = [&](const Tensor &tensor) {
    return Tensor::borrow(tensor.data(), DType::f32, tensor.sizes(),
                          tensor.strides(), nullptr, device);
  };
  EXPECT_EQ(plan(addSpec(2, 1), {there(x), there(y)}).copies.size(), 0u);
}
