//===- Bandwidth.cpp - what memory can do ---------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CKernels.h"
#include "CLoops.h"
#include <chrono>
#include <cstring>
#include <sys/mman.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

using namespace fuser::benchmarks;

namespace {
/// Memory on pages of a kind.
class Block {
public:
  Block(int64_t bytes, bool hugePages) : bytes(bytes + kHugePage) {
    void *mapped = mmap(nullptr, this->bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED)
      return;
    start = mapped;
    // Neither kind is left to the system's choice.
    madvise(start, this->bytes, hugePages ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    auto address = reinterpret_cast<uintptr_t>(start) + kHugePage - 1;
    data = reinterpret_cast<float *>(address / kHugePage * kHugePage);
    std::memset(data, 0, bytes);
  }
  ~Block() {
    if (start)
      munmap(start, bytes);
  }
  Block(const Block &) = delete;
  Block &operator=(const Block &) = delete;

  float *data = nullptr; ///< null if there is no memory

private:
  static constexpr int64_t kHugePage = 2 << 20;
  int64_t bytes;
  void *start = nullptr;
};

#if defined(__AVX512F__)
using Vector = __m512;
inline Vector load(const float *from) { return _mm512_load_ps(from); }
inline void store(float *to, Vector x) { _mm512_store_ps(to, x); }
inline void stream(float *to, Vector x) { _mm512_stream_ps(to, x); }
#elif defined(__AVX__)
using Vector = __m256;
inline Vector load(const float *from) { return _mm256_load_ps(from); }
inline void store(float *to, Vector x) { _mm256_store_ps(to, x); }
inline void stream(float *to, Vector x) { _mm256_stream_ps(to, x); }
#elif defined(__SSE2__)
using Vector = __m128;
inline Vector load(const float *from) { return _mm_load_ps(from); }
inline void store(float *to, Vector x) { _mm_store_ps(to, x); }
inline void stream(float *to, Vector x) { _mm_stream_ps(to, x); }
#else
using Vector = float;
inline Vector load(const float *from) { return *from; }
inline void store(float *to, Vector x) { *to = x; }
inline void stream(float *to, Vector x) { *to = x; }
#endif

struct Way {
  const char *name;
  int numArrays;
  void (*run)(float *a, const float *b, const float *c, int64_t begin,
              int64_t end);
};
} // namespace

template <void (*put)(float *, Vector)>
static void copy(float *a, const float *b, const float *, int64_t begin,
                 int64_t end) {
  for (int64_t i = begin; i < end; i += sizeof(Vector) / sizeof(float))
    put(a + i, load(b + i));
}

template <void (*put)(float *, Vector)>
static void triad(float *a, const float *b, const float *c, int64_t begin,
                  int64_t end) {
  for (int64_t i = begin; i < end; i += sizeof(Vector) / sizeof(float))
    put(a + i, load(b + i) + load(c + i) * 0.5f);
}

static const Way kWays[] = {
    {"copy", 2, copy<store>},
    {"copy, non-temporal", 2, copy<stream>},
    {"triad", 3, triad<store>},
    {"triad, non-temporal", 3, triad<stream>},
};

static double now() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// The least time of the runs that fit into `seconds`, at least three.
static double leastTime(const Way &way, float *a, const float *b,
                        const float *c, int64_t count, double seconds) {
  double least = 1e30;
  const double start = now();
  for (int run = 0; run < 3 || now() - start < seconds; ++run) {
    const double before = now();
    forElements(count, [&](int64_t begin, int64_t end) {
      way.run(a, b, c, begin, end);
#ifdef __SSE2__
      _mm_sfence();
#endif
    });
    least = std::min(least, now() - before);
  }
  return least;
}

std::vector<Bandwidth> fuser::benchmarks::measureBandwidth(int64_t bytes,
                                                           double seconds) {
  std::vector<Bandwidth> result;
  for (bool hugePages : {false, true}) {
    const Block a(bytes, hugePages), b(bytes, hugePages), c(bytes, hugePages);
    if (!a.data || !b.data || !c.data)
      return {};
    for (const Way &way : kWays) {
      const double time =
          leastTime(way, a.data, b.data, c.data,
                    bytes / static_cast<int64_t>(sizeof(float)), seconds);
      result.push_back({way.name, hugePages, way.numArrays * bytes / time});
    }
  }
  return result;
}
