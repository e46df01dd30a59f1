//===- LoopSplit.cpp - cutting loops into parts for threads ---------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopSplit.h"

namespace fuser::runtime {

int64_t elementCost(const PlannedNest &nest) {
  int64_t cost = nest.weight;
  for (const PlannedOperand &operand : nest.operands)
    if (operand.inner != StrideClass::Broadcast && !operand.isIndex())
      cost += dtypeSize(operand.dtype);
  return cost;
}

int64_t chooseParts(int64_t cost, int64_t units, const ThreadPool &threads) {
  const int64_t numThreads = threads.numThreads();
  if (numThreads == 1)
    return 1;
  return std::max<int64_t>(
      1, std::min({cost / kMinPartCost, units, numThreads * kPartsPerThread}));
}

} // namespace fuser::runtime
