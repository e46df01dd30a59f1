//===- ExplainGroups.cpp - the decisions of group formation ---------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GroupFormation.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace fuser;

/// The option that `reason` names, or 0.
static int64_t limitOf(FusionReason reason,
                       const FormGroupsPassOptions &options) {
  return reason == FusionReason::LimitOps        ? options.maxOps
         : reason == FusionReason::LimitOperands ? options.maxOperands
                                                 : 0;
}

/// Remembers what was decided on two ops, if anyone wants to know.
void GroupFormation::decide(size_t first, size_t second, bool isEdge,
                            FusionReason reason) {
  if (explains || options.remarks)
    allDecisions.push_back({nodes[first].op, nodes[second].op, isEdge, reason});
}

/// Says of each edge that is not fused why.
void GroupFormation::emitRemarks() {
  for (const Decision &decision : allDecisions)
    if (decision.isEdge && !fusionReasonInfo(decision.reason).fused)
      decision.second->emitRemark()
          << "not fused with " << decision.first->getName() << ": "
          << FusionDecision{{},
                            {},
                            decision.isEdge,
                            decision.reason,
                            limitOf(decision.reason, options)}
                 .str();
}

/// What was decided on each edge to `index`; `limit` kept it apart from the
/// producers of its level.
void GroupFormation::decideEdges(size_t index, ArrayRef<size_t> producers,
                                 std::optional<FusionReason> limit) {
  if (!options.remarks && !explains)
    return;
  for (size_t producer : producers) {
    auto reason = borderReason(nodes[producer], nodes[index].op);
    if (!reason && find(producer) == find(index))
      reason = FusionReason::Edge;
    bool wasOnItsLevel = nodes[producer].level + 1 == nodes[index].level;
    if (!reason && limit && wasOnItsLevel)
      reason = limit;
    decide(producer, index, /*isEdge=*/true,
           reason.value_or(FusionReason::LaterLevel));
  }
}

static ExplainedOp explain(Operation *op,
                           const DenseMap<Operation *, int64_t> &groups) {
  ExplainedOp result{op->getName().getStringRef().str(), "", -1};
  if (auto place = op->getLoc()->findInstanceOf<FileLineColLoc>())
    result.location = llvm::formatv("{0}:{1}:{2}", place.getFilename().strref(),
                                    place.getLine(), place.getColumn());
  if (auto found = groups.find(op->getParentOp()); found != groups.end())
    result.group = found->second;
  return result;
}

static std::vector<std::string> typesOf(ValueRange values) {
  std::vector<std::string> types;
  for (Type type : values.getTypes())
    llvm::raw_string_ostream(types.emplace_back()) << type;
  return types;
}

/// The bytes of all `values`, -1 if some extent is unknown or they are too many
/// to count.
static int64_t bytesOf(ArrayRef<Value> values) {
  int64_t bytes = 0;
  for (Value value : values) {
    auto tensor = dyn_cast<RankedTensorType>(value.getType());
    if (!tensor)
      continue;
    int64_t size = (tensor.getElementTypeBitWidth() + 7) / 8;
    for (int64_t extent : tensor.getShape())
      if (ShapedType::isDynamic(extent) ||
          __builtin_mul_overflow(size, extent, &size))
        return -1;
    if (__builtin_add_overflow(bytes, size, &bytes))
      return -1;
  }
  return bytes;
}

/// The groups of `func`, with their numbers.
static DenseMap<Operation *, int64_t>
explainMembers(func::FuncOp func, FunctionExplanation &explanation) {
  DenseMap<Operation *, int64_t> groups;
  for (auto group : func.getOps<GroupOp>()) {
    groups[group] = explanation.groups.size();
    ExplainedGroup &explained = explanation.groups.emplace_back();
    explained.inputs = typesOf(group.getInputs());
    explained.outputs = typesOf(group.getResults());
    SmallVector<Value> operands(group.getInputs());
    llvm::append_range(operands, group.getResults());
    explained.bytes = bytesOf(operands);
    for (Operation &op : group.getBody().front().without_terminator())
      if (!isa<ConstantOp>(op))
        explained.ops.push_back(explain(&op, groups));
  }
  return groups;
}

void fuser::explainGroups(func::FuncOp func,
                          ArrayRef<GroupFormation::Decision> decisions,
                          const FormGroupsPassOptions &options,
                          FunctionExplanation &explanation) {
  explanation.name = func.getName().str();
  auto groups = explainMembers(func, explanation);
  for (const GroupFormation::Decision &decision : decisions)
    explanation.decisions.push_back(
        {explain(decision.first, groups), explain(decision.second, groups),
         decision.isEdge, decision.reason, limitOf(decision.reason, options)});
}
