//===- DeviceAllocationTest.cpp - a call on a device allocates nothing ----===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program of its own, as it replaces operator new.
//
//===----------------------------------------------------------------------===//

#include "../Runtime/SpecBuilder.h"
#include "FuserEmulator/Emulator.h"
#include "FuserRuntime/FusedKernelCUDA.h"
#include "FuserRuntime/Session.h"
#include <cstdlib>
#include <new>

static thread_local int64_t numAllocations = 0;

void *operator new(std::size_t size) {
  ++numAllocations;
  if (void *memory = std::malloc(size))
    return memory;
  std::abort();
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }

using namespace fuser;
using namespace fuser::runtime;

//===----------------------------------------------------------------------===//
// A driver that does nothing, so that what it would allocate does not count
//===----------------------------------------------------------------------===//

static int64_t numLaunches = 0, numOthers = 0;
static CudaContext context = nullptr;

/// The emulated driver, of which the functions of a usual call only count.
static const CudaDriver &countingDriver() {
  static const CudaDriver driver = [] {
    CudaDriver made = emulator::driver();
    made.cuCtxGetCurrent = [](CudaContext *current) {
      ++numOthers;
      *current = context;
      return 0;
    };
    made.cuCtxSetCurrent = [](CudaContext current) {
      ++numOthers;
      context = current;
      return emulator::driver().cuCtxSetCurrent(current);
    };
    made.cuLaunchKernel = [](CudaFunction, unsigned, unsigned, unsigned,
                             unsigned, unsigned, unsigned, unsigned, CudaStream,
                             void **, void **) {
      ++numLaunches;
      return 0;
    };
    made.cuStreamIsCapturing = [](CudaStream, int *status) {
      ++numOthers;
      *status = 0;
      return 0;
    };
    return made;
  }();
  return driver;
}

static absl::StatusOr<emulator::Image> loadImage(std::string_view) {
  emulator::Image image;
  image.find = [](const std::string &) {
    return emulator::Function{nullptr, 0};
  };
  return image;
}

namespace {
class DeviceAllocationTest : public testing::Test {
protected:
  void SetUp() override {
    emulator::reset();
    emulator::setImageLoader(loadImage);
    runtime = *CudaRuntime::create(countingDriver());
    SessionOptions options;
    options.threads = 1;
    options.cuda = runtime;
    session = std::make_unique<Session>(options);
    session->registerFusionBackend(
        DeviceType::CUDA, [this](const KernelSpec &spec, const ArgSpec &argSpec,
                                 int64_t, Device, Tier) {
          DeviceFunction function;
          function.name = "any";
          function.isScalar.assign(argSpec.nests()[0].inner.size(), false);
          return FusedKernelCUDA::load(runtime, device, "any", {function}, {});
        });
    key = *session->registerFusion(addSpec(2, 1));
    auto allocator = *runtime->allocator(device, nullptr);
    const auto make = [&](Dims sizes) {
      const int64_t bytes = *denseBytes(DType::f32, sizes);
      return *Tensor::allocateStrided(DType::f32, sizes, rowMajorStrides(sizes),
                                      bytes, *allocator, device);
    };
    inputs = {make({8, 100}), make({100})};
    outputs = {make({8, 100})};
  }
  void TearDown() override {
    inputs.clear();
    outputs.clear();
    session.reset();
    runtime.reset();
    emulator::driver().cuCtxSetCurrent(nullptr);
    context = nullptr;
  }

  /// Allocations, launches and other calls of the driver that `call` makes the
  /// second time, with the context bound as other libraries leave it.
  template <class Call> void measure(Call &&call) {
    call();
    CudaRuntime::Binding binding(*runtime, device);
    call();
    numLaunches = numOthers = 0;
    const int64_t before = numAllocations;
    call();
    allocations = numAllocations - before;
    launches = numLaunches;
    others = numOthers;
  }

  const Device device{DeviceType::CUDA, 0};
  std::shared_ptr<CudaRuntime> runtime;
  std::unique_ptr<Session> session;
  int64_t key = 0;
  std::vector<Value> inputs;
  std::vector<Tensor> outputs;
  int64_t allocations = -1, launches = -1, others = -1;
};
} // namespace

TEST_F(DeviceAllocationTest, NoneIntoGivenOutputs) {
  CallSite site = *session->callSite(key);
  measure([&] { EXPECT_TRUE(site.run(inputs, outputs).ok()); });
  EXPECT_EQ(allocations, 0);
  EXPECT_EQ(launches, 1);
  EXPECT_EQ(others, 1); // the current context
  measure([&] { EXPECT_TRUE(session->runFusion(key, inputs, outputs).ok()); });
  EXPECT_EQ(allocations, 0);
  EXPECT_EQ(session->statistics().totalFallbacks(), 0);
}

TEST_F(DeviceAllocationTest, OneForAnOutput) {
  CallSite site = *session->callSite(key);
  Stack stack;
  stack.reserve(8);
  const auto call = [&] {
    stack.assign(inputs.begin(), inputs.end());
    EXPECT_TRUE(site.run(stack).ok());
    stack.clear();
  };
  measure(call);
  // The control block of the output's owner; its memory is one that was kept.
  EXPECT_EQ(allocations, 1);
  EXPECT_EQ(launches, 1);
  EXPECT_EQ(others, 1);
  // On another stream it is asked whether that is captured.
  CudaStream stream = nullptr;
  {
    CudaRuntime::Binding binding(*runtime, device);
    ASSERT_EQ(emulator::driver().cuStreamCreate(&stream, 0), 0);
  }
  StreamScope scope(device, stream);
  measure(call);
  EXPECT_EQ(allocations, 1);
  EXPECT_EQ(launches, 1);
  EXPECT_EQ(others, 3);
  runtime->forgetStream(device, stream);
}
