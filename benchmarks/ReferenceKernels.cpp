//===- ReferenceKernels.cpp - the same kernels in plain C -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReferenceKernels.h"
#include <cmath>
#ifdef __SSE2__
#include <immintrin.h>
#else
#include <cstring>
#endif

void referenceScaleAdd(const float *x, float *y, int64_t begin, int64_t end,
                       int64_t columns) {
  for (int64_t row = begin; row < end; ++row) {
    const float *__restrict from = x + row * columns;
    float *__restrict to = y + row * columns;
    for (int64_t column = 0; column < columns; ++column)
      to[column] = from[column] * 2.5f + 1.0f;
  }
}

void referenceBiasGelu(const float *x, const float *bias, float *y,
                       int64_t begin, int64_t end, int64_t columns) {
  for (int64_t row = begin; row < end; ++row) {
    const float *__restrict from = x + row * columns;
    float *__restrict to = y + row * columns;
    for (int64_t column = 0; column < columns; ++column) {
      float t = from[column] + bias[column];
      to[column] = 0.5f * t * (1.0f + erff(t * 0.70710678f));
    }
  }
}

template <class Function>
static void map(const float *x, float *y, int64_t begin, int64_t end,
                Function function) {
  const float *__restrict from = x;
  float *__restrict to = y;
  for (int64_t i = begin; i < end; ++i)
    to[i] = function(from[i]);
}

void referenceExp(const float *x, float *y, int64_t begin, int64_t end) {
  map(x, y, begin, end, [](float t) { return expf(t); });
}
void referenceLog(const float *x, float *y, int64_t begin, int64_t end) {
  map(x, y, begin, end, [](float t) { return logf(t); });
}
void referenceSin(const float *x, float *y, int64_t begin, int64_t end) {
  map(x, y, begin, end, [](float t) { return sinf(t); });
}
void referenceSigmoid(const float *x, float *y, int64_t begin, int64_t end) {
  map(x, y, begin, end, [](float t) { return 1.0f / (1.0f + expf(-t)); });
}
void referenceGelu(const float *x, float *y, int64_t begin, int64_t end) {
  map(x, y, begin, end,
      [](float t) { return 0.5f * t * (1.0f + erff(t * 0.70710678f)); });
}
void referenceTanhGelu(const float *x, float *y, int64_t begin, int64_t end) {
  map(x, y, begin, end, [](float t) {
    float inner = 0.79788456f * (t + 0.044715f * t * t * t);
    return 0.5f * t * (1.0f + tanhf(inner));
  });
}

void streamCopy(const float *x, float *y, int64_t begin, int64_t end,
                int64_t columns) {
  const float *from = x + begin * columns;
  float *to = y + begin * columns;
  int64_t count = (end - begin) * columns;
  // Rows are aligned and whole: see the caller.
#if defined(__AVX512F__)
  for (int64_t i = 0; i < count; i += 16)
    _mm512_stream_ps(to + i, _mm512_loadu_ps(from + i));
  _mm_sfence();
#elif defined(__SSE2__)
  for (int64_t i = 0; i < count; i += 4)
    _mm_stream_ps(to + i, _mm_loadu_ps(from + i));
  _mm_sfence();
#else
  std::memcpy(to, from, count * sizeof(float));
#endif
}
