//===- EmitPointwise.cpp - pointwise ops as scalar code -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmitPointwise.h"
#include "FuserMath/Philox.h"
#include "FuserMath/Semantics.h"

using namespace mlir;
using namespace fuser;

/// The op of the table on operands of C++ type T.
template <class T>
static Value emit(ScalarCode &code, Opcode opcode, ArrayRef<Value> operands) {
  CodeBuilder<T> builder(code);
  switch (opcode) {
#define FUSER_CALL_1(MNEMONIC) ::fuser::math::op::MNEMONIC(builder, operands[0])
#define FUSER_CALL_2(MNEMONIC)                                                 \
  ::fuser::math::op::MNEMONIC(builder, operands[0], operands[1])
#define FUSER_CALL_3(MNEMONIC)                                                 \
  ::fuser::math::op::MNEMONIC(builder, operands[0], operands[1], operands[2])
#define FUSER_POINTWISE(MNEMONIC, ARITY, DOMAIN, RESULT)                       \
  case Opcode::MNEMONIC:                                                       \
    if constexpr (domainAdmits(Domain::DOMAIN, dtypeOfScalar<T>()))            \
      return FUSER_CALL_##ARITY(MNEMONIC);                                     \
    break;
#include "FuserMath/Ops.def"
#undef FUSER_CALL_1
#undef FUSER_CALL_2
#undef FUSER_CALL_3
  case Opcode::select:
    return ::fuser::math::op::select(builder, operands[0], operands[1],
                                     operands[2]);
  case Opcode::cast:
  case Opcode::random:
    break;
  }
  llvm_unreachable("the verifier admits only element types of the op's domain");
}

//===----------------------------------------------------------------------===//
// cast: the semantics of castScalar in FuserMath/Cast.h
//===----------------------------------------------------------------------===//

/// Truncates toward zero; saturates; NaN gives 0.
static Value floatToInteger(ScalarCode &code, Value x, DType to, Type type) {
  Type from = x.getType();
  double low = to == DType::ui8 ? 0 : to == DType::i32 ? -0x1p31 : -0x1p63;
  double limit = to == DType::ui8 ? 0x1p8 : to == DType::i32 ? 0x1p31 : 0x1p63;
  int64_t max = to == DType::ui8   ? UINT8_MAX
                : to == DType::i32 ? INT32_MAX
                                   : INT64_MAX;
  auto compare = [&](arith::CmpFPredicate predicate, double bound) {
    return code.make<arith::CmpFOp>(predicate, x,
                                    code.floatConstant(from, bound));
  };
  Value isAbove = compare(arith::CmpFPredicate::OGE, limit);
  Value isInside =
      code.make<arith::AndIOp>(compare(arith::CmpFPredicate::OGE, low),
                               compare(arith::CmpFPredicate::OLT, limit));
  Value safe =
      code.make<arith::SelectOp>(isInside, x, code.floatConstant(from, 0));
  // A byte takes the way over i32, which every vector unit has.
  Type wide = to == DType::i64 ? type : code.builder.getI32Type();
  Value number = code.make<arith::FPToSIOp>(wide, safe);
  Value isBelow = compare(arith::CmpFPredicate::OLT, low);
  number = code.make<arith::SelectOp>(
      isBelow, code.integerConstant(wide, static_cast<int64_t>(low)), number);
  number = code.make<arith::SelectOp>(isAbove, code.integerConstant(wide, max),
                                      number);
  return wide == type ? number : code.make<arith::TruncIOp>(type, number);
}

static Value integerToInteger(ScalarCode &code, Value x, bool isSigned,
                              Type type) {
  unsigned from = x.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (to < from)
    return code.make<arith::TruncIOp>(type, x);
  if (to == from)
    return x;
  return isSigned ? code.make<arith::ExtSIOp>(type, x)
                  : code.make<arith::ExtUIOp>(type, x);
}

static Value emitCast(ScalarCode &code, Value x, DType from, DType to) {
  if (from == to)
    return x;
  Type type = to == DType::ui8 ? code.builder.getI8Type()
                               : elementTypeOf(to, code.builder.getContext());
  if (to == DType::i1) {
    if (isFloat(from))
      return code.make<arith::CmpFOp>(arith::CmpFPredicate::UNE, x,
                                      code.floatConstant(x.getType(), 0));
    return code.make<arith::CmpIOp>(arith::CmpIPredicate::ne, x,
                                    code.integerConstant(x.getType(), 0));
  }
  bool isSigned = from == DType::i32 || from == DType::i64;
  if (!isFloat(from) && !isFloat(to))
    return integerToInteger(code, x, isSigned, type);
  if (!isFloat(from))
    return isSigned ? code.make<arith::SIToFPOp>(type, x)
                    : code.make<arith::UIToFPOp>(type, x);
  if (!isFloat(to))
    return floatToInteger(code, x, to, type);
  return to == DType::f64 ? code.make<arith::ExtFOp>(type, x)
                          : code.make<arith::TruncFOp>(type, x);
}

//===----------------------------------------------------------------------===//
// random: the semantics of randomScalar in FuserMath/Philox.h
//===----------------------------------------------------------------------===//

template <class T>
static Value emitRandom(ScalarCode &code, ArrayRef<Value> operands) {
  CodeBuilder<int64_t> builder(code);
  constexpr int precision = ::fuser::math::scalar::kPrecision<T>;
  constexpr DType computed = precision > 24 ? DType::f64 : DType::f32;
  Value bits = ::fuser::math::op::random<T>(builder, operands[0], operands[1],
                                            operands[2]);
  Type type = elementTypeOf(computed, code.builder.getContext());
  if (computed == DType::f32) // Every vector unit converts these.
    bits = code.make<arith::TruncIOp>(code.builder.getI32Type(), bits);
  Value product = code.make<arith::MulFOp>(
      code.make<arith::SIToFPOp>(type, bits),
      code.floatConstant(type, ::fuser::math::randomUnit<T>()));
  return emitCast(code, product, computed, dtypeOfScalar<T>());
}

static Value emitRandom(ScalarCode &code, DType dtype,
                        ArrayRef<Value> operands) {
  switch (dtype) {
#define FUSER_DTYPE(NAME, TYPE)                                                \
  case DType::NAME:                                                            \
    if constexpr (isFloat(DType::NAME))                                        \
      return emitRandom<TYPE>(code, operands);                                 \
    break;
    FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
  }
  llvm_unreachable("the verifier admits only float results");
}

Value fuser::emitPointwise(ScalarCode &code, PointwiseOpInterface op,
                           ArrayRef<Value> operands) {
  Opcode opcode = op.getOpcode();
  auto dtype = [&](Value value) {
    return *dtypeOf(getElementTypeOrSelf(value.getType()));
  };
  DType from = dtype(op->getOperand(opcode == Opcode::select));
  if (opcode == Opcode::cast)
    return emitCast(code, operands[0], from, dtype(op->getResult(0)));
  if (opcode == Opcode::random)
    return emitRandom(code, dtype(op->getResult(0)), operands);
  switch (from) {
#define FUSER_DTYPE(NAME, TYPE)                                                \
  case DType::NAME:                                                            \
    return emit<TYPE>(code, opcode, operands);
    FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
  }
  llvm_unreachable("every dtype has a case");
}
