//===- KeyDifferenceTest.cpp - what is new in the key of a kernel ---------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyDifference.h"
#include "SpecBuilder.h"

using namespace fuser;
using namespace fuser::runtime;
using Texts = std::vector<std::string>;

static ArgSpec key(const KernelSpec &spec, std::vector<Tensor> inputs,
                   Device device = {}) {
  absl::StatusOr<LaunchPlan> plan = planLaunch(spec, inputs, {});
  EXPECT_TRUE(plan.ok()) << plan.status();
  return ArgSpec(device, *plan);
}

/// The differences, which both directions must have.
static Texts differences(const ArgSpec &before, const ArgSpec &now) {
  EXPECT_EQ(keyDifferences(before, now).empty(),
            keyDifferences(now, before).empty());
  return keyDifferences(before, now);
}

/// Every second element of new memory.
static Tensor everySecond(int64_t size) {
  auto memory = std::make_shared<std::vector<float>>(2 * size);
  return Tensor::borrow(memory->data(), DType::f32, {size}, {2}, memory);
}

/// neg of x and neg of y.
static KernelSpec twoPieces(int64_t rank) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, rank), y = b.arg(DType::f32, rank);
  const ValueId nx = b.op(Opcode::neg, x), ny = b.op(Opcode::neg, y);
  return b.output(b.piece(nx, {x})).output(b.piece(ny, {y})).build();
}

TEST(KeyDifference, NoneOfEqualKeys) {
  const KernelSpec spec = addSpec(2, 2);
  const ArgSpec first = key(spec, {iota({4, 5}), iota({4, 5})});
  EXPECT_EQ(differences(first, key(spec, {iota({7, 9}), iota({7, 9})})),
            Texts());
}

TEST(KeyDifference, StrideClass) {
  const KernelSpec spec = addSpec(1, 1);
  const ArgSpec dense = key(spec, {iota({8}), iota({8})});
  EXPECT_EQ(differences(dense, key(spec, {iota({8}), everySecond(8)})),
            Texts{"leaf 1: inner stride class c -> s"});
  EXPECT_EQ(differences(key(spec, {iota({1}), everySecond(8)}), dense),
            (Texts{"leaf 0: inner stride class b -> c",
                   "leaf 1: inner stride class s -> c"}));
}

TEST(KeyDifference, Rank) {
  const KernelSpec spec = addSpec(2, 2);
  const ArgSpec dense = key(spec, {iota({4, 5}), iota({4, 5})});
  EXPECT_EQ(differences(dense, key(spec, {iota({4, 5}), iota({1, 5})})),
            Texts{"rank 1 -> 2"});
}

TEST(KeyDifference, Pieces) {
  const KernelSpec spec = twoPieces(1);
  const ArgSpec together = key(spec, {iota({8}), iota({8})});
  const ArgSpec apart = key(spec, {iota({8}), iota({9})});
  EXPECT_EQ(differences(together, apart),
            Texts{"nests: pieces 0 and 1 no longer have one shape"});
  EXPECT_EQ(differences(apart, together),
            Texts{"nests: pieces 0 and 1 now have one shape"});
  const ArgSpec one = key(spec, {iota({8}), iota({0})});
  EXPECT_EQ(differences(apart, one),
            Texts{"piece 1: has no elements any more"});
  EXPECT_EQ(differences(one, apart), Texts{"piece 1: has elements now"});
}

TEST(KeyDifference, RankOfOneNestOfSeveral) {
  const KernelSpec spec = twoPieces(2);
  // Two dimensions that do not join.
  auto wide = std::make_shared<std::vector<float>>(64);
  const Tensor rows =
      Tensor::borrow(wide->data(), DType::f32, {4, 5}, {8, 1}, wide);
  EXPECT_EQ(differences(key(spec, {iota({4, 6}), iota({4, 5})}),
                        key(spec, {iota({4, 6}), rows})),
            Texts{"nest of piece 1: rank 1 -> 2"});
}

TEST(KeyDifference, Loops) {
  const KernelSpec spec = twoPieces(2);
  auto rows = [](int64_t count, int64_t length) {
    auto memory = std::make_shared<std::vector<float>>(16 * count);
    return Tensor::borrow(memory->data(), DType::f32, {count, length}, {16, 1},
                          memory);
  };
  const ArgSpec shared = key(spec, {rows(4, 5), rows(4, 6)});
  const ArgSpec apart = key(spec, {rows(4, 5), rows(3, 6)});
  EXPECT_EQ(differences(shared, apart),
            Texts{"loops: pieces 0 and 1 no longer share a loop over rows"});
  EXPECT_EQ(differences(apart, shared),
            Texts{"loops: pieces 0 and 1 now share a loop over rows"});
}

TEST(KeyDifference, StoresThatBypassCaches) {
  const KernelSpec spec = addSpec(1, 1);
  const Tensor large =
      Tensor::allocate(DType::f32, {int64_t(5) << 20}, testAllocator()).value();
  const ArgSpec small = key(spec, {iota({8}), iota({8})}),
                bypassing = key(spec, {large, large});
  EXPECT_EQ(differences(small, bypassing),
            Texts{"piece 0: stores bypass the caches"});
  EXPECT_EQ(differences(bypassing, small),
            Texts{"piece 0: stores no longer bypass the caches"});
}

TEST(KeyDifference, Device) {
  const KernelSpec spec = addSpec(1, 1);
  const std::vector<Tensor> inputs{iota({8}), iota({8})};
  EXPECT_EQ(differences(key(spec, inputs),
                        key(spec, inputs, Device{DeviceType::CUDA, 1})),
            Texts{"device cpu -> cuda:1"});
}

TEST(KeyDifference, TheNearestCounts) {
  const KernelSpec spec = addSpec(1, 1);
  const ArgSpec dense = key(spec, {iota({8}), iota({8})}),
                second = key(spec, {iota({8}), everySecond(8)}),
                both = key(spec, {everySecond(8), everySecond(8)});
  EXPECT_EQ(whatIsNew({}, dense), "first kernel of this group");
  EXPECT_EQ(whatIsNew({dense, second}, both),
            "leaf 0: inner stride class c -> s");
  EXPECT_EQ(whatIsNew({second, dense}, both),
            "leaf 0: inner stride class c -> s");
  EXPECT_EQ(whatIsNew({dense}, both), "leaf 0: inner stride class c -> s; leaf "
                                      "1: inner stride class c -> s");
  EXPECT_EQ(whatIsNew({both, dense}, both),
            "nothing: there was an equal kernel, from another backend or "
            "dropped since");
}

TEST(KeyDifference, LongListsAreCut) {
  SpecBuilder b;
  for (int i = 0; i < 7; ++i)
    b.arg(DType::f32, 1);
  ValueId sum = 0;
  for (int i = 1; i < 7; ++i)
    sum = b.op(Opcode::add, sum, i);
  const KernelSpec spec = b.output(sum).build();
  const std::string text =
      whatIsNew({key(spec, std::vector<Tensor>(7, iota({8})))},
                key(spec, std::vector<Tensor>(7, everySecond(8))));
  EXPECT_EQ(text.substr(text.rfind(';')), "; and 3 more") << text;
}
