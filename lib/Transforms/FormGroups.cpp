//===- FormGroups.cpp - cut a function into fusion groups -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Every op gets a level, which never falls along an edge and rises where two
// ops may not be fused. Fusible ops of equal level that are neighbours form a
// group, and groups of equal level merge: at once if they share an input, and
// whatever fits in the end. A path that leaves a group must rise and so can't
// come back: groups are convex by construction, at linear cost.
//
//===----------------------------------------------------------------------===//

#include "ConcatMotion.h"
#include "FuserTransforms/Passes.h"
#include "ShapeOperands.h"
#include "llvm/Support/FormatVariadic.h"

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
  return llvm::any_of(value.getUses(), [](OpOperand &use) {
    if (!use.getOwner()->hasTrait<View>() || use.getOperandNumber() != 0)
      return false;
    return isa<BroadcastLikeOp>(use.getOwner()) ||
           llvm::any_of(use.getOwner()->getResults(), isExpandedAtRunTime);
  });
}

/// A constant that becomes part of each kernel that uses it. Its shape does,
/// too, so it must be known.
static bool isSplatConstant(Operation *op) {
  auto constant = dyn_cast_or_null<ConstantOp>(op);
  return constant && isa<DenseElementsAttr>(constant.getValue()) &&
         cast<DenseElementsAttr>(constant.getValue()).isSplat() &&
         !isExpandedAtRunTime(constant);
}

static bool isFusible(Operation *op) {
  return isa_and_nonnull<FuserDialect>(op->getDialect()) &&
         op->getNumRegions() == 0 &&
         !isa<ConstantOp, CompositeOpInterface>(op) &&
         !op->hasTrait<OpTrait::IsTerminator>();
}

/// More than any limit; products of counts stop here.
static constexpr int64_t kTooManyOps = int64_t(1) << 40;

/// Concats of one group that depend on each other, at most: what the sizes of
/// such parts are is worked out by recursion.
static constexpr unsigned kMaxConcatDepth = 200;

static int64_t saturated(int64_t a, int64_t b) {
  return a > kTooManyOps / std::max<int64_t>(b, 1) ? kTooManyOps : a * b;
}

static int64_t rankOf(Value value) {
  auto type = dyn_cast<ShapedType>(value.getType());
  return type ? type.getRank() : 0;
}

/// The dimension that `op` joins, counted from the end.
static int64_t dimOf(ConcatOp op) {
  int64_t dim = op.getDim();
  return dim < 0 ? dim : dim - rankOf(op.getResult());
}

/// True if the result of `op` has a known extent along `dim`, which counts from
/// the end.
static bool isStaticAlong(Operation *op, int64_t dim) {
  auto type = cast<ShapedType>(op->getResult(0).getType());
  return !type.isDynamicDim(dim + type.getRank());
}

/// True for ops that a concat of their operands makes concats of.
static bool isElementwise(Operation *op) {
  return isa<PointwiseOpInterface, BroadcastLikeOp>(op);
}

namespace {
/// A concat that cuts a value of its group, see ConcatMotion.cpp: along
/// dimension `dim` from the end, into `size` parts.
struct Cut {
  size_t concat;
  int64_t dim;
  int64_t size;
  /// Whether the extent of the concat is known.
  bool isStatic;
  /// Whether the parts of another concat are cut, each by itself.
  bool isInner;
};
using Cuts = SmallVector<Cut, 1>;

class GroupFormation {
public:
  GroupFormation(Block &block, const FormGroupsPassOptions &options,
                 bool explains)
      : block(block), options(options), explains(explains) {}

  void run() {
    for (Operation &op : block.without_terminator())
      if (isSplatConstant(&op))
        inlined.insert(&op);
    for (Operation &op : block.without_terminator())
      place(&op);
    mergeIndependent();
    buildGroups();
  }

  /// A decision on two ops of the block.
  struct Decision {
    Operation *first, *second;
    bool isEdge;
    FusionReason reason;
  };
  /// Those made by run(), if they were asked for.
  ArrayRef<Decision> decisions() const { return allDecisions; }

private:
  /// What is known of an op, or of a group at its representative.
  struct Node {
    Operation *op = nullptr;
    int64_t level = 0;
    bool fusible = false;
    /// Union-find over indices into `nodes`.
    size_t parent = 0;
    /// Upper bound of the ops that partitioning makes of it.
    int64_t numOps = 1;
    /// Of one op: how many ops compute its result from the inputs, and how many
    /// of those others need, too, so that a view of the result copies them.
    int64_t cost = 1, shared = 0;
    /// What cuts it; every combination of parts is computed by itself.
    Cuts cuts;
    unsigned concatDepth = 0;
    /// Of a concat that only concats may read, see mixesCuts.
    bool isFixed = false;
    /// What it is stored as, if it is.
    int64_t numPieces = 1;
    /// Whether the group computes it; if so, whether a reshape of it is one of
    /// inputs as they are, since all of them have its shape.
    bool isComputed = false, isReshapable = false;
    /// Whether an integer division, which can fail, takes part in that.
    bool raises = false;
    /// Values from outside that are no constants.
    llvm::SmallDenseSet<Value, 4> inputs;
    /// Results that ops outside use, or ops that are not placed yet.
    int64_t numOutputs = 0;

    int64_t numOperands() const { return inputs.size() + numOutputs; }
  };

  void place(Operation *op);
  std::optional<FusionReason> borderReason(const Node &producer,
                                           Operation *consumer) const;
  std::optional<FusionReason> exceededLimit(ArrayRef<size_t> parts,
                                            int64_t numClosed = 0) const;
  void merge(size_t into, size_t from);
  void openResults(size_t index);
  SmallVector<Value> closedBy(size_t index, ArrayRef<size_t> producers);
  SmallVector<size_t> definingNodes(size_t index);
  SmallVector<size_t> producersOf(size_t index);
  Node *nodeIn(Value value, ArrayRef<size_t> groups);
  bool mixesCuts(size_t index, ArrayRef<size_t> producers);
  void findCuts(size_t index, ArrayRef<size_t> producers);
  void countCopies(size_t index, ArrayRef<size_t> producers);
  void collectInputs(size_t index, ArrayRef<size_t> producers);
  Node *neighbour(Value value, int64_t level);
  void findComputed(size_t index);
  bool isReshapable(size_t index);
  std::optional<FusionReason> fuseAlongEdges(size_t index);
  void fuseBySharedInputs(size_t index);
  void mergeIndependent();
  void decide(size_t first, size_t second, bool isEdge, FusionReason reason);
  void decideEdges(size_t index, ArrayRef<size_t> producers,
                   std::optional<FusionReason> limit);
  size_t find(size_t index);
  void buildGroups();
  void buildGroup(ArrayRef<Operation *> members);

  Block &block;
  const FormGroupsPassOptions &options;
  const bool explains;
  std::vector<Decision> allDecisions;
  std::vector<Node> nodes;
  DenseMap<Operation *, size_t> indexOf;
  /// Constants that become part of the groups that use them.
  SmallPtrSet<Operation *, 16> inlined;
  /// The group that reads a value from outside, by the group's level.
  DenseMap<std::pair<Value, int64_t>, size_t> readerAt;
  /// How many uses of a result are not in its group so far.
  DenseMap<Value, int64_t> openUses;
  std::optional<size_t> lastEffect;
};
} // namespace

size_t GroupFormation::find(size_t index) {
  while (nodes[index].parent != index)
    index = nodes[index].parent = nodes[nodes[index].parent].parent;
  return index;
}

/// The option that `reason` names, or 0.
static int64_t limitOf(FusionReason reason,
                       const FormGroupsPassOptions &options) {
  return reason == FusionReason::LimitOps        ? options.maxOps
         : reason == FusionReason::LimitOperands ? options.maxOperands
                                                 : 0;
}

/// Says and remembers what was decided on two ops, if anyone wants to know.
void GroupFormation::decide(size_t first, size_t second, bool isEdge,
                            FusionReason reason) {
  Operation *firstOp = nodes[first].op, *secondOp = nodes[second].op;
  if (options.remarks && isEdge && !fusionReasonInfo(reason).fused)
    secondOp->emitRemark()
        << "not fused with " << firstOp->getName() << ": "
        << FusionDecision{{}, {}, isEdge, reason, limitOf(reason, options)}
               .str();
  if (explains)
    allDecisions.push_back({firstOp, secondOp, isEdge, reason});
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

/// Why an op is no part of any group.
static FusionReason reasonNotFusible(Operation *op) {
  if (isa<CompositeOpInterface>(op))
    return FusionReason::Composite;
  return isa<ConstantOp>(op) ? FusionReason::Constant
                             : FusionReason::NotFusible;
}

/// Why `consumer` must not be in the group of `producer`; none if it may.
std::optional<FusionReason>
GroupFormation::borderReason(const Node &producer, Operation *consumer) const {
  if (!producer.fusible)
    return reasonNotFusible(producer.op);
  if (!isFusible(consumer))
    return reasonNotFusible(consumer);
  if (isa<ReshapeOp>(consumer) && producer.isComputed && !producer.isReshapable)
    return FusionReason::BeforeReshape;
  if (isa<ConcatOp>(consumer) && producer.concatDepth >= kMaxConcatDepth)
    return FusionReason::LimitOps;
  if (producer.isFixed && !isa<ConcatOp>(consumer))
    return FusionReason::ConcatParts;
  for (const Cut &cut : producer.cuts) {
    if (isa<IotaOp>(consumer))
      return FusionReason::ConcatShape;
    bool isView = consumer->hasTrait<View>() && !isElementwise(consumer);
    if (isView && !movedDim(consumer, cut.dim))
      return FusionReason::ConcatDim;
    // The extents of the parts would say less than those of the whole.
    bool isAlong =
        isElementwise(consumer) ||
        (isa<ConcatOp>(consumer) && dimOf(cast<ConcatOp>(consumer)) != cut.dim);
    if (isAlong && !cut.isStatic && isStaticAlong(consumer, cut.dim))
      return FusionReason::ConcatExtent;
  }
  // What a view leaves out would not be computed, and could not fail.
  if (isa<SliceOp, ChunkOp, BroadcastToOp, BroadcastLikeOp>(consumer) &&
      producer.raises)
    return FusionReason::MayFail;
  return std::nullopt;
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

static bool raises(Operation *op) {
  auto pointwise = dyn_cast<PointwiseOpInterface>(op);
  if (!pointwise)
    return false;
  Type element = getElementTypeOrSelf(op->getOperand(0).getType());
  return opcodeRaises(pointwise.getOpcode(), *dtypeOf(element));
}

void GroupFormation::findComputed(size_t index) {
  Node &node = nodes[index];
  node.raises = raises(node.op) ||
                llvm::any_of(node.op->getOperands(), [&](Value operand) {
                  Node *inside = neighbour(operand, node.level);
                  return inside && inside->raises;
                });
  node.isComputed = isa<PointwiseOpInterface, ConcatOp>(node.op);
  if (isa<PointwiseOpInterface>(node.op)) {
    node.isReshapable = isReshapable(index);
  } else if (node.op->hasTrait<View>()) {
    Node *viewed = neighbour(node.op->getOperand(0), node.level);
    node.isComputed = viewed && viewed->isComputed;
    node.isReshapable = node.isComputed && isa<ReshapeOp>(node.op);
  }
}

/// True if all operands of a pointwise op have its shape or are one element,
/// and are inputs or computed of such: then no stride of 0 comes between. And
/// if nothing but the reshape needs it: it would be computed twice.
bool GroupFormation::isReshapable(size_t index) {
  Operation *op = nodes[index].op;
  auto result = cast<RankedTensorType>(op->getResult(0).getType());
  int64_t numShaped =
      llvm::count_if(op->getOperands(), [&](Value v) { return rankOf(v) > 0; });
  return op->hasOneUse() && llvm::all_of(op->getOperands(), [&](Value operand) {
           auto type = cast<RankedTensorType>(operand.getType());
           bool hasShape =
               numShaped <= 1 || (result.hasStaticShape() &&
                                  type.getShape() == result.getShape());
           Node *inside = neighbour(operand, nodes[index].level);
           bool isLeaf = !inside || isa<SplatOp, IotaOp>(inside->op);
           return (hasShape || type.getRank() == 0) &&
                  (isLeaf || (inside->isComputed && inside->isReshapable));
         });
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
  for (Value input : nodes[index].op->getOperands()) {
    if (!nodes[find(index)].inputs.contains(input))
      continue;
    auto [reader, isNew] = readerAt.try_emplace({input, level}, index);
    size_t previous = std::exchange(reader->second, index);
    size_t other = find(previous), own = find(index);
    if (isNew || other == own)
      continue;
    auto limit = exceededLimit({other, own});
    if (!limit)
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

/// Orders the block by level, what is not fused before the groups, and makes a
/// group of each set. Ops of one level do not depend on each other but within
/// a group.
void GroupFormation::buildGroups() {
  struct Unit {
    int64_t level;
    bool isGroup;
    SmallVector<Operation *> ops;
  };
  std::vector<Unit> units;
  DenseMap<size_t, size_t> unitOf;
  for (size_t index = 0; index < nodes.size(); ++index) {
    auto [unit, isNew] = unitOf.try_emplace(find(index), units.size());
    if (isNew)
      units.push_back({nodes[index].level, nodes[index].fusible, {}});
    units[unit->second].ops.push_back(nodes[index].op);
  }
  llvm::stable_sort(units, [](const Unit &a, const Unit &b) {
    return std::tie(a.level, a.isGroup) < std::tie(b.level, b.isGroup);
  });
  for (Unit &unit : units)
    for (Operation *op : unit.ops)
      op->moveBefore(block.getTerminator());
  for (Unit &unit : units)
    if (unit.isGroup)
      buildGroup(unit.ops);
  for (Operation &op : llvm::make_early_inc_range(block))
    if (inlined.contains(&op) && op.use_empty())
      op.erase();
}

/// Moves `members`, which are consecutive, into a group in their place.
void GroupFormation::buildGroup(ArrayRef<Operation *> members) {
  SmallPtrSet<Operation *, 16> inside(members.begin(), members.end());
  llvm::SetVector<Value> inputs, outputs;
  llvm::SetVector<Operation *> constants;
  for (Operation *op : members) {
    for (Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      if (producer && inlined.contains(producer))
        constants.insert(producer);
      else if (!producer || !inside.contains(producer))
        inputs.insert(operand);
    }
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(),
                       [&](Operation *user) { return !inside.contains(user); }))
        outputs.insert(result);
  }

  OpBuilder builder(members.front());
  Location loc = members.front()->getLoc();
  auto outputTypes =
      llvm::map_to_vector(outputs, [](Value value) { return value.getType(); });
  auto group = GroupOp::create(builder, loc, outputTypes, inputs.getArrayRef());
  Block *body = builder.createBlock(&group.getBody());
  IRMapping mapping;
  for (Value input : inputs)
    mapping.map(input, body->addArgument(input.getType(), input.getLoc()));
  for (Operation *constant : constants)
    builder.clone(*constant, mapping);
  auto yield = YieldOp::create(builder, loc, outputs.getArrayRef());
  for (Operation *op : members) {
    op->moveBefore(yield);
    for (OpOperand &operand : op->getOpOperands())
      operand.set(mapping.lookupOrDefault(operand.get()));
  }
  for (auto [output, result] :
       llvm::zip_equal(outputs.takeVector(), group.getResults()))
    output.replaceUsesWithIf(result, [&](OpOperand &use) {
      return use.getOwner()->getBlock() != body;
    });
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

/// The groups of `func`, with their numbers.
static DenseMap<Operation *, int64_t>
explainGroups(func::FuncOp func, FunctionExplanation &explanation) {
  DenseMap<Operation *, int64_t> groups;
  for (auto group : func.getOps<GroupOp>()) {
    groups[group] = explanation.groups.size();
    ExplainedGroup &explained = explanation.groups.emplace_back();
    explained.inputs = typesOf(group.getInputs());
    explained.outputs = typesOf(group.getResults());
    for (Operation &op : group.getBody().front().without_terminator())
      if (!isa<ConstantOp>(op))
        explained.ops.push_back(explain(&op, groups));
  }
  return groups;
}

void fuser::formGroups(func::FuncOp func, const FormGroupsPassOptions &options,
                       FunctionExplanation *explanation) {
  std::vector<GroupFormation::Decision> decisions;
  for (Block &block : func.getBody()) {
    replaceShapeOperands(block);
    GroupFormation formation(block, options, explanation != nullptr);
    formation.run();
    llvm::append_range(decisions, formation.decisions());
  }
  if (!explanation)
    return;
  explanation->name = func.getName().str();
  auto groups = explainGroups(func, *explanation);
  for (const GroupFormation::Decision &decision : decisions)
    explanation->decisions.push_back(
        {explain(decision.first, groups), explain(decision.second, groups),
         decision.isEdge, decision.reason, limitOf(decision.reason, options)});
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
