//===- GivenOutputsTest.cpp - calls into memory of the caller -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CAPITest.h"

using namespace fuser::capi;

/// With one op a group, t = a + b is a result and an input of the second and
/// third group, u = t * a is none, and v = u - b is a result.
static const char kChain[] = R"mlir(
!t = tensor<?xf32>
func.func @chain(%a: !t, %b: !t) -> (!t, !t) {
  %t = fuser.add %a, %b : !t
  %u = fuser.mul %t, %a : !t
  %v = fuser.sub %u, %b : !t
  return %t, %v : !t, !t
}
)mlir";

namespace {
/// The program above as one group, and op by op.
struct CGivenOutputs : ::testing::TestWithParam<int64_t> {
  const Session session = makeSession();

  Function load(const std::string &text) {
    fuser_load_options options{};
    options.size = sizeof options;
    options.max_ops = GetParam();
    fuser_program *program;
    expectOk(fuser_program_load(session.get(), text.data(), text.size(),
                                nullptr, &options, &program));
    return findFunction(Program(program));
  }
  size_t groups(const Function &function) {
    return fuser_function_num_groups(function.get());
  }

  float a[3] = {1, 2, 3}, b[3] = {10, 20, 30};
  float t[3] = {-1, -1, -1}, v[6] = {-1, -1, -1, -1, -1, -1};
  const TestTensor as{a, kF32, {3}}, bs{b, kF32, {3}}, ts{t, kF32, {3}};
  const std::vector<fuser_value> both = {valueOf(as), valueOf(bs)};
};
INSTANTIATE_TEST_SUITE_P(Groups, CGivenOutputs, ::testing::Values(500, 1));
} // namespace

TEST_P(CGivenOutputs, AnyStrides) {
  const Function chain = load(kChain);
  EXPECT_EQ(groups(chain), GetParam() == 1 ? 3u : 1u);
  const TestTensor vs(v, kF32, {3}, {2});
  for (int i = 0; i < 3; ++i) {
    expectOk(callInto(chain, both, {&ts, &vs}));
    EXPECT_EQ(std::vector<float>(t, t + 3), (std::vector<float>{11, 22, 33}));
    EXPECT_EQ(std::vector<float>(v, v + 6),
              (std::vector<float>{1, -1, 24, -1, 69, -1}));
  }
}

TEST_P(CGivenOutputs, Interleaved) {
  const Function chain = load(kChain);
  const TestTensor even(v, kF32, {3}, {2}), odd(v + 1, kF32, {3}, {2});
  expectOk(callInto(chain, both, {&even, &odd}));
  EXPECT_EQ(std::vector<float>(v, v + 6),
            (std::vector<float>{11, 1, 22, 24, 33, 69}));
  expectError(callInto(chain, both, {&even, &even}), FUSER_INVALID_ARGUMENT,
              "may overlap");
}

TEST_P(CGivenOutputs, InPlace) {
  const Function chain = load(kChain);
  const TestTensor vs(v, kF32, {3});
  // v may replace b: what computes it is the last to read that.
  expectOk(callInto(chain, both, {&ts, &bs}));
  EXPECT_EQ(std::vector<float>(b, b + 3), (std::vector<float>{1, 24, 69}));
  // t may replace it only where one group computes all.
  const std::vector<float> before(b, b + 3);
  const Outcome outcome = callInto(chain, both, {&bs, &vs});
  if (groups(chain) == 1) {
    expectOk(outcome);
    EXPECT_EQ(std::vector<float>(b, b + 3), (std::vector<float>{2, 26, 72}));
  } else {
    expectError(outcome, FUSER_INVALID_ARGUMENT,
                "output 0 of function 'chain' may overlap argument 1");
    EXPECT_EQ(std::vector<float>(b, b + 3), before);
  }
}

TEST_P(CGivenOutputs, WrongCallsStoreNothing) {
  const Function chain = load(kChain);
  const TestTensor vs(v, kF32, {3});
  const auto refused = [&](const std::vector<fuser_value> &arguments,
                           const TestTensor &first, const TestTensor &second,
                           const char *why) {
    expectError(callInto(chain, arguments, {&first, &second}),
                FUSER_INVALID_ARGUMENT, why);
    EXPECT_EQ(std::vector<float>(a, a + 3), (std::vector<float>{1, 2, 3}));
    EXPECT_EQ(std::vector<float>(b, b + 3), (std::vector<float>{10, 20, 30}));
    EXPECT_EQ(std::vector<float>(t, t + 3), (std::vector<float>{-1, -1, -1}));
    EXPECT_EQ(std::vector<float>(v, v + 6), std::vector<float>(6, -1.0f));
  };
  const TestTensor two(v, kF32, {2}), flat(v, kF32, {3}, {0});
  const TestTensor shifted(a + 1, kF32, {2}), matrix(v, kF32, {3, 1});
  const TestTensor wide(v, {kDLFloat, 16, 1}, {3});
  refused(both, ts, two, "must have the shape [3]");
  refused(both, ts, flat, "may store several elements in the same place");
  refused(both, ts, matrix, "expected tensor<?xf32>, found tensor<3x1xf32>");
  refused(both, ts, wide, "expected tensor<?xf32>, found tensor<3xf16>");
  refused(both, ts, ts, "may overlap");
  refused({valueOf(as), valueOf(two)}, ts, vs, "[3] and [2]");
  const TestTensor first(a, kF32, {2}), second(b, kF32, {2});
  const TestTensor to(t, kF32, {2});
  refused({valueOf(first), valueOf(second)}, to, shifted, "may overlap");
}

TEST_P(CGivenOutputs, WhatNoGroupStores) {
  const Function f = load(R"mlir(
!t = tensor<?xf32>
func.func @f(%a: !t, %b: !t) -> (!t, !t, !t, tensor<2xf32>) {
  %c = fuser.constant dense<[7.0, 8.0]> : tensor<2xf32>
  %t = fuser.add %a, %b : !t
  return %a, %t, %t, %c : !t, !t, !t, tensor<2xf32>
}
)mlir");
  float again[6] = {}, copy[3] = {}, constant[2] = {};
  const TestTensor copies(copy, kF32, {3}), seconds(again, kF32, {3}, {2});
  const TestTensor constants(constant, kF32, {2});
  expectOk(callInto(f, both, {&copies, &ts, &seconds, &constants}));
  EXPECT_EQ(std::vector<float>(copy, copy + 3), (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(std::vector<float>(t, t + 3), (std::vector<float>{11, 22, 33}));
  EXPECT_EQ(std::vector<float>(again, again + 6),
            (std::vector<float>{11, 0, 22, 0, 33, 0}));
  EXPECT_EQ(std::vector<float>(constant, constant + 2),
            (std::vector<float>{7, 8}));
  // The group is done with it, but the result is not.
  expectError(callInto(f, both, {&copies, &as, &seconds, &constants}),
              FUSER_INVALID_ARGUMENT, "may overlap argument 0");
  expectError(callInto(f, both, {&as, &ts, &seconds, &constants}),
              FUSER_INVALID_ARGUMENT, "may overlap argument 0");
  const TestTensor two(copy, kF32, {2});
  t[0] = -1;
  expectError(callInto(f, both, {&two, &ts, &seconds, &constants}),
              FUSER_INVALID_ARGUMENT, "output 0 must have the shape [3]");
  EXPECT_EQ(t[0], -1);
}

TEST_P(CGivenOutputs, ArgumentsThatNothingReads) {
  const Function f = load(R"mlir(
func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %t = fuser.neg %a : tensor<?xf32>
  return %t : tensor<?xf32>
}
)mlir");
  expectError(callInto(f, both, {&bs}), FUSER_INVALID_ARGUMENT,
              "may overlap argument 1");
  expectOk(callInto(f, both, {&as}));
  EXPECT_EQ(std::vector<float>(a, a + 3), (std::vector<float>{-1, -2, -3}));
}

TEST_P(CGivenOutputs, ManyDimensions) {
  const Function f = load(R"mlir(
!t = tensor<2x1x2x1x2x1x2xf32>
func.func @f(%x: !t) -> (!t, !t) {
  %t = fuser.neg %x : !t
  return %x, %t : !t, !t
}
)mlir");
  float in[16], copy[16] = {}, out[16] = {};
  for (int i = 0; i < 16; ++i)
    in[i] = i;
  const std::vector<int64_t> sizes = {2, 1, 2, 1, 2, 1, 2};
  const TestTensor x(in, kF32, sizes),
      reversed(copy, kF32, sizes, {1, 9, 2, 9, 4, 9, 8}), y(out, kF32, sizes);
  expectOk(callInto(f, {valueOf(x)}, {&reversed, &y}));
  for (int i = 0; i < 16; ++i) {
    const int mirrored = (i & 1) << 3 | (i & 2) << 1 | (i & 4) >> 1 | i >> 3;
    EXPECT_EQ(copy[mirrored], i);
    EXPECT_EQ(out[i], -i);
  }
}
