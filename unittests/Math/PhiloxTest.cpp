//===- PhiloxTest.cpp - random numbers of known answers ----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserMath/Philox.h"
#include "gtest/gtest.h"
#include <cmath>
#include <vector>

using namespace fuser;
using namespace fuser::math;

/// The answers that come with Random123 (kat_vectors, philox4x32 10).
TEST(Philox, KnownAnswers) {
  struct {
    int64_t counter[4], key[2], words[4];
  } cases[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (const auto &c : cases) {
    ScalarBuilder<int64_t> b;
    PhiloxWords<int64_t> counter;
    for (int i = 0; i < 4; ++i)
      counter.word[i] = c.counter[i];
    const PhiloxWords<int64_t> found =
        philox4x32(b, counter, c.key[0], c.key[1]);
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(found.word[i], c.words[i]) << i;
  }
}

/// The same vectors through seed, offset and index: element 4 q + r takes word
/// r of the counter (offset, q); an f64 element 2 q + r words 2r and 2r + 1.
TEST(Philox, ElementsTakeWords) {
  EXPECT_EQ(randomScalar<float>(0, 0, 0), float(0x6627e8d5 >> 8) * 0x1p-24f);
  EXPECT_EQ(randomScalar<float>(1, 0, 0), float(0xe169c58d >> 8) * 0x1p-24f);
  EXPECT_EQ(randomScalar<float>(2, 0, 0), float(0xbc57ac4c >> 8) * 0x1p-24f);
  EXPECT_EQ(randomScalar<float>(3, 0, 0), float(0x9b00dbd8 >> 8) * 0x1p-24f);
  EXPECT_EQ(randomScalar<double>(0, 0, 0),
            double(0xe169c58d6627e8d5 >> 11) * 0x1p-53);
  EXPECT_EQ(randomScalar<double>(1, 0, 0),
            double(0x9b00dbd8bc57ac4c >> 11) * 0x1p-53);
}

/// Negative indices, and each part of seed and offset in its place.
TEST(Philox, IndexIsUnsigned) {
  ScalarBuilder<int64_t> b;
  const int64_t seed = 0x299f31d0a4093822, offset = 0x0370734413198a2e;
  for (int64_t index : {int64_t(-1), INT64_MIN, INT64_MIN + 6, INT64_MAX}) {
    const uint64_t block = static_cast<uint64_t>(index) / 4;
    const PhiloxWords<int64_t> words = philox4x32(
        b,
        {{static_cast<int64_t>(block & 0xffffffff),
          static_cast<int64_t>(block >> 32), 0x13198a2e, 0x03707344}},
        0xa4093822, 0x299f31d0);
    EXPECT_EQ(randomScalar<float>(index, seed, offset),
              float(words.word[static_cast<uint64_t>(index) % 4] >> 8) *
                  0x1p-24f)
        << index;
  }
}

/// The greatest and the least words.
TEST(Philox, NeverOne) {
  EXPECT_EQ(float(0xffffffffu >> 8) * 0x1p-24f, 1.0f - 0x1p-24f);
  EXPECT_LT(static_cast<float>((int64_t(1) << 24) - 1) *
                static_cast<float>(randomUnit<float>()),
            1.0f);
  EXPECT_LT(static_cast<double>((int64_t(1) << 53) - 1) * randomUnit<double>(),
            1.0);
}

/// Mean, variance and the share of each sixteenth, within five standard
/// deviations of what uniform numbers have.
template <class T> static void checkUniform(int64_t seed, int64_t offset) {
  constexpr int64_t n = 1 << 18;
  double sum = 0, squares = 0;
  std::vector<int64_t> bins(16);
  for (int64_t i = 0; i < n; ++i) {
    const T x = randomScalar<T>(i, seed, offset);
    ASSERT_GE(x, T(0));
    ASSERT_LT(x, T(1));
    sum += x;
    squares += double(x) * x;
    ++bins[static_cast<int>(x * 16)];
  }
  const double root = std::sqrt(double(n));
  EXPECT_NEAR(sum / n, 0.5, 5 * std::sqrt(1.0 / 12) / root);
  EXPECT_NEAR(squares / n, 1.0 / 3, 5 * std::sqrt(4.0 / 45) / root);
  for (int64_t count : bins)
    EXPECT_NEAR(double(count) / n, 1.0 / 16, 5 * std::sqrt(15.0 / 256) / root);
}

TEST(Philox, Uniform) {
  checkUniform<float>(0, 0);
  checkUniform<float>(42, 7);
  checkUniform<double>(0, 0);
  checkUniform<double>(-3, INT64_MIN);
}

/// Equal numbers at different indices, seeds or offsets are rare.
TEST(Philox, OperandsMatter) {
  int equal = 0;
  for (int64_t i = 0; i < 1000; ++i) {
    const double x = randomScalar<double>(i, 1, 2);
    equal += x == randomScalar<double>(i + 1, 1, 2);
    equal += x == randomScalar<double>(i, 2, 2);
    equal += x == randomScalar<double>(i, 1, 3);
    equal += x == randomScalar<double>(i, 1 + (int64_t(1) << 32), 2);
    equal += x == randomScalar<double>(i, 1, 2 + (int64_t(1) << 32));
    equal += x == randomScalar<double>(i + (int64_t(1) << 40), 1, 2);
  }
  EXPECT_EQ(equal, 0);
}
