//===- ThreadPool.cpp - a thread pool over oneTBB -------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Parallel.h"
#include <algorithm>
#include <atomic>
#include <pthread.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

namespace fuser::runtime {

namespace {

/// Of a process that allows itself absurdly many.
constexpr std::size_t kMaxThreads = 1024;

/// True in a process that was forked off one with a pool: TBB's threads are not
/// there, and what they held at the fork nobody gives back.
std::atomic<bool> hasLostThreads{false};

void noticeForks() {
  static const int registered =
      pthread_atfork(nullptr, nullptr, [] { hasLostThreads.store(true); });
  static_cast<void>(registered);
}

class TBBThreadPool : public ThreadPool {
public:
  explicit TBBThreadPool(int numThreads)
      : threads(numThreads), arena(numThreads) {}

  int numThreads() const override { return threads; }

  void parallelFor(int64_t parts,
                   const std::function<void(int64_t)> &body) override {
    if (parts == 1 || threads == 1 ||
        hasLostThreads.load(std::memory_order_relaxed)) {
      for (int64_t part = 0; part < parts; ++part)
        body(part);
      return;
    }
    arena.execute([&] {
      tbb::parallel_for(
          int64_t(0), parts, [&](int64_t part) { body(part); },
          tbb::simple_partitioner());
    });
  }

private:
  const int threads;
  tbb::task_arena arena;
};

} // namespace

std::shared_ptr<ThreadPool> createThreadPool(int numThreads) {
  noticeForks();
  // An arena of more slots than there are workers makes TBB complain, and
  // would never be full.
  const int available = static_cast<int>(
      std::clamp<std::size_t>(tbb::global_control::active_value(
                                  tbb::global_control::max_allowed_parallelism),
                              1, kMaxThreads));
  return std::make_shared<TBBThreadPool>(
      numThreads <= 0 ? available : std::min(numThreads, available));
}

} // namespace fuser::runtime
