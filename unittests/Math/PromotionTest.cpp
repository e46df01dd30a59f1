//===- PromotionTest.cpp - the element types of mixed operands ------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tables are what PyTorch 2.13 says. Above each one is the expression that
// gives its entry in row a and column b, with
//
//   from torch import *
//   from torch._prims_common import elementwise_dtypes
//   from torch._prims_common import ELEMENTWISE_TYPE_PROMOTION_KIND as Kind
//   dim = lambda dtype: empty(1, dtype=dtype)
//   zeroDim = lambda dtype: empty((), dtype=dtype)
//
// where i1 is torch.bool, ui8 torch.uint8, i8 torch.int8, bf16 torch.bfloat16,
// and bool, int and float are the numbers True, 1 and 1.0.
//
//===----------------------------------------------------------------------===//

#include "FuserMath/Promotion.h"

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

using namespace fuser;

namespace {

// promote_types(a, b); the same as result_type(dim(a), dim(b)) and
// result_type(zeroDim(a), zeroDim(b))
const char *const equalRanks = R"(
      i1   ui8  i8   i16  i32  i64  f16  bf16 f32  f64
i1    i1   ui8  i8   i16  i32  i64  f16  bf16 f32  f64
ui8   ui8  ui8  i16  i16  i32  i64  f16  bf16 f32  f64
i8    i8   i16  i8   i16  i32  i64  f16  bf16 f32  f64
i16   i16  i16  i16  i16  i32  i64  f16  bf16 f32  f64
i32   i32  i32  i32  i32  i32  i64  f16  bf16 f32  f64
i64   i64  i64  i64  i64  i64  i64  f16  bf16 f32  f64
f16   f16  f16  f16  f16  f16  f16  f16  f32  f32  f64
bf16  bf16 bf16 bf16 bf16 bf16 bf16 f32  bf16 f32  f64
f32   f32  f32  f32  f32  f32  f32  f32  f32  f32  f64
f64   f64  f64  f64  f64  f64  f64  f64  f64  f64  f64
)";

// result_type(dim(a), zeroDim(b))
const char *const dimAndZeroDim = R"(
      i1   ui8  i8   i16  i32  i64  f16  bf16 f32  f64
i1    i1   ui8  i8   i16  i32  i64  f16  bf16 f32  f64
ui8   ui8  ui8  ui8  ui8  ui8  ui8  f16  bf16 f32  f64
i8    i8   i8   i8   i8   i8   i8   f16  bf16 f32  f64
i16   i16  i16  i16  i16  i16  i16  f16  bf16 f32  f64
i32   i32  i32  i32  i32  i32  i32  f16  bf16 f32  f64
i64   i64  i64  i64  i64  i64  i64  f16  bf16 f32  f64
f16   f16  f16  f16  f16  f16  f16  f16  f16  f16  f16
bf16  bf16 bf16 bf16 bf16 bf16 bf16 bf16 bf16 bf16 bf16
f32   f32  f32  f32  f32  f32  f32  f32  f32  f32  f32
f64   f64  f64  f64  f64  f64  f64  f64  f64  f64  f64
)";

// result_type(dim(a), b)
const char *const dimAndNumber = R"(
      bool int  float
i1    i1   i64  f32
ui8   ui8  ui8  f32
i8    i8   i8   f32
i16   i16  i16  f32
i32   i32  i32  f32
i64   i64  i64  f32
f16   f16  f16  f16
bf16  bf16 bf16 bf16
f32   f32  f32  f32
f64   f64  f64  f64
)";

// result_type(zeroDim(a), b)
const char *const zeroDimAndNumber = R"(
      bool int  float
i1    i1   i64  f32
ui8   ui8  ui8  f32
i8    i8   i8   f32
i16   i16  i16  f32
i32   i32  i32  f32
i64   i64  i64  f32
f16   f16  f16  f16
bf16  bf16 bf16 bf16
f32   f32  f32  f32
f64   f64  f64  f64
)";

// result_type(a, b)
const char *const numbers = R"(
      bool int  float
bool  i1   i64  f32
int   i64  i64  f32
float f32  f32  f32
)";

// set_default_dtype(b); result_type(dim(a), 1.0)
const char *const defaultFloats = R"(
      f16  bf16 f32  f64
i1    f16  bf16 f32  f64
ui8   f16  bf16 f32  f64
i8    f16  bf16 f32  f64
i16   f16  bf16 f32  f64
i32   f16  bf16 f32  f64
i64   f16  bf16 f32  f64
f16   f16  f16  f16  f16
bf16  bf16 bf16 bf16 bf16
f32   f32  f32  f32  f32
f64   f64  f64  f64  f64
)";

// elementwise_dtypes(dim(a), type_promotion_kind=Kind.DEFAULT, ...)
const char *const kinds = R"(
      Default    NoOpmath   IntToFloat AlwaysBool BoolToLong
i1    i1/i1      i1/i1      f32/f32    i1/i1      i64/i64
ui8   ui8/ui8    ui8/ui8    f32/f32    ui8/i1     ui8/ui8
i8    i8/i8      i8/i8      f32/f32    i8/i1      i8/i8
i16   i16/i16    i16/i16    f32/f32    i16/i1     i16/i16
i32   i32/i32    i32/i32    f32/f32    i32/i1     i32/i32
i64   i64/i64    i64/i64    f32/f32    i64/i1     i64/i64
f16   f32/f16    f16/f16    f32/f16    f32/i1     f32/f16
bf16  f32/bf16   bf16/bf16  f32/bf16   f32/i1     f32/bf16
f32   f32/f32    f32/f32    f32/f32    f32/i1     f32/f32
f64   f64/f64    f64/f64    f64/f64    f64/i1     f64/f64
)";

// Chosen at random: the kind, the default dtype and three operands, where [3]
// marks a dim and [] a zeroDim; then the two dtypes of elementwise_dtypes(...)
const char *const triples = R"(
AlwaysBool bf16 f64[3]   i32[3]   bf16[3]  f64  i1
AlwaysBool f16  bool     bf16[3]  f16[3]   f32  i1
Default    f32  bf16[3]  i16[]    i64[3]   f32  bf16
Default    f16  f32[3]   f16[3]   f16[3]   f32  f32
NoOpmath   f32  bf16[3]  float    i64[3]   bf16 bf16
IntToFloat f32  int      f16[3]   i8[3]    f32  f16
IntToFloat f16  f32[]    float    i32[3]   f32  f32
NoOpmath   bf16 float    float    bf16[3]  bf16 bf16
AlwaysBool f16  float    i64[3]   ui8[]    f32  i1
Default    bf16 i8[3]    int      float    f32  bf16
BoolToLong f32  i32[3]   float    i8[3]    f32  f32
IntToFloat bf16 i16[3]   f16[3]   f64[]    f32  f16
BoolToLong f32  f32[]    f16[3]   f32[3]   f32  f32
AlwaysBool bf16 bool     int      f32[3]   f32  i1
BoolToLong f32  f16[]    i1[]     bf16[]   f32  f32
Default    f32  i8[3]    ui8[3]   i1[]     i16  i16
Default    f16  bf16[3]  i32[3]   i32[3]   f32  bf16
IntToFloat f16  i64[3]   ui8[]    i8[3]    f32  f16
AlwaysBool f32  i32[3]   bf16[]   bf16[]   f32  i1
IntToFloat f32  i32[3]   int      bool     f32  f32
NoOpmath   f32  f32[]    f64[3]   bool     f64  f64
BoolToLong bf16 bool     i8[3]    float    f32  bf16
BoolToLong f64  f32[3]   bool     f16[3]   f32  f32
IntToFloat f32  bool     i8[]     i1[3]    f32  f32
IntToFloat f32  i32[3]   i8[]     float    f32  f32
AlwaysBool f32  f32[3]   f64[3]   f64[3]   f64  i1
BoolToLong bf16 f16[3]   i64[3]   i16[3]   f32  f16
AlwaysBool f32  bf16[3]  f16[3]   f32[]    f32  i1
NoOpmath   f64  f64[]    int      i8[3]    f64  f64
AlwaysBool f16  i64[3]   bool     ui8[]    i64  i1
Default    f32  f32[]    float    ui8[3]   f32  f32
IntToFloat f16  i8[3]    f32[3]   i32[3]   f32  f32
NoOpmath   f16  i64[]    i64[]    i32[3]   i32  i32
Default    bf16 bool     i64[3]   f16[3]   f32  f16
BoolToLong f16  i8[3]    ui8[]    bool     i8   i8
BoolToLong f16  f64[3]   i32[3]   i32[]    f64  f64
Default    f16  bf16[3]  ui8[]    i32[3]   f32  bf16
NoOpmath   f16  ui8[3]   bool     i16[3]   i16  i16
NoOpmath   f32  bool     bf16[3]  i16[3]   bf16 bf16
IntToFloat f32  int      f32[]    bf16[]   f32  f32
BoolToLong f64  i64[3]   i1[3]    i32[3]   i64  i64
IntToFloat f16  int      f16[]    ui8[3]   f32  f16
IntToFloat f64  bool     i16[]    float    f64  f64
IntToFloat f32  f32[3]   i32[3]   i16[3]   f32  f32
AlwaysBool f64  ui8[]    bool     i16[]    i16  i1
IntToFloat f32  i64[3]   i64[3]   i16[]    f32  f32
Default    f64  i16[3]   i1[3]    f16[3]   f32  f16
AlwaysBool bf16 ui8[3]   i1[3]    i64[]    ui8  i1
NoOpmath   f32  ui8[3]   ui8[]    i8[3]    i16  i16
NoOpmath   f32  i32[]    f32[3]   i8[]     f32  f32
BoolToLong f32  i64[3]   i8[3]    f16[]    f32  f16
BoolToLong f64  i16[3]   ui8[]    int      i16  i16
NoOpmath   f64  float    bool     int      f64  f64
IntToFloat f16  bool     float    i1[3]    f32  f16
AlwaysBool f16  f64[3]   i8[3]    i32[]    f64  i1
NoOpmath   f16  bool     i16[3]   bool     i16  i16
IntToFloat bf16 f32[]    float    i16[3]   f32  f32
Default    f32  bool     int      i16[]    i16  i16
BoolToLong f64  i8[]     i32[3]   i32[]    i32  i32
NoOpmath   f64  bf16[3]  ui8[3]   bool     bf16 bf16
IntToFloat bf16 bool     bf16[3]  float    f32  bf16
Default    f64  f32[3]   f32[3]   i32[3]   f32  f32
AlwaysBool bf16 i8[3]    bf16[3]  f16[3]   f32  i1
Default    bf16 i64[3]   bool     bool     i64  i64
BoolToLong f32  bool     i32[]    f16[3]   f32  f16
BoolToLong f32  f32[3]   float    i1[3]    f32  f32
NoOpmath   f64  i16[]    i32[3]   f32[3]   f32  f32
IntToFloat bf16 f64[]    bf16[]   f32[3]   f32  f32
IntToFloat f32  bool     f64[3]   bool     f64  f64
Default    f16  ui8[3]   f32[3]   i8[]     f32  f32
IntToFloat f32  f64[]    f16[]    f32[]    f64  f64
AlwaysBool f64  bf16[3]  int      f32[]    f32  i1
Default    f64  bool     int      f32[3]   f32  f32
AlwaysBool f16  bf16[3]  float    i8[]     f32  i1
IntToFloat f16  i64[3]   f16[3]   int      f32  f16
NoOpmath   bf16 bf16[3]  i32[3]   f16[3]   f32  f32
IntToFloat bf16 i8[]     f64[3]   i64[3]   f64  f64
AlwaysBool f16  i8[]     int      bool     i8   i1
IntToFloat f32  i32[3]   f64[3]   bool     f64  f64
AlwaysBool f64  bool     f32[3]   ui8[3]   f32  i1
Default    f32  i16[]    i16[3]   i32[]    i16  i16
IntToFloat f64  bf16[]   i8[3]    f32[]    f32  f32
BoolToLong f64  f16[3]   bool     int      f32  f16
AlwaysBool f32  i32[3]   i1[3]    int      i32  i1
NoOpmath   f16  i16[]    i8[3]    float    f16  f16
IntToFloat f64  bf16[]   i8[3]    bf16[3]  f32  bf16
Default    f32  bool     i16[3]   ui8[]    i16  i16
Default    f16  int      bool     i1[3]    i64  i64
IntToFloat f32  i16[3]   bf16[3]  int      f32  bf16
AlwaysBool bf16 ui8[3]   f16[3]   bf16[3]  f32  i1
BoolToLong bf16 i16[3]   i32[3]   float    f32  bf16
Default    f32  bf16[3]  i64[]    float    f32  bf16
AlwaysBool f16  i1[3]    i1[3]    int      i64  i1
Default    bf16 i16[]    bool     i1[3]    i16  i16
NoOpmath   f32  f32[3]   f64[3]   int      f64  f64
Default    f16  float    i1[]     f32[3]   f32  f32
NoOpmath   f32  i1[3]    ui8[]    bool     ui8  ui8
AlwaysBool f64  float    i32[3]   bf16[3]  f32  i1
BoolToLong f32  i32[]    i16[3]   f64[3]   f64  f64
NoOpmath   f16  f16[]    i64[3]   float    f16  f16
)";

//===----------------------------------------------------------------------===//
// Reading the tables
//===----------------------------------------------------------------------===//

DType dtypeOf(const std::string &name) {
  for (int i = 0; i < kNumDTypes; ++i)
    if (name == dtypeName(static_cast<DType>(i)))
      return static_cast<DType>(i);
  ADD_FAILURE() << "no dtype '" << name << "'";
  return DType::i1;
}

std::vector<std::string> words(const std::string &line) {
  std::istringstream stream(line);
  std::vector<std::string> result;
  for (std::string word; stream >> word;)
    result.push_back(word);
  return result;
}

/// Its lines that are not empty, as words.
std::vector<std::vector<std::string>> lines(const char *table) {
  std::istringstream stream(table);
  std::vector<std::vector<std::string>> result;
  for (std::string line; std::getline(stream, line);)
    if (!line.empty())
      result.push_back(words(line));
  return result;
}

/// Calls check(row, column, entry) for every entry; there must be as many.
template <class Check>
void forEachEntry(const char *table, std::size_t count, Check check) {
  const auto rows = lines(table);
  std::size_t found = 0;
  for (std::size_t r = 1; r < rows.size(); ++r) {
    ASSERT_EQ(rows[r].size(), rows[0].size() + 1);
    for (std::size_t c = 0; c < rows[0].size(); ++c, ++found) {
      SCOPED_TRACE(rows[r][0] + " and " + rows[0][c]);
      check(rows[r][0], rows[0][c], rows[r][c + 1]);
    }
  }
  EXPECT_EQ(found, count);
}

PromotionOperand dim(const std::string &dtype) {
  return PromotionOperand::tensor(dtypeOf(dtype), 1);
}
PromotionOperand zeroDim(const std::string &dtype) {
  return PromotionOperand::tensor(dtypeOf(dtype), 0);
}
PromotionOperand number(const std::string &type) {
  if (type == "bool")
    return PromotionOperand::boolNumber();
  return type == "int" ? PromotionOperand::intNumber()
                       : PromotionOperand::floatNumber();
}

/// "i8[3]", "i8[]" or "int".
PromotionOperand operand(const std::string &text) {
  const std::size_t bracket = text.find('[');
  if (bracket == std::string::npos)
    return number(text);
  const std::string dtype = text.substr(0, bracket);
  return text.substr(bracket) == "[]" ? zeroDim(dtype) : dim(dtype);
}

PromotionKind kindOf(const std::string &name) {
  static const std::map<std::string, PromotionKind> names = {
      {"Default", PromotionKind::Default},
      {"NoOpmath", PromotionKind::NoOpmath},
      {"IntToFloat", PromotionKind::IntToFloat},
      {"AlwaysBool", PromotionKind::AlwaysBool},
      {"BoolToLong", PromotionKind::BoolToLong}};
  return names.at(name);
}

/// The result type of both orders of `a` and `b` is `expected`.
void expectType(PromotionOperand a, PromotionOperand b,
                const std::string &expected, DType defaultFloat = DType::f32) {
  EXPECT_EQ(dtypeName(resultType({a, b}, defaultFloat)), expected);
  EXPECT_EQ(dtypeName(resultType({b, a}, defaultFloat)), expected);
}

//===----------------------------------------------------------------------===//
// Tests
//===----------------------------------------------------------------------===//

using Text = std::string;

TEST(Promotion, Pairs) {
  forEachEntry(equalRanks, 100, [](Text a, Text b, Text entry) {
    EXPECT_EQ(dtypeName(promoteTypes(dtypeOf(a), dtypeOf(b))), entry);
  });
}

TEST(Promotion, PairsOfTensors) {
  forEachEntry(equalRanks, 100, [](Text a, Text b, Text entry) {
    expectType(dim(a), dim(b), entry);
    expectType(zeroDim(a), zeroDim(b), entry);
  });
}

TEST(Promotion, DimAndZeroDim) {
  forEachEntry(dimAndZeroDim, 100, [](Text a, Text b, Text entry) {
    expectType(dim(a), zeroDim(b), entry);
  });
}

TEST(Promotion, TensorAndNumber) {
  forEachEntry(dimAndNumber, 30, [](Text a, Text b, Text entry) {
    expectType(dim(a), number(b), entry);
  });
  forEachEntry(zeroDimAndNumber, 30, [](Text a, Text b, Text entry) {
    expectType(zeroDim(a), number(b), entry);
  });
}

TEST(Promotion, Numbers) {
  forEachEntry(numbers, 9, [](Text a, Text b, Text entry) {
    expectType(number(a), number(b), entry);
  });
}

TEST(Promotion, DefaultFloat) {
  forEachEntry(defaultFloats, 40, [](Text a, Text b, Text entry) {
    expectType(dim(a), number("float"), entry, dtypeOf(b));
  });
}

TEST(Promotion, Kinds) {
  forEachEntry(kinds, 50, [](Text a, Text b, Text entry) {
    const PromotedTypes types = promote(kindOf(b), {dim(a)});
    EXPECT_EQ(Text(dtypeName(types.compute)) + "/" + dtypeName(types.result),
              entry);
  });
}

TEST(Promotion, RandomTriples) {
  const auto rows = lines(triples);
  EXPECT_EQ(rows.size(), 100u);
  for (const std::vector<std::string> &row : rows) {
    ASSERT_EQ(row.size(), 7u);
    SCOPED_TRACE(row[0] + " of " + row[2] + " " + row[3] + " " + row[4]);
    std::vector<PromotionOperand> operands;
    for (int i = 2; i < 5; ++i)
      operands.push_back(operand(row[i]));
    const PromotedTypes types =
        promote(kindOf(row[0]), operands, dtypeOf(row[1]));
    EXPECT_EQ(dtypeName(types.compute), row[5]);
    EXPECT_EQ(dtypeName(types.result), row[6]);
  }
}

// elementwise_dtypes(type_promotion_kind=Kind.DEFAULT)
TEST(Promotion, NoOperands) { EXPECT_EQ(resultType({}), DType::i1); }

// Usable where the types are known to the compiler.
static_assert(promoteTypes(DType::f16, DType::bf16) == DType::f32);
static_assert(promote(PromotionKind::IntToFloat,
                      {PromotionOperand::tensor(DType::i64, 2)})
                  .result == DType::f32);

} // namespace
