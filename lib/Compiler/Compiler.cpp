//===- Compiler.cpp - where IR meets the runtime --------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Compiler.h"
#include "DiagnosticText.h"
#include "ExitGate.h"
#include "FuserTransforms/Passes.h"
#include "FuserTransforms/Pipelines.h"
#include "KernelCompiler.h"
#include "ProgramLoader.h"
#include "absl/strings/str_cat.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include <mutex>
#include <unordered_map>

using namespace mlir;
using namespace fuser;
using runtime::ArgSpec;
using runtime::KernelSpec;

namespace {
/// A registered group with the IR that its description refers to.
struct RegisteredGroup {
  OwningOpRef<ModuleOp> module;
  GroupDescription description;
};
} // namespace

class Compiler::Impl : public std::enable_shared_from_this<Compiler::Impl> {
public:
  Impl(runtime::SessionOptions options, TargetOptions target)
      : context(makeRegistry(), MLIRContext::Threading::DISABLED),
        kernels(&context, std::move(target)), session(std::move(options)) {}

  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerKernelDialects(registry);
    registerBuiltinDialectTranslation(registry);
    registerLLVMDialectTranslation(registry);
    return registry;
  }

  /// The session's way to kernels.
  absl::StatusOr<std::shared_ptr<runtime::FusedKernel>>
  compile(const KernelSpec &spec, const ArgSpec &argSpec);
  absl::StatusOr<std::string> emit(const KernelSpec &spec,
                                   const ArgSpec &argSpec, EmitStage stage);
  absl::StatusOr<int64_t> registerFusion(GroupOp group, bool fast);

  /// Guards everything below but the session. Recursive: groups are registered
  /// within withContext.
  std::recursive_mutex mutex;
  MLIRContext context;
  KernelCompiler kernels;
  std::unordered_map<std::string, RegisteredGroup> groups;
  runtime::Session session;
};

//===----------------------------------------------------------------------===//
// Groups and kernels
//===----------------------------------------------------------------------===//

absl::StatusOr<std::shared_ptr<runtime::FusedKernel>>
Compiler::Impl::compile(const KernelSpec &spec, const ArgSpec &argSpec) {
  std::lock_guard<std::recursive_mutex> lock(mutex);
  ExitGate::Pass pass;
  if (!pass)
    return ExitGate::closedError();
  auto found = groups.find(spec.text);
  if (found == groups.end())
    return absl::NotFoundError("the group was not registered by this compiler");
  DiagnosticText diagnostics(&context);
  // Held weakly: the session, which holds the kernel, is ours.
  auto printCode = [weak = weak_from_this(), &spec, argSpec]() -> std::string {
    auto self = weak.lock();
    if (!self)
      return "";
    auto text = self->emit(spec, argSpec, EmitStage::Assembly);
    return text.ok() ? *text : std::string(text.status().message());
  };
  auto kernel =
      kernels.compile(found->second.description, argSpec, std::move(printCode));
  if (!kernel.ok())
    return absl::InternalError(absl::StrCat(kernel.status().message(), ": ",
                                            diagnostics.status("").message()));
  return kernel;
}

absl::StatusOr<std::string> Compiler::Impl::emit(const KernelSpec &spec,
                                                 const ArgSpec &argSpec,
                                                 EmitStage stage) {
  std::lock_guard<std::recursive_mutex> lock(mutex);
  ExitGate::Pass pass;
  if (!pass)
    return ExitGate::closedError();
  auto found = groups.find(spec.text);
  if (found == groups.end())
    return absl::NotFoundError("the group was not registered by this compiler");
  DiagnosticText diagnostics(&context);
  return kernels.emit(found->second.description, argSpec, stage);
}

static Type withoutExtents(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return type;
  return tensor.clone(
      SmallVector<int64_t>(tensor.getRank(), ShapedType::kDynamic));
}

/// The group alone, without sizes, in the form that kernels are made of.
static absl::StatusOr<OwningOpRef<ModuleOp>> normalize(GroupOp group,
                                                       bool fast) {
  OpBuilder builder(group.getContext());
  OwningOpRef<ModuleOp> module =
      ModuleOp::create(builder, UnknownLoc::get(group.getContext()));
  auto types = llvm::map_to_vector(group.getOperandTypes(), withoutExtents);
  auto func = func::FuncOp::create(builder, UnknownLoc::get(group.getContext()),
                                   "group", builder.getFunctionType(types, {}));
  module->push_back(func);
  builder.setInsertionPointToStart(func.addEntryBlock());
  auto clone = cast<GroupOp>(builder.clone(*group));
  clone->setOperands(func.getArguments());
  clone->setAttrs(DictionaryAttr::get(group.getContext()));
  func::ReturnOp::create(builder, UnknownLoc::get(group.getContext()));
  if (failed(eraseExtents(clone)) || failed(partition(clone)))
    return absl::InvalidArgumentError("the group can't be partitioned");
  if (fast)
    relaxMath(clone);
  for (auto [result, value] :
       llvm::zip_equal(clone.getResults(), clone.getYield().getValues()))
    result.setType(value.getType());
  return module;
}

absl::StatusOr<int64_t> Compiler::Impl::registerFusion(GroupOp group,
                                                       bool fast) {
  KernelSpec spec;
  {
    DiagnosticText diagnostics(&context);
    auto module = normalize(group, fast);
    if (!module.ok())
      return diagnostics.status(module.status().message());
    auto func = *(**module).getOps<func::FuncOp>().begin();
    GroupOp normal = *func.getOps<GroupOp>().begin();
    FailureOr<GroupDescription> description = describeGroup(normal);
    if (failed(description))
      return diagnostics.status("the group can't be described");
    // The body's text: types of the arguments, ops and yielded values.
    llvm::raw_string_ostream os(description->spec.text);
    OpPrintingFlags flags;
    flags.useLocalScope().elideLargeElementsAttrs(
        std::numeric_limits<int64_t>::max());
    normal->print(os, flags);
    spec = description->spec;
    groups.try_emplace(spec.text, RegisteredGroup{std::move(*module),
                                                  std::move(*description)});
  }
  return session.registerFusion(std::move(spec));
}

//===----------------------------------------------------------------------===//
// The public face
//===----------------------------------------------------------------------===//

Compiler::Compiler(runtime::SessionOptions options, TargetOptions target) {
  ExitGate::Pass pass;
  impl = std::make_shared<Impl>(std::move(options), std::move(target));
  impl->session.registerFusionBackend(runtime::DeviceType::CPU, backend());
}

Compiler::~Compiler() {
  // Without LLVM's static objects it is left where it is.
  if (ExitGate::Pass pass; !pass)
    new std::shared_ptr<Impl>(std::move(impl));
}

runtime::FusedKernelConstructor Compiler::backend() {
  // The session belongs to the compiler, so it can't outlive this pointer.
  return [self = impl.get()](const KernelSpec &spec, const ArgSpec &argSpec,
                             int64_t, runtime::Device) {
    return self->compile(spec, argSpec);
  };
}

absl::Status Compiler::checkTarget() {
  std::lock_guard<std::recursive_mutex> lock(impl->mutex);
  ExitGate::Pass pass;
  return pass ? impl->kernels.checkTarget() : ExitGate::closedError();
}

absl::StatusOr<Program> Compiler::load(std::string_view text,
                                       std::string_view name,
                                       const LoadOptions &options) {
  std::lock_guard<std::recursive_mutex> lock(impl->mutex);
  ExitGate::Pass pass;
  if (!pass)
    return ExitGate::closedError();
  ProgramLoader loader(impl->context, impl->session, [&](GroupOp group) {
    return impl->registerFusion(group, options.fast);
  });
  return loader.load(text, name, options);
}

absl::StatusOr<int64_t> Compiler::registerFusion(GroupOp group, bool fast) {
  if (group->getContext() != &impl->context)
    return absl::InvalidArgumentError(
        "the group belongs to another MLIR context: parse it in "
        "Compiler::withContext");
  std::lock_guard<std::recursive_mutex> lock(impl->mutex);
  ExitGate::Pass pass;
  if (!pass)
    return ExitGate::closedError();
  return impl->registerFusion(group, fast);
}

absl::StatusOr<std::string>
Compiler::emit(int64_t key, absl::Span<const runtime::Value> inputs,
               EmitStage stage) {
  const KernelSpec *spec = impl->session.findSpec(key);
  if (!spec)
    return absl::NotFoundError(absl::StrCat("no group has key ", key));
  auto plan = impl->session.plan(key, inputs);
  if (!plan.ok())
    return plan.status();
  return impl->emit(*spec, ArgSpec(runtime::Device(), *plan), stage);
}

runtime::Session &Compiler::session() { return impl->session; }

void Compiler::withContext(const std::function<void(MLIRContext &)> &body) {
  std::lock_guard<std::recursive_mutex> lock(impl->mutex);
  if (ExitGate::Pass pass; pass)
    body(impl->context);
}
