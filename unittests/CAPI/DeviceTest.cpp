//===- DeviceTest.cpp - tensors on CUDA devices ---------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On an emulated device, whose kernels can use the host's memory as well. The
// programs divide integers: such calls wait for the device.
//
//===----------------------------------------------------------------------===//

#include "CAPITest.h"
#include <cstdlib>
#include <cstring>

using namespace fuser::capi;

static constexpr DLDataType kI32{kDLInt, 32, 1};

static constexpr char kDivide[] = R"mlir(
func.func @divide(%a: tensor<?xi32>, %b: tensor<?xi32>) -> tensor<?xi32> {
  %0 = fuser.div_floor %a, %b : tensor<?xi32>
  return %0 : tensor<?xi32>
}
func.func @same(%a: tensor<?xi32>) -> tensor<?xi32> {
  return %a : tensor<?xi32>
}
)mlir";

namespace {
class CDevice : public ::testing::Test {
protected:
  static void SetUpTestSuite() { setenv("FUSER_EMULATE_GPU", "1", 1); }
  static void TearDownTestSuite() { unsetenv("FUSER_EMULATE_GPU"); }

  std::string statistics() {
    char *json = nullptr;
    expectOk(fuser_session_statistics(session.get(), &json));
    return Text(json).get();
  }

  Session session = makeSession();
  Function divide = findFunction(loadProgram(session, kDivide), "divide");
  int32_t a[8] = {7, -7, 8, 9, 10, 11, 12, 13};
  int32_t b[8] = {2, 2, 2, 3, 3, 3, 4, 4};
};

/// On a CUDA device.
struct DeviceTensor : TestTensor {
  DeviceTensor(void *data, int32_t device = 0)
      : TestTensor(data, kI32, {8}, {1}) {
    tensor.device = {kDLCUDA, device};
  }
};
} // namespace

TEST_F(CDevice, ResultsAreOnIt) {
  EXPECT_TRUE(fuser_session_can_fuse_on_gpu(session.get()));
  EXPECT_FALSE(fuser_session_can_fuse_on_gpu(nullptr));
  const DeviceTensor x(a), y(b);
  std::vector<Result> results;
  expectOk(call(divide, {valueOf(x), valueOf(y)}, 1, results));
  const DLTensor &result = results[0]->dl_tensor;
  EXPECT_EQ(result.device.device_type, kDLCUDA);
  EXPECT_EQ(result.device.device_id, 0);
  ASSERT_EQ(result.shape[0], 8);
  const int32_t expected[] = {3, -4, 4, 3, 3, 3, 3, 3};
  EXPECT_EQ(std::memcmp(result.data, expected, sizeof expected), 0);
  EXPECT_NE(statistics().find("cuda loop 0"), std::string::npos);
  EXPECT_NE(statistics().find("\"launches\": 1"), std::string::npos)
      << statistics();
}

TEST_F(CDevice, IntoOutputs) {
  const DeviceTensor x(a), y(b);
  int32_t out[8] = {};
  const DeviceTensor output(out);
  expectOk(callInto(divide, {valueOf(x), valueOf(y)}, {&output}));
  EXPECT_EQ(out[1], -4);
  EXPECT_EQ(out[7], 3);
  b[3] = 0;
  expectError(callInto(divide, {valueOf(x), valueOf(y)}, {&output}),
              FUSER_INVALID_ARGUMENT, "division");
}

TEST_F(CDevice, MustBeOne) {
  const DeviceTensor x(a);
  const TestTensor y(b, kI32, {8}, {1});
  std::vector<Result> results;
  expectError(call(divide, {valueOf(x), valueOf(y)}, 1, results),
              FUSER_INVALID_ARGUMENT, "must be on one device");
  const DeviceTensor far(b, 5);
  expectError(call(divide, {valueOf(far), valueOf(far)}, 1, results),
              FUSER_INVALID_ARGUMENT, "5");
  const DeviceTensor below(b, -1);
  expectError(call(divide, {valueOf(below), valueOf(below)}, 1, results),
              FUSER_INVALID_ARGUMENT, "-1");
}

TEST_F(CDevice, StreamsOfTheThread) {
  int stream;
  EXPECT_EQ(fuser_set_stream(0, &stream), nullptr);
  EXPECT_EQ(fuser_set_stream(1, nullptr), nullptr);
  EXPECT_EQ(fuser_set_stream(0, nullptr), &stream);
  EXPECT_EQ(fuser_set_stream(-1, &stream), nullptr);
  EXPECT_EQ(fuser_set_stream(-1, nullptr), nullptr);
  fuser_session_forget_stream(session.get(), 0, &stream);
  fuser_session_forget_stream(nullptr, 0, &stream);
}

TEST(CNoDevice, SaysWhatIsMissing) {
  const Session session = makeSession();
  if (fuser_session_can_fuse_on_gpu(session.get()))
    GTEST_SKIP() << "there is a GPU";
  const Function divide =
      findFunction(loadProgram(session, kDivide), "divide");
  int32_t a[8] = {};
  const DeviceTensor x(a);
  std::vector<Result> results;
  expectError(call(divide, {valueOf(x), valueOf(x)}, 1, results),
              FUSER_UNSUPPORTED, "libcuda");
}
