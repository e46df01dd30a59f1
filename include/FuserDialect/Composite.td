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

// Formulas are eager PyTorch's. Those on f16 and bf16 are computed in f32, their
// constants too, and rounded once.
def ReluOp : Fuser_UnaryCompositeOp<"relu", Fuser_NumberTensor,
    "maximum(x, 0)">;
def SiluOp : Fuser_UnaryCompositeOp<"silu", Fuser_FloatTensor,
    "x / (1 + e^-x)">;
def MishOp : Fuser_UnaryCompositeOp<"mish", Fuser_FloatTensor,
    "x * tanh(log1p(e^x))">;
def HardsigmoidOp : Fuser_UnaryCompositeOp<"hardsigmoid", Fuser_FloatTensor,
    "clamp(x + 3, 0, 6) / 6">;
def HardswishOp : Fuser_UnaryCompositeOp<"hardswish", Fuser_FloatTensor,
    "x * clamp(x + 3, 0, 6) / 6">;

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

class Fuser_Number<string value> : DefaultValuedAttr<F64Attr, value>;

def LeakyReluOp : Fuser_UnaryCompositeOp<"leaky_relu", Fuser_FloatTensor,
    "x above 0, else x * slope"> {
  let description = [{
    ```mlir
    %y = fuser.leaky_relu %x slope 0.2 : tensor<4xf32>
    ```
  }];
  let arguments = (ins Fuser_FloatTensor:$x, Fuser_Number<"0.01">:$slope);
  let assemblyFormat = "$x (`slope` $slope^)? attr-dict `:` type($x)";
}

def EluOp : Fuser_UnaryCompositeOp<"elu", Fuser_FloatTensor,
    "x * scale above 0, else expm1(x * input_scale) * (alpha * scale)"> {
  let description = [{
    ```mlir
    %y = fuser.elu %x alpha 1.67 scale 1.05 : tensor<4xf32>
    ```
  }];
  let arguments = (ins Fuser_FloatTensor:$x, Fuser_Number<"1.0">:$alpha,
                   Fuser_Number<"1.0">:$scale, Fuser_Number<"1.0">:$input_scale);
  let assemblyFormat = [{
    $x (`alpha` $alpha^)? (`scale` $scale^)? (`input_scale` $input_scale^)?
    attr-dict `:` type($x)
  }];
}

def SoftplusOp : Fuser_UnaryCompositeOp<"softplus", Fuser_FloatTensor,
    "x where x * beta > threshold, else log1p(e^(x * beta)) / beta"> {
  let arguments = (ins Fuser_FloatTensor:$x, Fuser_Number<"1.0">:$beta,
                   Fuser_Number<"20.0">:$threshold);
  let assemblyFormat = [{
    $x (`beta` $beta^)? (`threshold` $threshold^)? attr-dict `:` type($x)
  }];
}

def HardtanhOp : Fuser_UnaryCompositeOp<"hardtanh", Fuser_FloatTensor,
    "clamp(x, min, max)"> {
  let arguments = (ins Fuser_FloatTensor:$x, Fuser_Number<"-1.0">:$min,
                   Fuser_Number<"1.0">:$max);
  let assemblyFormat = [{
    $x (`min` $min^)? (`max` $max^)? attr-dict `:` type($x)
  }];
}

def ThresholdOp : Fuser_UnaryCompositeOp<"threshold", Fuser_FloatTensor,
    "value where x <= threshold, else x"> {
  let arguments = (ins Fuser_FloatTensor:$x, F64Attr:$threshold,
                   F64Attr:$value);
  let assemblyFormat = [{
    $x `threshold` $threshold `value` $value attr-dict `:` type($x)
  }];
}

class Fuser_AddcOp<string mnemonic, Type type, string text>
    : Fuser_Op<mnemonic, [
          DeclareOpInterfaceMethods<Fuser_CompositeOpInterface>,
          DeclareOpInterfaceMethods<Fuser_InferShapesOpInterface>,
          AllElementTypesMatch<["x", "a", "b", "result"]>]> {
  let summary = text;
  let arguments = (ins type:$x, type:$a, type:$b, type:$value);
  let results = (outs type:$result);
  let assemblyFormat = [{
    $x `,` $a `,` $b `,` $value attr-dict `:`
    custom<AddcTypes>(type($x), type($a), type($b), type($value), type($result))
  }];
  let hasVerifier = 1;
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::verify() {
      return ::fuser::verifyAddcValue(*this, getValue());
    }
    ::llvm::LogicalResult $cppClass::inferShapes(
        ::llvm::ArrayRef<::llvm::SmallVector<int64_t>> operandShapes,
        ::llvm::SmallVectorImpl<::llvm::SmallVector<int64_t>> &results,
        ::llvm::function_ref<::mlir::InFlightDiagnostic()> emitError) {
      return ::fuser::inferBroadcastShape(operandShapes, results, emitError);
    }
  }];
}

def AddcmulOp : Fuser_AddcOp<"addcmul", Fuser_NumberTensor,
    "x + value * a * b, as fma(value * a, b, x)"> {
  let description = [{
    /*addc_c1*/ `value` has x's element type, or f32 where that is f16 or bf16:
    a number that isn't rounded to it.

    ```mlir
    %y = fuser.addcmul %x, %a, %b, %value
        : (tensor<4xbf16>, tensor<4xbf16>, tensor<4xbf16>, tensor<f32>)
        -> tensor<4xbf16>
    ```
  }];
}
def AddcdivOp : Fuser_AddcOp<"addcdiv", Fuser_FloatTensor,
    "x + (value * a) / b"> {
  let description = [{
    `value` as in `fuser.addcmul`.
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
