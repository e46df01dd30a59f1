//===- GroupTest.cpp - what groups take, give and hold --------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include <cmath>
#include <limits>

using namespace fuser;

static Tensor input(const Dims &sizes, uint64_t seed = 1,
                    Layout layout = Layout::Contiguous) {
  return makeInput(DType::f32, sizes, layout, seed);
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

TEST(Group, SeveralOutputsOfOneShape) {
  Harness harness;
  const std::string text = R"mlir(
!t = tensor<?xf32>
func.func @f(%x: !t, %y: !t) -> (!t, !t, tensor<?xi1>, tensor<?xf64>) {
  %0 = fuser.add %x, %y : !t
  %1 = fuser.exp %0 : !t
  %2 = fuser.compare gt, %1, %y : !t
  %3 = fuser.cast %1 : !t to tensor<?xf64>
  return %1, %0, %2, %3 : !t, !t, tensor<?xi1>, tensor<?xf64>
}
)mlir";
  for (int64_t size : {0, 1, 7, 1000})
    harness.check(text, {input({size}, 1), input({size}, 2)});
  EXPECT_EQ(harness.compiler.session().nCompiledKernels(), 1);
}

TEST(Group, OutputsOfDifferentShapes) {
  Harness harness;
  const std::string text = R"mlir(
!t = tensor<?x?xf32>
func.func @f(%x: !t, %row: tensor<?xf32>, %n: tensor<f32>)
    -> (!t, tensor<?xf32>, tensor<f32>, tensor<?x?xf32>) {
  %0 = fuser.sqrt %row : tensor<?xf32>
  %1 = fuser.tanh %n : tensor<f32>
  %2 = fuser.mul %x, %0 : (!t, tensor<?xf32>) -> !t
  %3 = fuser.sub %2, %1 : (!t, tensor<f32>) -> !t
  %4 = fuser.slice %3 dim 1 start 0 end 1 : !t to tensor<?x?xf32>
  return %3, %0, %1, %4 : !t, tensor<?xf32>, tensor<f32>, tensor<?x?xf32>
}
)mlir";
  for (const Dims &sizes : {Dims{3, 5}, Dims{1, 1}, Dims{0, 5}, Dims{40, 64}})
    harness.check(text, {input(sizes, 1, Layout::Sliced), input({sizes[1]}, 2),
                         input({}, 3)});
  EXPECT_EQ(harness.function(text)->calls.size(), 1u);
}

TEST(Group, OneValueReturnedTwice) {
  Harness harness;
  const std::string text = R"mlir(
!t = tensor<?xf32>
func.func @f(%x: !t) -> (!t, !t, !t) {
  %0 = fuser.neg %x : !t
  %1 = fuser.neg %x : !t
  return %0, %0, %1 : !t, !t, !t
}
)mlir";
  harness.check(text, {input({9})});
}

TEST(Group, InputReturned) {
  Harness harness;
  Tensor x = input({3, 5}, 1, Layout::Transposed);
  auto results = harness.check(R"mlir(
!t = tensor<?x?xf32>
func.func @f(%x: !t, %y: !t) -> (!t, !t, !t) {
  %0 = fuser.add %x, %y : !t
  return %x, %0, %x : !t, !t, !t
}
)mlir",
                               {x, input({3, 5}, 2)});
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].data(), x.data());
}

TEST(Group, OnlyReturns) {
  Harness harness;
  harness.check("func.func @f(%x: tensor<3xf32>) -> tensor<3xf32> {\n"
                "  return %x : tensor<3xf32>\n}\n",
                {input({3})});
  auto results = harness.check(R"mlir(
func.func @f() -> (tensor<2xi64>, tensor<f32>, tensor<2xi1>, tensor<1x2xui8>) {
  %0 = fuser.constant dense<[-9223372036854775808, 5]> : tensor<2xi64>
  %1 = fuser.constant dense<0.1> : tensor<f32>
  %2 = fuser.constant dense<[true, false]> : tensor<2xi1>
  %3 = fuser.constant dense<255> : tensor<1x2xui8>
  return %0, %1, %2, %3
      : tensor<2xi64>, tensor<f32>, tensor<2xi1>, tensor<1x2xui8>
}
)mlir",
                               {});
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(results[0].dataAs<int64_t>()[0],
            std::numeric_limits<int64_t>::min());
  EXPECT_EQ(doubles(results[1]), std::vector<double>{0.1f});
  EXPECT_EQ(doubles(results[2]), (std::vector<double>{1, 0}));
  EXPECT_EQ(doubles(results[3]), (std::vector<double>{255, 255}));
  EXPECT_TRUE(harness.check("func.func @f() { return }", {}).empty());
}

TEST(Group, ViewReturned) {
  Harness harness;
  const std::string text = R"mlir(
!t = tensor<?x?xf32>
func.func @f(%x: !t) -> (!t, !t, !t, tensor<?x1x?xf32>) {
  %0 = fuser.transpose %x permutation [1, 0] : !t to !t
  %a, %b = fuser.chunk %x dim 1 : !t to !t, !t
  %1 = fuser.expand_dims %x dim 1 : !t to tensor<?x1x?xf32>
  return %0, %b, %a, %1 : !t, !t, !t, tensor<?x1x?xf32>
}
)mlir";
  for (int layout = 0; layout < kNumLayouts; ++layout)
    for (const Dims &sizes : {Dims{3, 5}, Dims{1, 1}, Dims{2, 0}})
      harness.check(text, {input(sizes, 1, Layout(layout))});
}

//===----------------------------------------------------------------------===//
// Scalars and constants
//===----------------------------------------------------------------------===//

TEST(Group, ScalarsOfEveryTypeToEveryType) {
  Harness harness;
  for (int type = 0; type < kNumDTypes; ++type) {
    const std::string text = absl::StrReplaceAll(
        R"mlir(
func.func @f(%d: f64, %i: i64, %b: i1, %x: TENSOR)
    -> (SCALAR, tensor<2x2xELEMENT>, SCALAR, TENSOR) {
  %0 = fuser.splat %d : f64 -> SCALAR
  %1 = fuser.splat %i : i64 -> tensor<2x2xELEMENT>
  %2 = fuser.splat %b : i1 -> SCALAR
  %m = fuser.compare ne, %0, %2 : SCALAR
  %3 = fuser.select %m, %x, %2 : (tensor<i1>, TENSOR, SCALAR) -> TENSOR
  return %0, %1, %2, %3 : SCALAR, tensor<2x2xELEMENT>, SCALAR, TENSOR
}
)mlir",
        {{"TENSOR", absl::StrCat("tensor<?x", dtypeName(DType(type)), ">")},
         {"SCALAR", absl::StrCat("tensor<", dtypeName(DType(type)), ">")},
         {"ELEMENT", dtypeName(DType(type))}});
    Tensor x = makeInput(DType(type), {5});
    harness.check(text, {1.0, int64_t(1), true, x});
    const int64_t compiled = harness.compiler.session().nCompiledKernels();
    const double inf = std::numeric_limits<double>::infinity();
    for (double d : {0.1, -0.0, 1e300, -3.99, inf, std::nan("")})
      for (int64_t i : {int64_t(0), int64_t(-1), int64_t(1) << 53,
                        std::numeric_limits<int64_t>::min(),
                        std::numeric_limits<int64_t>::max()})
        harness.check(text, {d, i, i % 2 != 0, x});
    EXPECT_EQ(harness.compiler.session().nCompiledKernels(), compiled);
  }
}

TEST(Group, Constants) {
  Harness harness;
  const std::string text = R"mlir(
!t = tensor<?x3xf32>
func.func @f(%x: !t, %i: tensor<?x3xi32>) -> (!t, tensor<?x3xi32>, tensor<2x3xf32>) {
  %row = fuser.constant dense<[1.5, 0x7FC00000, -0.0]> : tensor<3xf32>
  %splat = fuser.constant dense<2.5> : tensor<3xf32>
  %one = fuser.constant dense<3.0> : tensor<1x1xf32>
  %full = fuser.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]>
      : tensor<2x3xf32>
  %ints = fuser.constant dense<[-2147483648, -1, 7]> : tensor<3xi32>
  %0 = fuser.add %x, %row : (!t, tensor<3xf32>) -> !t
  %1 = fuser.mul %0, %splat : (!t, tensor<3xf32>) -> !t
  %2 = fuser.maximum %1, %one : (!t, tensor<1x1xf32>) -> !t
  %3 = fuser.mul %i, %ints : (tensor<?x3xi32>, tensor<3xi32>) -> tensor<?x3xi32>
  %4 = fuser.add %full, %x : (tensor<2x3xf32>, !t) -> tensor<2x3xf32>
  return %2, %3, %4 : !t, tensor<?x3xi32>, tensor<2x3xf32>
}
)mlir";
  for (int64_t rows : {1, 2})
    harness.check(text, {input({rows, 3}), makeInput(DType::i32, {rows, 3})});
}

/// A constant's shape takes part in broadcasting, through views, too.
TEST(Group, ConstantsGiveShapes) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?xf32>, %y: tensor<?xf32>)
    -> (tensor<4x?xf32>, tensor<4xf32>, tensor<2xf32>, tensor<2xf32>) {
  %c = fuser.constant dense<2.0> : tensor<4x1xf32>
  %d = fuser.constant dense<3.0> : tensor<4xf32>
  %0 = fuser.mul %c, %x : (tensor<4x1xf32>, tensor<?xf32>) -> tensor<4x?xf32>
  %1 = fuser.add %y, %d : (tensor<?xf32>, tensor<4xf32>) -> tensor<4xf32>
  %a, %b = fuser.chunk %1 dim 0 : tensor<4xf32> to tensor<2xf32>, tensor<2xf32>
  %2 = fuser.exp %a : tensor<2xf32>
  return %0, %1, %2, %b
      : tensor<4x?xf32>, tensor<4xf32>, tensor<2xf32>, tensor<2xf32>
}
)mlir";
  for (int64_t x : {0, 1, 5})
    for (int64_t y : {1, 4})
      harness.check(text, {input({x}, 1), input({y}, 2)});
}

/// What is known when the program is loaded is computed then, to the same bits.
TEST(Group, FoldedConstants) {
  Harness harness;
  auto results = harness.check(R"mlir(
func.func @f(%x: f64, %y: f64) -> (tensor<f64>, tensor<f64>) {
  %a = fuser.constant dense<0.7> : tensor<f64>
  %b = fuser.constant dense<-3.3> : tensor<f64>
  %0 = fuser.tanh %a : tensor<f64>
  %1 = fuser.exp %b : tensor<f64>
  %2 = fuser.div %0, %1 : tensor<f64>
  %c = fuser.splat %x : f64 -> tensor<f64>
  %d = fuser.splat %y : f64 -> tensor<f64>
  %3 = fuser.tanh %c : tensor<f64>
  %4 = fuser.exp %d : tensor<f64>
  %5 = fuser.div %3, %4 : tensor<f64>
  return %2, %5 : tensor<f64>, tensor<f64>
}
)mlir",
                               {0.7, -3.3});
  ASSERT_EQ(results.size(), 2u);
  EXPECT_TRUE(sameBits(results[0], results[1]));
}

//===----------------------------------------------------------------------===//
// Size
//===----------------------------------------------------------------------===//

/// A chain of `length` ops that does not run off to infinity.
static std::string chain(int length) {
  std::string text = "func.func @f(%x: tensor<?xf32>, %y: tensor<?xf32>) -> "
                     "tensor<?xf32> {\n  %v0 = fuser.neg %x : tensor<?xf32>\n";
  const char *const ops[] = {"add %V, %y", "abs %V", "sub %V, %x",    "sqrt %V",
                             "mul %V, %y", "neg %V", "maximum %V, %x"};
  for (int i = 1; i < length; ++i)
    absl::StrAppend(
        &text, "  %v", i, " = fuser.",
        absl::StrReplaceAll(ops[i % 7], {{"V", absl::StrCat("v", i - 1)}}),
        " : tensor<?xf32>\n");
  return absl::StrCat(text, "  return %v", length - 1, " : tensor<?xf32>\n}\n");
}

TEST(Group, LongChains) {
  for (auto [length, groups] : {std::pair(400, 1u), {1000, 2u}, {3000, 6u}}) {
    Harness harness;
    const std::string text = chain(length);
    for (int64_t size : {1, 37})
      harness.check(text, {input({size}, 1), input({size}, 2)});
    ASSERT_NE(harness.function(text), nullptr);
    EXPECT_EQ(harness.function(text)->calls.size(), groups);
  }
}

TEST(Group, ThousandOpsInOneGroup) {
  Compiler compiler;
  LoadOptions options;
  options.maxOps = 2000;
  auto program = compiler.load(chain(1000), "chain.mlir", options);
  ASSERT_TRUE(program.ok()) << program.status();
  ASSERT_EQ(program->functions()[0].calls.size(), 1u);
  const std::vector<Value> inputs{input({37}, 1), input({37}, 2)};
  auto fused = program->run(program->functions()[0], inputs);
  auto oracle = program->runFallback(program->functions()[0], inputs);
  ASSERT_TRUE(fused.ok() && oracle.ok()) << fused.status() << oracle.status();
  EXPECT_TRUE(sameBits((*fused)[0], (*oracle)[0]));
  EXPECT_EQ(compiler.session().statistics().launches, 1);
}

TEST(Group, FortyInputs) {
  Harness harness;
  std::vector<std::string> arguments;
  std::string ops;
  for (int i = 0; i < 40; ++i) {
    arguments.push_back(absl::StrCat("%x", i, ": tensor<?x?xf32>"));
    if (i > 0)
      absl::StrAppend(&ops, "  %s", i, " = fuser.", i % 3 ? "add" : "maximum",
                      " %", i == 1 ? "x" : "s", i - 1, ", %x", i,
                      " : tensor<?x?xf32>\n");
  }
  const std::string text = absl::StrCat(
      "func.func @f(", absl::StrJoin(arguments, ", "),
      ") -> tensor<?x?xf32> {\n", ops, "  return %s39 : tensor<?x?xf32>\n}\n");
  for (bool mixed : {false, true}) {
    std::vector<Value> inputs;
    for (int i = 0; i < 40; ++i)
      inputs.push_back(input({6, i % 4 == 3 ? 1 : 5}, i + 1,
                             Layout(mixed ? i % kNumLayouts : 0)));
    harness.check(text, inputs);
  }
  EXPECT_EQ(harness.function(text)->calls.size(), 1u);
}

/// `count` products of one input, all of them returned.
static std::string productsOfOneInput(int count) {
  std::vector<std::string> names, types(count, "tensor<?xf32>");
  std::string ops;
  for (int i = 0; i < count; ++i) {
    names.push_back(absl::StrCat("%r", i));
    absl::StrAppend(&ops, "  %c", i, " = fuser.constant dense<", i,
                    ".5> : tensor<f32>\n  %r", i, " = fuser.mul %x, %c", i,
                    " : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>\n");
  }
  return absl::StrCat("func.func @f(%x: tensor<?xf32>) -> (",
                      absl::StrJoin(types, ", "), ") {\n", ops, "  return ",
                      absl::StrJoin(names, ", "), " : ",
                      absl::StrJoin(types, ", "), "\n}\n");
}

/// Inputs and outputs of one group are limited to 256, which splits and never
/// fails: of 2,000 outputs 255 go with their one input.
TEST(Group, ManyOutputsOfOneInput) {
  for (auto [count, groups] : {std::pair(140, 1u), {2000, 8u}}) {
    Harness harness;
    const std::string text = productsOfOneInput(count);
    harness.check(text, {input({100})});
    ASSERT_NE(harness.function(text), nullptr);
    EXPECT_EQ(harness.function(text)->calls.size(), groups);
  }
}

/// A program of `ops` on `count` inputs %x0, %x1, ...
static std::string manyInputs(int count, const std::string &ops,
                              const std::string &result) {
  std::vector<std::string> arguments;
  for (int i = 0; i < count; ++i)
    arguments.push_back(absl::StrCat("%x", i, ": tensor<?xf32>"));
  return absl::StrCat("func.func @f(", absl::StrJoin(arguments, ", "),
                      ") -> tensor<?xf32> {\n", ops, "  return ", result,
                      " : tensor<?xf32>\n}\n");
}

TEST(Group, SumOfManyOperands) {
  // A group of 255 inputs; each other one has a sum, 254 inputs and an output.
  for (auto [count, groups] : {std::pair(200, 1u), {600, 3u}}) {
    std::string ops;
    for (int i = 1; i < count; ++i)
      absl::StrAppend(&ops, "  %s", i, " = fuser.add %", i == 1 ? "x" : "s",
                      i - 1, ", %x", i, " : tensor<?xf32>\n");
    const std::string text =
        manyInputs(count, ops, absl::StrCat("%s", count - 1));
    std::vector<Value> inputs;
    for (int i = 0; i < count; ++i)
      inputs.push_back(input({33}, i + 1));
    Harness harness;
    harness.check(text, inputs);
    ASSERT_NE(harness.function(text), nullptr);
    EXPECT_EQ(harness.function(text)->calls.size(), groups);
  }
}

/// One op can't be split, so its group has more operands than others may.
TEST(Group, ConcatOfManyOperands) {
  std::vector<std::string> names, types(2000, "tensor<?xf32>");
  std::vector<Value> inputs;
  for (int i = 0; i < 2000; ++i) {
    names.push_back(absl::StrCat("%x", i));
    inputs.push_back(input({1 + i % 3}, i + 1));
  }
  const std::string text = manyInputs(
      2000,
      absl::StrCat("  %y = fuser.concat ", absl::StrJoin(names, ", "),
                   " dim 0 : ", absl::StrJoin(types, ", "),
                   " to tensor<?xf32>\n"),
      "%y");
  Harness harness;
  harness.check(text, inputs);
  ASSERT_NE(harness.function(text), nullptr);
  EXPECT_EQ(harness.function(text)->calls.size(), 1u);
}

/// What shares nothing shares a launch, whatever the shapes.
TEST(Group, IndependentChains) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?xf32>, %y: tensor<?x?xf32>)
    -> (tensor<?xf32>, tensor<?x?xf32>) {
  %0 = fuser.exp %x : tensor<?xf32>
  %1 = fuser.tanh %y : tensor<?x?xf32>
  %2 = fuser.neg %0 : tensor<?xf32>
  %3 = fuser.abs %1 : tensor<?x?xf32>
  return %2, %3 : tensor<?xf32>, tensor<?x?xf32>
}
)mlir";
  for (int64_t size : {0, 1, 12, 100})
    harness.check(text, {input({size}, 1), input({3, 4}, 2)});
  ASSERT_NE(harness.function(text), nullptr);
  EXPECT_EQ(harness.function(text)->calls.size(), 1u);
}

/// What is needed for its shape only is not computed, in no group.
TEST(Group, ShapesAreNotComputed) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x1xf32>, %y: tensor<?xf32>, %z: tensor<?x?xf32>)
    -> (tensor<?x?xi64>, tensor<?x?xf32>) {
  %0 = fuser.exp %x : tensor<?x1xf32>
  %1 = fuser.add %0, %y : (tensor<?x1xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %2 = fuser.iota like %1 : tensor<?x?xf32> to tensor<?x?xi64>
  %3 = fuser.tanh %1 : tensor<?x?xf32>
  %4 = fuser.broadcast_like %y, %3
      : tensor<?xf32>, tensor<?x?xf32> to tensor<?x?xf32>
  %5 = fuser.mul %4, %z : tensor<?x?xf32>
  return %2, %5 : tensor<?x?xi64>, tensor<?x?xf32>
}
)mlir";
  for (const Dims &sizes : {Dims{3, 5}, Dims{1, 1}, Dims{0, 5}})
    harness.check(
        text, {input({sizes[0], 1}, 1), input({sizes[1]}, 2), input(sizes, 3)});
  const ProgramFunction *function = harness.function(text);
  ASSERT_NE(function, nullptr);
  std::vector<std::string> ops;
  for (const ProgramFunction::Call &call : function->calls)
    ops.insert(ops.end(), call.ops.begin(), call.ops.end());
  EXPECT_EQ(absl::StrJoin(ops, " "), "broadcast_like iota broadcast_like mul");
  // The shapes must fit all the same.
  EXPECT_NE(harness.runError(
                text, {input({3, 1}, 1), input({5}, 2), input({4, 5}, 3)}),
            "");
}
