//===- BlockIO.cpp - moving blocks between tensors and buffers ------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BlockIO.h"
#include "ElementWidth.h"
#include "StridedWalk.h"
#include <cstring>

namespace fuser::runtime {

/// Copies `n` elements between strided places.
template <class T>
static void copyRun(const T *from, int64_t fromStride, T *to, int64_t toStride,
                    int64_t n) {
  if (fromStride == 1 && toStride == 1) {
    std::memcpy(to, from, n * sizeof(T));
    return;
  }
  if (fromStride == 0 && toStride == 1) {
    std::fill_n(to, n, *from);
    return;
  }
  for (int64_t i = 0; i < n; ++i)
    to[i * toStride] = from[i * fromStride];
}

/// The elements of an operand without memory.
static void loadIndices(const PlannedOperand &operand,
                        absl::Span<const int64_t> sizes, BlockRange range,
                        int64_t *buffer) {
  forEachRun(sizes, operand.strides, range.begin, range.n,
             [&](int64_t position, int64_t offset, int64_t stride, int64_t n) {
               for (int64_t i = 0; i < n; ++i)
                 buffer[position + i] = operand.offset + offset + i * stride;
             });
}

void loadBlock(const PlannedOperand &operand, MemoryTable memory,
               absl::Span<const int64_t> sizes, BlockRange range,
               void *buffer) {
  if (operand.isIndex())
    return loadIndices(operand, sizes, range, static_cast<int64_t *>(buffer));
  const void *data = operand.place(memory);
  withElement(operand.dtype, [&](auto element) {
    using T = decltype(element);
    forEachRun(
        sizes, operand.strides, range.begin, range.n,
        [&](int64_t position, int64_t offset, int64_t stride, int64_t n) {
          copyRun(static_cast<const T *>(data) + offset, stride,
                  static_cast<T *>(buffer) + position, 1, n);
        });
  });
  if (operand.dtype == DType::i1) {
    uint8_t *bytes = static_cast<uint8_t *>(buffer);
    for (int64_t i = 0; i < range.n; ++i)
      bytes[i] = bytes[i] != 0;
  }
}

void storeBlock(const PlannedOperand &operand, MemoryTable memory,
                absl::Span<const int64_t> sizes, BlockRange range,
                const void *block) {
  void *data = operand.place(memory);
  withElement(operand.dtype, [&](auto element) {
    using T = decltype(element);
    forEachRun(
        sizes, operand.strides, range.begin, range.n,
        [&](int64_t position, int64_t offset, int64_t stride, int64_t n) {
          copyRun(static_cast<const T *>(block) + position, 1,
                  static_cast<T *>(data) + offset, stride, n);
        });
  });
}

void fillBlock(DType dtype, uint64_t bits, void *block, int64_t n) {
  if (dtype == DType::i1)
    bits = (bits & 0xff) != 0;
  withElement(dtype, [&](auto element) {
    using T = decltype(element);
    std::fill_n(static_cast<T *>(block), n, static_cast<T>(bits));
  });
}

void repeatElement(DType dtype, const void *element, void *block, int64_t n) {
  withElement(dtype, [&](auto sample) {
    decltype(sample) bits;
    std::memcpy(&bits, element, sizeof bits);
    fillBlock(dtype, bits, block, n);
  });
}

} // namespace fuser::runtime
