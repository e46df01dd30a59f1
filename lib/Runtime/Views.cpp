//===- Views.cpp - strided views of inputs and outputs --------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Views.h"
#include "absl/strings/str_cat.h"
#include <algorithm>
#include <optional>

namespace fuser::runtime {

int64_t View::numDistinct() const {
  int64_t product = 1;
  for (int64_t dim = 0; dim < rank(); ++dim)
    if (strides[dim] != 0 || sizes[dim] == 0)
      product *= sizes[dim];
  return product;
}

void View::advance(int64_t dim, int64_t steps) {
  if (std::find(sizes.begin(), sizes.end(), 0) != sizes.end())
    return;
  offset += steps * strides[dim] * pitch();
}

void cut(View &view, int64_t dim, int64_t start, int64_t size, int64_t step) {
  view.sizes[dim] = size;
  view.advance(dim, start);
  // It overflows where there are fewer than two elements along `dim` only.
  int64_t stride;
  if (!__builtin_mul_overflow(view.strides[dim], step, &stride))
    view.strides[dim] = stride;
}

static void slice(const ViewStep &step, View &view) {
  const int64_t size = view.sizes[step.dim];
  auto clampIndex = [size](int64_t index) {
    return std::clamp<int64_t>(index < 0 ? index + size : index, 0, size);
  };
  const int64_t start = clampIndex(step.start), end = clampIndex(step.end);
  const int64_t count = end > start ? (end - start - 1) / step.step + 1 : 0;
  cut(view, step.dim, start, count, step.step);
}

static void chunk(const ViewStep &step, View &view) {
  const int64_t size = view.sizes[step.dim];
  const int64_t part = size / step.count + (size % step.count != 0);
  int64_t start;
  if (__builtin_mul_overflow(step.index, part, &start) || start > size)
    start = size;
  cut(view, step.dim, start, std::min(part, size - start), 1);
}

/// The stride of a new dimension of size 1 in front of `dim`. No address
/// depends on it; it is the one that PyTorch gives, for EagerStrides.
static int64_t strideBefore(const Dims &sizes, const Dims &strides,
                            int64_t dim) {
  if (dim == static_cast<int64_t>(sizes.size()))
    return 1;
  int64_t stride;
  const bool overflows =
      __builtin_mul_overflow(sizes[dim], strides[dim], &stride);
  return overflows ? 0 : stride;
}

absl::Status applyStep(const ViewStep &step, View &view) {
  switch (step.kind) {
  case ViewStep::Kind::ExpandDims:
    view.strides.insert(view.strides.begin() + step.dim,
                        strideBefore(view.sizes, view.strides, step.dim));
    view.sizes.insert(view.sizes.begin() + step.dim, 1);
    break;
  case ViewStep::Kind::Squeeze:
    if (view.sizes[step.dim] != 1)
      return absl::InvalidArgumentError(absl::StrCat(
          "dimension ", step.dim, " of shape ", shapeString(view.sizes),
          " can't be removed: its size is ", view.sizes[step.dim], ", not 1"));
    view.sizes.erase(view.sizes.begin() + step.dim);
    view.strides.erase(view.strides.begin() + step.dim);
    break;
  case ViewStep::Kind::Transpose: {
    const Dims sizes = view.sizes, strides = view.strides;
    for (int64_t dim = 0; dim < view.rank(); ++dim) {
      view.sizes[dim] = sizes[step.dims[dim]];
      view.strides[dim] = strides[step.dims[dim]];
    }
    break;
  }
  case ViewStep::Kind::Slice:
    slice(step, view);
    break;
  case ViewStep::Kind::Chunk:
    chunk(step, view);
    break;
  case ViewStep::Kind::BroadcastTo: {
    Dims shape = step.dims;
    const int64_t added = static_cast<int64_t>(shape.size()) - view.rank();
    for (int64_t dim = 0; dim < view.rank(); ++dim)
      if (shape[added + dim] == -1)
        shape[added + dim] = view.sizes[dim];
    return expandTo(shape, view);
  }
  case ViewStep::Kind::BroadcastLike:
  case ViewStep::Kind::PartLike:
  case ViewStep::Kind::Reshape:
    return absl::InternalError("the step needs more than a view");
  }
  return absl::OkStatus();
}

absl::Status expandTo(absl::Span<const int64_t> shape, View &view) {
  const int64_t rank = static_cast<int64_t>(shape.size());
  const int64_t added = rank - view.rank();
  bool fits = added >= 0;
  Dims expanded(shape.begin(), shape.end()), strides(rank, 0);
  for (int64_t dim = 0; dim < view.rank() && fits; ++dim) {
    const int64_t size = view.sizes[dim];
    const bool isKept = size == shape[added + dim];
    fits = size == 1 || isKept;
    strides[added + dim] = isKept ? view.strides[dim] : 0;
  }
  if (!fits)
    return absl::InvalidArgumentError(
        absl::StrCat("shape ", shapeString(view.sizes),
                     " does not broadcast to ", shapeString(shape)));
  for (int64_t dim = added; dim-- > 0;)
    if (shape[dim] == 1)
      strides[dim] = strideBefore(expanded, strides, dim + 1);
  view.sizes = std::move(expanded);
  view.strides = std::move(strides);
  return absl::OkStatus();
}

std::optional<int64_t> productOf(absl::Span<const int64_t> sizes) {
  if (std::find(sizes.begin(), sizes.end(), 0) != sizes.end())
    return 0;
  int64_t product = 1;
  for (int64_t size : sizes)
    if (size != -1 && __builtin_mul_overflow(product, size, &product))
      return std::nullopt;
  return product;
}

absl::StatusOr<View> indexView(absl::Span<const int64_t> shape, int64_t dim) {
  View view;
  view.dtype = DType::i64;
  view.sizes.assign(shape.begin(), shape.end());
  if (dim == -1) {
    if (!productOf(shape))
      return absl::InvalidArgumentError(
          absl::StrCat("shape ", shapeString(shape),
                       " has more elements than an i64 counts"));
    view.strides = rowMajorStrides(shape);
  } else {
    view.strides.assign(shape.size(), 0);
    view.strides[dim] = 1;
  }
  return view;
}

absl::StatusOr<Dims> reshapedSizes(absl::Span<const int64_t> sizes,
                                   const View &view) {
  const std::optional<int64_t> count = productOf(view.sizes);
  const int64_t given = *productOf(sizes);
  Dims result(sizes.begin(), sizes.end());
  auto inferred = std::find(result.begin(), result.end(), -1);
  const bool isInferred = inferred != result.end();
  if (!count || (isInferred ? *count % given != 0 : *count != given))
    return absl::InvalidArgumentError(absl::StrCat(
        "shape ", shapeString(view.sizes), " can't be reshaped to ",
        shapeString(sizes), ": the numbers of elements don't fit"));
  if (isInferred)
    *inferred = *count / given;
  return result;
}

bool reshapeTo(absl::Span<const int64_t> shape, View &view) {
  Dims strides(shape.size(), 0);
  const bool isEmpty = std::find(shape.begin(), shape.end(), 0) != shape.end();
  std::size_t to = shape.size();
  for (std::size_t from = view.sizes.size(); from > 0 && !isEmpty;) {
    // Of each run of old dimensions that one stride walks, from the innermost
    // on, new ones take a part each until there is nothing left.
    int64_t size = view.sizes[--from];
    const int64_t stride = view.strides[from];
    if (size == 1)
      continue;
    auto joins = [&](int64_t outerSize, int64_t outerStride) {
      int64_t whole;
      return outerSize == 1 || (!__builtin_mul_overflow(size, stride, &whole) &&
                                outerStride == whole);
    };
    for (; from > 0 && joins(view.sizes[from - 1], view.strides[from - 1]);
         --from)
      size *= view.sizes[from - 1];
    int64_t part = 1;
    while (part < size) {
      strides[--to] = part * stride;
      part *= shape[to];
    }
    if (part != size)
      return false;
  }
  view.sizes.assign(shape.begin(), shape.end());
  view.strides = std::move(strides);
  return true;
}

void sortByStride(absl::Span<const int64_t> strides, Dims &dims) {
  for (std::size_t i = 1; i < dims.size(); ++i)
    for (std::size_t j = i; j > 0 && strides[dims[j - 1]] < strides[dims[j]];
         --j)
      std::swap(dims[j - 1], dims[j]);
}

absl::string_view whyUnusable(const Tensor &tensor) {
  if (tensor.strides().size() != tensor.sizes().size())
    return "needs one stride a dimension";
  const int64_t elementSize = dtypeSize(tensor.dtype());
  int64_t extent = elementSize, count = 1;
  bool isEmpty = false, overflows = false;
  for (int64_t dim = 0; dim < tensor.rank(); ++dim) {
    const int64_t size = tensor.sizes()[dim], stride = tensor.strides()[dim];
    if (size < 0)
      return "has a negative size";
    if (stride < 0)
      return "has a negative stride; copy it first";
    isEmpty |= size == 0;
    int64_t bytes;
    overflows |= __builtin_mul_overflow(size - 1, stride, &bytes) ||
                 __builtin_mul_overflow(bytes, elementSize, &bytes) ||
                 __builtin_add_overflow(extent, bytes, &extent) ||
                 __builtin_mul_overflow(count, size, &count);
  }
  if (isEmpty)
    return "";
  if (overflows)
    return "exceeds the address space";
  if (!tensor.data())
    return "has no memory";
  if (reinterpret_cast<uintptr_t>(tensor.data()) % elementSize != 0)
    return "is not aligned to its element type; copy it first";
  return "";
}

absl::Status checkUsable(const Tensor &tensor, absl::string_view role,
                         std::size_t number) {
  const absl::string_view why = whyUnusable(tensor);
  if (why.empty())
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      role, " ", number, " of shape ", shapeString(tensor.sizes()), " ", why));
}

ByteRange::ByteRange(const Tensor &tensor)
    : begin(reinterpret_cast<uintptr_t>(tensor.data())), end(begin) {
  if (tensor.numElements() == 0)
    return;
  uint64_t last = 0;
  const std::size_t rank =
      std::min(tensor.sizes().size(), tensor.strides().size());
  for (std::size_t dim = 0; dim < rank; ++dim)
    last +=
        (uint64_t(tensor.sizes()[dim]) - 1) * uint64_t(tensor.strides()[dim]);
  end += (last + 1) * uint64_t(dtypeSize(tensor.dtype()));
}

} // namespace fuser::runtime
