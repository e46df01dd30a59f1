//===- DeviceFaultTest.cpp - fallbacks and errors on a device -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/DeviceTensor.h"
#include "TestBackend.h"
#include "absl/strings/match.h"
#include <sys/wait.h>
#include <unistd.h>

using namespace fuser;
using namespace fuser::runtime;
using namespace fuser::runtime::cudaresult;

namespace {
class DeviceFaultTest : public EmulatedTest {
protected:
  void SetUp() override {
    EmulatedTest::SetUp();
    session = newSession();
    key = *session->registerFusion(addSpec(1, 1));
    x = toDevice(iota({64}));
  }
  void TearDown() override {
    emulator::clearFaults();
    emulator::dropRecording();
    x = Tensor();
    session.reset();
    EmulatedTest::TearDown();
  }
  absl::Status run() {
    Stack stack = {x, x};
    const absl::Status status = session->runFusion(key, stack);
    if (status.ok())
      result = elements<float>(toHost(std::get<Tensor>(stack[0])));
    return status;
  }
  /// That a call gives what it should.
  void expectRight() {
    result.clear();
    const absl::Status status = run();
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_EQ(result.size(), 64u);
    for (int i = 0; i < 64; ++i)
      EXPECT_EQ(result[i], 2 * i);
  }
  int64_t fallbacks(FallbackReason reason) const {
    return fallbacksFor(*session, reason);
  }

  std::unique_ptr<Session> session;
  int64_t key = 0;
  Tensor x;
  std::vector<float> result;
};
} // namespace

//===----------------------------------------------------------------------===//
// Fallbacks
//===----------------------------------------------------------------------===//

TEST_F(DeviceFaultTest, Requested) {
  Stack stack = {x, x};
  ASSERT_TRUE(session->runFallback(key, stack).ok());
  EXPECT_EQ(toHost(std::get<Tensor>(stack[0])).dataAs<float>()[63], 126);
  EXPECT_EQ(fallbacks(FallbackReason::Requested), 1);
  EXPECT_EQ(backend.calls, 0);
}

TEST_F(DeviceFaultTest, Disabled) {
  session->overrideCanFuseOn(DeviceType::CUDA, false);
  EXPECT_FALSE(session->canFuseOn(DeviceType::CUDA));
  expectRight();
  EXPECT_EQ(fallbacks(FallbackReason::Disabled), 1);
  session->overrideCanFuseOn(DeviceType::CUDA, true);
  EXPECT_TRUE(session->canFuseOn(DeviceType::CUDA));
  expectRight();
  EXPECT_EQ(session->statistics().launches, 1);
}

TEST_F(DeviceFaultTest, NoBackend) {
  SessionOptions options;
  options.cuda = runtime;
  session = std::make_unique<Session>(options);
  key = *session->registerFusion(addSpec(1, 1));
  EXPECT_FALSE(session->canFuseOn(DeviceType::CUDA));
  expectRight();
  EXPECT_EQ(fallbacks(FallbackReason::NoBackend), 1);
}

TEST_F(DeviceFaultTest, CompilerFails) {
  backend.result = absl::UnimplementedError("too hard");
  expectRight();
  expectRight();
  EXPECT_EQ(fallbacks(FallbackReason::CompileFailed), 2);
  EXPECT_EQ(backend.calls, 1);
  EXPECT_EQ(session->statistics().fallbackRecords[0].message, "too hard");
}

TEST_F(DeviceFaultTest, ModuleDoesNotLoad) {
  emulator::failCall("cuModuleLoadDataEx", kInvalidImage);
  expectRight();
  EXPECT_EQ(fallbacks(FallbackReason::CompileFailed), 1);
  EXPECT_TRUE(
      absl::StrContains(session->statistics().fallbackRecords[0].message,
                        "loading a module: CUDA_ERROR_INVALID_IMAGE (200)"));
}

/// What may pass is tried again at later calls, but not for ever.
TEST_F(DeviceFaultTest, ModuleDoesNotLoadNow) {
  for (CudaResult result : {kOutOfMemory, kCaptureUnsupported}) {
    session = newSession();
    key = *session->registerFusion(addSpec(1, 1));
    emulator::failCall("cuModuleLoadDataEx", result, 1, 2);
    for (int i = 0; i < 4; ++i)
      expectRight();
    EXPECT_EQ(fallbacks(FallbackReason::CompileFailed), 2);
    EXPECT_EQ(session->statistics().launches, 2);
  }
  session = newSession();
  key = *session->registerFusion(addSpec(1, 1));
  backend.calls = 0;
  emulator::failCall("cuModuleLoadDataEx", kOutOfMemory, 1, -1);
  for (int i = 0; i < 20; ++i)
    expectRight();
  EXPECT_EQ(fallbacks(FallbackReason::CompileFailed), 20);
  EXPECT_EQ(backend.calls, 9);
}

TEST_F(DeviceFaultTest, FunctionIsMissing) {
  emulator::failCall("cuModuleGetFunction", kNotFound);
  expectRight();
  EXPECT_EQ(fallbacks(FallbackReason::CompileFailed), 1);
  EXPECT_EQ(emulator::live().modules, 0);
}

TEST_F(DeviceFaultTest, LaunchFails) {
  emulator::failCall("cuLaunchKernel", 701); // too many resources
  expectRight();
  EXPECT_EQ(fallbacks(FallbackReason::LaunchFailed), 1);
  expectRight();
  EXPECT_EQ(fallbacks(FallbackReason::LaunchFailed), 1);
  EXPECT_EQ(session->statistics().launches, 1);
}

TEST_F(DeviceFaultTest, ContextCannotBeBound) {
  expectRight();
  emulator::failCall("cuCtxSetCurrent", kInvalidValue);
  // Of all the call needs, the first is the kernel's launch.
  Stack stack = {x, x};
  const int64_t before = emulator::numCalls("cuLaunchKernel");
  ASSERT_TRUE(session->runFusion(key, stack).ok());
  EXPECT_EQ(emulator::numCalls("cuLaunchKernel"), before);
  EXPECT_EQ(fallbacks(FallbackReason::LaunchFailed), 1);
}

/// One call with two loops, the second of which can't be launched.
TEST_F(DeviceFaultTest, SecondLoopFails) {
  SpecBuilder s;
  const ValueId a = s.arg(DType::f32, 1), b = s.arg(DType::f32, 1);
  const ValueId twice = s.op(Opcode::add, a, a), minus = s.op(Opcode::neg, b);
  s.output(s.piece(twice, {a})).output(s.piece(minus, {b}));
  const int64_t two = *session->registerFusion(s.build("two"));
  const Tensor y = toDevice(iota({33}));
  const auto runInto = [&](const Tensor &first, const Tensor &second) {
    emulator::failCall("cuLaunchKernel", 701, /*nth=*/2);
    return session->runFusion(two, {x, y}, {first, second});
  };
  const Tensor out = newOnDevice(DType::f32, {64}),
               other = newOnDevice(DType::f32, {33});
  // Nothing was replaced: all is computed again.
  ASSERT_TRUE(runInto(out, other).ok());
  EXPECT_EQ(toHost(out).dataAs<float>()[63], 126);
  EXPECT_EQ(toHost(other).dataAs<float>()[32], -32);
  EXPECT_EQ(fallbacks(FallbackReason::LaunchFailed), 1);
  // The second may fail in place, as it has stored nothing; not the first.
  ASSERT_TRUE(runInto(out, y).ok());
  EXPECT_EQ(toHost(y).dataAs<float>()[32], -32);
  const absl::Status status = runInto(x, other);
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_EQ(fallbacks(FallbackReason::LaunchFailed), 2);
}

//===----------------------------------------------------------------------===//
// What copies can't repair
//===----------------------------------------------------------------------===//

TEST_F(DeviceFaultTest, ABrokenContext) {
  expectRight();
  emulator::failExecution(kIllegalAddress);
  Stack stack = {x, x};
  ASSERT_TRUE(session->runFusion(key, stack).ok()); // It is not known yet.
  EXPECT_FALSE(runtime->synchronize(device, nullptr).ok());
  const absl::Status status = run();
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_TRUE(
      absl::StrContains(status.message(), "CUDA_ERROR_ILLEGAL_ADDRESS"));
  EXPECT_TRUE(absl::StrContains(status.message(),
                                "this process can't use the device any more"));
}

TEST_F(DeviceFaultTest, NoMemoryForOutputs) {
  expectRight();
  runtime->trim();
  emulator::failCall("cuMemAllocAsync", kOutOfMemory, 1, -1);
  const absl::Status status = run();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  // What is given needs none.
  EXPECT_TRUE(session->runFusion(key, {x, x}, {x}).ok());
}

TEST_F(DeviceFaultTest, CopiesFailToo) {
  session->overrideCanFuseOn(DeviceType::CUDA, false);
  for (const char *function : {"cuMemcpyDtoHAsync", "cuMemcpyHtoDAsync"}) {
    emulator::failCall(function, kInvalidValue);
    const absl::Status status = run();
    EXPECT_TRUE(absl::IsInternal(status)) << status;
    EXPECT_TRUE(
        absl::StrContains(status.message(), "CUDA_ERROR_INVALID_VALUE"));
  }
  expectRight();
}

TEST_F(DeviceFaultTest, AForkedChildIsTold) {
  expectRight();
  const int child = fork();
  if (child == 0) {
    const absl::Status status = run();
    const bool isRight =
        absl::IsFailedPrecondition(status) || absl::IsResourceExhausted(status);
    _exit(!isRight || session->canFuseOn(DeviceType::CUDA) ||
                  !absl::StrContains(status.message(), "forked")
              ? 1
              : 0);
  }
  int code = -1;
  ASSERT_EQ(waitpid(child, &code, 0), child);
  EXPECT_EQ(code, 0);
  expectRight();
}

//===----------------------------------------------------------------------===//
// Capture
//===----------------------------------------------------------------------===//

TEST_F(DeviceFaultTest, CaptureOfAKernel) {
  const CudaStream stream = newStream();
  StreamScope scope(device, stream);
  const Tensor out = newOnDevice(DType::f32, {64});
  // Not before there is a kernel; and the capture is not spoilt.
  emulator::beginCapture(stream);
  const absl::Status early = session->runFusion(key, {x, x}, {out});
  EXPECT_TRUE(absl::IsFailedPrecondition(early)) << early;
  EXPECT_EQ(early.message(),
            "this call can't be captured: it has no kernel yet; before a "
            "capture make it once, and wait for its kernel");
  EXPECT_EQ(backend.calls, 0);
  EXPECT_TRUE(emulator::endCapture(stream));

  ASSERT_TRUE(session->runFusion(key, {x, x}, {out}).ok());
  ASSERT_TRUE(runtime->synchronize(device, stream).ok());
  emulator::beginCapture(stream);
  // In place is another kernel, which is not there.
  EXPECT_FALSE(session->runFusion(key, {x, x}, {x}).ok());
  ASSERT_TRUE(session->runFusion(key, {x, x}, {out}).ok());
  Stack stack = {x, x};
  const absl::Status allocating = session->runFusion(key, stack);
  EXPECT_TRUE(absl::IsFailedPrecondition(allocating)) << allocating;
  EXPECT_TRUE(absl::StrContains(allocating.message(), "give the outputs"));
  EXPECT_TRUE(absl::IsFailedPrecondition(session->runFallback(key, stack)));
  EXPECT_TRUE(emulator::endCapture(stream));
  takeReport();
  emulator::replay(stream);
  emulator::replay(stream);
  ASSERT_TRUE(runtime->synchronize(device, stream).ok());
  EXPECT_EQ(takeReport().stores, 128);
  EXPECT_EQ(toHost(out).dataAs<float>()[63], 126);
}

TEST_F(DeviceFaultTest, CaptureOfWhatWaits) {
  SpecBuilder s;
  const ValueId a = s.arg(DType::i64, 1);
  const int64_t divide = *session->registerFusion(
      s.output(s.op(Opcode::div_trunc, a, a)).build("divide"));
  const CudaStream stream = newStream();
  StreamScope scope(device, stream);
  const Tensor y = toDevice(
      makeTensor<int64_t>(DType::i64, {8}, [](int64_t i) { return i + 1; }));
  const Tensor out = newOnDevice(DType::i64, {8});
  ASSERT_TRUE(session->runFusion(divide, {y}, {out}).ok());
  emulator::beginCapture(stream);
  const absl::Status status = session->runFusion(divide, {y}, {out});
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "divides integers"));
  session->overrideCanFuseOn(DeviceType::CUDA, false);
  EXPECT_TRUE(
      absl::IsFailedPrecondition(session->runFusion(divide, {y}, {out})));
  EXPECT_TRUE(emulator::endCapture(stream));
  EXPECT_EQ(session->statistics().totalFallbacks(), 0);
}

/// Copies are waited for; the executor's callers make some, too.
TEST_F(DeviceFaultTest, CopiesAreNotCaptured) {
  for (unsigned flags : {0u, kCudaStreamNonBlocking}) {
    const CudaStream stream = newStream(flags);
    StreamScope scope(device, stream);
    emulator::beginCapture(stream);
    const Tensor host = iota({64});
    EXPECT_TRUE(absl::IsFailedPrecondition(
        copyToDevice(host, device, *runtime).status()));
    EXPECT_TRUE(absl::IsFailedPrecondition(
        copyToHost(x, *runtime, *createCachingAllocator()).status()));
    EXPECT_TRUE(absl::IsFailedPrecondition(runtime->synchronize(device)));
    EXPECT_TRUE(emulator::endCapture(stream));
  }
}

TEST_F(DeviceFaultTest, TheDefaultStreamsOfThreads) {
  StreamScope scope(device, kPerThreadStream);
  Stack stack = {x, x};
  const absl::Status status = session->runFusion(key, stack);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "cudaStreamPerThread"));
  EXPECT_TRUE(absl::IsInvalidArgument(
      runtime->allocator(device, kPerThreadStream).status()));
  StreamScope legacy(device, kLegacyStream);
  EXPECT_EQ(currentStream(device), nullptr);
  expectRight();
}

/// A module that goes while a stream is captured is unloaded afterwards.
TEST_F(DeviceFaultTest, ModulesGoAfterTheCapture) {
  // On a stream that the default one waits for, and on one of this thread.
  for (unsigned flags : {0u, kCudaStreamNonBlocking}) {
    expectRight();
    const CudaStream stream = newStream(flags);
    StreamScope scope(device, stream);
    emulator::beginCapture(stream);
    session.reset();
    EXPECT_EQ(emulator::live().modules, 1);
    EXPECT_TRUE(emulator::endCapture(stream));
    session = newSession();
    key = *session->registerFusion(addSpec(1, 1));
    expectRight();
    EXPECT_EQ(emulator::live().modules, 1); // the new one
  }
}
