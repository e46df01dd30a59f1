//===- Partition.cpp - index maps to inputs, concats to outputs -----------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The body is rebuilt from what it yields. A value is asked for *through a
// chain of steps*, index maps still to be applied to it: a view of x is x
// through one more step, a pointwise op through a chain is the op on its
// operands through that chain. Only inputs and constants get the steps as ops.
// Before, ConcatMotion.cpp moves concats out of the way of other ops.
//
//===----------------------------------------------------------------------===//

#include "ConcatMotion.h"
#include "FuserTransforms/Passes.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"
#include <deque>
#include <map>

using namespace mlir;
using namespace fuser;

namespace fuser {
#define GEN_PASS_DEF_PARTITIONPASS
#include "FuserTransforms/Passes.h.inc"
} // namespace fuser

/// Concats of concats in one group, at most.
static constexpr unsigned kMaxConcatDepth = 256;

namespace {
/// The first index map of a chain, and the chain that follows it: result
/// `result` of the view `op`, or, for a pointwise `op`, expansion to the shape
/// of its result. Interned, so that equal chains are one object; null is the
/// empty chain.
struct Step {
  Operation *op;
  unsigned result;
  const Step *rest;
};

/// A value of the old body through a chain.
using Request = std::pair<Value, const Step *>;

class Partitioner {
public:
  explicit Partitioner(GroupOp group)
      : group(group), oldBody(&group.getBody().front()),
        builder(group.getContext()) {}

  LogicalResult run();

private:
  void findNumbers();
  const Step *intern(Operation *op, unsigned result, const Step *rest);
  bool isLeaf(Value value);
  Request throughView(Value value, const Step *chain);
  SmallVector<Request> operandsOf(Operation *op, const Step *chain);
  ArrayRef<Value> shapeSources(Value value);
  FailureOr<Value> resolve(Request root);
  FailureOr<Value> build(Request request);
  Value cloneLeaf(Operation *op);
  FailureOr<Value> buildLeaf(Value leaf, const Step *chain);
  FailureOr<Value> buildConstant(ConstantOp constant, const Step *chain);
  FailureOr<Value> applyChain(Value leaf, const Step *chain);
  FailureOr<Value> shapeOf(Value value);
  FailureOr<Value> applyStep(Value value, const Step &step);
  FailureOr<Value> expand(Value value, Operation *like);
  FailureOr<Value> buildYielded(Value value, unsigned depth);
  FailureOr<Value> tooLarge();
  FailureOr<Operation *> cloneOn(Operation *op, ArrayRef<Value> operands);
  void eraseDeadOps();

  /// Values that follow from constants alone: all elements are one number.
  DenseSet<Value> numbers;
  /// Stands for the chain of such a value of which only the number is wanted.
  const Step asNumber{nullptr, 0, nullptr};

  /// Views of computed values, and concats, can double the work at every step;
  /// fuser-form-groups counts that, groups from elsewhere are refused.
  size_t maxValues = 0, numPieces = 0;

  GroupOp group;
  Block *oldBody;
  Block *newBody = nullptr;
  OpBuilder builder;
  std::deque<Step> steps;
  std::map<std::tuple<Operation *, unsigned, const Step *>, const Step *>
      internedSteps;
  DenseMap<Request, Value> resolved;
  /// Views already made: of a new value, by an old op.
  DenseMap<std::pair<Value, Operation *>, Operation *> views;
  DenseMap<Value, SmallVector<Value>> sources;
};
} // namespace

const Step *Partitioner::intern(Operation *op, unsigned result,
                                const Step *rest) {
  auto [it, isNew] = internedSteps.try_emplace({op, result, rest}, nullptr);
  if (isNew)
    it->second = &steps.emplace_back(Step{op, result, rest});
  return it->second;
}

bool Partitioner::isLeaf(Value value) {
  return isa<BlockArgument>(value) ||
         isa<ConstantOp, SplatOp, IotaOp>(value.getDefiningOp());
}

/// What `value`, a view, is: its operand through one more step.
Request Partitioner::throughView(Value value, const Step *chain) {
  Operation *op = value.getDefiningOp();
  if (chain == &asNumber)
    return {op->getOperand(0), chain};
  unsigned result = cast<OpResult>(value).getResultNumber();
  return {op->getOperand(0), intern(op, result, chain)};
}

/// The values that decide the shape of `value`: inputs and constants of rank
/// above 0, views of them where the body has views.
ArrayRef<Value> Partitioner::shapeSources(Value root) {
  SmallVector<Value> stack{root};
  while (!stack.empty()) {
    Value value = stack.back();
    if (sources.contains(value)) {
      stack.pop_back();
      continue;
    }
    Operation *op = value.getDefiningOp();
    if (isLeaf(value) || !isa<PointwiseOpInterface>(op)) {
      bool hasShape = cast<ShapedType>(value.getType()).getRank() > 0;
      sources[value] =
          hasShape ? SmallVector<Value>{value} : SmallVector<Value>();
      stack.pop_back();
      continue;
    }
    size_t before = stack.size();
    for (Value operand : op->getOperands())
      if (!sources.contains(operand))
        stack.push_back(operand);
    if (stack.size() != before)
      continue;
    llvm::SetVector<Value> joined;
    for (Value operand : op->getOperands())
      joined.insert_range(sources[operand]);
    sources[value] = joined.takeVector();
    stack.pop_back();
  }
  return sources[root];
}

/// The operands of a pointwise op through `chain`, expanded first where their
/// shape may differ from the result's.
SmallVector<Request> Partitioner::operandsOf(Operation *op, const Step *chain) {
  auto resultType = cast<RankedTensorType>(op->getResult(0).getType());
  auto needsExpansion = [&](Value operand) {
    // A later expansion includes this one.
    if (!chain || isa<PointwiseOpInterface>(chain->op))
      return false;
    auto type = cast<RankedTensorType>(operand.getType());
    if (type.hasStaticShape() && type.getShape() == resultType.getShape())
      return false;
    return shapeSources(operand).size() !=
           shapeSources(op->getResult(0)).size();
  };
  // Through a chain, an operand that is no constant has the full shape.
  bool hasShape = !numbers.contains(op->getResult(0));
  return llvm::map_to_vector(op->getOperands(), [&](Value operand) -> Request {
    bool isNumber =
        chain == &asNumber || (chain && hasShape && numbers.contains(operand));
    if (isNumber)
      return {operand, &asNumber};
    if (needsExpansion(operand))
      return {operand, intern(op, 0, chain)};
    return {operand, chain};
  });
}

/// Builds `root` and what it needs; iterative, since chains of ops are long.
FailureOr<Value> Partitioner::resolve(Request root) {
  SmallVector<Request> stack{root};
  while (!stack.empty()) {
    Request request = stack.back();
    if (resolved.contains(request)) {
      stack.pop_back();
      continue;
    }
    SmallVector<Request> needed;
    Operation *op = request.first.getDefiningOp();
    if (auto iota = request.first.getDefiningOp<IotaOp>()) {
      if (iota.getLike()) // for its shape only
        needed.push_back({iota.getLike(), nullptr});
    } else if (!isLeaf(request.first)) {
      if (op->hasTrait<View>())
        needed.push_back(throughView(request.first, request.second));
      else if (isa<PointwiseOpInterface>(op))
        needed = operandsOf(op, request.second);
      else
        return op->emitOpError(
            "can't be partitioned: run fuser-decompose first");
    }
    size_t before = stack.size();
    for (Request &need : needed)
      if (!resolved.contains(need))
        stack.push_back(need);
    if (stack.size() != before)
      continue;
    if (resolved.size() >= maxValues)
      return tooLarge();
    FailureOr<Value> value = build(request);
    if (failed(value))
      return failure();
    resolved[request] = *value;
    stack.pop_back();
  }
  return resolved[root];
}

/// Builds one value whose operands are resolved.
FailureOr<Value> Partitioner::build(Request request) {
  auto [value, chain] = request;
  Operation *op = value.getDefiningOp();
  if (isLeaf(value))
    return buildLeaf(value, chain);
  if (op->hasTrait<View>())
    return resolved[throughView(value, chain)];
  auto operands =
      llvm::map_to_vector(operandsOf(op, chain),
                          [&](Request operand) { return resolved[operand]; });
  FailureOr<Operation *> clone = cloneOn(op, operands);
  if (failed(clone))
    return failure();
  return (*clone)->getResult(0);
}

/// Copies `op` onto new operands; its result types follow from them.
FailureOr<Operation *> Partitioner::cloneOn(Operation *op,
                                            ArrayRef<Value> operands) {
  Operation *clone = builder.clone(*op);
  clone->setOperands(operands);
  if (failed(inferResultTypes(clone)))
    return failure();
  return clone;
}

/// A constant, splat or iota without `like` in the new body.
Value Partitioner::cloneLeaf(Operation *op) {
  Operation *clone = builder.clone(*op);
  for (OpOperand &operand : clone->getOpOperands())
    operand.set(newBody->getArgument(
        cast<BlockArgument>(operand.get()).getArgNumber()));
  return clone->getResult(0);
}

/// An input, splat, iota or constant with the steps of `chain` as ops on it.
FailureOr<Value> Partitioner::buildLeaf(Value leaf, const Step *chain) {
  if (auto constant = leaf.getDefiningOp<ConstantOp>())
    return buildConstant(constant, chain);
  if (chain)
    return applyChain(leaf, chain);
  if (auto argument = dyn_cast<BlockArgument>(leaf))
    return Value(newBody->getArgument(argument.getArgNumber()));
  if (auto iota = leaf.getDefiningOp<IotaOp>(); iota && iota.getLike()) {
    FailureOr<Operation *> clone =
        cloneOn(iota, resolved[{iota.getLike(), nullptr}]);
    return failed(clone) ? FailureOr<Value>() : (*clone)->getResult(0);
  }
  return cloneLeaf(leaf.getDefiningOp());
}

FailureOr<Value> Partitioner::applyChain(Value leaf, const Step *chain) {
  FailureOr<Value> value = resolve({leaf, nullptr});
  for (const Step *step = chain; step && succeeded(value); step = step->rest)
    value = applyStep(*value, *step);
  return value;
}

/// A constant has no layout: only its shape is left of the steps, or not even
/// that where its number is wanted.
FailureOr<Value> Partitioner::buildConstant(ConstantOp constant,
                                            const Step *chain) {
  auto elements = dyn_cast<DenseElementsAttr>(constant.getValue());
  if (!elements || !elements.isSplat())
    return constant.emitOpError(
        "has different elements: expected an input of the group");
  if (!chain)
    return cloneLeaf(constant);
  auto type = cast<RankedTensorType>(constant.getType());
  if (chain == &asNumber) {
    if (type.getRank() == 0)
      return resolve({constant.getResult(), nullptr});
    type = type.clone(ArrayRef<int64_t>());
  } else {
    FailureOr<Value> viewed = applyChain(constant, chain);
    if (failed(viewed))
      return failure();
    type = cast<RankedTensorType>(viewed->getType());
    if (!type.hasStaticShape())
      return constant.emitOpError("is expanded to a shape known at run time "
                                  "only: expected an input of the group");
  }
  return ConstantOp::create(builder, constant.getLoc(),
                            elements.resizeSplat(type))
      .getResult();
}

/// A value of the shape of `value`, if possible one that is not computed.
FailureOr<Value> Partitioner::shapeOf(Value value) {
  SmallVector<Value> sources(shapeSources(value));
  if (sources.empty())
    return resolve({value, nullptr});
  FailureOr<Value> source = resolve({sources.front(), nullptr});
  if (failed(source) || sources.size() == 1)
    return source;
  // A view of a computed value is computed, too, and can't be expanded.
  if (isa_and_nonnull<PointwiseOpInterface>(source->getDefiningOp()))
    return resolve({value, nullptr});
  return expand(*source, value.getDefiningOp());
}

FailureOr<Value> Partitioner::applyStep(Value value, const Step &step) {
  if (isa<PointwiseOpInterface>(step.op))
    return expand(value, step.op);
  Operation *&view = views[{value, step.op}];
  if (!view) {
    SmallVector<Value> operands{value};
    for (Value other : llvm::drop_begin(step.op->getOperands())) {
      FailureOr<Value> shape = shapeOf(other);
      if (failed(shape))
        return failure();
      operands.push_back(*shape);
    }
    FailureOr<Operation *> clone = cloneOn(step.op, operands);
    if (failed(clone))
      return failure();
    // The recursion may have grown the map.
    return (views[{value, step.op}] = *clone)->getResult(step.result);
  }
  return view->getResult(step.result);
}

/// Expands `value` to the shape of the result of `like`.
FailureOr<Value> Partitioner::expand(Value value, Operation *like) {
  if (Operation *made = views.lookup({value, like}))
    return made->getResult(0);
  auto type = cast<RankedTensorType>(like->getResult(0).getType());
  auto resultType =
      type.clone(cast<RankedTensorType>(value.getType()).getElementType());
  Operation *made = nullptr;
  if (type.hasStaticShape()) {
    made = BroadcastToOp::create(builder, like->getLoc(), resultType, value,
                                 type.getShape());
  } else {
    SmallVector<Value> others;
    for (Value source : SmallVector<Value>(shapeSources(like->getResult(0)))) {
      FailureOr<Value> other = resolve({source, nullptr});
      if (failed(other))
        return failure();
      if (*other != value)
        others.push_back(*other);
    }
    made = BroadcastLikeOp::create(builder, like->getLoc(), resultType, value,
                                   others);
  }
  views[{value, like}] = made;
  return made->getResult(0);
}

/// A yielded value: concats stay what they are, of parts that are resolved.
/// `depth` counts the concats around it.
FailureOr<Value> Partitioner::buildYielded(Value value, unsigned depth) {
  auto concat = value.getDefiningOp<ConcatOp>();
  if (!concat)
    return ++numPieces > maxValues ? tooLarge() : resolve({value, nullptr});
  if (depth > kMaxConcatDepth)
    return concat.emitOpError("is nested too deeply: expected at most ")
           << kMaxConcatDepth << " concats of concats in a group";
  SmallVector<Value> parts;
  for (Value part : concat.getParts()) {
    FailureOr<Value> built = buildYielded(part, depth + 1);
    if (failed(built))
      return failure();
    parts.push_back(*built);
  }
  FailureOr<Operation *> clone = cloneOn(concat, parts);
  if (failed(clone))
    return failure();
  return (*clone)->getResult(0);
}

FailureOr<Value> Partitioner::tooLarge() {
  return group.emitOpError("computes values over and over for the views or "
                           "concats that use them: cut it into smaller groups");
}

void Partitioner::eraseDeadOps() {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*newBody)))
    if (op.use_empty() && !op.hasTrait<OpTrait::IsTerminator>())
      op.erase();
}

/// Finds the values that follow from constants alone.
void Partitioner::findNumbers() {
  for (Operation &op : *oldBody) {
    bool isNumber = isa<ConstantOp>(op) ||
                    ((op.hasTrait<View>() || isa<PointwiseOpInterface>(op)) &&
                     llvm::all_of(op.getOperands(), [&](Value v) {
                       return numbers.contains(v);
                     }));
    if (isNumber)
      numbers.insert_range(op.getResults());
  }
}

LogicalResult Partitioner::run() {
  size_t size = oldBody->getOperations().size();
  for (auto concat : oldBody->getOps<ConcatOp>())
    size += concat.getParts().size();
  maxValues = 4096 + 8 * size;
  if (failed(moveConcats(group, maxValues)))
    return failure();
  findNumbers();
  newBody = builder.createBlock(&group.getBody());
  for (BlockArgument argument : oldBody->getArguments())
    newBody->addArgument(argument.getType(), argument.getLoc());
  // In program order, so that the new body reads like the old one.
  SmallVector<Value> yielded;
  YieldOp oldYield = cast<YieldOp>(oldBody->getTerminator());
  LogicalResult status = success();
  for (Value value : oldYield.getValues()) {
    FailureOr<Value> built = buildYielded(value, /*depth=*/0);
    if (failed(built)) {
      status = failure();
      break;
    }
    yielded.push_back(*built);
  }
  if (failed(status)) {
    newBody->erase();
    return failure();
  }
  YieldOp::create(builder, oldYield.getLoc(), yielded);
  oldBody->erase();
  eraseDeadOps();
  return success();
}

LogicalResult fuser::partition(GroupOp group) {
  return Partitioner(group).run();
}

namespace {
struct PartitionPass : fuser::impl::PartitionPassBase<PartitionPass> {
  void runOnOperation() override {
    WalkResult result = getOperation()->walk([](GroupOp group) {
      return failed(partition(group)) ? WalkResult::interrupt()
                                      : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
