//===- LoopSplit.cpp - cutting loops into parts for threads ---------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopSplit.h"
#include <numeric>

namespace fuser::runtime {

int64_t elementBytes(const PlannedNest &nest) {
  int64_t bytes = 0;
  for (const PlannedOperand &operand : nest.operands)
    if (operand.inner != StrideClass::Broadcast && !operand.isIndex())
      bytes += dtypeSize(operand.dtype);
  return bytes;
}

int64_t elementCost(const PlannedNest &nest) {
  bool hasWide = false;
  for (const PlannedOperand &operand : nest.operands)
    hasWide |= dtypeSize(operand.dtype) == 8;
  // See OpcodeWeights.h.
  return elementBytes(nest) + nest.weight * (hasWide ? 8 : 3) / 2;
}

int64_t wholeLineRows(const PlannedNest &nest) {
  constexpr int64_t line = 64;
  int64_t rows = 1;
  for (std::size_t i = nest.leaves.size(); i < nest.operands.size(); ++i) {
    const PlannedOperand &store = nest.operands[i];
    if (store.strides.size() < 2)
      continue;
    const int64_t pitch =
        store.strides[store.strides.size() - 2] * dtypeSize(store.dtype);
    // Both are powers of two, so the greater one is a multiple of the other.
    rows = std::max(rows, line / std::gcd(line, pitch));
  }
  return rows;
}

int64_t chooseParts(int64_t cost, int64_t units, const ThreadPool &threads) {
  const int64_t numThreads = threads.numThreads();
  if (numThreads == 1)
    return 1;
  return std::max<int64_t>(
      1, std::min({cost / kMinPartCost, units, numThreads * kPartsPerThread}));
}

} // namespace fuser::runtime
