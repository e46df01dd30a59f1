//===- Shape.td - index maps ---------------------------------- -*- tablegen -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERDIALECT_SHAPE_TD
#define FUSERDIALECT_SHAPE_TD

include "FuserDialect/FuserBase.td"

// Rules of all ops that move elements:
//   /*shape_c1*/ operands and results share one element type;
//   /*shape_c2*/ the results have the shapes that the operands give, or leave
//                some of their extents open;
//   /*shape_c3*/ `dim` counts the operand's dimensions, negative from the end.
class Fuser_ViewOp<string mnemonic, list<Trait> traits = []>
    : Fuser_Op<mnemonic, !listconcat([Fuser_View,
          DeclareOpInterfaceMethods<Fuser_InferShapesOpInterface>], traits)>;

def BroadcastToOp
    : Fuser_ViewOp<"broadcast_to", [AllElementTypesMatch<["input", "result"]>]> {
  let summary = "repeats along dimensions of size 1 and new leading ones";
  let description = [{
    `sizes` is aligned with the input's dimensions at the right; -1 keeps the
    input's size.
    /*broadcast_to_c1*/ `sizes` has at least the input's rank and -1 or sizes
    >= 0 only; -1 stands for dimensions that the input has.
    /*broadcast_to_c2*/ an extent of the input is 1 or the one asked for.

    ```mlir
    %y = fuser.broadcast_to %x sizes [4, -1] : tensor<8xf32> to tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Fuser_Tensor:$input, DenseI64ArrayAttr:$sizes);
  let results = (outs Fuser_Tensor:$result);
  let assemblyFormat = [{
    $input `sizes` $sizes attr-dict `:` type($input) `to` type($result)
  }];
  let hasFolder = 1;
}

def BroadcastLikeOp
    : Fuser_ViewOp<"broadcast_like", [AllElementTypesMatch<["input", "result"]>]> {
  let summary = "expands to the shape that it and others broadcast to";
  let description = [{
    Only the shapes of `others` matter. `fuser-partition` makes it where a shape
    is known at run time only.
    /*broadcast_like_c1*/ the shapes broadcast.
    /*broadcast_like_c2*/ there is at least one other.

    ```mlir
    %y = fuser.broadcast_like %x, %z
        : tensor<?xf32>, tensor<4x?xf64> to tensor<4x?xf32>
    ```
  }];
  let arguments = (ins Fuser_Tensor:$input, Variadic<Fuser_Tensor>:$others);
  let results = (outs Fuser_Tensor:$result);
  let assemblyFormat = [{
    $input (`,` $others^)? attr-dict
    `:` type($input) (`,` type($others)^)? `to` type($result)
  }];
}

def PartLikeOp : Fuser_ViewOp<"part_like"> {
  let summary = "cuts along `dim` as a concat is cut into its parts";
  let description = [{
    What an operand of a pointwise op is beside the parts of another operand, a
    concat. `fuser-partition` makes it; only the shapes of `sizes` matter. They
    are, one concat after the other, the parts of `counts` concats along their
    dimensions `dims`. `dim` and `dims` count from the end and are negative; an
    input that lacks `dim` is each of the results.

    Result i is what of the input lies beside part i of the first concat, whose
    extent is the total t. Let n be the extent of what the input is taken from:
    the input itself, or, if there are more concats, their common extent; the
    input is part `own` of each of them.

    | if | result i is |
    |---|---|
    | n is t | the range of part i, as far as it is in the input |
    | n is 1 | the input, which repeats itself; with `exact`, an error |
    | t is 1 | the input if part i has one element, and nothing if it has none |
    | else | an error |

    /*part_like_c1*/ `counts` are positive and say of each of the `sizes` where
    it belongs; `dims` has as many numbers, `own` one less, which are parts.
    /*part_like_c2*/ there is a result for each part of the first concat.
    /*part_like_c3*/ `dim` and `dims` are negative, `dims` are dimensions.
    /*part_like_c4*/ the parts of a concat have one rank and agree in all sizes
    but that of their dimension.
    /*part_like_c5*/ n, t and 1 are as the table says.

    ```mlir
    %y0, %y1 = fuser.part_like %y of %a, %b dim -1 counts [2] dims [-1]
        : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
        to tensor<?xf32>, tensor<?xf32>
    ```
  }];
  let arguments = (ins Fuser_Tensor:$input, Variadic<Fuser_Tensor>:$sizes,
                   I64Attr:$dim, DenseI64ArrayAttr:$counts,
                   DenseI64ArrayAttr:$dims,
                   DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$own,
                   UnitAttr:$exact);
  let results = (outs Variadic<Fuser_Tensor>:$parts);
  let assemblyFormat = [{
    $input `of` $sizes `dim` $dim `counts` $counts `dims` $dims (`own` $own^)?
    (`exact` $exact^)? attr-dict
    `:` type($input) `,` type($sizes) `to` type($parts)
  }];
  let hasVerifier = 1;
}

def TransposeOp
    : Fuser_ViewOp<"transpose", [AllElementTypesMatch<["input", "result"]>]> {
  let summary = "result dimension i is input dimension permutation[i]";
  let description = [{
    /*transpose_c1*/ `permutation` holds each of the input's dimensions once.

    ```mlir
    %y = fuser.transpose %x permutation [1, 0]
        : tensor<4x8xf32> to tensor<8x4xf32>
    ```
  }];
  let arguments = (ins Fuser_Tensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs Fuser_Tensor:$result);
  let assemblyFormat = [{
    $input `permutation` $permutation attr-dict
    `:` type($input) `to` type($result)
  }];
  let hasFolder = 1;
}

def ExpandDimsOp
    : Fuser_ViewOp<"expand_dims", [AllElementTypesMatch<["input", "result"]>]> {
  let summary = "inserts a dimension of size 1 at `dim` of the result";
  let description = [{
    /*expand_dims_c1*/ `dim` counts the result's dimensions.
  }];
  let arguments = (ins Fuser_Tensor:$input, I64Attr:$dim);
  let results = (outs Fuser_Tensor:$result);
  let assemblyFormat = [{
    $input `dim` $dim attr-dict `:` type($input) `to` type($result)
  }];
  let hasFolder = 1;
}

def SqueezeOp
    : Fuser_ViewOp<"squeeze", [AllElementTypesMatch<["input", "result"]>]> {
  let summary = "removes dimension `dim`, whose size is 1";
  let description = [{
    /*squeeze_c1*/ the size along `dim` is 1.

    ```mlir
    %y = fuser.squeeze %x dim 1 : tensor<4x1x5xf32> to tensor<4x5xf32>
    ```
  }];
  let arguments = (ins Fuser_Tensor:$input, I64Attr:$dim);
  let results = (outs Fuser_Tensor:$result);
  let assemblyFormat = [{
    $input `dim` $dim attr-dict `:` type($input) `to` type($result)
  }];
  let hasFolder = 1;
}

def ReshapeOp
    : Fuser_ViewOp<"reshape", [AllElementTypesMatch<["input", "result"]>]> {
  let summary = "the same elements, in row-major order, in another shape";
  let description = [{
    One of `sizes` may be -1: what the number of elements leaves for it.

    On an input it is a view wherever strides can say it; where they can't, the
    call copies what the input shows.
    /*reshape_c1*/ `sizes` holds sizes >= 0 and at most one -1; the product of
    the others is below 2^63, and not 0 where there is a -1, which could then be
    anything.
    /*reshape_c2*/ input and result have as many elements.

    ```mlir
    %y = fuser.reshape %x sizes [4, -1] : tensor<?x8xf32> to tensor<4x?xf32>
    ```
  }];
  let arguments = (ins Fuser_Tensor:$input, DenseI64ArrayAttr:$sizes);
  let results = (outs Fuser_Tensor:$result);
  let assemblyFormat = [{
    $input `sizes` $sizes attr-dict `:` type($input) `to` type($result)
  }];
  let hasFolder = 1;
}

def SliceOp
    : Fuser_ViewOp<"slice", [AllElementTypesMatch<["input", "result"]>]> {
  let summary = "elements start, start + step, ... below end along `dim`";
  let description = [{
    As Python slices: `start` and `end` count from the end when negative and are
    clamped to the size, so a slice may be empty but is never out of bounds.
    /*slice_c1*/ `step` is at least 1.

    ```mlir
    %y = fuser.slice %x dim 1 start 2 end 8 step 2
        : tensor<4x10xf32> to tensor<4x3xf32>
    ```
  }];
  let arguments = (ins Fuser_Tensor:$input, I64Attr:$dim, I64Attr:$start,
                   I64Attr:$end, DefaultValuedAttr<I64Attr, "1">:$step);
  let results = (outs Fuser_Tensor:$result);
  let assemblyFormat = [{
    $input `dim` $dim `start` $start `end` $end (`step` $step^)? attr-dict
    `:` type($input) `to` type($result)
  }];
  let hasFolder = 1;
}

def ChunkOp : Fuser_ViewOp<"chunk"> {
  let summary = "cuts along `dim` into as many parts as it has results";
  let description = [{
    Each part has ceil(size / parts) elements but the last ones, which have what
    is left: less, or nothing.
    /*chunk_c1*/ there is at least one result.

    ```mlir
    %a, %b = fuser.chunk %x dim 1
        : tensor<4x6xf32> to tensor<4x3xf32>, tensor<4x3xf32>
    ```
  }];
  let arguments = (ins Fuser_Tensor:$input, I64Attr:$dim);
  let results = (outs Variadic<Fuser_Tensor>:$parts);
  let assemblyFormat = [{
    $input `dim` $dim attr-dict `:` type($input) `to` type($parts)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def ConcatOp : Fuser_Op<"concat", [
    DeclareOpInterfaceMethods<Fuser_InferShapesOpInterface>]> {
  let summary = "joins tensors along `dim`";
  let description = [{
    /*concat_c1*/ there is at least one part; all have one rank.
    /*concat_c2*/ they agree in all sizes but that of `dim`.

    ```mlir
    %y = fuser.concat %a, %b dim 1
        : tensor<4x3xf32>, tensor<4x5xf32> to tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Variadic<Fuser_Tensor>:$parts, I64Attr:$dim);
  let results = (outs Fuser_Tensor:$result);
  let assemblyFormat = [{
    $parts `dim` $dim attr-dict `:` type($parts) `to` type($result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // FUSERDIALECT_SHAPE_TD
