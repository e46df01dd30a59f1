//===- TierTest.cpp - which kernels are made when, and by whom ------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeBackend.h"
#include "absl/strings/str_cat.h"
#include <condition_variable>
#include <thread>

using namespace fuser;
using namespace fuser::runtime;

/// What a kernel of each tier stores; the interpreter stores kInterpreted.
static constexpr float kQuick = 1, kFinal = 2, kInterpreted = 0;

namespace {

/// Stores a number for its tier.
struct TierKernel : FusedKernel {
  absl::Status launch(const LaunchPlan &plan, MemoryTable memory,
                      ThreadPool &) const override {
    *static_cast<float *>(memory[plan.outputMemory(0)]) =
        tier == Tier::Quick ? kQuick : kFinal;
    return absl::OkStatus();
  }
  std::string code() const override { return ""; }
};

/// A backend that knows tiers. Kernels of tier Final wait while the gate is
/// closed.
class TierBackend {
public:
  FusedKernelConstructor constructor() {
    return [this](const KernelSpec &, const ArgSpec &, int64_t, Device,
                  Tier tier) -> absl::StatusOr<std::shared_ptr<FusedKernel>> {
      ++calls[static_cast<int>(tier)];
      if (tier == Tier::Final)
        pass();
      if (!results[static_cast<int>(tier)].ok())
        return results[static_cast<int>(tier)];
      auto kernel = std::make_shared<TierKernel>();
      kernel->tier = tier;
      return std::shared_ptr<FusedKernel>(std::move(kernel));
    };
  }

  void close() { setOpen(false); }
  void open() { setOpen(true); }
  /// Returns when a kernel waits at the gate.
  void waitForOne() {
    std::unique_lock<std::mutex> guard(lock);
    changed.wait(guard, [&] { return numWaiting > 0; });
  }

  /// By tier.
  std::atomic<int> calls[kNumTiers] = {{0}, {0}};
  absl::Status results[kNumTiers];

private:
  void setOpen(bool value) {
    {
      std::lock_guard<std::mutex> guard(lock);
      isOpen = value;
    }
    changed.notify_all();
  }
  void pass() {
    std::unique_lock<std::mutex> guard(lock);
    ++numWaiting;
    changed.notify_all();
    changed.wait(guard, [&] { return isOpen; });
    --numWaiting;
  }

  std::mutex lock;
  std::condition_variable changed;
  bool isOpen = true;
  int numWaiting = 0;
};

/// A session with such a backend and one group, a + a.
struct Room {
  explicit Room(TierPolicy policy, std::size_t maxKernels = 4096)
      : session(optionsFor(policy, maxKernels)) {
    session.registerFusionBackend(DeviceType::CPU, backend.constructor());
    key = add("a");
  }

  int64_t add(const std::string &text) {
    return *session.registerFusion(addSpec(1, 1, text));
  }
  /// Element 0 of the result of a call, which is 0 if it is interpreted.
  float small() { return firstElement(session, key); }
  float large() { return call(key, big); }
  float call(int64_t key, const Tensor &input) {
    Stack stack = {input, input};
    const absl::Status status = session.runFusion(key, stack);
    EXPECT_TRUE(status.ok()) << status;
    return status.ok() ? std::get<Tensor>(stack[0]).dataAs<float>()[0] : -1;
  }

  static SessionOptions optionsFor(TierPolicy policy, std::size_t maxKernels) {
    SessionOptions options = oneThread();
    options.tiers = policy;
    options.maxKernels = maxKernels;
    options.maxIdleSpecs = 0;
    return options;
  }

  /// Takes longer to interpret than a kernel to compile, but is too small for
  /// stores past the caches: the kernel is that of small data.
  const Tensor big = iota({3 << 19});
  TierBackend backend;
  Session session;
  int64_t key = -1;
};

} // namespace

//===----------------------------------------------------------------------===//
// The policies
//===----------------------------------------------------------------------===//

TEST(Tier, SyncInterpretsSmallDataFirst) {
  Room room(TierPolicy::Sync);
  EXPECT_EQ(room.small(), kInterpreted);
  EXPECT_EQ(room.small(), kFinal);
  EXPECT_EQ(room.large(), kFinal);
  EXPECT_EQ(room.backend.calls[0], 0);
  EXPECT_EQ(room.backend.calls[1], 1);
  const StatisticsSnapshot statistics = room.session.statistics();
  EXPECT_EQ(statistics.interpretedFirst, 1);
  EXPECT_EQ(statistics.totalFallbacks(), 0);
  EXPECT_EQ(statistics.launches, 2);
  EXPECT_EQ(statistics.misses, 2);
  EXPECT_EQ(statistics.swaps, 0);
  EXPECT_EQ(room.session.nCompiledKernels(), 1);
}

TEST(Tier, SyncCompilesForLargeDataAtOnce) {
  Room room(TierPolicy::Sync);
  EXPECT_EQ(room.large(), kQuick);
  EXPECT_EQ(room.small(), kFinal);
  const StatisticsSnapshot statistics = room.session.statistics();
  EXPECT_EQ(statistics.interpretedFirst, 0);
  EXPECT_EQ(statistics.swaps, 1);
  EXPECT_EQ(statistics.compiled[0], 1);
  EXPECT_EQ(statistics.compiled[1], 1);
  ASSERT_EQ(statistics.compiles.size(), 2u);
  EXPECT_EQ(statistics.compiles[0].tier, Tier::Quick);
  EXPECT_EQ(statistics.compiles[0].newInKey, "first kernel of this group");
  EXPECT_EQ(statistics.compiles[1].tier, Tier::Final);
  EXPECT_EQ(statistics.compiles[1].newInKey, "tier 2 in place of tier 1");
  EXPECT_FALSE(statistics.compiles[1].isInBackground);
  EXPECT_EQ(room.session.nCompiledKernels(), 1);
}

TEST(Tier, AsyncCompilesInTheBackground) {
  Room room(TierPolicy::Async);
  room.backend.close();
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(room.small(), kInterpreted);
  room.backend.open();
  room.session.waitForCompilations();
  EXPECT_EQ(room.small(), kFinal);
  const StatisticsSnapshot statistics = room.session.statistics();
  EXPECT_EQ(statistics.interpretedFirst, 10);
  EXPECT_EQ(statistics.totalFallbacks(), 0);
  ASSERT_EQ(statistics.compiles.size(), 1u);
  EXPECT_TRUE(statistics.compiles[0].isInBackground);
  EXPECT_EQ(statistics.swaps, 0);
}

TEST(Tier, AsyncSwapsKernels) {
  Room room(TierPolicy::Async);
  room.backend.close();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(room.large(), kQuick);
  room.backend.open();
  room.session.waitForCompilations();
  EXPECT_EQ(room.large(), kFinal);
  EXPECT_EQ(room.backend.calls[0], 1);
  EXPECT_EQ(room.backend.calls[1], 1);
  EXPECT_EQ(room.session.statistics().swaps, 1);
  EXPECT_EQ(room.session.statistics().launches, 4);
  EXPECT_EQ(room.session.nCompiledKernels(), 1);
}

TEST(Tier, OneTierOnly) {
  for (int tier = 0; tier < kNumTiers; ++tier) {
    Room room(tier == 0 ? TierPolicy::QuickOnly : TierPolicy::FinalOnly);
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(room.small(), tier == 0 ? kQuick : kFinal);
    room.session.waitForCompilations();
    EXPECT_EQ(room.large(), tier == 0 ? kQuick : kFinal);
    EXPECT_EQ(room.backend.calls[tier], 1);
    EXPECT_EQ(room.backend.calls[1 - tier], 0);
    EXPECT_EQ(room.session.statistics().hits, 3);
  }
}

/// Many calls that wait for a kernel have one made sooner.
TEST(Tier, WhatIsInterpretedForLongIsCompiledQuickly) {
  Room room(TierPolicy::Async);
  room.backend.close();
  EXPECT_EQ(room.call(room.add("b"), iota({3})), kInterpreted);
  room.backend.waitForOne(); // The thread is busy.
  int calls = 1;
  while (room.small() == kInterpreted && calls < 1000000)
    ++calls;
  EXPECT_EQ(room.small(), kQuick);
  EXPECT_GT(calls, 10);
  room.backend.open();
  room.session.waitForCompilations();
  EXPECT_EQ(room.small(), kFinal);
}

/// The thread makes the kernel first that is in the highest demand.
TEST(Tier, HotKernelsFirst) {
  Room room(TierPolicy::Async);
  room.backend.close();
  room.small();
  room.backend.waitForOne();
  const int64_t cold = room.add("cold"), hot = room.add("hot");
  room.call(cold, iota({3}));
  for (int i = 0; i < 5; ++i)
    room.call(hot, iota({3}));
  room.backend.open();
  room.session.waitForCompilations();
  const auto compiles = room.session.statistics().compiles;
  ASSERT_EQ(compiles.size(), 3u);
  EXPECT_EQ(compiles[1].key, hot);
  EXPECT_EQ(compiles[2].key, cold);
}

/// A backend that knows no tiers makes each kernel once.
TEST(Tier, KernelsAreFinalUnlessTheySayOtherwise) {
  for (TierPolicy policy : {TierPolicy::Async, TierPolicy::Sync,
                            TierPolicy::QuickOnly, TierPolicy::FinalOnly}) {
    FakeBackend backend;
    Room room(policy);
    room.session.registerFusionBackend(DeviceType::CPU, backend.constructor());
    EXPECT_EQ(room.large(), 4711);
    room.session.waitForCompilations();
    EXPECT_EQ(room.large(), 4711);
    EXPECT_EQ(backend.calls, 1);
    EXPECT_EQ(room.session.statistics().swaps, 0);
  }
}

TEST(Tier, KernelForGivesTheOneThatStays) {
  for (TierPolicy policy :
       {TierPolicy::Async, TierPolicy::Sync, TierPolicy::FinalOnly}) {
    Room room(policy);
    EXPECT_TRUE(room.session.kernelFor(room.key, {iota({3}), iota({3})}).ok());
    EXPECT_EQ(room.small(), kFinal);
    EXPECT_EQ(room.backend.calls[0], 0);
  }
  Room room(TierPolicy::QuickOnly);
  EXPECT_TRUE(room.session.kernelFor(room.key, {iota({3}), iota({3})}).ok());
  EXPECT_EQ(room.small(), kQuick);
}

//===----------------------------------------------------------------------===//
// Failures
//===----------------------------------------------------------------------===//

TEST(Tier, WithoutTheFinalKernelTheQuickOneStays) {
  for (TierPolicy policy : {TierPolicy::Async, TierPolicy::Sync}) {
    Room room(policy);
    room.backend.results[1] = absl::InternalError("too hard");
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(room.large(), kQuick);
      room.session.waitForCompilations();
    }
    EXPECT_EQ(room.backend.calls[1], 1);
    const StatisticsSnapshot statistics = room.session.statistics();
    EXPECT_EQ(statistics.launches, 4);
    EXPECT_EQ(statistics.totalFallbacks() + statistics.swaps, 0);
    ASSERT_EQ(statistics.compiles.size(), 2u);
    EXPECT_EQ(statistics.compiles[1].error, "INTERNAL: too hard");
    EXPECT_EQ(room.session.nCompiledKernels(), 1);
  }
}

TEST(Tier, WithoutTheQuickKernelTheFinalOneIsMade) {
  for (TierPolicy policy : {TierPolicy::Async, TierPolicy::Sync}) {
    Room room(policy);
    room.backend.results[0] = absl::InternalError("too hard");
    EXPECT_EQ(room.large(), kInterpreted);
    room.session.waitForCompilations();
    EXPECT_EQ(room.large(), kFinal);
    EXPECT_EQ(fallbacksFor(room.session, FallbackReason::CompileFailed), 1);
    EXPECT_EQ(room.session.statistics().interpretedFirst, 0);
    EXPECT_EQ(room.backend.calls[0], 1);
  }
}

TEST(Tier, WithoutAnyKernelItIsRemembered) {
  for (TierPolicy policy : {TierPolicy::Async, TierPolicy::Sync}) {
    Room room(policy);
    for (absl::Status &result : room.backend.results)
      result = absl::InternalError("too hard");
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(room.large(), kInterpreted);
      room.session.waitForCompilations();
    }
    EXPECT_EQ(fallbacksFor(room.session, FallbackReason::CompileFailed), 3);
    EXPECT_EQ(room.backend.calls[0], 1);
    EXPECT_EQ(room.backend.calls[1], 1);
    // Another backend is asked.
    FakeBackend another;
    room.session.registerFusionBackend(DeviceType::CPU, another.constructor());
    EXPECT_EQ(room.large(), 4711);
  }
}

//===----------------------------------------------------------------------===//
// Lifetimes
//===----------------------------------------------------------------------===//

/// The thread is busy with the kernel of `key` while `body` runs; then it goes
/// on.
static void whileBusy(Room &room, int64_t key,
                      const std::function<void()> &body) {
  room.backend.close();
  room.call(key, iota({3}));
  room.backend.waitForOne();
  body();
  room.backend.open();
  room.session.waitForCompilations();
}

TEST(Tier, GroupsMayGoWhileTheirKernelIsMade) {
  Room room(TierPolicy::Async);
  whileBusy(room, room.key, [&] {
    EXPECT_TRUE(room.session.releaseFusion(room.key).ok());
    EXPECT_EQ(room.session.statistics().released, 1);
  });
  EXPECT_EQ(room.backend.calls[1], 1);
}

TEST(Tier, GroupsMayGoWhileTheirKernelWaits) {
  Room room(TierPolicy::Async);
  whileBusy(room, room.key, [&] {
    const int64_t other = room.add("b");
    room.call(other, iota({3}));
    EXPECT_TRUE(room.session.releaseFusion(other).ok());
  });
  EXPECT_EQ(room.backend.calls[1], 1);
}

/// A kernel that was evicted is not replaced.
TEST(Tier, EvictionWhileTheKernelIsMade) {
  Room room(TierPolicy::Async, /*maxKernels=*/1);
  room.backend.close();
  EXPECT_EQ(room.large(), kQuick);
  room.backend.waitForOne();
  const int64_t other = room.add("b");
  EXPECT_EQ(room.call(other, room.big), kQuick); // Evicts the first.
  room.backend.open();
  room.session.waitForCompilations();
  EXPECT_EQ(room.call(other, iota({3})), kFinal);
  EXPECT_EQ(room.session.statistics().evictions, 1);
  EXPECT_EQ(room.session.statistics().swaps, 1);
  EXPECT_EQ(room.large(), kQuick); // As if it were new.
}

TEST(Tier, SessionsDropWhatWaits) {
  auto backend = std::make_unique<TierBackend>();
  {
    Room room(TierPolicy::Async);
    room.session.registerFusionBackend(DeviceType::CPU, backend->constructor());
    backend->close();
    room.small();
    backend->waitForOne();
    for (int i = 0; i < 20; ++i)
      room.call(room.add(absl::StrCat("group ", i)), iota({3}));
    backend->open(); // The one that runs ends; some others may have begun.
  }
  EXPECT_GE(backend->calls[1], 1);
}

/// More groups than the queue takes: all get their kernel in the end.
TEST(Tier, AFullQueueTakesMoreLater) {
  Room room(TierPolicy::Async);
  std::vector<int64_t> keys;
  room.backend.close();
  for (int i = 0; i < 600; ++i) {
    keys.push_back(room.add(absl::StrCat("group ", i)));
    EXPECT_EQ(room.call(keys.back(), iota({3})), kInterpreted);
  }
  room.backend.open();
  for (int round = 0; round < 4; ++round) {
    room.session.waitForCompilations();
    for (int64_t key : keys)
      room.call(key, iota({3}));
  }
  room.session.waitForCompilations();
  for (int64_t key : keys)
    EXPECT_EQ(room.call(key, iota({3})), kFinal);
}

/// Kernels are made, swapped, evicted and let go of under 32 threads.
TEST(Tier, ManyThreadsWhileKernelsChange) {
  for (TierPolicy policy : {TierPolicy::Async, TierPolicy::Sync}) {
    Room room(policy, /*maxKernels=*/2);
    const Tensor input = iota({3});
    std::vector<std::thread> threads;
    std::atomic<int64_t> calls{0};
    for (int thread = 0; thread < 32; ++thread)
      threads.emplace_back([&, thread] {
        for (int i = 0; i < 100; ++i) {
          const int64_t key = room.add(absl::StrCat((i * 7 + thread) % 5));
          const float found = room.call(key, i % 20 == 0 ? room.big : input);
          EXPECT_TRUE(found == kQuick || found == kFinal ||
                      found == kInterpreted);
          EXPECT_TRUE(room.session.releaseFusion(key).ok());
          const float same = room.call(room.key, input);
          EXPECT_TRUE(same == kQuick || same == kFinal || same == kInterpreted);
          calls += 2;
        }
      });
    for (std::thread &thread : threads)
      thread.join();
    room.session.waitForCompilations();
    const StatisticsSnapshot statistics = room.session.statistics();
    EXPECT_EQ(statistics.launches + statistics.interpretedFirst, calls);
    EXPECT_EQ(statistics.totalFallbacks(), 0);
  }
}
