//===- UniformDivisionTest.cpp - quotients without a division -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels divide by what is the same along a row by multiplication; the
// interpreter divides. They must agree to the last bit, also where a step of
// the kernel's way would overflow or underflow.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

using namespace fuser;

namespace {

/// Numbers of type T.
template <class T> class UniformDivision : public ::testing::Test {
protected:
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  using Limits = std::numeric_limits<T>;
  static constexpr int kPrecision = Limits::digits;
  /// Divisors within 2^-kLimit and 2^kLimit are multiplied with.
  static constexpr int kLimit = sizeof(T) == 4 ? 40 : 300;
  /// As are quotients above 2^kLeast.
  static constexpr int kLeast = sizeof(T) == 4 ? -60 : -500;

  static T power(int exponent) { return std::ldexp(T(1), exponent); }

  /// `x` and the numbers next to it, of both signs.
  static void addNear(std::vector<T> &numbers, T x) {
    for (T y : {std::nextafter(x, T(0)), x, std::nextafter(x, Limits::max())}) {
      numbers.push_back(y);
      numbers.push_back(-y);
    }
  }

  T significand() { return std::ldexp(T(random() >> 11 | 1ull << 52), -52); }
  T anything() {
    Bits bits = static_cast<Bits>(random());
    T x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
  }

  static std::vector<T> special() {
    std::vector<T> numbers{0, Limits::infinity(), Limits::quiet_NaN()};
    addNear(numbers, Limits::denorm_min());
    addNear(numbers, Limits::min());
    addNear(numbers, Limits::max());
    numbers.push_back(-T(0));
    numbers.push_back(-Limits::infinity());
    return numbers;
  }

  std::vector<T> divisors() {
    std::vector<T> numbers = special();
    for (int exponent : {-kLimit, kLimit, -kLimit - 1, kLimit + 1, 0, -1, 1})
      addNear(numbers, power(exponent)); // Of significands all ones, too.
    for (T c : {T(255), T(3), T(127.5), T(0.225), T(10)})
      addNear(numbers, c);
    for (int i = 0; i < 200; ++i)
      numbers.push_back(
          std::ldexp(significand(), static_cast<int>(random() % 80) - 40));
    return numbers;
  }

  /// Dividends that try the way for `c`.
  std::vector<T> dividends(T c) {
    std::vector<T> numbers = special();
    const T a = std::isfinite(c) && c != 0 ? std::abs(c) : T(1);
    for (int exponent : {kLeast, kLeast - 1, kLeast + 1, -kLimit, 0, kLimit,
                         Limits::max_exponent - 1, Limits::min_exponent - 1,
                         Limits::min_exponent + kPrecision})
      for (T x : {power(exponent), power(exponent) * a})
        if (std::isfinite(x))
          addNear(numbers, x);
    // Nearest to quotients halfway between two numbers.
    for (int i = 0; i < 400; ++i) {
      T halfway = std::ldexp(significand(), static_cast<int>(random() % 40));
      addNear(numbers, halfway * a);
      numbers.push_back(significand());
      numbers.push_back(std::ldexp(significand(), kLeast - 10 + i % 20) * a);
      numbers.push_back(anything());
    }
    numbers.resize(4200, T(1));
    return numbers;
  }

  std::string type(const char *sizes) {
    return absl::StrCat("tensor<", sizes, sizeof(T) == 4 ? "f32>" : "f64>");
  }

  Harness harness;
  std::mt19937_64 random{11};
};

using Floats = ::testing::Types<float, double>;
TYPED_TEST_SUITE(UniformDivision, Floats);

} // namespace

/// x / c for rows x and a column c.
TYPED_TEST(UniformDivision, ByAColumn) {
  const std::vector<TypeParam> divisors = this->divisors();
  std::vector<TypeParam> x;
  for (TypeParam c : divisors)
    for (TypeParam dividend : this->dividends(c))
      x.push_back(dividend);
  const int64_t rows = divisors.size(), columns = x.size() / rows;
  const std::string matrix = this->type("?x?x"), column = this->type("?x1x");
  this->harness.check(
      absl::StrCat("func.func @f(%x: ", matrix, ", %c: ", column, ") -> ",
                   matrix, " {\n  %0 = fuser.div %x, %c : (", matrix, ", ",
                   column, ") -> ", matrix, "\n  return %0 : ", matrix, "\n}"),
      {makeTensor<TypeParam>({rows, columns}, x),
       makeTensor<TypeParam>({rows, 1}, divisors)});
}

/// Nothing but zeros: none of them makes the others' way.
TYPED_TEST(UniformDivision, OfZeros) {
  const std::vector<TypeParam> divisors = this->divisors();
  const int64_t rows = divisors.size();
  const std::string matrix = this->type("?x?x"), column = this->type("?x1x");
  const std::string text =
      absl::StrCat("func.func @f(%x: ", matrix, ", %c: ", column, ") -> ",
                   matrix, " {\n  %0 = fuser.div %x, %c : (", matrix, ", ",
                   column, ") -> ", matrix, "\n  return %0 : ", matrix, "\n}");
  for (TypeParam zero : {TypeParam(0), -TypeParam(0)})
    this->harness.check(
        text, {makeTensor<TypeParam>({rows, 64},
                                     std::vector<TypeParam>(rows * 64, zero)),
               makeTensor<TypeParam>({rows, 1}, divisors)});
}

/// Constants, and several divisions by one number.
TYPED_TEST(UniformDivision, ByAConstant) {
  const std::string row = this->type("?x");
  using Bits = typename TestFixture::Bits;
  const std::vector<TypeParam> divisors = this->divisors();
  for (std::size_t i = 0; i < divisors.size(); i += i < 90 ? 1 : 10) {
    const TypeParam c = divisors[i];
    Bits bits;
    std::memcpy(&bits, &c, sizeof c);
    SCOPED_TRACE(absl::StrFormat("%a", c));
    const auto x = this->dividends(c);
    const int64_t size = x.size();
    this->harness.check(
        absl::StrCat(
            "func.func @f(%x: ", row, ", %y: ", row, ") -> (", row, ", ", row,
            ") {\n  %c = fuser.constant dense<0x",
            absl::Hex(bits, sizeof c == 4 ? absl::kZeroPad8 : absl::kZeroPad16),
            "> : ", this->type(""), "\n  %0 = fuser.div %x, %c : (", row, ", ",
            this->type(""), ") -> ", row, "\n  %1 = fuser.div %y, %c : (", row,
            ", ", this->type(""), ") -> ", row, "\n  return %0, %1 : ", row,
            ", ", row, "\n}"),
        {makeTensor<TypeParam>({size}, x),
         makeTensor<TypeParam>({size}, this->dividends(1))});
  }
}

/// Integers, by constants and by a column.
TYPED_TEST(UniformDivision, OfIntegers) {
  const std::string matrix = this->type("?x?x"), column = this->type("?x1x"),
                    scalar = this->type("");
  const std::vector<TypeParam> divisors = this->divisors();
  const int64_t rows = divisors.size();
  for (DType dtype :
       {DType::ui8, DType::i8, DType::i16, DType::i32, DType::i64, DType::i1}) {
    SCOPED_TRACE(dtypeName(dtype));
    const std::string integers =
        absl::StrCat("tensor<?x?x", dtypeName(dtype), ">");
    const Tensor x = makeInput(dtype, {rows, 515}, Layout::Contiguous, 3);
    this->harness.check(
        absl::StrCat("func.func @f(%x: ", integers, ", %c: ", column, ") -> ",
                     matrix, " {\n  %y = fuser.cast %x : ", integers, " to ",
                     matrix, "\n  %0 = fuser.div %y, %c : (", matrix, ", ",
                     column, ") -> ", matrix, "\n  return %0 : ", matrix,
                     "\n}"),
        {x, makeTensor<TypeParam>({rows, 1}, divisors)});
    for (const char *c : {"255.0", "3.0", "-7.0", "0.3", "256.0", "1.0e-30"})
      this->harness.check(
          absl::StrCat("func.func @f(%x: ", integers, ") -> ", matrix,
                       " {\n  %c = fuser.constant dense<", c, "> : ", scalar,
                       "\n  %y = fuser.cast %x : ", integers, " to ", matrix,
                       "\n  %0 = fuser.div %y, %c : (", matrix, ", ", scalar,
                       ") -> ", matrix, "\n  return %0 : ", matrix, "\n}"),
          {x});
  }
}

/// (x / 255 * a - mean) / c, where only mean, a and c may be extreme.
TYPED_TEST(UniformDivision, OfWhatIntegersGive) {
  const std::string matrix = this->type("?x?x"), column = this->type("?x1x"),
                    scalar = this->type("");
  const std::vector<TypeParam> numbers = this->divisors();
  std::vector<TypeParam> a, mean, c;
  for (int i = 0; i < 4000; ++i) {
    const auto any = [&] {
      if (i % 3 == 0)
        return numbers[this->random() % numbers.size()];
      const int limit = i % 3 == 1 ? 45 : 3 * TestFixture::kLimit;
      return std::ldexp(this->significand(),
                        static_cast<int>(this->random() % (2 * limit)) - limit);
    };
    a.push_back(any());
    mean.push_back(i % 7 ? any() : TypeParam(i % 11));
    c.push_back(any());
  }
  const int64_t rows = a.size();
  const auto op = [&](const char *text, const std::string &second) {
    return absl::StrCat("  ", text, " : (", matrix, ", ", second, ") -> ",
                        matrix, "\n");
  };
  const Tensor x = makeInput(DType::ui8, {rows, 80}, Layout::Contiguous, 4);
  // With the factor, much may be extreme, and of f32 so much that it is tested
  // element by element.
  for (bool hasFactor : {false, true})
    this->harness.check(
        absl::StrCat("func.func @f(%x: tensor<?x?xui8>, %a: ", column,
                     ", %mean: ", column, ", %c: ", column, ") -> ", matrix,
                     " {\n  %white = fuser.constant dense<255.0> : ", scalar,
                     "\n  %0 = fuser.cast %x : tensor<?x?xui8> to ", matrix,
                     "\n", op("%1 = fuser.div %0, %white", scalar),
                     op("%2 = fuser.mul %1, %a", column),
                     op(hasFactor ? "%3 = fuser.sub %2, %mean"
                                  : "%3 = fuser.sub %1, %mean",
                        column),
                     op("%4 = fuser.div %3, %c", column),
                     "  return %4 : ", matrix, "\n}"),
        {x, makeTensor<TypeParam>({rows, 1}, a),
         makeTensor<TypeParam>({rows, 1}, mean),
         makeTensor<TypeParam>({rows, 1}, c)});
}
