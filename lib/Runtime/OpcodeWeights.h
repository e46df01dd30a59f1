//===- OpcodeWeights.h - about how much work each opcode is -----*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_OPCODEWEIGHTS_H
#define FUSER_LIB_RUNTIME_OPCODEWEIGHTS_H

#include "FuserMath/Opcode.h"

namespace fuser::runtime {

/// About how many vector instructions an element of `opcode` takes; an addition
/// is 1. Decides whether a loop is split over threads and whether it is bound
/// by memory, never what it computes.
constexpr int64_t opcodeWeight(Opcode opcode) {
  switch (opcode) {
  case Opcode::sqrt:
  case Opcode::rsqrt:
  case Opcode::div:
    return 4; // One instruction each, but of low throughput.
  case Opcode::exp:
  case Opcode::expm1:
  case Opcode::log:
  case Opcode::log1p:
  case Opcode::tanh:
  case Opcode::erf:
  case Opcode::erfc:
  case Opcode::sigmoid:
    return 20; // A polynomial, and the reduction of its argument.
  case Opcode::random:
    return 100; // Ten rounds of Philox on 64-bit lanes.
  case Opcode::clamp:
    return 2;
  case Opcode::neg:
  case Opcode::abs:
  case Opcode::add:
  case Opcode::sub:
  case Opcode::mul:
  case Opcode::minimum:
  case Opcode::maximum:
  case Opcode::eq:
  case Opcode::ne:
  case Opcode::lt:
  case Opcode::le:
  case Opcode::gt:
  case Opcode::ge:
  case Opcode::select:
  case Opcode::cast:
    return 1;
  }
  return 1; // No opcode; one without a case here does not compile.
}

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_OPCODEWEIGHTS_H
