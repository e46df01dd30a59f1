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

/// About how many vector additions an element of `opcode` on `operandType`
/// takes. Decides whether a loop is split over threads and whether it is bound
/// by memory, never what it computes.
///
/// Measured: kernels of one op on 16 K or 32 K elements in cache, on one core
/// of a Zen 4 at 3.7 GHz, ns an element with its loads and stores; and what
/// elementCost (LoopSplit.h) makes of the weight.
///
///             f32   cost    f64   cost             f32   cost    f64   cost
///   neg      0.07   0.10   0.15   0.20   sinh     0.30   0.35   0.73   0.88
///   add      0.11   0.14   0.22   0.28   tanh     0.33   0.35   1.01   0.88
///   div      0.11   0.20   0.32   0.44   sigmoid  0.33   0.35   0.89   0.88
///   fma      0.14   0.19   0.32   0.40   asin     0.36   0.41   1.01   1.04
///   clamp    0.20   0.24   0.42   0.52   log1p    0.42   0.41   1.13   1.04
///   sqrt     0.18   0.22   0.55   0.52   erf      0.42   0.41   1.76   1.04
///   rsqrt    0.31   0.32   0.88   0.80   atan     0.46   0.50   1.40   1.28
///   exp2     0.17   0.23   0.53   0.56   tan      0.55   0.50   1.34   1.28
///   exp      0.23   0.28   0.66   0.68   acosh    0.67   0.68   1.42   1.76
///   log      0.25   0.28   0.72   0.68   erfc     0.74   0.68   2.29   1.76
///   sin      0.30   0.35   0.75   0.88   pow      1.27   1.20   2.66   3.12
///
/// Of the interpreter instead: log, on positive numbers. Not in a table: its
/// div_trunc takes 1.6 of i32 and 1.9 of i64, which counts 1.0 and 2.6; its
/// random 2.3, which counts 1.5 and 4.1.
constexpr int64_t opcodeWeight(Opcode opcode, DType operandType) {
  switch (opcode) {
  case Opcode::fma:
  case Opcode::lerp:
    return 2; // And one more operand to load, where it is in memory.
  case Opcode::reciprocal:
  case Opcode::div:
  case Opcode::clamp:
    return 5;
  case Opcode::sqrt:
    return 9;
  case Opcode::exp2:
    return 10;
  case Opcode::exp:
  case Opcode::log:
  case Opcode::log2:
  case Opcode::log10:
    return 13;
  case Opcode::rsqrt:
    return 16;
  case Opcode::sin:
  case Opcode::cos:
  case Opcode::sinh:
  case Opcode::cosh:
  case Opcode::tanh:
  case Opcode::sigmoid:
    return 18;
  case Opcode::expm1:
  case Opcode::log1p:
  case Opcode::asin:
  case Opcode::acos:
  case Opcode::erf:
    return 22;
  case Opcode::tan:
  case Opcode::atan:
  case Opcode::atan2:
  case Opcode::atanh:
    return 28;
  case Opcode::asinh:
  case Opcode::acosh:
  case Opcode::erfc:
    return 40;
  case Opcode::div_trunc:
  case Opcode::div_floor:
  case Opcode::remainder:
  case Opcode::fmod:
    // Integers are divided one by one.
    return isFloat(operandType) ? 14 : 60;
  case Opcode::pow:
    return isFloat(operandType) ? 72 : 30;
  case Opcode::lgamma:
    return 60;
  case Opcode::random:
    return 100; // Ten rounds of Philox on 64-bit lanes.
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
  case Opcode::select:
  case Opcode::cast:
    return 1;
  }
  return 1; // No opcode; one without a case here does not compile.
}

} // namespace fuser

#endif // FUSERMATH_OPCODEWEIGHTS_H
