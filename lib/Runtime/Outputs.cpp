//===- Outputs.cpp - the outputs of one call ------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Outputs.h"
#include "EagerStrides.h"
#include "Overlap.h"
#include "absl/strings/str_cat.h"
#include <optional>

namespace fuser::runtime {

/// The shapes of a node and of all below it, in the order in which a walk from
/// the top meets them.
using NodeShapes = absl::InlinedVector<Dims, 4>;

/// Puts `part` behind `whole` along `axis`.
static absl::Status concatInto(Dims &whole, const Dims &part, int64_t axis) {
  auto refuse = [&](const auto &...why) {
    return absl::InvalidArgumentError(absl::StrCat(
        "shapes ", shapeString(whole), " and ", shapeString(part),
        " do not concatenate along dimension ", axis, ": ", why...));
  };
  for (std::size_t dim = 0; dim < part.size(); ++dim)
    if (static_cast<int64_t>(dim) != axis && whole[dim] != part[dim])
      return refuse("dimension ", dim, " is ", whole[dim], " and ", part[dim]);
  int64_t sum;
  if (__builtin_add_overflow(whole[axis], part[axis], &sum))
    return refuse("together they exceed the address space");
  whole[axis] = sum;
  return absl::OkStatus();
}

static absl::Status appendShapes(const OutputNode &node, const Shapes &shapes,
                                 NodeShapes &all) {
  const std::size_t number = all.size();
  all.emplace_back();
  if (node.parts.empty()) {
    absl::Span<const int64_t> shape = shapes.ofPiece(node.piece);
    all[number].assign(shape.begin(), shape.end());
    return absl::OkStatus();
  }
  for (std::size_t i = 0; i < node.parts.size(); ++i) {
    const std::size_t part = all.size();
    absl::Status status = appendShapes(node.parts[i], shapes, all);
    if (status.ok() && i > 0)
      status = concatInto(all[number], all[part], node.dim);
    else if (status.ok())
      all[number] = all[part];
    if (!status.ok())
      return status;
  }
  return absl::OkStatus();
}

/// Gives every piece of `node` its part of `target`, which begins where the
/// node does. `shape` stands at the shape of `node` and is moved past those of
/// all nodes below it.
static void assignStores(const OutputNode &node,
                         NodeShapes::const_iterator &shape, View target,
                         PieceStores &stores) {
  target.sizes = *shape++;
  if (node.parts.empty()) {
    stores[node.piece] = std::move(target);
    return;
  }
  int64_t start = 0;
  for (const OutputNode &partNode : node.parts) {
    View part = target;
    const int64_t size = (*shape)[node.dim];
    part.sizes[node.dim] = size;
    part.advance(node.dim, start);
    assignStores(partNode, shape, std::move(part), stores);
    start += size;
  }
}

static DType outputType(const OutputNode &node, const KernelSpec &spec) {
  const OutputNode *first = &node;
  while (!first->parts.empty())
    first = &first->parts[0];
  return spec.pieces[first->piece].dtype;
}

/// An output with these strides, which are dense.
static absl::StatusOr<PlannedOutput> planNew(DType dtype, const Dims &shape,
                                             Dims strides) {
  absl::StatusOr<int64_t> bytes = denseBytes(dtype, shape);
  if (!bytes.ok())
    return bytes.status();
  return PlannedOutput{dtype, shape, std::move(strides), *bytes,
                       /*isAligned=*/true};
}

/// Checks that `given` can be output number `number`.
static absl::Status checkGiven(const Tensor &given, std::size_t number,
                               DType dtype, absl::Span<const int64_t> shape) {
  if (given.dtype() != dtype || given.sizes() != shape)
    return absl::InvalidArgumentError(absl::StrCat(
        "output ", number, " must have the shape ", shapeString(shape),
        " and elements of type ", dtypeName(dtype), ", got ",
        shapeString(given.sizes()), " of ", dtypeName(given.dtype())));
  absl::Status status = checkUsable(given, "output", number);
  if (status.ok() && mayOverlapItself(given))
    return absl::InvalidArgumentError(
        absl::StrCat("output ", number,
                     " may store several elements in the same place; "
                     "give one whose elements do not overlap"));
  return status;
}

static absl::StatusOr<PlannedOutput> planGiven(const Tensor &given,
                                               std::size_t number, DType dtype,
                                               const Dims &shape) {
  if (absl::Status status = checkGiven(given, number, dtype, shape);
      !status.ok())
    return status;
  const ByteRange range(given);
  absl::Span<const int64_t> strides = given.strides();
  return PlannedOutput{dtype, shape, Dims(strides.begin(), strides.end()),
                       static_cast<int64_t>(range.end - range.begin),
                       range.begin % Tensor::kAlignment == 0};
}

/// Refuses given outputs whose memory may overlap.
static absl::Status checkDisjoint(absl::Span<const Tensor> outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (mayOverlap(outputs[i], outputs[j]))
        return absl::InvalidArgumentError(
            absl::StrCat("outputs ", j, " and ", i,
                         " may overlap; give each its own memory"));
  return absl::OkStatus();
}

absl::Status planOutputs(const KernelSpec &spec, const Shapes &shapes,
                         absl::Span<const Tensor> given, LaunchPlan &plan,
                         PieceStores &stores) {
  if (!given.empty() && given.size() != spec.outputs.size())
    return absl::InvalidArgumentError(
        absl::StrCat("the group gives ", spec.outputs.size(), " outputs, got ",
                     given.size()));
  stores.resize(spec.pieces.size());
  std::optional<EagerStrides> strides;
  if (given.empty())
    strides.emplace(spec, shapes);
  NodeShapes nodeShapes;
  for (std::size_t i = 0; i < spec.outputs.size(); ++i) {
    const OutputNode &node = spec.outputs[i];
    const DType dtype = outputType(node, spec);
    nodeShapes.clear();
    if (absl::Status status = appendShapes(node, shapes, nodeShapes);
        !status.ok())
      return status;
    const Dims &shape = nodeShapes[0];
    absl::StatusOr<PlannedOutput> output;
    if (given.empty()) {
      output = planNew(dtype, shape, strides->of(node, shape));
    } else {
      output = planGiven(given[i], i, dtype, shape);
    }
    if (!output.ok())
      return output.status();
    plan.outputs.push_back(*std::move(output));
    View whole;
    whole.memory = plan.outputMemory(i);
    whole.dtype = dtype;
    whole.sizes = shape;
    whole.strides = plan.outputs[i].strides;
    auto next = nodeShapes.cbegin();
    assignStores(node, next, std::move(whole), stores);
  }
  return checkDisjoint(given);
}

} // namespace fuser::runtime
