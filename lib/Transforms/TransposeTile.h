//===- TransposeTile.h - copying lines to columns ---------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_TRANSFORMS_TRANSPOSETILE_H
#define FUSER_LIB_TRANSFORMS_TRANSPOSETILE_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace fuser {

/// Elements in lines: element k of line i is at i * stride + k of `memory`, a
/// memref of rank 1.
struct Lines {
  mlir::Value memory;
  mlir::Value stride;
};

/// Emits a copy of `numLines` lines of `length` elements: element k of line i
/// of `from` becomes element i of line k of `to`. With `useVectors` whole
/// squares go through registers, and the rest element by element; without, all
/// does, which is much less code.
void emitTransposedCopy(mlir::ImplicitLocOpBuilder &b, Lines from,
                        mlir::Value numLines, mlir::Value length, Lines to,
                        bool useVectors);

} // namespace fuser

#endif // FUSER_LIB_TRANSFORMS_TRANSPOSETILE_H
