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

#endif // FUSERDIALECT_CREATION_TD
