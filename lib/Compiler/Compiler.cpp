//===- Compiler.cpp - where IR meets the runtime --------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Compiler.h"
#include "CompilerPool.h"
#include "DiagnosticText.h"
#include "ExitGate.h"
#include "FuserCompiler/Emulation.h"
#include "FuserTransforms/DescribeGroup.h"
#include "FuserTransforms/Passes.h"
#include "ProgramLoader.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <cstdlib>

using namespace mlir;
using namespace fuser;
using runtime::ArgSpec;
using runtime::KernelSpec;

class Compiler::Impl {
public:
  Impl(std::unique_ptr<runtime::Session> ownSession, runtime::Session &session,
       TargetOptions target)
      : context(kernelDialects(), MLIRContext::Threading::DISABLED),
        pool(std::make_shared<CompilerPool>(std::move(target))),
        owned(std::move(ownSession)), session(session) {
    // Not only fuser's: messages about others name their ops.
    context.loadAllAvailableDialects();
  }

  absl::StatusOr<int64_t> registerFusion(GroupOp group, bool fast);

  /// What one thread at a time holds to use the context; false if the process
  /// exits.
  class Lock {
  public:
    explicit Lock(Impl &impl) : guard(impl.mutex) {}
    explicit operator bool() const { return bool(pass); }

  private:
    std::lock_guard<std::recursive_mutex> guard;
    ExitGate::Pass pass;
  };

  /// Guards the context of programs and groups. Recursive: groups are
  /// registered within Compiler::withContext.
  std::recursive_mutex mutex;
  MLIRContext context;
  const std::shared_ptr<CompilerPool> pool;
  const std::unique_ptr<runtime::Session> owned;
  runtime::Session &session;
};

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

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
  DiagnosticText diagnostics(&context);
  auto module = normalize(group, fast);
  if (!module.ok())
    return diagnostics.status(module.status().message());
  auto func = *(**module).getOps<func::FuncOp>().begin();
  GroupOp normal = *func.getOps<GroupOp>().begin();
  FailureOr<KernelSpec> spec = describeGroup(normal);
  if (failed(spec))
    return diagnostics.status("the group can't be described");
  // The body's text: types of the arguments, ops and yielded values.
  llvm::raw_string_ostream os(spec->text);
  OpPrintingFlags flags;
  flags.useLocalScope().elideLargeElementsAttrs(
      std::numeric_limits<int64_t>::max());
  normal->print(os, flags);
  return session.registerFusion(std::move(*spec));
}

//===----------------------------------------------------------------------===//
// The public face
//===----------------------------------------------------------------------===//

/// The devices that the process emulates: the same ones at each call.
static absl::StatusOr<std::shared_ptr<runtime::CudaRuntime>> emulatedCuda() {
  static const auto &cuda =
      *new absl::StatusOr<std::shared_ptr<runtime::CudaRuntime>>(
          createEmulatedCuda());
  return cuda;
}

Compiler::Compiler(runtime::SessionOptions options, TargetOptions target) {
  ExitGate::Pass pass;
  if (const char *emulate = std::getenv("FUSER_EMULATE_GPU");
      !options.cuda && emulate && std::string_view(emulate) == "1")
    if (auto cuda = emulatedCuda(); cuda.ok())
      options.cuda = *std::move(cuda);
  auto session = std::make_unique<runtime::Session>(std::move(options));
  runtime::Session &reference = *session;
  impl =
      std::make_unique<Impl>(std::move(session), reference, std::move(target));
  setBackends();
}

Compiler::Compiler(runtime::Session &session, TargetOptions target) {
  ExitGate::Pass pass;
  impl = std::make_unique<Impl>(nullptr, session, std::move(target));
  setBackends();
}

void Compiler::setBackends() {
  runtime::Session &session = impl->session;
  session.setDefaultBackend(runtime::DeviceType::CPU, backend());
  // The session holds it and calls it; it asks for devices when one is used.
  session.setDefaultBackend(
      runtime::DeviceType::CUDA,
      [pool = impl->pool, &session](
          const KernelSpec &spec, const ArgSpec &argSpec, int64_t,
          runtime::Device device, runtime::Tier)
          -> absl::StatusOr<std::shared_ptr<runtime::FusedKernel>> {
        auto cuda = session.cudaRuntime();
        if (!cuda.ok())
          return cuda.status();
        return pool->compileForCuda(spec, argSpec, device, *std::move(cuda));
      });
}

Compiler::~Compiler() {
  // Without LLVM's static objects it is left where it is.
  if (ExitGate::Pass pass; !pass)
    (void)impl.release();
}

absl::Status Compiler::checkTarget() { return impl->pool->checkTarget(); }

absl::StatusOr<Program> Compiler::load(std::string_view text,
                                       std::string_view name,
                                       const LoadOptions &options) {
  Impl::Lock lock(*impl);
  if (!lock)
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
  Impl::Lock lock(*impl);
  if (!lock)
    return ExitGate::closedError();
  return impl->registerFusion(group, fast);
}

/// A tensor like `tensor` on a device, at an aligned address.
static runtime::Tensor onDevice(const runtime::Tensor &tensor,
                                runtime::Device device) {
  void *address = tensor.data() ? reinterpret_cast<void *>(4096) : nullptr;
  return runtime::Tensor::borrow(address, tensor.dtype(), tensor.sizes(),
                                 tensor.strides(), /*owner=*/nullptr, device);
}

absl::StatusOr<std::string>
Compiler::emit(int64_t key, absl::Span<const runtime::Value> inputs,
               EmitStage stage) {
  auto site = impl->session.callSite(key); // Keeps the spec.
  const KernelSpec *spec = impl->session.findSpec(key);
  if (!site.ok() || !spec)
    return absl::NotFoundError(absl::StrCat("no group has key ", key));
  runtime::Device device;
  std::vector<runtime::Value> values(inputs.begin(), inputs.end());
  if (isGpuStage(stage)) {
    device.type = runtime::DeviceType::CUDA;
    for (runtime::Value &value : values)
      if (auto *tensor = std::get_if<runtime::Tensor>(&value))
        *tensor = onDevice(*tensor, device);
  }
  auto plan = impl->session.plan(key, values);
  if (!plan.ok())
    return plan.status();
  return impl->pool->emit(*spec, ArgSpec(device, *plan), stage);
}

/// What begins a comment in the text of `stage`.
static const char *commentMark(EmitStage stage) {
  switch (stage) {
  case EmitStage::Linalg:
  case EmitStage::Gpu:
  case EmitStage::NVVM:
  case EmitStage::PTX:
    return "//";
  case EmitStage::LLVM:
    return ";";
  case EmitStage::Assembly:
    return "#";
  }
  return "";
}

absl::StatusOr<std::string>
Compiler::emit(const Program &program, const ProgramFunction &function,
               absl::Span<const runtime::Value> arguments, EmitStage stage) {
  std::string text;
  int64_t index = 0;
  absl::Status status = program.forEachCall(
      function, arguments,
      [&](const ProgramFunction::Call &call,
          absl::Span<const runtime::Value> inputs) -> absl::Status {
        absl::StatusOr<std::string> kernel = emit(call.key, inputs, stage);
        if (!kernel.ok())
          return absl::Status(
              kernel.status().code(),
              absl::StrCat("group ", index, ": ", kernel.status().message()));
        absl::StrAppend(&text, commentMark(stage), " group ", index++, ": ",
                        absl::StrJoin(call.ops, " "), "\n", *kernel,
                        absl::EndsWith(*kernel, "\n") ? "" : "\n");
        return absl::OkStatus();
      });
  if (!status.ok())
    return status;
  return text;
}

runtime::FusedKernelConstructor Compiler::backend() const {
  return [pool = impl->pool](const KernelSpec &spec, const ArgSpec &argSpec,
                             int64_t, runtime::Device, runtime::Tier tier) {
    return pool->compile(spec, argSpec, tier);
  };
}

runtime::Session &Compiler::session() { return impl->session; }

void Compiler::withContext(const std::function<void(MLIRContext &)> &body) {
  if (Impl::Lock lock(*impl); lock)
    body(impl->context);
}
