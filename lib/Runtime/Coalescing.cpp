//===- Coalescing.cpp - joint dimension coalescing ------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Coalescing.h"
#include "Views.h"
#include <algorithm>

namespace fuser::runtime {

static StrideClass strideClass(int64_t stride) {
  switch (stride) {
  case 0:
    return StrideClass::Broadcast;
  case 1:
    return StrideClass::Contiguous;
  default:
    return StrideClass::Strided;
  }
}

/// Makes a nest of one element a row of 1.
static void makeRowOfOne(PlannedNest &nest) {
  nest.sizes = {1};
  for (PlannedOperand &operand : nest.operands) {
    if (operand.inner != StrideClass::Broadcast)
      operand.inner = StrideClass::Contiguous;
    operand.strides = {operand.inner == StrideClass::Contiguous ? 1 : 0};
  }
}

/// The dimensions of `shape` that have more than one element, in the stride
/// order of `store`, outermost first.
static Dims sortedDims(absl::Span<const int64_t> shape,
                       const PlannedOperand &store) {
  Dims dims;
  for (std::size_t dim = 0; dim < shape.size(); ++dim)
    if (shape[dim] != 1)
      dims.push_back(dim);
  sortByStride(store.strides, dims);
  return dims;
}

/// Whether `operand` could be Transposed, were `dim` right before the innermost
/// dimension.
static bool canTranspose(const PlannedOperand &operand, std::size_t dim) {
  return !operand.isIndex() && operand.inner == StrideClass::Strided &&
         operand.strides[dim] == 1;
}

/// The outer dimension that most bytes of Strided operands are contiguous
/// along; that before the innermost if there are none.
static std::size_t blockDim(const PlannedNest &nest) {
  std::size_t best = nest.sizes.size() - 2;
  int64_t mostBytes = 0;
  for (std::size_t dim = nest.sizes.size() - 1; dim-- > 0;) {
    int64_t bytes = 0;
    for (const PlannedOperand &operand : nest.operands)
      bytes += canTranspose(operand, dim) ? dtypeSize(operand.dtype) : 0;
    if (bytes > mostBytes) {
      best = dim;
      mostBytes = bytes;
    }
  }
  return best;
}

/// Makes Strided operands Transposed where a change of the order of the outer
/// dimensions allows that.
static void transposeOperands(PlannedNest &nest) {
  if (nest.sizes.size() < 2)
    return;
  const std::size_t dim = blockDim(nest), last = nest.sizes.size() - 2;
  int64_t numTransposed = 0;
  for (PlannedOperand &operand : nest.operands)
    if (canTranspose(operand, dim) && numTransposed++ < kMaxTransposed)
      operand.inner = StrideClass::Transposed;
  auto moveBack = [&](Dims &dims) {
    std::rotate(dims.begin() + dim, dims.begin() + dim + 1,
                dims.begin() + last + 1);
  };
  moveBack(nest.sizes);
  for (PlannedOperand &operand : nest.operands)
    moveBack(operand.strides);
}

void coalesce(absl::Span<const int64_t> shape, PlannedNest &nest) {
  const Dims dims = sortedDims(shape, nest.operands[nest.leaves.size()]);
  if (dims.empty())
    return makeRowOfOne(nest);

  // Of each group of joined dimensions, the innermost one stands for it.
  Dims groups;
  nest.sizes.clear();
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const int64_t dim = dims[i];
    const bool joins =
        i > 0 &&
        std::all_of(nest.operands.begin(), nest.operands.end(),
                    [&](const PlannedOperand &operand) {
                      int64_t whole;
                      return !__builtin_mul_overflow(
                                 shape[dim], operand.strides[dim], &whole) &&
                             operand.strides[dims[i - 1]] == whole;
                    });
    if (joins) {
      groups.back() = dim;
      nest.sizes.back() *= shape[dim];
    } else {
      groups.push_back(dim);
      nest.sizes.push_back(shape[dim]);
    }
  }

  for (PlannedOperand &operand : nest.operands) {
    Dims strides;
    for (int64_t dim : groups)
      strides.push_back(operand.strides[dim]);
    operand.inner = strideClass(strides.back());
    operand.strides = std::move(strides);
  }
  transposeOperands(nest);
}

} // namespace fuser::runtime
