//===- CodeGenerator.cpp - LLVM IR to machine code ------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGenerator.h"
#include "absl/strings/str_cat.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include <mutex>

using namespace fuser;

absl::Status fuser::statusOf(llvm::Error error, absl::string_view what) {
  if (!error)
    return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat(what, ": ", llvm::toString(std::move(error))));
}

static absl::StatusOr<std::unique_ptr<llvm::TargetMachine>>
createMachine(llvm::orc::JITTargetMachineBuilder builder,
              llvm::CodeGenOptLevel level) {
  builder.setCodeGenOptLevel(level);
  builder.setCodeModel(llvm::CodeModel::Small);
  builder.setRelocationModel(llvm::Reloc::PIC_);
  // What is written is what runs: no multiply-add unless it says fma.
  builder.getOptions().AllowFPOpFusion = llvm::FPOpFusion::Strict;
  auto machine = builder.createTargetMachine();
  if (!machine)
    return statusOf(machine.takeError(), "no code generator for this host");
  return std::move(*machine);
}

absl::StatusOr<std::unique_ptr<CodeGenerator>> CodeGenerator::create() {
  static std::once_flag initialized;
  std::call_once(initialized, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
  auto host = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!host)
    return statusOf(host.takeError(), "the host CPU can't be detected");
  std::unique_ptr<CodeGenerator> generator(new CodeGenerator());
  llvm::CodeGenOptLevel levels[] = {llvm::CodeGenOptLevel::None,
                                    llvm::CodeGenOptLevel::Default};
  for (int i = 0; i < 2; ++i) {
    auto machine = createMachine(*host, levels[i]);
    if (!machine.ok())
      return machine.status();
    generator->machines[i] = std::move(*machine);
  }
  auto jit =
      llvm::orc::LLJITBuilder().setJITTargetMachineBuilder(*host).create();
  if (!jit)
    return statusOf(jit.takeError(), "no JIT linker for this host");
  // Large groups at level None may call memcpy and the like.
  auto process = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    return statusOf(process.takeError(), "the process has no symbols");
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  generator->jit = std::move(*jit);
  return generator;
}

void CodeGenerator::setTarget(llvm::Module &module) const {
  const llvm::TargetMachine &target = machine(Level::Default);
  module.setDataLayout(target.createDataLayout());
  module.setTargetTriple(target.getTargetTriple());
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", target.getTargetCPU());
    function.addFnAttr("target-features", target.getTargetFeatureString());
    if (target.getTargetFeatureString().contains("+avx512f"))
      function.addFnAttr("prefer-vector-width", "512");
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
}

absl::Status CodeGenerator::optimize(llvm::Module &module, Level level) const {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine(level));
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  llvm::ModulePassManager passes;
  // The code is vectors already: O1 and above make it slower, and cost more
  // than all the rest of the compilation.
  if (llvm::Error error = builder.parsePassPipeline(
          passes, "function(early-cse,loop-mssa(licm))"))
    return statusOf(std::move(error), "LLVM passes");
  passes.run(module, modules);
  return absl::OkStatus();
}

absl::StatusOr<llvm::SmallVector<char, 0>>
CodeGenerator::generate(llvm::Module &module, Level level,
                        bool assembly) const {
  llvm::SmallVector<char, 0> buffer;
  llvm::raw_svector_ostream stream(buffer);
  llvm::legacy::PassManager passes;
  auto type = assembly ? llvm::CodeGenFileType::AssemblyFile
                       : llvm::CodeGenFileType::ObjectFile;
  if (machine(level).addPassesToEmitFile(passes, stream, nullptr, type,
                                         /*DisableVerify=*/true))
    return absl::InternalError("the code generator can't write this file type");
  passes.run(module);
  return buffer;
}

absl::StatusOr<CodeGenerator::LoadedCode>
CodeGenerator::load(llvm::SmallVector<char, 0> object,
                    const std::vector<std::string> &symbols) {
  llvm::orc::ResourceTrackerSP tracker =
      jit->getMainJITDylib().createResourceTracker();
  llvm::Error added = jit->addObjectFile(
      tracker, std::make_unique<llvm::SmallVectorMemoryBuffer>(
                   std::move(object), "kernel",
                   /*RequiresNullTerminator=*/false));
  if (added)
    return statusOf(std::move(added), "loading the kernel");
  LoadedCode code;
  code.owner = std::shared_ptr<void>(nullptr, [jit = jit, tracker](void *) {
    llvm::consumeError(tracker->remove());
  });
  for (const std::string &symbol : symbols) {
    auto address = jit->lookup(symbol);
    if (!address)
      return statusOf(address.takeError(), "linking the kernel");
    code.functions.push_back(address->toPtr<void *>());
  }
  return code;
}
