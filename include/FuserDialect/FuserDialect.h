//===- FuserDialect.h - the fuser dialect -----------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERDIALECT_FUSERDIALECT_H
#define FUSERDIALECT_FUSERDIALECT_H

#include "FuserMath/Opcode.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include <optional>

namespace fuser {

/// The element type as the runtime knows it; none if `type` is not one of the
/// dialect's element types.
std::optional<DType> dtypeOf(mlir::Type type);

/// The MLIR type of elements of `dtype`.
mlir::Type elementTypeOf(DType dtype, mlir::MLIRContext *context);

/// The type that memory holds for elements of `type`: the dialect's integers
/// are stored as signless ones of whole bytes, f16 and bf16 by their bits, the
/// other floats as they are.
mlir::Type storageTypeOf(mlir::Type type);

/// Marks index maps: ops whose results are views of their first operand.
template <class ConcreteType>
class View : public mlir::OpTrait::TraitBase<ConcreteType, View> {};

/// The broadcast of `operandShapes`, as NumPy defines it, extended to dynamic
/// extents: one of those may stand for 1.
llvm::LogicalResult
inferBroadcastShape(llvm::ArrayRef<llvm::SmallVector<int64_t>> operandShapes,
                    llvm::SmallVectorImpl<llvm::SmallVector<int64_t>> &results,
                    llvm::function_ref<mlir::InFlightDiagnostic()> emitError);

/// True if a tensor of shape `a` may have shape `b`: equal ranks, and no two
/// static extents that differ.
bool shapesCompatible(llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b);

/// True if `shape` is `known` with some extents, or none, left open.
bool isLessStatic(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> known);

/// "[4, ?]".
std::string shapeToString(llvm::ArrayRef<int64_t> shape);

/// The shapes of the tensor operands of `op`; scalars have rank 0.
llvm::SmallVector<llvm::SmallVector<int64_t>>
operandShapes(mlir::Operation *op);

/// Checks the result types of an op with InferShapesOpInterface: they know no
/// extent that does not follow from the operands.
llvm::LogicalResult verifyInferredShapes(mlir::Operation *op);

/// Sets the result types of `op` to what follows from its operands; does
/// nothing to ops of other dialects and to those whose results follow from
/// attributes.
llvm::LogicalResult inferResultTypes(mlir::Operation *op);

} // namespace fuser

#include "FuserDialect/FuserDialect.h.inc"
#include "FuserDialect/FuserEnums.h.inc"
#include "FuserDialect/FuserInterfaces.h.inc"

namespace fuser {

/// Folds a pointwise op that cannot change a bit by it: constants (by the
/// interpreter's own scalar functions), identities such as x * 1 and x - 0.
mlir::OpFoldResult foldPointwise(PointwiseOpInterface op,
                                 llvm::ArrayRef<mlir::Attribute> operands);

Opcode opcodeOf(ComparePredicate predicate);

/// Checks the element type of the factor of fuser.addcmul and fuser.addcdiv.
llvm::LogicalResult verifyAddcValue(mlir::Operation *op, mlir::Value value);

/// Checks that all results of fuser.chunk or fuser.part_like have the element
/// type of the input, their first operand.
llvm::LogicalResult verifyPartTypes(mlir::Operation *op);

} // namespace fuser

#define GET_ATTRDEF_CLASSES
#include "FuserDialect/FuserAttrs.h.inc"

#define GET_OP_CLASSES
#include "FuserDialect/FuserOps.h.inc"

#endif // FUSERDIALECT_FUSERDIALECT_H
