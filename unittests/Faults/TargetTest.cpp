//===- TargetTest.cpp - kernels for lesser processors ---------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Compiler/OpCases.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

using namespace fuser;

//===----------------------------------------------------------------------===//
// Every op on every type
//===----------------------------------------------------------------------===//

namespace {
/// Operands of one type on one level of the x86-64 instruction set.
class Level : public ::testing::TestWithParam<std::tuple<const char *, int>> {};
} // namespace

/// A level without F16C and FMA calls functions for them.
TEST_P(Level, AgreesWithTheInterpreter) {
  const auto [cpu, type] = GetParam();
  Harness harness({}, {cpu, ""});
  const absl::Status status = harness.compiler.checkTarget();
  if (!status.ok())
    GTEST_SKIP() << status;
  for (const OpCase &test : allOpCases()) {
    if (test.type != DType(type))
      continue;
    SCOPED_TRACE(test.name());
    // A full vector, the rest of one, and rows that are apart.
    harness.check(test.program(1), test.inputs({37}, [](std::size_t) {
      return Layout::Contiguous;
    }));
    harness.check(test.program(2), test.inputs({3, 5}, [](std::size_t i) {
      return i == 0 ? Layout::InnerStride : Layout::Sliced;
    }));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Level,
    ::testing::Combine(::testing::Values("x86-64", "x86-64-v2", "x86-64-v3"),
                       ::testing::Range(0, kNumDTypes)),
    [](const auto &info) {
      return absl::StrReplaceAll(
          absl::StrCat(std::get<0>(info.param), "_",
                       dtypeName(DType(std::get<1>(info.param)))),
          {{"-", "_"}});
    });

//===----------------------------------------------------------------------===//
// The choice
//===----------------------------------------------------------------------===//

static const std::string kText = R"mlir(
func.func @f(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %r = fuser.fma %x, %y, %x : tensor<?xf32>
  return %r : tensor<?xf32>
}
)mlir";

static std::vector<Value> inputs() {
  return {makeInput(DType::f32, {100}, Layout::Contiguous, 1),
          makeInput(DType::f32, {100}, Layout::Contiguous, 2)};
}

static std::string assembly(const TargetOptions &target) {
  Compiler compiler({}, target);
  auto program = compiler.load(kText, "test.mlir");
  EXPECT_TRUE(program.ok()) << program.status();
  auto text = compiler.emit(program->functions()[0].calls[0].key, inputs(),
                            EmitStage::Assembly);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.ok() ? *text : "";
}

TEST(Target, IsWhatTheCodeIsFor) {
  const std::string baseline = assembly({"x86-64", ""});
  EXPECT_NE(baseline.find("fmaf"), std::string::npos);
  EXPECT_EQ(baseline.find("ymm"), std::string::npos);
  if (!Compiler({}, {"x86-64-v3", ""}).checkTarget().ok())
    GTEST_SKIP() << "no x86-64-v3";
  EXPECT_NE(assembly({"x86-64-v3", ""}).find("vfmadd"), std::string::npos);
  EXPECT_NE(assembly({"x86-64-v3", "-fma"}).find("fmaf"), std::string::npos);
  EXPECT_NE(assembly({"x86-64", "+avx2,+fma"}).find("ymm"), std::string::npos);
}

/// What has no code generator is interpreted.
static std::string refusal(const TargetOptions &target) {
  Compiler compiler({}, target);
  auto program = compiler.load(kText, "test.mlir");
  EXPECT_TRUE(program.ok()) << program.status();
  const std::vector<Value> arguments = inputs();
  auto results = program->run(program->functions()[0], arguments);
  auto oracle = program->runFallback(program->functions()[0], arguments);
  EXPECT_TRUE(results.ok() && oracle.ok());
  if (results.ok() && oracle.ok())
    EXPECT_TRUE(sameBits((*results)[0], (*oracle)[0]));
  const auto statistics = compiler.session().statistics();
  EXPECT_EQ(
      statistics
          .fallbacks[static_cast<int>(runtime::FallbackReason::CompileFailed)],
      1);
  return std::string(compiler.checkTarget().message());
}

TEST(Target, UnknownNamesAreRefused) {
  EXPECT_EQ(refusal({"pentium-9", ""}),
            "'pentium-9' is no processor of this target: expected a name that "
            "LLVM knows, such as x86-64-v3");
  for (const char *feature : {"+warp", "avx2", "-", "+avx2,+warp"})
    EXPECT_NE(refusal({"", feature}).find("' is no feature of this target"),
              std::string::npos);
}

/// Instructions of AMD's that no processor with AVX-512 ever had.
TEST(Target, WhatThisMachineLacksIsRefused) {
  EXPECT_EQ(refusal({"x86-64", "+tbm"}),
            "this machine lacks tbm, which x86-64 has");
}
