//===- LegacyKernelsTest.cpp - how many kernels, how many launches --------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What other fusers compiled again, launched one by one, or did not fuse.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <atomic>
#include <thread>

using namespace fuser;

/// Runs `text` as Harness::check does, in one launch of one group.
static std::vector<Tensor> checkOneLaunch(Harness &harness,
                                          const std::string &text,
                                          const std::vector<Value> &arguments) {
  const int64_t before = harness.compiler.session().statistics().launches;
  std::vector<Tensor> results = harness.check(text, arguments);
  EXPECT_EQ(harness.compiler.session().statistics().launches, before + 1)
      << text;
  const ProgramFunction *function = harness.function(text);
  EXPECT_TRUE(function && function->calls.size() == 1u) << text;
  return results;
}

//===----------------------------------------------------------------------===//
// Compilations
//===----------------------------------------------------------------------===//

static const std::string kScale = R"mlir(
func.func @f(%x: tensor<?x?xf32>, %s: f64) -> tensor<?x?xf32> {
  %n = fuser.splat %s : f64 -> tensor<f32>
  %0 = fuser.mul %x, %n : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}
)mlir";

TEST(LegacyKernels, EightThreadsCompileOnce) {
  Compiler compiler;
  auto program = compiler.load(kScale, "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  std::atomic<int> waiting{8}, right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (--waiting; waiting > 0;)
        std::this_thread::yield();
      auto results = program->run(program->functions()[0],
                                  {makeTensor<float>({1, 2}, {3, 4}), 0.5});
      right +=
          results.ok() && doubles((*results)[0]) == std::vector<double>{1.5, 2};
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(right, 8);
  EXPECT_EQ(compiler.session().statistics().compiles.size(), 1u);
  EXPECT_EQ(compiler.session().statistics().launches, 8);
}

TEST(LegacyKernels, SizesAndScalarsAreNoPartOfTheKey) {
  Harness harness;
  double scalar = 0;
  for (const Dims &sizes : {Dims{4, 5}, Dims{400, 50}, Dims{7, 1}})
    harness.check(kScale, {makeInput(DType::f32, sizes), scalar += 1.25});
  EXPECT_EQ(harness.compiler.session().nCompiledKernels(), 1);
}

TEST(LegacyKernels, OddStridesOfSizeOneDimsAreIgnored) {
  Harness harness;
  std::vector<float> memory(64, 1.5f);
  for (int64_t odd : {6, 5, 1, 0, 1000000})
    harness.check(
        kScale,
        {Tensor::borrow(memory.data(), DType::f32, {1, 6}, {odd, 1}), 2.0});
  EXPECT_EQ(harness.compiler.session().nCompiledKernels(), 1);
}

/// Four dimensions that lie one after the other in memory are one.
TEST(LegacyKernels, ContiguousDimensionsAreOne) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %0 = fuser.neg %x : tensor<?x?x?x?xf32>
  return %0 : tensor<?x?x?x?xf32>
}
)mlir";
  const ProgramFunction *function = harness.function(text);
  ASSERT_TRUE(function);
  auto plan = harness.compiler.session().plan(
      function->calls[0].key, {makeInput(DType::f32, {2, 3, 4, 5})});
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->nests.size(), 1u);
  EXPECT_EQ(plan->nests[0].sizes, Dims{120});
  checkOneLaunch(harness, text, {makeInput(DType::f32, {2, 3, 4, 5})});
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

TEST(LegacyKernels, ChunksOfInputsAreNotCopied) {
  Harness harness;
  checkOneLaunch(harness, R"mlir(
!t = tensor<?x6xf32>
!p = tensor<?x2xf32>
func.func @f(%x: !t) -> !p {
  %e = fuser.exp %x : !t
  %a, %b, %c = fuser.chunk %e dim 1 : !t to !p, !p, !p
  %0 = fuser.mul %a, %b : !p
  %1 = fuser.add %0, %c : !p
  return %1 : !p
}
)mlir",
                 {makeInput(DType::f32, {10, 6}, Layout::Sliced)});
  EXPECT_EQ(harness.compiler.session().statistics().copies, 0);
}

/// Once one kernel each, if any.
TEST(LegacyKernels, OutputsOfDifferentShapesAreOneKernel) {
  Harness harness;
  checkOneLaunch(harness, R"mlir(
func.func @f(%x: tensor<?x?xf32>, %y: tensor<?xf32>)
    -> (tensor<?x?xf32>, tensor<?xf32>) {
  %0 = fuser.sqrt %y : tensor<?xf32>
  %1 = fuser.add %x, %0 : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  return %1, %0 : tensor<?x?xf32>, tensor<?xf32>
}
)mlir",
                 {makeInput(DType::f32, {4, 9}), makeInput(DType::f32, {9})});
}

TEST(LegacyKernels, HundredFortyOutputsOfOneInputAreOneLaunch) {
  Harness harness;
  std::vector<std::string> names, types(140, "tensor<?xf32>");
  std::string ops;
  for (int i = 0; i < 140; ++i) {
    names.push_back(absl::StrCat("%r", i));
    absl::StrAppend(&ops, "  %c", i, " = fuser.constant dense<", i,
                    ".5> : tensor<f32>\n  %r", i, " = fuser.mul %x, %c", i,
                    " : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>\n");
  }
  const std::string list = absl::StrJoin(types, ", ");
  checkOneLaunch(harness,
                 absl::StrCat("func.func @f(%x: tensor<?xf32>) -> (", list,
                              ") {\n", ops, "  return ",
                              absl::StrJoin(names, ", "), " : ", list, "\n}\n"),
                 {makeInput(DType::f32, {100})});
}

TEST(LegacyKernels, SumOf200Operands) {
  Harness harness;
  std::vector<std::string> arguments;
  std::string ops = "  %s0 = fuser.neg %x0 : tensor<?xf32>\n";
  std::vector<Value> inputs;
  for (int i = 0; i < 200; ++i) {
    arguments.push_back(absl::StrCat("%x", i, ": tensor<?xf32>"));
    inputs.push_back(makeInput(DType::f32, {33}, Layout::Contiguous, i + 1));
    if (i > 0)
      absl::StrAppend(&ops, "  %s", i, " = fuser.add %s", i - 1, ", %x", i,
                      " : tensor<?xf32>\n");
  }
  const std::string text = absl::StrCat(
      "func.func @f(", absl::StrJoin(arguments, ", "), ") -> tensor<?xf32> {\n",
      ops, "  return %s199 : tensor<?xf32>\n}\n");
  harness.check(text, inputs);
  // A group has 128 inputs at most.
  EXPECT_LE(harness.function(text)->calls.size(), 3u);
}

TEST(LegacyKernels, ConcatOf2000Operands) {
  Harness harness;
  std::vector<std::string> parts, types(2000, "tensor<?xf32>");
  std::string ops;
  for (int i = 0; i < 2000; ++i)
    parts.push_back(i % 2 ? "%x" : "%y");
  const std::vector<Tensor> results = harness.check(
      absl::StrCat("func.func @f(%x: tensor<?xf32>, %y: tensor<?xf32>) -> "
                   "tensor<?xf32> {\n  %r = fuser.concat ",
                   absl::StrJoin(parts, ", "),
                   " dim 0 : ", absl::StrJoin(types, ", "),
                   " to tensor<?xf32>\n  return %r : tensor<?xf32>\n}\n"),
      {makeTensor<float>({1}, {1}), makeTensor<float>({2}, {2, 3})});
  ASSERT_EQ(results.size(), 1u);
  const std::vector<double> found = doubles(results[0]);
  ASSERT_EQ(found.size(), 3000u);
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_EQ(found[i], (i + 1) % 3 + 1) << i;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

/// A chain of `ops` on f32 vectors, each on what the one before gives.
static void checkChain(const std::vector<std::string> &ops) {
  std::string body;
  std::string last = "%x";
  for (std::size_t i = 0; i < ops.size(); ++i) {
    absl::StrAppend(&body, "  %v", i, " = fuser.",
                    absl::StrCat(ops[i].substr(0, ops[i].find('$')), last,
                                 ops[i].substr(ops[i].find('$') + 1)),
                    " : tensor<?xf32>\n");
    last = absl::StrCat("%v", i);
  }
  Harness harness;
  checkOneLaunch(harness,
                 absl::StrCat("func.func @f(%x: tensor<?xf32>, %l: "
                              "tensor<?xf32>, %h: tensor<?xf32>) -> "
                              "tensor<?xf32> {\n",
                              body, "  return ", last, " : tensor<?xf32>\n}\n"),
                 {makeInput(DType::f32, {100}, Layout::Contiguous, 1),
                  makeInput(DType::f32, {100}, Layout::Contiguous, 2),
                  makeInput(DType::f32, {100}, Layout::Contiguous, 3)});
}

TEST(LegacyKernels, ActivationsAreFused) {
  checkChain({"gelu $", "silu $", "elu $ alpha 1.5", "leaky_relu $ slope 0.1",
              "hardsigmoid $", "hardswish $", "hardtanh $ max 6.0",
              "softplus $", "mish $"});
}

TEST(LegacyKernels, MinimumMaximumAndClampAreFused) {
  checkChain({"minimum $, %h", "maximum $, %l", "clamp $, %l, %h"});
}

TEST(LegacyKernels, MasksBitsAndCastsAreFused) {
  Harness harness;
  checkOneLaunch(harness, R"mlir(
!f = tensor<?xf32>
!i = tensor<?xi32>
func.func @f(%x: !f, %y: !f) -> (!f, !i) {
  %nan = fuser.is_nan %x : !f
  %filled = fuser.select %nan, %y, %x : (tensor<?xi1>, !f, !f) -> !f
  %i = fuser.cast %filled : !f to !i
  %j = fuser.cast %y : !f to !i
  %or = fuser.bitwise_or %i, %j : !i
  %not = fuser.bitwise_not %or : !i
  return %filled, %not : !f, !i
}
)mlir",
                 {makeInput(DType::f32, {50}, Layout::Contiguous, 1),
                  makeInput(DType::f32, {50}, Layout::Contiguous, 2)});
}

TEST(LegacyKernels, SlicesReshapesAndTransposesAreFused) {
  Harness harness;
  const Tensor x = makeInput(DType::f32, {8, 6});
  checkOneLaunch(harness, R"mlir(
func.func @f(%x: tensor<8x6xf32>) -> tensor<6x4xf32> {
  %e = fuser.exp %x : tensor<8x6xf32>
  %s = fuser.slice %e dim 0 start 2 end 6 : tensor<8x6xf32> to tensor<4x6xf32>
  %t = fuser.transpose %s permutation [1, 0] : tensor<4x6xf32> to tensor<6x4xf32>
  %y = fuser.neg %t : tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}
)mlir",
                 {x});
  checkOneLaunch(harness, R"mlir(
func.func @f(%x: tensor<8x6xf32>) -> tensor<2x4x6xf32> {
  %e = fuser.exp %x : tensor<8x6xf32>
  %r = fuser.reshape %e sizes [2, 4, 6] : tensor<8x6xf32> to tensor<2x4x6xf32>
  %y = fuser.neg %r : tensor<2x4x6xf32>
  return %y : tensor<2x4x6xf32>
}
)mlir",
                 {x});
}
