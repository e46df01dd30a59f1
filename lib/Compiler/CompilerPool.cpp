//===- CompilerPool.cpp - compiling kernels on several threads ------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompilerPool.h"
#include "DiagnosticText.h"
#include "ExitGate.h"
#include "absl/strings/str_cat.h"
#include <algorithm>
#include <optional>
#include <thread>

using namespace mlir;
using namespace fuser;
using runtime::ArgSpec;
using runtime::KernelSpec;

struct CompilerPool::Member {
  explicit Member(const TargetOptions &target)
      : context(kernelDialects(), MLIRContext::Threading::DISABLED),
        kernels(&context, target) {}

  MLIRContext context;
  KernelCompiler kernels;
};

/// A member that one thread uses; none if the process exits.
class CompilerPool::Loan {
public:
  explicit Loan(CompilerPool &pool);
  ~Loan();
  Loan(const Loan &) = delete;
  Loan &operator=(const Loan &) = delete;

  explicit operator bool() const { return member != nullptr; }
  MLIRContext *context() const { return &member->context; }
  KernelCompiler *operator->() const { return &member->kernels; }

private:
  CompilerPool &pool;
  std::unique_ptr<Member> member;
  /// Held while the member is used.
  std::optional<ExitGate::Pass> pass;
};

CompilerPool::Loan::Loan(CompilerPool &pool) : pool(pool) {
  const unsigned maxLoans = std::max(1u, std::thread::hardware_concurrency());
  {
    std::unique_lock<std::mutex> guard(pool.lock);
    pool.returned.wait(guard, [&] { return pool.numLoans < maxLoans; });
    ++pool.numLoans;
  }
  // Those who wait must not hold up exit().
  if (!pass.emplace())
    return;
  {
    std::lock_guard<std::mutex> guard(pool.lock);
    if (!pool.idle.empty()) {
      member = std::move(pool.idle.back());
      pool.idle.pop_back();
      return;
    }
  }
  member = std::make_unique<Member>(pool.target);
}

CompilerPool::Loan::~Loan() {
  {
    std::lock_guard<std::mutex> guard(pool.lock);
    if (member)
      pool.idle.push_back(std::move(member));
    --pool.numLoans;
  }
  pool.returned.notify_one();
}

CompilerPool::CompilerPool(TargetOptions target) : target(std::move(target)) {}

CompilerPool::~CompilerPool() {
  ExitGate::Pass pass;
  // Without LLVM's static objects the members are left where they are.
  for (std::unique_ptr<Member> &member : idle)
    pass ? member.reset() : static_cast<void>(member.release());
}

absl::Status CompilerPool::checkTarget() {
  Loan compiler(*this);
  return compiler ? compiler->checkTarget() : ExitGate::closedError();
}

absl::StatusOr<std::string> CompilerPool::emit(const KernelSpec &spec,
                                               const ArgSpec &argSpec,
                                               EmitStage stage,
                                               runtime::Tier tier) {
  Loan compiler(*this);
  if (!compiler)
    return ExitGate::closedError();
  DiagnosticText diagnostics(compiler.context());
  return compiler->emit(spec, argSpec, stage, tier);
}

/// `spec` for as long as its kernel lives.
static std::shared_ptr<const KernelSpec> keep(const KernelSpec &spec) {
  if (auto kept = spec.weak_from_this().lock())
    return kept;
  return std::make_shared<const KernelSpec>(spec);
}

static absl::Status withDiagnostics(const absl::Status &status,
                                    DiagnosticText &diagnostics) {
  return absl::InternalError(absl::StrCat(status.message(), ": ",
                                          diagnostics.status("").message()));
}

absl::StatusOr<std::shared_ptr<runtime::FusedKernel>>
CompilerPool::compile(const KernelSpec &spec, const ArgSpec &argSpec,
                      runtime::Tier tier) {
  Loan compiler(*this);
  if (!compiler)
    return ExitGate::closedError();
  DiagnosticText diagnostics(compiler.context());
  auto printCode = [pool = shared_from_this(), kept = keep(spec), argSpec,
                    tier]() -> std::string {
    auto text = pool->emit(*kept, argSpec, EmitStage::Assembly, tier);
    return text.ok() ? *text : std::string(text.status().message());
  };
  auto kernel = compiler->compile(spec, argSpec, tier, std::move(printCode));
  if (!kernel.ok())
    return withDiagnostics(kernel.status(), diagnostics);
  return kernel;
}

absl::StatusOr<std::shared_ptr<runtime::FusedKernel>>
CompilerPool::compileForCuda(const KernelSpec &spec, const ArgSpec &argSpec,
                             runtime::Device device,
                             std::shared_ptr<runtime::CudaRuntime> cuda) {
  auto properties = cuda->properties(device);
  if (!properties.ok())
    return properties.status();
  std::optional<GpuTarget> gpu; // None: the host.
  if (!cuda->isEmulated()) {
    auto found = gpuTargetFor((*properties)->major, (*properties)->minor);
    if (!found.ok())
      return found.status();
    gpu = *found;
  }
  runtime::CompileTimes times;
  absl::StatusOr<DeviceCode> code;
  {
    Loan compiler(*this);
    if (!compiler)
      return ExitGate::closedError();
    DiagnosticText diagnostics(compiler.context());
    code = compiler->compileForDevice(spec, argSpec, gpu, times);
    if (!code.ok())
      return withDiagnostics(code.status(), diagnostics);
  }
  // The driver takes longer to compile PTX than it took to make it.
  StageTimer timer(times);
  auto printCode = [pool = shared_from_this(), kept = keep(spec), argSpec,
                    gpu]() -> std::string {
    auto text = pool->emitPtx(*kept, argSpec, gpu.value_or(GpuTarget()));
    return text.ok() ? *text : std::string(text.status().message());
  };
  auto kernel = runtime::FusedKernelCUDA::load(
      std::move(cuda), device, std::move(code->image),
      std::move(code->functions), std::move(printCode));
  if (!kernel.ok())
    return kernel.status();
  timer.finished("load");
  (*kernel)->times = std::move(times);
  return kernel;
}

absl::StatusOr<std::string> CompilerPool::emitPtx(const KernelSpec &spec,
                                                  const ArgSpec &argSpec,
                                                  const GpuTarget &gpu) {
  Loan compiler(*this);
  if (!compiler)
    return ExitGate::closedError();
  DiagnosticText diagnostics(compiler.context());
  runtime::CompileTimes times;
  auto code = compiler->compileForDevice(spec, argSpec, gpu, times);
  if (!code.ok())
    return withDiagnostics(code.status(), diagnostics);
  return std::move(code->image);
}
