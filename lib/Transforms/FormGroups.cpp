//===- FormGroups.cpp - cut a function into fusion groups -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GroupFormation.h"
#include "ShapeOperands.h"

using namespace mlir;
using namespace fuser;

namespace fuser {
#define GEN_PASS_DEF_FORMGROUPSPASS
#include "FuserTransforms/Passes.h.inc"
} // namespace fuser

/// True if views expand `value` to extents that are known at run time only. So
/// are those of any fuser.broadcast_like: static ones are forgotten when a
/// group becomes a kernel.
static bool isExpandedAtRunTime(Value value) {
  SmallVector<Value> stack{value};
  while (!stack.empty())
    for (OpOperand &use : stack.pop_back_val().getUses()) {
      Operation *user = use.getOwner();
      if (!user->hasTrait<View>() || use.getOperandNumber() != 0)
        continue;
      if (isa<BroadcastLikeOp>(user))
        return true;
      llvm::append_range(stack, user->getResults());
    }
  return false;
}

/// A constant that becomes part of each kernel that uses it. Its shape does,
/// too, so it must be known.
static bool isSplatConstant(Operation *op) {
  auto constant = dyn_cast_or_null<ConstantOp>(op);
  return constant && isa<DenseElementsAttr>(constant.getValue()) &&
         cast<DenseElementsAttr>(constant.getValue()).isSplat() &&
         !isExpandedAtRunTime(constant);
}

void GroupFormation::form() {
  for (Operation &op : block.without_terminator())
    if (isSplatConstant(&op))
      inlined.insert(&op);
  for (Operation &op : block.without_terminator())
    place(&op);
  mergeIndependent();
}

size_t GroupFormation::find(size_t index) {
  while (nodes[index].parent != index)
    index = nodes[index].parent = nodes[nodes[index].parent].parent;
  return index;
}

/// The ops of the block that `index`, or an op within it, takes operands from.
SmallVector<size_t> GroupFormation::definingNodes(size_t index) {
  llvm::SmallSetVector<size_t, 4> defining;
  nodes[index].op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (Operation *producer = operand.getDefiningOp())
        if (auto found = indexOf.find(producer); found != indexOf.end())
          if (found->second != index)
            defining.insert(found->second);
  });
  return defining.takeVector();
}

/// Gives `op` its level and fuses it with its neighbours of that level.
void GroupFormation::place(Operation *op) {
  if (inlined.contains(op))
    return;
  size_t index = nodes.size();
  indexOf[op] = index;
  Node &node = nodes.emplace_back();
  node.op = op;
  node.fusible = isFusible(op);
  node.parent = index;
  openResults(index);
  auto raiseTo = [&](int64_t level) {
    nodes[index].level = std::max(nodes[index].level, level);
  };
  SmallVector<size_t> producers = definingNodes(index);
  for (size_t producer : producers) {
    // What can't be fused is alone on its level, whatever feeds it; what it
    // feeds may stay on that level.
    bool stays = !borderReason(nodes[producer], op) ||
                 (nodes[index].fusible && !nodes[producer].fusible);
    raiseTo(nodes[producer].level + (stays ? 0 : 1));
  }
  raiseTo(later.lookup(op));
  if (!isMemoryEffectFree(op)) {
    if (lastEffect)
      raiseTo(nodes[*lastEffect].level + 1);
    lastEffect = index;
  }
  if (!nodes[index].fusible)
    return decideEdges(index, producers, std::nullopt);
  decideEdges(index, producers, fuseAlongEdges(index));
  fuseBySharedInputs(index);
  findComputed(index);
}

/// The node of the fusible op on `level` that defines `value`, or null.
GroupFormation::Node *GroupFormation::neighbour(Value value, int64_t level) {
  Operation *op = value.getDefiningOp();
  auto found = op ? indexOf.find(op) : indexOf.end();
  if (found == indexOf.end())
    return nullptr;
  Node &node = nodes[found->second];
  return node.fusible && node.level == level ? &node : nullptr;
}

/// Makes one group of two, given by their representatives.
void GroupFormation::merge(size_t into, size_t from) {
  nodes[from].parent = into;
  nodes[into].numOps += nodes[from].numOps;
  nodes[into].numOutputs += nodes[from].numOutputs;
  // The smaller set into the larger one.
  if (nodes[into].inputs.size() < nodes[from].inputs.size())
    std::swap(nodes[into].inputs, nodes[from].inputs);
  nodes[into].inputs.insert(nodes[from].inputs.begin(),
                            nodes[from].inputs.end());
  nodes[from].inputs.clear();
}

/// Why one group of all `parts`, which are representatives, would be too large;
/// none if it would not. `numClosed` of their outputs would be outputs no more.
/// A part that alone exceeds the limit of operands, as a concat of many parts
/// does, may get what adds none.
std::optional<FusionReason>
GroupFormation::exceededLimit(ArrayRef<size_t> parts, int64_t numClosed) const {
  size_t largest = *llvm::max_element(parts, [&](size_t a, size_t b) {
    return nodes[a].inputs.size() < nodes[b].inputs.size();
  });
  int64_t numOps = 0, numOutputs = -numClosed, mostOperands = 0;
  llvm::SmallDenseSet<Value, 16> others;
  for (size_t part : parts) {
    numOps += nodes[part].numOps;
    numOutputs += nodes[part].numOutputs;
    mostOperands = std::max(mostOperands, nodes[part].numOperands());
    if (part != largest)
      for (Value input : nodes[part].inputs)
        if (!nodes[largest].inputs.contains(input))
          others.insert(input);
  }
  if (numOps > options.maxOps)
    return FusionReason::LimitOps;
  int64_t numOperands =
      nodes[largest].inputs.size() + others.size() + numOutputs;
  if (numOperands > std::max(options.maxOperands, mostOperands))
    return FusionReason::LimitOperands;
  return std::nullopt;
}

/// Every result that is used at all is an output until its users are placed.
void GroupFormation::openResults(size_t index) {
  for (Value result : nodes[index].op->getResults())
    if (int64_t numUses = std::distance(result.use_begin(), result.use_end())) {
      openUses[result] = numUses;
      ++nodes[index].numOutputs;
    }
}

/// The results of `producers` that are outputs no more once `index` is in their
/// group: nothing else uses them.
SmallVector<Value> GroupFormation::closedBy(size_t index,
                                            ArrayRef<size_t> producers) {
  SmallVector<Value> closed;
  llvm::SmallMapVector<Value, int64_t, 4> usesHere;
  for (Value operand : nodes[index].op->getOperands())
    if (nodeIn(operand, producers))
      ++usesHere[operand];
  for (auto [value, numUses] : usesHere)
    if (openUses[value] == numUses)
      closed.push_back(value);
  return closed;
}

/// The groups that `index` continues: those of its level that feed it.
SmallVector<size_t> GroupFormation::producersOf(size_t index) {
  SmallVector<size_t> producers;
  Operation *op = nodes[index].op;
  for (Value operand : op->getOperands()) {
    auto found = operand.getDefiningOp() ? indexOf.find(operand.getDefiningOp())
                                         : indexOf.end();
    if (found != indexOf.end() && !borderReason(nodes[found->second], op) &&
        nodes[found->second].level == nodes[index].level)
      producers.push_back(find(found->second));
  }
  llvm::sort(producers);
  producers.erase(llvm::unique(producers), producers.end());
  return producers;
}

/// Values that `index` reads from outside the groups `producers`.
void GroupFormation::collectInputs(size_t index, ArrayRef<size_t> producers) {
  for (Value operand : nodes[index].op->getOperands()) {
    Operation *op = operand.getDefiningOp();
    auto found = op ? indexOf.find(op) : indexOf.end();
    bool isInside = found != indexOf.end() &&
                    llvm::is_contained(producers, find(found->second));
    if (!isInside && !inlined.contains(op))
      nodes[index].inputs.insert(operand);
  }
}

/// The node of the op that defines `value` if that is in one of `groups`.
GroupFormation::Node *GroupFormation::nodeIn(Value value,
                                             ArrayRef<size_t> groups) {
  Operation *op = value.getDefiningOp();
  auto found = op ? indexOf.find(op) : indexOf.end();
  if (found == indexOf.end() ||
      !llvm::is_contained(groups, find(found->second)))
    return nullptr;
  return &nodes[found->second];
}

/// Fuses `index` with the groups of its level that feed it, or puts it on the
/// next level and returns the limit that would be exceeded.
std::optional<FusionReason> GroupFormation::fuseAlongEdges(size_t index) {
  // All or none: an edge between two groups of one level would leave them
  // unordered.
  SmallVector<size_t> parts = producersOf(index);
  collectInputs(index, parts);
  countCopies(index, parts);
  if (parts.empty())
    return std::nullopt;
  SmallVector<Value> closed = closedBy(index, parts);
  std::optional<FusionReason> limit;
  if (!isa<ConcatOp>(nodes[index].op) && mixesCuts(index, parts))
    limit = FusionReason::ConcatParts;
  parts.push_back(index);
  if (!limit)
    limit = exceededLimit(parts, closed.size());
  parts.pop_back();
  if (!limit) {
    for (Value operand : nodes[index].op->getOperands())
      if (nodeIn(operand, parts))
        --openUses[operand];
    for (size_t producer : parts)
      merge(find(index), producer);
    nodes[find(index)].numOutputs -= closed.size();
    return std::nullopt;
  }
  ++nodes[index].level;
  countCopies(index, {});
  collectInputs(index, {});
  return limit;
}

void GroupFormation::fuseBySharedInputs(size_t index) {
  int64_t level = nodes[index].level;
  // Two groups may share many inputs.
  llvm::SmallSetVector<std::pair<size_t, size_t>, 4> refused;
  for (Value input : nodes[index].op->getOperands()) {
    if (!nodes[find(index)].inputs.contains(input))
      continue;
    auto [reader, isNew] = readerAt.try_emplace({input, level}, index);
    size_t previous = std::exchange(reader->second, index);
    size_t other = find(previous), own = find(index);
    if (isNew || other == own || refused.contains({other, own}))
      continue;
    auto limit = exceededLimit({other, own});
    if (limit)
      refused.insert({other, own});
    else
      merge(other, own);
    decide(previous, index, /*isEdge=*/false,
           limit.value_or(FusionReason::SharedInput));
  }
}

/// Merges groups of one level that share nothing, each with the one before it
/// if both fit: a launch costs more than its part of a larger kernel. Last of
/// all, so that it takes no room from what shares values.
void GroupFormation::mergeIndependent() {
  llvm::SmallSetVector<size_t, 16> groups;
  for (size_t index = 0; index < nodes.size(); ++index)
    if (nodes[index].fusible)
      groups.insert(find(index));
  DenseMap<int64_t, size_t> lastAt;
  for (size_t index : groups) {
    auto [last, isNew] = lastAt.try_emplace(nodes[index].level, index);
    if (isNew)
      continue;
    size_t previous = std::exchange(last->second, index),
           other = find(previous);
    auto limit = exceededLimit({other, index});
    if (!limit)
      merge(other, index);
    decide(previous, index, /*isEdge=*/false,
           limit.value_or(FusionReason::OneLaunch));
  }
}

void fuser::formGroups(func::FuncOp func, const FormGroupsPassOptions &options,
                       FunctionExplanation *explanation) {
  std::vector<GroupFormation::Decision> decisions;
  for (Block &block : func.getBody()) {
    replaceShapeOperands(block);
    bool explains = explanation != nullptr;
    GroupFormation first(block, options, explains);
    first.form();
    auto later = first.findLaterLevels();
    GroupFormation second(block, options, explains, later);
    if (!later.empty())
      second.form();
    bool isBetter = !later.empty() && second.cost() < first.cost();
    GroupFormation &formation = isBetter ? second : first;
    formation.build();
    llvm::append_range(decisions, formation.decisions());
  }
  if (explanation)
    explainGroups(func, decisions, options, *explanation);
}

namespace {
struct FormGroupsPass : fuser::impl::FormGroupsPassBase<FormGroupsPass> {
  using FormGroupsPassBase::FormGroupsPassBase;
  void runOnOperation() override {
    FormGroupsPassOptions options{maxOps, maxOperands, remarks, explain};
    std::vector<FunctionExplanation> functions;
    for (auto func : getOperation().getOps<func::FuncOp>())
      formGroups(func, options,
                 explain == ExplainMode::None ? nullptr
                                              : &functions.emplace_back());
    if (explain == ExplainMode::Json)
      llvm::errs() << explanationJson(functions) << "\n";
    else
      for (const FunctionExplanation &function : functions)
        llvm::errs() << function.str();
  }
};
} // namespace
