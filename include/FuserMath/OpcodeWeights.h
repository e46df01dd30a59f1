//===- OpcodeWeights.h - about how much work each opcode is -----*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_OPCODEWEIGHTS_H
#define FUSERMATH_OPCODEWEIGHTS_H

#include "FuserMath/Opcode.h"

namespace fuser {

/// About how many vector instructions an element of `opcode` takes; an addition
/// is 1. Decides whether a loop is split over threads and whether it is bound
/// by memory, never what it computes.
constexpr int64_t opcodeWeight(Opcode opcode) {
  switch (opcode) {
  case Opcode::sqrt:
  case Opcode::rsqrt:
  case Opcode::reciprocal:
  case Opcode::div:
    return 4; // One instruction each, but of low throughput.
  case Opcode::exp:
  case Opcode::exp2:
  case Opcode::expm1:
  case Opcode::log:
  case Opcode::log2:
  case Opcode::log10:
  case Opcode::log1p:
  case Opcode::tanh:
  case Opcode::erf:
  case Opcode::erfc:
  case Opcode::sigmoid:
  case Opcode::sinh:
  case Opcode::cosh:
  case Opcode::sin:
  case Opcode::cos:
  case Opcode::tan:
  case Opcode::asin:
  case Opcode::acos:
  case Opcode::atan:
  case Opcode::atan2:
  case Opcode::asinh:
  case Opcode::acosh:
  case Opcode::atanh:
    return 20; // A polynomial, and the reduction of its argument.
  case Opcode::div_trunc:
  case Opcode::div_floor:
  case Opcode::remainder:
  case Opcode::fmod:
    return 30; // Integers are divided one by one.
  case Opcode::pow:
  case Opcode::lgamma:
    return 60;
  case Opcode::random:
    return 100; // Ten rounds of Philox on 64-bit lanes.
  case Opcode::clamp:
  case Opcode::lerp:
    return 2;
  case Opcode::neg:
  case Opcode::abs:
  case Opcode::sign:
  case Opcode::bitwise_not:
  case Opcode::ceil:
  case Opcode::floor:
  case Opcode::round:
  case Opcode::trunc:
  case Opcode::frac:
  case Opcode::is_nan:
  case Opcode::is_inf:
  case Opcode::is_finite:
  case Opcode::add:
  case Opcode::sub:
  case Opcode::mul:
  case Opcode::minimum:
  case Opcode::maximum:
  case Opcode::bitwise_and:
  case Opcode::bitwise_or:
  case Opcode::bitwise_xor:
  case Opcode::shl:
  case Opcode::shr:
  case Opcode::eq:
  case Opcode::ne:
  case Opcode::lt:
  case Opcode::le:
  case Opcode::gt:
  case Opcode::ge:
  case Opcode::fma:
  case Opcode::select:
  case Opcode::cast:
    return 1;
  }
  return 1; // No opcode; one without a case here does not compile.
}

} // namespace fuser

#endif // FUSERMATH_OPCODEWEIGHTS_H
