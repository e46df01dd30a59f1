//===- EagerStrides.h - the memory format of outputs ------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_EAGERSTRIDES_H
#define FUSER_LIB_RUNTIME_EAGERSTRIDES_H

#include "Shapes.h"

namespace fuser::runtime {

/// Chooses the strides of outputs: those that eager PyTorch would give them if
/// it ran the instructions of the group one by one. Source: fast_set_up,
/// reorder_dimensions and allocate_or_resize_outputs of ATen's TensorIterator,
/// infer_dense_strides for casts and copies, cat_compute_output_memory_format
/// for concats, as of PyTorch 2.13.
///
/// The strides are dense: a view that eager PyTorch would return gets the order
/// of its dimensions, without its gaps. A piece that is a leaf, so a view of an
/// input, is a copy.
class EagerStrides {
public:
  EagerStrides(const KernelSpec &spec, const Shapes &shapes);

  /// The strides of output `node`, of shape `shape`. Those of an output without
  /// elements are row-major; those of one that exceeds the address space mean
  /// nothing.
  Dims of(const OutputNode &node, absl::Span<const int64_t> shape);

private:
  struct Layout {
    absl::Span<const int64_t> sizes, strides;
  };
  struct Result {
    Dims sizes, strides;
  };
  static bool isPlain(const View &leaf);
  static bool isDense(const Layout &layout);
  static Dims copied(const Layout &operand, absl::Span<const int64_t> shape);
  static Dims iterated(absl::Span<const Layout> operands,
                       absl::Span<const int64_t> shape);
  static Dims sorted(absl::Span<const Layout> operands,
                     absl::Span<const int64_t> shape);
  Layout valueOf(ValueId value) const;
  bool run(const Piece &piece, absl::Span<const int64_t> shape);
  Result partOf(const OutputNode &node);

  const KernelSpec &spec;
  const Shapes &shapes;
  /// No leaf asks for anything but row-major results.
  bool isRowMajor;
  /// Of the constants and of those instructions that have run.
  std::vector<Result> results;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_EAGERSTRIDES_H
