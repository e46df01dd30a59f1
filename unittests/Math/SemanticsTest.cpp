//===- SemanticsTest.cpp - the op table and the exact operations ----------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserMath/Semantics.h"
#include "FloatTest.h"
#include "FuserMath/Cast.h"
#include "FuserMath/Opcode.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include <gtest/gtest.h>

using namespace fuser;
using namespace fuser::math;

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

namespace {

struct Same {
  template <class B> using Type = typename B::V;
};
struct Bool {
  template <class B> using Type = typename B::M;
};

/// Instantiates `call` for T on `arity` zeros and checks the result's type.
template <class Result, int arity, class T, class Call>
void instantiate(Call call) {
  ScalarBuilder<T> b;
  auto x = b.constant(T(0));
  auto invoke = [&] {
    if constexpr (arity == 1)
      return call(b, x);
    else if constexpr (arity == 2)
      return call(b, x, x);
    else
      return call(b, x, x, x);
  };
  using Expected = typename Result::template Type<ScalarBuilder<T>>;
  static_assert(std::is_same_v<decltype(invoke()), Expected>);
  invoke();
}

/// Instantiates `call` for each element type that `domain` admits.
template <class Result, int arity, Domain domain, class Call>
void instantiateRow(Call call) {
#define FUSER_DTYPE(NAME, TYPE)                                                \
  if constexpr (domainAdmits(domain, DType::NAME))                             \
    instantiate<Result, arity, Compute<TYPE>>(call);
  FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
}

TEST(OpTable, EveryRowHasSemanticsForItsDomain) {
#define FUSER_POINTWISE(MNEMONIC, ARITY, DOMAIN, RESULT)                       \
  instantiateRow<RESULT, ARITY, Domain::DOMAIN>(                               \
      [](auto &b, auto... x) { return op::MNEMONIC(b, x...); });
#include "FuserMath/Ops.def"
}

TEST(OpTable, SelectAdmitsEveryType) {
#define FUSER_DTYPE(NAME, TYPE)                                                \
  {                                                                            \
    using T = Compute<TYPE>;                                                   \
    ScalarBuilder<T> b;                                                        \
    EXPECT_EQ(op::select(b, true, T(1), T(0)), T(1));                          \
    EXPECT_EQ(op::select(b, false, T(1), T(0)), T(0));                         \
  }
  FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

template <class T> class ExactFloatTest : public FloatTest<T> {};
TYPED_TEST_SUITE(ExactFloatTest, FloatTypes);

TYPED_TEST(ExactFloatTest, SignBit) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, nan = this->nan;
  const T zero = 0;
  EXPECT_TRUE(same(op::neg(b, zero), -zero));
  EXPECT_TRUE(same(op::neg(b, -inf), inf));
  EXPECT_TRUE(same(op::abs(b, -zero), zero));
  EXPECT_TRUE(same(op::abs(b, -inf), inf));
  EXPECT_TRUE(std::signbit(op::neg(b, nan)));
  EXPECT_FALSE(std::signbit(op::abs(b, -nan)));
}

TYPED_TEST(ExactFloatTest, MinimumAndMaximum) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, nan = this->nan, least = this->least,
          greatest = this->greatest;
  const T zero = 0, one = 1;
  const T ascending[] = {-inf, -greatest, -one, -least,   -zero,
                         zero, least,     one,  greatest, inf};
  for (const T &x : ascending)
    for (const T &y : ascending) {
      EXPECT_TRUE(same(op::minimum(b, x, y), &x < &y ? x : y));
      EXPECT_TRUE(same(op::maximum(b, x, y), &x < &y ? y : x));
    }
  for (T x : ascending) {
    EXPECT_TRUE(std::isnan(op::minimum(b, x, nan)));
    EXPECT_TRUE(std::isnan(op::minimum(b, nan, x)));
    EXPECT_TRUE(std::isnan(op::maximum(b, x, nan)));
    EXPECT_TRUE(std::isnan(op::maximum(b, nan, x)));
  }
}

TYPED_TEST(ExactFloatTest, Clamp) {
  using T = TypeParam;
  auto &b = this->b;
  const T nan = this->nan;
  const T zero = 0, one = 1;
  EXPECT_TRUE(same(op::clamp(b, T(3), -one, one), one));
  EXPECT_TRUE(same(op::clamp(b, T(-3), -one, one), -one));
  EXPECT_TRUE(same(op::clamp(b, T(0.5), -one, one), T(0.5)));
  EXPECT_TRUE(same(op::clamp(b, -zero, zero, one), zero));
  EXPECT_TRUE(same(op::clamp(b, T(0.5), one, -one), -one));
  EXPECT_TRUE(std::isnan(op::clamp(b, nan, -one, one)));
  EXPECT_TRUE(std::isnan(op::clamp(b, zero, nan, one)));
  EXPECT_TRUE(std::isnan(op::clamp(b, zero, -one, nan)));
}

TYPED_TEST(ExactFloatTest, ComparisonsWithNan) {
  using T = TypeParam;
  auto &b = this->b;
  const T inf = this->inf, nan = this->nan;
  const T zero = 0;
  for (T x : {zero, inf, nan}) {
    EXPECT_FALSE(op::eq(b, x, nan));
    EXPECT_TRUE(op::ne(b, x, nan));
    EXPECT_FALSE(op::lt(b, x, nan));
    EXPECT_FALSE(op::le(b, x, nan));
    EXPECT_FALSE(op::gt(b, x, nan));
    EXPECT_FALSE(op::ge(b, x, nan));
  }
  EXPECT_TRUE(op::eq(b, zero, -zero));
}

//===----------------------------------------------------------------------===//
// Integers and truth values
//===----------------------------------------------------------------------===//

template <class T> class IntegerTest : public testing::Test {
protected:
  ScalarBuilder<T> b;
};
using IntegerTypes = testing::Types<uint8_t, int32_t, int64_t>;
TYPED_TEST_SUITE(IntegerTest, IntegerTypes);

TYPED_TEST(IntegerTest, Wraps) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  auto &b = this->b;
  EXPECT_EQ(op::add(b, Limits::max(), T(1)), Limits::min());
  EXPECT_EQ(op::sub(b, Limits::min(), T(1)), Limits::max());
  EXPECT_EQ(op::mul(b, Limits::max(), Limits::max()), T(1));
  EXPECT_EQ(op::neg(b, T(1)), T(-1));
  EXPECT_EQ(op::neg(b, Limits::min()), Limits::min());
  EXPECT_EQ(op::abs(b, Limits::min()), Limits::min());
  EXPECT_EQ(op::abs(b, Limits::max()), Limits::max());
  EXPECT_EQ(op::abs(b, T(-5)), std::is_signed_v<T> ? T(5) : T(-5));
}

TYPED_TEST(IntegerTest, Orders) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  auto &b = this->b;
  EXPECT_EQ(op::lt(b, T(-1), T(1)), std::is_signed_v<T>);
  EXPECT_EQ(op::minimum(b, Limits::min(), Limits::max()), Limits::min());
  EXPECT_EQ(op::maximum(b, Limits::min(), Limits::max()), Limits::max());
  EXPECT_EQ(op::clamp(b, T(100), T(2), T(9)), T(9));
  EXPECT_EQ(op::clamp(b, T(1), T(2), T(9)), T(2));
  EXPECT_EQ(op::clamp(b, T(5), T(9), T(2)), T(2));
}

TEST(BoolTest, FalseIsLessThanTrue) {
  ScalarBuilder<bool> b;
  EXPECT_TRUE(op::lt(b, false, true));
  EXPECT_FALSE(op::lt(b, true, true));
  EXPECT_TRUE(op::ge(b, true, true));
  EXPECT_TRUE(op::ne(b, true, false));
  EXPECT_TRUE(op::eq(b, false, false));
}

} // namespace
