//===- CLayoutKernels.cpp - the workloads on other layouts in C -----------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CKernelFamilies.h"
#include "CLoops.h"

using namespace fuser::benchmarks;

static inline float relu(float x) { return x > 0 ? x : 0; }

/// relu(x^T + y), by square tiles: of `x` a tile is read row by row, so that
/// no line of memory is fetched twice.
void fuser::benchmarks::cTransposedAdd(const Arrays &arrays) {
  constexpr int64_t kTile = 16;
  const int64_t rows = arrays.inputs[1].sizes[0];
  const int64_t columns = arrays.inputs[1].sizes[1];
  const int64_t bands = (rows + kTile - 1) / kTile;
  forRows(bands, kTile * columns, [&](int64_t band) {
    const float *__restrict x = input<float>(arrays, 0);
    const float *__restrict y = input<float>(arrays, 1);
    float *__restrict z = output<float>(arrays, 0);
    const int64_t top = band * kTile, bottom = std::min(rows, top + kTile);
    for (int64_t left = 0; left < columns; left += kTile) {
      const int64_t right = std::min(columns, left + kTile);
      float tile[kTile][kTile];
      for (int64_t j = left; j < right; ++j)
        for (int64_t i = top; i < bottom; ++i)
          tile[i - top][j - left] = x[j * rows + i];
      for (int64_t i = top; i < bottom; ++i)
        for (int64_t j = left; j < right; ++j)
          z[i * columns + j] =
              relu(tile[i - top][j - left] + y[i * columns + j]);
    }
  });
}

/// relu(x + bias) on rows of `columns` columns. The bias is repeated until it
/// fills vectors of 16, so that rows need not.
template <int64_t columns> static void biasRelu(const Arrays &arrays) {
  constexpr int64_t kRun = 16 * columns;
  float bias[kRun];
  for (int64_t i = 0; i < kRun; ++i)
    bias[i] = input<float>(arrays, 1)[i % columns];
  forParts(arrays.inputs[0].numElements(), kRun, 1,
           [&](int64_t begin, int64_t end) {
             const float *__restrict x = input<float>(arrays, 0);
             float *__restrict y = output<float>(arrays, 0);
             for (; begin + kRun <= end; begin += kRun)
               for (int64_t i = 0; i < kRun; ++i)
                 y[begin + i] = relu(x[begin + i] + bias[i]);
             for (int64_t i = 0; begin + i < end; ++i)
               y[begin + i] = relu(x[begin + i] + bias[i]);
           });
}

void fuser::benchmarks::cChannelsLast(const Arrays &arrays) {
  biasRelu<3>(arrays);
}
void fuser::benchmarks::cRowsOf19(const Arrays &arrays) {
  biasRelu<19>(arrays);
}

void fuser::benchmarks::cStridedRows(const Arrays &arrays) {
  const int64_t stride = arrays.inputs[0].sizes[1];
  const int64_t columns = arrays.outputs[0].sizes[1];
  forRows(arrays.outputs[0].sizes[0], columns, [&](int64_t row) {
    const float *__restrict x = input<float>(arrays, 0) + row * stride;
    float *__restrict y = output<float>(arrays, 0) + row * columns;
#pragma omp simd
    for (int64_t i = 0; i < columns; ++i)
      y[i] = x[i] * 0.5f + 1;
  });
}

void fuser::benchmarks::cInnerBroadcast(const Arrays &arrays) {
  const int64_t columns = arrays.inputs[0].sizes[1];
  forRows(arrays.inputs[0].sizes[0], columns, [&](int64_t row) {
    const float *__restrict x = input<float>(arrays, 0) + row * columns;
    const float scale = input<float>(arrays, 1)[row];
    float *__restrict y = output<float>(arrays, 0) + row * columns;
#pragma omp simd
    for (int64_t i = 0; i < columns; ++i)
      y[i] = relu(x[i] * scale);
  });
}

void fuser::benchmarks::cManyChunks(const Arrays &arrays) {
  constexpr int64_t kChunks = 64, kBlock = 64;
  const int64_t columns = arrays.outputs[0].sizes[1];
  forRows(arrays.outputs[0].sizes[0], kChunks * columns, [&](int64_t row) {
    const float *__restrict x =
        input<float>(arrays, 0) + row * kChunks * columns;
    float *__restrict y = output<float>(arrays, 0) + row * columns;
    for (int64_t left = 0; left < columns; left += kBlock) {
      const int64_t count = std::min(kBlock, columns - left);
      float sum[kBlock] = {};
      for (int64_t chunk = 0; chunk < kChunks; ++chunk)
        for (int64_t i = 0; i < count; ++i)
          sum[i] +=
              x[chunk * columns + left + i] * x[chunk * columns + left + i];
      for (int64_t i = 0; i < count; ++i)
        y[left + i] = sum[i];
    }
  });
}

void fuser::benchmarks::cInnerConcat(const Arrays &arrays) {
  constexpr int64_t kColumns = 4;
  forParts(arrays.outputs[0].sizes[0], 64, 2 * kColumns,
           [&](int64_t begin, int64_t end) {
             const float *__restrict a = input<float>(arrays, 0);
             const float *__restrict b = input<float>(arrays, 1);
             float *__restrict y = output<float>(arrays, 0);
             for (int64_t row = begin; row < end; ++row)
               for (int64_t i = 0; i < kColumns; ++i) {
                 y[row * 2 * kColumns + i] = relu(a[row * kColumns + i]);
                 y[row * 2 * kColumns + kColumns + i] =
                     b[row * kColumns + i] * 2;
               }
           });
}

void fuser::benchmarks::cCastBytes(const Arrays &arrays) {
  forElements(arrays.inputs[0].sizes[0], [&](int64_t begin, int64_t end) {
    const uint8_t *__restrict x = input<uint8_t>(arrays, 0);
    float *__restrict y = output<float>(arrays, 0);
#pragma omp simd
    for (int64_t i = begin; i < end; ++i)
      y[i] = x[i];
  });
}
