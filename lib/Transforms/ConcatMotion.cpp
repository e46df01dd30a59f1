//===- ConcatMotion.cpp - concats to the outputs of a group ---------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every value of the body is given a *form*: itself, or a concat of forms. An
// op on forms is a concat of the op on their parts:
//
//   op(concat(a, b), y)             concat(op(a, y0), op(b, y1))
//   op(concat(a, b), concat(c, d))  concat(op(a0, c0), op(a1, d0),
//                                          op(b0, c1), op(b1, d1))
//
// where y0 and y1 are the ranges of y that lie beside a and b, and a0 and a1
// those of a that lie beside c and d. Most of the last are empty in a call, but
// which ones is known at run time only: fuser.part_like says it without a size.
//
// So a form is cut along a dimension by a set of *partitions*, which are
// concats of the program, and has a part for each combination of theirs. Two
// forms that are cut by one partition fit part by part. Along a path from a
// form to its values each dimension is cut once: a concat along another
// dimension is moved inwards, one along the same dimension takes the parts of
// its parts.
//
//===----------------------------------------------------------------------===//

#include "ConcatMotion.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/SetVector.h"
#include <deque>
#include <map>

using namespace mlir;
using namespace fuser;

/// Concats whose parts have sizes that follow from other concats, at most.
static constexpr unsigned kMaxConcatDepth = 256;

static int64_t rankOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getRank();
}

/// `dim` counted from the end.
static int64_t fromEnd(int64_t dim, int64_t rank) {
  return dim < 0 ? dim : dim - rank;
}

std::optional<int64_t> fuser::movedDim(Operation *view, int64_t dim) {
  int64_t rank = rankOf(view->getOperand(0));
  if (auto transpose = dyn_cast<TransposeOp>(view))
    return llvm::find(transpose.getPermutation(), dim + rank) -
           transpose.getPermutation().begin() - rank;
  // A dimension that comes or goes further in moves the ones before it.
  if (auto expand = dyn_cast<ExpandDimsOp>(view)) {
    int64_t at = fromEnd(expand.getDim(), rank + 1);
    return dim <= at ? dim - 1 : dim;
  }
  if (auto squeeze = dyn_cast<SqueezeOp>(view)) {
    int64_t at = fromEnd(squeeze.getDim(), rank);
    if (at == dim)
      return std::nullopt;
    return dim < at ? dim + 1 : dim;
  }
  std::optional<int64_t> cut;
  if (auto slice = dyn_cast<SliceOp>(view))
    cut = slice.getDim();
  else if (auto chunk = dyn_cast<ChunkOp>(view))
    cut = chunk.getDim();
  if (cut)
    return fromEnd(*cut, rank) == dim ? std::nullopt
                                      : std::optional<int64_t>(dim);
  if (auto broadcast = dyn_cast<BroadcastToOp>(view)) {
    ArrayRef<int64_t> sizes = broadcast.getSizes();
    if (sizes[dim + sizes.size()] == -1)
      return dim;
  }
  return std::nullopt;
}

namespace {
/// A concat of the program: its parts, for their sizes, and its dimension,
/// which counts from the end, as all dimensions here do.
struct Partition {
  SmallVector<Value> sizes;
  int64_t dim;
};

/// A value, or, if that is null, a concat: a part for each combination of parts
/// of the partitions, those of the last partition fastest.
struct Form {
  Value value;
  int64_t dim = 0;
  SmallVector<const Partition *, 1> partitions;
  SmallVector<const Form *> parts;
};

using Partitions = llvm::SmallSetVector<const Partition *, 4>;
/// Of each partition of a set, a part, or -1 as long as it does not matter.
using Index = SmallVector<int64_t, 4>;
/// What there is of a form for each index.
using Cuts = std::map<Index, const Form *>;

class ConcatMotion {
public:
  ConcatMotion(GroupOp group, size_t maxOps)
      : group(group), maxOps(maxOps), builder(group.getContext()) {}
  LogicalResult run();

private:
  void findMoved();
  LogicalResult move(Operation *op);
  void findNumber(Operation *op);
  const Form *formOf(Value value);
  const Form *combine(Operation *op, ArrayRef<const Form *> operands);
  const Form *join(ConcatOp op, ArrayRef<const Form *> operands);
  bool viewParts(Operation *op, const Form *form,
                 SmallVector<const Form *> &results);
  const Form *cutFirst(const Form *form, int64_t dim, const Partitions &own,
                       const Index &index);
  const Form *checked(const Form *form);
  bool cut(const Form *form, int64_t dim, const Partitions &partitions,
           const Index &index, bool exact, Cuts &cuts);
  bool cutValue(Value value, int64_t dim, const Partitions &partitions,
                const Index &index, bool exact, Cuts &cuts);
  PartLikeOp partLike(Value value, int64_t dim, const Partitions &partitions,
                      size_t wanted, const Index &own, bool exact);
  Value shaped(Value number);
  Value yielded(const Form *form);
  LogicalResult setOperands(Operation *op, ArrayRef<const Form *> operands);
  const Form *newForm(Form form) { return &forms.emplace_back(form); }
  bool countOps(size_t more);
  bool finish(Operation *op);

  GroupOp group;
  size_t numOps = 0, maxOps;
  bool hasFailed = false;
  /// The concats that are in the way of other ops.
  DenseSet<Operation *> moved;
  DenseMap<Value, unsigned> depths;
  OpBuilder builder;
  std::deque<Form> forms;
  std::deque<Partition> partitions;
  DenseMap<Value, const Form *> formByValue;
  /// Of a value that follows from constants alone, its number in rank 0.
  DenseMap<Value, Value> numbers;
  std::map<
      std::tuple<void *, int64_t, SmallVector<const void *, 4>, Index, bool>,
      PartLikeOp>
      cutBefore;
};
} // namespace

/// The dimension of a concat in `form`, of one along `dim` only if there is no
/// other; none if it is a value.
static std::optional<int64_t> concatDim(const Form *form, int64_t dim) {
  if (form->value || form->dim != dim)
    return form->value ? std::nullopt : std::optional<int64_t>(form->dim);
  for (const Form *part : form->parts)
    if (!part->value)
      return part->dim;
  return dim;
}

/// Adds what cuts `form` along `dim`.
static void collect(const Form *form, int64_t dim, Partitions &partitions) {
  if (form->value)
    return;
  if (form->dim == dim)
    return partitions.insert_range(form->partitions);
  for (const Form *part : form->parts)
    collect(part, dim, partitions);
}

/// `index` with the parts of its partitions, all in `all`, that part `number`
/// of `form` is.
static Index indexOf(const Form *form, size_t number, const Partitions &all,
                     Index index) {
  for (const Partition *partition : llvm::reverse(form->partitions)) {
    size_t count = partition->sizes.size();
    index[llvm::find(all, partition) - all.begin()] = number % count;
    number /= count;
  }
  return index;
}

/// True if `value` is one element, repeated or not.
static bool isOne(Value value) {
  return llvm::all_of(cast<ShapedType>(value.getType()).getShape(),
                      [](int64_t extent) { return extent == 1; });
}

const Form *ConcatMotion::formOf(Value value) {
  const Form *&form = formByValue[value];
  if (!form)
    form = newForm({value, 0, {}, {}});
  return form;
}

bool ConcatMotion::countOps(size_t more) {
  // `more` may be a product of many numbers, but no factor exceeds the limit.
  numOps += more;
  if (numOps > maxOps && !hasFailed) {
    group.emitOpError("computes values over and over for the views or concats "
                      "that use them: cut it into smaller groups");
    hasFailed = true;
  }
  return !hasFailed;
}

/// Gives `op` its result types, and notes how many cuts depend on each other.
bool ConcatMotion::finish(Operation *op) {
  unsigned depth = 0;
  for (Value operand : op->getOperands())
    depth = std::max(depth, depths.lookup(operand));
  depth += isa<PartLikeOp>(op);
  if (depth > kMaxConcatDepth)
    group.emitOpError("has concats that are nested too deeply: expected at "
                      "most ")
        << kMaxConcatDepth << " that depend on each other";
  hasFailed |= depth > kMaxConcatDepth || failed(inferResultTypes(op));
  for (Value result : op->getResults())
    depths[result] = depth;
  return !hasFailed;
}

/// A value that follows from constants alone is a number in a shape. Numbers
/// can't be cut, shapes can.
void ConcatMotion::findNumber(Operation *op) {
  auto constant = dyn_cast<ConstantOp>(op);
  bool isView = op->hasTrait<View>() && !isa<BroadcastLikeOp, PartLikeOp>(op);
  if (constant) {
    auto elements = dyn_cast<DenseElementsAttr>(constant.getValue());
    if (!elements || !elements.isSplat())
      return;
    auto type = cast<RankedTensorType>(constant.getType());
    numbers[constant] =
        type.getRank() == 0
            ? Value(constant)
            : Value(ConstantOp::create(
                  builder, op->getLoc(),
                  elements.resizeSplat(type.clone(ArrayRef<int64_t>()))));
  } else if (isView || isa<PointwiseOpInterface>(op)) {
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      if (Value number = numbers.lookup(operand))
        operands.push_back(number);
    if (operands.size() != op->getNumOperands())
      return;
    if (isView) {
      for (Value result : op->getResults())
        numbers[result] = operands.front();
      return;
    }
    Operation *clone = builder.clone(*op);
    clone->setOperands(operands);
    if (succeeded(inferResultTypes(clone)))
      numbers[op->getResult(0)] = clone->getResult(0);
  }
}

/// A number in a shape, computed so that views of it compute it in others.
Value ConcatMotion::shaped(Value value) {
  Value number = numbers.lookup(value);
  auto type = cast<RankedTensorType>(value.getType());
  if (!number || !type.hasStaticShape())
    return value;
  Location loc = value.getLoc();
  auto bools = type.clone(builder.getI1Type());
  Value index = IotaOp::create(builder, loc, type.clone(builder.getI64Type()),
                               Value(), builder.getI64IntegerAttr(0));
  Value all = CompareOp::create(builder, loc, bools, ComparePredicate::eq,
                                index, index);
  return SelectOp::create(builder, loc, type, all, number, number);
}

/// `op` on operands of these forms; null if that failed.
const Form *ConcatMotion::combine(Operation *op,
                                  ArrayRef<const Form *> operands) {
  auto concat = dyn_cast<ConcatOp>(op);
  // Of a concat, the parts that it joins come last.
  int64_t last =
      concat ? fromEnd(concat.getDim(), rankOf(concat.getResult())) : 0;
  std::optional<int64_t> dim;
  for (const Form *operand : operands)
    if (!dim || *dim == last)
      if (std::optional<int64_t> other = concatDim(operand, last))
        dim = other;
  if (concat && (!dim || *dim == last))
    return join(concat, operands);
  if (!dim) {
    Operation *clone = builder.clone(*op);
    for (auto [index, operand] : llvm::enumerate(operands))
      clone->setOperand(index, operand->value);
    return countOps(1) && finish(clone)
               ? newForm({clone->getResult(0), 0, {}, {}})
               : nullptr;
  }
  Form result{{}, *dim, {}, {}};
  Partitions all;
  for (const Form *operand : operands)
    collect(operand, *dim, all);
  result.partitions.append(all.begin(), all.end());
  SmallVector<Cuts> cuts(operands.size());
  for (auto [index, operand] : llvm::enumerate(operands))
    if (!cut(operand, *dim, all, Index(all.size(), -1), concat != nullptr,
             cuts[index]))
      return nullptr;
  for (auto &entry : cuts.front()) {
    SmallVector<const Form *> parts;
    for (Cuts &ofOperand : cuts)
      parts.push_back(ofOperand.at(entry.first));
    result.parts.push_back(combine(op, parts));
    if (!result.parts.back())
      return nullptr;
  }
  return newForm(std::move(result));
}

/// A concat of values and of concats of values along its own dimension.
const Form *ConcatMotion::join(ConcatOp op, ArrayRef<const Form *> operands) {
  Partition partition{{}, fromEnd(op.getDim(), rankOf(op.getResult()))};
  Form result{{}, partition.dim, {}, {}};
  for (const Form *operand : operands) {
    if (operand->value)
      result.parts.push_back(operand);
    else
      result.parts.append(operand->parts);
  }
  if (result.parts.size() == 1)
    return result.parts.front();
  if (!countOps(result.parts.size()))
    return nullptr;
  for (const Form *part : result.parts)
    partition.sizes.push_back(part->value);
  result.partitions.push_back(&partitions.emplace_back(std::move(partition)));
  return newForm(std::move(result));
}

/// What lies of `form` beside each combination of parts of `all`, along `dim`;
/// `index` says beside which parts it lies already.
bool ConcatMotion::cut(const Form *form, int64_t dim, const Partitions &all,
                       const Index &index, bool exact, Cuts &cuts) {
  if (form->value)
    return cutValue(form->value, dim, all, index, exact, cuts);
  if (form->dim == dim) {
    for (auto [number, part] : llvm::enumerate(form->parts))
      if (!cut(part, dim, all, indexOf(form, number, all, index), exact, cuts))
        return false;
    return true;
  }
  // The concat along another dimension is moved inwards.
  SmallVector<Cuts> cutParts(form->parts.size());
  for (auto [number, part] : llvm::enumerate(form->parts))
    if (!cut(part, dim, all, index, exact, cutParts[number]))
      return false;
  for (auto &entry : cutParts.front()) {
    Form result{{}, form->dim, form->partitions, {}};
    for (Cuts &ofPart : cutParts)
      result.parts.push_back(ofPart.at(entry.first));
    cuts[entry.first] = newForm(std::move(result));
  }
  return true;
}

bool ConcatMotion::cutValue(Value value, int64_t dim, const Partitions &all,
                            const Index &index, bool exact, Cuts &cuts) {
  // One element repeats itself, unless a concat needs it to fit. An input that
  // may be one may be not.
  bool isWhole = !exact && (rankOf(value) == 0 ||
                            (numbers.contains(value) && isOne(value)));
  const Form *whole = isWhole ? formOf(value) : nullptr;
  SmallVector<std::pair<Index, Value>> now{{index, value}};
  for (auto [wanted, partition] : llvm::enumerate(all)) {
    if (index[wanted] != -1)
      continue;
    SmallVector<std::pair<Index, Value>> next;
    if (!countOps(now.size() * partition->sizes.size()))
      return false;
    for (auto &[here, part] : now) {
      PartLikeOp op;
      if (!whole)
        op = partLike(part, dim, all, wanted, here, exact);
      if (!whole && !op)
        return false;
      for (size_t i = 0; i < partition->sizes.size(); ++i) {
        next.emplace_back(here, whole ? value : Value(op.getParts()[i]));
        next.back().first[wanted] = i;
      }
    }
    now = std::move(next);
  }
  for (auto &[here, part] : now)
    cuts[here] = whole ? whole : newForm({part, 0, {}, {}});
  return true;
}

/// What of `value`, part `own` of the partitions, lies beside the parts of
/// partition number `wanted`; null if that failed.
PartLikeOp ConcatMotion::partLike(Value value, int64_t dim,
                                  const Partitions &all, size_t wanted,
                                  const Index &own, bool exact) {
  SmallVector<const Partition *, 4> used{all[wanted]};
  Index parts;
  for (auto [number, part] : llvm::enumerate(own)) {
    if (part == -1)
      continue;
    used.push_back(all[number]);
    parts.push_back(part);
  }
  SmallVector<const void *, 4> key(used.begin(), used.end());
  PartLikeOp &known =
      cutBefore[{value.getAsOpaquePointer(), dim, key, parts, exact}];
  if (known)
    return known;
  SmallVector<Value> sizes;
  SmallVector<int64_t> counts, dims;
  for (const Partition *partition : used) {
    sizes.append(partition->sizes);
    counts.push_back(partition->sizes.size());
    dims.push_back(partition->dim);
  }
  Value input = shaped(value);
  SmallVector<Type> types(counts.front(), input.getType());
  auto op = PartLikeOp::create(
      builder, value.getLoc(), types, input, sizes,
      builder.getI64IntegerAttr(dim), builder.getDenseI64ArrayAttr(counts),
      builder.getDenseI64ArrayAttr(dims), builder.getDenseI64ArrayAttr(parts),
      exact ? builder.getUnitAttr() : UnitAttr());
  if (finish(op))
    known = op;
  return known;
}

/// `form` with the first of its values seen as what lies beside the parts
/// `index` of `own`, which it is already; null if it has none but numbers.
const Form *ConcatMotion::cutFirst(const Form *form, int64_t dim,
                                   const Partitions &own, const Index &index) {
  Form result = *form;
  if (Value value = form->value) {
    if (numbers.contains(value))
      return nullptr;
    for (auto [partition, part] : llvm::zip_equal(own, index)) {
      Partitions one;
      one.insert(partition);
      PartLikeOp op = partLike(value, dim, one, 0, {part}, /*exact=*/false);
      if (!op || !countOps(op.getNumResults()))
        return nullptr;
      value = op.getParts()[part];
    }
    result.value = value;
    return newForm(std::move(result));
  }
  for (const Form *&part : result.parts)
    if (const Form *first = cutFirst(part, dim, own, index)) {
      part = first;
      return newForm(std::move(result));
    }
  return nullptr;
}

/// `form`, a concat, so that the sizes of its parts are compared in a call even
/// if what follows would make them equal.
const Form *ConcatMotion::checked(const Form *form) {
  Partitions own;
  own.insert_range(form->partitions);
  for (auto [number, part] : llvm::enumerate(form->parts)) {
    Index index = indexOf(form, number, own, Index(own.size(), -1));
    if (const Form *first = cutFirst(part, form->dim, own, index)) {
      Form result = *form;
      result.parts[number] = first;
      return newForm(std::move(result));
    }
  }
  return form;
}

/// The results of a view of `form`. False if that failed.
bool ConcatMotion::viewParts(Operation *op, const Form *form,
                             SmallVector<const Form *> &results) {
  if (form->value) {
    Operation *clone = builder.clone(*op);
    clone->setOperand(0, form->value);
    if (!countOps(1) || !finish(clone))
      return false;
    for (Value result : clone->getResults())
      results.push_back(newForm({result, 0, {}, {}}));
    return true;
  }
  std::optional<int64_t> dim = movedDim(op, form->dim);
  if (!dim) {
    op->emitOpError("is a view of the dimension of a concat within its group: "
                    "fuser-form-groups ends a group there");
    return false;
  }
  if (isa<SliceOp, ChunkOp, BroadcastToOp>(op))
    form = checked(form);
  SmallVector<Form> ofResults(op->getNumResults(),
                              Form{{}, *dim, form->partitions, {}});
  for (const Form *part : form->parts) {
    SmallVector<const Form *> ofPart;
    if (!viewParts(op, part, ofPart))
      return false;
    for (auto [result, viewed] : llvm::zip_equal(ofResults, ofPart))
      result.parts.push_back(viewed);
  }
  for (Form &result : ofResults)
    results.push_back(newForm(std::move(result)));
  return true;
}

/// Finds the concats that ops other than concats need, on any way.
void ConcatMotion::findMoved() {
  for (Operation &op : llvm::reverse(group.getBody().front()))
    if (isa<ConcatOp>(op) && llvm::any_of(op.getUsers(), [&](Operation *user) {
          return isa<ConcatOp>(user) ? moved.contains(user)
                                     : !isa<YieldOp>(user);
        }))
      moved.insert(&op);
}

LogicalResult ConcatMotion::move(Operation *op) {
  findNumber(op);
  auto operands = llvm::map_to_vector(
      op->getOperands(), [&](Value operand) { return formOf(operand); });
  bool isMoved =
      moved.contains(op) ||
      llvm::any_of(operands, [](const Form *form) { return !form->value; });
  if (!isMoved)
    return success();
  if (isa<ConcatOp>(op) && !moved.contains(op))
    return setOperands(op, operands);
  if (isa<PointwiseOpInterface, ConcatOp, BroadcastLikeOp>(op)) {
    const Form *form = combine(op, operands);
    formByValue[op->getResult(0)] = form;
    return success(form);
  }
  if (op->hasTrait<View>() && op->getNumOperands() == 1) {
    SmallVector<const Form *> results;
    if (!viewParts(op, operands.front(), results))
      return failure();
    for (auto [result, form] : llvm::zip_equal(op->getResults(), results))
      formByValue[result] = form;
    return success();
  }
  return op->emitOpError("uses a concat within its group: fuser-form-groups "
                         "ends a group there");
}

/// The value of `form` with the concats as ops.
Value ConcatMotion::yielded(const Form *form) {
  if (form->value)
    return form->value;
  auto parts = llvm::map_to_vector(
      form->parts, [&](const Form *part) { return yielded(part); });
  int64_t dim = form->dim + rankOf(parts.front());
  auto op = ConcatOp::create(builder, parts.front().getLoc(),
                             parts.front().getType(), parts, dim);
  return finish(op) ? op.getResult() : Value();
}

/// Gives `op`, a yield or a concat that is only yielded, its operands.
LogicalResult ConcatMotion::setOperands(Operation *op,
                                        ArrayRef<const Form *> operands) {
  for (auto [operand, form] : llvm::zip_equal(op->getOpOperands(), operands)) {
    Value value = yielded(form);
    if (!value)
      return failure();
    operand.set(value);
  }
  return success(!hasFailed);
}

LogicalResult ConcatMotion::run() {
  findMoved();
  if (moved.empty())
    return success();
  Block &body = group.getBody().front();
  for (Operation &op : llvm::make_early_inc_range(body.without_terminator())) {
    builder.setInsertionPoint(&op);
    if (failed(move(&op)))
      return failure();
  }
  YieldOp yield = group.getYield();
  builder.setInsertionPoint(yield);
  auto yieldedForms = llvm::map_to_vector(
      yield.getValues(), [&](Value value) { return formOf(value); });
  return setOperands(yield, yieldedForms);
}

LogicalResult fuser::moveConcats(GroupOp group, size_t maxOps) {
  return ConcatMotion(group, maxOps).run();
}
