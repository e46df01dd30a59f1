//===- ShortRows.h - joining short rows that repeat an operand --*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_SHORTROWS_H
#define FUSER_LIB_RUNTIME_SHORTROWS_H

#include "FuserRuntime/LaunchPlan.h"

namespace fuser::runtime {

/// Joins rows that are too short to compute one by one, of a few elements each,
/// where all operands are contiguous from row to row but for leaves that each
/// row repeats, as a bias: some rows become one, and such a leaf a copy of it
/// that is as long, in plan.copies. The last row may become shorter than the
/// others, see PlannedNest::lastRow. Changes no stride class and no rank, so
/// that the kernel is the same. For calls on the CPU: a device reads what
/// repeats from its caches.
void joinShortRows(LaunchPlan &plan);

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_SHORTROWS_H
