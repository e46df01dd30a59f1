//===- CopyBandwidth.cpp - how fast memory is copied ----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CopyBandwidth.h"
#include "FuserRuntime/Parallel.h"
#include <cstring>
#ifdef __SSE2__
#include <immintrin.h>
#endif

using fuser::runtime::Tensor;

namespace fuser::runner {

static constexpr int64_t lineSize = 64;

absl::StatusOr<CopyBandwidth> CopyBandwidth::create(int64_t bytes,
                                                    runtime::Session &session) {
  const int64_t rounded = (bytes + lineSize - 1) / lineSize * lineSize;
  absl::StatusOr<Tensor> from =
      Tensor::allocate(DType::ui8, {rounded}, session.allocator());
  if (!from.ok())
    return from.status();
  absl::StatusOr<Tensor> to =
      Tensor::allocate(DType::ui8, {rounded}, session.allocator());
  if (!to.ok())
    return to.status();
  std::memset(from->data(), 1, static_cast<size_t>(rounded));
  std::memset(to->data(), 0, static_cast<size_t>(rounded));
  return CopyBandwidth(std::move(*from), std::move(*to), session.threads());
}

void CopyBandwidth::copyParts(void (*copyPart)(char *, const char *, int64_t)) {
  const int64_t size = from.numElements();
  const int64_t parts = threads->numThreads();
  const int64_t lines = size / lineSize;
  threads->parallelFor(parts, [&](int64_t part) {
    const int64_t begin = lines * part / parts * lineSize;
    const int64_t end = lines * (part + 1) / parts * lineSize;
    copyPart(to.dataAs<char>() + begin, from.dataAs<char>() + begin,
             end - begin);
  });
}

/// Copies `bytes`, a multiple of lineSize; the pointers are aligned to it.
static void copyPlain(char *to, const char *from, int64_t bytes) {
  using Line __attribute__((vector_size(lineSize), may_alias)) = uint64_t;
  const Line *source = reinterpret_cast<const Line *>(from);
  Line *target = reinterpret_cast<Line *>(to);
  for (int64_t i = 0; i < bytes / lineSize; ++i) {
    target[i] = source[i];
    // Without this the compiler would see a memcpy.
    asm volatile("" ::: "memory");
  }
}

static void copyMemcpy(char *to, const char *from, int64_t bytes) {
  std::memcpy(to, from, static_cast<size_t>(bytes));
}

#ifdef __SSE2__
/// A line at a time, past the caches, as the kernels store.
__attribute__((target("avx512f"))) static void
copyStreamLines(char *to, const char *from, int64_t bytes) {
  for (int64_t i = 0; i < bytes; i += lineSize)
    _mm512_stream_si512(reinterpret_cast<__m512i *>(to + i),
                        _mm512_load_si512(from + i));
  _mm_sfence();
}
#endif

/// As copyPlain, past the caches.
static void copyStream(char *to, const char *from, int64_t bytes) {
#ifdef __SSE2__
  if (__builtin_cpu_supports("avx512f"))
    return copyStreamLines(to, from, bytes);
  const __m128i *source = reinterpret_cast<const __m128i *>(from);
  __m128i *target = reinterpret_cast<__m128i *>(to);
  for (int64_t i = 0; i < bytes / int64_t(sizeof(__m128i)); ++i)
    _mm_stream_si128(target + i, _mm_load_si128(source + i));
  _mm_sfence();
#else
  copyPlain(to, from, bytes);
#endif
}

void CopyBandwidth::copy(Way way) {
  switch (way) {
  case Memcpy:
    return copyParts(copyMemcpy);
  case Plain:
    return copyParts(copyPlain);
  case Stream:
    return copyParts(copyStream);
  }
}

} // namespace fuser::runner
