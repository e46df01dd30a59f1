//===- BlockIO.h - moving blocks between tensors and buffers ----*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_BLOCKIO_H
#define FUSER_LIB_RUNTIME_BLOCKIO_H

#include "FuserRuntime/LaunchPlan.h"

namespace fuser::runtime {

/// Elements in a block: a block of every value of a typical group fits into the
/// first-level cache.
constexpr int64_t kBlockSize = 512;

/// Bytes of a block of the widest type.
constexpr int64_t kBlockBytes = kBlockSize * 8;

/// Elements [begin, begin + n) of a nest, counted in row-major order;
/// n <= kBlockSize.
struct BlockRange {
  int64_t begin, n;
};

/// Elements `range` of `operand` as a dense block: the operand's own memory
/// where they lie there so and its class says Contiguous, else `buffer`, which
/// they are copied to (any number of them, if it is large enough). Elements of
/// i1 are made 0 or 1.
const void *loadBlock(const PlannedOperand &operand, MemoryTable memory,
                      absl::Span<const int64_t> sizes, BlockRange range,
                      void *buffer);

/// Writes a dense block to elements `range` of `operand`.
void storeBlock(const PlannedOperand &operand, MemoryTable memory,
                absl::Span<const int64_t> sizes, BlockRange range,
                const void *block);

/// Fills a block with the element in the low bytes of `bits`.
void fillBlock(DType dtype, uint64_t bits, void *block);

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_BLOCKIO_H
