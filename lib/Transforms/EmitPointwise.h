//===- EmitPointwise.h - pointwise ops as scalar code -----------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_TRANSFORMS_EMITPOINTWISE_H
#define FUSER_LIB_TRANSFORMS_EMITPOINTWISE_H

#include "CodeBuilder.h"

namespace fuser {

/// The scalar code of `op`, whose operands are `operands`: signless scalars,
/// `i1` for truth values.
mlir::Value emitPointwise(ScalarCode &code, PointwiseOpInterface op,
                          llvm::ArrayRef<mlir::Value> operands);

} // namespace fuser

#endif // FUSER_LIB_TRANSFORMS_EMITPOINTWISE_H
