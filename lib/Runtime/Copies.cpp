//===- Copies.cpp - row-major copies for reshapes -------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Copies.h"
#include "BlockIO.h"
#include "LoopSplit.h"
#include <cstring>

namespace fuser::runtime {

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

void CopyPlanner::place(View &view) {
  if (copyOf(view) < 0)
    return;
  // A copy of a copy of ...: the innermost first.
  absl::InlinedVector<int32_t, 4> missing;
  for (int32_t copy = copyOf(view); copy >= 0 && numbers[copy] < 0;
       copy = copyOf(shapes.copies()[copy]))
    missing.push_back(copy);
  for (; !missing.empty(); missing.pop_back())
    add(missing.back());
  view.memory = numbers[copyOf(view)];
}

void CopyPlanner::add(int32_t copy) {
  View from = shapes.copies()[copy];
  place(from);
  int64_t count = 1;
  for (int64_t size : from.sizes)
    count *= size; // Its reshape found that this does not overflow.
  numbers[copy] = plan.copyMemory(plan.copies.size());
  // Strided, so that every block is copied.
  plan.copies.push_back({{from.memory, from.dtype, StrideClass::Strided,
                          from.offset, from.strides},
                         from.sizes,
                         count});
}

//===----------------------------------------------------------------------===//
// Copying
//===----------------------------------------------------------------------===//

/// Copies a row, and then what there is until there is enough.
static void repeatRow(const PlannedCopy &copy, MemoryTable memory, char *to) {
  const int64_t rowSize = copy.sizes.back();
  loadBlock(copy.from, memory, copy.sizes, {0, rowSize}, to);
  const int64_t bytes = copy.bytes();
  for (int64_t done = rowSize * dtypeSize(copy.from.dtype); done < bytes;
       done *= 2)
    std::memcpy(to + done, to, std::min(done, bytes - done));
}

void makeCopies(const LaunchPlan &plan, MemoryTable memory,
                ThreadPool &threads) {
  for (std::size_t i = 0; i < plan.copies.size(); ++i) {
    const PlannedCopy &copy = plan.copies[i];
    char *to = static_cast<char *>(memory[plan.copyMemory(i)]);
    if (copy.repeats) {
      repeatRow(copy, memory, to);
      continue;
    }
    const int64_t count = copy.numElements;
    const int64_t elementSize = dtypeSize(copy.from.dtype);
    const int64_t units = (count + kSplitElements - 1) / kSplitElements;
    const int64_t parts = chooseParts(2 * count * elementSize, units, threads);
    threads.parallelFor(parts, [&](int64_t part) {
      const PartRange range(part, parts, count, kSplitElements);
      if (range.begin < range.end)
        loadBlock(copy.from, memory, copy.sizes,
                  {range.begin, range.end - range.begin},
                  to + range.begin * elementSize);
    });
  }
}

} // namespace fuser::runtime
