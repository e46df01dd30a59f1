//===- LaunchPlan.cpp - planning one call ---------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/LaunchPlan.h"
#include "Nests.h"
#include "Outputs.h"
#include "Shapes.h"
#include <algorithm>

namespace fuser::runtime {

/// The bytes of all inputs that the nests read and of all outputs. Leaves of
/// one input that overlap are taken to be disjoint up to the input's size.
static int64_t minimalBytes(const KernelSpec &spec, const Shapes &shapes,
                            absl::Span<const Tensor> inputs,
                            const LaunchPlan &plan) {
  absl::InlinedVector<bool, 16> isRead(spec.leaves.size(), false);
  int64_t bytes = 0;
  for (const PlannedNest &nest : plan.nests) {
    for (int32_t leaf : nest.leaves)
      isRead[leaf] = true;
    for (int32_t piece : nest.pieces) {
      int64_t stored = dtypeSize(spec.pieces[piece].dtype);
      for (int64_t size : nest.sizes)
        stored *= size;
      bytes += stored;
    }
  }

  absl::InlinedVector<int64_t, 16> read(inputs.size(), 0);
  for (std::size_t leaf = 0; leaf < spec.leaves.size(); ++leaf)
    if (isRead[leaf])
      read[spec.leaves[leaf].input] += shapes.leaf(leaf).numDistinct();
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (read[i] > 0)
      bytes += std::min(read[i], View(inputs[i]).numDistinct()) *
               dtypeSize(inputs[i].dtype());
  return bytes;
}

absl::StatusOr<LaunchPlan> planLaunch(const KernelSpec &spec,
                                      absl::Span<const Tensor> inputs,
                                      absl::Span<const Tensor> outputs,
                                      Allocator &allocator) {
  Shapes shapes(spec, inputs);
  if (absl::Status status = shapes.evaluate(); !status.ok())
    return status;

  LaunchPlan plan;
  PieceStores stores;
  if (absl::Status status =
          planOutputs(spec, shapes, outputs, allocator, plan.outputs, stores);
      !status.ok())
    return status;
  if (absl::Status status = formNests(spec, shapes, stores, plan); !status.ok())
    return status;
  formLoops(plan);
  plan.bytes = minimalBytes(spec, shapes, inputs, plan);
  return plan;
}

} // namespace fuser::runtime
