//===- FuserDialect.cpp - the dialect and its types -----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserDialect/FuserDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace fuser;

#include "FuserDialect/FuserDialect.cpp.inc"
#include "FuserDialect/FuserEnums.cpp.inc"
#include "FuserDialect/FuserInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "FuserDialect/FuserAttrs.cpp.inc"

void FuserDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "FuserDialect/FuserAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "FuserDialect/FuserOps.cpp.inc"
      >();
}

Operation *FuserDialect::materializeConstant(OpBuilder &builder,
                                             Attribute value, Type type,
                                             Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}

std::optional<DType> fuser::dtypeOf(Type type) {
  if (type.isSignlessInteger(1))
    return DType::i1;
  if (type.isUnsignedInteger(8))
    return DType::ui8;
  if (type.isSignlessInteger(8))
    return DType::i8;
  if (type.isSignlessInteger(16))
    return DType::i16;
  if (type.isSignlessInteger(32))
    return DType::i32;
  if (type.isSignlessInteger(64))
    return DType::i64;
  if (type.isF16())
    return DType::f16;
  if (type.isBF16())
    return DType::bf16;
  if (type.isF32())
    return DType::f32;
  if (type.isF64())
    return DType::f64;
  return std::nullopt;
}

Type fuser::elementTypeOf(DType dtype, MLIRContext *context) {
  switch (dtype) {
  case DType::i1:
    return IntegerType::get(context, 1);
  case DType::ui8:
    return IntegerType::get(context, 8, IntegerType::Unsigned);
  case DType::i8:
    return IntegerType::get(context, 8);
  case DType::i16:
    return IntegerType::get(context, 16);
  case DType::i32:
    return IntegerType::get(context, 32);
  case DType::i64:
    return IntegerType::get(context, 64);
  case DType::f16:
    return Float16Type::get(context);
  case DType::bf16:
    return BFloat16Type::get(context);
  case DType::f32:
    return Float32Type::get(context);
  case DType::f64:
    return Float64Type::get(context);
  }
  llvm_unreachable("every dtype has a case");
}

Type fuser::storageTypeOf(Type type) {
  unsigned width = type.getIntOrFloatBitWidth();
  if (isa<FloatType>(type) && width > 16)
    return type;
  return IntegerType::get(type.getContext(), std::max(width, 8u));
}

bool fuser::shapesCompatible(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  if (a.size() != b.size())
    return false;
  for (auto [x, y] : llvm::zip_equal(a, b))
    if (x != y && !ShapedType::isDynamic(x) && !ShapedType::isDynamic(y))
      return false;
  return true;
}

bool fuser::isLessStatic(ArrayRef<int64_t> shape, ArrayRef<int64_t> known) {
  return shape.size() == known.size() &&
         llvm::all_of(llvm::zip_equal(shape, known), [](auto extents) {
           auto [extent, other] = extents;
           return extent == other || ShapedType::isDynamic(extent);
         });
}

std::string fuser::shapeToString(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '[';
  llvm::interleaveComma(shape, os, [&](int64_t extent) {
    if (ShapedType::isDynamic(extent))
      os << '?';
    else
      os << extent;
  });
  os << ']';
  return text;
}

SmallVector<SmallVector<int64_t>> fuser::operandShapes(Operation *op) {
  SmallVector<SmallVector<int64_t>> shapes;
  for (Type type : op->getOperandTypes()) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    shapes.push_back(tensor ? llvm::to_vector(tensor.getShape())
                            : SmallVector<int64_t>());
  }
  return shapes;
}

LogicalResult fuser::verifyInferredShapes(Operation *op) {
  SmallVector<SmallVector<int64_t>> inferred;
  if (failed(cast<InferShapesOpInterface>(op).inferShapes(
          operandShapes(op), inferred, [&] { return op->emitOpError(); })))
    return failure();
  for (auto [index, result] : llvm::enumerate(op->getResultTypes())) {
    ArrayRef<int64_t> declared = cast<RankedTensorType>(result).getShape();
    // pointwise_c4, shape_c2
    if (!isLessStatic(declared, inferred[index]))
      return op->emitOpError()
             << "has a result of shape " << shapeToString(declared)
             << " where its operands give " << shapeToString(inferred[index]);
  }
  return success();
}

LogicalResult fuser::inferResultTypes(Operation *op) {
  if (!isa_and_nonnull<FuserDialect>(op->getDialect()))
    return success();
  if (op->hasTrait<OpTrait::SameOperandsAndResultType>()) {
    op->getResult(0).setType(op->getOperand(0).getType());
    return success();
  }
  auto infer = dyn_cast<InferShapesOpInterface>(op);
  if (!infer)
    return success();
  SmallVector<SmallVector<int64_t>> shapes;
  if (failed(infer.inferShapes(operandShapes(op), shapes,
                               [&] { return op->emitOpError(); })))
    return failure();
  for (auto [result, shape] : llvm::zip_equal(op->getResults(), shapes)) {
    // A view has the elements of what it views.
    Value model = op->hasTrait<View>() ? op->getOperand(0) : Value(result);
    result.setType(cast<RankedTensorType>(model.getType()).clone(shape));
  }
  return success();
}
