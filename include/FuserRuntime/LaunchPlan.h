//===- LaunchPlan.h - shapes, layouts and loops of a call -------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the executor works out for a call before anything runs: the shape of
// every piece, the outputs, and the loops that compute them, with joint
// dimension coalescing. A plan holds no addresses, so it serves every call of
// the same sizes and strides.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_LAUNCHPLAN_H
#define FUSERRUNTIME_LAUNCHPLAN_H

#include "FuserRuntime/KernelSpec.h"
#include "FuserRuntime/Tensor.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include <vector>

namespace fuser::runtime {

/// How an operand moves along the innermost dimension of its nest. Part of the
/// kernel key; the strides of outer dimensions are run-time numbers.
enum class StrideClass : uint8_t {
  Broadcast = 0,  ///< stride 0
  Contiguous = 1, ///< stride 1
  Strided = 2,    ///< any other, passed at run time
  Transposed =
      3, ///< as Strided, but 1 along the dimension before the innermost
};
/// "b", "c", "s" or "t".
const char *strideClassName(StrideClass inner);

/// Addresses of what a call reads and writes, by number: of the element at
/// index 0 of each input, then of each output, then of each planned copy.
using MemoryTable = absl::Span<void *const>;

/// Inputs and outputs of the calls that allocate nothing for lists of them: as
/// many as fuser-form-groups gives a group, and the copies of some.
inline constexpr std::size_t kUsualOperands = 272;

/// The number of what is no memory: elements that are their own places.
inline constexpr int32_t kIndices = -1;

/// A leaf or a piece of a nest, seen in the nest's coalesced dimensions.
struct PlannedOperand {
  /// A number in the call's MemoryTable, or kIndices: then each element, an
  /// i64, is its own place, which is counted in elements.
  int32_t memory;
  DType dtype;
  StrideClass inner;
  /// Of the element at index 0 in every dimension, in bytes from the address in
  /// the table; for indices that element itself.
  int64_t offset;
  /// In elements, one a coalesced dimension, outermost first.
  Dims strides;

  bool isIndex() const { return memory == kIndices; }
  /// What one element adds to a place.
  int64_t pitch() const { return isIndex() ? 1 : dtypeSize(dtype); }
  /// The address of the first element; for indices, that element as a number.
  void *place(MemoryTable table) const {
    return isIndex() ? reinterpret_cast<void *>(offset)
                     : static_cast<char *>(table[memory]) + offset;
  }
};

/// Pieces of equal shape, computed together, one element after another.
struct PlannedNest {
  /// Ascending ids into KernelSpec::pieces and leaves (the union of the pieces'
  /// leaves).
  absl::InlinedVector<int32_t, 4> pieces;
  absl::InlinedVector<int32_t, 8> leaves;
  /// Coalesced sizes, outermost first; never empty (rank 0 becomes {1}).
  Dims sizes;
  /// One for each of `leaves`, then one for each of `pieces`.
  absl::InlinedVector<PlannedOperand, 8> operands;
  /// Sum of the weights of the instructions of one element: exact if the nest
  /// has one piece or all of the spec's; otherwise an upper bound, as
  /// instructions that several pieces need may count more than once.
  int64_t weight = 0;
  /// The elements of the last row where it is shorter than the others; else 0.
  /// Only rows that ShortRows.cpp joined are so.
  int64_t lastRow = 0;

  int64_t numElements() const {
    int64_t count = 1;
    for (int64_t size : sizes)
      count *= size; // An output has as many, so it does not overflow.
    return lastRow == 0 ? count : count - sizes.back() + lastRow;
  }
  /// Whether it is computed by blocks, see kBlockRows.
  bool hasBlocks() const {
    for (const PlannedOperand &operand : operands)
      if (operand.inner == StrideClass::Transposed)
        return true;
    return false;
  }
};

/// The rows of a block. A nest with a Transposed operand is computed by blocks
/// of this many rows along the dimension before the innermost (the last block
/// may have less), as such an operand is read along them.
inline constexpr int64_t kBlockRows = 128;

/// The most Transposed operands of a nest, as each needs memory for the part of
/// a block that is worked on; others are Strided.
inline constexpr int64_t kMaxTransposed = 8;

/// What a thread of a device other than the CPU loads or stores at once.
inline constexpr int64_t kMaxVectorBytes = 16;

/// Nests that share one loop over rows: all of them have the same outer sizes,
/// and all or none go by blocks. A nest of coalesced rank 1 is alone in its
/// loop, which runs over elements.
struct PlannedLoop {
  absl::InlinedVector<int32_t, 2> nests;
  /// Number of rows (product of the outer sizes), but for a shorter last one,
  /// or of blocks, or of elements for rank 1.
  int64_t extent = 0;
  /// The estimated cost of one of these, in bytes moved.
  int64_t cost = 0;
  /// Store past the caches: more is moved than the last level keeps, output
  /// rows begin at cache lines and are long or whole ones, the code is cheap.
  /// Part of the kernel key, so sizes decide which of two kernels runs.
  bool nonTemporal = false;
  /// Some store replaces what a leaf of its nest loads, element by element; no
  /// other operand shares memory with a store. Only given outputs do this. Part
  /// of the kernel key: pointers are then not noalias.
  bool inPlace = false;
  /// On devices other than the CPU, part of the kernel key: every vector that a
  /// thread takes begins at a multiple of its size. With V = 16 / the size of
  /// the widest element in memory that the innermost dimension of the nest
  /// moves: each Contiguous operand of it begins at a multiple of V elements,
  /// and so do all its rows.
  bool isVectorAligned = false;
  /// Sizes and strides as LoopFunction takes them.
  absl::InlinedVector<int64_t, 16> dims;
};

/// A row-major copy of what a leaf shows before a reshape that no strides can
/// say, or of a short row that is repeated. Made before the loops run, which
/// read it.
struct PlannedCopy {
  PlannedOperand from;
  Dims sizes;
  int64_t numElements;
  /// Whether it is of a row, `sizes.front()` times.
  bool repeats = false;

  int64_t bytes() const { return numElements * dtypeSize(from.dtype); }
};

struct PlannedOutput {
  DType dtype;
  Dims sizes, strides;
  /// From the first to the last element; 0 if it is empty.
  int64_t bytes;
  /// Whether it begins at a multiple of 64 bytes.
  bool isAligned;

  /// A new tensor like this. ResourceExhausted if there is no memory.
  absl::StatusOr<Tensor> allocate(Allocator &allocator,
                                  Device device = {}) const {
    return Tensor::allocateStrided(dtype, sizes, strides, bytes, allocator,
                                   device);
  }
};

struct LaunchPlan {
  int32_t numInputs = 0;
  absl::InlinedVector<PlannedOutput, 2> outputs;
  /// In the order in which they are made: a copy may read one before it.
  std::vector<PlannedCopy> copies;
  /// Without the nests that have no elements.
  absl::InlinedVector<PlannedNest, 1> nests;
  absl::InlinedVector<PlannedLoop, 1> loops;
  /// See minimalBytes. Only Session::plan fills it in; no launch needs it.
  int64_t bytes = 0;

  int32_t outputMemory(std::size_t output) const {
    return numInputs + static_cast<int32_t>(output);
  }
  int32_t copyMemory(std::size_t copy) const {
    return outputMemory(outputs.size() + copy);
  }
  /// The size of the call's MemoryTable.
  std::size_t numMemories() const { return copyMemory(copies.size()); }
};

/// Works out the plan of calling `spec` on `inputs` (one tensor an input; a
/// runtime scalar is a rank-0 tensor on the CPU). Only their types, devices,
/// sizes and strides matter, and whether they have memory that a group may use;
/// on devices, how their addresses are aligned, up to 16. `outputs` may be
/// empty: then they are to be allocated as PlannedOutput says, at multiples of
/// 64 bytes, with the dense strides that eager PyTorch would give them; see
/// docs/Rationale.md. Given outputs must have the right dtype and shape; where
/// they overlap, and whether they begin at a multiple of 64 bytes, matters too.
/// They share no memory with each other. One may replace an input: see
/// PlannedLoop::inPlace.
/// Errors, all InvalidArgument: wrong number of inputs, dtype, rank, shapes
/// that do not broadcast or reshape (names both), concat or squeeze sizes that
/// do not fit, an output that exceeds the address space; given outputs
/// that share memory otherwise.
absl::StatusOr<LaunchPlan> planLaunch(const KernelSpec &spec,
                                      absl::Span<const Tensor> inputs,
                                      absl::Span<const Tensor> outputs);

/// The bytes that the call of `plan`, which planLaunch made of `spec` and
/// `inputs`, must read and write at the least: every distinct input element
/// that a broadcast does not repeat, every output element. Leaves of one input
/// count as disjoint up to the input's size.
int64_t minimalBytes(const KernelSpec &spec, absl::Span<const Tensor> inputs,
                     const LaunchPlan &plan);

} // namespace fuser::runtime

#endif // FUSERRUNTIME_LAUNCHPLAN_H
