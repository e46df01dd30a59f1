//===- KernelLimit.cpp - how many kernels a session keeps -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelLimit.h"
#include <algorithm>

namespace fuser::runtime {

int64_t KernelLimit::add(const Group &group, KernelCache::Entry &entry) {
  std::lock_guard<std::mutex> guard(lock);
  if (group.isForgotten)
    return 0; // Its kernels go with it.
  const auto age = [](const Kept &each) {
    return each.entry->lastUse.load(std::memory_order_relaxed);
  };
  int64_t evicted = 0;
  for (; !kept.empty() && kept.size() >= maxKernels; ++evicted) {
    auto oldest = std::min_element(
        kept.begin(), kept.end(),
        [&](const Kept &a, const Kept &b) { return age(a) < age(b); });
    oldest->entry->evict();
    kept.erase(oldest);
  }
  kept.push_back({&group, &entry});
  clock.fetch_add(1, std::memory_order_relaxed);
  touch(entry);
  return evicted;
}

void KernelLimit::forget(Group &group) {
  std::lock_guard<std::mutex> guard(lock);
  group.isForgotten = true;
  kept.erase(
      std::remove_if(kept.begin(), kept.end(),
                     [&](const Kept &each) { return each.group == &group; }),
      kept.end());
}

} // namespace fuser::runtime
