//===- ShapeOperands.h - operands of which only the shape counts -*- C++
//-*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_TRANSFORMS_SHAPEOPERANDS_H
#define FUSER_LIB_TRANSFORMS_SHAPEOPERANDS_H

#include "mlir/IR/Block.h"

namespace fuser {

/// Lets ops of `block` that take a shape from a computed value take it from
/// what that is computed of: `fuser.iota like` and the others of
/// `fuser.broadcast_like`. Lets pointwise ops take one element of a constant if
/// all are equal and its shape says nothing. Erases what is not needed then.
/// Linear in ops and operands.
void replaceShapeOperands(mlir::Block &block);

} // namespace fuser

#endif // FUSER_LIB_TRANSFORMS_SHAPEOPERANDS_H
