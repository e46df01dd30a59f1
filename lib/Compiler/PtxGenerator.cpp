//===- PtxGenerator.cpp - LLVM IR to PTX ----------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PtxGenerator.h"
#include "absl/strings/str_cat.h"
#include "llvm/MC/TargetRegistry.h"
#include <mutex>

// Declared here, as LLVM's header declares them for the targets that the
// shared library has, which the archives need not.
extern "C" void LLVMInitializeNVPTXTargetInfo();
extern "C" void LLVMInitializeNVPTXTarget();
extern "C" void LLVMInitializeNVPTXTargetMC();
extern "C" void LLVMInitializeNVPTXAsmPrinter();

using namespace fuser;

static void initializeTarget() {
  static std::once_flag initialized;
  std::call_once(initialized, [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
  });
}

PtxGenerator::PtxGenerator(const GpuTarget &target,
                           std::unique_ptr<llvm::TargetMachine> machine)
    : gpu(target), machine(std::move(machine)), optimizer(this->machine.get()) {
}

absl::StatusOr<std::unique_ptr<PtxGenerator>>
PtxGenerator::create(const GpuTarget &target) {
  initializeTarget();
  const llvm::Triple triple("nvptx64-nvidia-cuda");
  std::string error;
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!found)
    return absl::InternalError(absl::StrCat("no code generator: ", error));
  llvm::TargetOptions options;
  // What is written is what runs: no multiply-add unless it says fma.
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  std::unique_ptr<llvm::TargetMachine> machine(found->createTargetMachine(
      triple, target.chip(), target.features(), options, std::nullopt,
      std::nullopt, llvm::CodeGenOptLevel::Default));
  if (!machine)
    return absl::InternalError("no code generator for " + target.chip());
  return std::unique_ptr<PtxGenerator>(
      new PtxGenerator(target, std::move(machine)));
}

void PtxGenerator::setTarget(llvm::Module &module) const {
  module.setDataLayout(machine->createDataLayout());
  module.setTargetTriple(machine->getTargetTriple());
}

absl::StatusOr<std::string> PtxGenerator::generate(llvm::Module &module) {
  module.getContext().setOptPassGate(gate);
  auto text =
      generateFile(*machine, module, llvm::CodeGenFileType::AssemblyFile);
  if (!text.ok())
    return text.status();
  return std::string(text->begin(), text->end());
}
