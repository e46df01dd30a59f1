//===- GenerateTest.cpp - what random programs are like -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fuser-fuzz/Generate.h"
#include "FuserDialect/FuserDialect.h"
#include "fuser-fuzz/OpKind.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"
#include <set>

using namespace fuser;
using namespace fuser::fuzz;

/// A new op is a row of the op table, or an entry in a file of kinds.
TEST(Generate, EveryOpOfTheDialectIsAKind) {
  mlir::MLIRContext context;
  context.loadDialect<FuserDialect>();
  std::set<std::string> known(opsNotFuzzed().begin(), opsNotFuzzed().end());
  for (const OpKind &kind : opKinds())
    known.insert(kind.op);
  std::set<std::string> ops;
  for (mlir::RegisteredOperationName name : context.getRegisteredOperations())
    if (name.getDialectNamespace() == "fuser")
      ops.insert(name.getStringRef().split('.').second.str());
  EXPECT_EQ(ops, known);
}

TEST(Generate, ProgramsAreValidAndCoverEverything) {
  std::set<std::string> kinds;
  std::set<DType> dtypes;
  bool hasLarge = false, hasEmpty = false, hasOtherSizes = false;
  for (uint64_t index = 0; index < 3000; ++index) {
    const Case program = generateCase(1, index);
    ASSERT_TRUE(isValid(program)) << index;
    EXPECT_FALSE(program.outputs.empty());
    for (const Node &node : program.nodes) {
      kinds.insert(node.kind->name);
      dtypes.insert(node.dtype);
    }
    for (const Call &call : program.calls)
      for (size_t i = 0; i < call.arguments.size(); ++i) {
        const Dims &sizes = call.arguments[i].sizes;
        hasLarge |= numElements(sizes) > 10000;
        hasEmpty |= numElements(sizes) == 0;
        hasOtherSizes |= sizes != program.calls[0].arguments[i].sizes;
      }
  }
  for (const OpKind &kind : opKinds())
    EXPECT_TRUE(kinds.count(kind.name)) << kind.name;
  EXPECT_EQ(dtypes.size(), static_cast<size_t>(kNumDTypes));
  EXPECT_TRUE(hasLarge);
  EXPECT_TRUE(hasEmpty);
  EXPECT_TRUE(hasOtherSizes);
}

/// Sizes of 0, too: what is related to an empty tensor can be large.
TEST(Generate, ArgumentsAreNoLargerThanAnyValue) {
  for (uint64_t index = 0; index < 20000; ++index) {
    GenerateOptions options;
    options.maxOps = 1;
    const Case program = generateCase(2, index, options);
    for (const Argument &argument : program.calls[0].arguments)
      ASSERT_LE(numElements(argument.sizes), 20000) << index;
  }
}

TEST(Generate, ANumberMeansAProgram) {
  EXPECT_EQ(programText(generateCase(3, 5)), programText(generateCase(3, 5)));
  EXPECT_NE(programText(generateCase(3, 5)), programText(generateCase(3, 6)));
  EXPECT_NE(programText(generateCase(3, 5)), programText(generateCase(4, 5)));
}

TEST(Generate, NoMoreOpsThanAllowed) {
  GenerateOptions options;
  options.maxOps = 5;
  int32_t most = 0;
  for (uint64_t index = 0; index < 300; ++index) {
    const Case program = generateCase(1, index, options);
    most = std::max(most, program.numOps());
  }
  // An op may come with a constant and casts that it needs.
  EXPECT_LE(most, 5 + 4);
  EXPECT_GE(most, 5);
}
