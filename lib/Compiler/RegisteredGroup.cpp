//===- RegisteredGroup.cpp - a registered group with its IR ---------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegisteredGroup.h"
#include "DiagnosticText.h"
#include "FuserTransforms/Pipelines.h"
#include "absl/strings/str_cat.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"

using namespace mlir;
using namespace fuser;
using runtime::ArgSpec;
using runtime::KernelSpec;

static DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registerKernelDialects(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  return registry;
}

CompilerContext::CompilerContext(TargetOptions target)
    : context(makeRegistry(), MLIRContext::Threading::DISABLED),
      kernels(&context, std::move(target)) {}

void CompilerContext::erase(OwningOpRef<ModuleOp> module) {
  if (std::unique_lock lock(mutex, std::try_to_lock); lock) {
    module = nullptr;
    return;
  }
  std::lock_guard<std::mutex> guard(unusedLock);
  unused.push_back(std::move(module));
}

void CompilerContext::eraseUnused() {
  std::vector<OwningOpRef<ModuleOp>> erased; // When the guard has gone.
  std::lock_guard<std::mutex> guard(unusedLock);
  erased.swap(unused);
}

absl::Status fuser::notRegisteredError() {
  return absl::NotFoundError("the group was not registered by a Compiler");
}

/// Its address tells registered groups from other sources of kernels.
static const char kKind = 0;
const void *RegisteredGroup::kind() const { return &kKind; }

RegisteredGroup::~RegisteredGroup() {
  if (ExitGate::Pass pass; pass) {
    owner->erase(std::move(module));
    return;
  }
  // Without LLVM's static objects it is left where it is.
  (void)module.release();
  new std::shared_ptr<CompilerContext>(owner);
}

std::shared_ptr<const RegisteredGroup>
RegisteredGroup::of(const KernelSpec &spec) {
  if (!spec.source || spec.source->kind() != &kKind)
    return nullptr;
  return std::static_pointer_cast<const RegisteredGroup>(spec.source);
}

absl::StatusOr<std::string> RegisteredGroup::emit(const ArgSpec &argSpec,
                                                  EmitStage stage) const {
  CompilerContext::Lock lock(*owner);
  if (!lock)
    return ExitGate::closedError();
  DiagnosticText diagnostics(&owner->context);
  return owner->kernels.emit(description, argSpec, stage);
}

absl::StatusOr<std::shared_ptr<runtime::FusedKernel>>
RegisteredGroup::compile(const KernelSpec &spec, const ArgSpec &argSpec,
                         int64_t, runtime::Device) {
  std::shared_ptr<const RegisteredGroup> group = of(spec);
  if (!group)
    return notRegisteredError();
  CompilerContext &owner = *group->owner;
  CompilerContext::Lock lock(owner);
  if (!lock)
    return ExitGate::closedError();
  DiagnosticText diagnostics(&owner.context);
  auto printCode = [group, argSpec]() -> std::string {
    auto text = group->emit(argSpec, EmitStage::Assembly);
    return text.ok() ? *text : std::string(text.status().message());
  };
  auto kernel =
      owner.kernels.compile(group->description, argSpec, std::move(printCode));
  if (!kernel.ok())
    return absl::InternalError(absl::StrCat(kernel.status().message(), ": ",
                                            diagnostics.status("").message()));
  return kernel;
}
