//===- DivisionTest.cpp - integer division by zero ------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A zero among the divisors is an error of the call, wherever it is; a zero
// beside them is none.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_cat.h"
#include <cstring>

using namespace fuser;

static constexpr DType kIntegers[] = {DType::ui8, DType::i8, DType::i16,
                                      DType::i32, DType::i64};
static const char *const kOps[] = {"div_trunc", "div_floor", "remainder",
                                   "fmod"};

static std::string tensorType(DType dtype, const std::string &sizes) {
  return absl::StrCat("tensor<", sizes, dtypeName(dtype), ">");
}

/// x op y; `sizes` and `divisorSizes` as "?x?x".
static std::string program(const char *op, DType dtype,
                           const std::string &sizes,
                           const std::string &divisorSizes) {
  const std::string x = tensorType(dtype, sizes),
                    y = tensorType(dtype, divisorSizes);
  return absl::StrCat("func.func @f(%x: ", x, ", %y: ", y, ") -> ", x,
                      " {\n  %0 = fuser.", op, " %x, %y : (", x, ", ", y,
                      ") -> ", x, "\n  return %0 : ", x, "\n}\n");
}

namespace {
/// Integers that can be changed one by one, in memory that is 0 elsewhere.
struct Divisors {
  Divisors(DType dtype, const Dims &sizes, const Dims &strides, int64_t offset)
      : width(dtypeSize(dtype)) {
    int64_t extent = offset + 1;
    for (std::size_t dim = 0; dim < sizes.size(); ++dim)
      extent += (sizes[dim] - 1) * strides[dim];
    bytes.assign((extent + 64) * width, 0);
    tensor =
        Tensor::borrow(bytes.data() + offset * width, dtype, sizes, strides);
    walk(sizes, strides, 0, 0);
    for (std::size_t i = 0; i < places.size(); ++i)
      set(i, static_cast<uint8_t>(1 + i % 5));
  }
  void set(std::size_t index, uint8_t value) {
    std::memcpy(tensor.dataAs<char>() + places[index] * width, &value, 1);
  }

  int64_t width;
  std::vector<char> bytes;
  Tensor tensor;
  /// Where each element is, in elements from the first.
  std::vector<int64_t> places;

private:
  void walk(const Dims &sizes, const Dims &strides, std::size_t dim,
            int64_t place) {
    if (dim == sizes.size()) {
      places.push_back(place);
      return;
    }
    for (int64_t i = 0; i < sizes[dim]; ++i)
      walk(sizes, strides, dim + 1, place + i * strides[dim]);
  }
};

class Division : public ::testing::TestWithParam<std::tuple<DType, int>> {
protected:
  DType dtype() const { return std::get<0>(GetParam()); }
  const char *op() const { return kOps[std::get<1>(GetParam())]; }

  /// No zero is fine, and each element alone as a zero is an error of kernel
  /// and interpreter. `step` leaves out elements.
  void checkEach(const std::string &text, Divisors &divisors,
                 std::size_t step = 1) {
    Dims sizes(divisors.tensor.sizes().begin(), divisors.tensor.sizes().end());
    const Tensor x = makeInput(dtype(), sizes);
    EXPECT_EQ(harness.check(text, {x, divisors.tensor}).size(), 1u);
    for (std::size_t i = 0; i < divisors.places.size(); i += step) {
      divisors.set(i, 0);
      expectError(text, {x, divisors.tensor}, i);
      divisors.set(i, 3);
    }
    EXPECT_EQ(harness.check(text, {x, divisors.tensor}).size(), 1u);
  }

  void expectError(const std::string &text, const std::vector<Value> &arguments,
                   std::size_t element = 0) {
    SCOPED_TRACE(absl::StrCat("zero at ", element));
    EXPECT_EQ(harness.runError(text, arguments),
              "integer division or remainder by zero; the divisors must not "
              "be 0");
  }

  /// Only the oracle's runs were interpreted.
  void TearDown() override {
    const auto statistics = harness.compiler.session().statistics();
    for (auto reason : {runtime::FallbackReason::NoBackend,
                        runtime::FallbackReason::CompileFailed,
                        runtime::FallbackReason::LaunchFailed})
      EXPECT_EQ(statistics.fallbacks[static_cast<int>(reason)], 0);
    EXPECT_GT(harness.compiler.session().nCompiledKernels(), 0);
  }

  Harness harness;
};
} // namespace

/// Full vectors, tails, and tails alone.
TEST_P(Division, EveryPosition) {
  const std::string text = program(op(), dtype(), "?x", "?x");
  for (int64_t size : {1, 7, 16, 17, 41}) {
    Divisors divisors(dtype(), {size}, {1}, 0);
    checkEach(text, divisors);
  }
}

/// Beside and between the elements are zeros.
TEST_P(Division, StridedRows) {
  const std::string text = program(op(), dtype(), "?x?x", "?x?x");
  Divisors rows(dtype(), {3, 19}, {23, 1}, 5);
  checkEach(text, rows);
  Divisors gathered(dtype(), {3, 19}, {50, 2}, 1);
  checkEach(text, gathered);
  Divisors transposed(dtype(), {19, 3}, {1, 20}, 0);
  checkEach(text, transposed);
}

TEST_P(Division, Broadcast) {
  const std::string row = program(op(), dtype(), "?x?x", "?x"),
                    number = program(op(), dtype(), "?x?x", "");
  const Tensor x = makeInput(dtype(), {5, 18});
  Divisors divisors(dtype(), {18}, {1}, 0), one(dtype(), {}, {}, 0);
  harness.check(row, {x, divisors.tensor});
  harness.check(number, {x, one.tensor});
  divisors.set(17, 0);
  one.set(0, 0);
  expectError(row, {x, divisors.tensor});
  expectError(number, {x, one.tensor});
  // Nothing is divided.
  for (const Dims &sizes : {Dims{0, 18}, Dims{0, 0}}) {
    auto results =
        harness.check(number, {makeInput(dtype(), sizes), one.tensor});
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(results[0].numElements(), 0);
  }
}

TEST_P(Division, ConstantZero) {
  const std::string x = tensorType(dtype(), "?x"),
                    zero = tensorType(dtype(), "");
  const std::string text = absl::StrCat(
      "func.func @f(%x: ", x, ") -> ", x,
      " {\n  %z = fuser.constant dense<0> : ", zero, "\n  %0 = fuser.", op(),
      " %x, %z : (", x, ", ", zero, ") -> ", x, "\n  return %0 : ", x, "\n}\n");
  harness.check(text, {makeInput(dtype(), {0})});
  expectError(text, {makeInput(dtype(), {20})});
}

/// One op of many raises, for one of many elements.
TEST_P(Division, AmongOtherOps) {
  const std::string t = tensorType(dtype(), "?x");
  const std::string text =
      absl::StrCat("func.func @f(%x: ", t, ", %y: ", t, ") -> (", t, ", ", t,
                   ") {\n  %0 = fuser.add %x, %y : ", t, "\n  %1 = fuser.",
                   op(), " %0, %y : ", t, "\n  %2 = fuser.mul %1, %x : ", t,
                   "\n  return %0, %2 : ", t, ", ", t, "\n}\n");
  Divisors divisors(dtype(), {70}, {1}, 0);
  const Tensor x = makeInput(dtype(), {70});
  for (std::size_t i = 0; i < 70; i += 23) {
    divisors.set(i, 0);
    expectError(text, {x, divisors.tensor}, i);
    divisors.set(i, 1);
    EXPECT_EQ(harness.check(text, {x, divisors.tensor}).size(), 2u);
  }
}

/// Outputs that the caller gives: the error is the same, and the next call
/// fills them.
TEST_P(Division, GivenOutputs) {
  const ProgramFunction *function =
      harness.function(program(op(), dtype(), "?x", "?x"));
  ASSERT_TRUE(function);
  ASSERT_EQ(function->calls.size(), 1u);
  const int64_t key = function->calls[0].key;
  runtime::Session &session = harness.compiler.session();
  Divisors divisors(dtype(), {33}, {1}, 0);
  const Tensor x = makeInput(dtype(), {33}),
               output = makeInput(dtype(), {33}, Layout::Contiguous, 2);
  divisors.set(32, 0);
  const std::vector<Value> inputs{x, divisors.tensor};
  EXPECT_EQ(session.runFusion(key, inputs, {output}).code(),
            absl::StatusCode::kInvalidArgument);
  divisors.set(32, 2);
  ASSERT_TRUE(session.runFusion(key, inputs, {output}).ok());
  runtime::Stack stack = inputs;
  ASSERT_TRUE(session.runFallback(key, stack).ok());
  EXPECT_TRUE(sameBits(output, std::get<Tensor>(stack.back())));
}

static std::string
caseName(const ::testing::TestParamInfo<std::tuple<DType, int>> &info) {
  return absl::StrCat(kOps[std::get<1>(info.param)], "_",
                      dtypeName(std::get<0>(info.param)));
}
INSTANTIATE_TEST_SUITE_P(All, Division,
                         ::testing::Combine(::testing::ValuesIn(kIntegers),
                                            ::testing::Range(0, 4)),
                         caseName);

/// A zero that one of several threads meets.
TEST(DivisionOn, SeveralThreads) {
  runtime::SessionOptions options;
  options.threads = 2;
  Harness harness(options);
  const int64_t size = 1 << 18;
  const std::string text = program("div_floor", DType::i32, "?x", "?x");
  const Tensor x = makeInput(DType::i32, {size});
  Divisors divisors(DType::i32, {size}, {1}, 0);
  EXPECT_EQ(harness.check(text, {x, divisors.tensor}).size(), 1u);
  for (int64_t i : {int64_t(0), size / 2 - 1, size / 2, size - 1}) {
    divisors.set(i, 0);
    EXPECT_NE(harness.runError(text, {x, divisors.tensor}).find("by zero"),
              std::string::npos);
    divisors.set(i, 4);
  }
  EXPECT_EQ(harness.check(text, {x, divisors.tensor}).size(), 1u);
}

/// Floats divide by zero without more ado.
TEST(DivisionOn, Floats) {
  Harness harness;
  for (DType dtype : {DType::f16, DType::bf16, DType::f32, DType::f64})
    for (const char *op : kOps) {
      Divisors zeros(dtype, {20}, {1}, 0);
      for (std::size_t i = 0; i < 20; ++i)
        zeros.set(i, 0);
      EXPECT_EQ(harness
                    .check(program(op, dtype, "?x", "?x"),
                           {makeInput(dtype, {20}), zeros.tensor})
                    .size(),
                1u);
    }
}
