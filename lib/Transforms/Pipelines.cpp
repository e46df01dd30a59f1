//===- Pipelines.cpp - named pipelines ------------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserTransforms/Pipelines.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace fuser;

void fuser::registerKernelDialects(DialectRegistry &registry) {
  registry.insert<FuserDialect, arith::ArithDialect, cf::ControlFlowDialect,
                  func::FuncDialect, gpu::GPUDialect, linalg::LinalgDialect, LLVM::LLVMDialect,
                  math::MathDialect, memref::MemRefDialect, NVVM::NVVMDialect,
                  scf::SCFDialect, ub::UBDialect, vector::VectorDialect>();
}

void fuser::buildSimplifyPipeline(OpPassManager &pm) {
  // 1. Static extents first: they decide which operands need expansion.
  pm.addNestedPass<func::FuncOp>(createInferShapesPass());
  // 2. Composites become the formulas that interpreter and kernels know.
  pm.addPass(createDecomposePass());
  // 3. Fold constants, drop identities and what is computed twice or not used;
  //    none of it changes a bit.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void fuser::buildPartitionPipeline(OpPassManager &pm,
                                   const PartitionPipelineOptions &options) {
  // 1. Fewer and simpler ops.
  buildSimplifyPipeline(pm);
  // 2. Cut the functions into groups.
  pm.addPass(createFormGroupsPass(
      {options.maxOps, options.maxOperands, options.remarks, options.explain}));
  // 3. Give each group the form that kernels are made of.
  pm.addPass(createPartitionPass());
  // 4. If asked for: fewer roundings.
  if (options.fast)
    pm.addPass(createFastMathPass());
}

void fuser::buildCPUPipeline(OpPassManager &pm,
                             const CPUPipelineOptions &options) {
  // 1. Program to partitioned groups.
  buildPartitionPipeline(pm, options);
  // 2. Groups to kernel functions on pointers, sizes and strides.
  SpecializePassOptions specialization;
  for (const std::string &input : options.inputs)
    specialization.inputs.push_back(input);
  pm.addPass(createSpecializePass(specialization));
  // 3. The neutral form: linalg.generic over arith and math.
  pm.addNestedPass<func::FuncOp>(createConvertFuserToLinalgPass());
  // 4. Explicit vectors. What LLVM's own vectoriser makes of scalar loops is
  //    slower on short rows and takes twice as long to make.
  LinalgToVectorLoopsPassOptions loops;
  loops.mainLoop = options.mainLoop;
  loops.interleave = options.interleave;
  loops.reciprocals = options.reciprocals;
  pm.addNestedPass<func::FuncOp>(createLinalgToVectorLoopsPass(loops));
  // 5. The LLVM dialect, with bare pointers.
  pm.addPass(createConvertKernelToLLVMPass());
}

void fuser::buildGpuPipeline(OpPassManager &pm,
                             const GpuPipelineOptions &options) {
  // 1. Program to partitioned groups, and these to the neutral form, as above.
  buildPartitionPipeline(pm, options);
  SpecializePassOptions specialization;
  specialization.device = "cuda";
  for (const std::string &input : options.inputs)
    specialization.inputs.push_back(input);
  pm.addPass(createSpecializePass(specialization));
  pm.addNestedPass<func::FuncOp>(createConvertFuserToLinalgPass());
  // 2. Kernels of many threads.
  pm.addPass(createLinalgToGpuPass());
  // 3. The NVVM dialect, with bare pointers.
  ConvertKernelToNVVMPassOptions conversion;
  conversion.arch = options.arch;
  conversion.ptx = options.ptx;
  conversion.blockSize = options.blockSize;
  pm.addNestedPass<gpu::GPUModuleOp>(createConvertKernelToNVVMPass(conversion));
}

void fuser::registerFuserPipelines() {
  PassPipelineRegistration<PartitionPipelineOptions>(
      "fuser-partition-pipeline",
      "Program to partitioned groups: infer shapes, decompose, simplify, form "
      "groups, partition",
      buildPartitionPipeline);
  PassPipelineRegistration<PartitionPipelineOptions>(
      "fuser-explain",
      "As fuser-partition-pipeline, and write groups and decisions to stderr",
      [](OpPassManager &pm, const PartitionPipelineOptions &options) {
        PartitionPipelineOptions explained;
        explained.copyOptionValuesFrom(options);
        if (explained.explain == ExplainMode::None)
          explained.explain = ExplainMode::Text;
        buildPartitionPipeline(pm, explained);
      });
  PassPipelineRegistration<CPUPipelineOptions>(
      "fuser-cpu-pipeline",
      "Program to CPU kernels in the LLVM dialect: fuser-partition-pipeline, "
      "specialize, linalg, vector loops, LLVM",
      buildCPUPipeline);
  PassPipelineRegistration<GpuPipelineOptions>(
      "fuser-gpu-pipeline",
      "Program to GPU kernels in the NVVM dialect: fuser-partition-pipeline, "
      "specialize, linalg, gpu, NVVM",
      buildGpuPipeline);
}
