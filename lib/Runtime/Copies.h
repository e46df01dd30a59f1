//===- Copies.h - row-major copies for reshapes -----------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_COPIES_H
#define FUSER_LIB_RUNTIME_COPIES_H

#include "FuserRuntime/LaunchPlan.h"
#include "FuserRuntime/Parallel.h"
#include "Shapes.h"
#include <algorithm>

namespace fuser::runtime {

/// Plans those of the copies of one call that some loop reads.
class CopyPlanner {
public:
  CopyPlanner(const Shapes &shapes, LaunchPlan &plan)
      : shapes(shapes), plan(plan), numbers(shapes.copies().size(), -1) {}

  /// Gives `view`, if it is of a copy, that copy's number in the plan; adds the
  /// copy to the plan if it is not there yet.
  void place(View &view);

private:
  /// The index of `view`'s copy in shapes.copies(), or -1.
  int32_t copyOf(const View &view) const {
    return std::max(view.memory - shapes.firstCopy(), -1);
  }
  void add(int32_t copy);

  const Shapes &shapes;
  LaunchPlan &plan;
  /// The memory number of each copy that is planned, or -1.
  std::vector<int32_t> numbers;
};

/// Makes the copies of `plan` in the memory of a call.
void makeCopies(const LaunchPlan &plan, MemoryTable memory,
                ThreadPool &threads);

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_COPIES_H
