//===- ConvertKernelToLLVM.cpp - kernels to the LLVM dialect --------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserTransforms/KernelLowering.h"
#include "FuserTransforms/GpuTarget.h"
#include "FuserTransforms/Passes.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/GPUToNVVM/GPUToNVVMPass.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"

using namespace mlir;
using namespace fuser;

namespace fuser {
#define GEN_PASS_DEF_CONVERTKERNELTOLLVMPASS
#define GEN_PASS_DEF_CONVERTKERNELTONVVMPASS
#include "FuserTransforms/Passes.h.inc"
} // namespace fuser

static LowerToLLVMOptions llvmOptions(MLIRContext *context) {
  LowerToLLVMOptions options(context);
  options.useBarePtrCallConv = true;
  return options;
}

struct KernelLowering::Patterns {
  Patterns(MLIRContext *context, Processor processor)
      : converter(context, llvmOptions(context)), toCF(*context),
        toLLVM(*context) {
    toCF.addIllegalDialect<scf::SCFDialect>();
    toCF.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    RewritePatternSet loops(context);
    populateSCFToControlFlowConversionPatterns(loops);
    loopPatterns = FrozenRewritePatternSet(std::move(loops));

    RewritePatternSet rest(context);
    cf::populateControlFlowToLLVMConversionPatterns(converter, rest);
    arith::populateArithToLLVMConversionPatterns(converter, rest);
    // Before the patterns of a GPU, which call libdevice.
    populateMathToLLVMConversionPatterns(
        converter, rest, /*approximateLog1p=*/true, /*benefit=*/10);
    populateFuncToLLVMConversionPatterns(converter, rest);
    populateFinalizeMemRefToLLVMConversionPatterns(converter, rest);
    populateVectorToLLVMConversionPatterns(converter, rest);
    vector::populateVectorMaskMaterializationPatterns(
        rest, /*force32BitVectorIndices=*/true);
    ub::populateUBToLLVMConversionPatterns(converter, rest);
    if (processor == Processor::Nvidia) {
      configureGpuToNVVMTypeConverter(converter);
      populateGpuToNVVMConversionPatterns(converter, rest);
      toLLVM.addIllegalDialect<gpu::GPUDialect>();
      toLLVM.addLegalOp<gpu::GPUModuleOp>();
      toLLVM.addLegalDialect<NVVM::NVVMDialect>();
    }
    llvmPatterns = FrozenRewritePatternSet(std::move(rest));
  }

  LLVMTypeConverter converter;
  ConversionTarget toCF;
  LLVMConversionTarget toLLVM;
  FrozenRewritePatternSet loopPatterns, llvmPatterns;
};

KernelLowering::KernelLowering(MLIRContext *context, Processor processor,
                               bool isTrusted)
    : patterns(std::make_unique<Patterns>(context, processor)),
      isTrusted(isTrusted) {}
KernelLowering::~KernelLowering() = default;

LogicalResult KernelLowering::convert(Operation *module) {
  // To be able to take patterns back would cost as much as to apply them, and
  // without it a pattern that fails ends the process. Nor is there much to
  // fold.
  ConversionConfig config;
  config.allowPatternRollback = !isTrusted;
  config.foldingMode = DialectConversionFoldingMode::Never;
  if (failed(applyPartialConversion(module, patterns->toCF,
                                    patterns->loopPatterns, config)))
    return failure();
  return applyPartialConversion(module, patterns->toLLVM,
                                patterns->llvmPatterns, config);
}

void fuser::setGpuTarget(gpu::GPUModuleOp module, const GpuTarget &target) {
  Builder builder(module.getContext());
  auto attribute = NVVM::NVVMTargetAttr::get(
      module.getContext(), /*optLevel=*/2, "nvptx64-nvidia-cuda", target.chip(),
      target.features(), /*flags=*/nullptr, /*linkFiles=*/nullptr,
      /*verifyTarget=*/true);
  module.setTargetsAttr(builder.getArrayAttr(attribute));
  for (auto kernel : module.getOps<gpu::GPUFuncOp>())
    kernel->setAttr(NVVM::NVVMDialect::getMaxntidAttrName(),
                    builder.getDenseI32ArrayAttr(target.blockSize));
}

namespace {
struct ConvertKernelToLLVMPass
    : fuser::impl::ConvertKernelToLLVMPassBase<ConvertKernelToLLVMPass> {
  void runOnOperation() override {
    if (failed(KernelLowering(&getContext(), Processor::Host,
                              /*isTrusted=*/false)
                   .convert(getOperation())))
      signalPassFailure();
  }
};

struct ConvertKernelToNVVMPass
    : fuser::impl::ConvertKernelToNVVMPassBase<ConvertKernelToNVVMPass> {
  using ConvertKernelToNVVMPassBase::ConvertKernelToNVVMPassBase;
  void runOnOperation() override {
    absl::StatusOr<GpuTarget> target = parseGpuTarget(arch, ptx);
    if (target.ok() && (blockSize < 1 || blockSize > 1024))
      target = absl::InvalidArgumentError("block-size: expected 1 to 1024");
    if (!target.ok()) {
      getOperation().emitError() << std::string(target.status().message());
      return signalPassFailure();
    }
    target->blockSize = blockSize;
    setGpuTarget(getOperation(), *target);
    if (failed(KernelLowering(&getContext(), Processor::Nvidia,
                              /*isTrusted=*/false)
                   .convert(getOperation())))
      signalPassFailure();
  }
};
} // namespace
