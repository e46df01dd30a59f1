//===- KernelCacheTest.cpp - one compilation per argument spec ------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelCache.h"
#include "SpecBuilder.h"
#include <thread>

using namespace fuser;
using namespace fuser::runtime;

namespace {

struct FakeKernel : FusedKernel {
  absl::Status launch(const LaunchPlan &, MemoryTable,
                      ThreadPool &) const override {
    return absl::OkStatus();
  }
  std::string code() const override { return "none"; }
};

} // namespace

/// An argument spec that differs for every `number`.
static ArgSpec specNumber(int32_t number) {
  LaunchPlan plan;
  plan.nests.emplace_back();
  plan.nests[0].pieces = {number};
  plan.nests[0].sizes = {1};
  plan.loops.emplace_back();
  plan.loops[0].nests = {0};
  return ArgSpec(Device(), plan);
}

/// Runs body(i) on `count` threads at once.
template <class Body> static void onThreads(int count, Body body) {
  std::atomic<int> waiting{count};
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i)
    threads.emplace_back([&, i] {
      for (--waiting; waiting > 0;)
        std::this_thread::yield();
      body(i);
    });
  for (std::thread &thread : threads)
    thread.join();
}

using State = KernelCache::State;

static State settled(std::shared_ptr<const FusedKernel> kernel =
                         std::make_shared<const FakeKernel>()) {
  return {State::Kind::Settled, std::move(kernel), absl::OkStatus()};
}

/// However many threads want to, one of them sets the first state.
TEST(KernelCache, GrowsWhileItIsRead) {
  KernelCache cache;
  constexpr int32_t kCount = 500;
  std::vector<ArgSpec> specs;
  for (int32_t i = 0; i < kCount; ++i)
    specs.push_back(specNumber(i));
  std::atomic<int> made{0};
  onThreads(8, [&](int thread) {
    for (int32_t i = 0; i < kCount; ++i) {
      const ReadSection section;
      const ArgSpec &spec = specs[(i * 7 + thread * 61) % kCount];
      KernelCache::Entry *entry = cache.findOrInsert(spec);
      EXPECT_EQ(entry->argSpec(), spec);
      made += entry->replace(nullptr, settled()) != nullptr;
      ASSERT_NE(entry->find(), nullptr);
      EXPECT_NE(entry->find()->kernel, nullptr);
      EXPECT_EQ(cache.find(spec.key()), entry);
    }
  });
  EXPECT_EQ(made, kCount);
  EXPECT_EQ(cache.find(specNumber(kCount).key()), nullptr);
}

TEST(KernelCache, ForgetsFailuresOfAnEarlierGeneration) {
  KernelCache cache;
  KernelCache::Entry *entry = cache.findOrInsert(specNumber(1));
  const ReadSection section;
  EXPECT_EQ(entry->find(0), nullptr);
  const State *failed =
      entry->replace(nullptr, {State::Kind::Failed, nullptr,
                               absl::UnavailableError("not now"), 1});
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(entry->find(0), failed);
  EXPECT_EQ(entry->find(1), failed);
  EXPECT_EQ(entry->find(2), nullptr);
  const State *made = entry->replace(failed, settled());
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(entry->find(7), made);
  EXPECT_EQ(failed->error.message(), "not now"); // Still there to be read.
}

TEST(KernelCache, ReplacesWhatIsExpectedOnly) {
  KernelCache cache;
  KernelCache::Entry *entry = cache.findOrInsert(specNumber(1));
  const ReadSection section;
  const State *first = entry->replace(nullptr, settled());
  EXPECT_EQ(entry->replace(nullptr, settled()), nullptr);
  EXPECT_EQ(entry->find(), first);
  entry->evict();
  EXPECT_EQ(entry->replace(first, settled()), nullptr);
  EXPECT_EQ(entry->find(), nullptr);
}

namespace {
/// A kernel that tells when it goes.
struct CountedKernel : FakeKernel {
  explicit CountedKernel(int &alive) : alive(alive) { ++alive; }
  ~CountedKernel() override { --alive; }
  int &alive;
};
} // namespace

TEST(KernelCache, ReplacedKernelsStayWhileTheyAreRead) {
  KernelCache cache;
  KernelCache::Entry *entry = cache.findOrInsert(specNumber(1));
  int alive = 0;
  auto make = [&] {
    return settled(std::make_shared<const CountedKernel>(alive));
  };
  {
    const ReadSection section;
    const State *first = entry->replace(nullptr, make());
    entry->evict();
    EXPECT_EQ(entry->find(), nullptr);
    EXPECT_EQ(alive, 1);
    EXPECT_NE(first->kernel, nullptr);
    // Others are made beside it.
    const State *second = entry->replace(nullptr, make());
    EXPECT_NE(entry->replace(second, make()), nullptr);
    EXPECT_EQ(alive, 3);
  }
  EXPECT_EQ(alive, 1);
  entry->evict();
  freeRetired();
  EXPECT_EQ(alive, 0);
}
