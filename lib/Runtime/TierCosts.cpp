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
  // 1/16 ns an element and unit of elementCost; 100 ns an instruction, to
  // prepare it, however few elements there are.
  int64_t time = 100 * static_cast<int64_t>(spec.instructions.size());
  for (const PlannedNest &nest : plan.nests) {
    int64_t elements = 1;
    for (int64_t size : nest.sizes)
      elements *= size;
    const int64_t cost = elements * elementCost(nest);
    const int64_t parts = std::min<int64_t>(
        chooseParts(4 * cost, elements, threads), threads.numThreads());
    time += cost / 16 / parts;
  }
  return time;
}

int64_t quickCompilationTime(const KernelSpec &spec) {
  // Measured from 1 to 5,000 ops; see docs/results.
  return 1'000'000 + 55'000 * spec.weight;
}

} // namespace fuser::runtime
