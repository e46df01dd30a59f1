//===- CudaRuntimeTest.cpp - drivers, contexts and memory -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestBackend.h"
#include "absl/strings/match.h"
#include <thread>

using namespace fuser;
using namespace fuser::runtime;

//===----------------------------------------------------------------------===//
// Loading the driver
//===----------------------------------------------------------------------===//

TEST(LoadCudaDriver, WithoutALibrary) {
  const auto driver = loadCudaDriver("libcuda-that-is-not-there.so.1");
  EXPECT_TRUE(absl::IsFailedPrecondition(driver.status()));
  EXPECT_TRUE(
      absl::StrContains(driver.status().message(), "install NVIDIA's driver"));
  EXPECT_TRUE(absl::StrContains(driver.status().message(),
                                "libcuda-that-is-not-there.so.1"));
}

TEST(LoadCudaDriver, OfALibraryWithoutTheFunctions) {
  const auto driver = loadCudaDriver("libc.so.6");
  EXPECT_TRUE(absl::IsFailedPrecondition(driver.status()));
  EXPECT_EQ(driver.status().message(),
            "the CUDA driver libc.so.6 has no cuInit; install one for CUDA 11 "
            "or later");
}

/// FUSER_FAKE_CUDA has the functions of a driver; the path is that of the
/// build.
TEST(LoadCudaDriver, FindsFunctionsByVersion) {
  const auto driver = loadCudaDriver(FUSER_FAKE_CUDA);
  ASSERT_TRUE(driver.ok()) << driver.status();
  int version = 0;
  // Asked for by name and version; what that does not know, by its symbol.
  EXPECT_EQ(driver->cuDriverGetVersion(&version), 0);
  EXPECT_EQ(version, 2020);
  EXPECT_EQ(driver->cuMemFree(0), 3020);
  EXPECT_EQ(driver->cuDevicePrimaryCtxRelease(0), 11000);
  EXPECT_EQ(driver->cuStreamDestroy(nullptr), 4711);
  EXPECT_EQ(driver->cuEventDestroy(nullptr), 4712); // found, but null
  EXPECT_EQ(driver->cuMemAllocAsync, nullptr);      // which may be missing
  EXPECT_FALSE(driver->isEmulated);
}

TEST(SystemCuda, WithoutADriver) {
  if (loadCudaDriver("libcuda.so.1").ok())
    GTEST_SKIP() << "this machine has a driver";
  const auto first = CudaRuntime::system(), second = CudaRuntime::system();
  EXPECT_TRUE(absl::IsFailedPrecondition(first.status()));
  EXPECT_EQ(first.status(), second.status());
  Session session;
  TestBackend backend;
  session.registerFusionBackend(DeviceType::CUDA, backend.constructor(nullptr));
  EXPECT_TRUE(session.hasFusionBackend(DeviceType::CUDA));
  EXPECT_FALSE(session.canFuseOn(DeviceType::CUDA));
  float data[3] = {};
  const Tensor there = Tensor::borrow(data, DType::f32, {3}, {1}, nullptr,
                                      {DeviceType::CUDA, 0});
  Stack stack = {there, there};
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  const absl::Status status = session.runFusion(key, stack);
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "libcuda.so.1"));
  EXPECT_EQ(session.statistics().totalFallbacks(), 0);
}

//===----------------------------------------------------------------------===//
// The runtime
//===----------------------------------------------------------------------===//

using CudaRuntimeTest = EmulatedTest;

TEST_F(CudaRuntimeTest, Properties) {
  emulator::Options options;
  options.numDevices = 2;
  options.major = 9;
  options.multiprocessors = 132;
  start(options);
  EXPECT_EQ(runtime->numDevices(), 2);
  EXPECT_EQ(runtime->driverVersion(), 12080);
  EXPECT_TRUE(runtime->isEmulated());
  const CudaDeviceProperties &properties =
      **runtime->properties({DeviceType::CUDA, 1});
  EXPECT_EQ(properties.name, "emulated device");
  EXPECT_EQ(properties.major, 9);
  EXPECT_EQ(properties.minor, 0);
  EXPECT_EQ(properties.multiprocessors, 132);
  EXPECT_TRUE(properties.hasMemoryPools);
  EXPECT_EQ(runtime->properties({DeviceType::CUDA, 2}).status().message(),
            "there is no device cuda:2; the CUDA driver has 2");
  EXPECT_FALSE(runtime->properties({DeviceType::CUDA, -1}).ok());
  EXPECT_FALSE(runtime->properties(Device()).ok());
}

TEST_F(CudaRuntimeTest, BindingsRestoreWhatWasCurrent) {
  emulator::Options options;
  options.numDevices = 2;
  start(options);
  const CudaDriver &driver = emulator::driver();
  const auto current = [&] {
    CudaContext context;
    EXPECT_EQ(driver.cuCtxGetCurrent(&context), 0);
    return context;
  };
  EXPECT_EQ(current(), nullptr);
  {
    CudaRuntime::Binding outer(*runtime, device);
    ASSERT_TRUE(outer.status().ok());
    const CudaContext first = current();
    EXPECT_NE(first, nullptr);
    {
      CudaRuntime::Binding inner(*runtime, {DeviceType::CUDA, 1});
      EXPECT_NE(current(), first);
    }
    EXPECT_EQ(current(), first);
    const int64_t before = emulator::numCalls();
    {
      CudaRuntime::Binding same(*runtime, device);
    }
    EXPECT_EQ(emulator::numCalls(), before + 1); // It only looks.
    {
      CudaRuntime::Binding none(*runtime, {DeviceType::CUDA, 7});
      EXPECT_FALSE(none.status().ok());
      EXPECT_EQ(current(), first);
    }
  }
  EXPECT_EQ(current(), nullptr);
}

TEST_F(CudaRuntimeTest, ErrorsHaveNameAndText) {
  EXPECT_TRUE(runtime->check(0, "all").ok());
  const absl::Status memory = runtime->check(2, "cuMemAlloc");
  EXPECT_TRUE(absl::IsResourceExhausted(memory));
  EXPECT_EQ(memory.message(), "cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY (2): of "
                              "the emulated device");
  EXPECT_TRUE(absl::IsFailedPrecondition(runtime->check(900, "x")));
  EXPECT_TRUE(absl::IsInternal(runtime->check(1, "x")));
  EXPECT_TRUE(absl::StrContains(runtime->check(700, "x").message(),
                                "this process can't use the device any more"));
  EXPECT_EQ(runtime->check(12345, "x").message(),
            "x: an unknown error (12345)");
}

TEST_F(CudaRuntimeTest, ModulesSayWhyTheyDoNotLoad) {
  const auto module = runtime->loadModule(device, "no such image");
  EXPECT_TRUE(absl::IsInternal(module.status()));
  EXPECT_EQ(module.status().message(),
            "loading a module: CUDA_ERROR_INVALID_IMAGE (200): of the emulated "
            "device\n'no such image' is no image of the tests");
}

TEST_F(CudaRuntimeTest, StreamsOfThreads) {
  const Stream a = reinterpret_cast<Stream>(8),
               b = reinterpret_cast<Stream>(16);
  EXPECT_EQ(currentStream(device), nullptr);
  EXPECT_EQ(setCurrentStream(device, a), nullptr);
  {
    StreamScope scope(device, b);
    EXPECT_EQ(currentStream(device), b);
    EXPECT_EQ(currentStream({DeviceType::CUDA, 1}), nullptr);
    std::thread([&] { EXPECT_EQ(currentStream(device), nullptr); }).join();
  }
  EXPECT_EQ(currentStream(device), a);
  EXPECT_EQ(setCurrentStream(device, nullptr), a);
  EXPECT_EQ(setCurrentStream(Device(), a), nullptr); // The CPU has none.
  EXPECT_EQ(currentStream(Device()), nullptr);
  EXPECT_EQ(setCurrentStream({DeviceType::CUDA, 99}, a), nullptr);
  EXPECT_EQ(currentStream({DeviceType::CUDA, 99}), nullptr);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

using CudaMemoryTest = EmulatedTest;

TEST_F(CudaMemoryTest, BlocksComeBackInTheirStream) {
  const CudaStream a = newStream(kCudaStreamNonBlocking),
                   b = newStream(kCudaStreamNonBlocking);
  auto onA = *runtime->allocator(device, a),
       onB = *runtime->allocator(device, b);
  EXPECT_EQ(onA, *runtime->allocator(device, a));
  void *block = onA->allocate(1000);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 256, 0u);
  onA->deallocate(block, 1000);
  void *other = onB->allocate(1000); // The one of A may still be in use there.
  EXPECT_NE(other, block);
  StreamScope scope(device, a);
  const int64_t calls = emulator::numCalls();
  EXPECT_EQ(onA->allocate(1000), block);
  onA->deallocate(block, 1000);
  EXPECT_EQ(emulator::numCalls(), calls); // No driver for what is kept.
  onB->deallocate(other, 1000);
  const AllocatorStatistics statistics = runtime->statistics();
  EXPECT_EQ(statistics.misses, 2);
  EXPECT_EQ(statistics.hits, 1);
  EXPECT_EQ(statistics.bytesInUse, 0);
  EXPECT_EQ(statistics.bytesCached, 2048);
  EXPECT_EQ(statistics.peakBytesInUse, 2048);
  EXPECT_EQ(emulator::live().blocks, 2);
  runtime->trim();
  EXPECT_EQ(runtime->statistics().bytesCached, 0);
  EXPECT_EQ(emulator::live().blocks, 0);
}

/// A block that another stream's user gives back is not used before that stream
/// has come so far.
TEST_F(CudaMemoryTest, ABlockFromAnotherStreamIsWaitedFor) {
  const CudaStream a = newStream(kCudaStreamNonBlocking),
                   b = newStream(kCudaStreamNonBlocking);
  auto onA = *runtime->allocator(device, a);
  void *block = onA->allocate(8);
  const CudaDriver &driver = emulator::driver();
  CudaRuntime::Binding binding(*runtime, device);
  const auto address = reinterpret_cast<CudaAddress>(block);
  ASSERT_EQ(driver.cuMemsetD8Async(address, 1, 8, b), 0);
  uint64_t readOnB = 0;
  ASSERT_EQ(driver.cuMemcpyDtoHAsync(&readOnB, address, 8, b), 0);
  {
    StreamScope scope(device, b);
    onA->deallocate(block, 8);
  }
  ASSERT_EQ(onA->allocate(8), block);
  ASSERT_EQ(driver.cuMemsetD8Async(address, 2, 8, a), 0);
  ASSERT_EQ(driver.cuStreamSynchronize(a), 0); // b ran before
  EXPECT_EQ(readOnB, 0x0101010101010101u);
  onA->deallocate(block, 8);
}

/// The same where nobody set a stream: calls then run on the default one.
TEST_F(CudaMemoryTest, ABlockFromTheDefaultStreamIsWaitedFor) {
  const CudaStream a = newStream(kCudaStreamNonBlocking);
  auto onA = *runtime->allocator(device, a);
  void *block = onA->allocate(8);
  const CudaDriver &driver = emulator::driver();
  CudaRuntime::Binding binding(*runtime, device);
  const auto address = reinterpret_cast<CudaAddress>(block);
  ASSERT_EQ(driver.cuMemsetD8Async(address, 1, 8, nullptr), 0);
  uint64_t read = 0;
  ASSERT_EQ(driver.cuMemcpyDtoHAsync(&read, address, 8, nullptr), 0);
  onA->deallocate(block, 8);
  ASSERT_EQ(onA->allocate(8), block);
  ASSERT_EQ(driver.cuMemsetD8Async(address, 2, 8, a), 0);
  ASSERT_EQ(driver.cuStreamSynchronize(a), 0);
  EXPECT_EQ(read, 0x0101010101010101u);
  onA->deallocate(block, 8);
}

TEST_F(CudaMemoryTest, WhatStreamsKeepIsGivenBackRatherThanFail) {
  emulator::Options options;
  options.memoryBytes = 3 << 20;
  for (bool hasPools : {true, false}) {
    options.hasMemoryPools = hasPools;
    start(options);
    const CudaStream a = newStream(kCudaStreamNonBlocking);
    auto onA = *runtime->allocator(device, a);
    auto onDefault = *runtime->allocator(device, nullptr);
    void *first = onA->allocate(2 << 20);
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(onDefault->allocate(2 << 20), nullptr); // It is in use.
    onA->deallocate(first, 2 << 20);
    void *second = onDefault->allocate(2 << 20);
    ASSERT_NE(second, nullptr) << hasPools;
    onDefault->deallocate(second, 2 << 20);
    onA.reset();
    onDefault.reset();
    TearDown();
    SetUp();
  }
}

TEST_F(CudaMemoryTest, KeepsNoMoreThanTheLimit) {
  auto allocator = *runtime->allocator(device, nullptr);
  void *blocks[] = {allocator->allocate(1024), allocator->allocate(1024)};
  runtime->setCacheLimit(1024);
  for (void *block : blocks)
    allocator->deallocate(block, 1024);
  EXPECT_EQ(runtime->statistics().bytesCached, 1024);
  EXPECT_EQ(emulator::live().blocks, 1);
  runtime->setCacheLimit(0);
  EXPECT_EQ(emulator::live().blocks, 0);
}

TEST_F(CudaMemoryTest, OutlivesTheRuntimesUsers) {
  std::weak_ptr<CudaRuntime> watch;
  {
    auto other = *CudaRuntime::create(emulator::driver());
    watch = other;
    auto allocator = *other->allocator(device, nullptr);
    auto tensor =
        *Tensor::allocateStrided(DType::f32, {8}, {1}, 32, *allocator, device);
    allocator.reset();
    other.reset();
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
  EXPECT_EQ(emulator::live().blocks, 0);
}

TEST_F(CudaMemoryTest, ForgottenStreams) {
  const CudaDriver &driver = emulator::driver();
  CudaStream stream = nullptr;
  {
    CudaRuntime::Binding binding(*runtime, device);
    ASSERT_EQ(driver.cuStreamCreate(&stream, 0), 0);
  }
  auto allocator = *runtime->allocator(device, stream);
  void *kept = allocator->allocate(64), *out = allocator->allocate(64);
  allocator->deallocate(kept, 64);
  runtime->forgetStream(device, stream);
  EXPECT_EQ(emulator::live().blocks, 1);
  {
    CudaRuntime::Binding binding(*runtime, device);
    ASSERT_EQ(driver.cuStreamDestroy(stream), 0);
  }
  allocator->deallocate(out, 64); // On no stream that is gone.
  EXPECT_EQ(emulator::live().blocks, 0);
}

/// A result that is out when its stream is forgotten may be in use there, and
/// later on another one.
TEST_F(CudaMemoryTest, ForgottenStreamsAreWaitedFor) {
  const CudaDriver &driver = emulator::driver();
  const CudaStream other = newStream(kCudaStreamNonBlocking);
  CudaRuntime::Binding binding(*runtime, device);
  CudaStream stream = nullptr;
  ASSERT_EQ(driver.cuStreamCreate(&stream, kCudaStreamNonBlocking), 0);
  auto allocator = *runtime->allocator(device, stream);
  void *block = allocator->allocate(8);
  const auto address = reinterpret_cast<CudaAddress>(block);
  uint64_t read = 0, readOnOther = 0;
  ASSERT_EQ(driver.cuMemsetD8Async(address, 1, 8, stream), 0);
  ASSERT_EQ(driver.cuMemcpyDtoHAsync(&read, address, 8, stream), 0);
  runtime->forgetStream(device, stream);
  EXPECT_EQ(read, 0x0101010101010101u);
  ASSERT_EQ(driver.cuStreamDestroy(stream), 0);
  ASSERT_EQ(driver.cuMemcpyDtoHAsync(&readOnOther, address, 8, other), 0);
  {
    StreamScope scope(device, other);
    emulator::beginCapture(other); // Then it stays, for the default stream.
    allocator->deallocate(block, 8);
    EXPECT_TRUE(emulator::endCapture(other));
    EXPECT_EQ(emulator::live().blocks, 1);
    auto onDefault = *runtime->allocator(device, nullptr);
    ASSERT_EQ(onDefault->allocate(8), block);
    runtime->forgetStream(device, nullptr);
    onDefault->deallocate(block, 8); // In the order of `other`.
  }
  ASSERT_EQ(driver.cuStreamSynchronize(other), 0);
  EXPECT_EQ(readOnOther, 0x0101010101010101u);
}

//===----------------------------------------------------------------------===//
// Memory while streams are captured: none of this makes the capture void
//===----------------------------------------------------------------------===//

TEST_F(CudaMemoryTest, ACapturedStreamKeepsItsBlocks) {
  for (unsigned flags : {0u, kCudaStreamNonBlocking}) {
    const CudaStream stream = newStream(flags), other = newStream(flags);
    auto allocator = *runtime->allocator(device, stream);
    void *kept = allocator->allocate(1024), *over = allocator->allocate(1024);
    void *elsewhere = allocator->allocate(1024);
    allocator->deallocate(kept, 1024);
    emulator::beginCapture(stream);
    runtime->setCacheLimit(0);
    std::thread([&] { runtime->trim(); }).join();
    {
      StreamScope scope(device, stream);
      allocator->deallocate(over, 1024);
    }
    {
      StreamScope scope(device, other);
      allocator->deallocate(elsewhere, 1024);
    }
    EXPECT_EQ(allocator->allocate(4096), nullptr); // One that is not kept.
    EXPECT_TRUE(
        absl::IsFailedPrecondition(runtime->synchronize(device, stream)));
    EXPECT_TRUE(emulator::endCapture(stream));
    EXPECT_EQ(runtime->statistics().bytesCached, 3 * 1024);
    EXPECT_EQ(emulator::live().blocks, 3);
    runtime->trim();
    EXPECT_EQ(emulator::live().blocks, 0);
    runtime->setCacheLimit(kDefaultCacheLimit);
  }
}

/// What another stream still does with a block, its own one can't be made to
/// wait for while it is captured.
TEST_F(CudaMemoryTest, ABlockOfACapturedStreamFromAnotherOne) {
  const CudaStream a = newStream(kCudaStreamNonBlocking),
                   b = newStream(kCudaStreamNonBlocking);
  auto onA = *runtime->allocator(device, a);
  void *block = onA->allocate(8);
  emulator::beginCapture(a);
  uint64_t readOnB = 0;
  {
    StreamScope scope(device, b);
    CudaRuntime::Binding binding(*runtime, device);
    const auto address = reinterpret_cast<CudaAddress>(block);
    const CudaDriver &driver = emulator::driver();
    ASSERT_EQ(driver.cuMemsetD8Async(address, 1, 8, b), 0);
    ASSERT_EQ(driver.cuMemcpyDtoHAsync(&readOnB, address, 8, b), 0);
    onA->deallocate(block, 8);
  }
  EXPECT_EQ(readOnB, 0x0101010101010101u);
  EXPECT_TRUE(emulator::endCapture(a));
}

TEST_F(CudaMemoryTest, AllocatesWhileAnotherStreamIsCaptured) {
  emulator::Options options;
  for (bool hasPools : {true, false}) {
    options.hasMemoryPools = hasPools;
    start(options);
    const CudaStream captured = newStream(kCudaStreamNonBlocking),
                     stream = newStream(kCudaStreamNonBlocking);
    auto keeps = *runtime->allocator(device, captured);
    keeps->deallocate(keeps->allocate(64), 64);
    auto allocator = *runtime->allocator(device, stream);
    emulator::beginCapture(captured);
    emulator::failCall(hasPools ? "cuMemAllocAsync" : "cuMemAlloc",
                       cudaresult::kOutOfMemory);
    void *block = allocator->allocate(1024);
    EXPECT_NE(block, nullptr);
    runtime->setCacheLimit(0);
    allocator->deallocate(block, 1024);
    EXPECT_EQ(runtime->statistics().bytesCached, 64);
    EXPECT_TRUE(emulator::endCapture(captured));
    keeps.reset();
    allocator.reset();
    TearDown();
    SetUp();
  }
}

TEST_F(CudaMemoryTest, ThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread)
    threads.emplace_back([&, stream = newStream(kCudaStreamNonBlocking)] {
      StreamScope scope(device, stream);
      for (int i = 0; i < 200; ++i) {
        auto allocator = *runtime->allocator(device, stream);
        std::vector<void *> blocks;
        for (int j = 1; j < 8; ++j)
          blocks.push_back(allocator->allocate(100 * j));
        for (int j = 1; j < 8; ++j)
          allocator->deallocate(blocks[j - 1], 100 * j);
        if (i % 50 == 0)
          runtime->trim();
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(runtime->statistics().bytesInUse, 0);
}
