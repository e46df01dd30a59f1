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

namespace fuser::runtime {

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

absl::Status CopyPlanner::place(View &view) {
  if (view.copy < 0)
    return absl::OkStatus();
  // A copy of a copy of ...: the innermost first.
  absl::InlinedVector<int32_t, 4> missing;
  for (int32_t copy = view.copy; copy >= 0 && !places[copy];
       copy = shapes.copies()[copy].copy)
    missing.push_back(copy);
  for (; !missing.empty(); missing.pop_back())
    if (absl::Status status = add(missing.back()); !status.ok())
      return status;
  view.data = static_cast<char *>(places[view.copy]) +
              reinterpret_cast<uintptr_t>(view.data);
  return absl::OkStatus();
}

absl::Status CopyPlanner::add(int32_t copy) {
  View from = shapes.copies()[copy];
  if (absl::Status status = place(from); !status.ok())
    return status;
  int64_t count = 1;
  for (int64_t size : from.sizes)
    count *= size; // Its reshape found that this does not overflow.
  absl::StatusOr<Tensor> to = Tensor::allocate(from.dtype, {count}, allocator);
  if (!to.ok())
    return to.status();
  places[copy] = to->data();
  // Strided, so that every block is copied.
  plan.copies.push_back({{from.data, from.dtype, StrideClass::Strided,
                          from.strides, from.isIndex},
                         from.sizes,
                         *std::move(to)});
  return absl::OkStatus();
}

//===----------------------------------------------------------------------===//
// Copying
//===----------------------------------------------------------------------===//

void makeCopies(const LaunchPlan &plan, ThreadPool &threads) {
  for (const PlannedCopy &copy : plan.copies) {
    const int64_t count = copy.to.numElements();
    const int64_t elementSize = dtypeSize(copy.from.dtype);
    const int64_t units = (count + kSplitElements - 1) / kSplitElements;
    const int64_t parts = chooseParts(2 * count * elementSize, units, threads);
    threads.parallelFor(parts, [&](int64_t part) {
      const PartRange range(part, parts, count, kSplitElements);
      if (range.begin < range.end)
        loadBlock(copy.from, copy.sizes, {range.begin, range.end - range.begin},
                  copy.to.dataAs<char>() + range.begin * elementSize);
    });
  }
}

} // namespace fuser::runtime
