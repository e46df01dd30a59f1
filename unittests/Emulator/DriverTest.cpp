//===- DriverTest.cpp - what the emulated driver does ---------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestBackend.h"

using namespace fuser;
using namespace fuser::runtime;
using namespace fuser::runtime::cudaresult;

static const CudaDriver &driver() { return emulator::driver(); }

namespace {

int numRuns = 0;

/// Stores its second parameter where the first points to.
void storeNumber(int64_t, int64_t, int64_t, int64_t,
                 const uint64_t *parameters) {
  *reinterpret_cast<uint64_t *>(parameters[0]) = parameters[1];
  ++numRuns;
}

/// The driver as it is, without a runtime.
class DriverTest : public testing::Test {
protected:
  void SetUp() override {
    emulator::reset({/*numDevices=*/2});
    emulator::setImageLoader(
        [](std::string_view name) -> absl::StatusOr<emulator::Image> {
          if (name != "store")
            return absl::InvalidArgumentError("not the name of an image");
          emulator::Image image;
          image.find = [](const std::string &function)
              -> std::optional<emulator::Function> {
            if (function != "number")
              return std::nullopt;
            return emulator::Function{storeNumber, 2};
          };
          return image;
        });
    numRuns = 0;
    ASSERT_EQ(driver().cuInit(0), kSuccess);
    for (int i = 0; i < 2; ++i)
      ASSERT_EQ(driver().cuDevicePrimaryCtxRetain(&contexts[i], i), kSuccess);
    ASSERT_EQ(driver().cuCtxSetCurrent(contexts[0]), kSuccess);
  }
  void TearDown() override { driver().cuCtxSetCurrent(nullptr); }

  CudaModuleHandle loadModule() {
    const EmulatedImageBytes bytes{"store", 5};
    CudaModuleHandle module = nullptr;
    EXPECT_EQ(driver().cuModuleLoadDataEx(&module, &bytes, 0, nullptr, nullptr),
              kSuccess);
    return module;
  }
  CudaFunction find(CudaModuleHandle module) {
    CudaFunction function = nullptr;
    EXPECT_EQ(driver().cuModuleGetFunction(&function, module, "number"),
              kSuccess);
    return function;
  }
  CudaAddress allocate(std::size_t bytes = 8) {
    CudaAddress address = 0;
    EXPECT_EQ(driver().cuMemAlloc(&address, bytes), kSuccess);
    return address;
  }
  CudaStream stream(unsigned flags = 0) {
    CudaStream made = nullptr;
    EXPECT_EQ(driver().cuStreamCreate(&made, flags), kSuccess);
    return made;
  }
  static CudaResult launch(CudaFunction function, CudaStream stream,
                           std::vector<uint64_t> parameters, unsigned gridX = 1,
                           unsigned gridY = 1, unsigned blockX = 32,
                           unsigned blockY = 1) {
    std::size_t bytes = parameters.size() * sizeof(uint64_t);
    void *extra[] = {cudalaunch::kBuffer, parameters.data(),
                     cudalaunch::kBufferSize, &bytes, cudalaunch::kEnd};
    return driver().cuLaunchKernel(function, gridX, gridY, 1, blockX, blockY, 1,
                                   0, stream, nullptr, extra);
  }
  /// What is there now, whatever still waits.
  static uint64_t peek(CudaAddress address) {
    return *reinterpret_cast<uint64_t *>(address);
  }

  CudaContext contexts[2] = {};
};

} // namespace

TEST_F(DriverTest, LaunchesWaitForASynchronisation) {
  const CudaFunction function = find(loadModule());
  const CudaStream a = stream(), b = stream();
  const CudaAddress place = allocate();
  EXPECT_EQ(launch(function, a, {place, 7}), kSuccess);
  uint64_t host = 0;
  EXPECT_EQ(driver().cuMemcpyDtoHAsync(&host, place, 8, a), kSuccess);
  EXPECT_EQ(numRuns, 0);
  EXPECT_EQ(host, 0u);
  EXPECT_EQ(driver().cuStreamSynchronize(b), kSuccess); // another one
  EXPECT_EQ(numRuns, 0);
  EXPECT_EQ(driver().cuStreamSynchronize(a), kSuccess);
  EXPECT_EQ(numRuns, 1);
  EXPECT_EQ(host, 7u);
  EXPECT_EQ(emulator::launches().size(), 1u);
}

TEST_F(DriverTest, ParametersAreCopied) {
  const CudaFunction function = find(loadModule());
  const CudaAddress place = allocate();
  {
    std::vector<uint64_t> parameters = {place, 1};
    EXPECT_EQ(launch(function, nullptr, parameters), kSuccess);
    parameters[1] = 2;
  }
  EXPECT_EQ(driver().cuCtxSynchronize(), kSuccess);
  EXPECT_EQ(peek(place), 1u);
}

TEST_F(DriverTest, TheDefaultStreamIsInOrderWithBlockingOnes) {
  const CudaFunction function = find(loadModule());
  const CudaStream blocking = stream(), free = stream(kCudaStreamNonBlocking);
  const CudaAddress places[] = {allocate(), allocate()};
  EXPECT_EQ(launch(function, blocking, {places[0], 1}), kSuccess);
  EXPECT_EQ(launch(function, free, {places[1], 1}), kSuccess);
  EXPECT_EQ(launch(function, nullptr, {places[0], 2}), kSuccess);
  EXPECT_EQ(driver().cuStreamSynchronize(nullptr), kSuccess);
  EXPECT_EQ(peek(places[0]), 2u);
  EXPECT_NE(peek(places[1]), 1u); // Nobody waits for the one that does not.
  // And what comes after in the blocking one waits for the default one.
  EXPECT_EQ(launch(function, nullptr, {places[0], 3}), kSuccess);
  EXPECT_EQ(launch(function, blocking, {places[0], 4}), kSuccess);
  EXPECT_EQ(driver().cuStreamSynchronize(blocking), kSuccess);
  EXPECT_EQ(peek(places[0]), 4u);
  EXPECT_EQ(emulator::numPending(), 1);
}

TEST_F(DriverTest, EventsOrderStreams) {
  const CudaFunction function = find(loadModule());
  const CudaStream a = stream(kCudaStreamNonBlocking),
                   b = stream(kCudaStreamNonBlocking);
  const CudaAddress place = allocate();
  CudaEvent event = nullptr;
  EXPECT_EQ(driver().cuEventCreate(&event, 0), kSuccess);
  EXPECT_EQ(launch(function, a, {place, 1}), kSuccess);
  EXPECT_EQ(driver().cuEventRecord(event, a), kSuccess);
  EXPECT_EQ(launch(function, a, {place, 9}), kSuccess); // not waited for
  EXPECT_EQ(driver().cuStreamWaitEvent(b, event, 0), kSuccess);
  EXPECT_EQ(driver().cuEventDestroy(event), kSuccess);
  EXPECT_EQ(driver().cuStreamSynchronize(b), kSuccess);
  EXPECT_EQ(peek(place), 1u);
  EXPECT_EQ(driver().cuEventDestroy(event), kInvalidHandle);
}

TEST_F(DriverTest, FreesWaitInTheirStream) {
  const CudaFunction function = find(loadModule());
  const CudaStream a = stream();
  CudaAddress place = 0;
  EXPECT_EQ(driver().cuMemAllocAsync(&place, 8, a), kSuccess);
  EXPECT_EQ(launch(function, a, {place, 1}), kSuccess);
  EXPECT_EQ(driver().cuMemFreeAsync(place, a), kSuccess);
  EXPECT_EQ(driver().cuMemFreeAsync(place, a), kInvalidValue); // twice
  EXPECT_EQ(driver().cuMemFree(place), kInvalidValue);
  EXPECT_EQ(emulator::live().blocks, 0);
  EXPECT_EQ(driver().cuMemcpyHtoDAsync(place, "x", 1, a), kInvalidValue);
  EXPECT_EQ(driver().cuStreamSynchronize(a), kSuccess);
  EXPECT_EQ(numRuns, 1);
}

TEST_F(DriverTest, AddressesOfTheWrongSide) {
  char host[16] = {};
  const auto there = reinterpret_cast<CudaAddress>(host);
  const CudaAddress place = allocate(16);
  EXPECT_EQ(driver().cuMemcpyHtoDAsync(there, host, 8, nullptr), kInvalidValue);
  EXPECT_EQ(driver().cuMemcpyDtoHAsync(host, there, 8, nullptr), kInvalidValue);
  EXPECT_EQ(driver().cuMemcpyDtoHAsync(host, place, 17, nullptr),
            kInvalidValue); // beyond its end
  EXPECT_EQ(driver().cuMemcpyDtoHAsync(host, place + 8, 8, nullptr), kSuccess);
  EXPECT_EQ(driver().cuMemsetD8Async(there, 0, 1, nullptr), kInvalidValue);
  EXPECT_EQ(driver().cuMemcpyDtoDAsync(place, there, 8, nullptr),
            kInvalidValue);
  EXPECT_EQ(driver().cuMemFree(there), kInvalidValue);
  EXPECT_EQ(driver().cuMemFree(place + 8), kInvalidValue);
  EXPECT_EQ(driver().cuMemFree(place), kSuccess);
}

TEST_F(DriverTest, MemoryIsLimitedAndNotCleared) {
  emulator::Options options;
  options.memoryBytes = 1 << 20;
  emulator::reset(options);
  ASSERT_EQ(driver().cuInit(0), kSuccess);
  ASSERT_EQ(driver().cuDevicePrimaryCtxRetain(&contexts[0], 0), kSuccess);
  ASSERT_EQ(driver().cuCtxSetCurrent(contexts[0]), kSuccess);
  CudaAddress address = 0;
  EXPECT_EQ(driver().cuMemAlloc(&address, (1 << 20) + 1), kOutOfMemory);
  EXPECT_EQ(driver().cuMemAllocAsync(&address, 1 << 20, nullptr), kSuccess);
  EXPECT_EQ(address % 256, 0u);
  EXPECT_NE(peek(address), 0u);
  CudaAddress second = 0;
  EXPECT_EQ(driver().cuMemAlloc(&second, 1), kOutOfMemory);
  // In the order of one stream it is there without a synchronisation.
  EXPECT_EQ(driver().cuMemFreeAsync(address, nullptr), kSuccess);
  EXPECT_EQ(driver().cuMemAllocAsync(&second, 1 << 20, nullptr), kSuccess);
}

TEST_F(DriverTest, Geometry) {
  const CudaFunction function = find(loadModule());
  const std::vector<uint64_t> parameters = {allocate(), 1};
  EXPECT_EQ(launch(function, nullptr, parameters, 0), kInvalidValue);
  EXPECT_EQ(launch(function, nullptr, parameters, 1, 65536), kInvalidValue);
  EXPECT_EQ(launch(function, nullptr, parameters, 1, 65535), kSuccess);
  EXPECT_EQ(launch(function, nullptr, parameters, 1, 1, 1025), kInvalidValue);
  EXPECT_EQ(launch(function, nullptr, parameters, 1, 1, 512, 4), kInvalidValue);
  EXPECT_EQ(launch(function, nullptr, parameters, 1, 1, 512, 2), kSuccess);
  EXPECT_EQ(launch(function, nullptr, {parameters[0]}), kInvalidValue);
  EXPECT_EQ(launch(function, nullptr, std::vector<uint64_t>(513)),
            kInvalidValue);
}

TEST_F(DriverTest, Contexts) {
  const CudaFunction function = find(loadModule());
  const std::vector<uint64_t> parameters = {allocate(), 1};
  const CudaStream first = stream();
  EXPECT_EQ(driver().cuCtxSetCurrent(contexts[1]), kSuccess);
  EXPECT_EQ(launch(function, nullptr, parameters), kInvalidHandle);
  EXPECT_EQ(driver().cuStreamSynchronize(first), kInvalidHandle);
  EXPECT_EQ(driver().cuCtxSetCurrent(nullptr), kSuccess);
  CudaAddress address;
  EXPECT_EQ(driver().cuMemAlloc(&address, 1), kInvalidContext);
  EXPECT_EQ(launch(function, nullptr, parameters), kInvalidContext);
  EXPECT_EQ(driver().cuCtxSetCurrent(reinterpret_cast<CudaContext>(&address)),
            kInvalidContext);
  EXPECT_EQ(driver().cuDevicePrimaryCtxRelease(1), kSuccess);
  EXPECT_EQ(driver().cuCtxSetCurrent(contexts[1]), kInvalidContext);
  EXPECT_EQ(driver().cuDevicePrimaryCtxRelease(1), kInvalidContext);
  // Memory that is left is complained about.
  EXPECT_EQ(driver().cuDevicePrimaryCtxRelease(0), kSuccess);
  EXPECT_EQ(emulator::complaints().size(), 1u);
}

TEST_F(DriverTest, ModulesMustStayForTheirKernels) {
  const CudaModuleHandle module = loadModule();
  EXPECT_EQ(launch(find(module), nullptr, {allocate(), 1}), kSuccess);
  EXPECT_EQ(driver().cuModuleUnload(module), kSuccess);
  EXPECT_EQ(emulator::complaints().size(), 1u);
  EXPECT_EQ(driver().cuModuleUnload(module), kInvalidHandle);
  CudaFunction function;
  EXPECT_EQ(driver().cuModuleGetFunction(&function, module, "number"),
            kInvalidHandle);
  EXPECT_EQ(driver().cuModuleGetFunction(&function, loadModule(), "other"),
            kNotFound);
}

TEST_F(DriverTest, FaultsOfCalls) {
  const CudaFunction function = find(loadModule());
  const std::vector<uint64_t> parameters = {allocate(), 1};
  emulator::failCall("cuLaunchKernel", kOutOfMemory, /*nth=*/2, /*times=*/2);
  const CudaResult expected[] = {kSuccess, kOutOfMemory, kOutOfMemory,
                                 kSuccess};
  for (CudaResult result : expected)
    EXPECT_EQ(launch(function, nullptr, parameters), result);
  EXPECT_EQ(emulator::numCalls("cuLaunchKernel"), 4);
  EXPECT_EQ(driver().cuCtxSynchronize(), kSuccess);
  EXPECT_EQ(numRuns, 2);
}

TEST_F(DriverTest, ABrokenContextStaysBroken) {
  const CudaFunction function = find(loadModule());
  const std::vector<uint64_t> parameters = {allocate(), 1};
  emulator::failExecution(kIllegalAddress);
  EXPECT_EQ(launch(function, nullptr, parameters), kSuccess);
  EXPECT_EQ(driver().cuStreamSynchronize(nullptr), kIllegalAddress);
  EXPECT_EQ(launch(function, nullptr, parameters), kIllegalAddress);
  EXPECT_EQ(driver().cuCtxSynchronize(), kIllegalAddress);
  // The other device works.
  EXPECT_EQ(driver().cuCtxSetCurrent(contexts[1]), kSuccess);
  EXPECT_EQ(driver().cuCtxSynchronize(), kSuccess);
}

TEST_F(DriverTest, NoDevice) {
  emulator::reset({/*numDevices=*/0});
  EXPECT_EQ(driver().cuInit(0), kNoDevice);
  int count = 0;
  EXPECT_EQ(driver().cuDeviceGetCount(&count), kNotInitialized);
  const auto runtime = CudaRuntime::create(driver());
  EXPECT_TRUE(absl::IsFailedPrecondition(runtime.status()));
  EXPECT_EQ(runtime.status().message(),
            "no CUDA device can be used: cuInit: CUDA_ERROR_NO_DEVICE (100): "
            "of the emulated device; keep tensors on the CPU");
}

TEST_F(DriverTest, Capture) {
  const CudaFunction function = find(loadModule());
  const CudaStream recorded = stream();
  const CudaAddress place = allocate();
  int status = -1;
  emulator::beginCapture(recorded);
  EXPECT_EQ(driver().cuStreamIsCapturing(recorded, &status), kSuccess);
  EXPECT_EQ(status, 1);
  EXPECT_EQ(launch(function, recorded, {place, 1}), kSuccess);
  EXPECT_TRUE(emulator::endCapture(recorded));
  EXPECT_EQ(driver().cuStreamSynchronize(recorded), kSuccess);
  EXPECT_EQ(numRuns, 0);
  emulator::replay(recorded);
  emulator::replay(recorded);
  EXPECT_EQ(driver().cuStreamSynchronize(recorded), kSuccess);
  EXPECT_EQ(numRuns, 2);

  const auto isSpoiltBy = [&](const std::function<CudaResult()> &forbidden) {
    emulator::beginCapture(recorded);
    EXPECT_NE(forbidden(), kSuccess);
    return !emulator::endCapture(recorded);
  };
  CudaAddress address;
  CudaModuleHandle module;
  const EmulatedImageBytes bytes{"store", 5};
  EXPECT_TRUE(isSpoiltBy([&] { return driver().cuMemAlloc(&address, 1); }));
  EXPECT_TRUE(isSpoiltBy(
      [&] { return driver().cuMemAllocAsync(&address, 1, recorded); }));
  EXPECT_TRUE(isSpoiltBy([&] { return driver().cuCtxSynchronize(); }));
  EXPECT_TRUE(
      isSpoiltBy([&] { return driver().cuStreamSynchronize(recorded); }));
  EXPECT_TRUE(
      isSpoiltBy([&] { return launch(function, nullptr, {place, 1}); }));
  const auto load = [&] {
    return driver().cuModuleLoadDataEx(&module, &bytes, 0, nullptr, nullptr);
  };
  EXPECT_TRUE(isSpoiltBy(load));
  // Whoever says so may load nevertheless.
  int mode = kCudaCaptureRelaxed;
  EXPECT_EQ(driver().cuThreadExchangeStreamCaptureMode(&mode), kSuccess);
  emulator::beginCapture(recorded);
  EXPECT_EQ(load(), kSuccess);
  EXPECT_TRUE(emulator::endCapture(recorded));
  EXPECT_EQ(driver().cuThreadExchangeStreamCaptureMode(&mode), kSuccess);
}
