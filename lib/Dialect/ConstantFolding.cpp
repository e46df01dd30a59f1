//===- ConstantFolding.cpp - folds of pointwise ops -----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Folds that never change a bit: constants by the scalar functions that the
// interpreter runs, and identities that hold for every value of the type.
//
//===----------------------------------------------------------------------===//

#include "FuserDialect/FuserDialect.h"
#include "FuserMath/Builder.h"
#include "FuserMath/Cast.h"
#include "FuserMath/Semantics.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace fuser;

//===----------------------------------------------------------------------===//
// Scalars in and out of attributes
//===----------------------------------------------------------------------===//

template <class T> static T readScalar(DenseElementsAttr attr) {
  if constexpr (isHalf(dtypeOfScalar<T>())) {
    APInt bits = attr.getSplatValue<APFloat>().bitcastToAPInt();
    return T{static_cast<uint16_t>(bits.getZExtValue())};
  } else if constexpr (std::is_floating_point_v<T>) {
    APFloat value = attr.getSplatValue<APFloat>();
    if constexpr (sizeof(T) == 4)
      return value.convertToFloat();
    else
      return value.convertToDouble();
  } else {
    return static_cast<T>(attr.getSplatValue<APInt>().getZExtValue());
  }
}

template <class T>
static Attribute writeScalar(RankedTensorType type, T value) {
  if constexpr (isHalf(dtypeOfScalar<T>()))
    return DenseElementsAttr::get(
        type,
        APFloat(cast<FloatType>(type.getElementType()).getFloatSemantics(),
                APInt(16, value.bits)));
  else if constexpr (std::is_floating_point_v<T>)
    return DenseElementsAttr::get(type, APFloat(value));
  else
    return DenseElementsAttr::get(
        type, APInt(type.getElementTypeBitWidth(), static_cast<uint64_t>(value),
                    /*isSigned=*/false, /*implicitTrunc=*/true));
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

static bool isZero(DenseElementsAttr integer) {
  return integer.getSplatValue<APInt>().isZero();
}

/// The result of an op on elements of type T: a truth value, or a number that
/// becomes an element.
template <class T>
static Attribute writeResult(RankedTensorType type, bool value) {
  return writeScalar(type, value);
}
template <class T, class Number>
static Attribute writeResult(RankedTensorType type, Number value) {
  return writeScalar(type, math::toElement<T>(value));
}

/// opcode(operands), all of type T, by the interpreter's scalar function; none
/// if that fails.
template <class T>
static Attribute foldConstants(Opcode opcode, RankedTensorType type,
                               MutableArrayRef<DenseElementsAttr> operands) {
  if (opcodeRaises(opcode, dtypeOfScalar<T>()) && isZero(operands[1]))
    return {};
  math::ScalarBuilder<math::Compute<T>> builder;
  auto arg = [&](int i) {
    return math::fromElement(readScalar<T>(operands[i]));
  };
  switch (opcode) {
#define FUSER_CALL_1(MNEMONIC) math::op::MNEMONIC(builder, arg(0))
#define FUSER_CALL_2(MNEMONIC) math::op::MNEMONIC(builder, arg(0), arg(1))
#define FUSER_CALL_3(MNEMONIC)                                                 \
  math::op::MNEMONIC(builder, arg(0), arg(1), arg(2))
#define FUSER_POINTWISE(MNEMONIC, ARITY, DOMAIN, RESULT)                       \
  case Opcode::MNEMONIC:                                                       \
    if constexpr (domainAdmits(Domain::DOMAIN, dtypeOfScalar<T>()))            \
      return writeResult<T>(type, FUSER_CALL_##ARITY(MNEMONIC));               \
    return {};
#include "FuserMath/Ops.def"
#undef FUSER_CALL_1
#undef FUSER_CALL_2
#undef FUSER_CALL_3
  case Opcode::select:
  case Opcode::cast:
  case Opcode::random:
    return {};
  }
  return {};
}

template <class From>
static Attribute foldCast(RankedTensorType type, DenseElementsAttr operand) {
  From value = readScalar<From>(operand);
  switch (*dtypeOf(type.getElementType())) {
#define FUSER_DTYPE(NAME, TO)                                                  \
  case DType::NAME:                                                            \
    return writeScalar(type, math::castScalar<TO>(value));
    FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
  }
  return {};
}

static Attribute foldSplats(PointwiseOpInterface op,
                            MutableArrayRef<DenseElementsAttr> operands) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Opcode opcode = op.getOpcode();
  if (opcode == Opcode::select)
    return readScalar<bool>(operands[0]) ? operands[1].resizeSplat(type)
                                         : operands[2].resizeSplat(type);
  switch (*dtypeOf(operands[0].getElementType())) {
#define FUSER_DTYPE(NAME, TYPE)                                                \
  case DType::NAME:                                                            \
    return opcode == Opcode::cast                                              \
               ? foldCast<TYPE>(type, operands[0])                             \
               : foldConstants<TYPE>(opcode, type, operands);
    FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Identities
//===----------------------------------------------------------------------===//

/// True if `attr` is a splat of exactly `value`; -0 is not +0.
static bool isSplatOf(Attribute attr, double value) {
  auto dense = dyn_cast_or_null<DenseElementsAttr>(attr);
  if (!dense || !dense.isSplat())
    return false;
  if (isa<FloatType>(dense.getElementType())) {
    APFloat expected(value);
    bool losesInfo;
    APFloat have = dense.getSplatValue<APFloat>();
    expected.convert(have.getSemantics(), APFloat::rmNearestTiesToEven,
                     &losesInfo);
    return have.bitwiseIsEqual(expected);
  }
  // Integers have no -0, so it stands for "floats only".
  return !std::signbit(value) &&
         dense.getSplatValue<APInt>() == static_cast<uint64_t>(value);
}

/// The operand that the op gives back unchanged, whatever its elements are.
static Value foldIdentity(PointwiseOpInterface op,
                          ArrayRef<Attribute> constants) {
  bool isInteger = !isa<FloatType>(
      cast<ShapedType>(op->getOperand(0).getType()).getElementType());
  auto either = [&](double value) -> Value {
    if (isSplatOf(constants[1], value))
      return op->getOperand(0);
    return isSplatOf(constants[0], value) ? op->getOperand(1) : Value();
  };
  switch (op.getOpcode()) {
  case Opcode::add: // x + -0 is x; x + +0 turns -0 into +0
    return either(isInteger ? 0.0 : -0.0);
  case Opcode::sub:
    return isSplatOf(constants[1], 0.0) ? op->getOperand(0) : Value();
  case Opcode::mul:
    return either(1.0);
  case Opcode::div:
    return isSplatOf(constants[1], 1.0) ? op->getOperand(0) : Value();
  case Opcode::minimum:
  case Opcode::maximum:
    return op->getOperand(0) == op->getOperand(1) ? op->getOperand(0) : Value();
  case Opcode::bitwise_and:
  case Opcode::bitwise_or:
    return op->getOperand(0) == op->getOperand(1) ? op->getOperand(0) : Value();
  case Opcode::shl:
  case Opcode::shr:
    return isSplatOf(constants[1], 0.0) ? op->getOperand(0) : Value();
  case Opcode::neg:
  case Opcode::bitwise_not:
    if (Operation *inner = op->getOperand(0).getDefiningOp())
      return inner->getName() == op->getName() ? inner->getOperand(0) : Value();
    return {};
  case Opcode::cast:
    return op->getOperand(0);
  default:
    return {};
  }
}

OpFoldResult fuser::foldPointwise(PointwiseOpInterface op,
                                  ArrayRef<Attribute> operands) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  auto splats = llvm::map_to_vector(operands, [](Attribute attr) {
    auto dense = dyn_cast_or_null<DenseElementsAttr>(attr);
    return dense && dense.isSplat() ? dense : DenseElementsAttr();
  });
  if (type.hasStaticShape() && llvm::all_of(splats, [](auto s) { return s; }))
    return foldSplats(op, splats);
  // An operand of another shape or element type is not the result.
  Value same = foldIdentity(op, operands);
  bool isWhole = same && same.getType() == type &&
                 (type.hasStaticShape() || op->getNumOperands() == 1);
  return isWhole ? OpFoldResult(same) : OpFoldResult();
}
