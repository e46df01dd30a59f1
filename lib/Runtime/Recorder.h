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

namespace fuser::runtime {

/// The statistics of a session while it runs, and what FUSER_DEBUG prints.
/// Thread-safe; calls that only count take no lock.
class Recorder {
public:
  void addRegistration(bool isNew);
  void addLookup(bool isHit);
  void addLaunch();
  void addCopies(std::size_t count) {
    copies.fetch_add(count, std::memory_order_relaxed);
  }
  void addFallback(Group &group, FallbackReason reason,
                   const absl::Status &error);
  /// Says in `record` what is new in `argSpec`.
  void addCompile(CompileRecord record, const ArgSpec &argSpec);

  /// Number of successful compilations.
  int64_t compiled() const { return load(numCompiled); }
  StatisticsSnapshot snapshot() const;

private:
  using Counter = std::atomic<int64_t>;
  static void increment(Counter &counter) {
    counter.fetch_add(1, std::memory_order_relaxed);
  }
  static int64_t load(const Counter &counter) {
    return counter.load(std::memory_order_relaxed);
  }

  Counter registrations{0}, specs{0}, hits{0}, misses{0}, launches{0},
      copies{0}, numCompiled{0};
  std::array<Counter, kNumFallbackReasons> fallbacks{};
  mutable std::mutex lock;
  std::vector<CompileRecord> compiles;
  /// The latest argument specs that kernels were made for, by group key.
  absl::flat_hash_map<int64_t, std::vector<ArgSpec>> compiledFor;
  /// Counts are those of the groups, which live as long as the recorder.
  std::vector<std::pair<FallbackRecord, const Group *>> fallbackRecords;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_RECORDER_H
