//===- CodeBuilder.h - the math library's builder over MLIR -----*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Instantiates the semantics of FuserMath with operations of arith and math:
// the same operations in the same order as the interpreter's scalars.
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_TRANSFORMS_CODEBUILDER_H
#define FUSER_LIB_TRANSFORMS_CODEBUILDER_H

#include "FuserDialect/FuserDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"

namespace fuser {

/// Where scalar code of one block goes. Each constant is made once, at the
/// start of the block.
class ScalarCode {
public:
  ScalarCode(mlir::OpBuilder &builder, mlir::Location loc, mlir::Block *block)
      : builder(builder), loc(loc), block(block) {}

  template <class OpTy, class... Args> mlir::Value make(Args &&...args) {
    return OpTy::create(builder, loc, std::forward<Args>(args)...).getResult();
  }
  mlir::Value floatConstant(mlir::Type type, double value) {
    return constant(builder.getFloatAttr(type, value));
  }
  mlir::Value integerConstant(mlir::Type type, int64_t value) {
    return constant(mlir::IntegerAttr::get(
        type, llvm::APInt(type.getIntOrFloatBitWidth(),
                          static_cast<uint64_t>(value), /*isSigned=*/false,
                          /*implicitTrunc=*/true)));
  }
  mlir::OpBuilder &builder;
  mlir::Location loc;

private:
  mlir::Value constant(mlir::TypedAttr attr) {
    mlir::Value &value = constants[attr];
    if (!value) {
      mlir::OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(block);
      value = make<mlir::arith::ConstantOp>(attr);
    }
    return value;
  }

  mlir::Block *block;
  llvm::DenseMap<mlir::Attribute, mlir::Value> constants;
};

/// The signless type that values of C++ type T have in scalar code.
template <class T> mlir::Type scalarType(mlir::MLIRContext *context) {
  if constexpr (std::is_same_v<T, float>)
    return mlir::Float32Type::get(context);
  else if constexpr (std::is_same_v<T, double>)
    return mlir::Float64Type::get(context);
  else if constexpr (std::is_same_v<T, bool>)
    return mlir::IntegerType::get(context, 1);
  else
    return mlir::IntegerType::get(context, 8 * sizeof(T));
}

/// The float builder; see FuserMath/Builder.h for what each function means.
template <class T, bool = std::is_floating_point_v<T>> class CodeBuilder {
public:
  using Scalar = T;
  using V = mlir::Value;
  using I = mlir::Value;
  using M = mlir::Value;
  static constexpr bool isFloat = true;

  explicit CodeBuilder(ScalarCode &code)
      : code(code), type(scalarType<T>(code.builder.getContext())),
        intType(code.builder.getIntegerType(8 * sizeof(T))) {}

  V constant(T c) { return code.floatConstant(type, c); }
  I integer(int64_t c) { return code.integerConstant(intType, c); }

  V add(V x, V y) { return code.make<mlir::arith::AddFOp>(x, y); }
  V sub(V x, V y) { return code.make<mlir::arith::SubFOp>(x, y); }
  V mul(V x, V y) { return code.make<mlir::arith::MulFOp>(x, y); }
  V div(V x, V y) { return code.make<mlir::arith::DivFOp>(x, y); }
  V fma(V x, V y, V z) { return code.make<mlir::math::FmaOp>(x, y, z); }
  V sqrt(V x) { return code.make<mlir::math::SqrtOp>(x); }
  V neg(V x) { return code.make<mlir::arith::NegFOp>(x); }
  V abs(V x) { return code.make<mlir::math::AbsFOp>(x); }

  M eq(V x, V y) { return compare(mlir::arith::CmpFPredicate::OEQ, x, y); }
  M ne(V x, V y) { return compare(mlir::arith::CmpFPredicate::UNE, x, y); }
  M lt(V x, V y) { return compare(mlir::arith::CmpFPredicate::OLT, x, y); }
  M le(V x, V y) { return compare(mlir::arith::CmpFPredicate::OLE, x, y); }
  M gt(V x, V y) { return compare(mlir::arith::CmpFPredicate::OGT, x, y); }
  M ge(V x, V y) { return compare(mlir::arith::CmpFPredicate::OGE, x, y); }
  M both(M x, M y) { return code.make<mlir::arith::AndIOp>(x, y); }
  M either(M x, M y) { return code.make<mlir::arith::OrIOp>(x, y); }
  V select(M m, V x, V y) { return code.make<mlir::arith::SelectOp>(m, x, y); }
  I selectInteger(M m, I x, I y) { return select(m, x, y); }

  I bits(V x) { return code.make<mlir::arith::BitcastOp>(intType, x); }
  V fromBits(I x) { return code.make<mlir::arith::BitcastOp>(type, x); }
  V toFloat(I x) { return code.make<mlir::arith::SIToFPOp>(type, x); }
  I iadd(I x, I y) { return code.make<mlir::arith::AddIOp>(x, y); }
  I isub(I x, I y) { return code.make<mlir::arith::SubIOp>(x, y); }
  I iand(I x, I y) { return code.make<mlir::arith::AndIOp>(x, y); }
  I ior(I x, I y) { return code.make<mlir::arith::OrIOp>(x, y); }
  I ixor(I x, I y) { return code.make<mlir::arith::XOrIOp>(x, y); }
  I shl(I x, int k) { return code.make<mlir::arith::ShLIOp>(x, integer(k)); }
  I shr(I x, int k) { return code.make<mlir::arith::ShRSIOp>(x, integer(k)); }
  I shrLogical(I x, int k) {
    return code.make<mlir::arith::ShRUIOp>(x, integer(k));
  }

private:
  M compare(mlir::arith::CmpFPredicate predicate, V x, V y) {
    return code.make<mlir::arith::CmpFOp>(predicate, x, y);
  }

  ScalarCode &code;
  mlir::Type type;
  mlir::Type intType;
};

/// The integer builder.
template <class T> class CodeBuilder<T, false> {
public:
  using Scalar = T;
  using V = mlir::Value;
  using M = mlir::Value;
  static constexpr bool isFloat = false;

  explicit CodeBuilder(ScalarCode &code)
      : code(code), type(scalarType<T>(code.builder.getContext())) {}

  V constant(T c) { return code.integerConstant(type, c); }
  V add(V x, V y) { return code.make<mlir::arith::AddIOp>(x, y); }
  V sub(V x, V y) { return code.make<mlir::arith::SubIOp>(x, y); }
  V mul(V x, V y) { return code.make<mlir::arith::MulIOp>(x, y); }
  V neg(V x) { return sub(constant(0), x); }
  V bitAnd(V x, V y) { return code.make<mlir::arith::AndIOp>(x, y); }
  V bitXor(V x, V y) { return code.make<mlir::arith::XOrIOp>(x, y); }
  V shl(V x, V k) { return code.make<mlir::arith::ShLIOp>(x, k); }
  V shr(V x, V k) {
    if constexpr (std::is_signed_v<T>)
      return code.make<mlir::arith::ShRSIOp>(x, k);
    else
      return code.make<mlir::arith::ShRUIOp>(x, k);
  }

  using Predicate = mlir::arith::CmpIPredicate;
  M eq(V x, V y) { return compare(Predicate::eq, x, y); }
  M ne(V x, V y) { return compare(Predicate::ne, x, y); }
  M lt(V x, V y) {
    return compare(order(Predicate::slt, Predicate::ult), x, y);
  }
  M le(V x, V y) {
    return compare(order(Predicate::sle, Predicate::ule), x, y);
  }
  M gt(V x, V y) {
    return compare(order(Predicate::sgt, Predicate::ugt), x, y);
  }
  M ge(V x, V y) {
    return compare(order(Predicate::sge, Predicate::uge), x, y);
  }
  V select(M m, V x, V y) { return code.make<mlir::arith::SelectOp>(m, x, y); }

private:
  static Predicate order(Predicate ifSigned, Predicate ifUnsigned) {
    return std::is_signed_v<T> ? ifSigned : ifUnsigned;
  }
  M compare(Predicate predicate, V x, V y) {
    return code.make<mlir::arith::CmpIOp>(predicate, x, y);
  }

  ScalarCode &code;
  mlir::Type type;
};

} // namespace fuser

#endif // FUSER_LIB_TRANSFORMS_CODEBUILDER_H
