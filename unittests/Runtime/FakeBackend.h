//===- FakeBackend.h - kernels for tests ---------------------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_UNITTESTS_RUNTIME_FAKEBACKEND_H
#define FUSER_UNITTESTS_RUNTIME_FAKEBACKEND_H

#include "FuserRuntime/Session.h"
#include "SpecBuilder.h"
#include <atomic>

namespace fuser::runtime {

/// A kernel that leaves the outputs alone, or fails.
struct FakeKernel : FusedKernel {
  explicit FakeKernel(absl::Status result) : result(std::move(result)) {}
  absl::Status launch(const LaunchPlan &plan, MemoryTable memory,
                      ThreadPool &) const override {
    if (result.ok())
      *static_cast<float *>(memory[plan.outputMemory(0)]) = 4711;
    return result;
  }
  std::string code() const override { return "fake"; }
  absl::Status result;
  /// Told when the kernel goes.
  std::shared_ptr<std::atomic<int>> alive;
  ~FakeKernel() override {
    if (alive)
      --*alive;
  }
};

/// A backend that counts its calls.
struct FakeBackend {
  std::atomic<int> calls{0};
  std::atomic<int64_t> mapSize{0};
  absl::Status compileResult, launchResult;
  /// Kernels that are there.
  std::shared_ptr<std::atomic<int>> alive =
      std::make_shared<std::atomic<int>>(0);

  FusedKernelConstructor constructor() {
    return [this](const KernelSpec &, const ArgSpec &, int64_t size, Device,
                  Tier) -> absl::StatusOr<std::shared_ptr<FusedKernel>> {
      ++calls;
      mapSize = size;
      if (!compileResult.ok())
        return compileResult;
      auto kernel = std::make_shared<FakeKernel>(launchResult);
      kernel->alive = alive;
      ++*alive;
      kernel->times.stages = {{"emit", 1.0}, {"link", 0.5}};
      return std::shared_ptr<FusedKernel>(std::move(kernel));
    };
  }
};

inline int64_t fallbacksFor(const Session &session, FallbackReason reason) {
  return session.statistics().fallbacks[static_cast<std::size_t>(reason)];
}

inline SessionOptions oneThread() {
  SessionOptions options;
  options.threads = 1;
  return options;
}

/// Runs a + a on {0, 1, 2} and returns element 0 of the result.
inline float firstElement(Session &session, int64_t key) {
  Stack stack = {iota({3}), iota({3})};
  const absl::Status status = session.runFusion(key, stack);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(stack.size(), 1u);
  return std::get<Tensor>(stack[0]).dataAs<float>()[0];
}

} // namespace fuser::runtime

#endif // FUSER_UNITTESTS_RUNTIME_FAKEBACKEND_H
