//===- EmitPointwise.cpp - pointwise ops as scalar code -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmitPointwise.h"
#include "FuserMath/Cast.h"
#include "FuserMath/Philox.h"
#include "FuserMath/Semantics.h"
#include <cmath>
#include <limits>

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
  case Opcode::cast:
  case Opcode::random:
    break;
  }
  llvm_unreachable("the verifier admits only element types of the op's domain");
}

//===----------------------------------------------------------------------===//
// f16 and bf16: FuserMath/Half.h
//===----------------------------------------------------------------------===//

/// Whether the low half of an i32 is 0, as that of what a shift or a mask
/// leaves of it: an element of bf16, a number rounded to one, a power of two.
static bool hasLowHalfZero(Value bits) {
  Operation *op = bits.getDefiningOp();
  APInt constant;
  if (!isa_and_nonnull<arith::ShLIOp, arith::AndIOp>(op) ||
      !matchPattern(op->getOperand(1), m_ConstantInt(&constant)))
    return false;
  return isa<arith::ShLIOp>(op) ? constant.uge(16)
                                : constant.countr_zero() >= 16;
}

/// Whether the low half of x is 0 wherever x is NaN, as far as the ops that
/// make x show it. Arithmetic gives its NaN operand, at most with the quiet bit
/// set, or one of which only upper bits are set: LLVM's "Behavior of
/// Floating-Point NaN values", and the default NaN of x86, Arm and RISC-V. That
/// of NVIDIA's GPUs has all bits set.
static bool hasShortNaNs(Value x) {
  // No rounding gains from a way back through a large group.
  constexpr size_t maxOps = 256;
  llvm::SmallPtrSet<Operation *, 32> seen;
  SmallVector<Value> work{x};
  while (!work.empty()) {
    Operation *op = work.pop_back_val().getDefiningOp();
    if (!op || seen.size() == maxOps)
      return false;
    if (!seen.insert(op).second)
      continue;
    if (isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
            arith::NegFOp, mlir::math::FmaOp, mlir::math::SqrtOp,
            mlir::math::AbsFOp>(op)) {
      llvm::append_range(work, op->getOperands());
    } else if (isa<arith::SelectOp>(op)) {
      llvm::append_range(work, llvm::drop_begin(op->getOperands()));
    } else if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      if (cast<FloatAttr>(constant.getValue()).getValue().isNaN())
        return false;
    } else if (!isa<arith::BitcastOp>(op) ||
               !hasLowHalfZero(op->getOperand(0))) {
      return false;
    }
  }
  return true;
}

/// The bits of a bf16 element in the upper half of an i32: rounded to nearest
/// even by an integer addition. (arith.truncf may become an instruction that
/// flushes subnormals.)
static Value roundToBF16Bits(ScalarCode &code, Value x) {
  Type i32 = code.builder.getI32Type();
  auto integer = [&](int64_t c) { return code.integerConstant(i32, c); };
  Value bits = code.make<arith::BitcastOp>(i32, x);
  // Half a unit; a little less where the last bit kept is even.
  Value odd = code.make<arith::CmpIOp>(
      arith::CmpIPredicate::ne,
      code.make<arith::AndIOp>(bits, integer(0x10000)), integer(0));
  Value half =
      code.make<arith::SelectOp>(odd, integer(0x8000), integer(0x7fff));
  Value rounded = code.make<arith::AddIOp>(bits, half);
  // Then the sum carries nothing into the upper half.
  if (code.isForHost && hasShortNaNs(x))
    return code.make<arith::AndIOp>(rounded, integer(0xffff0000));
  Value isNaN = code.make<arith::CmpFOp>(arith::CmpFPredicate::UNO, x, x);
  Value quiet = code.make<arith::OrIOp>(bits, integer(0x400000));
  Value result = code.make<arith::SelectOp>(isNaN, quiet, rounded);
  return code.make<arith::AndIOp>(result, integer(0xffff0000));
}

/// The nearest number that `dtype`, if it is a half, holds.
static Value roundToElement(ScalarCode &code, Value x, DType dtype) {
  if (dtype == DType::bf16)
    return code.make<arith::BitcastOp>(code.builder.getF32Type(),
                                       roundToBF16Bits(code, x));
  if (dtype != DType::f16)
    return x;
  Value half = code.make<arith::TruncFOp>(code.builder.getF16Type(), x);
  return code.make<arith::ExtFOp>(code.builder.getF32Type(), half);
}

Value fuser::emitLoaded(ScalarCode &code, Value stored, DType dtype) {
  Type f32 = code.builder.getF32Type(), i32 = code.builder.getI32Type();
  if (stored.getType().isIndex())
    return code.make<arith::IndexCastOp>(code.builder.getI64Type(), stored);
  if (dtype == DType::i1)
    return code.make<arith::CmpIOp>(arith::CmpIPredicate::ne, stored,
                                    code.integerConstant(stored.getType(), 0));
  if (dtype == DType::f16)
    return code.make<arith::ExtFOp>(
        f32, code.make<arith::BitcastOp>(code.builder.getF16Type(), stored));
  if (dtype != DType::bf16)
    return stored;
  Value bits = code.make<arith::ShLIOp>(code.make<arith::ExtUIOp>(i32, stored),
                                        code.integerConstant(i32, 16));
  return code.make<arith::BitcastOp>(f32, bits);
}

Value fuser::emitStored(ScalarCode &code, Value value, DType dtype) {
  Type i16 = code.builder.getI16Type(), i32 = code.builder.getI32Type();
  if (dtype == DType::i1)
    return code.make<arith::ExtUIOp>(code.builder.getI8Type(), value);
  if (dtype == DType::f16)
    return code.make<arith::BitcastOp>(
        i16, code.make<arith::TruncFOp>(code.builder.getF16Type(), value));
  if (dtype != DType::bf16)
    return value;
  Value bits = code.make<arith::ShRUIOp>(
      code.make<arith::BitcastOp>(i32, value), code.integerConstant(i32, 16));
  return code.make<arith::TruncIOp>(i16, bits);
}

//===----------------------------------------------------------------------===//
// cast: the semantics of castScalar in FuserMath/Cast.h
//===----------------------------------------------------------------------===//

namespace {
struct IntegerRange {
  double low;   ///< the least
  double limit; ///< the greatest plus one
  int64_t max;  ///< the greatest
};
} // namespace

template <class T> static IntegerRange integerRange() {
  using Limits = std::numeric_limits<T>;
  return {static_cast<double>(Limits::min()), std::ldexp(1.0, Limits::digits),
          static_cast<int64_t>(Limits::max())};
}

static IntegerRange integerRange(DType dtype) {
  switch (dtype) {
  case DType::ui8:
    return integerRange<uint8_t>();
  case DType::i8:
    return integerRange<int8_t>();
  case DType::i16:
    return integerRange<int16_t>();
  case DType::i32:
    return integerRange<int32_t>();
  case DType::i64:
    return integerRange<int64_t>();
  default:
    llvm_unreachable("expected an integer type");
  }
}

/// Truncates toward zero; saturates; NaN gives 0.
static Value floatToInteger(ScalarCode &code, Value x, DType to, Type type) {
  Type from = x.getType();
  IntegerRange range = integerRange(to);
  auto compare = [&](arith::CmpFPredicate predicate, double bound) {
    return code.make<arith::CmpFOp>(predicate, x,
                                    code.floatConstant(from, bound));
  };
  Value isAbove = compare(arith::CmpFPredicate::OGE, range.limit);
  Value isInside =
      code.make<arith::AndIOp>(compare(arith::CmpFPredicate::OGE, range.low),
                               compare(arith::CmpFPredicate::OLT, range.limit));
  Value safe =
      code.make<arith::SelectOp>(isInside, x, code.floatConstant(from, 0));
  // Small integers take the way over i32, which every vector unit has.
  Type wide = to == DType::i64 ? type : code.builder.getI32Type();
  Value number = code.make<arith::FPToSIOp>(wide, safe);
  Value isBelow = compare(arith::CmpFPredicate::OLT, range.low);
  number = code.make<arith::SelectOp>(
      isBelow, code.integerConstant(wide, static_cast<int64_t>(range.low)),
      number);
  number = code.make<arith::SelectOp>(
      isAbove, code.integerConstant(wide, range.max), number);
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
  // The halves are computed as f32.
  if (isHalf(from))
    return emitCast(code, x, DType::f32, to);
  if (isHalf(to))
    return roundToElement(code, emitCast(code, x, from, DType::f32), to);
  Type type = to == DType::ui8 ? code.builder.getI8Type()
                               : elementTypeOf(to, code.builder.getContext());
  if (to == DType::i1) {
    if (isFloat(from))
      return code.make<arith::CmpFOp>(arith::CmpFPredicate::UNE, x,
                                      code.floatConstant(x.getType(), 0));
    return code.make<arith::CmpIOp>(arith::CmpIPredicate::ne, x,
                                    code.integerConstant(x.getType(), 0));
  }
  bool isSigned = isSignedInteger(from);
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
  DType to = dtype(op->getResult(0));
  if (opcode == Opcode::cast)
    return emitCast(code, operands[0], from, to);
  if (opcode == Opcode::select)
    return code.make<arith::SelectOp>(operands[0], operands[1], operands[2]);
  if (opcode == Opcode::random)
    return emitRandom(code, to, operands);
  switch (from) {
#define FUSER_DTYPE(NAME, TYPE)                                                \
  case DType::NAME:                                                            \
    return roundToElement(                                                     \
        code, emit<::fuser::math::Compute<TYPE>>(code, opcode, operands), to);
    FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
  }
  llvm_unreachable("every dtype has a case");
}
