//===- GroupTable.cpp - the registered groups of a session ----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GroupTable.h"
#include <algorithm>

namespace fuser::runtime {

GroupTable::Place::Place(int64_t key) {
  const uint64_t place = uint64_t(key & kPlaceMask);
  const uint64_t shifted = place + (uint64_t(1) << kFirstChunkLog);
  const int log = 63 - __builtin_clzll(shifted);
  chunk = log - kFirstChunkLog;
  offset = shifted - (uint64_t(1) << log);
}

std::pair<int64_t, bool> GroupTable::add(KernelSpec spec) {
  std::lock_guard<std::mutex> guard(registration);
  if (auto known = keys.find(spec.text); known != keys.end()) {
    const int64_t key = known->second;
    Group &group = *groups[key & kPlaceMask];
    if (group.registrations++ == 0) {
      idle.erase(std::remove(idle.begin(), idle.end(), key), idle.end());
      setPlace(key, &group);
    }
    return {key, false};
  }

  int64_t key = static_cast<int64_t>(groups.size());
  if (freeKeys.empty()) {
    groups.emplace_back();
  } else {
    key = freeKeys.back();
    freeKeys.pop_back();
  }
  auto group = std::make_unique<Group>(key, std::move(spec));
  group->registrations = 1;
  keys.emplace(group->spec.text, key);

  const Place place(key);
  if (!chunks[place.chunk].load(std::memory_order_relaxed)) {
    const std::size_t size = std::size_t(1) << (place.chunk + kFirstChunkLog);
    ownedChunks.emplace_back(new std::atomic<Group *>[size]());
    chunks[place.chunk].store(ownedChunks.back().get(),
                              std::memory_order_release);
  }
  setPlace(key, group.get());
  groups[key & kPlaceMask] = std::move(group);
  return {key, true};
}

Group *GroupTable::addSite(int64_t key) {
  std::lock_guard<std::mutex> guard(registration);
  Group *group = find(key);
  if (group)
    ++group->sites;
  return group;
}

std::unique_ptr<Group> GroupTable::release(int64_t key) {
  std::lock_guard<std::mutex> guard(registration);
  Group *group = find(key);
  if (!group || --group->registrations > 0)
    return nullptr;
  setPlace(key, nullptr);
  return restIfUnused(*group);
}

std::unique_ptr<Group> GroupTable::releaseSite(Group &group) {
  std::lock_guard<std::mutex> guard(registration);
  --group.sites;
  return restIfUnused(group);
}

/// Makes `group` idle if nothing refers to it.
std::unique_ptr<Group> GroupTable::restIfUnused(Group &group) {
  if (group.registrations > 0 || group.sites > 0)
    return nullptr;
  idle.push_back(group.key);
  if (idle.size() <= maxIdle)
    return nullptr;
  const int64_t key = idle.front();
  idle.erase(idle.begin());
  std::unique_ptr<Group> oldest = std::move(groups[key & kPlaceMask]);
  keys.erase(oldest->spec.text);
  const int64_t next = key + kPlaceMask + 1;
  if (next > 0) // A place that was used 2^31 times is not used again.
    freeKeys.push_back(next);
  return oldest;
}

void GroupTable::setPlace(int64_t key, Group *group) {
  const Place place(key);
  chunks[place.chunk].load(std::memory_order_relaxed)[place.offset].store(
      group);
}

Group *GroupTable::find(int64_t key) const {
  if (key < 0)
    return nullptr;
  const Place place(key);
  if (place.chunk >= kNumChunks)
    return nullptr;
  std::atomic<Group *> *chunk =
      chunks[place.chunk].load(std::memory_order_acquire);
  Group *group = chunk ? chunk[place.offset].load() : nullptr;
  return group && group->key == key ? group : nullptr;
}

} // namespace fuser::runtime
