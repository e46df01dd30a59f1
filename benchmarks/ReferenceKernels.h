//===- ReferenceKernels.h - the same kernels in plain C ---------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_BENCHMARKS_REFERENCEKERNELS_H
#define FUSER_BENCHMARKS_REFERENCEKERNELS_H

#include <cstdint>

/// Rows [begin, end) of y = 2.5 x + 1, x and y of `columns` columns.
void referenceScaleAdd(const float *x, float *y, int64_t begin, int64_t end,
                       int64_t columns);

/// Rows [begin, end) of y = gelu(x + bias) by erf.
void referenceBiasGelu(const float *x, const float *bias, float *y,
                       int64_t begin, int64_t end, int64_t columns);

/// Elements [begin, end) of y = f(x), by the vector functions of the C library
/// where it has them.
using ReferenceFunction = void (*)(const float *x, float *y, int64_t begin,
                                   int64_t end);
void referenceExp(const float *x, float *y, int64_t begin, int64_t end);
void referenceLog(const float *x, float *y, int64_t begin, int64_t end);
void referenceSin(const float *x, float *y, int64_t begin, int64_t end);
void referenceSigmoid(const float *x, float *y, int64_t begin, int64_t end);
void referenceGelu(const float *x, float *y, int64_t begin, int64_t end);
void referenceTanhGelu(const float *x, float *y, int64_t begin, int64_t end);

/// Rows [begin, end) of y = x, by stores that go past the caches where the
/// machine has them: the most that a kernel can reach.
void streamCopy(const float *x, float *y, int64_t begin, int64_t end,
                int64_t columns);

#endif // FUSER_BENCHMARKS_REFERENCEKERNELS_H
