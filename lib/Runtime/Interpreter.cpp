//===- Interpreter.cpp - running a plan without a kernel ------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"
#include "BlockIO.h"
#include "BlockKernels.h"
#include "FuserRuntime/FusedKernel.h"
#include "LoopSplit.h"
#include "absl/container/flat_hash_map.h"
#include <algorithm>
#include <atomic>
#include <climits>
#include <cstdlib>

namespace fuser::runtime {

/// The interpreter takes about this many times longer than a kernel.
static constexpr int64_t kSlowdown = 4;

/// From one slot's block to the next. Not a multiple of 4 KiB: a load would
/// then wait for stores to other slots whose low address bits are its own.
static constexpr std::size_t kSlotPitch = kBlockBytes + 5 * 64;

namespace {

using Slot = int32_t;

/// The code of one nest, with a block buffer ("slot") for every value that is
/// alive at a time.
class NestProgram {
public:
  /// `inPlace`: the nest may store to what it loads from.
  NestProgram(const KernelSpec &spec, const PlannedNest &nest, bool inPlace);

  std::size_t numSlots() const { return slotCount; }
  /// Computes elements [begin, end) of the nest with the memory `buffers` for
  /// numSlots() blocks. Returns false if an integer was divided by zero.
  bool run(MemoryTable memory, int64_t begin, int64_t end, char *buffers) const;

private:
  struct Step {
    BlockFunction function;
    int arity;
    std::array<Slot, 3> operands;
    Slot result;
  };
  struct Fill {
    DType dtype;
    uint64_t bits;
    Slot slot;
  };

  Slot newSlot();
  Slot slotOf(ValueId value);
  void emit(const Instruction &instruction, ValueId result);
  void freeAfter(int32_t number, const Instruction &instruction);

  const KernelSpec &spec;
  const PlannedNest &nest;
  absl::InlinedVector<PlannedOperand, 8> operands;
  /// Leaf number i of the nest has slot i.
  std::vector<Fill> fills;
  std::vector<Step> steps;
  std::vector<Slot> pieceSlots;
  std::size_t slotCount = 0;

  // Used while making the program.
  absl::flat_hash_map<ValueId, Slot> slots;
  /// The last instruction that reads a value; INT_MAX if it is stored.
  absl::flat_hash_map<ValueId, int32_t> lastUses;
  std::vector<Slot> freeSlots;
};

} // namespace

NestProgram::NestProgram(const KernelSpec &spec, const PlannedNest &nest,
                         bool inPlace)
    : spec(spec), nest(nest), operands(nest.operands) {
  // A leaf that another output shows, too, must outlive the first store: as a
  // Strided one every block of it is copied.
  if (inPlace)
    for (std::size_t i = 0; i < nest.leaves.size(); ++i)
      operands[i].inner = StrideClass::Strided;
  for (int32_t leaf : nest.leaves)
    slots[leaf] = newSlot();

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

  for (int32_t number : instructions) {
    const Instruction &instruction = spec.instructions[number];
    emit(instruction, spec.firstResult() + number);
    freeAfter(number, instruction);
  }
  for (int32_t piece : nest.pieces)
    pieceSlots.push_back(slotOf(spec.pieces[piece].value));
}

Slot NestProgram::newSlot() {
  if (freeSlots.empty())
    return static_cast<Slot>(slotCount++);
  const Slot slot = freeSlots.back();
  freeSlots.pop_back();
  return slot;
}

/// The slot of a value; a constant gets one of its own at its first use.
Slot NestProgram::slotOf(ValueId value) {
  auto [entry, isNew] = slots.try_emplace(value, 0);
  if (isNew) {
    const Constant &constant = spec.constants[value - spec.firstConstant()];
    entry->second = static_cast<Slot>(slotCount++);
    fills.push_back({constant.dtype, constant.bits, entry->second});
  }
  return entry->second;
}

void NestProgram::emit(const Instruction &instruction, ValueId result) {
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
  step.result = slots[result] = newSlot();
  steps.push_back(step);
}

/// Frees the slots of the results that only instruction `number` or earlier
/// ones read. Not before its own result has a slot: blocks must not overlap.
void NestProgram::freeAfter(int32_t number, const Instruction &instruction) {
  for (int i = 0; i < opcodeArity(instruction.opcode); ++i) {
    const ValueId operand = instruction.operands[i];
    int32_t &lastUse = lastUses[operand];
    if (operand < spec.firstResult() || lastUse != number)
      continue;
    freeSlots.push_back(slots[operand]);
    lastUse = INT_MAX; // The operand may come twice.
  }
}

bool NestProgram::run(MemoryTable memory, int64_t begin, int64_t end,
                      char *buffers) const {
  auto buffer = [buffers](Slot slot) { return buffers + slot * kSlotPitch; };
  std::vector<const void *> blocks(slotCount);
  for (std::size_t slot = 0; slot < slotCount; ++slot)
    blocks[slot] = buffer(slot);
  for (const Fill &fill : fills)
    fillBlock(fill.dtype, fill.bits, buffer(fill.slot));

  for (BlockRange range{begin, 0}; range.begin < end; range.begin += range.n) {
    range.n = std::min(kBlockSize, end - range.begin);
    for (std::size_t i = 0; i < nest.leaves.size(); ++i)
      blocks[i] = loadBlock(operands[i], memory, nest.sizes, range, buffer(i));
    for (const Step &step : steps) {
      const void *operands[3];
      for (int i = 0; i < step.arity; ++i)
        operands[i] = blocks[step.operands[i]];
      if (!step.function(range.n, operands, buffer(step.result)))
        return false;
    }
    for (std::size_t i = 0; i < pieceSlots.size(); ++i)
      storeBlock(operands[nest.leaves.size() + i], memory, nest.sizes, range,
                 blocks[pieceSlots[i]]);
  }
  return true;
}

/// Runs one nest on as many threads as it is worth.
static absl::Status interpretNest(const KernelSpec &spec,
                                  const PlannedNest &nest, bool inPlace,
                                  MemoryTable memory, ThreadPool &threads) {
  const NestProgram program(spec, nest, inPlace);
  const int64_t elements = nest.numElements();
  const int64_t cost = elements * elementCost(nest) * kSlowdown;
  const int64_t blocks = (elements + kBlockSize - 1) / kBlockSize;
  const int64_t parts = chooseParts(cost, blocks, threads);

  std::atomic<bool> hasMemory{true}, isDefined{true};
  threads.parallelFor(parts, [&](int64_t part) {
    const PartRange range(part, parts, elements, kBlockSize);
    void *buffers = std::aligned_alloc(64, program.numSlots() * kSlotPitch);
    if (!buffers)
      hasMemory = false;
    else if (!program.run(memory, range.begin, range.end,
                          static_cast<char *>(buffers)))
      isDefined = false;
    std::free(buffers);
  });
  if (!hasMemory)
    return absl::ResourceExhaustedError("no memory to interpret the group");
  if (!isDefined)
    return divisionByZeroError();
  return absl::OkStatus();
}

absl::Status interpret(const KernelSpec &spec, const LaunchPlan &plan,
                       MemoryTable memory, ThreadPool &threads) {
  for (const PlannedLoop &loop : plan.loops)
    for (int32_t nest : loop.nests) {
      absl::Status status =
          interpretNest(spec, plan.nests[nest], loop.inPlace, memory, threads);
      if (!status.ok())
        return status;
    }
  return absl::OkStatus();
}

} // namespace fuser::runtime
