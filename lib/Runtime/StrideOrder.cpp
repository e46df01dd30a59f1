//===- StrideOrder.cpp - the memory format of outputs ---------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StrideOrder.h"
#include <numeric>

namespace fuser::runtime {

StrideOrder::StrideOrder(int64_t rank) : rowMajor(rank) {
  std::iota(rowMajor.begin(), rowMajor.end(), 0);
  chosen = rowMajor;
}

void StrideOrder::add(const View &operand) {
  for (int64_t dim = 0; dim < operand.rank(); ++dim)
    if (operand.sizes[dim] > 1 && operand.strides[dim] == 0)
      return;
  if (!isFirst) {
    agree = agree && follows(operand);
    return;
  }
  isFirst = false;

  // Sort the dimensions that matter; those of size 1 keep their places.
  Dims sorted;
  for (int64_t dim : rowMajor)
    if (operand.sizes[dim] != 1)
      sorted.push_back(dim);
  sortByStride(operand.strides, sorted);
  auto next = sorted.begin();
  for (std::size_t place = 0; place < chosen.size(); ++place)
    if (operand.sizes[place] != 1)
      chosen[place] = *next++;
}

/// Whether the strides of `operand` fall along the chosen order. Concatenated
/// pieces differ in size from each other, so its own sizes decide.
bool StrideOrder::follows(const View &operand) const {
  int64_t last = INT64_MAX;
  for (int64_t dim : chosen) {
    if (operand.sizes[dim] == 1)
      continue;
    if (operand.strides[dim] > last)
      return false;
    last = operand.strides[dim];
  }
  return true;
}

} // namespace fuser::runtime
