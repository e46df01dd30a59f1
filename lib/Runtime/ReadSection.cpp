//===- ReadSection.cpp - reading what others replace ----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReadSection.h"
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

namespace fuser::runtime {

namespace {

/// A thread's place. Never freed, as others may look at it at any time; a new
/// thread takes over that of one that has ended.
struct alignas(64) Slot {
  /// The epoch in which the thread's section began, or 0 if it is in none.
  std::atomic<uint64_t> since{0};
  std::atomic<bool> isTaken{true};
  /// Used by the thread alone.
  int depth = 0;
  Slot *next = nullptr;
};

struct Retired {
  /// Sections that began in it or before it may see the object.
  uint64_t epoch;
  std::shared_ptr<const void> object;
};

} // namespace

/// Counts retired objects.
static std::atomic<uint64_t> currentEpoch{1};
static std::atomic<Slot *> slots{nullptr};

static std::mutex retiredLock;
static std::atomic<std::size_t> numRetired{0};

/// By epoch. Guarded by retiredLock. Never destroyed: threads may outlive main.
static std::deque<Retired> &retiredObjects() {
  static auto *objects = new std::deque<Retired>();
  return *objects;
}

static thread_local Slot *threadSlot = nullptr;

/// Gives the thread's slot back when it ends.
namespace {
struct SlotReturner {
  ~SlotReturner() {
    if (threadSlot)
      threadSlot->isTaken.store(false, std::memory_order_release);
    threadSlot = nullptr;
  }
};
} // namespace

static Slot *takeSlot() {
  static thread_local SlotReturner returner;
  (void)returner;
  for (Slot *slot = slots.load(std::memory_order_acquire); slot;
       slot = slot->next) {
    bool isTaken = false;
    if (slot->isTaken.compare_exchange_strong(isTaken, true,
                                              std::memory_order_acquire))
      return slot;
  }
  Slot *slot = new Slot();
  slot->next = slots.load(std::memory_order_relaxed);
  while (!slots.compare_exchange_weak(slot->next, slot))
    ;
  return slot;
}

ReadSection::ReadSection() {
  if (!threadSlot)
    threadSlot = takeSlot();
  // Either freeRetired() sees this store, or what is read after it is no longer
  // linked to what freeRetired() frees.
  if (threadSlot->depth++ == 0)
    threadSlot->since.store(currentEpoch.load());
}

ReadSection::~ReadSection() {
  if (--threadSlot->depth != 0)
    return;
  threadSlot->since.store(0, std::memory_order_release);
  if (numRetired.load(std::memory_order_relaxed) != 0)
    freeRetired();
}

void retire(std::shared_ptr<const void> object) {
  std::lock_guard<std::mutex> guard(retiredLock);
  retiredObjects().push_back({currentEpoch.fetch_add(1), std::move(object)});
  numRetired.store(retiredObjects().size(), std::memory_order_relaxed);
}

void freeRetired() {
  // Destroyed after the lock is released: destructors may do anything.
  std::vector<Retired> unseen;
  std::unique_lock<std::mutex> guard(retiredLock, std::try_to_lock);
  if (!guard.owns_lock())
    return; // Someone else is at it.
  uint64_t oldest = UINT64_MAX;
  for (Slot *slot = slots.load(); slot; slot = slot->next)
    if (const uint64_t since = slot->since.load())
      oldest = std::min(oldest, since);
  // Few looks where a long section holds up many.
  std::deque<Retired> &objects = retiredObjects();
  for (; !objects.empty() && objects.front().epoch < oldest;
       objects.pop_front())
    unseen.push_back(std::move(objects.front()));
  numRetired.store(objects.size(), std::memory_order_relaxed);
  guard.unlock();
}

} // namespace fuser::runtime
