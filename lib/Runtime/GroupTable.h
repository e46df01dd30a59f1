//===- GroupTable.h - the registered groups of a session --------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_GROUPTABLE_H
#define FUSER_LIB_RUNTIME_GROUPTABLE_H

#include "FuserRuntime/KernelSpec.h"
#include "FuserRuntime/Statistics.h"
#include "KernelCache.h"
#include "PlanCache.h"
#include "absl/container/flat_hash_map.h"
#include <array>
#include <atomic>
#include <mutex>

namespace fuser::runtime {

using FallbackCounts = std::array<std::atomic<int64_t>, kNumFallbackReasons>;

/// A registered kernel spec with its kernels and the plans of its last calls.
struct Group {
  Group(int64_t key, KernelSpec spec)
      : key(key), sharedSpec(std::make_shared<KernelSpec>(std::move(spec))) {}

  const int64_t key;
  const std::shared_ptr<const KernelSpec> sharedSpec;
  const KernelSpec &spec = *sharedSpec;
  KernelCache kernels;
  PlanCache plans;
  /// Of Recorder: calls that were interpreted, by reason; and the argument
  /// specs of the last kernels.
  std::shared_ptr<FallbackCounts> fallbacks =
      std::make_shared<FallbackCounts>();
  std::vector<ArgSpec> compiled;
  /// Of GroupTable: how often it was registered and not released, and how many
  /// call sites it has.
  int64_t registrations = 0, sites = 0;
  /// Of KernelLimit, and of CompileQueue.
  bool isForgotten = false, isDropped = false;
};

/// The groups of a session by key. Thread-safe; finding one takes no lock.
///
/// A group without registrations and call sites is idle: its key is unknown,
/// but if its spec is registered again it is there again, with its kernels.
/// The ones that are idle for the longest time go if there are too many.
class GroupTable {
public:
  explicit GroupTable(std::size_t maxIdle) : maxIdle(maxIdle) {}

  /// The key of `spec`, which is finalized, and whether it is new. Counts a
  /// registration.
  std::pair<int64_t, bool> add(KernelSpec spec);

  /// Counts a call site of group `key`; null if there is none.
  Group *addSite(int64_t key);

  /// These take one away. After the last registration find() does not find the
  /// group. Each returns a group that has been idle for too long, if there is
  /// one, for the caller to retire.
  std::unique_ptr<Group> release(int64_t key);
  std::unique_ptr<Group> releaseSite(Group &group);

  /// The group `key`, or null. To be called in a ReadSection: valid to its end,
  /// and longer only with a reference.
  Group *find(int64_t key) const;

private:
  // A key is a place, and how often the place was used before.
  static constexpr int64_t kPlaceMask = (int64_t(1) << 32) - 1;
  // Chunk i holds the next kFirstChunk << i groups; none ever moves.
  static constexpr int kFirstChunkLog = 4;
  static constexpr int kNumChunks = 29;
  struct Place {
    explicit Place(int64_t key);
    int chunk;
    std::size_t offset;
  };
  using Chunk = std::unique_ptr<std::atomic<Group *>[]>;

  void setPlace(int64_t key, Group *group);
  std::unique_ptr<Group> restIfUnused(Group &group);

  const std::size_t maxIdle;
  std::array<std::atomic<std::atomic<Group *> *>, kNumChunks> chunks{};

  mutable std::mutex registration;
  std::vector<Chunk> ownedChunks;
  std::vector<std::unique_ptr<Group>> groups; // by place
  /// The keys that the places of released groups have next.
  std::vector<int64_t> freeKeys;
  absl::flat_hash_map<absl::string_view, int64_t> keys;
  /// The keys of idle groups, the one that has been so for longest first.
  std::vector<int64_t> idle;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_GROUPTABLE_H
