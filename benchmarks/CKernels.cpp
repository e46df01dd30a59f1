//===- CKernels.cpp - the workloads of full width in C --------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Plain C in spirit: loops that the house compiler vectorises, with -O3
// -march=native -ffast-math and the vector functions of the C library. Each
// does what its program in workloads/ does, with the roundings that are
// cheapest.
//
//===----------------------------------------------------------------------===//

#include "CKernels.h"
#include "CKernelFamilies.h"
#include "CLoops.h"
#include <array>
#include <cmath>
#include <cstring>

using namespace fuser::benchmarks;

static inline float relu(float x) { return x > 0 ? x : 0; }
static inline float sigmoid(float x) { return 1 / (1 + expf(-x)); }
static inline float gelu(float x) {
  return 0.5f * x * (1 + erff(x * 0.70710678f));
}
static inline float tanhGelu(float x) {
  return 0.5f * x * (1 + tanhf(0.79788456f * (x + 0.044715f * x * x * x)));
}

static void biasGelu(const Arrays &arrays) {
  const int64_t columns = arrays.inputs[1].sizes[0];
  forRows(arrays.inputs[0].sizes[0], columns, [&](int64_t row) {
    const float *__restrict x = input<float>(arrays, 0) + row * columns;
    const float *__restrict bias = input<float>(arrays, 1);
    float *__restrict y = output<float>(arrays, 0) + row * columns;
#pragma omp simd
    for (int64_t i = 0; i < columns; ++i)
      y[i] = gelu(x[i] + bias[i]);
  });
}

static void tanhGelu(const Arrays &arrays) {
  forElements(arrays.inputs[0].sizes[0], [&](int64_t begin, int64_t end) {
    const float *__restrict x = input<float>(arrays, 0);
    float *__restrict y = output<float>(arrays, 0);
#pragma omp simd
    for (int64_t i = begin; i < end; ++i)
      y[i] = tanhGelu(x[i]);
  });
}

static void lstmCell(const Arrays &arrays) {
  const int64_t hidden = arrays.inputs[4].sizes[1];
  forRows(arrays.inputs[4].sizes[0], 4 * hidden, [&](int64_t row) {
    const float *__restrict xg = input<float>(arrays, 0) + row * 4 * hidden;
    const float *__restrict hg = input<float>(arrays, 1) + row * 4 * hidden;
    const float *__restrict bi = input<float>(arrays, 2);
    const float *__restrict bh = input<float>(arrays, 3);
    const float *__restrict cx = input<float>(arrays, 4) + row * hidden;
    float *__restrict hy = output<float>(arrays, 0) + row * hidden;
    float *__restrict cy = output<float>(arrays, 1) + row * hidden;
#pragma omp simd
    for (int64_t i = 0; i < hidden; ++i) {
      const int64_t f = hidden + i, g = 2 * hidden + i, o = 3 * hidden + i;
      const float memory = sigmoid(xg[f] + bi[f] + hg[f] + bh[f]) * cx[i] +
                           sigmoid(xg[i] + bi[i] + hg[i] + bh[i]) *
                               tanhf(xg[g] + bi[g] + hg[g] + bh[g]);
      cy[i] = memory;
      hy[i] = sigmoid(xg[o] + bi[o] + hg[o] + bh[o]) * tanhf(memory);
    }
  });
}

static void swiglu(const Arrays &arrays) {
  const int64_t columns = arrays.outputs[0].sizes[1];
  forRows(arrays.outputs[0].sizes[0], columns, [&](int64_t row) {
    const float *__restrict gate = input<float>(arrays, 0) + row * 2 * columns;
    const float *__restrict value = gate + columns;
    float *__restrict y = output<float>(arrays, 0) + row * columns;
#pragma omp simd
    for (int64_t i = 0; i < columns; ++i)
      y[i] = gate[i] * sigmoid(gate[i]) * value[i];
  });
}

static void concat(const Arrays &arrays) {
  const int64_t columns = arrays.inputs[0].sizes[1];
  forRows(arrays.inputs[0].sizes[0], 3 * columns, [&](int64_t row) {
    const float *__restrict a = input<float>(arrays, 0) + row * columns;
    const float *__restrict b = input<float>(arrays, 1) + row * columns;
    const float *__restrict c = input<float>(arrays, 2) + row * columns;
    const float scale = *input<float>(arrays, 3);
    float *__restrict y = output<float>(arrays, 0) + row * 3 * columns;
#pragma omp simd
    for (int64_t i = 0; i < columns; ++i)
      y[i] = relu(a[i]) * scale;
#pragma omp simd
    for (int64_t i = 0; i < columns; ++i)
      y[columns + i] = sigmoid(b[i]) * scale;
#pragma omp simd
    for (int64_t i = 0; i < columns; ++i)
      y[2 * columns + i] = tanhf(c[i]) * scale;
  });
}

static void outerBroadcast(const Arrays &arrays) {
  const int64_t columns = arrays.inputs[2].sizes[1];
  forRows(arrays.inputs[2].sizes[0], columns, [&](int64_t row) {
    const float a = input<float>(arrays, 0)[row];
    const float *__restrict b = input<float>(arrays, 1);
    const float *__restrict c = input<float>(arrays, 2) + row * columns;
    float *__restrict y = output<float>(arrays, 0) + row * columns;
#pragma omp simd
    for (int64_t i = 0; i < columns; ++i)
      y[i] = relu(a * b[i] + c[i]);
  });
}

static void adam(const Arrays &arrays) {
  forElements(arrays.inputs[0].sizes[0], [&](int64_t begin, int64_t end) {
    const float *__restrict p = input<float>(arrays, 0);
    const float *__restrict g = input<float>(arrays, 1);
    const float *__restrict m = input<float>(arrays, 2);
    const float *__restrict v = input<float>(arrays, 3);
    float *__restrict newP = output<float>(arrays, 0);
    float *__restrict newM = output<float>(arrays, 1);
    float *__restrict newV = output<float>(arrays, 2);
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) {
      const float first = 0.9f * m[i] + 0.1f * g[i];
      const float second = 0.999f * v[i] + 0.001f * g[i] * g[i];
      newM[i] = first;
      newV[i] = second;
      newP[i] =
          p[i] - 0.00153533993f * first / (sqrtf(second) * 10.0225159f + 1e-8f);
    }
  });
}

static void normaliseImage(const Arrays &arrays) {
  const auto &sizes = arrays.inputs[0].sizes;
  const int64_t channels = sizes[1], pixels = sizes[2] * sizes[3];
  forRows(sizes[0] * channels, pixels, [&](int64_t plane) {
    const uint8_t *__restrict x = input<uint8_t>(arrays, 0) + plane * pixels;
    float *__restrict y = output<float>(arrays, 0) + plane * pixels;
    const float mean = input<float>(arrays, 1)[plane % channels];
    const float std = input<float>(arrays, 2)[plane % channels];
#pragma omp simd
    for (int64_t i = 0; i < pixels; ++i)
      y[i] = (static_cast<float>(x[i]) / 255 - mean) / std;
  });
}

static void maskedScale(const Arrays &arrays) {
  forElements(arrays.inputs[0].numElements(), [&](int64_t begin, int64_t end) {
    const uint8_t *__restrict mask = input<uint8_t>(arrays, 0);
    const float *__restrict x = input<float>(arrays, 1);
    uint32_t *__restrict y = output<uint32_t>(arrays, 0);
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) {
      // By bits: -ffast-math knows no infinities.
      const float scaled = x[i] * 0.125f;
      uint32_t bits;
      std::memcpy(&bits, &scaled, sizeof bits);
      y[i] = mask[i] ? bits : 0xFF800000;
    }
  });
}

static void blackScholes(const Arrays &arrays) {
  forElements(arrays.inputs[0].sizes[0], [&](int64_t begin, int64_t end) {
    const double *__restrict s = input<double>(arrays, 0);
    const double *__restrict k = input<double>(arrays, 1);
    const double *__restrict t = input<double>(arrays, 2);
    double *__restrict call = output<double>(arrays, 0);
    double *__restrict put = output<double>(arrays, 1);
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) {
      const double deviation = 0.2 * sqrt(t[i]);
      const double d1 = (log(s[i] / k[i]) + 0.05 * t[i]) / deviation;
      const double d2 = d1 - deviation;
      const double n1 = 0.5 * (1 + erf(d1 * M_SQRT1_2));
      const double n2 = 0.5 * (1 + erf(d2 * M_SQRT1_2));
      const double discounted = k[i] * exp(-0.03 * t[i]);
      const double price = s[i] * n1 - discounted * n2;
      call[i] = price;
      put[i] = price - s[i] + discounted;
    }
  });
}

/// long_chain.py has the formula.
namespace {
class LongChain {
public:
  double operator()(double s, double t, double p) {
    const double root = sqrt(s);
    const double above = polynomial<5>(
        root, [&] { return polynomial<2>(p, [&] { return inT(t); }); });
    const double below = polynomial<3>(
        root, [&] { return polynomial<1>(p, [&] { return inT(t); }); });
    double z = above / below;
#pragma GCC unroll 9
    for (int i = 0; i < 9; ++i) {
      const double factor = constant(), addend = constant();
      z = sqrt(z * factor + addend) / (t * constant() + 1);
    }
    return z;
  }

private:
  double constant() { return (1000 + used++ * 7919 % 9000) / 10000.0; }
  double inT(double t) {
    return polynomial<4>(t, [&] { return constant(); });
  }
  template <int degree, class Term> double polynomial(double x, Term term) {
    double result = term();
#pragma GCC unroll 8
    for (int i = 0; i < degree; ++i)
      result = result * x + term();
    return result;
  }
  int used = 0;
};
} // namespace

static void longChain(const Arrays &arrays) {
  forElements(arrays.inputs[0].sizes[0], [&](int64_t begin, int64_t end) {
    const double *__restrict s = input<double>(arrays, 0);
    const double *__restrict t = input<double>(arrays, 1);
    const double *__restrict p = input<double>(arrays, 2);
    double *__restrict y = output<double>(arrays, 0);
#pragma omp simd
    for (int64_t i = begin; i < end; ++i)
      y[i] = LongChain()(s[i], t[i], p[i]);
  });
}

static void smallChain(const Arrays &arrays) {
  forElements(arrays.inputs[0].sizes[0], [&](int64_t begin, int64_t end) {
    const float *__restrict x = input<float>(arrays, 0);
    const float *__restrict y = input<float>(arrays, 1);
    float *__restrict to = output<float>(arrays, 0);
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) {
      const float z = (x[i] * y[i] + y[i]) * 0.5f - x[i];
      to[i] = relu((z * z + x[i]) * 0.25f + y[i]) + tanhf(x[i]);
    }
  });
}

static void integerHash(const Arrays &arrays) {
  forElements(arrays.inputs[0].sizes[0], [&](int64_t begin, int64_t end) {
    const int32_t *__restrict from = input<int32_t>(arrays, 0);
    uint32_t *__restrict to = output<uint32_t>(arrays, 0);
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) {
      uint32_t x = from[i];
      x ^= x << 13;
      x ^= static_cast<uint32_t>(static_cast<int32_t>(x) >> 17);
      x ^= x << 5;
      x *= 668265261;
      to[i] =
          (x ^ static_cast<uint32_t>(static_cast<int32_t>(x) >> 15)) + 12345;
    }
  });
}

static void twoShapes(const Arrays &arrays) {
  const int64_t columns = arrays.inputs[0].sizes[1], half = columns / 2;
  forRows(arrays.inputs[0].sizes[0], columns, [&](int64_t row) {
    const float *__restrict x = input<float>(arrays, 0) + row * columns;
    float *__restrict y = output<float>(arrays, 0) + row * columns;
    float *__restrict z = output<float>(arrays, 1) + row * half;
#pragma omp simd
    for (int64_t i = 0; i < columns; ++i)
      y[i] = relu(x[i]) * 2;
#pragma omp simd
    for (int64_t i = 0; i < half; ++i)
      z[i] = sigmoid(x[i]);
  });
}

static void logAddExp(const Arrays &arrays) {
  forElements(arrays.inputs[0].sizes[0], [&](int64_t begin, int64_t end) {
    const float *__restrict a = input<float>(arrays, 0);
    const float *__restrict b = input<float>(arrays, 1);
    float *__restrict y = output<float>(arrays, 0);
#pragma omp simd
    for (int64_t i = begin; i < end; ++i)
      y[i] = a[i] + log1pf(expf(b[i] - a[i]));
  });
}

static void independentOutputs(const Arrays &arrays) {
  forElements(arrays.inputs[0].sizes[0], [&](int64_t begin, int64_t end) {
    const float *__restrict a = input<float>(arrays, 0);
    const float *__restrict b = input<float>(arrays, 1);
    const float *__restrict c = input<float>(arrays, 2);
    const float *__restrict d = input<float>(arrays, 3);
    float *__restrict x = output<float>(arrays, 0);
    float *__restrict y = output<float>(arrays, 1);
    float *__restrict z = output<float>(arrays, 2);
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) {
      x[i] = expf(a[i]);
      y[i] = tanhf(b[i]);
      z[i] = c[i] * d[i] + 1;
    }
  });
}

static void add(const Arrays &arrays) {
  forElements(arrays.inputs[0].sizes[0], [&](int64_t begin, int64_t end) {
    const float *__restrict x = input<float>(arrays, 0);
    const float *__restrict y = input<float>(arrays, 1);
    float *__restrict z = output<float>(arrays, 0);
#pragma omp simd
    for (int64_t i = begin; i < end; ++i)
      z[i] = x[i] + y[i];
  });
}

CKernel fuser::benchmarks::findCKernel(std::string_view name) {
  static const struct {
    std::string_view name;
    CKernel kernel;
  } kKernels[] = {
      {"P01", biasGelu},
      {"P02", tanhGelu},
      {"P03", lstmCell},
      {"P04", swiglu},
      {"P05", cResidualGelu},
      {"P06", concat},
      {"P07", outerBroadcast},
      {"P08", adam},
      {"P09", normaliseImage},
      {"P10", maskedScale},
      {"P11", blackScholes},
      {"P12", longChain},
      {"P13", smallChain},
      {"P14", cTransposedAdd},
      {"P15", cGeluBFloat16},
      {"P16", integerHash},
      {"P17", twoShapes},
      {"P18", cSiluHalf},
      {"P19", logAddExp},
      {"P20", independentOutputs},
      {"D01", add},
      {"L01", cChannelsLast},
      {"L02", cRowsOf19},
      {"L03", cStridedRows},
      {"L04", cInnerBroadcast},
      {"L05", cManyChunks},
      {"L06", cInnerConcat},
      {"L07", cCastBytes},
      {"L08", cCastToBFloat16},
      {"L09", add},
  };
  for (const auto &entry : kKernels)
    if (entry.name == name)
      return entry.kernel;
  return nullptr;
}
