//===- Creation.td - ops that make tensors -------------------- -*- tablegen -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERDIALECT_CREATION_TD
#define FUSERDIALECT_CREATION_TD

include "FuserDialect/FuserBase.td"

def ConstantOp : Fuser_Op<"constant", [ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "a tensor known at compile time";
  let description = [{
    A tensor whose elements are all equal becomes part of the kernel; any other
    one is an input of its group.

    ```mlir
    %half = fuser.constant dense<0.5> : tensor<f32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Fuser_Tensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}

def SplatOp : Fuser_Op<"splat"> {
  let summary = "a tensor whose elements all are a scalar given at run time";
  let description = [{
    The scalar is converted as by `fuser.cast`. A changed scalar needs no new
    kernel.

    ```mlir
    %s = fuser.splat %scale : f64 -> tensor<f32>
    ```
  }];
  let arguments = (ins Fuser_Scalar:$scalar);
  let results = (outs /*splat_c1*/ Fuser_StaticTensor:$result);
  let assemblyFormat = "$scalar attr-dict `:` type($scalar) `->` type($result)";
}

def IotaOp : Fuser_Op<"iota", [
    DeclareOpInterfaceMethods<Fuser_InferShapesOpInterface>]> {
  let summary = "the index of each element";
  let description = [{
    With `dim`, the index along that dimension; without, the row-major linear
    index. Only the shape of `like` matters. A view of it shows the indices of
    the elements that it shows. It takes no memory within a group.
    /*iota_c1*/ without `like`, the type of the result is static.
    /*iota_c2*/ `dim` counts the result's dimensions, negative from the end.
    /*iota_c3*/ the result has the shape of `like`, or leaves some of its
    extents open.

    ```mlir
    %i = fuser.iota like %x dim 1 : tensor<?x8xf32> to tensor<?x8xi64>
    %j = fuser.iota dim 0 : tensor<8xi64>
    %k = fuser.iota : tensor<2x4xi64>
    ```
  }];
  let arguments = (ins Optional<Fuser_Tensor>:$like, OptionalAttr<I64Attr>:$dim);
  let results = (outs Fuser_IndexTensor:$result);
  let assemblyFormat = [{
    (`like` $like^)? (`dim` $dim^)? attr-dict `:`
    custom<IotaTypes>(type($like), type($result))
  }];
}

#endif // FUSERDIALECT_CREATION_TD
