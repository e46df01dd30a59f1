//===- Pipelines.h - named pipelines ----------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERTRANSFORMS_PIPELINES_H
#define FUSERTRANSFORMS_PIPELINES_H

#include "FuserTransforms/GpuTarget.h"
#include "FuserTransforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace fuser {

struct PartitionPipelineOptions
    : mlir::PassPipelineOptions<PartitionPipelineOptions> {
  // Of fuser-form-groups.
  Option<int64_t> maxOps{
      *this, "max-ops",
      llvm::cl::desc("Ops that a group may have after partitioning"),
      llvm::cl::init(500)};
  Option<int64_t> maxOperands{
      *this, "max-operands",
      llvm::cl::desc("Inputs and outputs that a group may have"),
      llvm::cl::init(256)};
  Option<bool> remarks{*this, "remarks",
                       llvm::cl::desc("Say of each edge that is not fused why"),
                       llvm::cl::init(false)};
  Option<ExplainMode> explain{
      *this, "explain", llvm::cl::desc("Write groups and decisions to stderr"),
      llvm::cl::init(ExplainMode::None),
      llvm::cl::values(clEnumValN(ExplainMode::None, "none", "Nothing"),
                       clEnumValN(ExplainMode::Text, "text", "For people"),
                       clEnumValN(ExplainMode::Json, "json", "All of it"))};
  Option<bool> fast{*this, "fast",
                    llvm::cl::desc("Let groups leave out roundings"),
                    llvm::cl::init(false)};
};

struct CPUPipelineOptions : PartitionPipelineOptions {
  ListOption<std::string> inputs{
      *this, "inputs",
      llvm::cl::desc("Layouts of the group's inputs, as of fuser-specialize")};
  Option<bool> mainLoop{*this, "main-loop",
                        llvm::cl::desc("A loop over full vectors beside the "
                                       "masked one"),
                        llvm::cl::init(true)};
  Option<bool> interleave{*this, "interleave",
                          llvm::cl::desc("Several vectors side by side where "
                                         "one takes long"),
                          llvm::cl::init(true)};
  Option<bool> reciprocals{
      *this, "reciprocals",
      llvm::cl::desc("Full vectors are divided by what is the same along a row "
                     "without a division each"),
      llvm::cl::init(true)};
};

struct GpuPipelineOptions : PartitionPipelineOptions {
  ListOption<std::string> inputs{
      *this, "inputs",
      llvm::cl::desc("Layouts of the group's inputs, as of fuser-specialize")};
  // Of fuser-convert-kernel-to-nvvm.
  Option<std::string> arch{*this, "arch",
                           llvm::cl::desc("Architecture of the GPU"),
                           llvm::cl::init("sm_80")};
  Option<std::string> ptx{*this, "ptx", llvm::cl::desc("Version of PTX")};
  Option<int> blockSize{*this, "block-size",
                        llvm::cl::desc("The most threads of a block"),
                        llvm::cl::init(GpuTarget().blockSize)};
};

/// Program to the ops that groups are made of; the steps before
/// fuser-form-groups.
void buildSimplifyPipeline(mlir::OpPassManager &pm);

/// Program to partitioned groups.
void buildPartitionPipeline(mlir::OpPassManager &pm,
                            const PartitionPipelineOptions &options);

/// Program of one group to kernel functions in the LLVM dialect.
void buildCPUPipeline(mlir::OpPassManager &pm,
                      const CPUPipelineOptions &options);

/// Program of one group to kernels of many threads in the NVVM dialect.
void buildGpuPipeline(mlir::OpPassManager &pm,
                      const GpuPipelineOptions &options);

/// Makes fuser-partition-pipeline, fuser-explain, fuser-cpu-pipeline and
/// fuser-gpu-pipeline known to fuser-opt.
void registerFuserPipelines();

/// The fuser dialect and every dialect that its lowering passes through.
void registerKernelDialects(mlir::DialectRegistry &registry);

} // namespace fuser

#endif // FUSERTRANSFORMS_PIPELINES_H
