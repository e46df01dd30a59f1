//===- KernelCache.cpp - the kernels of one spec --------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelCache.h"

namespace fuser::runtime {

/// An open-addressing hash table that only grows. Its capacity is a power of
/// two and at least one slot is free, which ends every search.
class KernelCache::Table {
public:
  explicit Table(std::size_t capacity)
      : mask(capacity - 1), slots(new std::atomic<Entry *>[capacity]()) {}

  std::size_t capacity() const { return mask + 1; }

  Entry *find(const ArgKey &key) const {
    for (std::size_t i = key.hash();; ++i) {
      // Pairs with the release in insert(): the entry is complete.
      Entry *entry = slots[i & mask].load(std::memory_order_acquire);
      if (!entry || entry->argSpec().key() == key)
        return entry;
    }
  }

  void insert(Entry *entry) {
    std::size_t i = entry->argSpec().hash();
    while (slots[i & mask].load(std::memory_order_relaxed))
      ++i;
    slots[i & mask].store(entry, std::memory_order_release);
  }

private:
  const std::size_t mask;
  const std::unique_ptr<std::atomic<Entry *>[]> slots;
};

static constexpr std::size_t kFirstCapacity = 8;

KernelCache::KernelCache() {
  tables.push_back(std::make_unique<Table>(kFirstCapacity));
  current.store(tables.back().get(), std::memory_order_release);
}

KernelCache::~KernelCache() = default;

KernelCache::Entry *KernelCache::find(const ArgKey &key) const {
  return current.load(std::memory_order_acquire)->find(key);
}

KernelCache::Entry *KernelCache::findOrInsert(const ArgSpec &argSpec) {
  if (Entry *entry = find(argSpec.key()))
    return entry;
  std::lock_guard<std::mutex> guard(insertion);
  if (Entry *entry = find(argSpec.key()))
    return entry;

  entries.push_back(std::make_unique<Entry>(argSpec));
  Entry *entry = entries.back().get();
  Table *table = tables.back().get();
  if (entries.size() * 2 <= table->capacity()) {
    table->insert(entry);
    return entry;
  }
  tables.push_back(std::make_unique<Table>(table->capacity() * 2));
  for (const std::unique_ptr<Entry> &each : entries)
    tables.back()->insert(each.get());
  current.store(tables.back().get(), std::memory_order_release);
  return entry;
}

} // namespace fuser::runtime
