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

TEST(KernelCache, CompilesOnce) {
  KernelCache cache;
  const ArgSpec spec = specNumber(1);
  std::atomic<int> compiles{0};
  std::atomic<const FusedKernel *> first{nullptr};
  onThreads(64, [&](int) {
    const ReadSection section;
    const KernelCache::Kernel &kernel =
        *cache.findOrInsert(spec)
             ->getOrCompile(0,
                            [&]() -> KernelCache::Kernel {
                              ++compiles;
                              std::this_thread::sleep_for(
                                  std::chrono::milliseconds(20));
                              return std::make_shared<const FakeKernel>();
                            })
             .first;
    ASSERT_TRUE(kernel.ok());
    const FusedKernel *expected = nullptr;
    if (!first.compare_exchange_strong(expected, kernel->get())) {
      EXPECT_EQ(expected, kernel->get());
    }
  });
  EXPECT_EQ(compiles, 1);
}

TEST(KernelCache, RemembersFailures) {
  KernelCache cache;
  int compiles = 0;
  for (int i = 0; i < 3; ++i) {
    const ReadSection section;
    const auto [kernel, isNew] =
        cache.findOrInsert(specNumber(1))
            ->getOrCompile(0, [&]() -> KernelCache::Kernel {
              ++compiles;
              return absl::UnimplementedError("no such thing");
            });
    EXPECT_EQ(kernel->status().message(), "no such thing");
    EXPECT_EQ(isNew, i == 0);
  }
  EXPECT_EQ(compiles, 1);
}

TEST(KernelCache, GrowsWhileItIsRead) {
  KernelCache cache;
  constexpr int32_t kCount = 500;
  std::vector<ArgSpec> specs;
  for (int32_t i = 0; i < kCount; ++i)
    specs.push_back(specNumber(i));
  std::atomic<int> compiles{0};
  onThreads(8, [&](int thread) {
    for (int32_t i = 0; i < kCount; ++i) {
      const ReadSection section;
      const ArgSpec &spec = specs[(i * 7 + thread * 61) % kCount];
      KernelCache::Entry *entry = cache.findOrInsert(spec);
      EXPECT_EQ(entry->argSpec(), spec);
      EXPECT_TRUE(
          entry
              ->getOrCompile(0,
                             [&]() -> KernelCache::Kernel {
                               ++compiles;
                               return std::make_shared<const FakeKernel>();
                             })
              .first->ok());
      EXPECT_EQ(cache.find(spec.key()), entry);
    }
  });
  EXPECT_EQ(compiles, kCount);
  EXPECT_EQ(cache.find(specNumber(kCount).key()), nullptr);
}

TEST(KernelCache, TriesAgainWithANewGeneration) {
  KernelCache cache;
  KernelCache::Entry *entry = cache.findOrInsert(specNumber(1));
  auto fail = []() -> KernelCache::Kernel {
    return absl::UnavailableError("not now");
  };
  const ReadSection section;
  EXPECT_EQ(entry->find(0), nullptr);
  const KernelCache::Kernel &error = *entry->getOrCompile(1, fail).first;
  EXPECT_EQ(entry->find(0), &error);
  EXPECT_EQ(entry->find(1), &error);
  EXPECT_EQ(entry->find(2), nullptr);
  const KernelCache::Kernel &kernel =
      *entry
           ->getOrCompile(2,
                          []() -> KernelCache::Kernel {
                            return std::make_shared<const FakeKernel>();
                          })
           .first;
  EXPECT_TRUE(kernel.ok());
  EXPECT_EQ(entry->find(7), &kernel);
  EXPECT_EQ(error.status().message(), "not now"); // Still there to be read.
}

/// A kernel that tells when it goes.
struct CountedKernel : FakeKernel {
  explicit CountedKernel(int &alive) : alive(alive) { ++alive; }
  ~CountedKernel() override { --alive; }
  int &alive;
};

TEST(KernelCache, EvictedKernelsStayWhileTheyAreRead) {
  KernelCache cache;
  KernelCache::Entry *entry = cache.findOrInsert(specNumber(1));
  int alive = 0;
  auto make = [&]() -> KernelCache::Kernel {
    return std::make_shared<const CountedKernel>(alive);
  };
  {
    const ReadSection section;
    const KernelCache::Kernel *kernel = entry->getOrCompile(0, make).first;
    entry->evict();
    EXPECT_EQ(entry->findKernel(), nullptr);
    EXPECT_EQ(alive, 1);
    EXPECT_TRUE(kernel->ok());
    // Another one is made beside it.
    EXPECT_TRUE(entry->getOrCompile(0, make).second);
    EXPECT_EQ(alive, 2);
  }
  EXPECT_EQ(alive, 1);
  entry->evict();
  freeRetired();
  EXPECT_EQ(alive, 0);
}
