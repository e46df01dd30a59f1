//===- Passes.td - the passes of fuser ---------------------*- tablegen -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERTRANSFORMS_PASSES_TD
#define FUSERTRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def InferShapesPass : Pass<"fuser-infer-shapes", "::mlir::func::FuncOp"> {
  let summary = "Refine result types by the shapes of the operands";
  let description = [{
    Walks a function once in program order; each result gets the static extents
    that follow from its operands, and the function's result types follow.

    ```mlir
    func.func @f(%x: tensor<4x8xf32>) -> tensor<?x?xf32> {
      %0 = fuser.transpose %x permutation [1, 0]
          : tensor<4x8xf32> to tensor<?x?xf32>
      return %0 : tensor<?x?xf32>
    }
    // ==>
    func.func @f(%x: tensor<4x8xf32>) -> tensor<8x4xf32> {
      %0 = fuser.transpose %x permutation [1, 0]
          : tensor<4x8xf32> to tensor<8x4xf32>
      return %0 : tensor<8x4xf32>
    }
    ```
  }];
}

def DecomposePass : Pass<"fuser-decompose"> {
  let summary = "Replace composites by the ops that define them";
  let description = [{
    ```mlir
    %y = fuser.relu %x : tensor<4xf32>
    // ==>
    %0 = fuser.constant dense<0.0> : tensor<f32>
    %y = fuser.maximum %x, %0 : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    ```
  }];
}

def FastMathPass : Pass<"fuser-fast-math"> {
  let summary = "Let groups leave out roundings";
  let description = [{
    Within partitioned groups, f16 and bf16 values between ops are f32, and a
    float product that only one addition or subtraction reads becomes a
    `fuser.fma`. Casts of the program to a half and back do not round, either.
    Results then differ from the default mode's, and with what is fused; kernel
    and interpreter still agree to the last bit. Part of no pipeline unless
    `fast` is asked for.

    ```mlir
    fuser.group(%a = %x : tensor<4xf16>) -> tensor<4xf16> {
      %0 = fuser.exp %a : tensor<4xf16>
      %1 = fuser.neg %0 : tensor<4xf16>
      fuser.yield %1 : tensor<4xf16>
    }
    // ==>
    fuser.group(%a = %x : tensor<4xf16>) -> tensor<4xf16> {
      %0 = fuser.cast %a : tensor<4xf16> to tensor<4xf32>
      %1 = fuser.exp %0 : tensor<4xf32>
      %2 = fuser.neg %1 : tensor<4xf32>
      %3 = fuser.cast %2 : tensor<4xf32> to tensor<4xf16>
      fuser.yield %3 : tensor<4xf16>
    }
    ```
  }];
}

def FormGroupsPass : Pass<"fuser-form-groups", "::mlir::ModuleOp"> {
  let summary = "Cut functions into fusion groups";
  let description = [{
    Gives every op a level: that of its deepest operand, one more for an op that
    can't be fused, and where a limit would be exceeded.
    Fusible neighbours of equal level form a group. Groups of equal level merge
    if they share an input, and in the end each with the one before it, since a
    launch costs more than its part of a larger kernel; in both cases within the
    limits. Levels never fall along an edge, so groups are convex by
    construction; the cost is linear in ops and operands. If groups of later
    levels alone need an op, and less is moved if they compute it, it is done
    over with that op on the later level.

    What exceeds a limit is split. A view of a computed value counts as what has
    to be computed once more for it, since partitioning moves views to the
    inputs. An op on a concat counts once for each part, and more for other
    operands that are cut, too. A result counts as an output until all its uses
    are in the group. One op may exceed the limit of operands; its group then
    gets what adds none.

    `remarks` leaves a remark on each edge that is not fused, `explain` writes
    to stderr the groups and every decision: on each edge and on each pair of
    groups that might have merged. Both give a code:

    | code | decision on |
    |---|---|
    | `edge` | fused: a producer and a consumer |
    | `shared-input` | fused: two readers of one value |
    | `one-launch` | fused: two groups of a level that share nothing |
    | `not-fusible` | an op of another dialect, or a group, and its neighbours |
    | `composite` | a composite and its neighbours: run `fuser-decompose` before |
    | `constant` | a constant of different elements, and what reads it: it is an input |
    | `concat-dim` | what a concat in the group cuts, and a slice, chunk, squeeze or sized broadcast of the dimension that it joins |
    | `concat-extent` | what such a concat cuts along a dimension of unknown extent, and a pointwise op or concat that knows the extent from another operand |
    | `concat-parts` | what concats along two dimensions cut, one within the parts of the other, and an op that also reads what is cut in another way, or joins the outer dimension |
    | `concat-shape` | what such a concat cuts, and indices in its shape |
    | `before-reshape` | a computed value and its reshape, unless all operands have the shape of the result |
    | `may-fail` | what an integer division takes part in, and a slice, chunk or broadcast of it: elements left out could not fail |
    | `recompute` | what takes much work, and an op that needs it again and again: of a larger shape, or at other indices than other ops |
    | `later-level` | a producer and a consumer that another operand puts on a later level |
    | `limit-ops`, `limit-operands` | what would exceed a limit together |

    ```mlir
    %0 = fuser.exp %x : tensor<4xf32>
    %1 = fuser.add %0, %x : tensor<4xf32>
    // ==>
    %1 = fuser.group(%in0 = %x : tensor<4xf32>) -> tensor<4xf32> {
      %2 = fuser.exp %in0 : tensor<4xf32>
      %3 = fuser.add %2, %in0 : tensor<4xf32>
      fuser.yield %3 : tensor<4xf32>
    }
    ```
  }];
  let options = [
    Option<"maxOps", "max-ops", "int64_t", /*default=*/"500",
           "Ops that a group may have after partitioning">,
    Option<"maxOperands", "max-operands", "int64_t", /*default=*/"256",
           "Inputs and outputs that a group may have">,
    Option<"remarks", "remarks", "bool", /*default=*/"false",
           "Say of each edge that is not fused why">,
    Option<"explain", "explain", "::fuser::ExplainMode",
           /*default=*/"::fuser::ExplainMode::None",
           "Write groups and decisions to stderr: none, text or json",
           [{::llvm::cl::values(
             clEnumValN(::fuser::ExplainMode::None, "none", "Nothing"),
             clEnumValN(::fuser::ExplainMode::Text, "text", "For people"),
             clEnumValN(::fuser::ExplainMode::Json, "json", "All of it"))}]>];
  let dependentDialects = ["::fuser::FuserDialect"];
}

def PartitionPass : Pass<"fuser-partition"> {
  let summary = "Move index maps to the inputs of groups, concats to the outputs";
  let description = [{
    Afterwards the body of a group has three parts: views of its inputs,
    pointwise ops, and concats of what is yielded. A view of a computed value
    becomes the computation on views of its operands; a shape that is known at
    run time only is kept as `fuser.broadcast_like`. An op on a concat becomes a
    concat of ops on its parts, and other operands are cut as the concat is, with
    `fuser.part_like`.

    ```mlir
    %0 = fuser.exp %in0 : tensor<4x6xf32>
    %1, %2 = fuser.chunk %0 dim 1
        : tensor<4x6xf32> to tensor<4x3xf32>, tensor<4x3xf32>
    %3 = fuser.mul %1, %2 : tensor<4x3xf32>
    // ==>
    %0, %1 = fuser.chunk %in0 dim 1
        : tensor<4x6xf32> to tensor<4x3xf32>, tensor<4x3xf32>
    %2 = fuser.exp %0 : tensor<4x3xf32>
    %3 = fuser.exp %1 : tensor<4x3xf32>
    %4 = fuser.mul %2, %3 : tensor<4x3xf32>
    ```
  }];
}

def SpecializePass : Pass<"fuser-specialize", "::mlir::ModuleOp"> {
  let summary = "Make a kernel function of each group and the layouts of its inputs";
  let description = [{
    Each partitioned group becomes one function a loop, on bare pointers and
    run-time sizes and strides, with a `fuser.nest` for each set of pieces that
    have one shape. Only stride classes and the number of coalesced dimensions
    are fixed; see `FuserRuntime/FusedKernel.h` for the arguments. Everything
    else in the module is erased.

    `inputs` gives the layouts, one `<sizes>x<dtype>[:<strides>]` for each input
    of the group, e.g. `4096x4096xf32,64x8xf32:1x64`; the strides are row-major
    if left out. Without the option, the types of the group are taken, which
    must then be static. The list is that of every group in the module.

    With `device=cuda`, tensors begin at multiples of 16 bytes; functions whose
    rows then do have the attribute `fuser.aligned`.

    With `in-place`, functions are as for outputs that replace inputs: leaves
    and stores are not `llvm.noalias`.
  }];
  let options = [ListOption<"inputs", "inputs", "std::string",
                            "Layouts of the group's inputs">,
                 Option<"inPlace", "in-place", "bool", "false",
                        "Outputs replace inputs, element by element">,
                 Option<"device", "device", "std::string", "\"cpu\"",
                        "Where inputs and outputs are: cpu or cuda">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::func::FuncDialect"];
}

def ConvertFuserToLinalgPass : Pass<"convert-fuser-to-linalg", "::mlir::func::FuncOp"> {
  let summary = "Turn nests into linalg.generic over arith and math";
  let description = [{
    Math functions are expanded into arithmetic by the library that the
    interpreter runs, so that both give the same bits. An scf.if is a way that
    few elements take; a cf.assert fails where an integer is divided by zero.

    ```mlir
    fuser.nest ins(%in0 : tensor<f32> = %x : memref<?xf32>) outs(%y : memref<?xf32>) {
      %0 = fuser.add %in0, %in0 : tensor<f32>
      fuser.yield %0 : tensor<f32>
    }
    // ==>
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
        ins(%x : memref<?xf32>) outs(%y : memref<?xf32>) {
    ^bb0(%a: f32, %b: f32):
      %0 = arith.addf %a, %a : f32
      linalg.yield %0 : f32
    }
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def LinalgToVectorLoopsPass : Pass<"fuser-linalg-to-vector-loops", "::mlir::func::FuncOp"> {
  let summary = "Turn linalg.generic into explicit vector loops with a masked tail";
  let description = [{
    A kernel function's generics share one `scf.for` over the rows [begin, end).
    In it each has a loop over full vectors and one over the masked rest. An
    operand that the innermost dimension does not move is loaded once a row and
    broadcast; one with another stride is loaded lane by lane (gathered in the
    masked loop if that is the only one) or scattered.

    If an operand has a stride of 1 along the dimension before the innermost
    one instead, [begin, end) are blocks of 128 rows of that dimension. A block
    is computed by tiles of columns: what the operand shows of one is transposed
    into a buffer on the stack, which the rows of the tile read; the buffer of
    an output is transposed into memory after them.

    The two ways of an scf.if become a selection: the second is always computed,
    the first where any lane takes it. A cf.assert that fails in a lane within
    the range stores 1 to the argument with the attribute `fuser.raised`, a
    memref<i8>; without such an argument it is an error.

    In full vectors of rows of 64 elements and more, an arith.divf by what is
    the same along the row becomes products with its reciprocal, with the same
    result; not of f32 that would have to be tested one by one.
  }];
  let options = [
    Option<"mainLoop", "main-loop", "bool", /*default=*/"true",
           "A loop over full vectors beside the masked one">,
    Option<"interleave", "interleave", "bool", /*default=*/"true",
           "Several vectors side by side where one takes long">,
    Option<"reciprocals", "reciprocals", "bool", /*default=*/"true",
           "Full vectors are divided by what is the same along a row without a "
           "division each">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def ConvertKernelToLLVMPass : Pass<"fuser-convert-kernel-to-llvm", "::mlir::ModuleOp"> {
  let summary = "Lower a kernel's loops and vectors to the LLVM dialect";
  let description = [{
    Two conversions with fixed sets of patterns: scf to cf, then everything to
    LLVM with bare pointers for memref arguments.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::cf::ControlFlowDialect"];
}

def LinalgToGpuPass : Pass<"fuser-linalg-to-gpu", "::mlir::ModuleOp"> {
  let summary = "Turn kernel functions into kernels of many threads";
  let description = [{
    Every kernel function becomes a gpu.func, with the same arguments, in a
    gpu.module. Threads take the rows [begin, end) in turns by their y, and the
    elements of the innermost dimension by their x: as many at once as 16 bytes
    have of the widest type in memory, fewer if the body is large, one if an
    operand is strided or the function lacks the attribute `fuser.aligned`. What
    is left of a row is computed one by one. So all is computed whatever the
    numbers of threads and blocks are. What is only loaded is `llvm.readonly`.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def EmulateGpuPass : Pass<"fuser-emulate-gpu", "::mlir::ModuleOp"> {
  let summary = "Turn kernels of many threads into functions of the host";
  let description = [{
    Every kernel becomes a function that runs all threads of all blocks, one
    after another. Four arguments more are the numbers of blocks in x and y and
    of threads of a block in x and y.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::scf::SCFDialect"];
}

def ConvertKernelToNVVMPass : Pass<"fuser-convert-kernel-to-nvvm",
                                   "::mlir::gpu::GPUModuleOp"> {
  let summary = "Lower kernels of many threads to the NVVM dialect";
  let description = [{
    As fuser-convert-kernel-to-llvm, for a GPU of NVIDIA. No function of
    libdevice is called: mathematical functions are arithmetic already.

    The module gets `arch` and `ptx`, by default the oldest version that has the
    architecture, as its target, and each kernel `block-size` as the most
    threads of a block.
  }];
  let options = [
    Option<"arch", "arch", "std::string", "\"sm_80\"",
           "Architecture of the GPU: sm_75, sm_80, ...">,
    Option<"ptx", "ptx", "std::string", "\"\"", "Version of PTX, as in 7.8">,
    Option<"blockSize", "block-size", "int", "256",
           "The most threads of a block, 1 to 1024">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::NVVM::NVVMDialect",
                           "::mlir::cf::ControlFlowDialect"];
}

#endif // FUSERTRANSFORMS_PASSES_TD
