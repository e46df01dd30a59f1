//===- TestBackend.h - kernels for the emulated device ----------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_UNITTESTS_EMULATOR_TESTBACKEND_H
#define FUSER_UNITTESTS_EMULATOR_TESTBACKEND_H

#include "../Runtime/SpecBuilder.h"
#include "FuserEmulator/Emulator.h"
#include "FuserRuntime/FusedKernelCUDA.h"
#include "FuserRuntime/Session.h"
#include <atomic>

namespace fuser::runtime {

/// A backend for the emulated device: kernels are C++ that follows the ABI of
/// DeviceFunction, thread by thread. They know add, sub, mul, neg and div_trunc on
/// f32, f64 and i64.
struct TestBackend {
  /// What the next kernels are to be.
  int32_t lanes = 4;
  bool parametersInMemory = false;
  absl::Status result;

  std::atomic<int> calls{0};
  std::atomic<Tier> lastTier{Tier::Quick};

  FusedKernelConstructor constructor(std::shared_ptr<CudaRuntime> runtime);
};

/// What kernels of the test backend found since the last reset: vectors that
/// were not aligned though the key says so, and elements stored by each launch.
struct KernelReport {
  int64_t misaligned = 0;
  int64_t stores = 0;
};
KernelReport takeReport();

/// Each test has an emulated driver of its own, a runtime over it, and must
/// leave nothing behind.
class EmulatedTest : public testing::Test {
protected:
  void SetUp() override { start({}); }
  void TearDown() override;

  /// Begins anew with other devices.
  void start(const emulator::Options &options);

  /// A session whose kernels for CUDA are those of `backend`.
  std::unique_ptr<Session> newSession(TierPolicy tiers = TierPolicy::FinalOnly);

  /// Elements as those of `host`, of the same strides, on device `index`.
  Tensor toDevice(const Tensor &host, int index = 0);
  /// A copy of a dense tensor, read when its current stream has come so far.
  Tensor toHost(const Tensor &tensor);
  /// Memory for `count` elements that begins `offset` bytes behind a multiple
  /// of 256.
  Tensor newOnDevice(DType dtype, Dims sizes, int64_t offset = 0);

  /// A stream; destroyed at the end.
  CudaStream newStream(unsigned flags = 0, int index = 0);

  std::shared_ptr<CudaRuntime> runtime;
  TestBackend backend;
  const Device device{DeviceType::CUDA, 0};

private:
  std::vector<std::pair<int, CudaStream>> streams;
};

/// The calls that were interpreted for `reason`.
inline int64_t fallbacksFor(const Session &session, FallbackReason reason) {
  return session.statistics().fallbacks[static_cast<std::size_t>(reason)];
}

} // namespace fuser::runtime

#endif // FUSER_UNITTESTS_EMULATOR_TESTBACKEND_H
