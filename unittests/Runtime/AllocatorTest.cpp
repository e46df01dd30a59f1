//===- AllocatorTest.cpp - blocks, what is kept, who may free -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Session.h"
#include "SpecBuilder.h"
#include "SystemMemory.h"
#include <atomic>
#include <cstdint>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace fuser;
using namespace fuser::runtime;

static constexpr std::size_t kMiB = std::size_t(1) << 20;

TEST(Allocator, ReusesBlocks) {
  std::shared_ptr<Allocator> allocator = createCachingAllocator();
  void *small = allocator->allocate(1000);
  allocator->deallocate(small, 1000);
  EXPECT_EQ(allocator->allocate(1010), small); // Of the same size class.
  allocator->deallocate(small, 1010);
  void *large = allocator->allocate(std::size_t(5) << 20);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(large) % (2u << 20), 0u);
  allocator->deallocate(large, std::size_t(5) << 20);
  EXPECT_EQ(allocator->allocate((std::size_t(5) << 20) + 1), large);
  allocator->deallocate(large, std::size_t(6) << 20);
}

TEST(Allocator, HoldsEverySize) {
  std::shared_ptr<Allocator> allocator = createCachingAllocator();
  for (std::size_t bytes = 1; bytes < (std::size_t(9) << 20);
       bytes += 1 + bytes / 7) {
    void *block = allocator->allocate(bytes);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 64, 0u);
    static_cast<char *>(block)[bytes - 1] = 1;
    allocator->deallocate(block, bytes);
  }
}

TEST(Allocator, GivesTheCacheBackRatherThanFail) {
  std::shared_ptr<Allocator> allocator = createCachingAllocator();
  void *block = allocator->allocate(1000);
  allocator->deallocate(block, 1000);
  EXPECT_EQ(allocator->allocate(std::size_t(1) << 60), nullptr);
  block = allocator->allocate(1000);
  ASSERT_NE(block, nullptr);
  allocator->deallocate(block, 1000);
}

TEST(Allocator, OutlivedByItsTensors) {
  std::shared_ptr<Allocator> allocator = createCachingAllocator();
  absl::StatusOr<Tensor> tensor =
      Tensor::allocate(DType::f32, {16}, *allocator);
  allocator.reset();
  ASSERT_TRUE(tensor.ok());
  tensor->dataAs<float>()[15] = 1;
}

/// Allocates and frees one block of each of these sizes.
static void useOnce(Allocator &allocator,
                    std::initializer_list<std::size_t> sizes) {
  std::vector<std::pair<void *, std::size_t>> blocks;
  for (std::size_t bytes : sizes) {
    blocks.emplace_back(allocator.allocate(bytes), bytes);
    ASSERT_NE(blocks.back().first, nullptr);
  }
  for (auto [block, bytes] : blocks)
    allocator.deallocate(block, bytes);
}

TEST(Allocator, KeepsWithinTheLimit) {
  for (std::size_t limit : {std::size_t(0), std::size_t(1), std::size_t(1000),
                            std::size_t(70000), kMiB, 40 * kMiB}) {
    std::shared_ptr<Allocator> allocator = createCachingAllocator(limit);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (std::size_t bytes = 1; bytes < 8 * kMiB; bytes += 1 + bytes / 5)
          useOnce(*allocator, {bytes, bytes, bytes});
      });
    for (std::thread &thread : threads)
      thread.join();
    const AllocatorStatistics statistics = allocator->statistics();
    EXPECT_LE(statistics.bytesCached, static_cast<int64_t>(limit));
    EXPECT_EQ(statistics.bytesInUse, 0);
    // A cache that is never used would also be within the limit.
    EXPECT_EQ(statistics.hits > 0, limit >= 1000);
  }
}

TEST(Allocator, LimitCanChange) {
  std::shared_ptr<Allocator> allocator = createCachingAllocator(0);
  useOnce(*allocator, {1000, 3 * kMiB});
  EXPECT_EQ(allocator->statistics().bytesCached, 0);
  allocator->setCacheLimit(64 * kMiB);
  useOnce(*allocator, {1000, 3 * kMiB, 20 * kMiB});
  EXPECT_EQ(allocator->statistics().bytesCached, 1024 + 24 * int64_t(kMiB));
  allocator->setCacheLimit(5 * kMiB);
  EXPECT_EQ(allocator->statistics().bytesCached, 1024 + 4 * int64_t(kMiB));
  allocator->setCacheLimit(0);
  EXPECT_EQ(allocator->statistics().bytesCached, 0);
  useOnce(*allocator, {1000, 3 * kMiB});
  EXPECT_EQ(allocator->statistics().bytesCached, 0);
}

TEST(Allocator, TrimsTheLargestFirst) {
  std::shared_ptr<Allocator> allocator = createCachingAllocator();
  useOnce(*allocator, {64, 4096, 4096, 100 << 10, 4 * kMiB});
  const auto cached = [&] { return allocator->statistics().bytesCached; };
  const int64_t small = 64 + 2 * 4096, middle = 112 << 10;
  EXPECT_EQ(cached(), small + middle + 4 * int64_t(kMiB));
  allocator->trim(4 * kMiB);
  EXPECT_EQ(cached(), small + middle);
  allocator->trim(small + middle);
  EXPECT_EQ(cached(), small + middle);
  allocator->trim(5000);
  EXPECT_EQ(cached(), 64 + 4096);
  allocator->trim();
  EXPECT_EQ(cached(), 0);
  // Its blocks are new ones.
  const int64_t misses = allocator->statistics().misses;
  useOnce(*allocator, {64});
  EXPECT_EQ(allocator->statistics().misses, misses + 1);
}

TEST(Allocator, Counts) {
  std::shared_ptr<Allocator> allocator = createCachingAllocator();
  void *a = allocator->allocate(1000), *b = allocator->allocate(3 * kMiB);
  AllocatorStatistics statistics = allocator->statistics();
  EXPECT_EQ(statistics.bytesInUse, 1024 + 4 * int64_t(kMiB));
  EXPECT_EQ(statistics.misses, 2);
  EXPECT_EQ(statistics.hits, 0);
  allocator->deallocate(a, 1000);
  allocator->deallocate(b, 3 * kMiB);
  a = allocator->allocate(900);
  statistics = allocator->statistics();
  EXPECT_EQ(statistics.bytesInUse, 1024);
  EXPECT_EQ(statistics.peakBytesInUse, 1024 + 4 * int64_t(kMiB));
  EXPECT_EQ(statistics.bytesCached, 4 * int64_t(kMiB));
  EXPECT_EQ(statistics.misses, 2);
  EXPECT_EQ(statistics.hits, 1);
  EXPECT_EQ(statistics.bytesReused, 1024);
  allocator->deallocate(a, 900);
  EXPECT_EQ(allocator->allocate(std::size_t(1) << 60), nullptr);
  EXPECT_EQ(allocator->statistics().bytesInUse, 0);
}

/// What ends with a thread is found by others: many short threads free what
/// one allocates, and the memory of all of it stays bounded.
TEST(Allocator, FreedByThreadsThatEnd) {
  std::shared_ptr<Allocator> allocator = createCachingAllocator();
  constexpr std::size_t bytes = 4096;
  constexpr int64_t rounds = 200, perRound = 64;
  for (int64_t round = 0; round < rounds; ++round) {
    std::vector<void *> blocks;
    for (int64_t i = 0; i < perRound; ++i) {
      blocks.push_back(allocator->allocate(bytes));
      std::memset(blocks.back(), static_cast<int>(round), bytes);
    }
    std::thread([&] {
      for (void *block : blocks)
        allocator->deallocate(block, bytes);
    }).join();
  }
  const AllocatorStatistics statistics = allocator->statistics();
  EXPECT_EQ(statistics.bytesInUse, 0);
  EXPECT_EQ(statistics.hits + statistics.misses, rounds * perRound);
  EXPECT_LT(statistics.misses * bytes, 20 * kMiB); // Of 50 MiB in all.
  EXPECT_EQ(statistics.bytesCached,
            statistics.misses * static_cast<int64_t>(bytes));
}

TEST(Allocator, NoTwoOwnersOfABlock) {
  std::shared_ptr<Allocator> allocator = createCachingAllocator(4 * kMiB);
  std::vector<std::thread> threads;
  std::atomic<int64_t> wrong{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      std::vector<std::pair<unsigned char *, std::size_t>> held;
      for (unsigned i = 0; i < 20000; ++i) {
        const std::size_t bytes = 64 << (i * 7 % 12);
        auto *block = static_cast<unsigned char *>(allocator->allocate(bytes));
        block[0] = block[bytes - 1] = static_cast<unsigned char>(t);
        held.emplace_back(block, bytes);
        if (held.size() < 20)
          continue;
        auto &[old, size] = held[i * 13 % held.size()];
        wrong += old[0] != t || old[size - 1] != t;
        allocator->deallocate(old, size);
        std::swap(old, held.back().first);
        std::swap(size, held.back().second);
        held.pop_back();
      }
      for (auto [block, bytes] : held)
        allocator->deallocate(block, bytes);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(allocator->statistics().bytesInUse, 0);
}

#ifndef __SANITIZE_THREAD__
/// In a child of a process whose other threads were allocating at the fork.
TEST(Allocator, WorksAfterAnyFork) {
  std::shared_ptr<Allocator> allocator = createCachingAllocator();
  std::atomic<bool> isOver{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      while (!isOver)
        useOnce(*allocator, {64, 1000, 100000, 100000});
    });
  for (int i = 0; i < 40; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(60); // Of a child that hangs.
      for (int turn = 0; turn < 3; ++turn)
        useOnce(*allocator, {64, 1000, 100000, 4 * kMiB});
      allocator->trim();
      allocator->setCacheLimit(1);
      _exit(testing::Test::HasFailure());
    }
    int status = -1;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  isOver = true;
  for (std::thread &thread : threads)
    thread.join();
}
#endif

#ifdef __SANITIZE_ADDRESS__
TEST(Allocator, SanitizerSeesWhatIsFree) {
  std::shared_ptr<Allocator> allocator = createCachingAllocator();
  for (std::size_t bytes : {std::size_t(100), std::size_t(5000), 3 * kMiB})
    for (int turn = 0; turn < 2;
         ++turn) { // A new block, then one that was kept.
      char *block = static_cast<char *>(allocator->allocate(bytes));
      EXPECT_FALSE(__asan_address_is_poisoned(block));
      EXPECT_FALSE(__asan_address_is_poisoned(block + bytes - 1));
      EXPECT_TRUE(__asan_address_is_poisoned(block + bytes));
      allocator->deallocate(block, bytes);
      EXPECT_TRUE(__asan_address_is_poisoned(block));
      EXPECT_TRUE(__asan_address_is_poisoned(block + bytes - 1));
    }
}
#endif

// The sanitizers fault for themselves.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/// A call that comes again finds its memory in place, page by page.
TEST(Allocator, NoPageFaultsInSteadyState) {
  SessionOptions options;
  options.threads = 1;
  Session session(options);
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  const Dims sizes = {int64_t(16) << 20};
  const auto number = [](int64_t i) { return i; };
  const Tensor x = makeTensor<float>(DType::f32, sizes, number);
  const auto faultsOfCall = [&] {
    rusage before, after;
    getrusage(RUSAGE_THREAD, &before);
    Stack stack{x, x};
    const absl::Status status = session.runFallback(key, stack);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(std::get<Tensor>(stack[0]).dataAs<float>()[5], 10);
    stack.clear();
    getrusage(RUSAGE_THREAD, &after);
    return after.ru_minflt - before.ru_minflt;
  };
  EXPECT_GT(faultsOfCall(), 0);
  faultsOfCall();
  for (int call = 0; call < 5; ++call)
    EXPECT_EQ(faultsOfCall(), 0);
  // What the check would see otherwise.
  session.allocator().trim();
  EXPECT_GT(faultsOfCall(), 0);
}
#endif

TEST(Allocator, SessionSaysHowMuchIsKept) {
  SessionOptions options;
  options.threads = 1;
  options.maxCachedBytes = 100000;
  Session session(options);
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  const auto call = [&](int64_t size) {
    const Tensor x = makeTensor<float>(
        DType::f32, {size}, [](int64_t i) { return static_cast<float>(i); });
    Stack stack{x, x};
    EXPECT_TRUE(session.runFallback(key, stack).ok());
  };
  call(1000);
  EXPECT_EQ(session.statistics().memory.bytesCached, 4096);
  call(100000);
  EXPECT_EQ(session.statistics().memory.bytesCached, 4096);
  EXPECT_EQ(session.statistics().memory.misses, 2);
  call(1000);
  EXPECT_EQ(session.statistics().memory.hits, 1);
  session.allocator().trim();
  EXPECT_EQ(session.statistics().memory.bytesCached, 0);
}
