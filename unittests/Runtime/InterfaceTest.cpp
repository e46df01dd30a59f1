//===- InterfaceTest.cpp - the process-wide interface ---------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Interface.h"
#include "FakeBackend.h"

using namespace fuser;
using namespace fuser::runtime;

/// Takes the backend of the process away again.
struct NoBackendAfterwards {
  ~NoBackendAfterwards() { registerFusionBackend(DeviceType::CPU, nullptr); }
};

TEST(Interface, ARegisteredBackendIsUsedForItsDeviceType) {
  EXPECT_FALSE(hasFusionBackend(DeviceType::CPU));
  EXPECT_FALSE(canFuseOnCPU());
  const int64_t key = *registerFusion(addSpec(1, 1, "interface"));
  EXPECT_EQ(firstElement(defaultSession(), key), 0);
  Session other(oneThread());
  const int64_t otherKey = *other.registerFusion(addSpec(1, 1));

  const NoBackendAfterwards cleanup;
  FakeBackend backend;
  const RegisterFusionBackend registered(DeviceType::CPU,
                                         backend.constructor());
  EXPECT_TRUE(hasFusionBackend(DeviceType::CPU));
  EXPECT_FALSE(hasFusionBackend(DeviceType::CUDA));
  EXPECT_TRUE(canFuseOnCPU());
  EXPECT_FALSE(canFuseOnGPU());
  Stack stack = {iota({3}), iota({3})};
  EXPECT_TRUE(runFusion(key, stack).ok());
  EXPECT_EQ(std::get<Tensor>(stack[0]).dataAs<float>()[0], 4711);
  EXPECT_EQ(backend.calls, 1);
  EXPECT_EQ(nCompiledKernels(), 1);
  EXPECT_EQ(firstElement(other, otherKey), 4711);
  EXPECT_EQ(backend.calls, 2);

  // A session's own one goes before.
  FakeBackend own;
  Session third(oneThread());
  third.registerFusionBackend(DeviceType::CPU, own.constructor());
  firstElement(third, *third.registerFusion(addSpec(1, 1)));
  EXPECT_EQ(own.calls, 1);
  EXPECT_EQ(backend.calls, 2);
  // A default one behind.
  Session fourth(oneThread());
  fourth.setDefaultBackend(DeviceType::CPU, own.constructor());
  firstElement(fourth, *fourth.registerFusion(addSpec(1, 1)));
  EXPECT_EQ(own.calls, 1);
  EXPECT_EQ(backend.calls, 3);
}

TEST(Interface, Overrides) {
  const NoBackendAfterwards cleanup;
  FakeBackend backend;
  registerFusionBackend(DeviceType::CPU, backend.constructor());
  const int64_t key = *registerFusion(addSpec(1, 1, "overrides"));
  overrideCanFuseOnCPU(false);
  EXPECT_FALSE(canFuseOnCPU());
  EXPECT_EQ(firstElement(defaultSession(), key), 0);
  overrideCanFuseOnCPU(true);
  EXPECT_TRUE(canFuseOnCPU());
  EXPECT_EQ(firstElement(defaultSession(), key), 4711);
  overrideCanFuseOnGPU(false);
  overrideCanFuseOnGPU(true);
  EXPECT_FALSE(canFuseOnGPU()); // It does not make a backend.
  Stack stack = {iota({3}), iota({3})};
  EXPECT_TRUE(runFallback(key, stack).ok());
  EXPECT_EQ(std::get<Tensor>(stack[0]).dataAs<float>()[0], 0);
}

TEST(Interface, CompileKernelMakesOneThatNobodyKeeps) {
  const NoBackendAfterwards cleanup;
  FakeBackend backend;
  const KernelSpec spec = addSpec(1, 1);
  const std::vector<Tensor> inputs = {iota({3}), iota({3})};
  const LaunchPlan plan = *planLaunch(spec, inputs, {});
  const ArgSpec argSpec(Device(), plan);
  EXPECT_TRUE(absl::IsFailedPrecondition(
      compileKernel(spec, argSpec, 3, Device()).status()));
  registerFusionBackend(DeviceType::CPU, backend.constructor());
  const auto kernel = compileKernel(spec, argSpec, 17, Device());
  ASSERT_TRUE(kernel.ok()) << kernel.status();
  EXPECT_EQ((*kernel)->code(), "fake");
  EXPECT_EQ(backend.mapSize, 17);
  EXPECT_EQ(*backend.alive, 1);
}

/// On a device that is no CPU, whose memory is the host's.
TEST(Interface, TensorsOnADevice) {
  Session session(oneThread());
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  const Device device{DeviceType::CUDA, 1};
  const Tensor host = iota({3});
  const Tensor there =
      Tensor::borrow(host.data(), DType::f32, {3}, {1}, nullptr, device);
  const std::vector<Value> inputs = {there, there};
  const std::vector<Tensor> given = {
      Tensor::borrow(iota({3}).data(), DType::f32, {3}, {1}, nullptr, device)};
  EXPECT_TRUE(
      absl::IsFailedPrecondition(session.runFusion(key, inputs, given)));
  Stack mixed = {there, host};
  EXPECT_TRUE(absl::IsInvalidArgument(session.runFusion(key, mixed)));
  Stack stack = {there, there};
  EXPECT_TRUE(absl::IsFailedPrecondition(session.runFallback(key, stack)));

  struct Counting : Allocator {
    void *allocate(std::size_t bytes) override {
      ++calls;
      return host->allocate(bytes);
    }
    void deallocate(void *block, std::size_t bytes) override {
      host->deallocate(block, bytes);
    }
    std::shared_ptr<Allocator> host = createCachingAllocator();
    int calls = 0;
  };
  auto allocator = std::make_shared<Counting>();
  FakeBackend backend;
  session.registerFusionBackend(DeviceType::CUDA, backend.constructor(),
                                allocator);
  const absl::Status status = session.runFusion(key, stack);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(std::get<Tensor>(stack[0]).device(), device);
  EXPECT_EQ(std::get<Tensor>(stack[0]).dataAs<float>()[0], 4711);
  EXPECT_EQ(allocator->calls, 1);
  EXPECT_EQ(backend.calls, 1);
  EXPECT_EQ(session.statistics().compiles[0].argSpec.substr(0, 6), "cuda:1");
}
