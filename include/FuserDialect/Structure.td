//===- Structure.td - groups and nests ------------------------ -*- tablegen -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERDIALECT_STRUCTURE_TD
#define FUSERDIALECT_STRUCTURE_TD

include "FuserDialect/FuserBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def GroupOp : Op<Fuser_Dialect, "group", [
    IsolatedFromAbove, RecursiveMemoryEffects, RecursivelySpeculatable,
    SingleBlockImplicitTerminator<"YieldOp">,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>]> {
  let summary = "a fusion group: what becomes one kernel";
  let description = [{
    Its inputs are named in the header, its results are what its body yields.
    /*group_c1*/ a block argument has the type of its input.
    /*group_c2*/ a result has the type of the yielded value, or one that leaves
    some of its extents open.
    /*group_c3*/ the body holds fuser ops only, and no group.

    ```mlir
    %z = fuser.group(%a = %x : tensor<4xf32>) -> tensor<4xf32> {
      %0 = fuser.exp %a : tensor<4xf32>
      fuser.yield %0 : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<Fuser_Value>:$inputs);
  let results = (outs Variadic<Fuser_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ::fuser::YieldOp getYield();
  }];
}

def NestOp : Op<Fuser_Dialect, "nest", [
    AttrSizedOperandSegments, IsolatedFromAbove,
    SingleBlockImplicitTerminator<"YieldOp">,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>]> {
  let summary = "applies its body to every element";
  let description = [{
    What `fuser-specialize` makes of the pieces of a group that have one shape:
    a perfect loop nest over memrefs, written on rank-0 tensors that stand for
    the elements. Elements of `i1` and `ui8` are stored as `i8`.
    /*nest_c1*/ the outputs have one rank; an input has that rank, or one less
    if the innermost dimension does not move it.
    An input memref of `index` elements stands for no memory: its element is its
    own address, counted in elements, as an `i64`. So `memref<?xindex>` with the
    stride 3 at the pointer 7 holds 7, 10, 13 and so on.
    /*nest_c2*/ the body has one rank-0 argument an input, and yields one rank-0
    value an output, that are stored as their memrefs' elements are.

    ```mlir
    fuser.nest ins(%a : tensor<f32> = %x : memref<?xf32>)
        outs(%y : memref<?xf32>) {
      %0 = fuser.exp %a : tensor<f32>
      fuser.yield %0 : tensor<f32>
    }
    ```
  }];
  let arguments = (ins Variadic<AnyMemRef>:$inputs, Variadic<AnyMemRef>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
}

def YieldOp : Fuser_Op<"yield", [
    Terminator, ReturnLike, ParentOneOf<["GroupOp", "NestOp"]>]> {
  let summary = "what a group or a nest gives";
  let arguments = (ins Variadic<Fuser_Tensor>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), [{ }]>];
}

#endif // FUSERDIALECT_STRUCTURE_TD
