//===- NestProgram.h - a nest as instructions on blocks ---------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_NESTPROGRAM_H
#define FUSER_LIB_RUNTIME_NESTPROGRAM_H

#include "BlockKernels.h"
#include "FuserRuntime/LaunchPlan.h"

namespace fuser::runtime {

/// The code of one nest. Its values are blocks of elements, and each has a
/// slot: a buffer that it shares with values that are not alive when it is, or,
/// where the elements lie densely in a tensor, none but their place there.
class NestProgram {
public:
  /// `inPlace`: the nest may store to what it loads from. Refers to `nest`.
  NestProgram(const KernelSpec &spec, const PlannedNest &nest, bool inPlace);

  /// The number of elements in a block but the last one of a row.
  int64_t blockSize() const { return block; }
  /// The memory that run() needs.
  std::size_t bufferBytes() const { return bytes; }
  /// Number of elements of the nest.
  int64_t numElements() const { return elements; }
  int64_t numSteps() const { return static_cast<int64_t>(steps.size()); }
  const PlannedNest &planned() const { return nest; }

  /// Computes elements [begin, end), begin < end, counted in row-major order,
  /// with bufferBytes() at `buffers`, a multiple of 64. Returns false if an
  /// integer was divided by zero.
  bool run(MemoryTable memory, int64_t begin, int64_t end, char *buffers) const;

private:
  class Maker;
  class Run;
  using Slot = int32_t;

  struct Step {
    BlockFunction function;
    int arity;
    std::array<Slot, 3> operands;
    Slot result;
  };
  /// A constant, which is the same for all blocks.
  struct Fill {
    DType dtype;
    uint64_t bits;
    Slot slot;
  };
  /// How the block of a leaf, whose slot is its number, comes about.
  enum class Load : uint8_t {
    Direct,  ///< it is there
    Uniform, ///< one element, repeated; it changes from row to row at the most
    Copied,
  };
  /// Where the block of a piece goes.
  struct Store {
    Slot slot;
    /// Its value is computed there.
    bool isDirect;
  };
  struct SlotBuffer {
    int64_t elementSize;
    int64_t offset;
  };

  void placeBuffers();

  const PlannedNest &nest;
  /// No block goes beyond a row, so that it is dense wherever the row is.
  const bool isByRows;
  int64_t elements = 1, block = 0;
  std::size_t bytes = 0;
  absl::InlinedVector<Load, 8> loads;
  std::vector<Fill> fills;
  std::vector<Step> steps;
  absl::InlinedVector<Store, 4> stores;
  /// By slot; elements of size 0 where it has no buffer.
  std::vector<SlotBuffer> slots;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_NESTPROGRAM_H
