//===- CallTest.cpp - calls in C ------------------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CAPITest.h"
#include <cstring>

using namespace fuser::capi;

namespace {
struct CCalls : ::testing::Test {
  const Session session = makeSession();
  Function load(const std::string &text) {
    return findFunction(loadProgram(session, text));
  }
  std::vector<Result> results;
};
} // namespace

TEST_F(CCalls, NewOutputs) {
  const Function add = load(kAdd);
  float a[] = {1, 2, 3}, b[] = {10, 20, 30};
  const TestTensor x(a, kF32, {3}), y(b, kF32, {3});
  expectOk(call(add, {valueOf(x), valueOf(y)}, 1, results));
  EXPECT_EQ(floatsOf(results[0]), (std::vector<float>{11, 22, 33}));
  const DLTensor &result = results[0]->dl_tensor;
  EXPECT_EQ(result.device.device_type, kDLCPU);
  EXPECT_EQ(result.byte_offset, 0u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(result.data) % 64, 0u);
}

TEST_F(CCalls, StridesAndOffsets) {
  const Function add = load(kAdd);
  float a[] = {0, 1, 2, 3, 4, 5};
  TestTensor every(a, kF32, {3}, {2}), one(a, kF32, {3}, {0});
  every.tensor.byte_offset = sizeof(float);
  one.tensor.byte_offset = 5 * sizeof(float);
  expectOk(call(add, {valueOf(every), valueOf(one)}, 1, results));
  EXPECT_EQ(floatsOf(results[0]), (std::vector<float>{6, 8, 10}));
}

TEST_F(CCalls, Empty) {
  const Function add = load(kAdd);
  const TestTensor none(nullptr, kF32, {0});
  expectOk(call(add, {valueOf(none), valueOf(none)}, 1, results));
  EXPECT_EQ(results[0]->dl_tensor.shape[0], 0);
  expectOk(callInto(add, {valueOf(none), valueOf(none)}, {&none}));
}

TEST_F(CCalls, Numbers) {
  const Function f = load(R"mlir(
!t = tensor<?xf64>
func.func @f(%s: f64, %n: i64, %b: i1, %x: !t) -> !t {
  %s0 = fuser.splat %s : f64 -> tensor<f64>
  %n0 = fuser.splat %n : i64 -> tensor<f64>
  %b0 = fuser.splat %b : i1 -> tensor<i1>
  %p = fuser.mul %x, %s0 : (!t, tensor<f64>) -> !t
  %q = fuser.add %p, %n0 : (!t, tensor<f64>) -> !t
  %y = fuser.select %b0, %q, %x : (tensor<i1>, !t, !t) -> !t
  return %y : !t
}
)mlir");
  double a[] = {1, 2}, out[2] = {};
  constexpr DLDataType kF64{kDLFloat, 64, 1};
  const TestTensor x(a, kF64, {2}), y(out, kF64, {2});
  const int64_t seven = 7;
  expectOk(callInto(
      f, {valueOf(2.5), valueOf(seven), valueOf(true), valueOf(x)}, {&y}));
  EXPECT_EQ(out[0], 9.5);
  EXPECT_EQ(out[1], 12.0);
  // An i64 is a number for f64; nothing else is for another.
  expectOk(callInto(
      f, {valueOf(seven), valueOf(seven), valueOf(true), valueOf(x)}, {&y}));
  EXPECT_EQ(out[1], 21.0);
  expectOk(callInto(
      f, {valueOf(seven), valueOf(seven), valueOf(false), valueOf(x)}, {&y}));
  EXPECT_EQ(out[1], 2.0);
  expectError(callInto(f,
                       {valueOf(2.5), valueOf(7.0), valueOf(true), valueOf(x)},
                       {&y}),
              FUSER_INVALID_ARGUMENT,
              "argument 1 ('n') of function 'f': expected a number of type "
              "i64, found an f64");
  expectError(
      callInto(f, {valueOf(2.5), valueOf(seven), valueOf(seven), valueOf(x)},
               {&y}),
      FUSER_INVALID_ARGUMENT, "expected a number of type i1");
  double number = 1;
  const TestTensor scalar(&number, kF64, {});
  expectError(
      callInto(f, {valueOf(scalar), valueOf(seven), valueOf(true), valueOf(x)},
               {&y}),
      FUSER_INVALID_ARGUMENT,
      "argument 0 ('s') of function 'f': expected a number of type "
      "f64, found a tensor");
  expectError(
      callInto(f, {valueOf(2.5), valueOf(seven), valueOf(true), valueOf(2.5)},
               {&y}),
      FUSER_INVALID_ARGUMENT, "expected tensor<?xf64>, found an f64");
}

TEST_F(CCalls, WhatIsReturnedAsItIsIsCopied) {
  const Function f = load(R"mlir(
!t = tensor<?x?xf32>
!c = tensor<2xf32>
func.func @f(%x: !t) -> (!t, !c, !t, !c) {
  %c = fuser.constant dense<[1.0, 2.0]> : !c
  return %x, %c, %x, %c : !t, !c, !t, !c
}
)mlir");
  float a[] = {0, 1, 2, 3, 4, 5};
  const TestTensor x(a, kF32, {2, 3}, {1, 2});
  expectOk(call(f, {valueOf(x)}, 4, results));
  const DLTensor &copy = results[0]->dl_tensor;
  EXPECT_NE(copy.data, a);
  EXPECT_EQ(copy.strides[0], 1);
  EXPECT_EQ(copy.strides[1], 2);
  EXPECT_EQ(std::memcmp(copy.data, a, sizeof a), 0);
  EXPECT_EQ(results[2]->dl_tensor.data, copy.data);
  // Nobody changes the constants of a program.
  static_cast<float *>(results[1]->dl_tensor.data)[0] = 7;
  EXPECT_EQ(results[3]->dl_tensor.data, results[1]->dl_tensor.data);
  expectOk(call(f, {valueOf(x)}, 4, results));
  EXPECT_EQ(floatsOf(results[1]), (std::vector<float>{1, 2}));
}

TEST_F(CCalls, ErrorsLeaveNoResults) {
  const Function add = load(kAdd);
  float a[] = {1, 2, 3};
  const TestTensor x(a, kF32, {3}), two(a, kF32, {2});
  expectError(call(add, {valueOf(x), valueOf(two)}, 1, results),
              FUSER_INVALID_ARGUMENT, "[3] and [2]");
  EXPECT_EQ(results[0], nullptr);
  expectError(call(add, {valueOf(x)}, 1, results), FUSER_INVALID_ARGUMENT,
              "takes 2 arguments, but 1 were given");
  EXPECT_EQ(results[0], nullptr);
  expectError(call(add, {valueOf(x), valueOf(x), valueOf(x)}, 1, results),
              FUSER_INVALID_ARGUMENT, "takes 2 arguments, but 3 were given");
  expectError(call(add, {valueOf(x), valueOf(x)}, 2, results),
              FUSER_INVALID_ARGUMENT, "has 1 results, but there is room for 2");
  EXPECT_EQ(results[0], nullptr);
  EXPECT_EQ(results[1], nullptr);
  expectError(callInto(add, {valueOf(x), valueOf(x)}, {}),
              FUSER_INVALID_ARGUMENT, "has 1 results, but 0 outputs");
}

TEST_F(CCalls, DivisionByZero) {
  const Function f = load(R"mlir(
func.func @f(%x: tensor<?xi64>, %y: tensor<?xi64>) -> tensor<?xi64> {
  %z = fuser.div_trunc %x, %y : tensor<?xi64>
  return %z : tensor<?xi64>
}
)mlir");
  int64_t a[] = {6, 7}, b[] = {2, 0}, out[2] = {};
  const TestTensor x(a, kI64, {2}), y(b, kI64, {2}), z(out, kI64, {2});
  expectError(callInto(f, {valueOf(x), valueOf(y)}, {&z}),
              FUSER_INVALID_ARGUMENT, "zero");
  expectError(call(f, {valueOf(x), valueOf(y)}, 1, results),
              FUSER_INVALID_ARGUMENT, "zero");
  b[1] = 7;
  expectOk(callInto(f, {valueOf(x), valueOf(y)}, {&z}));
  EXPECT_EQ(out[0], 3);
  EXPECT_EQ(out[1], 1);
}

TEST_F(CCalls, Code) {
  const Function add = load(kAdd);
  float a[] = {1, 2, 3};
  const TestTensor x(a, kF32, {3});
  const fuser_value arguments[] = {valueOf(x), valueOf(x)};
  const std::pair<fuser_stage, const char *> stages[] = {
      {FUSER_STAGE_LINALG, "linalg.generic"},
      {FUSER_STAGE_LLVM, "define void"},
      {FUSER_STAGE_ASSEMBLY, ".text"},
      {FUSER_STAGE_GPU, "gpu.func"},
      {FUSER_STAGE_NVVM, "nvvm.kernel"},
      {FUSER_STAGE_PTX, ".visible .entry"}};
  for (auto [stage, expected] : stages) {
    char *text;
    expectOk(fuser_function_code(add.get(), arguments, 2, stage, &text));
    const Text owner(text);
    EXPECT_NE(std::strstr(text, expected), nullptr) << text;
  }
  char *text;
  expectError(fuser_function_code(add.get(), arguments, 2,
                                  static_cast<fuser_stage>(6), &text),
              FUSER_INVALID_ARGUMENT, "stage is 6");
  expectError(
      fuser_function_code(add.get(), arguments, 1, FUSER_STAGE_LLVM, &text),
      FUSER_INVALID_ARGUMENT, "takes 2 arguments");
  EXPECT_EQ(text, nullptr);
}
