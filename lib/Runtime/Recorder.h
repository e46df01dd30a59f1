//===- Recorder.h - counting what a session does ----------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_RECORDER_H
#define FUSER_LIB_RUNTIME_RECORDER_H

#include "FuserRuntime/Statistics.h"
#include "GroupTable.h"
#include <deque>

namespace fuser::runtime {

/// The statistics of a session while it runs, and what FUSER_DEBUG prints.
/// Thread-safe; calls that only count take no lock.
class Recorder {
public:
  void addRegistration(bool isNew);
  void addLookup(bool isHit) { (isHit ? hits : misses).add(1); }
  void addLaunch() { launches.add(1); }
  void addInterpretedFirst() { increment(interpretedFirst); }
  void addSwap() { increment(swaps); }
  void addPlan() { increment(plans); }
  void addEvictions(int64_t count) {
    evictions.fetch_add(count, std::memory_order_relaxed);
  }
  void addRelease() { increment(released); }
  void addCopies(std::size_t count) {
    copies.fetch_add(count, std::memory_order_relaxed);
  }
  void addFallback(Group &group, FallbackReason reason,
                   const absl::Status &error);
  /// Says in `record`, unless it says something, what is new in `argSpec`,
  /// which is of `group`.
  void addCompile(Group &group, CompileRecord record, const ArgSpec &argSpec);

  /// Number of successful compilations but for swaps.
  int64_t compiled() const {
    return load(numCompiled[0]) + load(numCompiled[1]) - load(swaps);
  }
  StatisticsSnapshot snapshot() const;

private:
  using Counter = std::atomic<int64_t>;
  static void increment(Counter &counter) {
    counter.fetch_add(1, std::memory_order_relaxed);
  }
  static int64_t load(const Counter &counter) {
    return counter.load(std::memory_order_relaxed);
  }

  /// One that many threads add to at once.
  class BusyCounter {
  public:
    void add(int64_t count) {
      shards[shardOfThread()].count.fetch_add(count, std::memory_order_relaxed);
    }
    int64_t total() const {
      int64_t sum = 0;
      for (const Shard &shard : shards)
        sum += load(shard.count);
      return sum;
    }

  private:
    static constexpr unsigned kNumShards = 16;
    struct alignas(64) Shard {
      Counter count{0};
    };
    static unsigned shardOfThread() {
      static std::atomic<unsigned> numThreads{0};
      static thread_local const unsigned shard =
          numThreads.fetch_add(1, std::memory_order_relaxed) % kNumShards;
      return shard;
    }
    std::array<Shard, kNumShards> shards;
  };

  BusyCounter hits, misses, launches;
  Counter registrations{0}, specs{0}, released{0}, plans{0}, copies{0},
      evictions{0}, swaps{0}, interpretedFirst{0};
  std::array<Counter, kNumTiers> numCompiled{};
  std::array<Counter, kNumFallbackReasons> fallbacks{};
  mutable std::mutex lock;
  /// The latest ones.
  std::deque<CompileRecord> compiles;
  std::deque<std::pair<FallbackRecord, std::shared_ptr<FallbackCounts>>>
      fallbackRecords;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_RECORDER_H
