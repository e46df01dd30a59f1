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

// In scalar code integers are signless, truth values are `i1`, and f16 and bf16
// are `f32` values that these types can hold.

/// The scalar code of an element as memory holds it, and the inverse. An index,
/// which is no memory, is i64.
mlir::Value emitLoaded(ScalarCode &code, mlir::Value stored, DType dtype);
mlir::Value emitStored(ScalarCode &code, mlir::Value value, DType dtype);

/// The scalar code of `op`, whose operands are `operands`.
mlir::Value emitPointwise(ScalarCode &code, PointwiseOpInterface op,
                          llvm::ArrayRef<mlir::Value> operands);

} // namespace fuser

#endif // FUSER_LIB_TRANSFORMS_EMITPOINTWISE_H
