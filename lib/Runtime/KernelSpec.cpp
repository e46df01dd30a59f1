//===- KernelSpec.cpp - checking a kernel spec ----------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/KernelSpec.h"
#include "FuserMath/OpcodeWeights.h"
#include "Views.h"
#include "absl/strings/str_cat.h"
#include <algorithm>
#include <utility>

namespace fuser::runtime {

DType KernelSpec::valueType(ValueId value) const {
  if (value < firstConstant()) {
    const int32_t input = leaves[value].input;
    return input == -1 ? DType::i64 : inputs[input].dtype;
  }
  if (value < firstResult())
    return constants[value - firstConstant()].dtype;
  return instructions[value - firstResult()].resultType;
}

namespace {

template <class... Parts> absl::Status invalid(const Parts &...parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

bool isDType(DType dtype) { return static_cast<int>(dtype) < kNumDTypes; }

template <class T> bool isIndexOf(int64_t index, const std::vector<T> &list) {
  return index >= 0 && index < static_cast<int64_t>(list.size());
}

/// The checks of KernelSpec::finalize, from the inputs to the outputs: each
/// relies on those before it.
class Checker {
public:
  explicit Checker(KernelSpec &spec) : spec(spec) {}

  absl::Status run() {
    using Check = absl::Status (Checker::*)();
    for (Check check : {&Checker::checkInputs, &Checker::checkConstants,
                        &Checker::checkShapeGroups, &Checker::checkLeaves,
                        &Checker::checkInstructions, &Checker::checkPieces,
                        &Checker::checkOutputs})
      if (absl::Status status = (this->*check)(); !status.ok())
        return invalid("kernel spec: ", status.message());
    return absl::OkStatus();
  }

private:
  absl::Status checkInputs();
  absl::Status checkConstants();
  absl::Status checkShapeGroups();
  absl::Status checkLeaves();
  absl::Status checkInstructions();
  absl::Status checkInstruction(std::size_t number);
  absl::Status checkPieces();
  absl::Status checkOutputs();

  absl::Status leafRank(int32_t leaf, int64_t &rank);
  absl::Status baseRank(const Leaf &leaf, int64_t &rank);
  absl::Status groupRank(int32_t group, int64_t &rank);
  absl::Status checkPart(PartRef ref);
  absl::Status applyToRank(const ViewStep &step, int64_t &rank);
  void collectNeeds(Piece &piece);
  absl::Status checkOutput(const OutputNode &node, int depth, DType &dtype,
                           int64_t &rank);

  enum class Progress : uint8_t { New, Open, Done };
  struct Rank {
    int64_t rank = 0;
    Progress progress = Progress::New;
  };

  KernelSpec &spec;
  std::vector<Rank> leafRanks;
  std::vector<Rank> groupRanks;
  std::vector<bool> isPartitionChecked;
  /// How many leafRank calls are open, and whether an error that passes
  /// through them says already where it happened.
  int depth = 0;
  bool isLeafNamed = false;
  std::vector<bool> isComputed; ///< by instruction
  std::vector<bool> isStored;   ///< by piece
};

} // namespace

absl::Status Checker::checkInputs() {
  for (std::size_t i = 0; i < spec.inputs.size(); ++i) {
    const InputDesc &input = spec.inputs[i];
    if (!isDType(input.dtype) || input.rank < 0)
      return invalid("input ", i, " has no valid type or rank");
    const bool isScalarType = input.dtype == DType::f64 ||
                              input.dtype == DType::i64 ||
                              input.dtype == DType::i1;
    if (input.isScalar && (input.rank != 0 || !isScalarType))
      return invalid("input ", i,
                     " is a scalar, so it must be a rank-0 f64, i64 or i1");
  }
  for (std::size_t i = 0; i < spec.leaves.size(); ++i)
    if (spec.leaves[i].input != -1 &&
        !isIndexOf(spec.leaves[i].input, spec.inputs))
      return invalid("leaf ", i, " refers to no input");
  return absl::OkStatus();
}

absl::Status Checker::checkConstants() {
  for (std::size_t i = 0; i < spec.constants.size(); ++i) {
    const Constant &constant = spec.constants[i];
    if (!isDType(constant.dtype))
      return invalid("constant ", i, " has no valid type");
    for (int64_t size : constant.shape)
      if (size < 0)
        return invalid("constant ", i, " has a negative size");
  }
  return absl::OkStatus();
}

absl::Status Checker::checkShapeGroups() {
  for (std::size_t i = 0; i < spec.shapeGroups.size(); ++i) {
    if (spec.shapeGroups[i].members.empty())
      return invalid("shape group ", i, " has no members");
    for (ValueId member : spec.shapeGroups[i].members)
      if (member < 0 || member >= spec.firstResult())
        return invalid("shape group ", i, " has the member ", member,
                       ", which is neither a leaf nor a constant");
  }
  return absl::OkStatus();
}

absl::Status Checker::checkLeaves() {
  leafRanks.resize(spec.leaves.size());
  groupRanks.resize(spec.shapeGroups.size());
  isPartitionChecked.assign(spec.partitions.size(), false);
  int64_t rank;
  for (std::size_t i = 0; i < spec.leaves.size(); ++i)
    if (absl::Status status = leafRank(i, rank); !status.ok())
      return status;
  return absl::OkStatus();
}

absl::Status Checker::leafRank(int32_t leaf, int64_t &rank) {
  Rank &known = leafRanks[leaf];
  if (known.progress == Progress::Open)
    return invalid("the shape of leaf ", leaf, " depends on itself");
  if (known.progress == Progress::New) {
    if (depth == kMaxDepth)
      return invalid("the shape of leaf ", leaf, " is needed for ", kMaxDepth,
                     " others, one within the other");
    ++depth;
    known.progress = Progress::Open;
    if (absl::Status status = baseRank(spec.leaves[leaf], known.rank);
        !status.ok())
      return std::exchange(isLeafNamed, true)
                 ? status
                 : invalid("leaf ", leaf, ": ", status.message());
    for (const ViewStep &step : spec.leaves[leaf].steps)
      if (absl::Status status = applyToRank(step, known.rank); !status.ok())
        return std::exchange(isLeafNamed, true)
                   ? status
                   : invalid("leaf ", leaf, ": ", status.message());
    known.progress = Progress::Done;
    --depth;
  }
  rank = known.rank;
  return absl::OkStatus();
}

/// The rank of what the steps of `leaf` start from.
absl::Status Checker::baseRank(const Leaf &leaf, int64_t &rank) {
  if (leaf.input != -1) {
    rank = spec.inputs[leaf.input].rank;
    return absl::OkStatus();
  }
  const Iota &iota = leaf.iota;
  rank = iota.shape.size();
  if (iota.shapeGroup != -1) {
    if (!isIndexOf(iota.shapeGroup, spec.shapeGroups))
      return invalid("iota refers to no shape group");
    if (absl::Status status = groupRank(iota.shapeGroup, rank); !status.ok())
      return status;
  }
  if (iota.dim < -1 || iota.dim >= rank)
    return invalid("iota along ", iota.dim, " of rank ", rank);
  for (int64_t size : iota.shape)
    if (size < 0)
      return invalid("iota has a negative size");
  return absl::OkStatus();
}

absl::Status Checker::groupRank(int32_t group, int64_t &rank) {
  // A cycle would go through a leaf, and is found there.
  Rank &known = groupRanks[group];
  if (known.progress == Progress::Done) {
    rank = known.rank;
    return absl::OkStatus();
  }
  rank = 0;
  for (ValueId member : spec.shapeGroups[group].members) {
    int64_t memberRank = 0;
    if (member >= spec.firstConstant())
      memberRank = spec.constants[member - spec.firstConstant()].shape.size();
    else if (absl::Status status = leafRank(member, memberRank); !status.ok())
      return status;
    rank = std::max(rank, memberRank);
  }
  known = {rank, Progress::Done};
  return absl::OkStatus();
}

/// Checks that there is the part `ref`, and the partition that it is of.
absl::Status Checker::checkPart(PartRef ref) {
  if (!isIndexOf(ref.partition, spec.partitions) ||
      !isIndexOf(ref.part, spec.partitions[ref.partition].shapeGroups))
    return invalid("part_like refers to no part");
  if (isPartitionChecked[ref.partition])
    return absl::OkStatus();
  const Partition &partition = spec.partitions[ref.partition];
  int64_t first = -1;
  for (int32_t group : partition.shapeGroups) {
    if (!isIndexOf(group, spec.shapeGroups))
      return invalid("a partition refers to no shape group");
    int64_t rank;
    if (absl::Status status = groupRank(group, rank); !status.ok())
      return status;
    if (first == -1)
      first = rank;
    if (rank != first || partition.dim < 0 || partition.dim >= rank)
      return invalid("a partition along ", partition.dim, " of rank ", first,
                     " has a part of rank ", rank);
  }
  isPartitionChecked[ref.partition] = true;
  return absl::OkStatus();
}

static bool isPermutation(const Dims &dims, int64_t rank) {
  Dims sorted = dims;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i)
    if (sorted[i] != static_cast<int64_t>(i))
      return false;
  return static_cast<int64_t>(sorted.size()) == rank;
}

/// Whether a reshape may have these sizes: at most one is -1, and what the
/// others leave for it is one number.
static bool isReshape(const Dims &sizes) {
  for (int64_t size : sizes)
    if (size < -1)
      return false;
  const std::optional<int64_t> product = productOf(sizes);
  return product &&
         std::count(sizes.begin(), sizes.end(), -1) <= (*product == 0 ? 0 : 1);
}

/// Checks `step` on a view of `rank` dimensions and makes `rank` the result's.
absl::Status Checker::applyToRank(const ViewStep &step, int64_t &rank) {
  const bool isDim = step.dim >= 0 && step.dim < rank;
  switch (step.kind) {
  case ViewStep::Kind::ExpandDims:
    if (step.dim < 0 || step.dim > rank)
      return invalid("expand_dims at ", step.dim, " of rank ", rank);
    ++rank;
    return absl::OkStatus();
  case ViewStep::Kind::Squeeze:
    if (!isDim)
      return invalid("squeeze of ", step.dim, " of rank ", rank);
    --rank;
    return absl::OkStatus();
  case ViewStep::Kind::Reshape:
    if (!isReshape(step.dims))
      return invalid("reshape to the sizes ", shapeString(step.dims));
    rank = step.dims.size();
    return absl::OkStatus();
  case ViewStep::Kind::Transpose:
    if (!isPermutation(step.dims, rank))
      return invalid("transpose does not permute ", rank, " dimensions");
    return absl::OkStatus();
  case ViewStep::Kind::Slice:
    if (!isDim || step.step < 1)
      return invalid("slice along ", step.dim, " of rank ", rank, " by step ",
                     step.step);
    return absl::OkStatus();
  case ViewStep::Kind::Chunk:
    if (!isDim || step.index < 0 || step.index >= step.count ||
        step.count > INT32_MAX)
      return invalid("chunk ", step.index, " of ", step.count, " along ",
                     step.dim, " of rank ", rank);
    return absl::OkStatus();
  case ViewStep::Kind::BroadcastTo: {
    const int64_t newRank = step.dims.size();
    for (int64_t i = 0; i < newRank; ++i)
      if (step.dims[i] < (i < newRank - rank ? 0 : -1))
        return invalid("broadcast_to the size ", step.dims[i]);
    if (newRank < rank)
      return invalid("broadcast_to rank ", newRank, " from rank ", rank);
    rank = newRank;
    return absl::OkStatus();
  }
  case ViewStep::Kind::BroadcastLike: {
    if (!isIndexOf(step.index, spec.shapeGroups))
      return invalid("broadcast_like refers to no shape group");
    int64_t other;
    if (absl::Status status = groupRank(step.index, other); !status.ok())
      return status;
    rank = std::max(rank, other);
    return absl::OkStatus();
  }
  case ViewStep::Kind::PartLike:
    if (step.parts.empty() || step.dim < -1 || step.dim >= rank)
      return invalid("part_like along ", step.dim, " of rank ", rank);
    for (PartRef ref : step.parts)
      if (absl::Status status = checkPart(ref); !status.ok())
        return status;
    return absl::OkStatus();
  }
  return invalid("unknown view step");
}

absl::Status Checker::checkInstructions() {
  for (std::size_t i = 0; i < spec.instructions.size(); ++i)
    if (absl::Status status = checkInstruction(i); !status.ok())
      return status;
  return absl::OkStatus();
}

absl::Status Checker::checkInstruction(std::size_t number) {
  const Instruction &instruction = spec.instructions[number];
  const Opcode opcode = instruction.opcode;
  if (static_cast<int>(opcode) >= kNumOpcodes ||
      !isDType(instruction.operandType) || !isDType(instruction.resultType))
    return invalid("instruction ", number, " has no valid opcode or types");

  const ValueId defined = spec.firstResult() + static_cast<ValueId>(number);
  for (int i = 0; i < opcodeArity(opcode); ++i) {
    const ValueId operand = instruction.operands[i];
    if (operand < 0 || operand >= defined)
      return invalid("operand ", i, " of instruction ", number,
                     " is not defined before it");
    const bool isCondition = opcode == Opcode::select && i == 0;
    const DType expected = isCondition ? DType::i1 : instruction.operandType;
    if (spec.valueType(operand) != expected)
      return invalid("operand ", i, " of instruction ", number, " (",
                     opcodeName(opcode), ") is ",
                     dtypeName(spec.valueType(operand)), ", not ",
                     dtypeName(expected));
  }
  if (opcode == Opcode::random) {
    if (instruction.operandType == DType::i64 &&
        domainAdmits(opcodeDomain(opcode), instruction.resultType))
      return absl::OkStatus();
    return invalid("instruction ", number,
                   ": random takes i64 and gives a float type");
  }
  if (!domainAdmits(opcodeDomain(opcode), instruction.operandType))
    return invalid("instruction ", number, ": ", opcodeName(opcode),
                   " does not take ", dtypeName(instruction.operandType));
  const DType result =
      opcodeGivesBool(opcode) ? DType::i1 : instruction.operandType;
  if (opcode != Opcode::cast && instruction.resultType != result)
    return invalid("instruction ", number, ": ", opcodeName(opcode), " gives ",
                   dtypeName(result), ", not ",
                   dtypeName(instruction.resultType));
  return absl::OkStatus();
}

absl::Status Checker::checkPieces() {
  isComputed.assign(spec.instructions.size(), false);
  for (std::size_t i = 0; i < spec.pieces.size(); ++i) {
    Piece &piece = spec.pieces[i];
    const int64_t values = spec.firstResult() + spec.instructions.size();
    if (piece.value < 0 || piece.value >= values)
      return invalid("piece ", i, " has no value");
    if (!isIndexOf(piece.shapeGroup, spec.shapeGroups))
      return invalid("piece ", i, " has no shape group");
    if (piece.dtype != spec.valueType(piece.value))
      return invalid("piece ", i, " and its value differ in type");
    if (absl::Status status = groupRank(piece.shapeGroup, piece.rank);
        !status.ok())
      return status;
    collectNeeds(piece);
  }
  spec.weight = 0;
  spec.raises = false;
  for (std::size_t i = 0; i < spec.instructions.size(); ++i) {
    if (!isComputed[i])
      continue;
    const Instruction &instruction = spec.instructions[i];
    spec.weight += opcodeWeight(instruction.opcode, instruction.operandType);
    spec.raises |= opcodeRaises(instruction.opcode, instruction.operandType);
  }
  return absl::OkStatus();
}

/// Fills in the leaves and instructions that `piece` needs.
void Checker::collectNeeds(Piece &piece) {
  std::vector<bool> isNeeded(piece.value + 1);
  isNeeded[piece.value] = true;
  piece.leaves.clear();
  piece.instructions.clear();
  piece.weight = 0;
  for (ValueId value = piece.value; value >= 0; --value) {
    if (!isNeeded[value])
      continue;
    if (value < spec.firstConstant()) {
      piece.leaves.push_back(value);
    } else if (value >= spec.firstResult()) {
      const int32_t number = value - spec.firstResult();
      piece.instructions.push_back(number);
      isComputed[number] = true;
      const Instruction &instruction = spec.instructions[number];
      piece.weight += opcodeWeight(instruction.opcode, instruction.operandType);
      for (int i = 0; i < opcodeArity(instruction.opcode); ++i)
        isNeeded[instruction.operands[i]] = true;
    }
  }
  std::reverse(piece.leaves.begin(), piece.leaves.end());
  std::reverse(piece.instructions.begin(), piece.instructions.end());
}

absl::Status Checker::checkOutputs() {
  isStored.assign(spec.pieces.size(), false);
  for (std::size_t i = 0; i < spec.outputs.size(); ++i) {
    DType dtype;
    int64_t rank;
    absl::Status status = checkOutput(spec.outputs[i], 0, dtype, rank);
    if (!status.ok())
      return invalid("output ", i, ": ", status.message());
  }
  for (std::size_t i = 0; i < spec.pieces.size(); ++i)
    if (!isStored[i])
      return invalid("piece ", i, " is part of no output");
  return absl::OkStatus();
}

absl::Status Checker::checkOutput(const OutputNode &node, int depth,
                                  DType &dtype, int64_t &rank) {
  if (depth > kMaxDepth)
    return invalid("more than ", kMaxDepth, " concats within each other");
  if (node.parts.empty()) {
    if (!isIndexOf(node.piece, spec.pieces) || isStored[node.piece])
      return invalid("piece ", node.piece,
                     " does not exist or is stored a second time");
    isStored[node.piece] = true;
    dtype = spec.pieces[node.piece].dtype;
    rank = spec.pieces[node.piece].rank;
    return absl::OkStatus();
  }
  if (node.piece != -1)
    return invalid("an output is a piece or has parts, not both");
  for (std::size_t i = 0; i < node.parts.size(); ++i) {
    DType partType;
    int64_t partRank;
    absl::Status status =
        checkOutput(node.parts[i], depth + 1, partType, partRank);
    if (!status.ok())
      return status;
    if (i > 0 && (partType != dtype || partRank != rank))
      return invalid("the parts of a concat differ in type or rank");
    dtype = partType;
    rank = partRank;
  }
  if (node.dim < 0 || node.dim >= rank)
    return invalid("concat along ", node.dim, " of rank ", rank);
  return absl::OkStatus();
}

absl::Status KernelSpec::finalize() { return Checker(*this).run(); }

} // namespace fuser::runtime
