//===- FuserDialect.td - the dialect and its types ------------ -*- tablegen -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERDIALECT_FUSERDIALECT_TD
#define FUSERDIALECT_FUSERDIALECT_TD

include "mlir/IR/OpBase.td"

def Fuser_Dialect : Dialect {
  let name = "fuser";
  let cppNamespace = "::fuser";
  let summary = "Tensor programs and the fusion groups they are cut into";
  let description = [{
    Ops take and give ranked tensors of `i1`, `ui8`, `i32`, `i64` (signed),
    `f32` and `f64`; extents may be dynamic, rank 0 is allowed. Scalars of type
    `f64`, `i64` and `i1` may be arguments of functions and groups, so that a
    changed number never needs a new kernel.

    The operands of an op share one element type; `fuser.cast` is explicit.
    Pointwise ops broadcast as NumPy does: shapes are aligned at the right, and
    a size of 1 (or a missing dimension) repeats. A dynamic extent may turn out
    to be 1 and then broadcasts, too. Shapes that do not fit are errors: of the
    verifier where they are static, of the call where they show at run time.
  }];
  let hasConstantMaterializer = 1;
  let useDefaultAttributePrinterParser = 1;
}

class Fuser_TensorOf<list<Type> elementTypes, string summary>
    : Type<RankedTensorOf<elementTypes>.predicate, summary,
           "::mlir::RankedTensorType">;

def Fuser_FloatTensor
    : Fuser_TensorOf<[F32, F64], "ranked tensor of f32 or f64">;
def Fuser_NumberTensor
    : Fuser_TensorOf<[UI8, I32, I64, F32, F64], "ranked tensor of numbers">;
def Fuser_BoolTensor : Fuser_TensorOf<[I1], "ranked tensor of i1">;
def Fuser_IndexTensor : Fuser_TensorOf<[I64], "ranked tensor of i64">;
def Fuser_Tensor
    : Fuser_TensorOf<[I1, UI8, I32, I64, F32, F64],
                     "ranked tensor of i1, ui8, i32, i64, f32 or f64">;
def Fuser_StaticTensor
    : Type<And<[Fuser_Tensor.predicate, HasStaticShapePred]>,
           "statically shaped tensor of i1, ui8, i32, i64, f32 or f64",
           "::mlir::RankedTensorType">;
def Fuser_Scalar : AnyTypeOf<[F64, I64, I1], "f64, i64 or i1 scalar">;
def Fuser_Value : AnyTypeOf<[Fuser_Tensor, Fuser_Scalar], "tensor or scalar">;

#endif // FUSERDIALECT_FUSERDIALECT_TD
