//===- HostileTest.cpp - tensors that no code could use -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CAPITest.h"
#include <climits>
#include <functional>

using namespace fuser::capi;

namespace {
struct CHostile : ::testing::Test {
  const Session session = makeSession();
  const Function add = findFunction(loadProgram(session, kAdd));
  float data[4] = {1, 2, 3, 4}, out[4] = {-1, -1, -1, -1};
  const TestTensor fine{data, kF32, {4}}, output{out, kF32, {4}};

  /// Expects that a tensor which `change` made is refused as argument and as
  /// output, and that nothing is stored.
  void refused(const std::function<void(TestTensor &)> &change,
               const char *why) {
    TestTensor wrong(data, kF32, {4}, {1});
    change(wrong);
    const Outcome asArgument =
        callInto(add, {valueOf(fine), valueOf(wrong)}, {&output});
    expectError(asArgument, FUSER_INVALID_ARGUMENT, why);
    expectError(asArgument, FUSER_INVALID_ARGUMENT,
                "argument 1 ('b') of function 'add'");
    std::vector<Result> results;
    expectError(call(add, {valueOf(fine), valueOf(wrong)}, 1, results),
                FUSER_INVALID_ARGUMENT, why);
    const Outcome asOutput =
        callInto(add, {valueOf(fine), valueOf(fine)}, {&wrong});
    expectError(asOutput, FUSER_INVALID_ARGUMENT, why);
    expectError(asOutput, FUSER_INVALID_ARGUMENT, "output 0 of function 'add'");
    EXPECT_EQ(std::vector<float>(out, out + 4), std::vector<float>(4, -1.0f));
    EXPECT_EQ(std::vector<float>(data, data + 4),
              (std::vector<float>{1, 2, 3, 4}));
  }
};
} // namespace

TEST_F(CHostile, Types) {
  const auto refuse = [this](DLDataType type) {
    refused([type](TestTensor &x) { x.tensor.dtype = type; },
            "expected one lane of");
  };
  refuse({kDLFloat, 32, 2});
  refuse({kDLFloat, 32, 0});
  refuse({kDLFloat, 8, 1});
  refuse({kDLFloat, 128, 1});
  refuse({kDLUInt, 16, 1});
  refuse({kDLInt, 4, 1});
  refuse({kDLOpaqueHandle, 64, 1});
  refuse({kDLComplex, 64, 1});
  refuse({4, 32, 1}); // bfloat
  refuse({6, 1, 1});  // bool
  refuse({255, 255, 65535});
  refused([](TestTensor &x) { x.tensor.dtype = {kDLInt, 32, 1}; },
          "expected tensor<?xf32>, found tensor<4xi32>");
}

TEST_F(CHostile, Devices) {
  for (int type : {0, 3, 10, 13, -1, 1 << 20})
    refused(
        [type](TestTensor &x) {
          x.tensor.device.device_type = static_cast<DLDeviceType>(type);
        },
        "expected kDLCPU");
}

TEST_F(CHostile, Shapes) {
  refused([](TestTensor &x) { x.tensor.ndim = -1; }, "ndim is -1");
  refused([](TestTensor &x) { x.tensor.ndim = INT_MAX; }, "ndim is 2147483647");
  refused([](TestTensor &x) { x.tensor.shape = nullptr; }, "shape is NULL");
  refused([](TestTensor &x) { x.shape[0] = -1; }, "negative size");
  refused([](TestTensor &x) { x.shape[0] = INT64_MIN; }, "negative size");
  refused([](TestTensor &x) { x.shape[0] = INT64_MAX; }, "address space");
  refused([](TestTensor &x) { x.tensor.ndim = 0; },
          "expected tensor<?xf32>, found tensor<f32>");
}

TEST_F(CHostile, Strides) {
  refused([](TestTensor &x) { x.strides[0] = -1; }, "negative stride");
  refused([](TestTensor &x) { x.strides[0] = INT64_MIN; }, "negative stride");
  refused([](TestTensor &x) { x.strides[0] = INT64_MAX / 2; }, "address space");
}

/// As many elements as no number says, in little memory.
TEST_F(CHostile, ElementsBeyondNumber) {
  const Function square = findFunction(loadProgram(session, R"mlir(
func.func @square(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.mul %x, %x : tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}
)mlir"));
  const int64_t many = int64_t(1) << 32;
  for (const std::vector<int64_t> &strides :
       {std::vector<int64_t>{0, 0}, {1, 0}, {0, 1}}) {
    const TestTensor huge(data, kF32, {many, many}, strides);
    expectError(callInto(square, {valueOf(huge)}, {&huge}),
                FUSER_INVALID_ARGUMENT, "address space");
  }
}

TEST_F(CHostile, Counts) {
  const fuser_value values[] = {valueOf(fine), valueOf(fine)};
  const DLTensor *outputs[] = {&output.tensor};
  expectError(fuser_call_into(add.get(), values, SIZE_MAX, outputs, 1),
              FUSER_INVALID_ARGUMENT, "takes 2 arguments");
  expectError(fuser_call_into(add.get(), values, 2, outputs, SIZE_MAX),
              FUSER_INVALID_ARGUMENT, "has 1 results");
}

TEST_F(CHostile, Memory) {
  refused([](TestTensor &x) { x.tensor.data = nullptr; }, "has no memory");
  refused(
      [](TestTensor &x) {
        x.tensor.data = nullptr;
        x.tensor.byte_offset = 64;
      },
      "has no memory");
  refused([](TestTensor &x) { x.tensor.byte_offset = 2; }, "not aligned");
}

TEST_F(CHostile, Pointers) {
  fuser_value none;
  none.kind = FUSER_TENSOR;
  none.as.tensor = nullptr;
  expectError(callInto(add, {valueOf(fine), none}, {&output}),
              FUSER_INVALID_ARGUMENT, "expected a tensor, found NULL");
  none.kind = static_cast<fuser_kind>(4);
  expectError(callInto(add, {valueOf(fine), none}, {&output}),
              FUSER_INVALID_ARGUMENT, "found a value of an unknown kind");
  const fuser_value both[] = {valueOf(fine), valueOf(fine)};
  const DLTensor *noTensor = nullptr;
  expectError(fuser_call_into(add.get(), both, 2, &noTensor, 1),
              FUSER_INVALID_ARGUMENT,
              "output 0 of function 'add': expected a "
              "tensor, found NULL");
  expectError(fuser_call_into(add.get(), both, 2, nullptr, 1),
              FUSER_INVALID_ARGUMENT, "outputs is NULL");
  expectError(fuser_call_into(add.get(), nullptr, 2, nullptr, 0),
              FUSER_INVALID_ARGUMENT, "arguments is NULL");
  expectError(fuser_call(add.get(), both, 2, nullptr, 1),
              FUSER_INVALID_ARGUMENT, "results is NULL");
  DLManagedTensor *result;
  expectError(fuser_call(add.get(), nullptr, 2, &result, 1),
              FUSER_INVALID_ARGUMENT, "arguments is NULL");
  expectError(fuser_call(nullptr, both, 2, &result, 1), FUSER_INVALID_ARGUMENT,
              "function is NULL");
  EXPECT_EQ(result, nullptr);
}
