//===- StreamTest.cpp - streams and threads on a device -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On the first GPU, or on an emulated one where FUSER_EMULATE_GPU is 1. Results
// are compared, bit for bit, with those of the interpreter on the host. Without
// a device everything fails.
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Compiler.h"
#include "FuserRuntime/DeviceTensor.h"
#include <atomic>
#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <thread>

using namespace fuser;
using namespace fuser::runtime;

static constexpr Device kDevice{DeviceType::CUDA, 0};

static const char kPrograms[][400] = {
    R"mlir(
!t = tensor<?x?xf32>
func.func @f(%x: !t, %y: !t) -> !t {
  %0 = fuser.mul %x, %y : !t
  %1 = fuser.tanh %0 : !t
  %r = fuser.add %1, %x : !t
  return %r : !t
}
)mlir",
    R"mlir(
!t = tensor<?x?xf32>
func.func @f(%x: !t, %y: !t) -> !t {
  %0 = fuser.sub %x, %y : !t
  %1 = fuser.exp %0 : !t
  %r = fuser.relu %1 : !t
  return %r : !t
}
)mlir"};

static Tensor makeInput(int64_t rows, int64_t columns, uint64_t seed) {
  auto owner = std::make_shared<std::vector<float>>(rows * columns);
  std::mt19937_64 random(seed);
  for (float &element : *owner)
    element = static_cast<float>(random() % 4001) / 1000.0f - 2.0f;
  return Tensor::borrow(owner->data(), DType::f32, {rows, columns},
                        {columns, 1}, owner);
}

/// Both are row-major, f32, on the host.
static bool sameBits(const Tensor &a, const Tensor &b) {
  return a.sizes() == b.sizes() && a.isContiguous() && b.isContiguous() &&
         std::memcmp(a.data(), b.data(), a.numElements() * sizeof(float)) == 0;
}

namespace {
/// A compiler with programs, and its devices.
class Streams : public ::testing::Test {
protected:
  void SetUp() override {
    auto found = compiler.session().cudaRuntime();
    ASSERT_TRUE(found.ok()) << found.status();
    cuda = *found;
    for (const char *text : kPrograms) {
      auto program = compiler.load(text, "streams.mlir");
      ASSERT_TRUE(program.ok()) << program.status();
      programs.push_back(*std::move(program));
    }
  }

  CudaStream makeStream() {
    const CudaRuntime::Binding binding(*cuda, kDevice);
    CudaStream stream = nullptr;
    EXPECT_TRUE(binding.status().ok()) << binding.status();
    EXPECT_EQ(cuda->driver().cuStreamCreate(&stream, kCudaStreamNonBlocking),
              0);
    return stream;
  }
  void destroy(CudaStream stream) {
    const CudaRuntime::Binding binding(*cuda, kDevice);
    EXPECT_EQ(cuda->driver().cuStreamSynchronize(stream), 0);
    cuda->forgetStream(kDevice, stream);
    EXPECT_EQ(cuda->driver().cuStreamDestroy(stream), 0);
  }
  Tensor upload(const Tensor &tensor) {
    auto copy = copyToDevice(tensor, kDevice, *cuda);
    EXPECT_TRUE(copy.ok()) << copy.status();
    return copy.ok() ? *copy : Tensor();
  }
  Tensor download(const Tensor &tensor) {
    auto copy = copyToHost(tensor, *cuda, compiler.session().allocator());
    EXPECT_TRUE(copy.ok()) << copy.status();
    return copy.ok() ? *copy : Tensor();
  }
  Tensor run(int program, const Tensor &x, const Tensor &y) {
    auto results =
        programs[program].run(programs[program].functions()[0], {x, y});
    EXPECT_TRUE(results.ok()) << results.status();
    return results.ok() ? results->at(0) : Tensor();
  }
  Tensor interpret(int program, const Tensor &x, const Tensor &y) {
    auto results =
        programs[program].runFallback(programs[program].functions()[0], {x, y});
    EXPECT_TRUE(results.ok()) << results.status();
    return results.ok() ? results->at(0) : Tensor();
  }
  /// That nothing but `interpret` interpreted.
  void expectKernels() {
    const auto statistics = compiler.session().statistics();
    EXPECT_GT(statistics.launches, 0);
    for (int i = 0; i < kNumFallbackReasons; ++i)
      if (static_cast<FallbackReason>(i) != FallbackReason::Requested) {
        EXPECT_EQ(statistics.fallbacks[i], 0)
            << fallbackReasonName(static_cast<FallbackReason>(i));
      }
  }

  Compiler compiler;
  std::shared_ptr<CudaRuntime> cuda;
  std::vector<Program> programs;
};
} // namespace

/// Threads with a stream each call the same programs on other sizes: what one
/// gives back, others get.
TEST_F(Streams, ThreadsEachOnItsOwn) {
  constexpr int kThreads = 8;
  const int rounds = cuda->isEmulated() ? 20 : 300;
  std::atomic<int> wrong{0};
  const auto work = [&](int number) {
    const CudaStream stream = makeStream();
    {
      const StreamScope scope(kDevice, stream);
      for (int round = 0; round < rounds; ++round) {
        const int64_t rows = 1 + (number * 37 + round * 11) % 200;
        const Tensor x = makeInput(rows, 129, number * 1000 + round);
        const Tensor y = makeInput(rows, 129, number * 1000 + round + 500);
        const Tensor dx = upload(x), dy = upload(y);
        // Each on what the one before has not stored yet.
        const Tensor found =
            download(run(0, run(1, run(0, dx, dy), dx), run(1, dy, dx)));
        const Tensor expected = interpret(
            0, interpret(1, interpret(0, x, y), x), interpret(1, y, x));
        wrong += !sameBits(found, expected);
      }
    }
    destroy(stream);
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back(work, i);
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
  expectKernels();
}

/// What one stream computes another one reads, after an event.
TEST_F(Streams, OrderedByEvents) {
  const CudaStream a = makeStream(), b = makeStream();
  const CudaRuntime::Binding binding(*cuda, kDevice);
  CudaEvent event = nullptr;
  ASSERT_EQ(cuda->driver().cuEventCreate(&event, kCudaEventDisableTiming), 0);
  const Tensor x = makeInput(700, 513, 1), y = makeInput(700, 513, 2);
  const Tensor expected = interpret(1, interpret(0, x, y), y);
  for (int round = 0; round < 20; ++round) {
    Tensor dx, dy, between;
    {
      const StreamScope scope(kDevice, a);
      dx = upload(x);
      dy = upload(y);
      between = run(0, dx, dy);
      ASSERT_EQ(cuda->driver().cuEventRecord(event, a), 0);
    }
    const StreamScope scope(kDevice, b);
    ASSERT_EQ(cuda->driver().cuStreamWaitEvent(b, event, 0), 0);
    EXPECT_TRUE(sameBits(download(run(1, between, dy)), expected)) << round;
  }
  ASSERT_EQ(cuda->driver().cuEventDestroy(event), 0);
  destroy(a);
  destroy(b);
  expectKernels();
}

/// Inputs given back right after the call: their memory goes to the next one of
/// the stream, which must not overwrite what the kernel still reads.
TEST_F(Streams, MemoryGivenBackAtOnce) {
  const CudaStream stream = makeStream();
  {
    const StreamScope scope(kDevice, stream);
    const Tensor x = makeInput(511, 1025, 3), y = makeInput(511, 1025, 4);
    const Tensor expected = interpret(0, x, interpret(1, x, y));
    const Tensor dx = upload(x), dy = upload(y);
    std::vector<Tensor> results;
    for (int round = 0; round < 30; ++round)
      results.push_back(run(0, dx, run(1, dx, dy)));
    for (const Tensor &result : results)
      EXPECT_TRUE(sameBits(download(result), expected));
  }
  destroy(stream);
  expectKernels();
}

/// Events tell how long it took, and those without a time say so.
TEST_F(Streams, TimesByEvents) {
  const CudaDriver &driver = cuda->driver();
  ASSERT_NE(driver.cuEventElapsedTime, nullptr);
  const CudaRuntime::Binding binding(*cuda, kDevice);
  CudaEvent begin = nullptr, end = nullptr, untimed = nullptr;
  ASSERT_EQ(driver.cuEventCreate(&begin, 0), 0);
  ASSERT_EQ(driver.cuEventCreate(&end, 0), 0);
  ASSERT_EQ(driver.cuEventCreate(&untimed, kCudaEventDisableTiming), 0);
  const Tensor x = upload(makeInput(300, 1000, 5));
  float milliseconds = -1;
  EXPECT_EQ(driver.cuEventElapsedTime(&milliseconds, begin, end),
            cudaresult::kInvalidHandle); // never recorded
  ASSERT_EQ(driver.cuEventRecord(begin, nullptr), 0);
  ASSERT_EQ(driver.cuEventRecord(untimed, nullptr), 0);
  run(0, x, x);
  ASSERT_EQ(driver.cuEventRecord(end, nullptr), 0);
  ASSERT_TRUE(cuda->synchronize(kDevice, nullptr).ok());
  ASSERT_EQ(driver.cuEventElapsedTime(&milliseconds, begin, end), 0);
  EXPECT_GT(milliseconds, 0);
  EXPECT_EQ(driver.cuEventElapsedTime(&milliseconds, untimed, end),
            cudaresult::kInvalidHandle);
  for (CudaEvent event : {begin, end, untimed})
    EXPECT_EQ(driver.cuEventDestroy(event), 0);
}
