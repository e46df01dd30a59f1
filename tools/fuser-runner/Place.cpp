//===- Place.cpp - tensors in given layouts -------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Place.h"
#include "Limits.h"
#include <cstddef>
#include <cstring>
#include <memory>

using fuser::runtime::Allocator;
using fuser::runtime::Tensor;

namespace fuser::runner {

/// How many elements' memory there must be, or INT64_MAX.
static int64_t extentOf(const Tensor &tensor, const Placement &placement) {
  int64_t extent = 0;
  bool overflows = __builtin_add_overflow(placement.offset, 1, &extent);
  for (size_t dim = 0; dim < tensor.sizes().size(); ++dim) {
    int64_t reach = 0;
    const int64_t last = tensor.sizes()[dim] - 1;
    overflows |= last > 0 &&
                 __builtin_mul_overflow(last, placement.strides[dim], &reach);
    overflows |= __builtin_add_overflow(extent, reach, &extent);
  }
  return overflows ? INT64_MAX : extent;
}

static void scatter(const Tensor &from, const Tensor &to) {
  const int64_t size = dtypeSize(from.dtype());
  runtime::Dims index(from.sizes().size());
  for (int64_t i = 0, e = from.numElements(); i < e; ++i) {
    int64_t place = 0;
    for (size_t dim = 0; dim < index.size(); ++dim)
      place += index[dim] * to.strides()[dim];
    std::memcpy(to.dataAs<std::byte>() + place * size,
                from.dataAs<std::byte>() + i * size, size);
    for (size_t dim = index.size(); dim-- > 0;) {
      if (++index[dim] < from.sizes()[dim])
        break;
      index[dim] = 0;
    }
  }
}

absl::StatusOr<Tensor> placeTensor(const Tensor &tensor,
                                   const Placement &placement,
                                   Allocator &allocator) {
  const DType dtype = tensor.dtype();
  const int64_t extent = extentOf(tensor, placement);
  if (absl::Status status = checkInput(dtype, {extent}); !status.ok())
    return status;
  const absl::StatusOr<Tensor> dense = tensor.contiguous(allocator);
  const absl::StatusOr<Tensor> memory =
      Tensor::allocate(dtype, {extent}, allocator);
  if (!dense.ok() || !memory.ok())
    return dense.ok() ? memory.status() : dense.status();
  const Tensor placed = Tensor::borrow(
      memory->dataAs<std::byte>() + placement.offset * dtypeSize(dtype), dtype,
      tensor.sizes(), placement.strides, std::make_shared<Tensor>(*memory));
  scatter(*dense, placed);
  return placed;
}

} // namespace fuser::runner
