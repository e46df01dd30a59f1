//===- Composite.td - ops defined by others ------------------- -*- tablegen -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERDIALECT_COMPOSITE_TD
#define FUSERDIALECT_COMPOSITE_TD

include "FuserDialect/FuserBase.td"
include "mlir/IR/EnumAttr.td"

class Fuser_UnaryCompositeOp<string mnemonic, Type type, string text>
    : Fuser_Op<mnemonic, [
          DeclareOpInterfaceMethods<Fuser_CompositeOpInterface>,
          SameOperandsAndResultType]> {
  let summary = text;
  let arguments = (ins type:$x);
  let results = (outs type:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def ReluOp : Fuser_UnaryCompositeOp<"relu", Fuser_NumberTensor,
    "maximum(x, 0)">;
def SiluOp : Fuser_UnaryCompositeOp<"silu", Fuser_FloatTensor,
    "x / (1 + e^-x)">;

def Fuser_GeluApproximate : I32EnumAttr<"GeluApproximate",
    "formula of gelu", [
      I32EnumAttrCase<"none", 0>, I32EnumAttrCase<"tanh", 1>]> {
  let cppNamespace = "::fuser";
  let genSpecializedAttr = 0;
}
def Fuser_GeluApproximateAttr
    : EnumAttr<Fuser_Dialect, Fuser_GeluApproximate, "approximate"> {
  let assemblyFormat = "$value";
}

def GeluOp : Fuser_UnaryCompositeOp<"gelu", Fuser_FloatTensor,
    "Gaussian error linear unit"> {
  let description = [{
    `approximate none`: x/2 * (1 + erf(x / sqrt(2))).
    `approximate tanh`: x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 * x^3))).
    Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016.

    ```mlir
    %y = fuser.gelu %x approximate tanh : tensor<4xf32>
    ```
  }];
  let arguments = (ins Fuser_FloatTensor:$x,
      DefaultValuedAttr<Fuser_GeluApproximateAttr,
                        "::fuser::GeluApproximate::none">:$approximate);
  let assemblyFormat = [{
    $x (`approximate` `` $approximate^)? attr-dict `:` type($x)
  }];
}

def RandLikeOp : Fuser_Op<"rand_like", [
    DeclareOpInterfaceMethods<Fuser_CompositeOpInterface>,
    DeclareOpInterfaceMethods<Fuser_InferShapesOpInterface>]> {
  let summary = "uniform random numbers in [0, 1)";
  let description = [{
    `fuser.random` of the row-major linear index of each element. Only the shape
    of `x` matters. Equal seeds and offsets give equal numbers, whatever the
    shape; the numbers of different offsets are independent.
    /*rand_like_c1*/ the result has the shape of `x`, or leaves some of its
    extents open.

    ```mlir
    %r = fuser.rand_like %x, %seed, %offset
        : tensor<?xf32>, i64, i64 to tensor<?xf32>
    ```
  }];
  let arguments = (ins Fuser_Tensor:$x, I64:$seed, I64:$offset);
  let results = (outs Fuser_FloatTensor:$result);
  let assemblyFormat = [{
    $x `,` $seed `,` $offset attr-dict
    `:` type($x) `,` type($seed) `,` type($offset) `to` type($result)
  }];
}

#endif // FUSERDIALECT_COMPOSITE_TD
