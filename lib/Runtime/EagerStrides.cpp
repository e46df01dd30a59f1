//===- EagerStrides.cpp - the memory format of outputs --------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EagerStrides.h"
#include <algorithm>
#include <numeric>

namespace fuser::runtime {

/// Dimensions from the fastest to the slowest varying.
using Order = Dims;

static Order rowMajorOrder(std::size_t rank) {
  Order order(rank);
  std::iota(order.rbegin(), order.rend(), 0);
  return order;
}

/// The order that PyTorch calls channels-last; empty if there is none of that
/// rank.
static Order channelsLastOrder(std::size_t rank) {
  switch (rank) {
  case 4:
    return {1, 3, 2, 0};
  case 5:
    return {1, 4, 3, 2, 0};
  default:
    return {};
  }
}

/// Strides of `sizes` without gaps.
static Dims denseStrides(absl::Span<const int64_t> sizes, const Order &order) {
  Dims strides(sizes.size());
  int64_t stride = 1;
  for (int64_t dim : order) {
    strides[dim] = stride;
    // It may wrap where there are no elements, or too many to be allocated.
    (void)__builtin_mul_overflow(stride, sizes[dim], &stride);
  }
  return strides;
}

/// Whether `strides` are denseStrides, but for dimensions of size 1.
static bool areDense(absl::Span<const int64_t> sizes,
                     absl::Span<const int64_t> strides, const Order &order) {
  int64_t expected = 1;
  for (int64_t dim : order) {
    if (sizes[dim] == 1)
      continue;
    if (strides[dim] != expected ||
        __builtin_mul_overflow(expected, sizes[dim], &expected))
      return false;
  }
  return true;
}

/// Whether cat takes an operand for one that is laid out channels-last, in
/// `order`: is_channels_last_strides_2d and _3d of c10.
static bool suggestsChannelsLast(absl::Span<const int64_t> sizes,
                                 absl::Span<const int64_t> strides,
                                 const Order &order) {
  int64_t least = 0;
  if (strides[1] == 0)
    return false;
  for (int64_t dim : order) {
    if (sizes[dim] == 0 || strides[dim] < least ||
        (dim == 0 && least == strides[1]))
      return false;
    if (__builtin_mul_overflow(strides[dim], sizes[dim], &least))
      return false;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// One op
//===----------------------------------------------------------------------===//

/// Whether the elements fill a range of memory, each once: PyTorch's
/// is_non_overlapping_and_dense.
bool EagerStrides::isDense(const Layout &layout) {
  const std::size_t rank = layout.sizes.size();
  int64_t expected = 1;
  for (std::size_t left =
           rank - std::count(layout.sizes.begin(), layout.sizes.end(), 1);
       left > 0; --left) {
    std::size_t dim = 0;
    while (dim < rank &&
           (layout.sizes[dim] == 1 || layout.strides[dim] != expected))
      ++dim;
    if (dim == rank ||
        __builtin_mul_overflow(expected, layout.sizes[dim], &expected))
      return false;
  }
  return true;
}

/// `operand`'s strides in the dimensions of `shape`, 0 where it is repeated.
template <class Layout>
static Dims expandedStrides(const Layout &operand,
                            absl::Span<const int64_t> shape) {
  const std::size_t added = shape.size() - operand.sizes.size();
  Dims strides(shape.size(), 0);
  for (std::size_t dim = 0; dim < operand.sizes.size(); ++dim)
    if (operand.sizes[dim] != 1 || shape[added + dim] == 1)
      strides[added + dim] = operand.strides[dim];
  return strides;
}

/// Dense strides in the order of those of the operands; the first one that
/// tells two dimensions apart decides. This is TensorIterator's insertion sort:
/// a comparison may be ambiguous, so the order of its steps matters.
Dims EagerStrides::sorted(absl::Span<const Layout> operands,
                          absl::Span<const int64_t> shape) {
  absl::InlinedVector<Dims, 3> strides;
  for (const Layout &operand : operands)
    strides.push_back(expandedStrides(operand, shape));
  // Above 0 if dimension `a` must vary slower than `b`, below if faster.
  auto compare = [&](int64_t a, int64_t b) {
    for (const Dims &operand : strides) {
      if (operand[a] == 0 || operand[b] == 0)
        continue;
      if (operand[a] != operand[b])
        return operand[a] < operand[b] ? -1 : 1;
      if (shape[a] > shape[b])
        return 1;
    }
    return 0;
  };
  Order order = rowMajorOrder(shape.size());
  for (std::size_t i = 1; i < order.size(); ++i) {
    std::size_t place = i;
    for (std::size_t other = i; other-- > 0;) {
      const int comparison = compare(order[other], order[place]);
      if (comparison < 0)
        break;
      if (comparison > 0) {
        std::swap(order[other], order[place]);
        place = other;
      }
    }
  }
  return denseStrides(shape, order);
}

/// The result of an op that computes element by element.
Dims EagerStrides::iterated(absl::Span<const Layout> operands,
                            absl::Span<const int64_t> shape) {
  auto all = [&](auto &&holds) {
    return std::all_of(operands.begin(), operands.end(), holds);
  };
  if (!all([&](const Layout &operand) { return operand.sizes == shape; }))
    return sorted(operands, shape);
  auto allDenseIn = [&](const Order &order) {
    return all([&](const Layout &operand) {
      return areDense(operand.sizes, operand.strides, order);
    });
  };
  const Order rowMajor = rowMajorOrder(shape.size());
  if (allDenseIn(rowMajor))
    return denseStrides(shape, rowMajor);
  if (const Order order = channelsLastOrder(4);
      shape.size() == 4 && allDenseIn(order))
    return denseStrides(shape, order);
  const Layout &first = operands[0];
  if (isDense(first) && all([&](const Layout &operand) {
        return operand.strides == first.strides;
      }))
    return Dims(first.strides.begin(), first.strides.end());
  return sorted(operands, shape);
}

/// A cast, or a copy that keeps the memory format.
Dims EagerStrides::copied(const Layout &operand,
                          absl::Span<const int64_t> shape) {
  if (operand.sizes == shape && isDense(operand))
    return Dims(operand.strides.begin(), operand.strides.end());
  return sorted(absl::MakeConstSpan(&operand, 1), shape);
}

//===----------------------------------------------------------------------===//
// The group
//===----------------------------------------------------------------------===//

/// Whether results of `leaf`, and of leaves like it, are row-major: no two of
/// its dimensions make `sorted` swap them, and it is not dense with strides of
/// its own in dimensions of size 1.
bool EagerStrides::isPlain(const View &leaf) {
  int64_t lastStride = 0, lastSize = 0, dense = 1;
  bool isContiguous = true, isRowMajor = true;
  for (int64_t dim = leaf.rank(); dim-- > 0;) {
    const int64_t size = leaf.sizes[dim], stride = leaf.strides[dim];
    isRowMajor &= stride == dense;
    isContiguous &= size == 1 || stride == dense;
    (void)__builtin_mul_overflow(dense, size, &dense);
    if (stride == 0)
      continue;
    if (stride < lastStride || (stride == lastStride && lastSize > size))
      return false;
    lastStride = stride;
    lastSize = size;
  }
  return isRowMajor || !isContiguous;
}

EagerStrides::EagerStrides(const KernelSpec &spec, const Shapes &shapes)
    : spec(spec), shapes(shapes), isRowMajor(true) {
  for (std::size_t leaf = 0; leaf < spec.leaves.size() && isRowMajor; ++leaf)
    isRowMajor = isPlain(shapes.leaf(leaf));
  if (isRowMajor)
    return;
  results.resize(spec.constants.size() + spec.instructions.size());
  for (std::size_t i = 0; i < spec.constants.size(); ++i)
    results[i] = {spec.constants[i].shape,
                  rowMajorStrides(spec.constants[i].shape)};
}

EagerStrides::Layout EagerStrides::valueOf(ValueId value) const {
  if (value < spec.firstConstant())
    return {shapes.leaf(value).sizes, shapes.leaf(value).strides};
  const Result &result = results[value - spec.firstConstant()];
  return {result.sizes, result.strides};
}

/// Fills in the results of the instructions that `piece` needs. False if they,
/// or they and the shape of the piece, do not fit: the call will fail.
bool EagerStrides::run(const Piece &piece, absl::Span<const int64_t> shape) {
  for (int32_t number : piece.instructions) {
    const Instruction &instruction = spec.instructions[number];
    Result &result = results[spec.constants.size() + number];
    if (!result.sizes.empty())
      continue; // Another piece needed it, too.
    absl::InlinedVector<Layout, 3> operands;
    Dims sizes;
    for (int i = 0; i < opcodeArity(instruction.opcode); ++i) {
      operands.push_back(valueOf(instruction.operands[i]));
      if (!broadcastInto(sizes, operands.back().sizes).ok())
        return false;
    }
    result.strides = instruction.opcode == Opcode::cast
                         ? copied(operands[0], sizes)
                         : iterated(operands, sizes);
    result.sizes = std::move(sizes);
  }
  Dims joint(shape.begin(), shape.end());
  return broadcastInto(joint, valueOf(piece.value).sizes).ok() &&
         absl::MakeConstSpan(joint) == shape;
}

/// What `node` is where eager PyTorch concatenates it.
EagerStrides::Result EagerStrides::partOf(const OutputNode &node) {
  if (node.parts.empty()) {
    const Piece &piece = spec.pieces[node.piece];
    absl::Span<const int64_t> shape = shapes.ofPiece(node.piece);
    return {Dims(shape.begin(), shape.end()),
            run(piece, shape) ? expandedStrides(valueOf(piece.value), shape)
                              : rowMajorStrides(shape)};
  }
  Result whole = partOf(node.parts[0]);
  const Order order = channelsLastOrder(whole.sizes.size());
  auto suggests = [&](const Result &part) {
    return !order.empty() &&
           suggestsChannelsLast(part.sizes, part.strides, order);
  };
  bool isChannelsLast = suggests(whole);
  for (std::size_t i = 1; i < node.parts.size(); ++i) {
    const Result part = partOf(node.parts[i]);
    isChannelsLast = isChannelsLast && suggests(part);
    whole.sizes[node.dim] += part.sizes[node.dim];
  }
  whole.strides = isChannelsLast ? denseStrides(whole.sizes, order)
                                 : rowMajorStrides(whole.sizes);
  return whole;
}

Dims EagerStrides::of(const OutputNode &node, absl::Span<const int64_t> shape) {
  if (isRowMajor || std::find(shape.begin(), shape.end(), 0) != shape.end())
    return rowMajorStrides(shape);
  if (!node.parts.empty())
    return partOf(node).strides;
  const Piece &piece = spec.pieces[node.piece];
  if (!run(piece, shape))
    return rowMajorStrides(shape);
  const Layout value = valueOf(piece.value);
  if (piece.instructions.empty() || value.sizes != shape)
    return copied(value, shape);
  return Dims(value.strides.begin(), value.strides.end());
}

} // namespace fuser::runtime
