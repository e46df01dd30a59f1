//===- CastTest.cpp - conversions between element types -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserMath/Cast.h"
#include "FuserMath/DType.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

using namespace fuser::math;

namespace {

template <class To> class FromFloatTest : public testing::Test {};
using IntegerTypes = testing::Types<uint8_t, int32_t, int64_t>;
TYPED_TEST_SUITE(FromFloatTest, IntegerTypes);

/// The neighbours of 0 and of the bounds of To, seen from both sides.
template <class To, class From> void testFloatToInteger() {
  using Limits = std::numeric_limits<To>;
  const From inf = std::numeric_limits<From>::infinity();
  const From limit = std::ldexp(From(1), Limits::digits);
  const From low = static_cast<From>(Limits::min());
  EXPECT_EQ((castScalar<To, From>(std::nanf(""))), 0);
  EXPECT_EQ((castScalar<To, From>(-std::nanf(""))), 0);
  for (From x : {limit, std::nextafter(limit, inf), 2 * limit, inf})
    EXPECT_EQ((castScalar<To, From>(x)), Limits::max()) << x;
  for (From x : {low, std::nextafter(low, -inf), From(-2 * limit), -inf})
    EXPECT_EQ((castScalar<To, From>(x)), Limits::min()) << x;
  for (From x : {std::nextafter(limit, From(0)), From(2.5), From(0.99)})
    EXPECT_EQ((castScalar<To, From>(x)), static_cast<To>(x)) << x;
  for (From x : {From(-0.0), From(-0.99)})
    EXPECT_EQ((castScalar<To, From>(x)), 0) << x;
  const bool isSigned = Limits::is_signed;
  EXPECT_EQ((castScalar<To, From>(From(-2.5))), isSigned ? To(-2) : To(0));
}

TYPED_TEST(FromFloatTest, TruncatesAndSaturates) {
  testFloatToInteger<TypeParam, float>();
  testFloatToInteger<TypeParam, double>();
}

TEST(CastTest, ToBoolIsNotEqualZero) {
  EXPECT_TRUE((castScalar<bool>(std::nanf(""))));
  EXPECT_TRUE((castScalar<bool>(0.25)));
  EXPECT_TRUE((castScalar<bool>(std::numeric_limits<float>::denorm_min())));
  EXPECT_FALSE((castScalar<bool>(-0.0f)));
  EXPECT_TRUE((castScalar<bool>(int32_t(256))));
  EXPECT_TRUE((castScalar<bool>(int64_t(1) << 32)));
  EXPECT_FALSE((castScalar<bool>(uint8_t(0))));
}

TEST(CastTest, IntegersWrap) {
  EXPECT_EQ((castScalar<uint8_t>(int32_t(-1))), 255);
  EXPECT_EQ((castScalar<uint8_t>(int64_t(0x1234))), 0x34);
  EXPECT_EQ((castScalar<int32_t>(int64_t(0x180000000))), INT32_MIN);
  EXPECT_EQ((castScalar<int32_t>(uint8_t(255))), 255);
  EXPECT_EQ((castScalar<int64_t>(int32_t(-1))), -1);
}

TEST(CastTest, ToFloatRoundsToNearestEven) {
  EXPECT_EQ((castScalar<float>(int32_t(16777217))), 16777216.0f);
  EXPECT_EQ((castScalar<float>(int32_t(16777219))), 16777220.0f);
  EXPECT_EQ((castScalar<float>(INT64_MAX)), 0x1p63f);
  EXPECT_EQ((castScalar<double>((int64_t(1) << 53) + 1)), 0x1p53);
  EXPECT_EQ((castScalar<float>(1 + 0x1p-24)), 1.0f);
  EXPECT_EQ((castScalar<float>(1 + 0x1.8p-23)), 1 + 0x1p-22f);
  EXPECT_EQ((castScalar<float>(0x1p-149)), 0x1p-149f);
  EXPECT_EQ((castScalar<float>(-1e300)),
            -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(castScalar<float>(std::nan(""))));
}

/// Casts 0 and 1 from From to every type.
template <class From> void testSmallNumbers() {
#define FUSER_DTYPE(NAME, TYPE)                                                \
  EXPECT_EQ((castScalar<TYPE>(From(0))), TYPE(0));                             \
  EXPECT_EQ((castScalar<TYPE>(From(1))), TYPE(1));
  FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
}

TEST(CastTest, EveryPairOfTypes) {
#define FUSER_DTYPE(NAME, TYPE) testSmallNumbers<TYPE>();
  FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
}

} // namespace
