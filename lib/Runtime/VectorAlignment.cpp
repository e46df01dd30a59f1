//===- VectorAlignment.cpp - aligned vectors of a device ------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorAlignment.h"
#include <algorithm>

namespace fuser::runtime {

namespace {
/// The loops of one call on a device.
class LoopAlignment {
public:
  LoopAlignment(const KernelSpec &spec, absl::Span<const Tensor> inputs,
                absl::Span<const Tensor> given, const LaunchPlan &plan)
      : spec(spec), inputs(inputs), given(given), plan(plan) {}

  bool holds(const PlannedLoop &loop) const;

private:
  bool isInMemory(const PlannedOperand &operand) const {
    return !operand.isIndex() && (operand.memory >= plan.numInputs ||
                                  !spec.inputs[operand.memory].isScalar);
  }
  uintptr_t addressOf(const PlannedOperand &operand) const;
  int64_t lanes(const PlannedNest &nest) const;
  bool isAligned(const PlannedOperand &operand, int64_t lanes) const;

  const KernelSpec &spec;
  const absl::Span<const Tensor> inputs, given;
  const LaunchPlan &plan;
};
} // namespace

/// Where `operand` begins, but for a multiple of what new memory is aligned to.
uintptr_t LoopAlignment::addressOf(const PlannedOperand &operand) const {
  const int64_t output = operand.memory - plan.numInputs;
  const void *base = nullptr;
  if (output < 0)
    base = inputs[operand.memory].data();
  else if (output < static_cast<int64_t>(given.size()))
    base = given[output].data();
  return reinterpret_cast<uintptr_t>(base) + operand.offset;
}

int64_t LoopAlignment::lanes(const PlannedNest &nest) const {
  int64_t widest = 1;
  for (const PlannedOperand &operand : nest.operands)
    if (isInMemory(operand) && operand.inner != StrideClass::Broadcast)
      widest = std::max<int64_t>(widest, dtypeSize(operand.dtype));
  return std::max<int64_t>(kMaxVectorBytes / widest, 1);
}

bool LoopAlignment::isAligned(const PlannedOperand &operand,
                              int64_t lanes) const {
  if (!isInMemory(operand) || operand.inner != StrideClass::Contiguous)
    return true;
  // No coalesced dimension has size 1, but that of a nest of one element.
  return addressOf(operand) % (lanes * dtypeSize(operand.dtype)) == 0 &&
         std::all_of(operand.strides.begin(), operand.strides.end() - 1,
                     [lanes](int64_t stride) { return stride % lanes == 0; });
}

bool LoopAlignment::holds(const PlannedLoop &loop) const {
  for (int32_t number : loop.nests) {
    const PlannedNest &nest = plan.nests[number];
    if (nest.sizes.size() == 1 && nest.sizes[0] == 1)
      continue; // It has no vectors.
    const int64_t vector = lanes(nest);
    for (const PlannedOperand &operand : nest.operands)
      if (!isAligned(operand, vector))
        return false;
  }
  return true;
}

void alignVectors(const KernelSpec &spec, absl::Span<const Tensor> inputs,
                  absl::Span<const Tensor> given, LaunchPlan &plan) {
  const LoopAlignment alignment(spec, inputs, given, plan);
  for (PlannedLoop &loop : plan.loops) {
    loop.nonTemporal = false;
    loop.isVectorAligned = alignment.holds(loop);
  }
}

} // namespace fuser::runtime
