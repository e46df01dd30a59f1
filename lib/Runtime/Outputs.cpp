//===- Outputs.cpp - the outputs of one call ------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Outputs.h"
#include "StrideOrder.h"
#include "absl/strings/str_cat.h"

namespace fuser::runtime {

/// The shape of the (part of an) output that `node` stands for.
static absl::StatusOr<Dims> outputShape(const OutputNode &node,
                                        const Shapes &shapes) {
  if (node.parts.empty()) {
    absl::Span<const int64_t> shape = shapes.ofPiece(node.piece);
    return Dims(shape.begin(), shape.end());
  }
  absl::StatusOr<Dims> shape = outputShape(node.parts[0], shapes);
  for (std::size_t i = 1; i < node.parts.size() && shape.ok(); ++i) {
    absl::StatusOr<Dims> part = outputShape(node.parts[i], shapes);
    if (!part.ok())
      return part;
    for (std::size_t dim = 0; dim < part->size(); ++dim) {
      int64_t &size = (*shape)[dim];
      const bool isAxis = static_cast<int64_t>(dim) == node.dim;
      if (isAxis ? __builtin_add_overflow(size, (*part)[dim], &size)
                 : size != (*part)[dim])
        return absl::InvalidArgumentError(absl::StrCat(
            "shapes ", shapeString(*shape), " and ", shapeString(*part),
            " do not concatenate along dimension ", node.dim, ": dimension ",
            dim, " is ", size, " and ", (*part)[dim]));
    }
  }
  return shape;
}

/// Gives every piece of `node` its part of `target`, whose shape is the node's.
static void assignStores(const OutputNode &node, const Shapes &shapes,
                         const View &target, PieceStores &stores) {
  if (node.parts.empty()) {
    stores[node.piece] = target;
    return;
  }
  View part = target;
  for (const OutputNode &partNode : node.parts) {
    part.sizes = *outputShape(partNode, shapes);
    assignStores(partNode, shapes, part, stores);
    part.advance(part.sizes[node.dim] * part.strides[node.dim]);
  }
}

/// Adds to `order` the leaves of `node` that are as large as what they compute.
static void addFullLeaves(const OutputNode &node, const KernelSpec &spec,
                          const Shapes &shapes, StrideOrder &order) {
  for (const OutputNode &part : node.parts)
    addFullLeaves(part, spec, shapes, order);
  if (!node.parts.empty())
    return;
  for (int32_t leaf : spec.pieces[node.piece].leaves)
    if (shapes.leaf(leaf).sizes == shapes.ofPiece(node.piece))
      order.add(shapes.leaf(leaf));
}

static DType outputType(const OutputNode &node, const KernelSpec &spec) {
  const OutputNode *first = &node;
  while (!first->parts.empty())
    first = &first->parts[0];
  return spec.pieces[first->piece].dtype;
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

/// Refuses given outputs whose memory may overlap.
static absl::Status checkDisjoint(absl::Span<const Tensor> outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (ByteRange(outputs[i]).intersects(ByteRange(outputs[j])))
        return absl::InvalidArgumentError(
            absl::StrCat("outputs ", j, " and ", i,
                         " may overlap; give each its own memory"));
  return absl::OkStatus();
}

absl::Status planOutputs(const KernelSpec &spec, const Shapes &shapes,
                         absl::Span<const Tensor> given, Allocator &allocator,
                         absl::InlinedVector<Tensor, 2> &outputs,
                         PieceStores &stores) {
  if (!given.empty() && given.size() != spec.outputs.size())
    return absl::InvalidArgumentError(
        absl::StrCat("the group gives ", spec.outputs.size(), " outputs, got ",
                     given.size()));
  stores.resize(spec.pieces.size());
  for (std::size_t i = 0; i < spec.outputs.size(); ++i) {
    const OutputNode &node = spec.outputs[i];
    const DType dtype = outputType(node, spec);
    absl::StatusOr<Dims> shape = outputShape(node, shapes);
    if (!shape.ok())
      return shape.status();
    if (given.empty()) {
      StrideOrder order(static_cast<int64_t>(shape->size()));
      addFullLeaves(node, spec, shapes, order);
      absl::StatusOr<Tensor> output =
          Tensor::allocate(dtype, *shape, order.order(), allocator);
      if (!output.ok())
        return output.status();
      outputs.push_back(*std::move(output));
    } else {
      absl::Status status = checkGiven(given[i], i, dtype, *shape);
      if (!status.ok())
        return status;
      outputs.push_back(given[i]);
    }
    assignStores(node, shapes, View(outputs.back()), stores);
  }
  return checkDisjoint(given);
}

} // namespace fuser::runtime
