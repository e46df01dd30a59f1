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
  // 1/24 ns an element and unit of elementCost, of which an instruction takes 8
  // to load its operands and to store its result; 100 ns an instruction, to
  // prepare it, however few elements there are.
  const auto numInstructions = static_cast<int64_t>(spec.instructions.size());
  int64_t time = 100 * numInstructions;
  for (const PlannedNest &nest : plan.nests) {
    const int64_t elements = nest.numElements();
    const int64_t cost = elements * (elementCost(nest) + 8 * numInstructions);
    const int64_t parts = std::min<int64_t>(
        chooseParts(cost, elements, threads), threads.numThreads());
    time += cost / 24 / parts;
  }
  return time;
}

int64_t hostCopyTime(const LaunchPlan &plan) {
  // Assumed, not measured: 20 us for each copy, and 8 GB/s.
  int64_t time = 0;
  for (const PlannedNest &nest : plan.nests)
    time += 20'000 * static_cast<int64_t>(nest.operands.size()) +
            nest.numElements() * elementBytes(nest) / 8;
  return time;
}

int64_t quickCompilationTime(const KernelSpec &spec) {
  // Measured from 1 to 5,000 ops; see docs/results.
  return 1'000'000 + 55'000 * spec.weight;
}

} // namespace fuser::runtime
