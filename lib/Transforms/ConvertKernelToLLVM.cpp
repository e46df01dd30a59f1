//===- ConvertKernelToLLVM.cpp - kernels to the LLVM dialect --------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserTransforms/KernelLowering.h"
#include "FuserTransforms/Passes.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"

using namespace mlir;
using namespace fuser;

namespace fuser {
#define GEN_PASS_DEF_CONVERTKERNELTOLLVMPASS
#include "FuserTransforms/Passes.h.inc"
} // namespace fuser

static LowerToLLVMOptions llvmOptions(MLIRContext *context) {
  LowerToLLVMOptions options(context);
  options.useBarePtrCallConv = true;
  return options;
}

struct KernelLowering::Patterns {
  explicit Patterns(MLIRContext *context)
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
    populateMathToLLVMConversionPatterns(converter, rest);
    populateFuncToLLVMConversionPatterns(converter, rest);
    populateFinalizeMemRefToLLVMConversionPatterns(converter, rest);
    populateVectorToLLVMConversionPatterns(converter, rest);
    vector::populateVectorMaskMaterializationPatterns(
        rest, /*force32BitVectorIndices=*/true);
    ub::populateUBToLLVMConversionPatterns(converter, rest);
    llvmPatterns = FrozenRewritePatternSet(std::move(rest));
  }

  LLVMTypeConverter converter;
  ConversionTarget toCF;
  LLVMConversionTarget toLLVM;
  FrozenRewritePatternSet loopPatterns, llvmPatterns;
};

KernelLowering::KernelLowering(MLIRContext *context, bool isTrusted)
    : patterns(std::make_unique<Patterns>(context)), isTrusted(isTrusted) {}
KernelLowering::~KernelLowering() = default;

LogicalResult KernelLowering::convert(ModuleOp module) {
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

namespace {
struct ConvertKernelToLLVMPass
    : fuser::impl::ConvertKernelToLLVMPassBase<ConvertKernelToLLVMPass> {
  void runOnOperation() override {
    if (failed(KernelLowering(&getContext(), /*isTrusted=*/false)
                   .convert(getOperation())))
      signalPassFailure();
  }
};
} // namespace
