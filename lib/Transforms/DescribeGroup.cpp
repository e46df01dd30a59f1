//===- DescribeGroup.cpp - group to kernel spec ---------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values are numbered first (leaves, constants, results), so that shape groups
// can name them; then each part of the spec is filled in.
//
//===----------------------------------------------------------------------===//

#include "FuserTransforms/DescribeGroup.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"
#include <map>

using namespace mlir;
using namespace fuser;
using runtime::OutputNode;
using runtime::ValueId;
using runtime::ViewStep;

static runtime::Dims dimsOf(ArrayRef<int64_t> values) {
  return runtime::Dims(values.begin(), values.end());
}

static int64_t wrap(int64_t dim, int64_t rank) {
  return dim < 0 ? dim + rank : dim;
}

static DType elementDType(Value value) {
  return *dtypeOf(getElementTypeOrSelf(value.getType()));
}

/// The bits of a constant's element, in the low bytes.
static uint64_t elementBits(DenseElementsAttr splat) {
  if (isa<FloatType>(splat.getElementType()))
    return splat.getSplatValue<APFloat>().bitcastToAPInt().getZExtValue();
  return splat.getSplatValue<APInt>().getZExtValue();
}

/// What a chain of views starts from.
static Value viewBase(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!op->hasTrait<View>())
      break;
    value = op->getOperand(0);
  }
  return value;
}

namespace {
class Describer {
public:
  explicit Describer(GroupOp group) : group(group) {}
  FailureOr<runtime::KernelSpec> run();

private:
  void numberValues();
  LogicalResult describeLeaf(Value value, ValueId id);
  FailureOr<ViewStep> describeStep(OpResult view);
  ArrayRef<int32_t> partitionsOf(PartLikeOp op);
  ViewStep describePart(PartLikeOp op, int32_t part);
  void describeIota(IotaOp iota, runtime::Leaf &leaf);
  void describeConversion(Value splat, ValueId leaf);
  LogicalResult describeInstruction(PointwiseOpInterface op);
  OutputNode describeOutput(Value value);
  int32_t addPiece(Value value);
  int32_t shapeGroupOf(ArrayRef<Value> values);
  const llvm::BitVector &shapeMembers(Value value);
  ValueId nextResult() const {
    return spec.firstResult() + static_cast<ValueId>(spec.instructions.size());
  }

  GroupOp group;
  runtime::KernelSpec spec;
  /// Ids of leaves and constants: what decides shapes.
  llvm::MapVector<Value, ValueId> leaves, constants;
  /// Ids of all values that pointwise ops may read.
  DenseMap<Value, ValueId> ids;
  DenseMap<Value, llvm::BitVector> members;
  std::map<std::vector<ValueId>, int32_t> shapeGroups;
  std::map<std::pair<std::vector<int32_t>, int64_t>, int32_t> partitions;
  DenseMap<Operation *, SmallVector<int32_t>> partitionsByOp;
};
} // namespace

/// Numbers what ops other than views read: views of inputs, and constants.
void Describer::numberValues() {
  auto number = [&](Value value) {
    Operation *op = value.getDefiningOp();
    if (isa_and_nonnull<ConstantOp>(op))
      constants.insert({value, 0});
    else if (!isa_and_nonnull<PointwiseOpInterface, ConcatOp>(op) &&
             isa<RankedTensorType>(value.getType()))
      leaves.insert({value, static_cast<ValueId>(leaves.size())});
  };
  for (Operation &op : group.getBody().front())
    for (OpOperand &operand : op.getOpOperands())
      if (!op.hasTrait<View>() || operand.getOperandNumber() != 0)
        number(operand.get());
  for (auto [index, entry] : llvm::enumerate(constants))
    entry.second = static_cast<ValueId>(leaves.size() + index);
  spec.leaves.resize(leaves.size());
  spec.constants.resize(constants.size());
}

/// Leaves and constants that the shape of `root` follows from.
const llvm::BitVector &Describer::shapeMembers(Value root) {
  SmallVector<Value> stack{root};
  while (!stack.empty()) {
    Value value = stack.back();
    auto op = value.getDefiningOp<PointwiseOpInterface>();
    size_t before = stack.size();
    if (op && !members.contains(value))
      for (Value operand : op->getOperands())
        if (!members.contains(operand))
          stack.push_back(operand);
    if (stack.size() != before)
      continue;
    stack.pop_back();
    if (members.contains(value))
      continue;
    llvm::BitVector set(leaves.size() + constants.size());
    if (op)
      for (Value operand : op->getOperands())
        set |= members[operand];
    else if (auto leaf = leaves.find(value); leaf != leaves.end())
      set.set(leaf->second);
    else if (auto constant = constants.find(value); constant != constants.end())
      set.set(constant->second);
    members[value] = std::move(set);
  }
  return members[root];
}

int32_t Describer::shapeGroupOf(ArrayRef<Value> values) {
  llvm::BitVector set(leaves.size() + constants.size());
  for (Value value : values)
    set |= shapeMembers(value);
  std::vector<ValueId> ids;
  for (unsigned id : set.set_bits())
    ids.push_back(static_cast<ValueId>(id));
  auto [it, isNew] = shapeGroups.try_emplace(
      ids, static_cast<int32_t>(spec.shapeGroups.size()));
  if (isNew)
    spec.shapeGroups.push_back({ids});
  return it->second;
}

/// The numbers of the concats that `op` follows. All results of it share them.
ArrayRef<int32_t> Describer::partitionsOf(PartLikeOp op) {
  SmallVector<int32_t> &numbers = partitionsByOp[op];
  if (!numbers.empty())
    return numbers;
  SmallVector<Value> sizes(op.getSizes());
  ArrayRef<Value> rest = sizes;
  for (auto [count, dim] : llvm::zip_equal(op.getCounts(), op.getDims())) {
    int64_t rank = cast<ShapedType>(rest.front().getType()).getRank();
    runtime::Partition partition{{}, dim + rank};
    for (Value part : rest.take_front(count))
      partition.shapeGroups.push_back(shapeGroupOf(part));
    rest = rest.drop_front(count);
    auto [it, isNew] =
        partitions.try_emplace({partition.shapeGroups, partition.dim},
                               static_cast<int32_t>(spec.partitions.size()));
    if (isNew)
      spec.partitions.push_back(std::move(partition));
    numbers.push_back(it->second);
  }
  return numbers;
}

ViewStep Describer::describePart(PartLikeOp op, int32_t part) {
  ViewStep step{ViewStep::Kind::PartLike};
  int64_t rank = op.getInput().getType().getRank();
  step.dim = std::max<int64_t>(-1, static_cast<int64_t>(op.getDim()) + rank);
  step.isExact = op.getExact();
  ArrayRef<int32_t> numbers = partitionsOf(op);
  step.parts.push_back({numbers.front(), part});
  for (auto [number, own] : llvm::zip_equal(numbers.drop_front(), op.getOwn()))
    step.parts.push_back({number, static_cast<int32_t>(own)});
  return step;
}

FailureOr<ViewStep> Describer::describeStep(OpResult view) {
  Operation *op = view.getOwner();
  int64_t rank = cast<ShapedType>(op->getOperand(0).getType()).getRank();
  ViewStep step{};
  return TypeSwitch<Operation *, FailureOr<ViewStep>>(op)
      .Case([&](ExpandDimsOp op) {
        step.kind = ViewStep::Kind::ExpandDims;
        step.dim = wrap(static_cast<int64_t>(op.getDim()), rank + 1);
        return step;
      })
      .Case([&](SqueezeOp op) {
        step.kind = ViewStep::Kind::Squeeze;
        step.dim = wrap(static_cast<int64_t>(op.getDim()), rank);
        return step;
      })
      .Case([&](ReshapeOp op) {
        step.kind = ViewStep::Kind::Reshape;
        step.dims = dimsOf(op.getSizes());
        return step;
      })
      .Case([&](TransposeOp op) {
        step.kind = ViewStep::Kind::Transpose;
        step.dims = dimsOf(op.getPermutation());
        return step;
      })
      .Case([&](SliceOp op) {
        step.kind = ViewStep::Kind::Slice;
        step.dim = wrap(static_cast<int64_t>(op.getDim()), rank);
        step.start = static_cast<int64_t>(op.getStart());
        step.end = static_cast<int64_t>(op.getEnd());
        step.step = static_cast<int64_t>(op.getStep());
        return step;
      })
      .Case([&](ChunkOp op) {
        step.kind = ViewStep::Kind::Chunk;
        step.dim = wrap(static_cast<int64_t>(op.getDim()), rank);
        step.count = op.getNumResults();
        step.index = view.getResultNumber();
        return step;
      })
      .Case([&](BroadcastToOp op) {
        step.kind = ViewStep::Kind::BroadcastTo;
        step.dims = dimsOf(op.getSizes());
        return step;
      })
      .Case([&](BroadcastLikeOp op) {
        step.kind = ViewStep::Kind::BroadcastLike;
        step.index = shapeGroupOf(SmallVector<Value>(op.getOthers()));
        return step;
      })
      .Case([&](PartLikeOp op) {
        return describePart(op, static_cast<int32_t>(view.getResultNumber()));
      })
      .Default([](Operation *op) {
        return op->emitOpError("is a view that the runtime does not know");
      });
}

LogicalResult Describer::describeLeaf(Value value, ValueId id) {
  runtime::Leaf &leaf = spec.leaves[id];
  Value base = viewBase(value);
  for (Value view = value; view != base;
       view = view.getDefiningOp()->getOperand(0)) {
    FailureOr<ViewStep> step = describeStep(cast<OpResult>(view));
    if (failed(step))
      return failure();
    leaf.steps.insert(leaf.steps.begin(), *step);
  }
  if (auto splat = base.getDefiningOp<SplatOp>()) {
    if (splat.getType().getRank() > 0)
      leaf.steps.insert(leaf.steps.begin(),
                        ViewStep{ViewStep::Kind::BroadcastTo, 0, 0, 0, 1, 0, 0,
                                 dimsOf(splat.getType().getShape())});
    base = splat.getScalar();
  }
  ids[value] = id;
  if (auto iota = base.getDefiningOp<IotaOp>()) {
    describeIota(iota, leaf);
    return success();
  }
  auto argument = dyn_cast<BlockArgument>(base);
  if (!argument)
    return base.getDefiningOp()->emitOpError(
        "is viewed within its group: run fuser-partition first");
  leaf.input = static_cast<int32_t>(argument.getArgNumber());
  return success();
}

void Describer::describeIota(IotaOp iota, runtime::Leaf &leaf) {
  leaf.input = -1;
  if (Value like = iota.getLike())
    leaf.iota.shapeGroup = shapeGroupOf(like);
  else
    leaf.iota.shape = dimsOf(iota.getType().getShape());
  if (std::optional<uint64_t> dim = iota.getDim())
    leaf.iota.dim = wrap(static_cast<int64_t>(*dim), iota.getType().getRank());
}

/// A splat reads the scalar as it is and converts it.
void Describer::describeConversion(Value value, ValueId leaf) {
  auto splat = viewBase(value).getDefiningOp<SplatOp>();
  if (!splat || elementDType(splat.getScalar()) == elementDType(value))
    return;
  ids[value] = nextResult();
  spec.instructions.push_back({Opcode::cast,
                               elementDType(splat.getScalar()),
                               elementDType(value),
                               {leaf, -1, -1}});
}

LogicalResult Describer::describeInstruction(PointwiseOpInterface op) {
  bool isSelect = op.getOpcode() == Opcode::select;
  runtime::Instruction instruction{op.getOpcode(),
                                   elementDType(op->getOperand(isSelect)),
                                   elementDType(op->getResult(0)),
                                   {-1, -1, -1}};
  for (auto [index, operand] : llvm::enumerate(op->getOperands())) {
    auto id = ids.find(operand);
    if (id == ids.end()) // a concat
      return operand.getDefiningOp()->emitOpError(
          "is used within its group: run fuser-partition first");
    instruction.operands[index] = id->second;
  }
  ids[op->getResult(0)] = nextResult();
  spec.instructions.push_back(instruction);
  return success();
}

/// A value that is stored twice is two pieces.
int32_t Describer::addPiece(Value value) {
  runtime::Piece piece;
  piece.value = ids.at(value);
  piece.shapeGroup = shapeGroupOf(value);
  piece.dtype = elementDType(value);
  spec.pieces.push_back(std::move(piece));
  return static_cast<int32_t>(spec.pieces.size()) - 1;
}

OutputNode Describer::describeOutput(Value value) {
  OutputNode node;
  auto concat = value.getDefiningOp<ConcatOp>();
  if (!concat) {
    node.piece = addPiece(value);
    return node;
  }
  node.dim = wrap(static_cast<int64_t>(concat.getDim()),
                  cast<ShapedType>(concat.getType()).getRank());
  for (Value part : concat.getParts())
    node.parts.push_back(describeOutput(part));
  return node;
}

FailureOr<runtime::KernelSpec> Describer::run() {
  Block &body = group.getBody().front();
  for (Type type : body.getArgumentTypes()) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    spec.inputs.push_back({*dtypeOf(getElementTypeOrSelf(type)),
                           tensor ? tensor.getRank() : 0, !tensor});
  }
  for (Operation &op : body)
    if (isa<CompositeOpInterface>(op))
      return op.emitOpError("can't be compiled: run fuser-decompose first");
  numberValues();
  for (auto [value, id] : constants) {
    auto splat = dyn_cast<DenseElementsAttr>(
        value.getDefiningOp<ConstantOp>().getValue());
    if (!splat || !splat.isSplat())
      return value.getDefiningOp()->emitOpError(
          "has different elements: expected an input of the group");
    spec.constants[id - spec.firstConstant()] = {
        elementDType(value), elementBits(splat),
        dimsOf(cast<ShapedType>(value.getType()).getShape())};
    ids[value] = id;
  }
  for (auto [value, id] : leaves)
    if (failed(describeLeaf(value, id)))
      return failure();
  for (auto [value, id] : leaves)
    describeConversion(value, id);
  for (Operation &op : body)
    if (auto pointwise = dyn_cast<PointwiseOpInterface>(op))
      if (failed(describeInstruction(pointwise)))
        return failure();
  for (Value value : group.getYield().getValues())
    spec.outputs.push_back(describeOutput(value));
  absl::Status status = spec.finalize();
  if (!status.ok())
    return group.emitOpError()
           << "can't be described: " << std::string(status.message());
  return std::move(spec);
}

FailureOr<runtime::KernelSpec> fuser::describeGroup(GroupOp group) {
  return Describer(group).run();
}
