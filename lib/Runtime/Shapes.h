//===- Shapes.h - the shapes of one call ------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_SHAPES_H
#define FUSER_LIB_RUNTIME_SHAPES_H

#include "FuserMath/PartRange.h"
#include "Views.h"

namespace fuser::runtime {

/// The views of all leaves and the shapes of all shape groups in one call.
/// Where a reshape needs strides that there are not, the leaf is a view of a
/// copy, which is only planned here: copy number i holds the elements of
/// copies()[i] in row-major order.
class Shapes {
public:
  Shapes(const KernelSpec &spec, absl::Span<const Tensor> inputs)
      : spec(spec), inputs(inputs), leaves(spec.leaves.size()),
        groups(spec.shapeGroups.size()), partitions(spec.partitions.size()) {}

  /// Works all of them out. InvalidArgument if an input does not match its
  /// description or shapes do not broadcast or concatenate.
  absl::Status evaluate();

  const View &leaf(int32_t number) const { return leaves[number].view; }
  absl::Span<const int64_t> group(int32_t number) const {
    return groups[number].shape;
  }
  absl::Span<const int64_t> ofPiece(int32_t number) const {
    return group(spec.pieces[number].shapeGroup);
  }
  /// What each copy is of, for reshapes. They have the memory numbers from
  /// firstCopy() on; a view of a copy is one of a copy before it.
  absl::Span<const View> copies() const { return copied; }
  int32_t firstCopy() const {
    return static_cast<int32_t>(spec.inputs.size() + spec.outputs.size());
  }

private:
  absl::Status checkInputs() const;
  // On demand, as broadcast_like and part_like make them depend on each other.
  // There are no cycles: KernelSpec::finalize refuses them.
  absl::Status needLeaf(int32_t number);
  absl::Status needGroup(int32_t number);
  absl::Status needPartition(int32_t number);
  absl::Status needIota(const Iota &iota, View &view);
  absl::Status applyStep(const ViewStep &step, View &view);
  absl::Status broadcastLike(int32_t group, View &view);
  absl::Status partLike(const ViewStep &step, View &view);
  PartExtent extentOf(PartRef ref) const;
  absl::Status reshape(const ViewStep &step, View &view);

  struct LeafView {
    View view;
    bool isKnown = false;
  };
  struct GroupShape {
    Dims shape;
    bool isKnown = false;
  };

  /// The shape of a concat, and where its parts begin; last, where they end.
  struct ConcatShape {
    Dims shape;
    std::vector<int64_t> starts;
    bool isKnown = false;
  };

  const KernelSpec &spec;
  absl::Span<const Tensor> inputs;
  absl::InlinedVector<LeafView, 4> leaves;
  absl::InlinedVector<GroupShape, 2> groups;
  std::vector<ConcatShape> partitions;
  std::vector<View> copied;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_SHAPES_H
