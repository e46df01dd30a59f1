//===- Session.cpp - registered groups and how they run -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Session.h"
#include "Copies.h"
#include "Environment.h"
#include "GroupTable.h"
#include "Inputs.h"
#include "Interpreter.h"
#include "Recorder.h"
#include "absl/strings/str_cat.h"
#include <chrono>

namespace fuser::runtime {

/// The only device so far.
static constexpr Device kHost{DeviceType::CPU, 0};

class Session::Impl {
public:
  explicit Impl(SessionOptions options);

  using Outputs = absl::InlinedVector<Tensor, 2>;

  /// Runs `group` into `given` outputs, or into new ones if there are none, and
  /// returns them.
  absl::StatusOr<Outputs> run(Group &group, absl::Span<const Value> inputs,
                              absl::Span<const Tensor> given,
                              bool mustInterpret);

  /// As Session::runFusion and runFallback.
  absl::Status runOnStack(int64_t key, Stack &stack, bool mustInterpret);

  /// A kernel, which the cache owns, or null and the reason why there is none.
  struct Lookup {
    const std::shared_ptr<const FusedKernel> *kernel;
    FallbackReason reason;
    absl::Status error;
  };
  Lookup getOrCompile(Group &group, Device device, const LaunchPlan &plan);
  KernelCache::Kernel compile(const Group &group, const ArgSpec &argSpec,
                              const LaunchPlan &plan,
                              const FusedKernelConstructor &constructor);

  void setBackend(DeviceType type, FusedKernelConstructor constructor);
  /// The backend of `type`, which is empty if there is none.
  FusedKernelConstructor constructorFor(DeviceType type) const;
  absl::StatusOr<Group *> findGroup(int64_t key) const;

  const bool interpretOnly;
  const std::shared_ptr<Allocator> allocator;
  const std::shared_ptr<ThreadPool> threads;
  GroupTable groups;
  Recorder recorder;

  mutable std::mutex backendLock;
  std::array<FusedKernelConstructor, kNumDeviceTypes> backends;
  /// Counts the backends registered; see KernelCache::Entry.
  std::atomic<uint64_t> backendGeneration{0};
};

static int threadsFor(const SessionOptions &options) {
  return options.threads > 0 ? options.threads : environment().numThreads;
}

Session::Impl::Impl(SessionOptions options)
    : interpretOnly(options.interpretOnly),
      allocator(options.allocator ? options.allocator
                                  : createCachingAllocator()),
      threads(options.threadPool ? options.threadPool
                                 : createThreadPool(threadsFor(options))) {}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

absl::StatusOr<Session::Impl::Outputs>
Session::Impl::run(Group &group, absl::Span<const Value> inputs,
                   absl::Span<const Tensor> given, bool mustInterpret) {
  // Make the plan and the argument spec. Wrong calls end here.
  InputTensors tensors;
  if (absl::Status status = tensors.read(group.spec.inputs, inputs);
      !status.ok())
    return status;
  absl::StatusOr<LaunchPlan> plan =
      planLaunch(group.spec, tensors.tensors(), given, *allocator);
  if (!plan.ok())
    return plan.status();
  if (plan->nests.empty())
    return std::move(plan->outputs);
  if (!plan->copies.empty()) {
    makeCopies(*plan, *threads);
    recorder.addCopies(plan->copies.size());
  }

  Lookup found{nullptr, FallbackReason::Requested, absl::OkStatus()};
  if (!mustInterpret) {
    // Get or compile the kernel, and launch it.
    found = getOrCompile(group, kHost, *plan);
    if (found.kernel) {
      found.error = (*found.kernel)->launch(*plan, *threads);
      found.reason = FallbackReason::LaunchFailed;
      const bool isWrongCall = absl::IsInvalidArgument(found.error);
      if (found.error.ok() || isWrongCall)
        recorder.addLaunch();
      if (found.error.ok())
        return std::move(plan->outputs);
      if (isWrongCall)
        return found.error;
    }
  }

  // If there is none or it failed, interpret and count why.
  recorder.addFallback(group, found.reason, found.error);
  if (absl::Status status = interpret(group.spec, *plan, *threads);
      !status.ok())
    return status;
  return std::move(plan->outputs);
}

absl::Status Session::Impl::runOnStack(int64_t key, Stack &stack,
                                       bool mustInterpret) {
  absl::StatusOr<Group *> group = findGroup(key);
  if (!group.ok())
    return group.status();
  const std::size_t numInputs = (*group)->spec.inputs.size();
  if (stack.size() < numInputs)
    return absl::InvalidArgumentError(
        absl::StrCat("group ", key, " takes ", numInputs,
                     " inputs, but the stack holds ", stack.size(), " values"));
  absl::StatusOr<Outputs> outputs = run(
      **group, absl::MakeConstSpan(stack).last(numInputs), {}, mustInterpret);
  if (!outputs.ok())
    return outputs.status();
  stack.resize(stack.size() - numInputs);
  for (Tensor &output : *outputs)
    stack.emplace_back(std::move(output));
  return absl::OkStatus();
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

Session::Impl::Lookup Session::Impl::getOrCompile(Group &group, Device device,
                                                  const LaunchPlan &plan) {
  // Before the constructor is read: an error of an older one is then tried
  // again rather than kept.
  const uint64_t generation = backendGeneration.load(std::memory_order_acquire);
  KernelCache::Entry *entry = group.kernels.find(ArgKey(device, plan));
  const KernelCache::Kernel *kernel = entry ? entry->find(generation) : nullptr;
  recorder.addLookup(kernel != nullptr);
  if (!kernel) {
    const FusedKernelConstructor constructor = constructorFor(device.type);
    if (!constructor)
      return {nullptr, FallbackReason::NoBackend,
              absl::FailedPreconditionError(
                  absl::StrCat("no backend for ", deviceTypeName(device.type),
                               "; register one with registerFusionBackend"))};
    if (!entry)
      entry = group.kernels.findOrInsert(ArgSpec(device, plan));
    kernel = &entry->getOrCompile(generation, [&] {
      return compile(group, entry->argSpec(), plan, constructor);
    });
  }
  if (!kernel->ok())
    return {nullptr, FallbackReason::CompileFailed, kernel->status()};
  return {&**kernel, FallbackReason::LaunchFailed, absl::OkStatus()};
}

/// Asks the backend for a kernel and keeps a record of it.
KernelCache::Kernel
Session::Impl::compile(const Group &group, const ArgSpec &argSpec,
                       const LaunchPlan &plan,
                       const FusedKernelConstructor &constructor) {
  int64_t mapSize = 0;
  for (const PlannedNest &nest : plan.nests) {
    int64_t elements = 1;
    for (int64_t size : nest.sizes)
      elements *= size;
    mapSize = std::max(mapSize, elements);
  }

  const auto start = std::chrono::steady_clock::now();
  absl::StatusOr<std::shared_ptr<FusedKernel>> kernel =
      constructor(group.spec, argSpec, mapSize, argSpec.device());
  const std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - start;
  if (kernel.ok() && !*kernel)
    kernel = absl::InternalError("the backend returned no kernel");

  CompileTimes times;
  if (kernel.ok())
    times = (*kernel)->times;
  if (times.stages.empty())
    times.stages.emplace_back("total", elapsed.count());
  recorder.addCompile({group.key, argSpec.str(), std::move(times),
                       kernel.ok() ? "" : kernel.status().ToString()});
  if (!kernel.ok())
    return kernel.status();
  return std::shared_ptr<const FusedKernel>(*std::move(kernel));
}

void Session::Impl::setBackend(DeviceType type,
                               FusedKernelConstructor constructor) {
  const std::size_t number = static_cast<std::size_t>(type);
  if (number >= backends.size())
    return;
  std::lock_guard<std::mutex> guard(backendLock);
  backends[number] = std::move(constructor);
  // Whoever reads the new generation finds the new backend.
  backendGeneration.fetch_add(1, std::memory_order_release);
}

FusedKernelConstructor Session::Impl::constructorFor(DeviceType type) const {
  const std::size_t number = static_cast<std::size_t>(type);
  if (number >= backends.size())
    return nullptr;
  std::lock_guard<std::mutex> guard(backendLock);
  return backends[number];
}

absl::StatusOr<Group *> Session::Impl::findGroup(int64_t key) const {
  if (Group *group = groups.find(key))
    return group;
  return absl::NotFoundError(
      absl::StrCat("no group is registered under the key ", key));
}

//===----------------------------------------------------------------------===//
// Session
//===----------------------------------------------------------------------===//

Session::Session(SessionOptions options)
    : impl(std::make_unique<Impl>(std::move(options))) {}

Session::~Session() = default;

absl::StatusOr<int64_t> Session::registerFusion(KernelSpec spec) {
  if (spec.text.empty())
    return absl::InvalidArgumentError(
        "kernel spec: no text; equal specs are told by it");
  if (absl::Status status = spec.finalize(); !status.ok())
    return status;
  auto [key, isNew] = impl->groups.add(std::move(spec));
  impl->recorder.addRegistration(isNew);
  return key;
}

void Session::registerFusionBackend(DeviceType type,
                                    FusedKernelConstructor constructor) {
  impl->setBackend(type, std::move(constructor));
}

bool Session::hasFusionBackend(DeviceType type) const {
  return impl->constructorFor(type) != nullptr;
}

absl::Status Session::runFusion(int64_t key, Stack &stack) {
  return impl->runOnStack(key, stack, impl->interpretOnly);
}

absl::Status Session::runFallback(int64_t key, Stack &stack) {
  return impl->runOnStack(key, stack, /*mustInterpret=*/true);
}

absl::Status Session::runFusion(int64_t key, absl::Span<const Value> inputs,
                                absl::Span<const Tensor> outputs) {
  absl::StatusOr<Group *> group = impl->findGroup(key);
  if (!group.ok())
    return group.status();
  const KernelSpec &spec = (*group)->spec;
  if (inputs.size() != spec.inputs.size() ||
      outputs.size() != spec.outputs.size())
    return absl::InvalidArgumentError(
        absl::StrCat("group ", key, " takes ", spec.inputs.size(),
                     " inputs and gives ", spec.outputs.size(),
                     " outputs, got ", inputs.size(), " and ", outputs.size()));
  return impl->run(**group, inputs, outputs, impl->interpretOnly).status();
}

absl::StatusOr<std::shared_ptr<const FusedKernel>>
Session::kernelFor(int64_t key, absl::Span<const Value> inputs) {
  absl::StatusOr<LaunchPlan> launchPlan = plan(key, inputs);
  if (!launchPlan.ok())
    return launchPlan.status();
  if (launchPlan->nests.empty())
    return absl::FailedPreconditionError(
        "this call needs no kernel: its outputs are empty");
  Impl::Lookup found =
      impl->getOrCompile(**impl->findGroup(key), kHost, *launchPlan);
  if (!found.kernel)
    return found.error;
  return *found.kernel;
}

absl::StatusOr<LaunchPlan> Session::plan(int64_t key,
                                         absl::Span<const Value> inputs) {
  absl::StatusOr<Group *> group = impl->findGroup(key);
  if (!group.ok())
    return group.status();
  const KernelSpec &spec = (*group)->spec;
  if (inputs.size() != spec.inputs.size())
    return absl::InvalidArgumentError(
        absl::StrCat("group ", key, " takes ", spec.inputs.size(),
                     " inputs, got ", inputs.size()));
  InputTensors tensors;
  if (absl::Status status = tensors.read(spec.inputs, inputs); !status.ok())
    return status;
  absl::StatusOr<LaunchPlan> plan =
      planLaunch(spec, tensors.tensors(), {}, *impl->allocator);
  if (plan.ok())
    plan->bytes = minimalBytes(spec, tensors.tensors(), *plan);
  return plan;
}

const KernelSpec *Session::findSpec(int64_t key) const {
  const Group *group = impl->groups.find(key);
  return group ? &group->spec : nullptr;
}

int64_t Session::nCompiledKernels() const { return impl->recorder.compiled(); }
Allocator &Session::allocator() const { return *impl->allocator; }
ThreadPool &Session::threads() const { return *impl->threads; }

StatisticsSnapshot Session::statistics() const {
  return impl->recorder.snapshot();
}

} // namespace fuser::runtime
