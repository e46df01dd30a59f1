//===- Pointwise.cpp - pointwise ops --------------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserDialect/FuserDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace fuser;

Opcode fuser::opcodeOf(ComparePredicate predicate) {
  switch (predicate) {
  case ComparePredicate::eq:
    return Opcode::eq;
  case ComparePredicate::ne:
    return Opcode::ne;
  case ComparePredicate::lt:
    return Opcode::lt;
  case ComparePredicate::le:
    return Opcode::le;
  case ComparePredicate::gt:
    return Opcode::gt;
  case ComparePredicate::ge:
    return Opcode::ge;
  }
  llvm_unreachable("every predicate has a case");
}

//===----------------------------------------------------------------------===//
// Broadcasting
//===----------------------------------------------------------------------===//

/// One extent of a broadcast; none if `a` and `b` never fit.
static std::optional<int64_t> broadcastExtent(int64_t a, int64_t b) {
  if (a == 1)
    return b;
  if (b == 1 || a == b)
    return a;
  if (ShapedType::isDynamic(a))
    return b;
  if (ShapedType::isDynamic(b))
    return a;
  return std::nullopt;
}

LogicalResult
fuser::inferBroadcastShape(ArrayRef<SmallVector<int64_t>> operandShapes,
                           SmallVectorImpl<SmallVector<int64_t>> &results,
                           function_ref<InFlightDiagnostic()> emitError) {
  SmallVector<int64_t> result;
  for (const SmallVector<int64_t> &shape : operandShapes) {
    if (shape.size() > result.size())
      result.insert(result.begin(), shape.size() - result.size(), 1);
    size_t offset = result.size() - shape.size();
    for (auto [dim, extent] : llvm::enumerate(shape)) {
      std::optional<int64_t> joined =
          broadcastExtent(result[offset + dim], extent);
      // pointwise_c3, broadcast_like_c1
      if (!joined)
        return emitError() << "has operands of shapes "
                           << llvm::join(
                                  llvm::map_range(operandShapes, shapeToString),
                                  " and ")
                           << ", which do not broadcast: " << extent
                           << " meets " << result[offset + dim];
      result[offset + dim] = *joined;
    }
  }
  results.push_back(std::move(result));
  return success();
}

//===----------------------------------------------------------------------===//
// Types in the assembly: one type if all operands and the result follow from
// it, otherwise `(operands) -> result`.
//===----------------------------------------------------------------------===//

namespace {
/// Makes the type of an operand or of the result from the short form's type.
using FromShort = function_ref<Type(RankedTensorType)>;
} // namespace

static Type sameType(RankedTensorType type) { return type; }
static Type boolType(RankedTensorType type) {
  return type.clone(IntegerType::get(type.getContext(), 1));
}

static ParseResult parseTypes(OpAsmParser &parser, ArrayRef<Type *> operands,
                              ArrayRef<FromShort> fromShort, Type &result,
                              FromShort resultFromShort) {
  SMLoc loc = parser.getCurrentLocation();
  Type type;
  if (parser.parseType(type))
    return failure();
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    for (auto [operand, make] : llvm::zip_equal(operands, fromShort))
      *operand = make(tensor);
    result = resultFromShort(tensor);
    return success();
  }
  auto function = dyn_cast<FunctionType>(type);
  if (!function || function.getNumInputs() != operands.size() ||
      function.getNumResults() != 1)
    return parser.emitError(loc)
           << "expected a ranked tensor type, or the types of "
           << operands.size() << " operands and one result as (...) -> ...";
  for (auto [operand, input] : llvm::zip_equal(operands, function.getInputs()))
    *operand = input;
  result = function.getResult(0);
  return success();
}

static void printTypes(OpAsmPrinter &printer, ArrayRef<Type> operands,
                       ArrayRef<FromShort> fromShort, Type result,
                       FromShort resultFromShort) {
  auto tensor = cast<RankedTensorType>(operands.back());
  bool isShort = resultFromShort(tensor) == result;
  for (auto [operand, make] : llvm::zip_equal(operands, fromShort))
    isShort &= make(tensor) == operand;
  if (isShort) {
    printer << tensor;
    return;
  }
  printer << '(';
  llvm::interleaveComma(operands, printer);
  printer << ") -> " << result;
}

static ParseResult parsePointwiseTypes(OpAsmParser &parser, Type &x, Type &y,
                                       Type &result) {
  return parseTypes(parser, {&x, &y}, {sameType, sameType}, result, sameType);
}
static void printPointwiseTypes(OpAsmPrinter &printer, Operation *, Type x,
                                Type y, Type result) {
  printTypes(printer, {x, y}, {sameType, sameType}, result, sameType);
}

static ParseResult parseCompareTypes(OpAsmParser &parser, Type &x, Type &y,
                                     Type &result) {
  return parseTypes(parser, {&x, &y}, {sameType, sameType}, result, boolType);
}
static void printCompareTypes(OpAsmPrinter &printer, Operation *, Type x,
                              Type y, Type result) {
  printTypes(printer, {x, y}, {sameType, sameType}, result, boolType);
}

static ParseResult parseTestTypes(OpAsmParser &parser, Type &x, Type &result) {
  return parseTypes(parser, {&x}, {sameType}, result, boolType);
}
static void printTestTypes(OpAsmPrinter &printer, Operation *, Type x,
                           Type result) {
  printTypes(printer, {x}, {sameType}, result, boolType);
}

static ParseResult parseTernaryTypes(OpAsmParser &parser, Type &x, Type &y,
                                     Type &z, Type &result) {
  return parseTypes(parser, {&x, &y, &z}, {sameType, sameType, sameType},
                    result, sameType);
}
static void printTernaryTypes(OpAsmPrinter &printer, Operation *, Type x,
                              Type y, Type z, Type result) {
  printTypes(printer, {x, y, z}, {sameType, sameType, sameType}, result,
             sameType);
}

static ParseResult parseSelectTypes(OpAsmParser &parser, Type &condition,
                                    Type &x, Type &y, Type &result) {
  return parseTypes(parser, {&condition, &x, &y},
                    {boolType, sameType, sameType}, result, sameType);
}
static void printSelectTypes(OpAsmPrinter &printer, Operation *, Type condition,
                             Type x, Type y, Type result) {
  printTypes(printer, {condition, x, y}, {boolType, sameType, sameType}, result,
             sameType);
}

static ParseResult parseAddcTypes(OpAsmParser &parser, Type &x, Type &a,
                                  Type &b, Type &value, Type &result) {
  return parseTypes(parser, {&x, &a, &b, &value},
                    {sameType, sameType, sameType, sameType}, result, sameType);
}
static void printAddcTypes(OpAsmPrinter &printer, Operation *, Type x, Type a,
                           Type b, Type value, Type result) {
  printTypes(printer, {x, a, b, value},
             {sameType, sameType, sameType, sameType}, result, sameType);
}

//===----------------------------------------------------------------------===//
// iota: `result`, or `like to result`
//===----------------------------------------------------------------------===//

static ParseResult parseIotaTypes(OpAsmParser &parser, Type &like,
                                  Type &result) {
  if (parser.parseType(result) || failed(parser.parseOptionalKeyword("to")))
    return failure(!result);
  like = result;
  return parser.parseType(result);
}
static void printIotaTypes(OpAsmPrinter &printer, Operation *, Type like,
                           Type result) {
  if (like)
    printer << like << " to ";
  printer << result;
}

#define GET_OP_CLASSES
#include "FuserDialect/FuserOps.cpp.inc"
