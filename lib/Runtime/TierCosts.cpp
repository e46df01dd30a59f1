//===- TierCosts.cpp - to interpret or to compile -------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TierCosts.h"
#include "LoopSplit.h"

namespace fuser::runtime {

int64_t interpretationTime(const KernelSpec &spec, const LaunchPlan &plan,
                           const ThreadPool &threads) {
  // A block of 512 elements takes 1/8 ns an element and unit of elementCost;
  // preparing an instruction takes 300 ns.
  int64_t time = 300 * static_cast<int64_t>(spec.instructions.size());
  for (const PlannedNest &nest : plan.nests) {
    const int64_t elements = nest.numElements();
    const int64_t cost = elements * elementCost(nest);
    const int64_t parts =
        std::min<int64_t>(chooseParts(4 * cost, elements, threads),
                          threads.numThreads());
    time += cost / 8 / parts;
  }
  return time;
}

int64_t quickCompilationTime(const KernelSpec &spec) {
  return 2'000'000 + 20'000 * spec.weight;
}

} // namespace fuser::runtime
