//===- CodeGenerator.cpp - LLVM IR to machine code ------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGenerator.h"
#include "ExitGate.h"
#include "absl/strings/str_cat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include <dlfcn.h>
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

//===----------------------------------------------------------------------===//
// The target
//===----------------------------------------------------------------------===//

/// Refuses names that LLVM would ignore with a line on stderr.
static absl::Status checkNames(const TargetOptions &options,
                               llvm::ArrayRef<llvm::StringRef> features,
                               const llvm::MCSubtargetInfo &known) {
  if (!options.cpu.empty() && !known.isCPUStringValid(options.cpu))
    return absl::InvalidArgumentError(
        absl::StrCat("'", options.cpu,
                     "' is no processor of this target: expected a name that "
                     "LLVM knows, such as x86-64-v3"));
  for (llvm::StringRef feature : features) {
    bool isKnown = llvm::any_of(known.getAllProcessorFeatures(),
                                [&](const auto &candidate) {
                                  return feature.drop_front() == candidate.Key;
                                });
    if (!isKnown || !(feature.starts_with("+") || feature.starts_with("-")))
      return absl::InvalidArgumentError(
          absl::StrCat("'", feature.str(),
                       "' is no feature of this target: expected a name that "
                       "LLVM knows after + or -, such as -avx512f"));
  }
  return absl::OkStatus();
}

/// Refuses a target with instructions that this machine does not know.
static absl::Status checkRuns(const llvm::MCSubtargetInfo &target) {
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  for (const auto &feature : target.getEnabledProcessorFeatures()) {
    // Not there: a matter of speed.
    auto found = host.find(feature.Key);
    if (found != host.end() && !found->second)
      return absl::InvalidArgumentError(
          absl::StrCat("this machine lacks ", feature.Key, ", which ",
                       target.getCPU().str(), " has"));
  }
  return absl::OkStatus();
}

static absl::StatusOr<llvm::orc::JITTargetMachineBuilder>
targetOf(const TargetOptions &options) {
  auto host = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!host)
    return statusOf(host.takeError(), "the host CPU can't be detected");
  llvm::orc::JITTargetMachineBuilder builder = std::move(*host);
  if (options.cpu.empty() && options.features.empty())
    return builder;
  llvm::SmallVector<llvm::StringRef> features;
  llvm::SplitString(options.features, features, ",");
  const llvm::Triple &triple = builder.getTargetTriple();
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return absl::InternalError(error);
  std::unique_ptr<llvm::MCSubtargetInfo> info(
      target->createMCSubtargetInfo(triple, "", ""));
  absl::Status status = checkNames(options, features, *info);
  if (!status.ok())
    return status;
  if (!options.cpu.empty()) {
    builder.setCPU(options.cpu);
    builder.getFeatures() = llvm::SubtargetFeatures();
  }
  builder.addFeatures({features.begin(), features.end()});
  info.reset(target->createMCSubtargetInfo(triple, builder.getCPU(),
                                           builder.getFeatures().getString()));
  status = checkRuns(*info);
  if (!status.ok())
    return status;
  return builder;
}

//===----------------------------------------------------------------------===//
// The JIT
//===----------------------------------------------------------------------===//

struct CodeGenerator::Complaints {
  /// Kernels are freed by any thread.
  std::mutex mutex;
  std::string text;

  void add(llvm::Error error) {
    std::lock_guard<std::mutex> guard(mutex);
    absl::StrAppend(&text, text.empty() ? "" : "; ",
                    llvm::toString(std::move(error)));
  }
  std::string take() {
    std::lock_guard<std::mutex> guard(mutex);
    return std::exchange(text, "");
  }
};

/// Lets kernels call what the library that this code is in was linked with, the
/// mathematical functions among it: one that was loaded for its loader alone
/// (RTLD_LOCAL) shows the process none of that.
static void addOwnSymbols(llvm::orc::LLJIT &jit) {
  Dl_info own;
  if (!dladdr(reinterpret_cast<void *>(&addOwnSymbols), &own))
    return;
  auto symbols = llvm::orc::DynamicLibrarySearchGenerator::Load(
      own.dli_fname, jit.getDataLayout().getGlobalPrefix());
  if (symbols)
    jit.getMainJITDylib().addGenerator(std::move(*symbols));
  else // It is the program, whose symbols the process has.
    llvm::consumeError(symbols.takeError());
}

static absl::StatusOr<std::shared_ptr<llvm::orc::LLJIT>>
createJIT(const llvm::orc::JITTargetMachineBuilder &target) {
  auto jit =
      llvm::orc::LLJITBuilder().setJITTargetMachineBuilder(target).create();
  if (!jit)
    return statusOf(jit.takeError(), "no JIT linker for this host");
  // Kernels call what the target has no instruction for: fma, rounding,
  // conversions of f16; large groups at level None also memcpy and the like.
  auto process = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    return statusOf(process.takeError(), "the process has no symbols");
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  addOwnSymbols(**jit);
  return std::move(*jit);
}

absl::StatusOr<std::unique_ptr<CodeGenerator>>
CodeGenerator::create(const TargetOptions &options) {
  static std::once_flag initialized;
  std::call_once(initialized, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
  auto target = targetOf(options);
  if (!target.ok())
    return target.status();
  std::unique_ptr<CodeGenerator> generator(new CodeGenerator());
  llvm::CodeGenOptLevel levels[] = {llvm::CodeGenOptLevel::None,
                                    llvm::CodeGenOptLevel::Default};
  for (int i = 0; i < 2; ++i) {
    auto machine = createMachine(*target, levels[i]);
    if (!machine.ok())
      return machine.status();
    generator->machines[i] = std::move(*machine);
  }
  auto jit = createJIT(*target);
  if (!jit.ok())
    return jit.status();
  generator->jit = *std::move(jit);
  generator->complaints = std::make_shared<Complaints>();
  generator->jit->getExecutionSession().setErrorReporter(
      [complaints = generator->complaints](llvm::Error error) {
        complaints->add(std::move(error));
      });
  return generator;
}

bool CodeGenerator::hasWideVectors() const {
  return machine(Level::Default).getTargetFeatureString().contains("+avx512f");
}

bool CodeGenerator::hasFMA() const {
  return !isX86() ||
         machine(Level::Default).getMCSubtargetInfo()->checkFeatures("+fma");
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
    if (hasWideVectors())
      function.addFnAttr("prefer-vector-width", "512");
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
}

CodeGenerator::CodeGenerator() = default;
CodeGenerator::~CodeGenerator() = default;

void CodeGenerator::optimize(llvm::Module &module) {
  if (!optimizer)
    optimizer = std::make_unique<KernelOptimizer>(&machine(Level::Default));
  optimizer->run(module);
}

absl::StatusOr<llvm::SmallVector<char, 0>>
CodeGenerator::generate(llvm::Module &module, Level level,
                        bool assembly) const {
  return generateFile(machine(level), module,
                      assembly ? llvm::CodeGenFileType::AssemblyFile
                               : llvm::CodeGenFileType::ObjectFile);
}

namespace {
/// Code in the JIT.
struct Residence {
  std::shared_ptr<llvm::orc::LLJIT> jit;
  llvm::orc::ResourceTrackerSP tracker;
};
} // namespace

/// Removes code; leaves it where it is if the process exits.
static void vacate(Residence *residence) {
  ExitGate::Pass pass;
  if (!pass)
    return;
  llvm::consumeError(residence->tracker->remove());
  delete residence;
}

absl::StatusOr<CodeGenerator::LoadedCode>
CodeGenerator::load(llvm::SmallVector<char, 0> object,
                    const std::vector<std::string> &symbols) {
  llvm::orc::ResourceTrackerSP tracker =
      jit->getMainJITDylib().createResourceTracker();
  LoadedCode code;
  code.owner = std::shared_ptr<Residence>(new Residence{jit, tracker}, vacate);
  llvm::Error added = jit->addObjectFile(
      tracker, std::make_unique<llvm::SmallVectorMemoryBuffer>(
                   std::move(object), "kernel",
                   /*RequiresNullTerminator=*/false));
  if (added)
    return statusOf(std::move(added), "loading the kernel");
  complaints->take();
  for (const std::string &symbol : symbols) {
    absl::StatusOr<void *> address = find(symbol);
    if (!address.ok())
      return address.status();
    code.functions.push_back(*address);
  }
  return code;
}

absl::StatusOr<void *> CodeGenerator::find(const std::string &symbol) {
  auto address = jit->lookup(symbol);
  if (!address)
    return absl::InternalError(
        absl::StrCat("linking the kernel: ", complaints->take(), " (",
                     llvm::toString(address.takeError()), ")"));
  return address->toPtr<void *>();
}
