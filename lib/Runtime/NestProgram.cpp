//===- NestProgram.cpp - a nest as instructions on blocks
//-------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NestProgram.h"
#include "BlockIO.h"
#include "absl/container/flat_hash_map.h"
#include <algorithm>
#include <climits>

namespace fuser::runtime {

/// What the buffers of a nest may take of a first-level cache, besides the
/// lines of tensors that are read and written where they lie.
static constexpr int64_t kBufferBudget = int64_t(20) << 10;

/// Blocks have a multiple of so many elements: whole lines of any type.
static constexpr int64_t kBlockUnit = 64;

/// Shorter blocks spend their time between instructions; longer ones save no
/// more of it.
static constexpr int64_t kMinBlock = 2 * kBlockUnit, kMaxBlock = 2048;

/// Between buffers: a load would wait for stores to others whose low address
/// bits are its own.
static constexpr int64_t kBufferGap = 5 * 64;

/// Rows at least this long are computed one by one.
static constexpr int64_t kMinRow = 64;

//===----------------------------------------------------------------------===//
// Making a program
//===----------------------------------------------------------------------===//

/// Writes a program.
class NestProgram::Maker {
public:
  Maker(const KernelSpec &spec, NestProgram &program)
      : spec(spec), nest(program.nest), program(program) {}

  void make(bool inPlace);

private:
  bool isStored(ValueId value) const;
  void addLeaves(bool inPlace);
  std::vector<int32_t> findInstructions();
  void findDirectStores();
  Slot newSlot(DType dtype);
  Slot slotOf(ValueId value);
  void emit(const Instruction &instruction, ValueId result);
  void freeAfter(int32_t number, const Instruction &instruction);

  const KernelSpec &spec;
  const PlannedNest &nest;
  NestProgram &program;
  absl::flat_hash_map<ValueId, Slot> slots;
  /// The last instruction that reads a value; INT_MAX if it is stored.
  absl::flat_hash_map<ValueId, int32_t> lastUses;
  /// Values computed where a piece is stored.
  absl::flat_hash_map<ValueId, std::size_t> directStores;
  /// Free slots by the size of an element.
  std::array<std::vector<Slot>, 9> freeSlots;
};

bool NestProgram::Maker::isStored(ValueId value) const {
  return std::any_of(
      nest.pieces.begin(), nest.pieces.end(),
      [&](int32_t piece) { return spec.pieces[piece].value == value; });
}

void NestProgram::Maker::addLeaves(bool inPlace) {
  for (std::size_t i = 0; i < nest.leaves.size(); ++i) {
    const PlannedOperand &operand = nest.operands[i];
    const ValueId leaf = nest.leaves[i];
    // A leaf that another output shows, too, must outlive the first store. And
    // an element of i1 may be any byte, but what is stored is 0 or 1.
    const bool mustCopy = inPlace || operand.isIndex() || !program.isByRows ||
                          (operand.dtype == DType::i1 && isStored(leaf));
    const Load load = mustCopy                                   ? Load::Copied
                      : operand.inner == StrideClass::Contiguous ? Load::Direct
                      : operand.inner == StrideClass::Broadcast  ? Load::Uniform
                                                                 : Load::Copied;
    program.loads.push_back(load);
    slots[leaf] = static_cast<Slot>(program.slots.size());
    program.slots.push_back(
        {load == Load::Direct ? 0 : dtypeSize(operand.dtype), 0});
  }
}

/// The instructions of all pieces, ascending, and who reads what last.
std::vector<int32_t> NestProgram::Maker::findInstructions() {
  std::vector<int32_t> instructions;
  for (int32_t piece : nest.pieces)
    instructions.insert(instructions.end(),
                        spec.pieces[piece].instructions.begin(),
                        spec.pieces[piece].instructions.end());
  std::sort(instructions.begin(), instructions.end());
  instructions.erase(std::unique(instructions.begin(), instructions.end()),
                     instructions.end());
  for (int32_t number : instructions)
    for (ValueId operand : spec.instructions[number].operands)
      lastUses[operand] = number;
  for (int32_t piece : nest.pieces)
    lastUses[spec.pieces[piece].value] = INT_MAX;
  return instructions;
}

/// Finds the results that are stored densely. Leaves are in no buffer then, or
/// copied before any store.
void NestProgram::Maker::findDirectStores() {
  for (std::size_t i = 0; i < nest.pieces.size(); ++i) {
    const ValueId value = spec.pieces[nest.pieces[i]].value;
    if (program.isByRows && value >= spec.firstResult() &&
        nest.operands[nest.leaves.size() + i].inner == StrideClass::Contiguous)
      directStores.try_emplace(value, i);
  }
}

void NestProgram::Maker::make(bool inPlace) {
  addLeaves(inPlace);
  findDirectStores();
  for (int32_t number : findInstructions()) {
    const Instruction &instruction = spec.instructions[number];
    emit(instruction, spec.firstResult() + number);
    freeAfter(number, instruction);
  }
  for (std::size_t i = 0; i < nest.pieces.size(); ++i) {
    const ValueId value = spec.pieces[nest.pieces[i]].value;
    const auto direct = directStores.find(value);
    program.stores.push_back(
        {slotOf(value), direct != directStores.end() && direct->second == i});
  }
}

NestProgram::Slot NestProgram::Maker::newSlot(DType dtype) {
  const int64_t size = dtypeSize(dtype);
  if (freeSlots[size].empty()) {
    program.slots.push_back({size, 0});
    return static_cast<Slot>(program.slots.size()) - 1;
  }
  const Slot slot = freeSlots[size].back();
  freeSlots[size].pop_back();
  return slot;
}

/// The slot of a value; a constant gets one of its own at its first use.
NestProgram::Slot NestProgram::Maker::slotOf(ValueId value) {
  auto [entry, isNew] = slots.try_emplace(value, 0);
  if (isNew) {
    const Constant &constant = spec.constants[value - spec.firstConstant()];
    entry->second = static_cast<Slot>(program.slots.size());
    program.slots.push_back({dtypeSize(constant.dtype), 0});
    program.fills.push_back({constant.dtype, constant.bits, entry->second});
  }
  return entry->second;
}

void NestProgram::Maker::emit(const Instruction &instruction, ValueId result) {
  const BlockTable &table = blockTable();
  const int opcode = static_cast<int>(instruction.opcode);
  const int from = static_cast<int>(instruction.operandType);
  const int to = static_cast<int>(instruction.resultType);
  Step step;
  step.function =
      instruction.opcode == Opcode::cast
          ? table.cast[from][to]
          : table.op[opcode][instruction.opcode == Opcode::random ? to : from];
  step.arity = opcodeArity(instruction.opcode);
  for (int i = 0; i < step.arity; ++i)
    step.operands[i] = slotOf(instruction.operands[i]);
  if (directStores.contains(result)) {
    step.result = static_cast<Slot>(program.slots.size());
    program.slots.push_back({0, 0});
  } else {
    step.result = newSlot(instruction.resultType);
  }
  slots[result] = step.result;
  program.steps.push_back(step);
}

/// Frees the slots of the results that only instruction `number` or earlier
/// ones read. Not before its own result has a slot: blocks must not overlap.
void NestProgram::Maker::freeAfter(int32_t number,
                                   const Instruction &instruction) {
  for (int i = 0; i < opcodeArity(instruction.opcode); ++i) {
    const ValueId operand = instruction.operands[i];
    int32_t &lastUse = lastUses[operand];
    if (operand < spec.firstResult() || lastUse != number)
      continue;
    const Slot slot = slots[operand];
    freeSlots[program.slots[slot].elementSize].push_back(slot);
    lastUse = INT_MAX; // The operand may come twice.
  }
}

NestProgram::NestProgram(const KernelSpec &spec, const PlannedNest &nest,
                         bool inPlace)
    : nest(nest), elements(nest.numElements()),
      isByRows(nest.sizes.size() == 1 || nest.sizes.back() >= kMinRow) {
  Maker(spec, *this).make(inPlace);
  placeBuffers();
}

/// Chooses the size of blocks, and where their buffers are.
void NestProgram::placeBuffers() {
  int64_t perElement = 1;
  for (const SlotBuffer &slot : slots)
    perElement += slot.elementSize;
  const int64_t extent = isByRows ? nest.sizes.back() : elements;
  const auto roundUp = [](int64_t n) {
    return (n + kBlockUnit - 1) / kBlockUnit * kBlockUnit;
  };
  const int64_t most =
      std::clamp(kBufferBudget / perElement / kBlockUnit * kBlockUnit,
                 kMinBlock, kMaxBlock);
  // The last block of a row is not to be a short one.
  block = roundUp((extent - 1) / ((extent + most - 1) / most) + 1);
  for (SlotBuffer &slot : slots)
    if (slot.elementSize > 0) {
      slot.offset = static_cast<int64_t>(bytes);
      bytes += block * slot.elementSize + kBufferGap;
    }
}

//===----------------------------------------------------------------------===//
// Running it
//===----------------------------------------------------------------------===//

/// One run over some elements.
class NestProgram::Run {
public:
  Run(const NestProgram &program, MemoryTable memory, char *buffers)
      : program(program), nest(program.nest), memory(memory),
        blocks(program.slots.size()), rowOffsets(nest.operands.size(), 0) {
    for (std::size_t slot = 0; slot < blocks.size(); ++slot)
      blocks[slot] = buffers + program.slots[slot].offset;
  }

  void fillConstants(int64_t n) {
    for (const Fill &fill : program.fills)
      fillBlock(fill.dtype, fill.bits, blocks[fill.slot], n);
  }
  void moveToRow(int64_t row);
  void prepare(BlockRange range, int64_t column);
  bool compute(int64_t n) const;
  void store(BlockRange range) const;

private:
  /// Where element `column` of the row is.
  void *place(std::size_t operand, int64_t column) const {
    const PlannedOperand &planned = nest.operands[operand];
    return static_cast<char *>(planned.place(memory)) +
           (rowOffsets[operand] + column) * dtypeSize(planned.dtype);
  }

  const NestProgram &program;
  const PlannedNest &nest;
  const MemoryTable memory;
  /// By slot.
  absl::InlinedVector<void *, 32> blocks;
  /// By operand: in elements, from the first row to this one.
  absl::InlinedVector<int64_t, 16> rowOffsets;
  bool isNewRow = true;
};

void NestProgram::Run::moveToRow(int64_t row) {
  std::fill(rowOffsets.begin(), rowOffsets.end(), 0);
  for (std::size_t dim = nest.sizes.size() - 1; dim-- > 0;) {
    const int64_t index = row % nest.sizes[dim];
    row /= nest.sizes[dim];
    for (std::size_t i = 0; i < rowOffsets.size(); ++i)
      rowOffsets[i] += index * nest.operands[i].strides[dim];
  }
  isNewRow = true;
}

/// Sees to the blocks of leaves and of results that are stored where they are
/// computed.
void NestProgram::Run::prepare(BlockRange range, int64_t column) {
  const std::size_t numLeaves = nest.leaves.size();
  for (std::size_t i = 0; i < numLeaves; ++i)
    switch (program.loads[i]) {
    case Load::Direct:
      blocks[i] = place(i, column);
      break;
    case Load::Uniform:
      if (isNewRow)
        repeatElement(nest.operands[i].dtype, place(i, 0), blocks[i],
                      program.block);
      break;
    case Load::Copied:
      loadBlock(nest.operands[i], memory, nest.sizes, range, blocks[i]);
      break;
    }
  for (std::size_t i = 0; i < program.stores.size(); ++i)
    if (program.stores[i].isDirect)
      blocks[program.stores[i].slot] = place(numLeaves + i, column);
  isNewRow = false;
}

bool NestProgram::Run::compute(int64_t n) const {
  for (const Step &step : program.steps) {
    const void *operands[3];
    for (int i = 0; i < step.arity; ++i)
      operands[i] = blocks[step.operands[i]];
    if (!step.function(n, operands, blocks[step.result]))
      return false;
  }
  return true;
}

void NestProgram::Run::store(BlockRange range) const {
  for (std::size_t i = 0; i < program.stores.size(); ++i)
    if (!program.stores[i].isDirect)
      storeBlock(nest.operands[nest.leaves.size() + i], memory, nest.sizes,
                 range, blocks[program.stores[i].slot]);
}

bool NestProgram::run(MemoryTable memory, int64_t begin, int64_t end,
                      char *buffers) const {
  Run run(*this, memory, buffers);
  run.fillConstants(std::min(block, end - begin));
  const int64_t rowSize = isByRows ? nest.sizes.back() : elements;
  int64_t column = begin % rowSize;
  run.moveToRow(begin / rowSize);
  for (BlockRange range{begin, 0}; range.begin < end; range.begin += range.n) {
    if (column == rowSize) {
      column = 0;
      run.moveToRow(range.begin / rowSize);
    }
    range.n = std::min({block, end - range.begin, rowSize - column});
    run.prepare(range, column);
    if (!run.compute(range.n))
      return false;
    run.store(range);
    column += range.n;
  }
  return true;
}

} // namespace fuser::runtime
