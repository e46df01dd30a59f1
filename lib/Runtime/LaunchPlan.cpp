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
#include "Overlap.h"
#include "Shapes.h"
#include "ShortRows.h"
#include "VectorAlignment.h"
#include <algorithm>

namespace fuser::runtime {

/// Whether all of `tensors` are on the CPU.
static bool areOnHost(absl::Span<const Tensor> tensors) {
  return std::all_of(tensors.begin(), tensors.end(), [](const Tensor &tensor) {
    return tensor.device().type == DeviceType::CPU;
  });
}

absl::StatusOr<LaunchPlan> planLaunch(const KernelSpec &spec,
                                      absl::Span<const Tensor> inputs,
                                      absl::Span<const Tensor> outputs) {
  Shapes shapes(spec, inputs);
  if (absl::Status status = shapes.evaluate(); !status.ok())
    return status;

  LaunchPlan plan;
  plan.numInputs = static_cast<int32_t>(inputs.size());
  PieceStores stores;
  if (absl::Status status = planOutputs(spec, shapes, outputs, plan, stores);
      !status.ok())
    return status;
  if (absl::Status status = formNests(spec, shapes, stores, plan); !status.ok())
    return status;
  formLoops(plan);
  if (!outputs.empty())
    if (absl::Status status = checkOverlap(spec, inputs, outputs, plan);
        !status.ok())
      return status;
  if (areOnHost(inputs) && areOnHost(outputs))
    joinShortRows(plan);
  else
    alignVectors(spec, inputs, outputs, plan);
  return plan;
}

/// a + b, or the most there is.
static int64_t addSaturating(int64_t a, int64_t b) {
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

int64_t minimalBytes(const KernelSpec &spec, absl::Span<const Tensor> inputs,
                     const LaunchPlan &plan) {
  Shapes shapes(spec, inputs);
  if (!shapes.evaluate().ok())
    return 0; // Not what the plan was made of.
  absl::InlinedVector<bool, 16> isRead(spec.leaves.size(), false);
  int64_t bytes = 0;
  for (const PlannedNest &nest : plan.nests) {
    for (int32_t leaf : nest.leaves)
      isRead[leaf] = true;
    for (int32_t piece : nest.pieces)
      bytes = addSaturating(bytes, nest.numElements() *
                                       dtypeSize(spec.pieces[piece].dtype));
  }

  absl::InlinedVector<int64_t, 16> read(inputs.size(), 0);
  for (std::size_t leaf = 0; leaf < spec.leaves.size(); ++leaf)
    if (isRead[leaf] && spec.leaves[leaf].input != -1) {
      int64_t &count = read[spec.leaves[leaf].input];
      count = addSaturating(count, shapes.leaf(leaf).numDistinct());
    }
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (read[i] > 0)
      bytes = addSaturating(
          bytes, std::min(read[i], View(inputs[i], i).numDistinct()) *
                     dtypeSize(inputs[i].dtype()));
  return bytes;
}

} // namespace fuser::runtime
