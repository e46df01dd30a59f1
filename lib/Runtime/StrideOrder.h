//===- StrideOrder.h - the memory format of outputs -------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_STRIDEORDER_H
#define FUSER_LIB_RUNTIME_STRIDEORDER_H

#include "Views.h"

namespace fuser::runtime {

/// Chooses the order of an output's dimensions in memory. The operands that are
/// as large as the piece that they compute decide: if the strides of all of
/// them fall along the order that the first one has, it is that order; if they
/// differ, or if there is none, it is row-major.
class StrideOrder {
public:
  explicit StrideOrder(int64_t rank);

  /// Adds the layout of an operand of the output's rank. One that repeats
  /// elements has no say, nor have its dimensions of size 1.
  void add(const View &operand);

  /// The dimensions from the slowest to the fastest varying.
  const Dims &order() const { return agree ? chosen : rowMajor; }

private:
  bool follows(const View &operand) const;

  Dims rowMajor, chosen;
  bool isFirst = true, agree = true;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_STRIDEORDER_H
