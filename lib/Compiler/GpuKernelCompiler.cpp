//===- GpuKernelCompiler.cpp - group and argument spec to GPU code --------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The hot path of a compilation: the stages of fuser-gpu-pipeline called as
// functions, without a pass manager, then LLVM. For an emulated device, the
// same kernels with their threads in loops.
//
//===----------------------------------------------------------------------===//

#include "GpuKernelCompiler.h"
#include "FuserTransforms/Passes.h"
#include "FuserTransforms/Specialize.h"
#include "absl/strings/str_cat.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/IRBuilder.h"
#include <atomic>

using namespace mlir;
using namespace fuser;
using runtime::ArgSpec;
using runtime::DeviceFunction;
using runtime::KernelSpec;

GpuKernelCompiler::GpuKernelCompiler(MLIRContext *context)
    : context(context), lowering(context, Processor::Nvidia) {}

/// Of the pointers of loop `loop`, those that are runtime scalars.
static std::vector<bool> scalarsOf(const KernelSpec &spec,
                                   const ArgSpec &argSpec, int64_t loop) {
  std::vector<bool> isScalar;
  for (const ArgSpec::Nest &nest : argSpec.nests()) {
    if (nest.loop != loop)
      continue;
    for (int32_t leaf : nest.leaves) {
      int32_t input = spec.leaves[leaf].input;
      isScalar.push_back(input >= 0 && spec.inputs[input].isScalar);
    }
    isScalar.resize(isScalar.size() + nest.pieces.size(), false);
  }
  if (spec.raises)
    isScalar.push_back(false);
  return isScalar;
}

/// What the runtime has to know of each loop, and the gpu.module.
static absl::StatusOr<std::vector<DeviceFunction>>
lowerToGpuModule(const KernelSpec &spec, const ArgSpec &argSpec,
                 ModuleOp module, StageTimer &timer) {
  specialize(spec, argSpec, module);
  timer.finished("specialize");
  for (auto func : module.getOps<func::FuncOp>())
    if (failed(convertNestsToLinalg(func)))
      return absl::InternalError("a nest can't be converted to linalg");
  timer.finished("linalg");
  gpu::GPUModuleOp kernels = lowerToGpu(module);
  if (!kernels)
    return absl::InternalError("linalg can't be turned into GPU kernels");
  std::vector<DeviceFunction> functions;
  for (size_t loop = 0; loop < argSpec.nonTemporal().size(); ++loop) {
    DeviceFunction function;
    function.name = loopFunctionName(loop);
    auto kernel = kernels.lookupSymbol<gpu::GPUFuncOp>(function.name);
    function.lanes = kernel->getAttrOfType<IntegerAttr>(kLanesAttr).getInt();
    function.isScalar = scalarsOf(spec, argSpec, loop);
    function.parametersInMemory =
        8 * kernel.getNumArguments() > runtime::kMaxParameterBytes;
    functions.push_back(std::move(function));
  }
  timer.finished("gpu");
  return functions;
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

/// Begins the function `name`, with the place of `kernel`, which it is going to
/// call, and which becomes a part of it.
static llvm::Function *startEntry(llvm::Function *kernel,
                                  const std::string &name,
                                  llvm::ArrayRef<llvm::Type *> parameters) {
  llvm::Module &module = *kernel->getParent();
  auto *type = llvm::FunctionType::get(
      llvm::Type::getVoidTy(module.getContext()), parameters, false);
  auto *entry = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage,
                                       "", module);
  entry->takeName(kernel);
  entry->setName(name);
  kernel->setLinkage(llvm::GlobalValue::InternalLinkage);
  return entry;
}

/// Puts an entry point as the runtime launches it before `kernel`, unless it is
/// one: runtime scalars and, if there are too many, all arguments do not come
/// as the kernel takes them. To be inlined.
static bool addDeviceEntry(llvm::Function *kernel,
                           const DeviceFunction &function) {
  const bool hasScalars = llvm::is_contained(function.isScalar, true);
  if (!hasScalars && !function.parametersInMemory)
    return false;
  llvm::LLVMContext &context = kernel->getContext();
  llvm::Type *i64 = llvm::Type::getInt64Ty(context);
  // Begin and end come before the pointers.
  auto isScalar = [&](size_t argument) {
    return argument >= 2 && argument - 2 < function.isScalar.size() &&
           function.isScalar[argument - 2];
  };
  llvm::SmallVector<llvm::Type *> types;
  if (function.parametersInMemory)
    types.push_back(llvm::PointerType::get(context, 0));
  else
    for (llvm::Argument &argument : kernel->args())
      types.push_back(isScalar(argument.getArgNo()) ? i64 : argument.getType());
  llvm::Function *entry = startEntry(kernel, function.name, types);
  entry->setCallingConv(kernel->getCallingConv());
  kernel->setCallingConv(llvm::CallingConv::C);
  // What is known of pointers holds for parameters that are pointers.
  const llvm::AttributeList known = kernel->getAttributes();
  llvm::AttributeList attributes =
      llvm::AttributeList::get(context, known.getFnAttrs(), {}, {});
  if (!function.parametersInMemory)
    for (llvm::Argument &argument : entry->args())
      if (argument.getType()->isPointerTy())
        attributes = attributes.addParamAttributes(
            context, argument.getArgNo(),
            llvm::AttrBuilder(context,
                              known.getParamAttrs(argument.getArgNo())));
  entry->setAttributes(attributes);
  kernel->setAttributes(known.removeFnAttributes(context));
  kernel->addFnAttr(llvm::Attribute::AlwaysInline);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "", entry));
  llvm::SmallVector<llvm::Value *> values;
  for (llvm::Argument &argument : kernel->args()) {
    size_t number = argument.getArgNo();
    llvm::Type *type = isScalar(number) ? i64 : argument.getType();
    llvm::Value *value;
    if (function.parametersInMemory) {
      // Global memory, which nothing changes while the kernel runs.
      llvm::Type *global = llvm::PointerType::get(context, 1);
      llvm::Value *place = builder.CreateConstGEP1_64(
          i64, builder.CreateAddrSpaceCast(entry->getArg(0), global), number);
      llvm::LoadInst *load = builder.CreateLoad(
          type->isPointerTy() ? global : type, place);
      load->setMetadata(llvm::LLVMContext::MD_invariant_load,
                        llvm::MDNode::get(context, {}));
      value = load;
      if (type->isPointerTy())
        value = builder.CreateAddrSpaceCast(value, type);
    } else {
      value = entry->getArg(number);
    }
    if (isScalar(number)) {
      // The kernel loads it from where it stands.
      llvm::Value *slot = builder.CreateAlloca(i64);
      builder.CreateStore(value, slot);
      value = slot;
    }
    values.push_back(value);
  }
  builder.CreateCall(kernel, values);
  builder.CreateRetVoid();
  return true;
}

/// An emulator::Entry that calls `kernel`, which takes the numbers of blocks
/// and threads after its other arguments; and the number of its parameters.
static void addHostEntry(llvm::Function *kernel,
                         const DeviceFunction &function) {
  llvm::LLVMContext &context = kernel->getContext();
  llvm::Type *i64 = llvm::Type::getInt64Ty(context);
  llvm::Type *pointer = llvm::PointerType::get(context, 0);
  llvm::Function *entry =
      startEntry(kernel, function.name, {i64, i64, i64, i64, pointer});
  const size_t numArguments = kernel->arg_size() - 4;
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "", entry));
  llvm::Value *parameters = entry->getArg(4);
  if (function.parametersInMemory)
    parameters = builder.CreateLoad(pointer, parameters);
  llvm::SmallVector<llvm::Value *> values;
  for (size_t i = 0; i < numArguments; ++i) {
    llvm::Value *place = builder.CreateConstGEP1_64(i64, parameters, i);
    const bool isScalar =
        i >= 2 && i - 2 < function.isScalar.size() && function.isScalar[i - 2];
    values.push_back(isScalar
                         ? place
                         : builder.CreateLoad(kernel->getArg(i)->getType(),
                                              place));
  }
  for (unsigned i = 0; i < 4; ++i)
    values.push_back(entry->getArg(i));
  builder.CreateCall(kernel, values)
      ->setTailCallKind(llvm::CallInst::TCK_NoTail);
  builder.CreateRetVoid();
  const uint64_t numParameters =
      function.parametersInMemory ? 1 : numArguments;
  new llvm::GlobalVariable(*kernel->getParent(), i64, /*isConstant=*/true,
                           llvm::GlobalValue::ExternalLinkage,
                           llvm::ConstantInt::get(i64, numParameters),
                           function.name + "_parameters");
}

//===----------------------------------------------------------------------===//
// The stages
//===----------------------------------------------------------------------===//

absl::StatusOr<PtxGenerator *>
GpuKernelCompiler::generatorFor(const GpuTarget &target) {
  if (!generator || !(generator->target() == target)) {
    auto made = PtxGenerator::create(target);
    if (!made.ok())
      return made.status();
    generator = *std::move(made);
  }
  return generator.get();
}

absl::StatusOr<gpu::GPUModuleOp>
GpuKernelCompiler::lowerToNVVM(ModuleOp module, const GpuTarget &target,
                               StageTimer &timer) {
  auto kernels = *module.getOps<gpu::GPUModuleOp>().begin();
  setGpuTarget(kernels, target);
  if (failed(lowering.convert(kernels)))
    return absl::InternalError("the kernel can't be converted to NVVM");
  timer.finished("convert");
  return kernels;
}

absl::StatusOr<DeviceCode>
GpuKernelCompiler::compile(const KernelSpec &spec, const ArgSpec &argSpec,
                           const GpuTarget &target,
                           runtime::CompileTimes &times) {
  absl::StatusOr<PtxGenerator *> ptx = generatorFor(target);
  if (!ptx.ok())
    return ptx.status();
  StageTimer timer(times);
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(context));
  auto functions = lowerToGpuModule(spec, argSpec, *module, timer);
  if (!functions.ok())
    return functions.status();
  auto kernels = lowerToNVVM(*module, target, timer);
  if (!kernels.ok())
    return kernels.status();
  llvm::LLVMContext llvmContext;
  auto code = translateModuleToLLVMIR(*kernels, llvmContext, "kernel",
                                      /*disableVerification=*/true);
  if (!code)
    return absl::InternalError("the kernel can't be translated to LLVM IR");
  (*ptx)->setTarget(*code);
  bool inlines = false;
  for (const DeviceFunction &function : *functions)
    inlines |= addDeviceEntry(code->getFunction(function.name), function);
  timer.finished("translate");
  (*ptx)->optimize(*code, inlines);
  timer.finished("optimize");
  auto text = (*ptx)->generate(*code);
  if (!text.ok())
    return text.status();
  timer.finished("codegen");
  return DeviceCode{*std::move(text), *std::move(functions)};
}

absl::StatusOr<DeviceCode> GpuKernelCompiler::compileForHost(
    const KernelSpec &spec, const ArgSpec &argSpec, KernelLowering &lowering,
    CodeGenerator &host, runtime::CompileTimes &times) {
  StageTimer timer(times);
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(context));
  auto functions = lowerToGpuModule(spec, argSpec, *module, timer);
  if (!functions.ok())
    return functions.status();
  if (failed(emulateGpu(*module)) || failed(lowering.convert(*module)))
    return absl::InternalError("the kernel can't be emulated");
  timer.finished("convert");
  llvm::LLVMContext llvmContext;
  auto code = translateModuleToLLVMIR(*module, llvmContext, "kernel",
                                      /*disableVerification=*/true);
  if (!code)
    return absl::InternalError("the kernel can't be translated to LLVM IR");
  // All objects share the emulator's table of symbols.
  static std::atomic<int64_t> nextSerial{0};
  const int64_t serial = nextSerial++;
  for (DeviceFunction &function : *functions) {
    llvm::Function *kernel = code->getFunction(function.name);
    function.name = absl::StrCat("fuser_emulated_", serial, "_", function.name);
    addHostEntry(kernel, function);
  }
  host.setTarget(*code);
  timer.finished("translate");
  host.optimize(*code);
  timer.finished("optimize");
  auto object = host.generate(*code, CodeGenerator::Level::None,
                              /*assembly=*/false);
  if (!object.ok())
    return object.status();
  timer.finished("codegen");
  return DeviceCode{std::string(object->begin(), object->end()),
                    *std::move(functions)};
}

absl::StatusOr<std::string>
GpuKernelCompiler::emit(const KernelSpec &spec, const ArgSpec &argSpec,
                        EmitStage stage, const GpuTarget &target) {
  runtime::CompileTimes times;
  if (stage == EmitStage::PTX) {
    auto code = compile(spec, argSpec, target, times);
    if (!code.ok())
      return code.status();
    return std::move(code->image);
  }
  StageTimer timer(times);
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(context));
  auto functions = lowerToGpuModule(spec, argSpec, *module, timer);
  if (!functions.ok())
    return functions.status();
  if (stage == EmitStage::NVVM)
    if (auto kernels = lowerToNVVM(*module, target, timer); !kernels.ok())
      return kernels.status();
  std::string text;
  llvm::raw_string_ostream(text) << *module;
  return text;
}
