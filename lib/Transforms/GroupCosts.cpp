//===- GroupCosts.cpp - what partitioning may make of a group -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConcatMotion.h"
#include "GroupFormation.h"

using namespace mlir;
using namespace fuser;

/// More than any limit; products of counts stop here.
static constexpr int64_t kTooManyOps = int64_t(1) << 40;

static int64_t saturated(int64_t a, int64_t b) {
  return a > kTooManyOps / std::max<int64_t>(b, 1) ? kTooManyOps : a * b;
}

static int64_t numParts(const Cuts &cuts) {
  int64_t count = 1;
  for (const Cut &cut : cuts)
    count = saturated(count, cut.size);
  return count;
}

static bool contains(const Cuts &cuts, const Cut &cut) {
  return llvm::any_of(cuts, [&](const Cut &other) {
    return cut.concat == other.concat && cut.dim == other.dim;
  });
}

/// Finds what cuts the result, from the ops in `producers` on.
void GroupFormation::findCuts(size_t index, ArrayRef<size_t> producers) {
  Node &node = nodes[index];
  auto concat = dyn_cast<ConcatOp>(node.op);
  node.cuts.clear();
  node.concatDepth = 0;
  node.isFixed = concat && mixesCuts(index, producers);
  node.numPieces = 0;
  int64_t size = 0;
  for (OpOperand &operand : node.op->getOpOperands()) {
    int64_t joined = 1;
    Node *producer = nodeIn(operand.get(), producers);
    for (Cut cut : producer ? producer->cuts : Cuts()) {
      if (concat && cut.dim == dimOf(concat)) {
        joined = saturated(joined, cut.size);
        continue;
      }
      if (node.op->hasTrait<View>() && !isElementwise(node.op))
        cut.dim = *movedDim(node.op, cut.dim);
      if (!contains(node.cuts, cut))
        node.cuts.push_back(cut);
    }
    size = std::min(size + joined, kTooManyOps);
    node.numPieces = std::min(
        node.numPieces + (producer ? producer->numPieces : 1), kTooManyOps);
    if (!producer)
      continue;
    node.concatDepth = std::max(node.concatDepth, producer->concatDepth);
    node.isFixed |= producer->isFixed;
  }
  if (!concat) {
    node.numPieces = numParts(node.cuts);
    return;
  }
  ++node.concatDepth;
  // It stays where it is, and so do its parts.
  if (node.isFixed)
    return node.cuts.clear();
  if (size > 1)
    node.cuts.push_back({index, dimOf(concat), size,
                         isStaticAlong(concat, dimOf(concat)),
                         !node.cuts.empty()});
  node.numPieces = numParts(node.cuts);
}

static bool areEqual(const Cuts &a, const Cuts &b) {
  return llvm::equal(a, b, [](const Cut &x, const Cut &y) {
    return x.concat == y.concat && x.dim == y.dim;
  });
}

/// True if cuts within the parts of others had to become cuts of the whole for
/// `index`: each of them would meet all.
bool GroupFormation::mixesCuts(size_t index, ArrayRef<size_t> producers) {
  auto concat = dyn_cast<ConcatOp>(nodes[index].op);
  const Cuts *first = nullptr;
  bool hasInner = false, isMixed = false;
  for (Value operand : nodes[index].op->getOperands()) {
    Node *producer = nodeIn(operand, producers);
    if (!producer || producer->cuts.empty())
      continue;
    first = first ? first : &producer->cuts;
    isMixed |= !areEqual(*first, producer->cuts);
    for (const Cut &cut : producer->cuts) {
      hasInner |= cut.isInner;
      isMixed |= concat && cut.dim == dimOf(concat) && !cut.isInner;
    }
  }
  return hasInner && isMixed;
}

/// Of an operand of an op that is cut by `cuts`, itself cut by `own`: how often
/// it is needed, and how many ops cut it. `along` is the dimension that a
/// concat joins, or 0.
static std::pair<int64_t, int64_t> countCuts(const Cuts &cuts, const Cuts &own,
                                             int64_t along) {
  int64_t copies = 1, ops = 0;
  for (const Cut &cut : cuts) {
    if (cut.dim == along || contains(own, cut))
      continue;
    ops = std::min(ops + saturated(copies, numParts(own)), kTooManyOps);
    copies = saturated(copies, cut.size);
  }
  return {copies, ops};
}

/// What partitioning may make of the op: one op for each combination of parts,
/// copies of what a view views and of what is cut, or the pieces of a concat.
void GroupFormation::countCopies(size_t index, ArrayRef<size_t> producers) {
  findCuts(index, producers);
  Node &node = nodes[index];
  Operation *op = node.op;
  bool isView = op->hasTrait<View>() && !isElementwise(op);
  auto concat = dyn_cast<ConcatOp>(op);
  node.cost = op->hasTrait<View>() || concat ? 0 : numParts(node.cuts);
  node.numOps = concat ? 1 : numParts(node.cuts);
  node.shared = 0;
  auto addOps = [&](int64_t more) {
    node.numOps = std::min(node.numOps + more, kTooManyOps);
  };
  for (OpOperand &operand : op->getOpOperands()) {
    Node *producer = nodeIn(operand.get(), producers);
    int64_t copies = 1;
    if (!isView && rankOf(operand.get()) > 0) {
      auto [times, cuts] =
          countCuts(node.cuts, producer ? producer->cuts : Cuts(),
                    concat ? dimOf(concat) : 0);
      copies = times;
      addOps(cuts);
    }
    if (!producer)
      continue;
    // No more than the group has: what is used twice counts twice in `cost`.
    int64_t cost =
        std::min(producer->cost, nodes[find(indexOf[producer->op])].numOps);
    int64_t needed = operand.get().hasOneUse() ? producer->shared : cost;
    node.cost = std::min(node.cost + saturated(cost, copies), kTooManyOps);
    node.shared =
        std::min(node.shared + saturated(needed, copies), kTooManyOps);
    // The first result of a view needs copies of what others need as it is,
    // each other one of everything. So does the first cut.
    bool isViewed = op->hasTrait<View>() && operand.getOperandNumber() == 0;
    if (isViewed || copies > 1)
      addOps(needed + saturated(copies * op->getNumResults() - 1, cost));
    if (concat)
      addOps(saturated(producer->numPieces, copies) - 1);
  }
}
