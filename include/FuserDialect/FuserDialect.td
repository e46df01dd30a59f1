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
    Ops take and give ranked tensors of `i1`, `ui8`, `i8`, `i16`, `i32`, `i64`
    (signed but for `ui8`), `f16`, `bf16`, `f32` and `f64`; extents may be
    dynamic, rank 0 is allowed. Scalars of type `f64`, `i64` and `i1` may be
    arguments of functions and groups, so that a changed number never needs a
    new kernel.

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

defvar Fuser_Floats = [F16, BF16, F32, F64];
defvar Fuser_Integers = [UI8, I8, I16, I32, I64];
defvar Fuser_Elements = !listconcat([I1], Fuser_Integers, Fuser_Floats);

def Fuser_FloatTensor
    : Fuser_TensorOf<Fuser_Floats, "ranked tensor of f16, bf16, f32 or f64">;
def Fuser_IntegerTensor
    : Fuser_TensorOf<Fuser_Integers, "ranked tensor of integers">;
def Fuser_BitsTensor : Fuser_TensorOf<!listconcat([I1], Fuser_Integers),
                                      "ranked tensor of integers or i1">;
def Fuser_NumberTensor
    : Fuser_TensorOf<!listconcat(Fuser_Integers, Fuser_Floats),
                     "ranked tensor of numbers">;
def Fuser_BoolTensor : Fuser_TensorOf<[I1], "ranked tensor of i1">;
def Fuser_IndexTensor : Fuser_TensorOf<[I64], "ranked tensor of i64">;
def Fuser_Tensor
    : Fuser_TensorOf<Fuser_Elements, "ranked tensor of the dialect's types">;
def Fuser_StaticTensor
    : Type<And<[Fuser_Tensor.predicate, HasStaticShapePred]>,
           "statically shaped tensor of the dialect's types",
           "::mlir::RankedTensorType">;
def Fuser_Scalar : AnyTypeOf<[F64, I64, I1], "f64, i64 or i1 scalar">;
def Fuser_Value : AnyTypeOf<[Fuser_Tensor, Fuser_Scalar], "tensor or scalar">;

#endif // FUSERDIALECT_FUSERDIALECT_TD
