//===- GroupTable.cpp - the registered groups of a session ----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GroupTable.h"

namespace fuser::runtime {

GroupTable::Place::Place(int64_t key) {
  const uint64_t shifted = uint64_t(key) + (uint64_t(1) << kFirstChunkLog);
  const int log = 63 - __builtin_clzll(shifted);
  chunk = log - kFirstChunkLog;
  offset = shifted - (uint64_t(1) << log);
}

std::pair<int64_t, bool> GroupTable::add(KernelSpec spec) {
  std::lock_guard<std::mutex> guard(registration);
  const int64_t key = static_cast<int64_t>(groups.size());
  if (auto known = keys.find(spec.text); known != keys.end())
    return {known->second, false};

  groups.push_back(std::make_unique<Group>());
  Group *group = groups.back().get();
  group->key = key;
  group->spec = std::move(spec);
  keys.emplace(group->spec.text, key);

  const Place place(key);
  if (place.offset == 0) {
    const std::size_t size = std::size_t(1) << (place.chunk + kFirstChunkLog);
    ownedChunks.emplace_back(new std::atomic<Group *>[size]());
    chunks[place.chunk].store(ownedChunks.back().get(),
                              std::memory_order_release);
  }
  ownedChunks.back()[place.offset].store(group, std::memory_order_release);
  return {key, true};
}

Group *GroupTable::find(int64_t key) const {
  if (key < 0)
    return nullptr;
  const Place place(key);
  if (place.chunk < 0 || place.chunk >= kNumChunks)
    return nullptr;
  std::atomic<Group *> *chunk =
      chunks[place.chunk].load(std::memory_order_acquire);
  return chunk ? chunk[place.offset].load(std::memory_order_acquire) : nullptr;
}

} // namespace fuser::runtime
