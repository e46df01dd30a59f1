//===- KernelCompiler.cpp - group and argument spec to kernel -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The hot path of a compilation: the stages of fuser-cpu-pipeline called as
// functions, without a pass manager, then LLVM.
//
//===----------------------------------------------------------------------===//

#include "KernelCompiler.h"
#include "FuserTransforms/Passes.h"
#include "FuserTransforms/Pipelines.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicsX86.h"

using namespace mlir;
using namespace fuser;

/// Kernels of more work an element than this (in the weights of
/// PlannedNest::weight: 1 for an addition, about 20 for a transcendental) are
/// compiled at level None: the time of level Default grows faster than they do.
/// See docs/results/tiers-2026-11.md.
static constexpr int64_t kLargeWeight = 2500;

static bool isLarge(const runtime::KernelSpec &spec) {
  int64_t weight = spec.instructions.size();
  for (const runtime::Piece &piece : spec.pieces)
    weight = std::max(weight, piece.weight);
  return weight > kLargeWeight;
}

struct KernelCompiler::LLVMKernel {
  /// Declared first: the module refers to it.
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  std::vector<std::string> entryPoints;
  CodeGenerator::Level level;
};

DialectRegistry fuser::kernelDialects() {
  DialectRegistry registry;
  registerKernelDialects(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
  return registry;
}

/// The patterns refer to dialects, so these come first.
static MLIRContext *withDialects(MLIRContext *context) {
  context->loadAllAvailableDialects();
  return context;
}

KernelCompiler::KernelCompiler(MLIRContext *context, TargetOptions target)
    : context(context), target(std::move(target)),
      lowering(withDialects(context)) {}

absl::StatusOr<CodeGenerator *> KernelCompiler::codeGenerator() {
  if (!generatorCreated)
    generator = CodeGenerator::create(target);
  generatorCreated = true;
  if (!generator.ok())
    return generator.status();
  return generator->get();
}

absl::Status KernelCompiler::lowerToLinalg(const runtime::KernelSpec &spec,
                                           const runtime::ArgSpec &argSpec,
                                           ModuleOp module) {
  StageTimer timer(times);
  specialize(spec, argSpec, module);
  timer.finished("specialize");
  for (auto func : module.getOps<func::FuncOp>())
    if (failed(convertNestsToLinalg(func)))
      return absl::InternalError("a nest can't be converted to linalg");
  timer.finished("linalg");
  return absl::OkStatus();
}

/// entry(begin, end, data, dims): unpacks the arrays and calls `kernel`.
static void addEntryPoint(llvm::Function *kernel, const std::string &name,
                          const LoopArguments &arguments, bool fence) {
  llvm::Module &module = *kernel->getParent();
  llvm::LLVMContext &context = module.getContext();
  llvm::Type *i64 = llvm::Type::getInt64Ty(context);
  llvm::Type *pointer = llvm::PointerType::get(context, 0);
  auto *type = llvm::FunctionType::get(llvm::Type::getVoidTy(context),
                                       {i64, i64, pointer, pointer}, false);
  auto *entry = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage,
                                       name, module);
  kernel->setLinkage(llvm::GlobalValue::InternalLinkage);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "", entry));
  llvm::SmallVector<llvm::Value *> values{entry->getArg(0), entry->getArg(1)};
  auto unpack = [&](llvm::Type *element, llvm::Value *array, int64_t count) {
    for (int64_t i = 0; i < count; ++i)
      values.push_back(builder.CreateLoad(
          element, builder.CreateConstGEP1_64(element, array, i)));
  };
  unpack(pointer, entry->getArg(2), arguments.pointers);
  unpack(i64, entry->getArg(3), arguments.dims);
  // Not a tail call: the arguments beyond the registers live in this frame.
  builder.CreateCall(kernel, values)
      ->setTailCallKind(llvm::CallInst::TCK_NoTail);
  // Orders non-temporal stores before whatever tells others of the results.
  if (fence)
    builder.CreateIntrinsic(llvm::Intrinsic::x86_sse_sfence, {});
  builder.CreateRetVoid();
}

absl::StatusOr<KernelCompiler::LLVMKernel>
KernelCompiler::lowerToLLVM(const runtime::KernelSpec &spec,
                            const runtime::ArgSpec &argSpec,
                            runtime::Tier tier) {
  absl::StatusOr<CodeGenerator *> code = codeGenerator();
  if (!code.ok())
    return code.status();
  LLVMKernel kernel;
  bool isQuick = tier == runtime::Tier::Quick || isLarge(spec);
  kernel.level =
      isQuick ? CodeGenerator::Level::None : CodeGenerator::Level::Default;
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(context));
  absl::Status status = lowerToLinalg(spec, argSpec, *module);
  if (!status.ok())
    return status;
  StageTimer timer(times);
  LinalgToVectorLoopsPassOptions loops;
  loops.mainLoop = !isQuick;
  loops.interleave = (*code)->hasWideVectors();
  loops.reciprocals = (*code)->hasFMA();
  for (auto func : module->getOps<func::FuncOp>())
    if (failed(lowerToVectorLoops(func, loops)))
      return absl::InternalError("linalg can't be turned into vector loops");
  timer.finished("vector loops");
  if (failed(lowering.convert(*module)))
    return absl::InternalError("the kernel can't be converted to LLVM");
  timer.finished("convert");
  kernel.context = std::make_unique<llvm::LLVMContext>();
  kernel.module = translateModuleToLLVMIR(*module, *kernel.context, "kernel",
                                          /*disableVerification=*/true);
  if (!kernel.module)
    return absl::InternalError("the kernel can't be translated to LLVM IR");
  std::string prefix =
      "fuser_kernel_" + std::to_string((*code)->nextSerial()) + "_";
  // The stores of a kernel without x86's weakly ordered ones need no fence.
  bool isX86 = (*code)->isX86();
  for (size_t loop = 0; loop < argSpec.nonTemporal().size(); ++loop) {
    kernel.entryPoints.push_back(prefix + std::to_string(loop));
    addEntryPoint(kernel.module->getFunction(loopFunctionName(loop)),
                  kernel.entryPoints.back(), loopArguments(spec, argSpec, loop),
                  argSpec.nonTemporal()[loop] && isX86);
  }
  (*code)->setTarget(*kernel.module);
  timer.finished("translate");
  (*code)->optimize(*kernel.module);
  timer.finished("optimize");
  return kernel;
}

absl::StatusOr<std::shared_ptr<runtime::FusedKernel>>
KernelCompiler::compile(const runtime::KernelSpec &spec,
                        const runtime::ArgSpec &argSpec, runtime::Tier tier,
                        std::function<std::string()> printCode) {
  times = {};
  absl::StatusOr<LLVMKernel> kernel = lowerToLLVM(spec, argSpec, tier);
  if (!kernel.ok())
    return kernel.status();
  CodeGenerator &code = **codeGenerator();
  StageTimer timer(times);
  auto object = code.generate(*kernel->module, kernel->level,
                              /*assembly=*/false);
  if (!object.ok())
    return object.status();
  timer.finished("codegen");
  auto loaded = code.load(std::move(*object), kernel->entryPoints);
  if (!loaded.ok())
    return loaded.status();
  timer.finished("link");
  std::vector<runtime::LoopFunction> loops;
  for (void *function : loaded->functions)
    loops.push_back(reinterpret_cast<runtime::LoopFunction>(function));
  auto fused = std::make_shared<runtime::FusedKernelCPU>(
      std::move(loops), loaded->owner, std::move(printCode));
  fused->times = times;
  // Of a large one both tiers are the same.
  fused->tier = isLarge(spec) ? runtime::Tier::Final : tier;
  return fused;
}

GpuKernelCompiler &KernelCompiler::gpuCompiler() {
  if (!gpu)
    gpu.emplace(context);
  return *gpu;
}

absl::StatusOr<DeviceCode> KernelCompiler::compileForDevice(
    const runtime::KernelSpec &spec, const runtime::ArgSpec &argSpec,
    const std::optional<GpuTarget> &target, runtime::CompileTimes &times) {
  if (target)
    return gpuCompiler().compile(spec, argSpec, *target, times);
  absl::StatusOr<CodeGenerator *> host = codeGenerator();
  if (!host.ok())
    return host.status();
  return gpuCompiler().compileForHost(spec, argSpec, lowering, **host, times);
}

absl::StatusOr<std::string>
KernelCompiler::emit(const runtime::KernelSpec &spec,
                     const runtime::ArgSpec &argSpec, EmitStage stage,
                     runtime::Tier tier) {
  if (isGpuStage(stage)) {
    absl::StatusOr<GpuTarget> device =
        parseGpuTarget(target.gpuArch, target.ptx);
    if (!device.ok())
      return device.status();
    return gpuCompiler().emit(spec, argSpec, stage, *device);
  }
  times = {};
  std::string text;
  llvm::raw_string_ostream os(text);
  if (stage == EmitStage::Linalg) {
    OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(context));
    absl::Status status = lowerToLinalg(spec, argSpec, *module);
    if (!status.ok())
      return status;
    os << *module;
    return text;
  }
  absl::StatusOr<LLVMKernel> kernel = lowerToLLVM(spec, argSpec, tier);
  if (!kernel.ok())
    return kernel.status();
  if (stage == EmitStage::LLVM) {
    os << *kernel->module;
    return text;
  }
  auto assembly = (*codeGenerator())
                      ->generate(*kernel->module, kernel->level,
                                 /*assembly=*/true);
  if (!assembly.ok())
    return assembly.status();
  return std::string(assembly->begin(), assembly->end());
}
