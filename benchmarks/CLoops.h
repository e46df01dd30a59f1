//===- CLoops.h - loops over arrays in C ------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_BENCHMARKS_CLOOPS_H
#define FUSER_BENCHMARKS_CLOOPS_H

#include "CKernels.h"
#include <algorithm>
#include <omp.h>

namespace fuser::benchmarks {

template <class T> const T *input(const Arrays &arrays, int index) {
  return static_cast<const T *>(arrays.inputs[index].data);
}
template <class T> T *output(const Arrays &arrays, int index) {
  return static_cast<T *>(arrays.outputs[index].data);
}

/// Calls body(begin, end) for parts of [0, count) that begin at multiples of
/// `grain`, a part a thread; on this thread alone if there is little to do.
template <class Body>
void forParts(int64_t count, int64_t grain, int64_t weight, Body body) {
  constexpr int64_t kLittle = 1 << 14;
  if (count * weight < kLittle || omp_get_max_threads() == 1)
    return body(int64_t(0), count);
  const int64_t grains = (count + grain - 1) / grain;
#pragma omp parallel
  {
    const int64_t threads = omp_get_num_threads(), me = omp_get_thread_num();
    body(std::min(count, grains * me / threads * grain),
         std::min(count, grains * (me + 1) / threads * grain));
  }
}

/// body(begin, end) for parts of `count` elements.
template <class Body> void forElements(int64_t count, Body body) {
  forParts(count, 64, 1, body);
}

/// body(row) for rows of `columns` elements.
template <class Body> void forRows(int64_t rows, int64_t columns, Body body) {
  forParts(rows, 1, columns, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row)
      body(row);
  });
}

} // namespace fuser::benchmarks

#endif // FUSER_BENCHMARKS_CLOOPS_H
