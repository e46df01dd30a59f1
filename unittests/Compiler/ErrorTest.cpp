//===- ErrorTest.cpp - programs and arguments that do not fit -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_cat.h"

using namespace fuser;

static Tensor input(const Dims &sizes, DType dtype = DType::f32) {
  return makeInput(dtype, sizes);
}

/// Every one of `parts` is in `text`.
static ::testing::AssertionResult
holdsAll(const std::string &text, const std::vector<std::string> &parts) {
  for (const std::string &part : parts)
    if (text.find(part) == std::string::npos)
      return ::testing::AssertionFailure()
             << "expected '" << part << "' in '" << text << "'";
  return ::testing::AssertionSuccess();
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

/// Loading `text` fails with these words.
static void expectLoadError(const std::string &text,
                            const std::vector<std::string> &parts) {
  Compiler compiler;
  auto program = compiler.load(text, "bad.mlir");
  ASSERT_EQ(program.status().code(), absl::StatusCode::kInvalidArgument)
      << program.status() << "\n"
      << text;
  EXPECT_TRUE(holdsAll(std::string(program.status().message()), parts));
  // The compiler is as good as before.
  EXPECT_TRUE(compiler
                  .load("func.func @f(%x: tensor<f32>) -> tensor<f32> {\n"
                        "  %0 = fuser.exp %x : tensor<f32>\n"
                        "  return %0 : tensor<f32>\n}",
                        "good.mlir")
                  .ok());
}

/// A function of `x` and `y` (f32 vectors) with these lines.
static std::string body(const std::string &lines,
                        const std::string &result = "tensor<?xf32>") {
  return absl::StrCat("func.func @f(%x: tensor<?xf32>, %y: tensor<3xf32>) -> ",
                      result, " {\n", lines, "\n}\n");
}

TEST(LoadError, MalformedText) {
  expectLoadError("func.func @f(", {"bad.mlir:1:13"});
  expectLoadError("func.func @f(%x: tensor<4xf32>) {\n  retrun\n}",
                  {"bad.mlir:2:3"});
  expectLoadError(std::string("ML\xefR broken bytecode"), {});
}

TEST(LoadError, NoFunction) {
  expectLoadError("", {"bad.mlir has no function: expected at least one "
                       "func.func"});
  expectLoadError("func.func private @f(tensor<f32>)", {"has no function"});
}

TEST(LoadError, UnknownOp) {
  expectLoadError(body("  %0 = fuser.sine %x : tensor<?xf32>\n"
                       "  return %0 : tensor<?xf32>"),
                  {"bad.mlir:2:", "fuser.sine"});
  expectLoadError(body("  %0 = \"tensor.of\"(%x) : (tensor<?xf32>) -> "
                       "tensor<?xf32>\n  return %0 : tensor<?xf32>"),
                  {"bad.mlir:2:", "tensor.of"});
}

TEST(LoadError, OpOfAnotherDialect) {
  expectLoadError(body("  %0 = arith.addf %x, %x : tensor<?xf32>\n"
                       "  return %0 : tensor<?xf32>"),
                  {"function 'f' uses arith.addf: expected ops of the fuser "
                   "dialect only"});
  expectLoadError("func.func @g(%x: tensor<f32>) -> tensor<f32> {\n"
                  "  return %x : tensor<f32>\n}\n"
                  "func.func @f(%x: tensor<f32>) -> tensor<f32> {\n"
                  "  %0 = func.call @g(%x) : (tensor<f32>) -> tensor<f32>\n"
                  "  return %0 : tensor<f32>\n}",
                  {"function 'f' uses func.call"});
}

TEST(LoadError, SeveralBlocks) {
  expectLoadError("func.func @f(%x: tensor<f32>) -> tensor<f32> {\n"
                  "  cf.br ^next\n^next:\n  return %x : tensor<f32>\n}",
                  {"has several blocks: expected one"});
}

TEST(LoadError, ScalarResult) {
  expectLoadError("func.func @f(%x: f64) -> f64 {\n  return %x : f64\n}",
                  {"result 0 of function 'f' is a scalar: expected a tensor"});
}

TEST(LoadError, TypesOutsideTheDialect) {
  expectLoadError(
      "func.func @f(%x: tensor<4xf8E4M3FN>) { return }",
      {"argument 0 of function 'f' has type tensor<4xf8E4M3FN>: expected "
       "a ranked tensor of i1, ui8, i8, i16, i32, i64, f16, bf16, f32 or f64, "
       "or a scalar of f64, i64 or i1"});
  expectLoadError("func.func @f(%a: tensor<f32>, %x: tensor<*xf32>) { return }",
                  {"argument 1 of function 'f' has type tensor<*xf32>"});
  expectLoadError("func.func @f(%x: f32) { return }", {"has type f32"});
  expectLoadError("func.func @f(%x: memref<4xf32>) { return }",
                  {"has type memref<4xf32>"});
}

TEST(LoadError, TypesDoNotFit) {
  expectLoadError(body("  %0 = fuser.add %x, %y : (tensor<?xf32>, "
                       "tensor<3xf64>) -> tensor<?xf32>\n"
                       "  return %0 : tensor<?xf32>"),
                  {"bad.mlir:2:"});
  // Two lines of diagnostics: where the use is, where the definition.
  expectLoadError("func.func @f(%x: tensor<4xf32>, %y: tensor<3xf32>) -> "
                  "tensor<4xf32> {\n  %0 = fuser.add %x, %y : (tensor<4xf32>, "
                  "tensor<3xf32>) -> tensor<4xf32>\n"
                  "  return %0 : tensor<4xf32>\n}",
                  {"bad.mlir:2:", "4", "3", "do not broadcast"});
  expectLoadError(body("  %0 = fuser.sqrt %x : tensor<?xi32>\n"
                       "  return %0 : tensor<?xf32>"),
                  {"bad.mlir:2:"});
}

TEST(LoadError, ConstantInAGroup) {
  expectLoadError(
      "func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {\n"
      "  %0 = fuser.group(%a = %x : tensor<2xf32>) -> tensor<2xf32> {\n"
      "    %c = fuser.constant dense<[1.0, 2.0]> : tensor<2xf32>\n"
      "    %1 = fuser.add %a, %c : tensor<2xf32>\n"
      "    fuser.yield %1 : tensor<2xf32>\n  }\n"
      "  return %0 : tensor<2xf32>\n}",
      {"has different elements: expected an input of the group"});
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

static const char *const kScaled = R"mlir(
func.func @scaled(%x: tensor<?x3xf32>, %mask: tensor<3xi1>, %s: f64, %n: i64,
                  %b: i1) -> tensor<?x3xf32> {
  %0 = fuser.splat %s : f64 -> tensor<f32>
  %1 = fuser.mul %x, %0 : (tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
  return %1 : tensor<?x3xf32>
}
)mlir";

TEST(ArgumentError, WrongNumber) {
  Harness harness;
  EXPECT_EQ(harness.runError(kScaled, {}),
            "function 'scaled' takes 5 arguments, but 0 were given");
  EXPECT_EQ(harness.runError(kScaled, std::vector<Value>(6, 1.0)),
            "function 'scaled' takes 5 arguments, but 6 were given");
}

TEST(ArgumentError, WrongTypes) {
  Harness harness;
  const std::vector<Value> right{input({2, 3}), input({3}, DType::i1), 2.0,
                                 int64_t(1), true};
  harness.check(kScaled, right);
  struct Wrong {
    int index;
    Value value;
    const char *message;
  };
  const Wrong wrongs[] = {
      {0, input({2, 3}, DType::f64),
       "argument 0 ('x') of function 'scaled': expected tensor<?x3xf32>, found "
       "tensor<2x3xf64>"},
      {0, input({3}),
       "argument 0 ('x') of function 'scaled': expected tensor<?x3xf32>, found "
       "tensor<3xf32>"},
      {0, input({2, 4}),
       "argument 0 ('x') of function 'scaled': expected tensor<?x3xf32>, found "
       "tensor<2x4xf32>"},
      {0, input({2, 1}),
       "argument 0 ('x') of function 'scaled': expected tensor<?x3xf32>, found "
       "tensor<2x1xf32>"},
      {0, 1.0,
       "argument 0 ('x') of function 'scaled': expected tensor<?x3xf32>, found "
       "f64"},
      {1, input({3}, DType::ui8),
       "argument 1 ('mask') of function 'scaled': expected tensor<3xi1>, found "
       "tensor<3xui8>"},
      {2, input({}, DType::f64),
       "argument 2 ('s') of function 'scaled': expected f64, found "
       "tensor<f64>"},
      {2, int64_t(2),
       "argument 2 ('s') of function 'scaled': expected f64, found i64"},
      {3, 2.0,
       "argument 3 ('n') of function 'scaled': expected i64, found f64"},
      {4, int64_t(1),
       "argument 4 ('b') of function 'scaled': expected i1, found i64"}};
  for (const Wrong &wrong : wrongs) {
    std::vector<Value> arguments = right;
    arguments[wrong.index] = wrong.value;
    EXPECT_EQ(harness.runError(kScaled, arguments), wrong.message);
  }
}

TEST(ArgumentError, UnknownFunction) {
  Compiler compiler;
  auto program = compiler.load("func.func @a() { return }\n"
                               "func.func @b() { return }",
                               "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  EXPECT_EQ(
      program->find("c").status(),
      absl::NotFoundError("the program has no function 'c': it has 'a', 'b'"));
  EXPECT_EQ(program->find("").status(),
            absl::NotFoundError("the program has 2 functions: name one of them "
                                "('a', 'b')"));
  ASSERT_TRUE(program->find("b").ok());
  EXPECT_EQ((*program->find("b"))->name, "b");
}

//===----------------------------------------------------------------------===//
// Shapes that meet at run time
//===----------------------------------------------------------------------===//

TEST(ShapeError, Broadcast) {
  Harness harness;
  EXPECT_TRUE(holdsAll(
      harness.runError(body("  %0 = fuser.add %x, %y : (tensor<?xf32>, "
                            "tensor<3xf32>) -> tensor<3xf32>\n"
                            "  return %0 : tensor<3xf32>",
                            "tensor<3xf32>"),
                       {input({4}), input({3})}),
      {"[4]", "[3]", "do not broadcast"}));
}

TEST(ShapeError, BroadcastTo) {
  Harness harness;
  EXPECT_TRUE(holdsAll(
      harness.runError(body("  %0 = fuser.broadcast_to %x sizes [2, 6] : "
                            "tensor<?xf32> to tensor<2x6xf32>\n"
                            "  return %0 : tensor<2x6xf32>",
                            "tensor<2x6xf32>"),
                       {input({5}), input({3})}),
      {"[5]", "[2, 6]", "does not broadcast"}));
}

TEST(ShapeError, Concat) {
  Harness harness;
  const std::string text = R"mlir(
!t = tensor<?x?xf32>
func.func @f(%x: !t, %y: !t) -> !t {
  %0 = fuser.concat %x, %y dim 1 : !t, !t to !t
  return %0 : !t
}
)mlir";
  EXPECT_TRUE(holdsAll(harness.runError(text, {input({2, 3}), input({4, 5})}),
                       {"[2, 3]", "[4, 5]", "concatenate along dimension 1"}));
  // No broadcasting here.
  EXPECT_TRUE(holdsAll(harness.runError(text, {input({2, 3}), input({1, 3})}),
                       {"[2, 3]", "[1, 3]"}));
}

/// What a part has is told only when it meets something.
TEST(ShapeError, ChunkPartsThatDoNotMeet) {
  Harness harness;
  EXPECT_TRUE(holdsAll(harness.runError(R"mlir(
!t = tensor<?xf32>
func.func @f(%x: !t) -> !t {
  %a, %b = fuser.chunk %x dim 0 : !t to !t, !t
  %0 = fuser.add %a, %b : !t
  return %0 : !t
}
)mlir",
                                        {input({5})}),
                       {"[3]", "[2]", "do not broadcast"}));
}

/// A program can't claim extents that do not follow from its arguments.
TEST(LoadError, DeclaredExtents) {
  expectLoadError("func.func @f(%x: tensor<?xf32>) -> tensor<2xf32> {\n"
                  "  %a, %b = fuser.chunk %x dim 0\n"
                  "      : tensor<?xf32> to tensor<2xf32>, tensor<2xf32>\n"
                  "  return %a : tensor<2xf32>\n"
                  "}",
                  {"has a result of shape [2] where its operands give [?]"});
}
