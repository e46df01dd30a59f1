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

namespace fuser::runtime {

/// Plans those of the copies of one call that some loop reads.
class CopyPlanner {
public:
  CopyPlanner(const Shapes &shapes, Allocator &allocator, LaunchPlan &plan)
      : shapes(shapes), allocator(allocator), plan(plan),
        places(shapes.copies().size(), nullptr) {}

  /// Makes the data of `view`, if that is an offset into a copy, an address;
  /// adds the copy to the plan if it is not there yet. ResourceExhausted: no
  /// memory.
  absl::Status place(View &view);

private:
  absl::Status add(int32_t copy);

  const Shapes &shapes;
  Allocator &allocator;
  LaunchPlan &plan;
  /// The memory of each copy that is planned.
  std::vector<void *> places;
};

/// Makes the copies of `plan`.
void makeCopies(const LaunchPlan &plan, ThreadPool &threads);

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_COPIES_H
