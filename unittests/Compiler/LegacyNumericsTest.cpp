//===- LegacyNumericsTest.cpp - where fusers went wrong -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cases that other fusers got wrong without a word, or refused: each compared
// with the oracle and with values worked out by hand.
//
//===----------------------------------------------------------------------===//

#include "FuserMath/Promotion.h"
#include "Harness.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <cmath>
#include <limits>

using namespace fuser;

static constexpr float inf = std::numeric_limits<float>::infinity();
static constexpr float nan32 = std::numeric_limits<float>::quiet_NaN();
/// Neither it nor what is near it fits a double: 2^53 and 2^62 are far below.
static constexpr int64_t odd62 = (int64_t(1) << 62) + 1;
static constexpr int64_t least64 = std::numeric_limits<int64_t>::min();

//===----------------------------------------------------------------------===//
// clamp
//===----------------------------------------------------------------------===//

static const char *const clampText = R"mlir(
func.func @f(%x: tensor<?xf32>, %low: tensor<?xf32>, %high: tensor<?xf32>)
    -> tensor<?xf32> {
  %y = fuser.clamp %x, %low, %high : tensor<?xf32>
  return %y : tensor<?xf32>
}
)mlir";

TEST(LegacyNumerics, ClampWithMinAboveMaxGivesMax) {
  expectResult(clampText,
               {makeTensor<float>({4}, {1, 4, 7, inf}),
                makeTensor<float>({1}, {5}), makeTensor<float>({1}, {3})},
               makeTensor<float>({4}, {3, 3, 3, 3}));
}

TEST(LegacyNumerics, ClampWithNaNBoundGivesNaN) {
  expectResult(clampText,
               {makeTensor<float>({4}, {1, 2, nan32, 7}),
                makeTensor<float>({4}, {nan32, 0, 0, 0}),
                makeTensor<float>({4}, {3, nan32, 5, 5})},
               makeTensor<float>({4}, {nan32, nan32, nan32, 5}));
}

//===----------------------------------------------------------------------===//
// Precision
//===----------------------------------------------------------------------===//

static void expectUnaryI64(const char *op, std::vector<int64_t> x,
                           std::vector<int64_t> expected) {
  const Dims sizes{static_cast<int64_t>(x.size())};
  expectResult(absl::StrReplaceAll(R"mlir(
func.func @f(%x: tensor<?xi64>) -> tensor<?xi64> {
  %y = fuser.OP %x : tensor<?xi64>
  return %y : tensor<?xi64>
}
)mlir",
                                   {{"OP", op}}),
               {makeTensor(sizes, std::move(x))},
               makeTensor(sizes, std::move(expected)));
}

static void expectBinaryI64(const char *op, std::vector<int64_t> x,
                            std::vector<int64_t> y,
                            std::vector<int64_t> expected) {
  const Dims sizes{static_cast<int64_t>(x.size())};
  expectResult(
      absl::StrReplaceAll(R"mlir(
func.func @f(%x: tensor<?xi64>, %y: tensor<?xi64>) -> tensor<?xi64> {
  %z = fuser.OP %x, %y : tensor<?xi64>
  return %z : tensor<?xi64>
}
)mlir",
                          {{"OP", op}}),
      {makeTensor(sizes, std::move(x)), makeTensor(sizes, std::move(y))},
      makeTensor(sizes, std::move(expected)));
}

TEST(LegacyNumerics, AbsOfI64IsExact) {
  expectUnaryI64("abs", {-odd62, odd62, least64 + 1, -9007199254740993},
                 {odd62, odd62, -(least64 + 1), 9007199254740993});
}

TEST(LegacyNumerics, MaximumOfI64IsExact) {
  expectBinaryI64("maximum", {odd62, odd62, -odd62, 9007199254740993},
                  {odd62 - 1, odd62 + 1, -odd62 - 1, 9007199254740992},
                  {odd62, odd62 + 1, -odd62, 9007199254740993});
  expectBinaryI64("minimum", {odd62, odd62, -odd62, 9007199254740993},
                  {odd62 - 1, odd62 + 1, -odd62 - 1, 9007199254740992},
                  {odd62 - 1, odd62, -odd62 - 1, 9007199254740992});
}

TEST(LegacyNumerics, I64ScalarIsExact) {
  expectResult(R"mlir(
func.func @f(%x: tensor<?xi64>, %s: i64) -> tensor<?xi64> {
  %0 = fuser.splat %s : i64 -> tensor<i64>
  %y = fuser.add %x, %0 : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
  return %y : tensor<?xi64>
}
)mlir",
               {makeTensor<int64_t>({2}, {0, 1}), odd62},
               makeTensor<int64_t>({2}, {odd62, odd62 + 1}));
}

TEST(LegacyNumerics, F64ScalarKeepsItsPrecision) {
  expectResult(
      R"mlir(
func.func @f(%x: tensor<?xf64>, %s: f64) -> tensor<?xf64> {
  %0 = fuser.splat %s : f64 -> tensor<f64>
  %y = fuser.mul %x, %0 : (tensor<?xf64>, tensor<f64>) -> tensor<?xf64>
  return %y : tensor<?xf64>
}
)mlir",
      {makeTensor<double>({3}, {1, -2, 0.5}), 1 + 0x1p-52},
      makeTensor<double>({3}, {1 + 0x1p-52, -2 - 0x1p-51, 0.5 + 0x1p-53}));
}

//===----------------------------------------------------------------------===//
// Division
//===----------------------------------------------------------------------===//

static std::string binaryText(const char *op, const char *type) {
  return absl::StrReplaceAll(R"mlir(
func.func @f(%x: tensor<?xTYPE>, %y: tensor<?xTYPE>) -> tensor<?xTYPE> {
  %z = fuser.OP %x, %y : tensor<?xTYPE>
  return %z : tensor<?xTYPE>
}
)mlir",
                             {{"OP", op}, {"TYPE", type}});
}

TEST(LegacyNumerics, IntegerDivisionByZeroIsAnError) {
  Harness harness;
  for (const char *op : {"div_trunc", "div_floor", "remainder", "fmod"}) {
    const std::string text = binaryText(op, "i64");
    Tensor x = makeTensor<int64_t>({5}, {7, -7, 8, 9, 10});
    EXPECT_NE(
        harness.runError(text, {x, makeTensor<int64_t>({5}, {2, 2, 2, 0, 2})})
            .find("division or remainder by zero"),
        std::string::npos)
        << op;
    // The session is as good as before.
    EXPECT_EQ(
        harness.check(text, {x, makeTensor<int64_t>({5}, {2, 2, 2, 2, 2})})
            .size(),
        1u);
  }
}

TEST(LegacyNumerics, FmodOfF64IsComputedInF64) {
  // As f32 the first is 1, and 10^17 = 1 modulo 3 has too many digits.
  expectResult(binaryText("fmod", "f64"),
               {makeTensor<double>({3}, {1 + 0x1p-40, 1e17, -1e17}),
                makeTensor<double>({3}, {1, 3, 3})},
               makeTensor<double>({3}, {0x1p-40, 1, -1}));
}

TEST(LegacyNumerics, RemainderByInfinity) {
  expectResult(binaryText("remainder", "f32"),
               {makeTensor<float>({6}, {5, -5, 5, -5, 0.0f, -0.0f}),
                makeTensor<float>({6}, {inf, -inf, -inf, inf, inf, inf})},
               makeTensor<float>({6}, {5, -5, -inf, inf, 0.0f, -0.0f}));
  expectResult(binaryText("fmod", "f32"),
               {makeTensor<float>({4}, {5, -5, 5, -5}),
                makeTensor<float>({4}, {inf, -inf, -inf, inf})},
               makeTensor<float>({4}, {5, -5, 5, -5}));
}

TEST(LegacyNumerics, RemainderOfI64IsExact) {
  expectBinaryI64("remainder", {odd62, -odd62, odd62, 9007199254740993},
                  {4, 4, -4, 9007199254740992}, {1, 3, -3, 1});
  expectBinaryI64("fmod", {odd62, -odd62, odd62, 9007199254740993},
                  {4, 4, -4, 9007199254740992}, {1, -1, 1, 1});
}

TEST(LegacyNumerics, FloorDivisionOfI64IsExact) {
  expectBinaryI64("div_floor", {odd62, -odd62, odd62, 9007199254740993},
                  {1, 2, -2, 3},
                  {odd62, -(int64_t(1) << 61) - 1, -(int64_t(1) << 61) - 1,
                   3002399751580331});
  expectBinaryI64(
      "div_trunc", {odd62, -odd62, odd62, 9007199254740993}, {1, 2, -2, 3},
      {odd62, -(int64_t(1) << 61), -(int64_t(1) << 61), 3002399751580331});
}

//===----------------------------------------------------------------------===//
// Rounding
//===----------------------------------------------------------------------===//

TEST(LegacyNumerics, RoundsHalfToEven) {
  expectResult(
      R"mlir(
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = fuser.round %x : tensor<?xf32>
  return %y : tensor<?xf32>
}
)mlir",
      {makeTensor<float>(
          {8}, {0.5f, 1.5f, 2.5f, 3.5f, -0.5f, -1.5f, -2.5f, 8388609})},
      makeTensor<float>({8}, {0, 2, 2, 4, -0.0f, -2, -2, 8388609}));
}

//===----------------------------------------------------------------------===//
// Promotion
//===----------------------------------------------------------------------===//

/// A function of vectors of `operands` that casts each to `compute`, applies
/// `op` (an unary or a binary one) and casts to `result`.
static std::string promotedText(const std::string &op,
                                const std::vector<PromotionOperand> &operands,
                                PromotedTypes types) {
  std::string arguments, casts, names, operandTypes;
  const std::string compute = dtypeName(types.compute);
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const char *comma = i == 0 ? "" : ", ";
    const char *shape =
        operands[i].kind == PromotionOperand::Kind::Tensor ? "?x" : "";
    const std::string type =
        absl::StrCat("tensor<", shape, dtypeName(operands[i].dtype), ">");
    const std::string wide = absl::StrCat("tensor<", shape, compute, ">");
    absl::StrAppend(&arguments, comma, "%x", i, ": ", type);
    absl::StrAppend(&casts, "  %c", i, " = fuser.cast %x", i, " : ", type,
                    " to ", wide, "\n");
    absl::StrAppend(&names, comma, "%c", i);
    absl::StrAppend(&operandTypes, comma, wide);
  }
  const std::string result =
      absl::StrCat("tensor<?x", dtypeName(types.result), ">");
  return absl::StrCat("func.func @f(", arguments, ") -> ", result, " {\n",
                      casts, "  %y = \"fuser.", op, "\"(", names, ") : (",
                      operandTypes, ") -> tensor<?x", compute,
                      ">\n  %r = fuser.cast %y : tensor<?x", compute, "> to ",
                      result, "\n  return %r : ", result, "\n}\n");
}

/// Promotes, runs, and compares.
static void expectPromoted(const std::string &op, PromotionKind kind,
                           const std::vector<Tensor> &inputs,
                           const Tensor &expected) {
  std::vector<PromotionOperand> operands;
  for (const Tensor &input : inputs)
    operands.push_back(PromotionOperand::tensor(input.dtype(), input.rank()));
  expectResult(promotedText(op, operands, promote(kind, operands)),
               std::vector<Value>(inputs.begin(), inputs.end()), expected);
}

TEST(LegacyNumerics, SqrtOfIntegersIsF32) {
  expectPromoted("sqrt", PromotionKind::IntToFloat,
                 {makeTensor<int64_t>({4}, {0, 1, 2, 9})},
                 makeTensor<float>({4}, {0, 1, 0x1.6a09e6p+0f, 3}));
}

TEST(LegacyNumerics, ExpOfIntegersIsF32) {
  expectPromoted("exp", PromotionKind::IntToFloat,
                 {makeTensor<int32_t>({2}, {0, -1000})},
                 makeTensor<float>({2}, {1, 0}));
}

TEST(LegacyNumerics, QuotientOfIntegersIsF32) {
  expectPromoted("div", PromotionKind::IntToFloat,
                 {makeTensor<int64_t>({3}, {1, 3, -7}),
                  makeTensor<int64_t>({3}, {2, 0, 4})},
                 makeTensor<float>({3}, {0.5f, inf, -1.75f}));
}

TEST(LegacyNumerics, F32VectorWithF64ZeroDimIsF32) {
  expectPromoted(
      "add", PromotionKind::Default,
      {makeTensor<float>({2}, {1, 0}), makeTensor<double>({}, {0.1})},
      makeTensor<float>({2}, {1.1f, 0.1f}));
}

TEST(LegacyNumerics, U8ClampedByIntNumbersIsU8) {
  const PromotedTypes types =
      promote(PromotionKind::Default,
              {PromotionOperand::tensor(DType::ui8, 1),
               PromotionOperand::intNumber(), PromotionOperand::intNumber()});
  ASSERT_EQ(types.compute, DType::ui8);
  ASSERT_EQ(types.result, DType::ui8);
  // As u8 the lower bound is 255, and the upper bound wins.
  expectResult(
      R"mlir(
func.func @f(%x: tensor<?xui8>, %low: i64, %high: i64) -> tensor<?xui8> {
  %l = fuser.splat %low : i64 -> tensor<ui8>
  %h = fuser.splat %high : i64 -> tensor<ui8>
  %y = fuser.clamp %x, %l, %h
      : (tensor<?xui8>, tensor<ui8>, tensor<ui8>) -> tensor<?xui8>
  return %y : tensor<?xui8>
}
)mlir",
      {makeTensor<uint8_t>({5}, {0, 1, 2, 3, 255}), int64_t(-1), int64_t(2)},
      makeTensor<uint8_t>({5}, {2, 2, 2, 2, 2}));
}

/// Joins vectors as what they promote to.
static void expectConcat(const std::vector<Tensor> &inputs,
                         const Tensor &expected) {
  std::vector<PromotionOperand> operands;
  for (const Tensor &input : inputs)
    operands.push_back(PromotionOperand::tensor(input.dtype(), input.rank()));
  const std::string result =
      absl::StrCat("tensor<?x", dtypeName(resultType(operands)), ">");
  std::string arguments, casts, names, types;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const char *comma = i == 0 ? "" : ", ";
    const std::string type =
        absl::StrCat("tensor<?x", dtypeName(inputs[i].dtype()), ">");
    absl::StrAppend(&arguments, comma, "%x", i, ": ", type);
    absl::StrAppend(&casts, "  %c", i, " = fuser.cast %x", i, " : ", type,
                    " to ", result, "\n");
    absl::StrAppend(&names, comma, "%c", i);
    absl::StrAppend(&types, comma, result);
  }
  expectResult(absl::StrCat("func.func @f(", arguments, ") -> ", result, " {\n",
                            casts, "  %r = fuser.concat ", names,
                            " dim 0 : ", types, " to ", result,
                            "\n  return %r : ", result, "\n}\n"),
               std::vector<Value>(inputs.begin(), inputs.end()), expected);
}

TEST(LegacyNumerics, ConcatOfMixedTypesPromotes) {
  expectConcat({truths({1, 0}), makeTensor<int32_t>({2}, {300, -2}),
                makeTensor<float>({1}, {0.5f})},
               makeTensor<float>({5}, {1, 0, 300, -2, 0.5f}));
  expectConcat({truths({1}), makeTensor<uint8_t>({1}, {200}),
                makeTensor<int8_t>({1}, {-3})},
               makeTensor<int16_t>({3}, {1, 200, -3}));
  expectConcat({makeTensor<int64_t>({1}, {3}), makeTensor<double>({1}, {0.1})},
               makeTensor<double>({2}, {3, 0.1}));
}

//===----------------------------------------------------------------------===//
// 16-bit floats
//===----------------------------------------------------------------------===//

/// (x + y) + y, rounded to `type` after each addition.
static std::string sumTwice(const char *type) {
  return absl::StrReplaceAll(R"mlir(
func.func @f(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %a = fuser.cast %x : tensor<?xf32> to tensor<?xTYPE>
  %b = fuser.cast %y : tensor<?xf32> to tensor<?xTYPE>
  %0 = fuser.add %a, %b : tensor<?xTYPE>
  %1 = fuser.add %0, %b : tensor<?xTYPE>
  %r = fuser.cast %1 : tensor<?xTYPE> to tensor<?xf32>
  return %r : tensor<?xf32>
}
)mlir",
                             {{"TYPE", type}});
}

TEST(LegacyNumerics, F16IsSupported) {
  // From 2048 to 4096 the even numbers; the last sum is beyond 65504.
  expectResult(sumTwice("f16"),
               {makeTensor<float>({4}, {2048, 2050, 0.5f, 65504}),
                makeTensor<float>({4}, {1, 1, 0.25f, 16})},
               makeTensor<float>({4}, {2048, 2052, 1, inf}));
}

TEST(LegacyNumerics, BF16IsSupported) {
  // From 256 to 512 the even numbers.
  expectResult(sumTwice("bf16"),
               {makeTensor<float>({4}, {256, 258, 0.5f, -0x1p-133f}),
                makeTensor<float>({4}, {1, 1, 0.25f, -0x1p-133f})},
               makeTensor<float>({4}, {256, 260, 1, -0x1.8p-132f}));
}

//===----------------------------------------------------------------------===//
// Random numbers
//===----------------------------------------------------------------------===//

static std::string randomText(const char *type) {
  return absl::StrReplaceAll(R"mlir(
func.func @f(%x: tensor<?xTYPE>, %seed: i64, %offset: i64) -> tensor<?xf64> {
  %r = fuser.rand_like %x, %seed, %offset
      : tensor<?xTYPE>, i64, i64 to tensor<?xTYPE>
  %y = fuser.cast %r : tensor<?xTYPE> to tensor<?xf64>
  return %y : tensor<?xf64>
}
)mlir",
                             {{"TYPE", type}});
}

TEST(LegacyNumerics, RandLikeIsSupported) {
  constexpr int64_t size = 4096;
  const std::vector<std::pair<const char *, DType>> dtypes = {
      {"f16", DType::f16},
      {"bf16", DType::bf16},
      {"f32", DType::f32},
      {"f64", DType::f64}};
  for (auto [type, dtype] : dtypes) {
    SCOPED_TRACE(type);
    Harness harness;
    auto results = harness.check(
        randomText(type), {makeInput(dtype, {size}), int64_t(7), int64_t(0)});
    ASSERT_EQ(results.size(), 1u);
    double sum = 0;
    for (double number : doubles(results[0])) {
      ASSERT_GE(number, 0);
      ASSERT_LT(number, 1);
      sum += number;
    }
    // Ten standard deviations of the mean, each 1 / sqrt(12 size).
    EXPECT_NEAR(sum / size, 0.5, 10 / std::sqrt(12.0 * size));
  }
}

TEST(LegacyNumerics, RandomTensorIsBroadcast) {
  // 0 + r is exact, so that both rows of the sum are r itself.
  const std::string text = R"mlir(
func.func @f(%x: tensor<?xf32>, %y: tensor<?x1xf32>, %seed: i64, %offset: i64)
    -> (tensor<?xf32>, tensor<?x?xf32>) {
  %r = fuser.rand_like %x, %seed, %offset
      : tensor<?xf32>, i64, i64 to tensor<?xf32>
  %z = fuser.add %r, %y : (tensor<?xf32>, tensor<?x1xf32>) -> tensor<?x?xf32>
  return %r, %z : tensor<?xf32>, tensor<?x?xf32>
}
)mlir";
  constexpr int64_t size = 37;
  Harness harness;
  auto results = harness.check(text, {makeInput(DType::f32, {size}),
                                      makeTensor<float>({3, 1}, {0, 0, 0}),
                                      int64_t(1), int64_t(2)});
  ASSERT_EQ(results.size(), 2u);
  const std::vector<double> row = doubles(results[0]);
  const std::vector<double> rows = doubles(results[1]);
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(3 * size));
  for (int64_t i = 0; i < 3 * size; ++i)
    EXPECT_EQ(rows[i], row[i % size]) << i;
  // Not a constant.
  EXPECT_NE(row[0], row[1]);
}
