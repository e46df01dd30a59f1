//===- ConcatMotion.h - concats to the outputs of a group -------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_TRANSFORMS_CONCATMOTION_H
#define FUSER_LIB_TRANSFORMS_CONCATMOTION_H

#include "FuserDialect/FuserDialect.h"

namespace fuser {

/// Where `view` puts dimension `dim` of its operand; both count from the end
/// and are negative. None if it does more to that dimension than to move it.
std::optional<int64_t> movedDim(mlir::Operation *view, int64_t dim);

/// Rewrites the body of `group` so that concats are used by concats and the
/// yield only: an op on a concat becomes a concat of ops on the parts, and
/// other operands are cut as the concat is. What is no longer needed is left in
/// the body. Emits an error if more than `maxOps` ops would be made, or where
/// an op can't be moved.
llvm::LogicalResult moveConcats(GroupOp group, size_t maxOps);

} // namespace fuser

#endif // FUSER_LIB_TRANSFORMS_CONCATMOTION_H
