//===- RecomputeCosts.cpp - to compute again, or to store -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In one kernel a value is computed again for every element of a larger shape
// that it is broadcast to, and for every view that needs it at other indices.
// Where that costs more than to store it once, it is stored.
//
//===----------------------------------------------------------------------===//

#include "FuserMath/OpcodeWeights.h"
#include "GroupFormation.h"

using namespace mlir;
using namespace fuser;

/// Work, in the weights of opcodeWeight, that a kernel does while it waits for
/// memory: to load and store an element of f32 takes as long.
static constexpr int64_t kFreeWork = 12;

/// Work that takes as long as to load or store a byte of a large array.
static constexpr int64_t kWorkPerByte = 2;

/// Work that takes as long as one more launch.
static constexpr double kLaunchWork = 1 << 16;

/// More than this needs not be counted.
static constexpr int64_t kMuchWork = 256;

/// Ops that are looked at to add up the work of one.
static constexpr size_t kMaxVisited = 1024;

/// What an unknown extent counts as.
static constexpr double kUsualExtent = 1024;

static double usualExtent(int64_t extent) {
  return ShapedType::isDynamic(extent) ? kUsualExtent : extent;
}

double fuser::numElements(Type type) {
  double count = 1;
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    for (int64_t extent : tensor.getShape())
      count *= usualExtent(extent);
  return count;
}

/// The element type that decides how `op` is computed.
static DType operandTypeOf(Operation *op) {
  return *dtypeOf(
      getElementTypeOrSelf(op->getOperand(isa<SelectOp>(op)).getType()));
}

/// The weight of the ops of the group that compute one element of `root`; what
/// lies under several views counts for each. Stops above `limit`.
int64_t GroupFormation::workOf(Value root, int64_t limit) {
  // An op, and the view through which it is needed.
  llvm::SmallDenseSet<std::pair<Operation *, Operation *>, 16> seen;
  SmallVector<std::pair<Value, Operation *>> stack{{root, nullptr}};
  int64_t level = nodes[indexOf[root.getDefiningOp()]].level, work = 0;
  while (!stack.empty() && work <= limit && seen.size() < kMaxVisited) {
    auto [value, view] = stack.pop_back_val();
    if (!neighbour(value, level))
      continue;
    Operation *op = value.getDefiningOp();
    if (!seen.insert({op, view}).second)
      continue;
    if (auto pointwise = dyn_cast<PointwiseOpInterface>(op))
      work += opcodeWeight(pointwise.getOpcode(), operandTypeOf(op));
    // What else a view has is for its shape only.
    bool isView = op->hasTrait<View>();
    for (Value operand : isView ? op->getOperands().take_front()
                                : ValueRange(op->getOperands()))
      stack.push_back({operand, isView && !isElementwise(op) ? op : view});
  }
  return work;
}

/// How often a kernel computes an element of `from` that is broadcast to `to`,
/// all together: what only inner dimensions repeat is computed once a row.
static double timesComputed(RankedTensorType from, RankedTensorType to) {
  double times = 1;
  bool varies = false;
  for (int64_t dim = 1; dim <= to.getRank(); ++dim) {
    bool isThere = dim <= from.getRank();
    varies |= isThere && from.getDimSize(from.getRank() - dim) != 1;
    if (varies)
      times *= usualExtent(to.getDimSize(to.getRank() - dim));
  }
  return times;
}

/// What part of its operand a slice needs.
static double fractionOf(SliceOp slice) {
  auto type = cast<RankedTensorType>(slice.getInput().getType());
  int64_t dim = slice.getDim();
  double whole =
      usualExtent(type.getDimSize(dim < 0 ? dim + type.getRank() : dim));
  auto position = [whole](double bound) {
    return std::clamp(bound < 0 ? bound + whole : bound, 0.0, whole);
  };
  double part = position(slice.getEnd()) - position(slice.getStart());
  return whole == 0 ? 0 : std::max(part, 0.0) / slice.getStep() / whole;
}

/// True if no two slices of one value need the same element, as far as their
/// bounds say.
static bool areDisjoint(SmallVector<SliceOp> slices) {
  if (llvm::any_of(slices, [&](SliceOp slice) {
        int64_t start = slice.getStart(), end = slice.getEnd();
        return slice.getDim() != slices.front().getDim() || start < 0 ||
               end < 0;
      }))
    return false;
  llvm::sort(slices,
             [](SliceOp a, SliceOp b) { return a.getStart() < b.getStart(); });
  for (auto [slice, next] : llvm::zip(slices, llvm::drop_begin(slices)))
    if (slice.getEnd() > next.getStart())
      return false;
  return true;
}

/// How often the average element of `value` is needed, at different indices of
/// what it is computed of.
static double demandOf(Value value) {
  double demand = 0;
  bool isNeededAsItIs = false;
  SmallVector<SliceOp> slices;
  for (Operation *user : llvm::SmallSetVector<Operation *, 8>(
           value.user_begin(), value.user_end())) {
    bool isViewed = user->hasTrait<View>() && user->getOperand(0) == value &&
                    isFusible(user);
    if (!isViewed || isElementwise(user) || isa<BroadcastToOp>(user))
      isNeededAsItIs = true;
    else if (auto slice = dyn_cast<SliceOp>(user))
      slices.push_back(slice);
    else
      demand += 1;
  }
  double sliced = 0;
  for (SliceOp slice : slices)
    sliced += fractionOf(slice);
  if (!slices.empty() && areDisjoint(slices))
    sliced = std::min(sliced, 1.0);
  return demand + sliced + isNeededAsItIs;
}

/// True if one kernel for `value` and `consumer` would compute it so much
/// oftener than once that it had better be stored.
bool GroupFormation::isBetterStored(Value value, Operation *consumer) {
  auto from = dyn_cast<RankedTensorType>(value.getType());
  auto to = dyn_cast<RankedTensorType>(consumer->getResult(0).getType());
  if (!from || !to)
    return false;
  if (isElementwise(consumer) || isa<BroadcastToOp>(consumer)) {
    double times = timesComputed(from, to);
    if (times <= numElements(from))
      return false;
    int64_t work = workOf(value, kMuchWork);
    return work * times > kFreeWork * numElements(to) &&
           work * (times - numElements(from)) > kLaunchWork;
  }
  if (!consumer->hasTrait<View>() || value != consumer->getOperand(0))
    return false;
  auto [known, isNew] = demands.try_emplace(value, 0);
  if (isNew)
    known->second = demandOf(value);
  double demand = known->second;
  if (demand <= 1)
    return false;
  double more = workOf(value, kMuchWork) * (demand - 1);
  double bytes = (from.getElementTypeBitWidth() + 7) / 8 * (1 + demand);
  return more > kWorkPerByte * bytes && more * numElements(from) > kLaunchWork;
}
