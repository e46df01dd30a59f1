//===- EmitTest.cpp - the forms of a kernel as text -----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

using namespace fuser;

static const char *const kText = R"mlir(
func.func @f(%x: tensor<?x?xf32>, %row: tensor<?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.sqrt %x : tensor<?x?xf32>
  %1 = fuser.mul %0, %row
      : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}
)mlir";

static bool holds(const std::string &text, const char *what) {
  return text.find(what) != std::string::npos;
}

namespace {
class Emit : public ::testing::Test {
protected:
  void SetUp() override {
    const ProgramFunction *function = harness.function(kText);
    ASSERT_NE(function, nullptr);
    ASSERT_EQ(function->calls.size(), 1u);
    key = function->calls[0].key;
    for (int32_t id : function->calls[0].inputs)
      inputs.push_back(arguments[id]);
  }

  std::string emit(EmitStage stage) {
    auto text = harness.compiler.emit(key, inputs, stage);
    EXPECT_TRUE(text.ok()) << text.status();
    return text.ok() ? *text : "";
  }

  Harness harness;
  int64_t key = -1;
  std::vector<Value> arguments{makeInput(DType::f32, {4, 5}),
                               makeInput(DType::f32, {5})};
  std::vector<Value> inputs;
};
} // namespace

TEST_F(Emit, Linalg) {
  const std::string text = emit(EmitStage::Linalg);
  for (const char *what : {"func.func", "linalg.generic", "math.sqrt",
                           "arith.mulf", "strided<[?, 1]"})
    EXPECT_TRUE(holds(text, what)) << what << "\n" << text;
  EXPECT_FALSE(holds(text, "fuser.mul")) << text;
}

TEST_F(Emit, LLVM) {
  const std::string text = emit(EmitStage::LLVM);
  for (const char *what : {"define ", "x float>", "llvm.sqrt", "fmul",
                           "target triple", "fuser_kernel_"})
    EXPECT_TRUE(holds(text, what)) << what << "\n" << text;
  // No call leaves the kernel, and nothing is contracted or reassociated.
  EXPECT_FALSE(holds(text, " fast ") || holds(text, " contract ")) << text;
}

TEST_F(Emit, Assembly) {
  const std::string text = emit(EmitStage::Assembly);
  for (const char *what : {".text", "fuser_kernel_", "sqrt"})
    EXPECT_TRUE(holds(text, what)) << what << "\n" << text;
}

/// Emitting is for looking: nothing is compiled or counted.
TEST_F(Emit, LeavesTheSessionAlone) {
  for (EmitStage stage :
       {EmitStage::Linalg, EmitStage::LLVM, EmitStage::Assembly})
    emit(stage);
  const auto statistics = harness.compiler.session().statistics();
  EXPECT_EQ(statistics.compiles.size(), 0u);
  EXPECT_EQ(statistics.hits + statistics.misses, 0);
}

TEST_F(Emit, KernelsShowTheirCode) {
  auto kernel = harness.compiler.session().kernelFor(key, inputs);
  ASSERT_TRUE(kernel.ok()) << kernel.status();
  EXPECT_TRUE(holds((*kernel)->code(), "sqrt")) << (*kernel)->code();
  std::vector<std::string> stages;
  for (const auto &[stage, milliseconds] : (*kernel)->times.stages) {
    stages.push_back(stage);
    EXPECT_GE(milliseconds, 0) << stage;
  }
  EXPECT_EQ(stages, (std::vector<std::string>{
                        "specialize", "linalg", "vector loops", "convert",
                        "translate", "optimize", "codegen", "link"}));
}

/// The text is of the kernel for these inputs.
TEST_F(Emit, FollowsTheLayout) {
  const std::string rows = emit(EmitStage::Linalg);
  for (Value &value : inputs)
    if (std::get<Tensor>(value).rank() == 2)
      value = makeInput(DType::f32, {4, 5}, Layout::InnerStride);
  EXPECT_NE(emit(EmitStage::Linalg), rows);
}

TEST_F(Emit, WrongKeyOrInputs) {
  auto status = [&](int64_t key, std::vector<Value> inputs) {
    return harness.compiler.emit(key, inputs, EmitStage::Linalg).status();
  };
  EXPECT_EQ(status(12345, inputs),
            absl::NotFoundError("no group has key 12345"));
  EXPECT_EQ(status(-1, inputs).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status(key, {inputs[0]}),
            absl::InvalidArgumentError("group 0 takes 2 inputs, got 1"));
  EXPECT_EQ(status(key, {}),
            absl::InvalidArgumentError("group 0 takes 2 inputs, got 0"));
}
