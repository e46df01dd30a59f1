//===- Coalescing.h - joint dimension coalescing ----------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_COALESCING_H
#define FUSER_LIB_RUNTIME_COALESCING_H

#include "FuserRuntime/LaunchPlan.h"

namespace fuser::runtime {

/// Fills in the sizes of `nest` and rewrites the strides of its operands, which
/// come in the dimensions of `shape`, to as few dimensions as describe them
/// all: drops those of size 1, orders the rest by the strides of the first
/// store, and joins neighbours that every operand walks as one. Where operands
/// have other strides than 0 and 1 along the innermost dimension but 1 along
/// another one, the one where most bytes are so comes right before the
/// innermost. Then sets the operands' stride classes.
///
/// One element alone becomes a row of 1. Any class would be right there, so it
/// takes the ones it would likely have on larger sizes, to need no kernel of
/// its own: an operand marked Broadcast on entry stays so, all others are
/// Contiguous.
void coalesce(absl::Span<const int64_t> shape, PlannedNest &nest);

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_COALESCING_H
