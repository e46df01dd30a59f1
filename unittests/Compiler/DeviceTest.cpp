//===- DeviceTest.cpp - programs on tensors of a device -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the tests of kernels, run on a device with FUSER_TEST_DEVICE=cuda, do
// not look at.
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Emulation.h"
#include "FuserRuntime/DeviceTensor.h"
#include "Harness.h"

using namespace fuser;
using runtime::Device;
using runtime::DeviceType;

namespace {
/// A session with an emulated device.
class DevicePrograms : public ::testing::Test {
protected:
  DevicePrograms() : cuda(*createEmulatedCuda()), compiler(options()) {}

  runtime::SessionOptions options() {
    runtime::SessionOptions options;
    options.cuda = cuda;
    return options;
  }

  Tensor toDevice(const Tensor &tensor) {
    return *copyToDevice(tensor, device, *cuda);
  }
  Tensor toHost(const Tensor &tensor) {
    EXPECT_EQ(tensor.device(), device);
    return *copyToHost(tensor, *cuda, compiler.session().allocator());
  }

  Program load(const std::string &text) {
    auto program = compiler.load(text, "test.mlir");
    EXPECT_TRUE(program.ok()) << program.status();
    return *program;
  }
  std::vector<Tensor> run(const Program &program,
                          const std::vector<Value> &arguments) {
    auto results = program.run(**program.find(""), arguments);
    EXPECT_TRUE(results.ok()) << results.status();
    return results.ok() ? *std::move(results) : std::vector<Tensor>();
  }

  const Device device{DeviceType::CUDA, 0};
  std::shared_ptr<runtime::CudaRuntime> cuda;
  Compiler compiler;
};
} // namespace

TEST_F(DevicePrograms, Constants) {
  const Program program = load(R"mlir(
func.func @f(%x: tensor<?xf32>) -> tensor<3xf32> {
  %c = fuser.constant dense<[1.0, 2.0, 4.0]> : tensor<3xf32>
  %0 = fuser.mul %x, %c : (tensor<?xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}
)mlir");
  const Tensor x = toDevice(makeTensor<float>({3}, {3, 5, 7}));
  for (int i = 0; i < 2; ++i) {
    const auto results = run(program, {x});
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(doubles(toHost(results[0])), (std::vector<double>{3, 10, 28}));
  }
}

/// A group that reads no tensor, and one that reads what it gives.
TEST_F(DevicePrograms, GroupsWithoutTensors) {
  LoadOptions each;
  each.maxOps = 1;
  auto program = compiler.load(R"mlir(
func.func @f(%x: tensor<4xi64>, %n: i64) -> tensor<4xi64> {
  %i = fuser.iota dim 0 : tensor<4xi64>
  %s = fuser.splat %n : i64 -> tensor<4xi64>
  %0 = fuser.mul %i, %s : tensor<4xi64>
  %1 = fuser.add %x, %0 : tensor<4xi64>
  return %1 : tensor<4xi64>
}
)mlir",
                               "test.mlir", each);
  ASSERT_TRUE(program.ok()) << program.status();
  EXPECT_GT((*program->find(""))->calls.size(), 1u);
  const Tensor x = toDevice(makeTensor<int64_t>({4}, {10, 20, 30, 40}));
  const auto results = run(*program, {x, int64_t(3)});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(doubles(toHost(results[0])), (std::vector<double>{10, 23, 36, 49}));
}

/// Numbers change from call to call; the kernel does not.
TEST_F(DevicePrograms, RuntimeScalars) {
  const Program program = load(R"mlir(
func.func @f(%x: tensor<?xf32>, %a: f64, %b: i64, %c: i1) -> tensor<?xf32> {
  %s = fuser.splat %a : f64 -> tensor<f32>
  %t = fuser.splat %b : i64 -> tensor<f32>
  %m = fuser.splat %c : i1 -> tensor<i1>
  %0 = fuser.mul %x, %s : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %1 = fuser.add %0, %t : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %2 = fuser.select %m, %1, %x : (tensor<i1>, tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %2 : tensor<?xf32>
}
)mlir");
  const Tensor x = toDevice(makeTensor<float>({5}, {1, 2, 3, 4, 5}));
  for (double a : {2.0, -0.5}) {
    const auto results = run(program, {x, a, int64_t(10), true});
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(doubles(toHost(results[0])),
              (std::vector<double>{a + 10, 2 * a + 10, 3 * a + 10, 4 * a + 10,
                                   5 * a + 10}));
  }
  const auto results = run(program, {x, 2.0, int64_t(10), false});
  EXPECT_EQ(doubles(toHost(results[0])), (std::vector<double>{1, 2, 3, 4, 5}));
  EXPECT_EQ(compiler.session().nCompiledKernels(), 1);
  EXPECT_EQ(compiler.session().statistics().totalFallbacks(), 0);
}

/// Equal random numbers on the host and on the device.
TEST_F(DevicePrograms, RandomNumbers) {
  const Program program = load(R"mlir(
func.func @f(%x: tensor<?xf32>, %seed: i64) -> tensor<?xf32> {
  %0 = fuser.rand_like %x, %seed, %seed : tensor<?xf32>, i64, i64 to tensor<?xf32>
  return %0 : tensor<?xf32>
}
)mlir");
  const Tensor x = makeInput(DType::f32, {10007});
  const auto onHost = run(program, {x, int64_t(42)});
  const auto onDevice = run(program, {toDevice(x), int64_t(42)});
  ASSERT_EQ(onHost.size(), 1u);
  ASSERT_EQ(onDevice.size(), 1u);
  EXPECT_TRUE(sameBits(toHost(onDevice[0]), onHost[0]));
}

/// Threads that are neighbours on several rows share what one access brings.
TEST_F(DevicePrograms, TransposedOperands) {
  const Program program = load(R"mlir(
func.func @f(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %t = fuser.transpose %y permutation [1, 0] : tensor<?x?xf32> to tensor<?x?xf32>
  %0 = fuser.add %x, %t : tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}
)mlir");
  const Tensor x =
      makeInput(DType::f32, {300, 200}, Layout::Contiguous, 1, Data::Tame);
  const Tensor y =
      makeInput(DType::f32, {200, 300}, Layout::Contiguous, 2, Data::Tame);
  const auto onHost = run(program, {x, y});
  const auto onDevice = run(program, {toDevice(x), toDevice(y)});
  ASSERT_EQ(onDevice.size(), 1u);
  EXPECT_TRUE(sameBits(toHost(onDevice[0]), onHost[0]));
  ASSERT_EQ(emulator::launches().size(), 1u);
  EXPECT_EQ(emulator::launches()[0].blockX, 32u);
  EXPECT_EQ(emulator::launches()[0].blockY, 8u);
}

/// A view may begin at a multiple of a vector where its tensor does not.
TEST_F(DevicePrograms, ViewsOfUnalignedTensors) {
  const Program program = load(R"mlir(
func.func @f(%x: tensor<65xf32>) -> tensor<64xf32> {
  %0 = fuser.slice %x dim 0 start 1 end 65 step 1 : tensor<65xf32> to tensor<64xf32>
  %1 = fuser.add %0, %0 : tensor<64xf32>
  return %1 : tensor<64xf32>
}
)mlir");
  const Tensor all =
      makeInput(DType::f32, {80}, Layout::Contiguous, 1, Data::Tame);
  const Tensor there = toDevice(all);
  for (int first : {3, 1, 0, 2, 4, 7}) {
    const int64_t sizes[] = {65}, strides[] = {1};
    const Tensor x = Tensor::borrow(all.dataAs<float>() + first, DType::f32,
                                    sizes, strides, nullptr);
    const Tensor onDevice =
        Tensor::borrow(there.dataAs<float>() + first, DType::f32, sizes,
                       strides, nullptr, device);
    const auto expected = run(program, {x});
    const auto results = run(program, {onDevice});
    ASSERT_EQ(results.size(), 1u);
    EXPECT_TRUE(sameBits(toHost(results[0]), expected[0])) << first;
  }
}

/// In an output of the caller, also where it replaces the argument.
TEST_F(DevicePrograms, IntoOutputs) {
  const Program program = load(R"mlir(
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = fuser.add %x, %x : tensor<?xf32>
  return %0 : tensor<?xf32>
}
)mlir");
  const Tensor x = toDevice(makeTensor<float>({5}, {1, 2, 3, 4, 5}));
  const Tensor y = toDevice(makeTensor<float>({5}, {0, 0, 0, 0, 0}));
  const ProgramFunction &function = **program.find("");
  ASSERT_TRUE(program.run(function, {x}, {y}).ok());
  EXPECT_EQ(doubles(toHost(y)), (std::vector<double>{2, 4, 6, 8, 10}));
  ASSERT_TRUE(program.run(function, {x}, {x}).ok());
  EXPECT_EQ(doubles(toHost(x)), (std::vector<double>{2, 4, 6, 8, 10}));
}

/// The parameters of a kernel with many operands, each cut in two dimensions,
/// exceed what a launch takes.
TEST_F(DevicePrograms, ParametersInMemory) {
  constexpr int kOperands = 200;
  std::string arguments, body, sum = "%b0";
  for (int i = 0; i < kOperands; ++i) {
    const std::string n = std::to_string(i);
    arguments += (i ? ", %x" : "%x") + n + ": tensor<4x8x8xf32>";
    body += "  %a" + n + " = fuser.slice %x" + n +
            " dim 1 start 0 end 4 step 1 : tensor<4x8x8xf32> to "
            "tensor<4x4x8xf32>\n";
    body += "  %b" + n + " = fuser.slice %a" + n +
            " dim 2 start 1 end 5 step 1 : tensor<4x4x8xf32> to "
            "tensor<4x4x4xf32>\n";
    if (i == 0)
      continue;
    body += "  %s" + n + " = fuser.add " + sum + ", %b" + n +
            " : tensor<4x4x4xf32>\n";
    sum = "%s" + n;
  }
  LoadOptions all;
  all.maxOps = 2000;
  auto program =
      compiler.load("func.func @f(" + arguments + ") -> tensor<4x4x4xf32> {\n" +
                        body + "  return " + sum + " : tensor<4x4x4xf32>\n}\n",
                    "test.mlir", all);
  ASSERT_TRUE(program.ok()) << program.status();
  std::vector<Value> onHost, onDevice;
  for (int i = 0; i < kOperands; ++i) {
    const Tensor x =
        makeInput(DType::f32, {4, 8, 8}, Layout::Contiguous, i, Data::Tame);
    onHost.push_back(x);
    onDevice.push_back(toDevice(x));
  }
  const auto expected = run(*program, onHost);
  const auto results = run(*program, onDevice);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(sameBits(toHost(results[0]), expected[0]));
  ASSERT_EQ(emulator::launches().size(), 1u);
  EXPECT_EQ(emulator::launches()[0].parameterBytes, 8u);
}
