//===- Pointwise.td - pointwise ops --------------------------- -*- tablegen -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERDIALECT_POINTWISE_TD
#define FUSERDIALECT_POINTWISE_TD

include "FuserDialect/FuserBase.td"
include "mlir/IR/EnumAttr.td"

// Rules of all pointwise ops:
//   /*pointwise_c1*/ the element types are those that the op admits;
//   /*pointwise_c2*/ operands share one element type (but for select's
//                    condition), and the result has it (or i1);
//   /*pointwise_c3*/ the operand shapes broadcast;
//   /*pointwise_c4*/ the result has the broadcast shape, or leaves some of its
//                    extents open; it knows none that do not follow.
class Fuser_PointwiseOp<string mnemonic, list<Trait> traits = []>
    : Fuser_Op<mnemonic, !listconcat([
          DeclareOpInterfaceMethods<Fuser_PointwiseOpInterface>,
          DeclareOpInterfaceMethods<Fuser_InferShapesOpInterface>], traits)> {
  let hasFolder = 1;
  // What differs from op to op: how to find the row of the op table.
  string opcode = "return ::fuser::Opcode::" # mnemonic # ";";
  let extraClassDefinition = [{
    ::fuser::Opcode $cppClass::getOpcode() { }] # opcode # [{ }
    ::llvm::LogicalResult $cppClass::inferShapes(
        ::llvm::ArrayRef<::llvm::SmallVector<int64_t>> operandShapes,
        ::llvm::SmallVectorImpl<::llvm::SmallVector<int64_t>> &results,
        ::llvm::function_ref<::mlir::InFlightDiagnostic()> emitError) {
      return ::fuser::inferBroadcastShape(operandShapes, results, emitError);
    }
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor adaptor) {
      return ::fuser::foldPointwise(*this, adaptor.getOperands());
    }
  }];
}

class Fuser_UnaryOp<string mnemonic, Type type, string text>
    : Fuser_PointwiseOp<mnemonic, [SameOperandsAndResultType]> {
  let summary = text;
  let arguments = (ins type:$x);
  let results = (outs type:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

class Fuser_BinaryOp<string mnemonic, Type type, string text>
    : Fuser_PointwiseOp<mnemonic, [SameOperandsAndResultElementType]> {
  let summary = text;
  let arguments = (ins type:$x, type:$y);
  let results = (outs type:$result);
  let assemblyFormat = [{
    $x `,` $y attr-dict `:`
    custom<PointwiseTypes>(type($x), type($y), type($result))
  }];
}

class Fuser_TestOp<string mnemonic, string text>
    : Fuser_PointwiseOp<mnemonic> {
  let summary = text;
  let arguments = (ins Fuser_FloatTensor:$x);
  let results = (outs Fuser_BoolTensor:$result);
  let assemblyFormat = [{
    $x attr-dict `:` custom<TestTypes>(type($x), type($result))
  }];
}

class Fuser_TernaryOp<string mnemonic, Type type, string text>
    : Fuser_PointwiseOp<mnemonic, [SameOperandsAndResultElementType]> {
  let summary = text;
  let arguments = (ins type:$x, type:$y, type:$z);
  let results = (outs type:$result);
  let assemblyFormat = [{
    $x `,` $y `,` $z attr-dict `:`
    custom<TernaryTypes>(type($x), type($y), type($z), type($result))
  }];
}

// Unary ops.
def NegOp : Fuser_UnaryOp<"neg", Fuser_NumberTensor, "-x; integers wrap">;
def AbsOp : Fuser_UnaryOp<"abs", Fuser_NumberTensor, "|x|; the smallest integer wraps to itself">;
def SignOp : Fuser_UnaryOp<"sign", Fuser_NumberTensor, "1 above 0, -1 below, else 0; of NaN, too">;
def BitwiseNotOp : Fuser_UnaryOp<"bitwise_not", Fuser_BitsTensor, "all bits of an integer, the truth of i1, inverted">;
def CeilOp : Fuser_UnaryOp<"ceil", Fuser_FloatTensor, "the least integer not below x">;
def FloorOp : Fuser_UnaryOp<"floor", Fuser_FloatTensor, "the greatest integer not above x">;
def RoundOp : Fuser_UnaryOp<"round", Fuser_FloatTensor, "the nearest integer, the even one of two">;
def TruncOp : Fuser_UnaryOp<"trunc", Fuser_FloatTensor, "the next integer toward 0">;
def FracOp : Fuser_UnaryOp<"frac", Fuser_FloatTensor, "x - trunc(x)">;
def SqrtOp : Fuser_UnaryOp<"sqrt", Fuser_FloatTensor, "square root, correctly rounded">;
def RsqrtOp : Fuser_UnaryOp<"rsqrt", Fuser_FloatTensor, "1 / sqrt(x)">;
def ReciprocalOp : Fuser_UnaryOp<"reciprocal", Fuser_FloatTensor, "1 / x, correctly rounded">;
def ExpOp : Fuser_UnaryOp<"exp", Fuser_FloatTensor, "e^x">;
def Exp2Op : Fuser_UnaryOp<"exp2", Fuser_FloatTensor, "2^x">;
def Expm1Op : Fuser_UnaryOp<"expm1", Fuser_FloatTensor, "e^x - 1, accurate near 0">;
def LogOp : Fuser_UnaryOp<"log", Fuser_FloatTensor, "natural logarithm; NaN below 0, -inf at 0">;
def Log2Op : Fuser_UnaryOp<"log2", Fuser_FloatTensor, "logarithm to base 2">;
def Log10Op : Fuser_UnaryOp<"log10", Fuser_FloatTensor, "logarithm to base 10">;
def Log1pOp : Fuser_UnaryOp<"log1p", Fuser_FloatTensor, "log(1 + x), accurate near 0">;
def SinOp : Fuser_UnaryOp<"sin", Fuser_FloatTensor, "sine of x in radians">;
def CosOp : Fuser_UnaryOp<"cos", Fuser_FloatTensor, "cosine of x in radians">;
def TanOp : Fuser_UnaryOp<"tan", Fuser_FloatTensor, "tangent of x in radians">;
def AsinOp : Fuser_UnaryOp<"asin", Fuser_FloatTensor, "inverse sine, in [-pi/2, pi/2]; NaN for |x| > 1">;
def AcosOp : Fuser_UnaryOp<"acos", Fuser_FloatTensor, "inverse cosine, in [0, pi]; NaN for |x| > 1">;
def AtanOp : Fuser_UnaryOp<"atan", Fuser_FloatTensor, "inverse tangent, in [-pi/2, pi/2]">;
def SinhOp : Fuser_UnaryOp<"sinh", Fuser_FloatTensor, "hyperbolic sine">;
def CoshOp : Fuser_UnaryOp<"cosh", Fuser_FloatTensor, "hyperbolic cosine">;
def TanhOp : Fuser_UnaryOp<"tanh", Fuser_FloatTensor, "hyperbolic tangent">;
def AsinhOp : Fuser_UnaryOp<"asinh", Fuser_FloatTensor, "inverse hyperbolic sine">;
def AcoshOp : Fuser_UnaryOp<"acosh", Fuser_FloatTensor, "inverse hyperbolic cosine; NaN below 1">;
def AtanhOp : Fuser_UnaryOp<"atanh", Fuser_FloatTensor, "inverse hyperbolic tangent; NaN for |x| > 1">;
def ErfOp : Fuser_UnaryOp<"erf", Fuser_FloatTensor, "error function, 2/sqrt(pi) * integral of e^(-t^2) from 0 to x">;
def ErfcOp : Fuser_UnaryOp<"erfc", Fuser_FloatTensor, "1 - erf(x), accurate where that is small">;
def LgammaOp : Fuser_UnaryOp<"lgamma", Fuser_FloatTensor, "log(|gamma(x)|); inf at 0 and negative integers">;
def SigmoidOp : Fuser_UnaryOp<"sigmoid", Fuser_FloatTensor, "1 / (1 + e^-x)">;
def IsNanOp : Fuser_TestOp<"is_nan", "whether x is NaN">;
def IsInfOp : Fuser_TestOp<"is_inf", "whether x is an infinity">;
def IsFiniteOp
    : Fuser_TestOp<"is_finite", "whether x is neither NaN nor an infinity">;

// Binary ops.
def AddOp : Fuser_BinaryOp<"add", Fuser_NumberTensor, "x + y; integers wrap">;
def SubOp : Fuser_BinaryOp<"sub", Fuser_NumberTensor, "x - y; integers wrap">;
def MulOp : Fuser_BinaryOp<"mul", Fuser_NumberTensor, "x * y; integers wrap">;
def DivOp : Fuser_BinaryOp<"div", Fuser_FloatTensor, "x / y, correctly rounded">;
def DivTruncOp : Fuser_BinaryOp<"div_trunc", Fuser_NumberTensor, "x / y toward 0; integers: the call fails if y is 0">;
def DivFloorOp : Fuser_BinaryOp<"div_floor", Fuser_NumberTensor, "x / y toward -inf; integers: the call fails if y is 0">;
def RemainderOp : Fuser_BinaryOp<"remainder", Fuser_NumberTensor, "x - y * floor(x / y), with the sign of y; integers: the call fails if y is 0">;
def FmodOp : Fuser_BinaryOp<"fmod", Fuser_NumberTensor, "x - y * trunc(x / y), with the sign of x; integers: the call fails if y is 0">;
def PowOp : Fuser_BinaryOp<"pow", Fuser_NumberTensor, "x^y; integers wrap">;
def Atan2Op : Fuser_BinaryOp<"atan2", Fuser_FloatTensor, "the angle of the point (y, x), in [-pi, pi]: atan(x / y) for y > 0">;
def MinimumOp : Fuser_BinaryOp<"minimum", Fuser_NumberTensor, "the smaller; NaN if either is NaN; -0 below +0">;
def MaximumOp : Fuser_BinaryOp<"maximum", Fuser_NumberTensor, "the larger; NaN if either is NaN; -0 below +0">;
def BitwiseAndOp : Fuser_BinaryOp<"bitwise_and", Fuser_BitsTensor, "bit by bit">;
def BitwiseOrOp : Fuser_BinaryOp<"bitwise_or", Fuser_BitsTensor, "bit by bit">;
def BitwiseXorOp : Fuser_BinaryOp<"bitwise_xor", Fuser_BitsTensor, "bit by bit">;
def ShlOp : Fuser_BinaryOp<"shl", Fuser_IntegerTensor, "x * 2^y, wrapping; 0 if y is negative or no less than the width">;
def ShrOp : Fuser_BinaryOp<"shr", Fuser_IntegerTensor, "floor(x / 2^y); as if shifted out if y is negative or no less than the width">;

def Fuser_ComparePredicate : I32EnumAttr<"ComparePredicate",
    "comparison", [
      I32EnumAttrCase<"eq", 0>, I32EnumAttrCase<"ne", 1>,
      I32EnumAttrCase<"lt", 2>, I32EnumAttrCase<"le", 3>,
      I32EnumAttrCase<"gt", 4>, I32EnumAttrCase<"ge", 5>]> {
  let cppNamespace = "::fuser";
  let genSpecializedAttr = 0;
}
def Fuser_ComparePredicateAttr
    : EnumAttr<Fuser_Dialect, Fuser_ComparePredicate, "predicate"> {
  let assemblyFormat = "$value";
}

def CompareOp : Fuser_PointwiseOp<"compare", [SameTypeElements<"x", "y">]> {
  let summary = "x == y, x != y, x < y, ... as i1";
  let description = [{
    As IEEE 754 compares: with a NaN operand `ne` is true and all others are
    false. `i1` compares with false below true.

    ```mlir
    %m = fuser.compare lt, %x, %y : tensor<4xf32>
    ```
  }];
  let arguments = (ins Fuser_ComparePredicateAttr:$predicate, Fuser_Tensor:$x,
                   Fuser_Tensor:$y);
  let results = (outs Fuser_BoolTensor:$result);
  let opcode = "return ::fuser::opcodeOf(getPredicate());";
  let assemblyFormat = [{
    `` $predicate `,` $x `,` $y attr-dict `:`
    custom<CompareTypes>(type($x), type($y), type($result))
  }];
}

def SelectOp : Fuser_PointwiseOp<"select", [
    SameTypeElements<"x", "y">, SameTypeElements<"x", "result">]> {
  let summary = "x where the condition is true, else y";
  let arguments = (ins Fuser_BoolTensor:$condition, Fuser_Tensor:$x,
                   Fuser_Tensor:$y);
  let results = (outs Fuser_Tensor:$result);
  let assemblyFormat = [{
    $condition `,` $x `,` $y attr-dict `:`
    custom<SelectTypes>(type($condition), type($x), type($y), type($result))
  }];
}

def FmaOp : Fuser_TernaryOp<"fma", Fuser_FloatTensor,
    "x * y + z with one rounding">;

def LerpOp : Fuser_TernaryOp<"lerp", Fuser_FloatTensor,
    "x + z * (y - x), from the nearer end"> {
  let description = [{
    fma(z, y - x, x) where |z| < 1/2, else fma(z - 1, y - x, y).
  }];
}

def ClampOp : Fuser_TernaryOp<"clamp", Fuser_NumberTensor,
    "minimum(maximum(x, y), z)"> {
  let description = [{
    The lower bound `y` first, so that `z` wins where it is less than `y`. NaN in
    `x` or in a bound gives NaN.
  }];
}

def CastOp : Fuser_PointwiseOp<"cast"> {
  let summary = "conversion to another element type";
  let description = [{
    Float to integer truncates towards zero, saturates where the value is out of
    range and gives 0 for NaN. Anything to `i1` is `x != 0` (true for NaN).
    Integers wrap when they narrow. Integer to float and `f64` to `f32` round to
    nearest even; `f16` and `bf16` are reached by way of `f32`.
  }];
  let arguments = (ins Fuser_Tensor:$x);
  let results = (outs Fuser_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($result)";
}

def RandomOp : Fuser_PointwiseOp<"random"> {
  let summary = "uniform numbers in [0, 1) by Philox4x32-10";
  let description = [{
    A function of its operands: the key is `seed`, the counter `offset` and the
    quotient of `index` and n; what is left of `index` chooses one of n numbers.
    n is 2 for `f64` and 4 for narrower types. The result is a multiple of 2^-p,
    p being the precision of its type, and never 1. Salmon et al., "Parallel
    random numbers: as easy as 1, 2, 3", 2011. docs/Numerics.md has the details.

    ```mlir
    %r = fuser.random %index, %seed, %offset
        : (tensor<?xi64>, tensor<i64>, tensor<i64>) -> tensor<?xf32>
    ```
  }];
  let arguments = (ins Fuser_IndexTensor:$index, Fuser_IndexTensor:$seed,
                   Fuser_IndexTensor:$offset);
  let results = (outs Fuser_FloatTensor:$result);
  let assemblyFormat = [{
    $index `,` $seed `,` $offset attr-dict `:`
    functional-type(operands, results)
  }];
}

#endif // FUSERDIALECT_POINTWISE_TD
