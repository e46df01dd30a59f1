//===- Passes.h - passes, and the functions they wrap -----------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERTRANSFORMS_PASSES_H
#define FUSERTRANSFORMS_PASSES_H

#include "FuserDialect/FuserDialect.h"
#include "FuserTransforms/Explanation.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Pass/Pass.h"

namespace fuser {

/// How fuser-form-groups explains its decisions on stderr.
enum class ExplainMode { None, Text, Json };

#define GEN_PASS_DECL
#include "FuserTransforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "FuserTransforms/Passes.h.inc"

/// Gives the results of every op in `block` the static extents that follow from
/// its operands; `fuser-infer-shapes` for one block.
llvm::LogicalResult inferShapesIn(mlir::Block &block);

/// Replaces the composites under `root` by their formulas.
void decompose(mlir::Operation *root);

/// Cuts `func` into groups; see `fuser-form-groups`. Fills in `explanation` if
/// there is one; `options.explain` is the pass's alone.
void formGroups(mlir::func::FuncOp func, const FormGroupsPassOptions &options,
                FunctionExplanation *explanation = nullptr);

/// Partitions one group in place; see `fuser-partition`.
llvm::LogicalResult partition(GroupOp group);

/// Leaves out roundings within a partitioned group; see `fuser-fast-math`.
void relaxMath(GroupOp group);

/// Forgets all extents: the same group with dynamic inputs. What its results
/// are then follows from its ops. Equal groups on tensors of different sizes
/// become equal.
llvm::LogicalResult eraseExtents(GroupOp group);

/// Turns the nests of `func` into linalg.generic ops.
llvm::LogicalResult convertNestsToLinalg(mlir::func::FuncOp func);

/// Turns the linalg.generic ops of a kernel function into vector loops.
llvm::LogicalResult
lowerToVectorLoops(mlir::func::FuncOp func,
                   const LinalgToVectorLoopsPassOptions &options);

/// The name of the gpu.module that lowerToGpu makes.
inline constexpr llvm::StringLiteral kGpuModuleName = "kernels";

/// Set on a kernel of many threads: how many elements of the innermost
/// dimension a thread computes at once, of the nest where that is the least.
inline constexpr llvm::StringLiteral kLanesAttr = "fuser.lanes";

/// Turns the kernel functions of `module` into kernels of many threads, in a
/// gpu.module that is returned; see `fuser-linalg-to-gpu`. Null if it fails,
/// with a diagnostic.
mlir::gpu::GPUModuleOp lowerToGpu(mlir::ModuleOp module);

/// Turns the kernels of many threads in `module` into functions; see
/// `fuser-emulate-gpu`.
llvm::LogicalResult emulateGpu(mlir::ModuleOp module);

} // namespace fuser

#endif // FUSERTRANSFORMS_PASSES_H
