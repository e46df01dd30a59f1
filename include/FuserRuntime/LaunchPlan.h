//===- LaunchPlan.h - one call's shapes, layouts and loops ------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the executor works out for one call before anything runs: the shape of
// every piece, the outputs, and the loops that compute them, with joint
// dimension coalescing.
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
};

/// A leaf or a piece of a nest, seen in the nest's coalesced dimensions.
///
/// If `isIndex`, it is no memory: its elements, i64, are their own addresses,
/// counted in elements. `data` is the first one as a number.
struct PlannedOperand {
  void *data;
  DType dtype;
  StrideClass inner;
  /// In elements, one a coalesced dimension, outermost first.
  Dims strides;
  bool isIndex = false;

  /// What one element adds to `data`.
  int64_t pitch() const { return isIndex ? 1 : dtypeSize(dtype); }
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
};

/// Nests that share one loop over rows: all of them have the same outer sizes.
/// A nest of coalesced rank 1 is alone in its loop, which runs over elements.
struct PlannedLoop {
  absl::InlinedVector<int32_t, 2> nests;
  /// Number of rows (product of the outer sizes), or of elements for rank 1.
  int64_t extent = 0;
  /// Store past the caches: outputs larger than a core's share of the last
  /// level, all output rows aligned to 64 bytes and no shorter than 256, cheap
  /// code. Part of the kernel key, so sizes decide which of two kernels runs.
  bool nonTemporal = false;
  /// Some store replaces what a leaf of its nest loads, element by element; no
  /// other operand shares memory with a store. Only given outputs do this. Part
  /// of the kernel key: pointers are then not noalias.
  bool inPlace = false;
};

/// A row-major copy of what a leaf shows before a reshape that no strides can
/// say. Made before the loops run, which read `to`.
struct PlannedCopy {
  PlannedOperand from;
  Dims sizes;
  Tensor to; ///< of rank 1
};

struct LaunchPlan {
  absl::InlinedVector<Tensor, 2> outputs;
  /// In the order in which they are made: a copy may read one before it.
  std::vector<PlannedCopy> copies;
  /// Without the nests that have no elements.
  absl::InlinedVector<PlannedNest, 1> nests;
  absl::InlinedVector<PlannedLoop, 1> loops;
  /// See minimalBytes. Only Session::plan fills it in; no launch needs it.
  int64_t bytes = 0;
};

/// Works out the plan of calling `spec` on `inputs` (one tensor an input; a
/// runtime scalar is a rank-0 tensor). `outputs` may be empty: then they are
/// allocated, with the dense strides that eager PyTorch would give them; see
/// docs/Rationale.md. Given outputs must have the right dtype and shape, and
/// share no memory with each other. One may replace an input: see
/// PlannedLoop::inPlace.
/// Errors, all InvalidArgument: wrong number of inputs, dtype, rank, shapes
/// that do not broadcast or reshape (names both), concat or squeeze sizes that
/// do not fit; given outputs that share memory otherwise. ResourceExhausted: no
/// memory.
absl::StatusOr<LaunchPlan> planLaunch(const KernelSpec &spec,
                                      absl::Span<const Tensor> inputs,
                                      absl::Span<const Tensor> outputs,
                                      Allocator &allocator);

/// The bytes that the call of `plan`, which planLaunch made of `spec` and
/// `inputs`, must read and write at the least: every distinct input element
/// that a broadcast does not repeat, every output element. Leaves of one input
/// count as disjoint up to the input's size.
int64_t minimalBytes(const KernelSpec &spec, absl::Span<const Tensor> inputs,
                     const LaunchPlan &plan);

} // namespace fuser::runtime

#endif // FUSERRUNTIME_LAUNCHPLAN_H
