//===- Tensor.cpp - strided tensors over shared storage -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ElementWidth.h"
#include "FuserRuntime/TensorMemory.h"
#include "StridedWalk.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <limits>
#include <numeric>

namespace fuser::runtime {

absl::StatusOr<int64_t> denseBytes(DType dtype,
                                   absl::Span<const int64_t> sizes) {
  int64_t bytes = dtypeSize(dtype);
  bool isEmpty = false, overflows = false;
  for (int64_t size : sizes) {
    if (size < 0)
      return absl::InvalidArgumentError(
          absl::StrCat("a tensor cannot have the shape ", shapeString(sizes),
                       ": sizes must be >= 0"));
    isEmpty |= size == 0;
    overflows |= __builtin_mul_overflow(bytes, size, &bytes);
  }
  if (isEmpty)
    return 0;
  if (overflows)
    return absl::InvalidArgumentError(
        absl::StrCat("a tensor of shape ", shapeString(sizes), " and type ",
                     dtypeName(dtype), " exceeds the address space"));
  return bytes;
}

absl::StatusOr<Tensor> Tensor::allocate(DType dtype,
                                        absl::Span<const int64_t> sizes,
                                        Allocator &allocator) {
  Dims order(sizes.size());
  std::iota(order.begin(), order.end(), 0);
  return allocate(dtype, sizes, order, allocator);
}

absl::StatusOr<Tensor> Tensor::allocate(DType dtype,
                                        absl::Span<const int64_t> sizes,
                                        absl::Span<const int64_t> order,
                                        Allocator &allocator) {
  absl::StatusOr<int64_t> bytes = denseBytes(dtype, sizes);
  if (!bytes.ok())
    return bytes.status();
  // The strides of an empty tensor mean nothing, and could overflow.
  return allocateStrided(dtype, sizes,
                         *bytes ? denseStrides(sizes, order)
                                : rowMajorStrides(sizes),
                         *bytes, allocator);
}

absl::StatusOr<Tensor>
Tensor::allocateStrided(DType dtype, absl::Span<const int64_t> sizes,
                        absl::Span<const int64_t> strides, int64_t bytes,
                        Allocator &allocator, Device device) {
  Tensor result;
  result.elementType = dtype;
  result.home = device;
  result.dimSizes.assign(sizes.begin(), sizes.end());
  result.dimStrides.assign(strides.begin(), strides.end());
  if (bytes == 0)
    return result;
  const std::size_t size = static_cast<std::size_t>(bytes);
  void *block = allocator.allocate(size);
  if (!block)
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory for a tensor of ", size, " bytes"));
  result.base = block;
  // An allocator that is shared lives as long as its blocks.
  result.storage = std::shared_ptr<void>(
      block, [&allocator, keep = allocator.weak_from_this().lock(),
              size](void *memory) { allocator.deallocate(memory, size); });
  return result;
}

Tensor Tensor::borrow(void *data, DType dtype, absl::Span<const int64_t> sizes,
                      absl::Span<const int64_t> strides,
                      std::shared_ptr<void> owner, Device device) {
  Tensor result;
  result.elementType = dtype;
  result.home = device;
  result.base = data;
  result.dimSizes.assign(sizes.begin(), sizes.end());
  result.dimStrides.assign(strides.begin(), strides.end());
  result.storage = std::move(owner);
  return result;
}

int64_t Tensor::numElements() const {
  int64_t product = 1;
  bool isEmpty = false;
  for (int64_t size : dimSizes) {
    isEmpty |= size == 0;
    // Only the sizes of an empty tensor may overflow together.
    (void)__builtin_mul_overflow(product, size, &product);
  }
  return isEmpty ? 0 : product;
}

bool Tensor::isContiguous() const {
  int64_t expected = 1;
  bool isDense = true;
  for (int64_t dim = rank() - 1; dim >= 0; --dim) {
    if (dimSizes[dim] == 0)
      return true;
    if (dimSizes[dim] == 1)
      continue;
    isDense &= dimStrides[dim] == expected;
    expected *= dimSizes[dim];
  }
  return isDense;
}

/// Copies the elements of `source`, `Element` wide, in row-major order.
template <class Element>
static void copyRowMajor(const Tensor &source, Element *target) {
  forEachRun(source.sizes(), source.strides(), 0, source.numElements(),
             [&](int64_t position, int64_t offset, int64_t stride, int64_t n) {
               const Element *from = source.dataAs<Element>() + offset;
               for (int64_t i = 0; i < n; ++i)
                 target[position + i] = from[i * stride];
             });
}

absl::StatusOr<Tensor> Tensor::contiguous(Allocator &allocator) const {
  absl::StatusOr<Tensor> copy = allocate(elementType, dimSizes, allocator);
  if (!copy.ok() || numElements() == 0)
    return copy;
  withElement(elementType, [&](auto element) {
    copyRowMajor(*this, copy->dataAs<decltype(element)>());
  });
  return copy;
}

void copyElements(const Tensor &source, const Tensor &target) {
  withElement(source.dtype(), [&](auto element) {
    using Element = decltype(element);
    const int64_t count = source.numElements();
    const int64_t size = source.rank() ? source.sizes().back() : 1;
    // Rows of one are the rows of the other.
    forEachRun(source.sizes(), source.strides(), 0, count,
               [&](int64_t position, int64_t offset, int64_t stride, int64_t) {
                 const Element *from = source.dataAs<Element>() + offset;
                 forEachRun(
                     target.sizes(), target.strides(), position, size,
                     [&](int64_t, int64_t offset, int64_t step, int64_t n) {
                       Element *to = target.dataAs<Element>() + offset;
                       for (int64_t i = 0; i < n; ++i)
                         to[i * step] = from[i * stride];
                     });
               });
  });
}

std::string Tensor::typeString() const {
  return absl::StrCat(absl::StrJoin(dimSizes, "x"), rank() ? "x" : "",
                      dtypeName(elementType));
}

Dims rowMajorStrides(absl::Span<const int64_t> sizes) {
  Dims strides(sizes.size());
  int64_t stride = 1;
  for (std::size_t dim = sizes.size(); dim-- > 0;) {
    strides[dim] = stride;
    // The strides of an empty tensor mean nothing and may wrap.
    (void)__builtin_mul_overflow(stride, std::max<int64_t>(sizes[dim], 1),
                                 &stride);
  }
  return strides;
}

Dims denseStrides(absl::Span<const int64_t> sizes,
                  absl::Span<const int64_t> order) {
  Dims strides(sizes.size(), 1);
  int64_t stride = 1;
  for (auto dim = order.rbegin(); dim != order.rend(); ++dim) {
    strides[*dim] = stride;
    stride *= sizes[*dim];
  }
  return strides;
}

absl::Status broadcastInto(Dims &a, absl::Span<const int64_t> b) {
  if (absl::MakeConstSpan(a) == b)
    return absl::OkStatus();
  const std::size_t rank = std::max(a.size(), b.size());
  const std::size_t padA = rank - a.size(), padB = rank - b.size();
  Dims result(rank);
  for (std::size_t dim = 0; dim < rank; ++dim) {
    const int64_t sizeA = dim < padA ? 1 : a[dim - padA];
    const int64_t sizeB = dim < padB ? 1 : b[dim - padB];
    if (sizeA != sizeB && sizeA != 1 && sizeB != 1)
      return absl::InvalidArgumentError(absl::StrCat(
          "shapes ", shapeString(a), " and ", shapeString(b),
          " do not broadcast: dimension ", dim, " is ", sizeA, " and ", sizeB));
    result[dim] = sizeA == 1 ? sizeB : sizeA;
  }
  a = std::move(result);
  return absl::OkStatus();
}

std::string shapeString(absl::Span<const int64_t> sizes) {
  return absl::StrCat("[", absl::StrJoin(sizes, ", "), "]");
}

} // namespace fuser::runtime
