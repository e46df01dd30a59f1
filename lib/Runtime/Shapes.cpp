//===- Shapes.cpp - the shapes of one call --------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Shapes.h"
#include "absl/strings/str_cat.h"
#include <algorithm>

namespace fuser::runtime {

absl::Status Shapes::evaluate() {
  if (absl::Status status = checkInputs(); !status.ok())
    return status;
  for (std::size_t i = 0; i < leaves.size(); ++i)
    if (absl::Status status = needLeaf(i); !status.ok())
      return status;
  for (std::size_t i = 0; i < groups.size(); ++i)
    if (absl::Status status = needGroup(i); !status.ok())
      return status;
  return absl::OkStatus();
}

absl::Status Shapes::checkInputs() const {
  if (inputs.size() != spec.inputs.size())
    return absl::InvalidArgumentError(
        absl::StrCat("the group takes ", spec.inputs.size(), " inputs, got ",
                     inputs.size()));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const InputDesc &expected = spec.inputs[i];
    if (inputs[i].dtype() != expected.dtype)
      return absl::InvalidArgumentError(absl::StrCat(
          "input ", i, " must have elements of type ",
          dtypeName(expected.dtype), ", got ", dtypeName(inputs[i].dtype())));
    if (inputs[i].rank() != expected.rank)
      return absl::InvalidArgumentError(
          absl::StrCat("input ", i, " must have rank ", expected.rank,
                       ", got the shape ", shapeString(inputs[i].sizes())));
    absl::Status status = checkUsable(inputs[i], "input", i);
    if (!status.ok())
      return status;
  }
  return absl::OkStatus();
}

absl::Status Shapes::needLeaf(int32_t number) {
  LeafView &leaf = leaves[number];
  if (leaf.isKnown)
    return absl::OkStatus();
  const int32_t input = spec.leaves[number].input;
  if (input != -1)
    leaf.view = View(inputs[input], input);
  else if (absl::Status status = needIota(spec.leaves[number].iota, leaf.view);
           !status.ok())
    return status;
  for (const ViewStep &step : spec.leaves[number].steps)
    if (absl::Status status = applyStep(step, leaf.view); !status.ok())
      return status;
  leaf.isKnown = true;
  return absl::OkStatus();
}

absl::Status Shapes::needIota(const Iota &iota, View &view) {
  absl::Span<const int64_t> shape = iota.shape;
  if (iota.shapeGroup != -1) {
    if (absl::Status status = needGroup(iota.shapeGroup); !status.ok())
      return status;
    shape = groups[iota.shapeGroup].shape;
  }
  absl::StatusOr<View> indices = indexView(shape, iota.dim);
  if (!indices.ok())
    return indices.status();
  view = *std::move(indices);
  return absl::OkStatus();
}

absl::Status Shapes::applyStep(const ViewStep &step, View &view) {
  switch (step.kind) {
  case ViewStep::Kind::BroadcastLike:
    return broadcastLike(step.index, view);
  case ViewStep::Kind::PartLike:
    return partLike(step, view);
  case ViewStep::Kind::Reshape:
    return reshape(step, view);
  default:
    return runtime::applyStep(step, view);
  }
}

absl::Status Shapes::reshape(const ViewStep &step, View &view) {
  absl::StatusOr<Dims> shape = reshapedSizes(step.dims, view);
  if (!shape.ok())
    return shape.status();
  if (reshapeTo(*shape, view))
    return absl::OkStatus();
  // Leaves often differ in what follows the reshape only.
  auto found = std::find(copied.begin(), copied.end(), view);
  const auto number = static_cast<int32_t>(found - copied.begin());
  if (found == copied.end())
    copied.push_back(view);
  view.memory = firstCopy() + number;
  view.offset = 0;
  view.strides = rowMajorStrides(*shape);
  view.sizes = *std::move(shape);
  return absl::OkStatus();
}

absl::Status Shapes::broadcastLike(int32_t group, View &view) {
  if (absl::Status status = needGroup(group); !status.ok())
    return status;
  Dims shape = view.sizes;
  absl::Status status = broadcastInto(shape, groups[group].shape);
  return status.ok() ? expandTo(shape, view) : status;
}

PartExtent Shapes::extentOf(PartRef ref) const {
  const std::vector<int64_t> &starts = partitions[ref.partition].starts;
  return {starts[ref.part], starts[ref.part + 1], starts.back()};
}

absl::Status Shapes::partLike(const ViewStep &step, View &view) {
  absl::InlinedVector<PartExtent, 4> extents;
  for (PartRef ref : step.parts) {
    if (absl::Status status = needPartition(ref.partition); !status.ok())
      return status;
    extents.push_back(extentOf(ref));
  }
  if (step.dim == -1)
    return absl::OkStatus();
  std::optional<PartRange> range =
      partRange(view.sizes[step.dim], extents[0], extents.data() + 1,
                extents.size() - 1, step.isExact);
  if (!range)
    return absl::InvalidArgumentError(absl::StrCat(
        "shapes ", shapeString(view.sizes), " and ",
        shapeString(partitions[step.parts[0].partition].shape),
        " do not broadcast: dimension ", step.dim, " of the first lies beside ",
        extents[0].total, " elements of parts"));
  cut(view, step.dim, range->first, range->size, 1);
  return absl::OkStatus();
}

absl::Status Shapes::needPartition(int32_t number) {
  ConcatShape &concat = partitions[number];
  if (concat.isKnown)
    return absl::OkStatus();
  const Partition &partition = spec.partitions[number];
  concat.starts.assign(1, 0);
  for (int32_t group : partition.shapeGroups) {
    if (absl::Status status = needGroup(group); !status.ok())
      return status;
    const Dims &shape = groups[group].shape;
    if (concat.starts.size() == 1)
      concat.shape = shape;
    Dims others = shape;
    others[partition.dim] = concat.shape[partition.dim];
    int64_t end;
    if (others != concat.shape ||
        __builtin_add_overflow(concat.starts.back(), shape[partition.dim],
                               &end))
      return absl::InvalidArgumentError(absl::StrCat(
          "shapes ", shapeString(concat.shape), " and ", shapeString(shape),
          " do not concatenate along dimension ", partition.dim));
    concat.starts.push_back(end);
  }
  concat.shape[partition.dim] = concat.starts.back();
  concat.isKnown = true;
  return absl::OkStatus();
}

absl::Status Shapes::needGroup(int32_t number) {
  GroupShape &group = groups[number];
  if (group.isKnown)
    return absl::OkStatus();
  bool isFirst = true;
  for (ValueId member : spec.shapeGroups[number].members) {
    absl::Span<const int64_t> shape;
    if (member < spec.firstConstant()) {
      if (absl::Status status = needLeaf(member); !status.ok())
        return status;
      shape = leaves[member].view.sizes;
    } else {
      shape = spec.constants[member - spec.firstConstant()].shape;
    }
    if (isFirst)
      group.shape.assign(shape.begin(), shape.end());
    else if (absl::Status status = broadcastInto(group.shape, shape);
             !status.ok())
      return status;
    isFirst = false;
  }
  group.isKnown = true;
  return absl::OkStatus();
}

} // namespace fuser::runtime
