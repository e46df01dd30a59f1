//===- Tensor.h - strided tensors over shared storage -----------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the runtime computes on: a strided view of typed elements together with
// a share in the storage that holds them. The layout is DLPack's DLTensor:
// sizes and strides count elements, strides may be zero or overlap, data()
// already includes the byte offset.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_TENSOR_H
#define FUSERRUNTIME_TENSOR_H

#include "FuserMath/DType.h"
#include "FuserRuntime/Allocator.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include <cstddef>
#include <memory>
#include <string>

namespace fuser::runtime {

/// Sizes or strides of a tensor, in elements; inline up to rank 6.
using Dims = absl::InlinedVector<int64_t, 6>;

/// A strided view of elements of one type, sharing ownership of their storage.
/// Copying a Tensor copies the view, never the elements. Distinct Tensor
/// objects may be used from several threads at once; the elements themselves
/// are not synchronised.
class Tensor {
public:
  Tensor() = default;

  /// A new row-major tensor with uninitialised elements. Sizes must be >= 0.
  /// Fails with InvalidArgument on a negative size or one whose bytes exceed
  /// the address space, with ResourceExhausted if the allocator has no memory.
  static absl::StatusOr<Tensor>
  allocate(DType dtype, absl::Span<const int64_t> sizes, Allocator &allocator);

  /// As above with the dimensions laid out densely in the order `order`, from
  /// the slowest to the fastest varying; `order` is a permutation of the dims.
  static absl::StatusOr<Tensor> allocate(DType dtype,
                                         absl::Span<const int64_t> sizes,
                                         absl::Span<const int64_t> order,
                                         Allocator &allocator);

  /// As above with the given strides, which are dense: but for dimensions of
  /// size 1 they are those that some order gives.
  static absl::StatusOr<Tensor> allocateDense(DType dtype,
                                              absl::Span<const int64_t> sizes,
                                              absl::Span<const int64_t> strides,
                                              Allocator &allocator);

  /// A view of memory that the caller keeps alive for as long as any copy of
  /// the returned tensor lives (or hands to `owner`). Strides in elements, >=
  /// 0, one a dimension; nothing is checked here, but groups refuse tensors
  /// that are not so.
  static Tensor borrow(void *data, DType dtype, absl::Span<const int64_t> sizes,
                       absl::Span<const int64_t> strides,
                       std::shared_ptr<void> owner = nullptr);

  DType dtype() const { return elementType; }
  int64_t rank() const { return static_cast<int64_t>(dimSizes.size()); }
  absl::Span<const int64_t> sizes() const { return dimSizes; }
  absl::Span<const int64_t> strides() const { return dimStrides; }

  /// Address of the element at index 0 in every dimension.
  void *data() const { return base; }
  template <class T> T *dataAs() const { return static_cast<T *>(base); }

  /// Number of elements: the product of the sizes, 1 for rank 0.
  int64_t numElements() const;

  /// True if the elements are dense in row-major order (size-1 dimensions and
  /// empty tensors do not matter).
  bool isContiguous() const;

  /// A row-major copy.
  absl::StatusOr<Tensor> contiguous(Allocator &allocator) const;

  /// "4x8xf32", as MLIR spells the inside of a tensor type.
  std::string typeString() const;

private:
  DType elementType = DType::f32;
  void *base = nullptr;
  Dims dimSizes;
  Dims dimStrides;
  std::shared_ptr<void> storage;
};

/// Row-major strides of `sizes`.
Dims rowMajorStrides(absl::Span<const int64_t> sizes);

/// The shape that NumPy broadcasting gives `a` and `b`, into `a`. Fails with
/// InvalidArgument naming both shapes.
absl::Status broadcastInto(Dims &a, absl::Span<const int64_t> b);

/// "[4, 8]".
std::string shapeString(absl::Span<const int64_t> sizes);

} // namespace fuser::runtime

#endif // FUSERRUNTIME_TENSOR_H
