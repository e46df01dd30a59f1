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

/// Elements [begin, begin + n) of a nest, counted in row-major order.
struct BlockRange {
  int64_t begin, n;
};

/// Copies elements `range` of `operand`, whose nest has these sizes, to a dense
/// block. Elements of i1 are made 0 or 1.
void loadBlock(const PlannedOperand &operand, MemoryTable memory,
               absl::Span<const int64_t> sizes, BlockRange range, void *block);

/// Writes a dense block to elements `range` of `operand`.
void storeBlock(const PlannedOperand &operand, MemoryTable memory,
                absl::Span<const int64_t> sizes, BlockRange range,
                const void *block);

/// Fills a block of `n` elements with the one in the low bytes of `bits`.
void fillBlock(DType dtype, uint64_t bits, void *block, int64_t n);

/// Fills a block of `n` elements with this one.
void repeatElement(DType dtype, const void *element, void *block, int64_t n);

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_BLOCKIO_H
