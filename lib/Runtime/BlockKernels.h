//===- BlockKernels.h - the instructions on blocks --------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_BLOCKKERNELS_H
#define FUSER_LIB_RUNTIME_BLOCKKERNELS_H

#include "FuserMath/Opcode.h"
#include <cstdint>

namespace fuser::runtime {

/// Applies one instruction to blocks of `n` elements: `operands` holds one
/// block an operand. The blocks are dense; `result` overlaps none of the
/// operands. In an operand of i1 any byte but 0 is true, results are 0 and 1.
/// Returns false if an integer was divided by zero.
using BlockFunction = bool (*)(int64_t n, const void *const *operands,
                               void *result);

/// Every instruction there is; null where an opcode does not take a type.
struct BlockTable {
  /// By opcode but for casts, and the type of the operands (of the second for
  /// a select, of the result for a random).
  BlockFunction op[kNumOpcodes][kNumDTypes];
  /// By the type to cast from, then the one to cast to.
  BlockFunction cast[kNumDTypes][kNumDTypes];
};

/// The table that is fastest on this machine. All give the same bits.
const BlockTable &blockTable();

// The same source compiled for several levels of the x86-64 instruction set
// (BlockKernels.cpp); elsewhere there is only the baseline.
namespace baseline {
extern const BlockTable kBlockTable;
}
namespace x86_64_v3 {
extern const BlockTable kBlockTable;
}
namespace x86_64_v4 {
extern const BlockTable kBlockTable;
}

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_BLOCKKERNELS_H
