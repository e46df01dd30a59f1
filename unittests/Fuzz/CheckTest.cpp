//===- CheckTest.cpp - random programs, fused against op by op ------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fuser-fuzz/Check.h"
#include "absl/strings/str_cat.h"
#include "fuser-fuzz/Data.h"
#include "fuser-fuzz/Generate.h"
#include "fuser-fuzz/GuardedMemory.h"
#include "fuser-fuzz/OpKind.h"
#include "gtest/gtest.h"
#include <cstring>

using namespace fuser;
using namespace fuser::fuzz;

/// Always the same programs; others with --gtest_random_seed=N.
TEST(Check, FusedIsUnfused) {
  Checker checker;
  const uint64_t seed = 1000 + GTEST_FLAG_GET(random_seed);
  for (uint64_t index = 0; index < 150 && !HasFailure(); ++index) {
    const Case program = generateCase(seed, index);
    const Outcome outcome = checker.check(program);
    EXPECT_EQ(outcome.fault, Fault::None)
        << "seed " << seed << ", program " << index << ": "
        << faultName(outcome.fault) << ": " << outcome.text << "\n"
        << programText(program);
  }
  const CheckCounts counts = checker.counts();
  EXPECT_GT(counts.kernels, 100u);
  EXPECT_GT(counts.inPlace, 5u);
  EXPECT_GT(counts.overlapsRefused, 5u);
  EXPECT_GT(counts.repeats, 50u);
  EXPECT_GT(counts.evicted, 5u);
  EXPECT_GT(counts.released, 20u);
}

/// A dense argument of these elements.
static Argument floats(const std::vector<float> &elements) {
  std::vector<std::byte> bytes(elements.size() * sizeof(float));
  std::memcpy(bytes.data(), elements.data(), bytes.size());
  return denseArgument({static_cast<int64_t>(elements.size())}, bytes);
}

/// y = f(x) for one argument of type tensor<?xf32>.
static Case unaryCase(const OpKind &kind, DType result = DType::f32) {
  Case program;
  program.nodes.push_back({&tensorArgument(), DType::f32});
  program.nodes.push_back({&kind, result, 1, {{0, 0}}});
  program.outputs = {{1, 0}};
  program.calls.push_back({{floats({1, 2, 3})}});
  return program;
}

TEST(Check, EveryWrongBitIsFound) {
  EXPECT_EQ(Checker().check(unaryCase(opKind("exp"))).fault, Fault::None);
  CheckOptions options;
  options.pretendWrong = "exp";
  Checker checker(options);
  const Outcome outcome = checker.check(unaryCase(opKind("exp")));
  EXPECT_EQ(outcome.fault, Fault::Elements);
  EXPECT_EQ(outcome.text.substr(0, 21), "call 0: result 0 [0] ");
  EXPECT_EQ(checker.check(unaryCase(opKind("tanh"))).fault, Fault::None);
}

/// What the program means is worked out a third time, by the fuzzer.
TEST(Check, WrongTypesAreFound) {
  OpKind wrong = opKind("exp");
  wrong.infer = [](const Node &, const std::vector<Dims> &,
                   std::vector<Dims> &out) {
    out.push_back({4});
    return true;
  };
  Case program = unaryCase(wrong);
  EXPECT_EQ(Checker().check(program).fault, Fault::Load);
  program.nodes[0].openDims = ~uint64_t(0);
  program.nodes[1].openDims = ~uint64_t(0);
  wrong.keepsType = false;
  EXPECT_EQ(Checker().check(program).fault, Fault::Type);
}

/// Both refuse to broadcast 3 with 2, as they should; the fuzzer did not mean
/// to ask for it.
TEST(Check, ErrorsOfProgramsThatShouldRunAreFound) {
  OpKind lenient = opKind("add");
  lenient.infer = [](const Node &, const std::vector<Dims> &in,
                     std::vector<Dims> &out) {
    out.push_back(in[0]);
    return true;
  };
  Case program = unaryCase(lenient);
  program.nodes.insert(program.nodes.begin(), program.nodes[0]);
  program.nodes[0].openDims = program.nodes[1].openDims = ~uint64_t(0);
  program.nodes[2].openDims = ~uint64_t(0);
  program.nodes[2].operands = {{0, 0}, {1, 0}};
  program.outputs = {{2, 0}};
  program.calls[0].arguments.push_back(floats({1, 2}));
  EXPECT_EQ(Checker().check(program).fault, Fault::Error);
}

/// Integers divided by 0 fail the call; where only the quotients' shape is
/// needed, they may.
TEST(Check, DivisionByZeroIsRefused) {
  Case program;
  program.nodes = {{&tensorArgument(), DType::i32},
                   {&opKind("div_trunc"), DType::i32, 1, {{0, 0}, {0, 0}}},
                   {&opKind("iota like"), DType::i64, 1, {{1, 0}}}};
  program.outputs = {{1, 0}};
  program.calls.emplace_back();
  program.calls[0].arguments = {
      denseArgument({2}, std::vector<std::byte>(2 * sizeof(int32_t)))};
  EXPECT_FALSE(mayFailUnneeded(program, *shapesInCall(program, 0)));
  const Outcome outcome = Checker().check(program);
  EXPECT_EQ(outcome.fault, Fault::None) << outcome.text;
  EXPECT_TRUE(outcome.isRefused);
  program.outputs = {{2, 0}};
  EXPECT_TRUE(mayFailUnneeded(program, *shapesInCall(program, 0)));
  EXPECT_EQ(Checker().check(program).fault, Fault::None);
}

/// Nor need they where they broadcast to nothing.
TEST(Check, DivisionByZeroThatNoElementNeeds) {
  Case program;
  program.nodes = {{&tensorArgument(), DType::i32},
                   {&tensorArgument(), DType::i32},
                   {&opKind("div_trunc"), DType::i32, 1, {{0, 0}, {0, 0}}},
                   {&opKind("add"), DType::i32, 1, {{2, 0}, {1, 0}}}};
  program.outputs = {{3, 0}};
  program.calls.emplace_back();
  program.calls[0].arguments = {
      denseArgument({1}, std::vector<std::byte>(sizeof(int32_t))),
      denseArgument({0}, {})};
  EXPECT_TRUE(mayFailUnneeded(program, *shapesInCall(program, 0)));
  EXPECT_EQ(Checker().check(program).fault, Fault::None);
}

TEST(Check, NaNsAreEqual) {
  EXPECT_TRUE(isNaN(DType::f32, 0x7fc00000));
  EXPECT_TRUE(isNaN(DType::f32, 0xff800001));
  EXPECT_FALSE(isNaN(DType::f32, 0x7f800000));
  EXPECT_TRUE(isNaN(DType::f64, 0x7ff8000000000000));
  EXPECT_FALSE(isNaN(DType::f64, 0xfff0000000000000));
  EXPECT_FALSE(isNaN(DType::i32, 0x7fc00000));
}

TEST(GuardedMemory, WritesBesideABlockAreFound) {
  for (int64_t place : {-1, 0, 99, 100}) {
    GuardedAllocator allocator;
    auto *block = static_cast<char *>(allocator.allocate(100));
    block[place] = 1;
    allocator.deallocate(block, 100);
    EXPECT_EQ(allocator.takeOverwritten(), place < 0 || place > 99) << place;
    EXPECT_FALSE(allocator.takeOverwritten());
  }
}

TEST(GuardedMemory, WritesBetweenElementsAreFound) {
  int gaps = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    const auto [tensor, memory] = guardedTensor(random, DType::f32, {3, 5});
    const WriteCheck check({memory, nullptr, memory});
    auto at = [&, &tensor = tensor](int64_t row, int64_t column) -> float & {
      return tensor.dataAs<float>()[row * tensor.strides()[0] +
                                    column * tensor.strides()[1]];
    };
    EXPECT_TRUE(check.onlyWrote({})) << seed;
    for (int64_t row = 0; row < 3; ++row)
      for (int64_t column = 0; column < 5; ++column)
        at(row, column) = 1;
    EXPECT_TRUE(check.onlyWrote({tensor})) << seed;
    EXPECT_FALSE(check.onlyWrote({})) << seed;
    if (tensor.strides()[0] < 2 || tensor.strides()[1] < 2)
      continue;
    ++gaps;
    tensor.dataAs<float>()[1] = 1;
    EXPECT_FALSE(check.onlyWrote({tensor})) << seed;
  }
  EXPECT_GT(gaps, 0);
}
