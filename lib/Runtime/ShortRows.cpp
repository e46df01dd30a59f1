//===- ShortRows.cpp - joining short rows that repeat an operand ----------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShortRows.h"
#include "Nests.h"
#include <algorithm>

namespace fuser::runtime {

/// Rows of as many elements cost little more than joined ones.
static constexpr int64_t kShortRow = 256;

/// About as many elements become one row: few enough for copies of them to stay
/// in the first-level cache.
static constexpr int64_t kJoinedElements = 2048;

/// Fewer elements do not pay for copies.
static constexpr int64_t kMinElements = 8 * kJoinedElements;

static constexpr std::size_t kMaxCopies = 8;

/// Whether each row repeats the contiguous elements of `operand`.
static bool isRepeated(const PlannedOperand &operand) {
  return operand.strides[0] == 0 && operand.strides[1] == 1 &&
         !operand.isIndex();
}

/// Whether `operand` moves through rows of `n` elements as through one.
static bool isFlat(const PlannedOperand &operand, int64_t n) {
  return operand.strides[0] == n * operand.strides[1];
}

static bool shouldJoin(const PlannedNest &nest) {
  if (nest.sizes.size() != 2 || nest.sizes[1] >= kShortRow ||
      nest.sizes[0] * nest.sizes[1] < kMinElements)
    return false;
  std::size_t numRepeated = 0;
  for (const PlannedOperand &operand : nest.operands)
    if (isRepeated(operand))
      ++numRepeated;
    else if (!isFlat(operand, nest.sizes[1]))
      return false;
  return numRepeated <= kMaxCopies;
}

/// How many rows of `n` elements to join: so many, where that is not too long,
/// that every joined row begins at a cache line if the first does.
static int64_t joinedRows(int64_t n) {
  const int64_t unit = n <= 64 ? 64 : 16;
  return (kJoinedElements / n + unit - 1) / unit * unit;
}

/// Makes `operand` one of a copy of `rows` rows of `n` elements.
static void repeat(PlannedOperand &operand, int64_t rows, int64_t n,
                   LaunchPlan &plan) {
  PlannedCopy copy{operand, {rows, n}, rows * n, /*repeats=*/true};
  copy.from.inner = StrideClass::Strided; // So that it is copied.
  operand.memory = plan.copyMemory(plan.copies.size());
  operand.offset = 0;
  plan.copies.push_back(std::move(copy));
}

static void join(PlannedNest &nest, LaunchPlan &plan) {
  const int64_t n = nest.sizes[1], rows = joinedRows(n);
  const int64_t rest = nest.sizes[0] % rows;
  nest.sizes[0] = nest.sizes[0] / rows + (rest > 0);
  nest.sizes[1] = rows * n;
  nest.lastRow = rest * n;
  for (PlannedOperand &operand : nest.operands)
    if (isRepeated(operand))
      repeat(operand, rows, n, plan);
    else
      operand.strides[0] *= rows;
}

void joinShortRows(LaunchPlan &plan) {
  for (PlannedLoop &loop : plan.loops) {
    PlannedNest &nest = plan.nests[loop.nests[0]];
    if (loop.nests.size() > 1 || !shouldJoin(nest))
      continue;
    join(nest, plan);
    describeLoop(plan, loop);
  }
}

} // namespace fuser::runtime
