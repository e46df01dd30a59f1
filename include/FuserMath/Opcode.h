//===- Opcode.h - pointwise opcodes and their domains -----------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The opcodes of Ops.def with their arity and the element types they admit.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_OPCODE_H
#define FUSERMATH_OPCODE_H

#include "FuserMath/DType.h"

namespace fuser {

enum class Opcode : uint8_t {
#define FUSER_POINTWISE(MNEMONIC, ARITY, DOMAIN, RESULT) MNEMONIC,
#include "FuserMath/Ops.def"
  select, ///< (i1, T, T) -> T
  cast,   ///< T -> U
  random, ///< (i64, i64, i64) -> a float type, which is its domain
};

inline constexpr int kNumOpcodes = static_cast<int>(Opcode::random) + 1;

/// Which element types an op admits: floats; integers; integers and i1; floats
/// and integers; all.
enum class Domain : uint8_t { Float, Integer, Bits, Number, Any };

constexpr bool domainAdmits(Domain domain, DType dtype) {
  switch (domain) {
  case Domain::Float:
    return isFloat(dtype);
  case Domain::Integer:
    return !isFloat(dtype) && dtype != DType::i1;
  case Domain::Bits:
    return !isFloat(dtype);
  case Domain::Number:
    return dtype != DType::i1;
  case Domain::Any:
    return true;
  }
  return false;
}

/// The number of operands, a select's condition included.
constexpr int opcodeArity(Opcode opcode) {
  switch (opcode) {
#define FUSER_POINTWISE(MNEMONIC, ARITY, DOMAIN, RESULT)                       \
  case Opcode::MNEMONIC:                                                       \
    return ARITY;
#include "FuserMath/Ops.def"
  case Opcode::select:
  case Opcode::random:
    return 3;
  case Opcode::cast:
    return 1;
  }
  return 0;
}

constexpr Domain opcodeDomain(Opcode opcode) {
  switch (opcode) {
#define FUSER_POINTWISE(MNEMONIC, ARITY, DOMAIN, RESULT)                       \
  case Opcode::MNEMONIC:                                                       \
    return Domain::DOMAIN;
#include "FuserMath/Ops.def"
  case Opcode::select:
  case Opcode::cast:
    return Domain::Any;
  case Opcode::random:
    return Domain::Float;
  }
  return Domain::Any;
}

/// Whether the result is i1, whatever the operands are.
constexpr bool opcodeGivesBool(Opcode opcode) {
  enum Result { Same, Bool };
  switch (opcode) {
#define FUSER_POINTWISE(MNEMONIC, ARITY, DOMAIN, RESULT)                       \
  case Opcode::MNEMONIC:                                                       \
    return RESULT == Bool;
#include "FuserMath/Ops.def"
  case Opcode::select:
  case Opcode::cast:
  case Opcode::random:
    return false;
  }
  return false;
}

/// Whether an element of the operands can make the call fail: integer division
/// by zero.
constexpr bool opcodeRaises(Opcode opcode, DType operandType) {
  const bool isDivision = opcode == Opcode::div_trunc ||
                          opcode == Opcode::div_floor ||
                          opcode == Opcode::remainder || opcode == Opcode::fmod;
  return isDivision && !isFloat(operandType);
}

constexpr const char *opcodeName(Opcode opcode) {
  switch (opcode) {
#define FUSER_POINTWISE(MNEMONIC, ARITY, DOMAIN, RESULT)                       \
  case Opcode::MNEMONIC:                                                       \
    return #MNEMONIC;
#include "FuserMath/Ops.def"
  case Opcode::select:
    return "select";
  case Opcode::cast:
    return "cast";
  case Opcode::random:
    return "random";
  }
  return "unknown";
}

} // namespace fuser

#endif // FUSERMATH_OPCODE_H
