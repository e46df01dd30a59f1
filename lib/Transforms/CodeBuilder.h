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
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"

namespace fuser {

/// Where scalar code of one block goes. Each constant is made once, at the
/// start of the block.
class ScalarCode {
public:
  /// `isForHost`: arithmetic that gives NaN gives one of the host's, see
  /// hasShortNaNs in EmitPointwise.cpp.
  ScalarCode(mlir::OpBuilder &builder, mlir::Location loc, mlir::Block *block,
             bool isForHost = true)
      : builder(builder), loc(loc), isForHost(isForHost), block(block) {}

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
  const bool isForHost;

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

/// The signless type that values of C++ type T, which is not a half, have in
/// scalar code.
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

/// What the builders of all types share; see FuserMath/Builder.h for what each
/// function means.
class CodeBuilderBase {
public:
  using V = mlir::Value;
  using M = mlir::Value;

  explicit CodeBuilderBase(ScalarCode &code) : code(code) {}

  M both(M x, M y) { return code.make<mlir::arith::AndIOp>(x, y); }
  M either(M x, M y) { return code.make<mlir::arith::OrIOp>(x, y); }
  M differ(M x, M y) { return code.make<mlir::arith::XOrIOp>(x, y); }
  V select(M m, V x, V y) { return code.make<mlir::arith::SelectOp>(m, x, y); }

protected:
  M compareIntegers(mlir::arith::CmpIPredicate predicate, V x, V y) {
    return code.make<mlir::arith::CmpIOp>(predicate, x, y);
  }

  ScalarCode &code;
};

/// The float builder.
template <class T, bool = std::is_floating_point_v<T>>
class CodeBuilder : public CodeBuilderBase {
public:
  using Scalar = T;
  using I = mlir::Value;
  using Wide = CodeBuilder<double>;
  static constexpr bool isFloat = true;

  explicit CodeBuilder(ScalarCode &code)
      : CodeBuilderBase(code), type(scalarType<T>(code.builder.getContext())),
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
  V floor(V x) { return code.make<mlir::math::FloorOp>(x); }
  V ceil(V x) { return code.make<mlir::math::CeilOp>(x); }
  V trunc(V x) { return code.make<mlir::math::TruncOp>(x); }
  V roundEven(V x) { return code.make<mlir::math::RoundEvenOp>(x); }

  M eq(V x, V y) { return compare(mlir::arith::CmpFPredicate::OEQ, x, y); }
  M ne(V x, V y) { return compare(mlir::arith::CmpFPredicate::UNE, x, y); }
  M lt(V x, V y) { return compare(mlir::arith::CmpFPredicate::OLT, x, y); }
  M le(V x, V y) { return compare(mlir::arith::CmpFPredicate::OLE, x, y); }
  M gt(V x, V y) { return compare(mlir::arith::CmpFPredicate::OGT, x, y); }
  M ge(V x, V y) { return compare(mlir::arith::CmpFPredicate::OGE, x, y); }
  template <class Slow> V rarely(M m, V usual, Slow slow);
  I selectInteger(M m, I x, I y) { return select(m, x, y); }

  I bits(V x) { return code.make<mlir::arith::BitcastOp>(intType, x); }
  V fromBits(I x) { return code.make<mlir::arith::BitcastOp>(type, x); }
  V toFloat(I x) { return code.make<mlir::arith::SIToFPOp>(type, x); }
  I toInteger(V x);
  I iadd(I x, I y) { return code.make<mlir::arith::AddIOp>(x, y); }
  I isub(I x, I y) { return code.make<mlir::arith::SubIOp>(x, y); }
  I imul(I x, I y) { return code.make<mlir::arith::MulIOp>(x, y); }
  I iand(I x, I y) { return code.make<mlir::arith::AndIOp>(x, y); }
  I ior(I x, I y) { return code.make<mlir::arith::OrIOp>(x, y); }
  I ixor(I x, I y) { return code.make<mlir::arith::XOrIOp>(x, y); }
  I shl(I x, int k) { return code.make<mlir::arith::ShLIOp>(x, integer(k)); }
  I shr(I x, int k) { return code.make<mlir::arith::ShRSIOp>(x, integer(k)); }
  I shrLogical(I x, int k) {
    return code.make<mlir::arith::ShRUIOp>(x, integer(k));
  }
  I shlBy(I x, I k) { return code.make<mlir::arith::ShLIOp>(x, k); }
  I shrLogicalBy(I x, I k) { return code.make<mlir::arith::ShRUIOp>(x, k); }
  M ieq(I x, I y) {
    return compareIntegers(mlir::arith::CmpIPredicate::eq, x, y);
  }
  M ilt(I x, I y) {
    return compareIntegers(mlir::arith::CmpIPredicate::slt, x, y);
  }

  Wide wide() { return Wide(code); }
  V widen(V x) {
    return code.make<mlir::arith::ExtFOp>(code.builder.getF64Type(), x);
  }
  V narrow(V x) { return code.make<mlir::arith::TruncFOp>(type, x); }

private:
  M compare(mlir::arith::CmpFPredicate predicate, V x, V y) {
    return code.make<mlir::arith::CmpFOp>(predicate, x, y);
  }

  mlir::Type type;
  mlir::Type intType;
};

/// An scf.if, which fuser-linalg-to-vector-loops takes to mean the same for
/// every element.
template <class T, bool IsFloat>
template <class Slow>
mlir::Value CodeBuilder<T, IsFloat>::rarely(M m, V usual, Slow slow) {
  auto branch = mlir::scf::IfOp::create(code.builder, code.loc, type, m,
                                        /*withElseRegion=*/true);
  mlir::OpBuilder::InsertionGuard guard(code.builder);
  auto yield = [&](mlir::Block *block, auto value) {
    code.builder.setInsertionPointToStart(block);
    mlir::scf::YieldOp::create(code.builder, code.loc, value());
  };
  yield(branch.thenBlock(), slow);
  yield(branch.elseBlock(), [&] { return usual; });
  return branch.getResult(0);
}

/// What is out of range gives 0: the conversion itself would give poison.
template <class T, bool IsFloat>
mlir::Value CodeBuilder<T, IsFloat>::toInteger(V x) {
  constexpr T limit = sizeof(T) == 4 ? T(0x1p31) : T(0x1p63);
  M isInside = both(ge(x, constant(-limit)), lt(x, constant(limit)));
  V safe = select(isInside, x, constant(0));
  return code.make<mlir::arith::FPToSIOp>(intType, safe);
}

/// The integer builder, and that of truth values.
template <class T> class CodeBuilder<T, false> : public CodeBuilderBase {
public:
  using Scalar = T;
  static constexpr bool isFloat = false;
  static constexpr bool isSigned = std::is_signed_v<T>;

  explicit CodeBuilder(ScalarCode &code)
      : CodeBuilderBase(code), type(scalarType<T>(code.builder.getContext())) {}

  V constant(T c) { return code.integerConstant(type, c); }
  V add(V x, V y) { return code.make<mlir::arith::AddIOp>(x, y); }
  V sub(V x, V y) { return code.make<mlir::arith::SubIOp>(x, y); }
  V mul(V x, V y) { return code.make<mlir::arith::MulIOp>(x, y); }
  V neg(V x) { return sub(constant(0), x); }
  V div(V x, V y) {
    return isSigned ? code.make<mlir::arith::DivSIOp>(x, y)
                    : code.make<mlir::arith::DivUIOp>(x, y);
  }
  V rem(V x, V y) {
    return isSigned ? code.make<mlir::arith::RemSIOp>(x, y)
                    : code.make<mlir::arith::RemUIOp>(x, y);
  }
  V bitAnd(V x, V y) { return both(x, y); }
  V bitOr(V x, V y) { return either(x, y); }
  V bitXor(V x, V y) { return differ(x, y); }
  V bitNot(V x) {
    return differ(x, constant(std::is_same_v<T, bool> ? T(1) : T(-1)));
  }
  V shl(V x, V k) { return code.make<mlir::arith::ShLIOp>(x, k); }
  V shr(V x, V k) {
    return isSigned ? code.make<mlir::arith::ShRSIOp>(x, k)
                    : code.make<mlir::arith::ShRUIOp>(x, k);
  }

  using Predicate = mlir::arith::CmpIPredicate;
  M eq(V x, V y) { return compareIntegers(Predicate::eq, x, y); }
  M ne(V x, V y) { return compareIntegers(Predicate::ne, x, y); }
  M lt(V x, V y) { return order(Predicate::slt, Predicate::ult, x, y); }
  M le(V x, V y) { return order(Predicate::sle, Predicate::ule, x, y); }
  M gt(V x, V y) { return order(Predicate::sgt, Predicate::ugt, x, y); }
  M ge(V x, V y) { return order(Predicate::sge, Predicate::uge, x, y); }

  /// An assertion, which fuser-linalg-to-vector-loops turns into the kernel's
  /// own report.
  void raiseIf(M m) {
    M holds =
        differ(m, code.integerConstant(code.builder.getI1Type(), /*value=*/1));
    mlir::cf::AssertOp::create(code.builder, code.loc, holds,
                               "integer division by zero");
  }

private:
  M order(Predicate ifSigned, Predicate ifUnsigned, V x, V y) {
    return compareIntegers(isSigned ? ifSigned : ifUnsigned, x, y);
  }

  mlir::Type type;
};

} // namespace fuser

#endif // FUSER_LIB_TRANSFORMS_CODEBUILDER_H
