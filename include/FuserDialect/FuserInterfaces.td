//===- FuserInterfaces.td - what ops tell passes and runtime -- -*- tablegen -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERDIALECT_FUSERINTERFACES_TD
#define FUSERDIALECT_FUSERINTERFACES_TD

include "mlir/IR/OpBase.td"

// An index map: its results are views of its one operand, or of the first one.
def Fuser_View : NativeOpTrait<"View"> { let cppNamespace = "::fuser"; }

def Fuser_InferShapesOpInterface : OpInterface<"InferShapesOpInterface"> {
  let cppNamespace = "::fuser";
  let description = [{
    Result shapes as a function of operand shapes, the same in the verifier, in
    `fuser-infer-shapes` and wherever an op is built on new operands.
  }];
  let methods = [InterfaceMethod<[{
      One shape a result, into `results`. Dynamic extents are
      `ShapedType::kDynamic`. Shapes that can't fit are reported through
      `emitError`.
    }], "::llvm::LogicalResult", "inferShapes",
    (ins "::llvm::ArrayRef<::llvm::SmallVector<int64_t>>":$operandShapes,
         "::llvm::SmallVectorImpl<::llvm::SmallVector<int64_t>> &":$results,
         "::llvm::function_ref<::mlir::InFlightDiagnostic()>":$emitError)>];
  let verify = [{ return ::fuser::verifyInferredShapes($_op); }];
}

def Fuser_PointwiseOpInterface : OpInterface<"PointwiseOpInterface"> {
  let cppNamespace = "::fuser";
  let description = [{
    An op that computes each element of its result from the elements at the same
    index of its broadcast operands. Its opcode is what the interpreter runs and
    what the lowering expands: one row of `FuserMath/Ops.def`, or one of those
    that have signatures of their own.
  }];
  let methods = [InterfaceMethod<"The row of the op table.",
                                 "::fuser::Opcode", "getOpcode">];
}

def Fuser_CompositeOpInterface : OpInterface<"CompositeOpInterface"> {
  let cppNamespace = "::fuser";
  let description = [{
    A pointwise op that is defined by others. `fuser-decompose` replaces it, so
    that neither interpreter nor kernels know it.
  }];
  let methods = [InterfaceMethod<
      "Builds the formula at the builder's insertion point.",
      "::mlir::Value", "decompose", (ins "::mlir::OpBuilder &":$builder)>];
}

#endif // FUSERDIALECT_FUSERINTERFACES_TD
