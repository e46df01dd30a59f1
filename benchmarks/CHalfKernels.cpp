//===- CHalfKernels.cpp - the workloads on 16-bit floats in C -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Blocks of elements are widened to float, computed and narrowed, so that each
// step is a loop that vectorises: the compiler converts f16 one by one, hence
// the intrinsics. Rounds once, to nearest even; NaNs are not cared for, as
// -ffast-math does not.
//
//===----------------------------------------------------------------------===//

#include "CKernelFamilies.h"
#include "CLoops.h"
#include <cmath>
#include <cstring>
#ifdef __F16C__
#include <immintrin.h>
#endif

using namespace fuser::benchmarks;

namespace {
struct BFloat16 {
  uint16_t bits;
};
struct Half {
  _Float16 value;
};
constexpr int64_t kBlock = 512;
} // namespace

static inline float asFloat(uint32_t bits) {
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}
static inline uint32_t asBits(float value) {
  uint32_t result;
  std::memcpy(&result, &value, sizeof result);
  return result;
}

static void widen(const BFloat16 *__restrict from, float *__restrict to,
                  int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i)
    to[i] = asFloat(static_cast<uint32_t>(from[i].bits) << 16);
}

static void narrow(const float *__restrict from, BFloat16 *__restrict to,
                   int64_t count) {
  int64_t i = 0;
#ifdef __AVX512BF16__
  for (; i + 16 <= count; i += 16)
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(to + i),
                        reinterpret_cast<__m256i>(
                            _mm512_cvtneps_pbh(_mm512_loadu_ps(from + i))));
#endif
  for (; i < count; ++i) {
    const uint32_t bits = asBits(from[i]);
    to[i].bits = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
  }
}

static void widen(const Half *__restrict from, float *__restrict to,
                  int64_t count) {
  int64_t i = 0;
#ifdef __F16C__
  for (; i + 8 <= count; i += 8)
    _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128(
                                 reinterpret_cast<const __m128i *>(from + i))));
#endif
  for (; i < count; ++i)
    to[i] = from[i].value;
}

static void narrow(const float *__restrict from, Half *__restrict to,
                   int64_t count) {
  int64_t i = 0;
#ifdef __F16C__
  for (; i + 8 <= count; i += 8)
    _mm_storeu_si128(reinterpret_cast<__m128i *>(to + i),
                     _mm256_cvtps_ph(_mm256_loadu_ps(from + i), 0));
#endif
  for (; i < count; ++i)
    to[i].value = from[i];
}

/// y = function(x) by blocks.
template <class T, class Function>
static void mapHalf(const Arrays &arrays, Function function) {
  forElements(arrays.inputs[0].sizes[0], [&](int64_t begin, int64_t end) {
    float x[kBlock], y[kBlock];
    for (int64_t at = begin; at < end; at += kBlock) {
      const int64_t count = std::min(kBlock, end - at);
      widen(input<T>(arrays, 0) + at, x, count);
#pragma omp simd
      for (int64_t i = 0; i < count; ++i)
        y[i] = function(x[i]);
      narrow(y, output<T>(arrays, 0) + at, count);
    }
  });
}

void fuser::benchmarks::cGeluBFloat16(const Arrays &arrays) {
  mapHalf<BFloat16>(
      arrays, [](float x) { return 0.5f * x * (1 + erff(x * 0.70710678f)); });
}

void fuser::benchmarks::cSiluHalf(const Arrays &arrays) {
  mapHalf<Half>(arrays, [](float x) { return x / (1 + expf(-x)); });
}

static void residualGeluBlock(const Arrays &arrays, int64_t row, int64_t column,
                              int64_t count) {
  const int64_t columns = arrays.inputs[0].sizes[1];
  const int64_t at = row * columns + column;
  float x[kBlock], bias[kBlock], gamma[kBlock], residual[kBlock], y[kBlock];
  widen(input<BFloat16>(arrays, 0) + at, x, count);
  widen(input<BFloat16>(arrays, 1) + column, bias, count);
  widen(input<BFloat16>(arrays, 2) + column, gamma, count);
  widen(input<BFloat16>(arrays, 3) + at, residual, count);
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    const float t = x[i] + bias[i];
    const float inner = 0.79788456f * (t + 0.044715f * t * t * t);
    y[i] = 0.5f * t * (1 + tanhf(inner)) * gamma[i] + residual[i];
  }
  narrow(y, output<BFloat16>(arrays, 0) + at, count);
}

void fuser::benchmarks::cResidualGelu(const Arrays &arrays) {
  const int64_t columns = arrays.inputs[0].sizes[1];
  forRows(arrays.inputs[0].sizes[0], columns, [&](int64_t row) {
    for (int64_t column = 0; column < columns; column += kBlock)
      residualGeluBlock(arrays, row, column,
                        std::min(kBlock, columns - column));
  });
}

void fuser::benchmarks::cCastToBFloat16(const Arrays &arrays) {
  forElements(arrays.inputs[0].sizes[0], [&](int64_t begin, int64_t end) {
    narrow(input<float>(arrays, 0) + begin, output<BFloat16>(arrays, 0) + begin,
           end - begin);
  });
}
