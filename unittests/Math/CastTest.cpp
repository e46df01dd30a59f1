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
using IntegerTypes = testing::Types<uint8_t, int8_t, int16_t, int32_t, int64_t>;
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
  const From zero = castScalar<From>(0.0), one = castScalar<From>(1.0);
#define FUSER_DTYPE(NAME, TYPE)                                                \
  EXPECT_EQ((castScalar<double>(castScalar<TYPE>(zero))), 0);                  \
  EXPECT_EQ((castScalar<double>(castScalar<TYPE>(one))), 1);
  FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
}

//===----------------------------------------------------------------------===//
// f16 and bf16
//===----------------------------------------------------------------------===//

struct HalfFormat {
  using Type = fuser::Half;
  static constexpr int mantissaBits = 10, bias = 15;
};
struct BFloat16Format {
  using Type = fuser::BFloat16;
  static constexpr int mantissaBits = 7, bias = 127;
};
template <class Format> class HalfTest : public testing::Test {
protected:
  using Type = typename Format::Type;
  static constexpr uint32_t infinity = (2 * Format::bias + 1)
                                       << Format::mantissaBits;

  /// The number with the magnitude `bits` below infinity, by its definition.
  /// Infinity itself is where the rounding to it begins from.
  static double number(uint32_t bits) {
    const int exponent = bits >> Format::mantissaBits;
    const double mantissa = bits & ((1u << Format::mantissaBits) - 1);
    const double implied = exponent ? std::ldexp(1, Format::mantissaBits) : 0;
    return std::ldexp(implied + mantissa, std::max(exponent, 1) - Format::bias -
                                              Format::mantissaBits);
  }
  static uint32_t round(double x) {
    return fuser::math::toElement<Type>(static_cast<float>(x)).bits;
  }
};
using HalfFormats = testing::Types<HalfFormat, BFloat16Format>;
TYPED_TEST_SUITE(HalfTest, HalfFormats);

TYPED_TEST(HalfTest, EveryElementIsItself) {
  using Type = typename TypeParam::Type;
  for (uint32_t bits = 0; bits < this->infinity; ++bits) {
    const Type plus{static_cast<uint16_t>(bits)};
    const Type minus{static_cast<uint16_t>(bits | 0x8000)};
    ASSERT_EQ(fromElement(plus), this->number(bits));
    ASSERT_EQ(fromElement(minus), -this->number(bits));
    ASSERT_TRUE(std::signbit(fromElement(minus)));
    ASSERT_EQ(fuser::math::toElement<Type>(fromElement(plus)).bits, plus.bits);
    ASSERT_EQ(fuser::math::toElement<Type>(fromElement(minus)).bits,
              minus.bits);
  }
  const Type inf{static_cast<uint16_t>(this->infinity)};
  EXPECT_EQ(fromElement(inf), std::numeric_limits<float>::infinity());
  EXPECT_EQ(this->round(std::numeric_limits<double>::infinity()), inf.bits);
  for (uint32_t bits = this->infinity + 1; bits < 0x8000; ++bits) {
    const float nan = fromElement(Type{static_cast<uint16_t>(bits)});
    ASSERT_TRUE(std::isnan(nan));
    ASSERT_TRUE(std::isnan(fromElement(fuser::math::toElement<Type>(nan))));
  }
}

/// At the middle between two elements, and just beside it.
TYPED_TEST(HalfTest, RoundsToNearestEven) {
  const float inf = std::numeric_limits<float>::infinity();
  for (uint32_t bits = 0; bits < this->infinity; ++bits) {
    const float middle =
        static_cast<float>((this->number(bits) + this->number(bits + 1)) / 2);
    ASSERT_EQ(this->round(middle), bits + (bits & 1));
    ASSERT_EQ(this->round(-middle), (bits + (bits & 1)) | 0x8000);
    ASSERT_EQ(this->round(std::nextafter(middle, 0.0f)), bits);
    ASSERT_EQ(this->round(std::nextafter(middle, inf)), bits + 1);
  }
  EXPECT_EQ(this->round(std::numeric_limits<float>::max()), this->infinity);
}

TEST(CastTest, ToHalvesByWayOfFloat) {
  // The middle of 1 and its successor, and a little more than float can tell.
  EXPECT_EQ((castScalar<fuser::Half>(1 + 0x1p-11 + 0x1p-40).bits), 0x3c00);
  EXPECT_EQ((castScalar<fuser::Half>(int64_t(65520)).bits), 0x7c00);
  EXPECT_EQ((castScalar<int8_t>(castScalar<fuser::BFloat16>(1e30))), 127);
}

TEST(CastTest, EveryPairOfTypes) {
#define FUSER_DTYPE(NAME, TYPE) testSmallNumbers<TYPE>();
  FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
}

} // namespace
