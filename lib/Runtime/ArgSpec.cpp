//===- ArgSpec.cpp - what a kernel is specialised for ---------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/ArgSpec.h"
#include "Hash.h"
#include "absl/strings/str_cat.h"

namespace fuser::runtime {

ArgKey::ArgKey(Device device, const LaunchPlan &plan) {
  // Every list goes with its length in front, so equal words are equal specs.
  auto append = [this](int64_t word) {
    words.push_back(static_cast<uint32_t>(word));
  };
  append(static_cast<int64_t>(device.type));
  append(device.index);
  append(plan.nests.size());
  for (const PlannedNest &nest : plan.nests) {
    append(nest.sizes.size());
    append(nest.pieces.size());
    words.insert(words.end(), nest.pieces.begin(), nest.pieces.end());
    append(nest.leaves.size());
    words.insert(words.end(), nest.leaves.begin(), nest.leaves.end());
    for (const PlannedOperand &operand : nest.operands)
      append(2 * static_cast<int64_t>(operand.inner) + operand.isIndex());
  }
  for (const PlannedLoop &loop : plan.loops) {
    append(4 * loop.isVectorAligned + 2 * loop.inPlace + loop.nonTemporal);
    append(loop.nests.size());
    words.insert(words.end(), loop.nests.begin(), loop.nests.end());
  }
  WordHash hash;
  for (uint32_t word : words)
    hash.add(word);
  hashValue = hash.value();
}

ArgSpec::ArgSpec(Device device, const LaunchPlan &plan)
    : target(device), allNests(plan.nests.size()), argKey(device, plan) {
  for (std::size_t i = 0; i < plan.nests.size(); ++i) {
    const PlannedNest &planned = plan.nests[i];
    Nest &nest = allNests[i];
    nest.rank = static_cast<int32_t>(planned.sizes.size());
    nest.pieces = planned.pieces;
    nest.leaves = planned.leaves;
    for (const PlannedOperand &operand : planned.operands)
      nest.inner.push_back(operand.inner);
    for (std::size_t leaf = 0; leaf < nest.leaves.size(); ++leaf)
      nest.isIndex.push_back(planned.operands[leaf].isIndex());
  }
  for (std::size_t i = 0; i < plan.loops.size(); ++i) {
    loopNonTemporal.push_back(plan.loops[i].nonTemporal);
    loopInPlace.push_back(plan.loops[i].inPlace);
    loopAligned.push_back(plan.loops[i].isVectorAligned);
    for (int32_t nest : plan.loops[i].nests)
      allNests[nest].loop = static_cast<int32_t>(i);
  }
}

const char *strideClassName(StrideClass inner) {
  switch (inner) {
  case StrideClass::Broadcast:
    return "b";
  case StrideClass::Contiguous:
    return "c";
  case StrideClass::Strided:
    return "s";
  case StrideClass::Transposed:
    return "t";
  }
  return "?";
}

std::string ArgSpec::str() const {
  std::string text = deviceTypeName(target.type);
  if (target.index != 0)
    absl::StrAppend(&text, ":", target.index);
  auto appendList = [&text](absl::string_view name, std::size_t size,
                            auto &&item) {
    absl::StrAppend(&text, ", ", name, " [");
    for (std::size_t i = 0; i < size; ++i)
      absl::StrAppend(&text, i ? " " : "", item(i));
    text += "]";
  };
  for (std::size_t i = 0; i < allNests.size(); ++i) {
    const Nest &nest = allNests[i];
    absl::StrAppend(&text, i ? "; loop " : " loop ", nest.loop,
                    loopNonTemporal[nest.loop] ? " (non-temporal)" : "",
                    loopInPlace[nest.loop] ? " (in place)" : "",
                    loopAligned[nest.loop] ? " (aligned)" : "", ": nest rank ",
                    nest.rank);
    const std::size_t numLeaves = nest.leaves.size();
    appendList("pieces", nest.pieces.size(),
               [&](std::size_t i) { return nest.pieces[i]; });
    appendList("leaves", numLeaves, [&](std::size_t i) {
      return absl::StrCat(nest.leaves[i], nest.isIndex[i] ? ":i" : ":",
                          strideClassName(nest.inner[i]));
    });
    appendList("stores", nest.pieces.size(), [&](std::size_t i) {
      return strideClassName(nest.inner[numLeaves + i]);
    });
  }
  return text;
}

} // namespace fuser::runtime
