//===- ShrinkTest.cpp - programs get smaller, and stay interesting --------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// What is looked for here is a property of the program, so that no bug is
// needed to see the shrinker at work.
//
//===----------------------------------------------------------------------===//

#include "fuser-fuzz/Shrink.h"
#include "fuser-fuzz/Data.h"
#include "fuser-fuzz/Generate.h"
#include "fuser-fuzz/OpKind.h"
#include "gtest/gtest.h"

using namespace fuser;
using namespace fuser::fuzz;

static bool hasFedBy(const Case &program, const char *op, const char *operand) {
  for (const Node &node : program.nodes)
    if (node.kind->name == op)
      for (Use use : node.operands)
        if (program.nodes[use.node].kind->name == operand)
          return true;
  return false;
}

static bool hasExpOfConcat(const Case &program) {
  return hasFedBy(program, "exp", "concat");
}

/// The first program with at least `ops` ops that `isInteresting`.
static Case findCase(const Interesting &isInteresting, int32_t ops) {
  for (uint64_t index = 0;; ++index) {
    Case program = generateCase(1, index);
    removeUnused(program);
    if (program.numOps() >= ops && isInteresting(program))
      return program;
  }
}

TEST(Shrink, OnlyTheOpsLookedForRemain) {
  const Case large = findCase(hasExpOfConcat, 15);
  const Case small = shrink(large, hasExpOfConcat);
  EXPECT_TRUE(isValid(small));
  EXPECT_TRUE(hasExpOfConcat(small));
  EXPECT_EQ(small.numOps(), 2) << programText(small);
  EXPECT_EQ(small.nodes.size(), 3u) << programText(small);
  EXPECT_EQ(small.outputs.size(), 1u);
  ASSERT_EQ(small.calls.size(), 1u);
  EXPECT_EQ(small.calls[0].threads, 1);
  EXPECT_FALSE(small.calls[0].givenOutputs);
  EXPECT_FALSE(small.repeats);
  EXPECT_FALSE(small.fewKernels);
  EXPECT_LE(numElements(small.calls[0].arguments[0].sizes), 1);
}

TEST(Shrink, TheSameEveryTime) {
  const Case large = findCase(hasExpOfConcat, 15);
  EXPECT_EQ(programText(shrink(large, hasExpOfConcat)),
            programText(shrink(large, hasExpOfConcat)));
}

/// Sizes, layouts and elements that do not matter go; what matters stays.
TEST(Shrink, ArgumentsKeepWhatMatters) {
  auto isInteresting = [](const Case &program) {
    for (const Call &call : program.calls)
      for (size_t i = 0; i < call.arguments.size(); ++i) {
        const Argument &argument = call.arguments[i];
        const std::vector<std::byte> elements =
            elementsOf(argument, program.nodes[i].dtype);
        for (size_t j = 0;
             program.nodes[i].dtype == DType::i32 && j < elements.size();
             j += 4)
          if (argument.sizes.size() == 2 && argument.sizes[1] >= 3 &&
              static_cast<int32_t>(loadElement(&elements[j], DType::i32)) ==
                  INT32_MIN)
            return true;
      }
    return false;
  };
  const Case large = findCase(isInteresting, 5);
  const Case small = shrink(large, isInteresting);
  ASSERT_TRUE(isInteresting(small));
  EXPECT_EQ(small.numOps(), 0) << programText(small);
  ASSERT_EQ(small.calls.size(), 1u);
  ASSERT_EQ(small.calls[0].arguments.size(), 1u);
  const Argument &argument = small.calls[0].arguments[0];
  EXPECT_EQ(argument.sizes, Dims({1, 3}));
  EXPECT_EQ(argument.storage->size(), 3 * sizeof(int32_t));
  int zeros = 0;
  const std::vector<std::byte> elements = elementsOf(argument, DType::i32);
  for (size_t j = 0; j < elements.size(); j += 4)
    zeros += loadElement(&elements[j], DType::i32) == 0;
  EXPECT_EQ(zeros, 2);
}

TEST(Shrink, StopsAtItsLimit) {
  int64_t tries = 0;
  ShrinkOptions options;
  options.maxTries = 7;
  shrink(
      findCase(hasExpOfConcat, 15),
      [&](const Case &program) {
        ++tries;
        return hasExpOfConcat(program);
      },
      options);
  EXPECT_EQ(tries, 7);
}
