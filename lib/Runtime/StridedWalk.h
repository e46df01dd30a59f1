//===- StridedWalk.h - a strided view in row-major order --------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_STRIDEDWALK_H
#define FUSER_LIB_RUNTIME_STRIDEDWALK_H

#include "FuserRuntime/Tensor.h"
#include <algorithm>

namespace fuser::runtime {

/// Visits elements [begin, begin + count) of a view, counted in row-major
/// order, as runs along its innermost dimension: calls
///   visit(position, offset, stride, n)
/// for n elements, the first being the `position`-th visited, at `offset` from
/// the view's start; `stride` is the innermost dimension's. The sizes are > 0
/// where count > 0.
template <class Visitor>
void forEachRun(absl::Span<const int64_t> sizes,
                absl::Span<const int64_t> strides, int64_t begin, int64_t count,
                Visitor &&visit) {
  if (count == 0)
    return;
  const int64_t rank = static_cast<int64_t>(sizes.size());
  if (rank == 0) {
    visit(int64_t(0), int64_t(0), int64_t(1), int64_t(1));
    return;
  }
  Dims index(rank);
  int64_t offset = 0;
  for (int64_t dim = rank - 1; dim >= 0; --dim) {
    index[dim] = begin % sizes[dim];
    begin /= sizes[dim];
    offset += index[dim] * strides[dim];
  }
  const int64_t inner = rank - 1;
  for (int64_t position = 0; position < count;) {
    const int64_t n = std::min(sizes[inner] - index[inner], count - position);
    visit(position, offset, strides[inner], n);
    position += n;
    // The next run starts a row: step the outer dimensions like an odometer.
    offset -= index[inner] * strides[inner];
    index[inner] = 0;
    for (int64_t dim = inner - 1; dim >= 0; --dim) {
      if (++index[dim] < sizes[dim]) {
        offset += strides[dim];
        break;
      }
      offset -= (index[dim] - 1) * strides[dim];
      index[dim] = 0;
    }
  }
}

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_STRIDEDWALK_H
