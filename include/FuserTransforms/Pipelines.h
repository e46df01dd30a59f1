//===- Pipelines.h - named pipelines ----------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERTRANSFORMS_PIPELINES_H
#define FUSERTRANSFORMS_PIPELINES_H

#include "FuserTransforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace fuser {

struct PartitionPipelineOptions
    : mlir::PassPipelineOptions<PartitionPipelineOptions> {
  Option<int64_t> maxOps{*this, "max-ops",
                         llvm::cl::desc("Ops in one group, at most"),
                         llvm::cl::init(500)};
  Option<bool> fast{*this, "fast",
                    llvm::cl::desc("Let groups leave out roundings"),
                    llvm::cl::init(false)};
};

struct CPUPipelineOptions : mlir::PassPipelineOptions<CPUPipelineOptions> {
  ListOption<std::string> inputs{
      *this, "inputs",
      llvm::cl::desc("Layouts of the group's inputs, as of fuser-specialize")};
  Option<bool> fast{*this, "fast",
                    llvm::cl::desc("Let groups leave out roundings"),
                    llvm::cl::init(false)};
  Option<bool> mainLoop{*this, "main-loop",
                        llvm::cl::desc("A loop over full vectors beside the "
                                       "masked one"),
                        llvm::cl::init(true)};
};

/// Program to groups.
void buildGroupPipeline(mlir::OpPassManager &pm,
                        const PartitionPipelineOptions &options);

/// Program to partitioned groups.
void buildPartitionPipeline(mlir::OpPassManager &pm,
                            const PartitionPipelineOptions &options);

/// Program of one group to kernel functions in the LLVM dialect.
void buildCPUPipeline(mlir::OpPassManager &pm,
                      const CPUPipelineOptions &options);

/// Makes fuser-partition-pipeline and fuser-cpu-pipeline known to fuser-opt.
void registerFuserPipelines();

/// The fuser dialect and every dialect that its lowering passes through.
void registerKernelDialects(mlir::DialectRegistry &registry);

} // namespace fuser

#endif // FUSERTRANSFORMS_PIPELINES_H
