//===- Structure.cpp - groups and nests -----------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserDialect/FuserDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace fuser;

/// Names arguments %in0, %in1, ... whatever they were called, so that equal
/// groups print equally.
static void nameArguments(Region &region, OpAsmSetValueNameFn setName) {
  for (BlockArgument argument : region.getArguments())
    setName(argument, "in" + std::to_string(argument.getArgNumber()));
}

//===----------------------------------------------------------------------===//
// group
//===----------------------------------------------------------------------===//

void GroupOp::getAsmBlockArgumentNames(Region &region,
                                       OpAsmSetValueNameFn setName) {
  nameArguments(region, setName);
}

YieldOp GroupOp::getYield() {
  return cast<YieldOp>(getBody().front().getTerminator());
}

ParseResult GroupOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> inputs;
  SmallVector<Type> types;
  SMLoc loc = parser.getCurrentLocation();
  // (%argument = %input : type, ...)
  auto parseBinding = [&]() -> ParseResult {
    OpAsmParser::Argument &argument = arguments.emplace_back();
    if (parser.parseArgument(argument) || parser.parseEqual() ||
        parser.parseOperand(inputs.emplace_back()) ||
        parser.parseColonType(argument.type))
      return failure();
    types.push_back(argument.type);
    return success();
  };
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren,
                                     parseBinding) ||
      parser.resolveOperands(inputs, types, loc, result.operands) ||
      parser.parseOptionalArrowTypeList(result.types) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  Region *body = result.addRegion();
  if (parser.parseRegion(*body, arguments))
    return failure();
  ensureTerminator(*body, parser.getBuilder(), result.location);
  return success();
}

void GroupOp::print(OpAsmPrinter &printer) {
  printer << '(';
  llvm::interleaveComma(llvm::zip(getBody().getArguments(), getInputs()),
                        printer, [&](auto binding) {
                          auto [argument, input] = binding;
                          printer << argument << " = " << input << " : "
                                  << input.getType();
                        });
  printer << ')';
  printer.printOptionalArrowTypeList(getResultTypes());
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs());
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false,
                      /*printBlockTerminators=*/true);
}

/// True if a result of type `result` may hold what a body yields as `yielded`.
static bool mayHold(Type result, Type yielded) {
  auto to = cast<RankedTensorType>(result);
  auto from = cast<RankedTensorType>(yielded);
  return to.getElementType() == from.getElementType() &&
         isLessStatic(to.getShape(), from.getShape());
}

LogicalResult GroupOp::verifyRegions() {
  Block &body = getBody().front();
  // group_c1
  if (TypeRange(body.getArgumentTypes()) != TypeRange(getOperandTypes()))
    return emitOpError("has block arguments whose types differ from its "
                       "inputs': ")
           << body.getArgumentTypes() << " and " << getOperandTypes();
  // group_c2
  if (!llvm::equal(getResultTypes(), getYield().getOperandTypes(), mayHold))
    return emitOpError("yields types that differ from its results': ")
           << getYield().getOperandTypes() << " and " << getResultTypes();
  for (Operation &op : body)
    // group_c3
    if (!isa_and_nonnull<FuserDialect>(op.getDialect()) ||
        isa<GroupOp, NestOp>(op))
      return emitOpError("holds ")
             << op.getName() << ": expected fuser ops only, and no groups";
  return success();
}

//===----------------------------------------------------------------------===//
// nest
//===----------------------------------------------------------------------===//

void NestOp::getAsmBlockArgumentNames(Region &region,
                                      OpAsmSetValueNameFn setName) {
  nameArguments(region, setName);
}

void NestOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  for (OpOperand &operand : getInputsMutable())
    effects.emplace_back(MemoryEffects::Read::get(), &operand);
  for (OpOperand &operand : getOutputsMutable())
    effects.emplace_back(MemoryEffects::Write::get(), &operand);
}

ParseResult NestOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> inputs, outputs;
  SmallVector<Type> inputTypes, outputTypes;
  SMLoc loc = parser.getCurrentLocation();
  // (%argument : tensor<f32> = %input : memref<?xf32>, ...)
  auto parseBinding = [&]() -> ParseResult {
    return failure(
        parser.parseArgument(arguments.emplace_back(), /*allowType=*/true) ||
        parser.parseEqual() || parser.parseOperand(inputs.emplace_back()) ||
        parser.parseColonType(inputTypes.emplace_back()));
  };
  if (parser.parseKeyword("ins") ||
      parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren,
                                     parseBinding) ||
      parser.resolveOperands(inputs, inputTypes, loc, result.operands) ||
      parser.parseKeyword("outs") || parser.parseLParen() ||
      parser.parseOperandList(outputs) ||
      parser.parseOptionalColonTypeList(outputTypes) || parser.parseRParen() ||
      parser.resolveOperands(outputs, outputTypes, loc, result.operands) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  result.addAttribute(getOperandSegmentSizesAttrName(result.name),
                      parser.getBuilder().getDenseI32ArrayAttr(
                          {static_cast<int32_t>(inputs.size()),
                           static_cast<int32_t>(outputs.size())}));
  Region *body = result.addRegion();
  if (parser.parseRegion(*body, arguments))
    return failure();
  ensureTerminator(*body, parser.getBuilder(), result.location);
  return success();
}

void NestOp::print(OpAsmPrinter &printer) {
  printer << " ins(";
  llvm::interleaveComma(llvm::zip(getBody().getArguments(), getInputs()),
                        printer, [&](auto binding) {
                          auto [argument, input] = binding;
                          printer << argument << " : " << argument.getType()
                                  << " = " << input << " : " << input.getType();
                        });
  printer << ") outs(" << getOutputs();
  if (!getOutputs().empty())
    printer << " : " << getOutputs().getTypes();
  printer << ')';
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(),
                                           {getOperandSegmentSizesAttrName()});
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false,
                      /*printBlockTerminators=*/true);
}

/// True if `value` is a rank-0 tensor whose element is stored in `memref`.
static bool isElementOf(Value value, Value memref) {
  auto tensor = dyn_cast<RankedTensorType>(value.getType());
  return tensor && tensor.getRank() == 0 &&
         storageTypeOf(tensor.getElementType()) ==
             cast<MemRefType>(memref.getType()).getElementType();
}

/// The same of an input, which may also be indices without memory.
static bool isInputElementOf(Value value, Value memref) {
  auto tensor = dyn_cast<RankedTensorType>(value.getType());
  if (cast<MemRefType>(memref.getType()).getElementType().isIndex())
    return tensor && tensor.getRank() == 0 &&
           tensor.getElementType().isSignlessInteger(64);
  return isElementOf(value, memref);
}

LogicalResult NestOp::verifyRegions() {
  auto rankOf = [](Value memref) {
    return cast<MemRefType>(memref.getType()).getRank();
  };
  // nest_c1
  if (getOutputs().empty())
    return emitOpError("has no outputs: expected at least one");
  int64_t rank = rankOf(getOutputs().front());
  bool ranksFit =
      llvm::all_of(getOutputs(), [&](Value o) { return rankOf(o) == rank; }) &&
      llvm::all_of(getInputs(), [&](Value i) {
        return rankOf(i) == rank || rankOf(i) == rank - 1;
      });
  if (!ranksFit)
    return emitOpError("has operands of different ranks: expected outputs of "
                       "one rank and inputs of that rank or one less");
  // nest_c2
  auto yield = cast<YieldOp>(getBody().front().getTerminator());
  bool bodyFits = getBody().getNumArguments() == getInputs().size() &&
                  yield.getNumOperands() == getOutputs().size();
  if (bodyFits) {
    for (auto [value, memref] :
         llvm::zip(getBody().getArguments(), getInputs()))
      bodyFits &= isInputElementOf(value, memref);
    for (auto [value, memref] : llvm::zip(yield.getValues(), getOutputs()))
      bodyFits &= isElementOf(value, memref);
  }
  if (!bodyFits)
    return emitOpError("has a body that does not fit its operands: expected "
                       "one rank-0 argument an input and one rank-0 yielded "
                       "value an output, of their element types");
  return success();
}
