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
#include "absl/container/flat_hash_map.h"
#include <array>
#include <atomic>
#include <mutex>

namespace fuser::runtime {

/// A registered group with its kernels.
struct Group {
  int64_t key;
  KernelSpec spec;
  KernelCache kernels;
  /// Calls that were interpreted, by reason.
  std::array<std::atomic<int64_t>, kNumFallbackReasons> fallbacks{};
};

/// All groups of a session by key and by text. Keys count from 0. Thread-safe;
/// finding a group by its key takes no lock.
class GroupTable {
public:
  /// The key of `spec`, which is finalized, and whether it is new.
  std::pair<int64_t, bool> add(KernelSpec spec);

  /// The group `key`, or null. Lives as long as the table.
  Group *find(int64_t key) const;

private:
  // Chunk i holds the next kFirstChunk << i groups; none ever moves.
  static constexpr int kFirstChunkLog = 4;
  static constexpr int kNumChunks = 40;
  struct Place {
    explicit Place(int64_t key);
    int chunk;
    std::size_t offset;
  };
  using Chunk = std::unique_ptr<std::atomic<Group *>[]>;

  std::array<std::atomic<std::atomic<Group *> *>, kNumChunks> chunks{};

  mutable std::mutex registration;
  std::vector<Chunk> ownedChunks;
  std::vector<std::unique_ptr<Group>> groups;
  absl::flat_hash_map<absl::string_view, int64_t> keys;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_GROUPTABLE_H
