//===- OpCases.h - programs of every op on every type -----------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The opcodes and their domains come from Ops.def: a new row is a new case.
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_UNITTESTS_COMPILER_OPCASES_H
#define FUSER_UNITTESTS_COMPILER_OPCASES_H

#include "FuserMath/Opcode.h"
#include "Harness.h"

namespace fuser {

/// An op on operands of `type`; a cast goes to `to`.
struct OpCase {
  Opcode opcode;
  DType type;
  DType to;

  std::vector<DType> operandTypes() const;
  DType resultType() const;
  /// A function of this op on tensors of `rank`.
  std::string program(int64_t rank) const;
  /// Random operands that the op is defined for; operand i has layout(i).
  std::vector<Value>
  inputs(const Dims &sizes,
         const std::function<Layout(std::size_t)> &layout) const;
  /// Of letters, digits and underscores.
  std::string name() const;
};

/// Every row of the table on every type of its domain, select, and cast from
/// every type to every other.
std::vector<OpCase> allOpCases();

} // namespace fuser

#endif // FUSER_UNITTESTS_COMPILER_OPCASES_H
