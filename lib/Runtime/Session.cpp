//===- Session.cpp - registered groups and how they run -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Session.h"
#include "Environment.h"
#include "Executor.h"
#include "Inputs.h"
#include "absl/strings/str_cat.h"

namespace fuser::runtime {

class Session::Impl {
public:
  explicit Impl(SessionOptions options);

  /// To be called in a ReadSection, as the others.
  absl::StatusOr<Group *> findGroup(int64_t key) const;

  /// As Session::runFusion and runFallback, for a group that is registered.
  absl::Status run(Group &group, PlanSlot *site, Stack &stack,
                   bool mustInterpret);
  absl::Status run(Group &group, PlanSlot *site, absl::Span<const Value> inputs,
                   absl::Span<const Tensor> outputs);

  /// The plan of a call of group `key`, with the group.
  absl::StatusOr<std::pair<Group *, std::shared_ptr<const CachedPlan>>>
  plan(int64_t key, absl::Span<const Value> inputs);

  /// Lets go of a group that was idle for too long, if it is one.
  void drop(std::unique_ptr<Group> idle);

  const bool interpretOnly;
  const std::shared_ptr<Allocator> allocator;
  const std::shared_ptr<ThreadPool> threads;
  const CudaSource cuda;
  Recorder recorder;
  GroupTable groups;
  KernelProvider kernels;
  Executor executor;
};

static int threadsFor(const SessionOptions &options) {
  return options.threads > 0 ? options.threads : environment().numThreads;
}

static TierPolicy tiersFor(const SessionOptions &options) {
  return options.tiers == TierPolicy::FromEnvironment ? environment().tiers
                                                      : options.tiers;
}

static std::size_t cacheLimitFor(const SessionOptions &options) {
  if (options.maxCachedBytes >= 0)
    return static_cast<std::size_t>(options.maxCachedBytes);
  const int mib = environment().cacheMiB;
  return mib < 0 ? kDefaultCacheLimit : static_cast<std::size_t>(mib) << 20;
}

Session::Impl::Impl(SessionOptions options)
    : interpretOnly(options.interpretOnly),
      allocator(options.allocator
                    ? options.allocator
                    : createCachingAllocator(cacheLimitFor(options))),
      threads(options.threadPool ? options.threadPool
                                 : createThreadPool(threadsFor(options))),
      cuda(options.cuda), groups(options.maxIdleSpecs),
      kernels(options.maxKernels, tiersFor(options), recorder, *threads, cuda),
      executor(kernels, recorder, allocator, threads, cuda) {}

absl::StatusOr<Group *> Session::Impl::findGroup(int64_t key) const {
  if (Group *group = groups.find(key))
    return group;
  return absl::NotFoundError(
      absl::StrCat("no group is registered under the key ", key));
}

absl::Status Session::Impl::run(Group &group, PlanSlot *site, Stack &stack,
                                bool mustInterpret) {
  const std::size_t numInputs = group.spec.inputs.size();
  if (stack.size() < numInputs)
    return absl::InvalidArgumentError(
        absl::StrCat("group ", group.key, " takes ", numInputs,
                     " inputs, but the stack holds ", stack.size(), " values"));
  absl::StatusOr<Executor::Outputs> outputs =
      executor.run(group, site, absl::MakeConstSpan(stack).last(numInputs), {},
                   mustInterpret || interpretOnly);
  if (!outputs.ok())
    return outputs.status();
  stack.resize(stack.size() - numInputs);
  for (Tensor &output : *outputs)
    stack.emplace_back(std::move(output));
  return absl::OkStatus();
}

/// Refuses other numbers of values than `group` has; no outputs are to be
/// allocated, which only plans may ask for.
static absl::Status checkCounts(const Group &group,
                                absl::Span<const Value> inputs,
                                absl::Span<const Tensor> outputs,
                                bool mayAllocate) {
  const KernelSpec &spec = group.spec;
  if (inputs.size() == spec.inputs.size() &&
      (outputs.size() == spec.outputs.size() ||
       (mayAllocate && outputs.empty())))
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("group ", group.key, " takes ", spec.inputs.size(),
                   " inputs and gives ", spec.outputs.size(), " outputs, got ",
                   inputs.size(), " and ", outputs.size()));
}

absl::Status Session::Impl::run(Group &group, PlanSlot *site,
                                absl::Span<const Value> inputs,
                                absl::Span<const Tensor> outputs) {
  if (absl::Status status = checkCounts(group, inputs, outputs,
                                        /*mayAllocate=*/false);
      !status.ok())
    return status;
  return executor.run(group, site, inputs, outputs, interpretOnly).status();
}

absl::StatusOr<std::pair<Group *, std::shared_ptr<const CachedPlan>>>
Session::Impl::plan(int64_t key, absl::Span<const Value> inputs) {
  absl::StatusOr<Group *> group = findGroup(key);
  if (!group.ok())
    return group.status();
  const std::size_t expected = (*group)->spec.inputs.size();
  if (inputs.size() != expected)
    return absl::InvalidArgumentError(absl::StrCat(
        "group ", key, " takes ", expected, " inputs, got ", inputs.size()));
  auto plan = executor.plan(**group, inputs, {});
  if (!plan.ok())
    return plan.status();
  return std::make_pair(*group, *std::move(plan));
}

void Session::Impl::drop(std::unique_ptr<Group> idle) {
  if (!idle)
    return;
  kernels.forget(*idle);
  recorder.addRelease();
  retire(std::shared_ptr<const Group>(std::move(idle)));
  freeRetired();
}

//===----------------------------------------------------------------------===//
// Session
//===----------------------------------------------------------------------===//

Session::Session(SessionOptions options)
    : impl(std::make_unique<Impl>(std::move(options))) {}

Session::~Session() {
  impl.reset();
  freeRetired();
}

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

absl::Status Session::releaseFusion(int64_t key) {
  {
    ReadSection section;
    if (absl::Status status = impl->findGroup(key).status(); !status.ok())
      return status;
  }
  impl->drop(impl->groups.release(key));
  return absl::OkStatus();
}

void Session::registerFusionBackend(DeviceType type,
                                    FusedKernelConstructor constructor,
                                    std::shared_ptr<Allocator> allocator) {
  impl->executor.setAllocator(type, std::move(allocator));
  impl->kernels.own.set(type, std::move(constructor));
}

void Session::setDefaultBackend(DeviceType type,
                                FusedKernelConstructor constructor) {
  impl->kernels.defaults.set(type, std::move(constructor));
}

bool Session::hasFusionBackend(DeviceType type) const {
  return impl->kernels.hasBackend(type);
}

bool Session::canFuseOn(DeviceType type) const {
  return hasFusionBackend(type) && !impl->interpretOnly &&
         !impl->kernels.isDisabled(type) &&
         (type != DeviceType::CUDA || impl->executor.hasAllocator(type) ||
          impl->cuda.isUsable());
}

void Session::overrideCanFuseOn(DeviceType type, bool value) {
  impl->kernels.setDisabled(type, !value);
}

absl::Status Session::runFusion(int64_t key, Stack &stack) {
  ReadSection section;
  absl::StatusOr<Group *> group = impl->findGroup(key);
  return group.ok() ? impl->run(**group, nullptr, stack, false)
                    : group.status();
}

absl::Status Session::runFusion(int64_t key, absl::Span<const Value> inputs,
                                absl::Span<const Tensor> outputs) {
  ReadSection section;
  absl::StatusOr<Group *> group = impl->findGroup(key);
  return group.ok() ? impl->run(**group, nullptr, inputs, outputs)
                    : group.status();
}

absl::Status Session::runFallback(int64_t key, Stack &stack) {
  ReadSection section;
  absl::StatusOr<Group *> group = impl->findGroup(key);
  return group.ok() ? impl->run(**group, nullptr, stack, true) : group.status();
}

absl::StatusOr<std::shared_ptr<const FusedKernel>>
Session::kernelFor(int64_t key, absl::Span<const Value> inputs) {
  ReadSection section;
  auto found = impl->plan(key, inputs);
  if (!found.ok())
    return found.status();
  const auto &[group, plan] = *found;
  if (plan->plan.nests.empty())
    return absl::FailedPreconditionError(
        "this call needs no kernel: its outputs are empty");
  const KernelProvider::Lookup lookup = impl->kernels.getSettled(*group, *plan);
  if (!lookup.kernel)
    return lookup.error.ok() ? absl::FailedPreconditionError(
                                   fallbackReasonName(lookup.reason))
                             : lookup.error;
  return *lookup.kernel;
}

absl::StatusOr<std::shared_ptr<FusedKernel>>
Session::compileKernel(const KernelSpec &spec, const ArgSpec &argSpec,
                       int64_t mapSize, Device device) {
  return impl->kernels.compile(spec, argSpec, mapSize, device, Tier::Final);
}

absl::StatusOr<LaunchPlan> Session::plan(int64_t key,
                                         absl::Span<const Value> inputs) {
  ReadSection section;
  auto found = impl->plan(key, inputs);
  if (!found.ok())
    return found.status();
  const auto &[group, cached] = *found;
  LaunchPlan plan = cached->plan;
  InputTensors tensors;
  if (absl::Status status = tensors.read(group->spec.inputs, inputs);
      !status.ok())
    return status;
  plan.bytes = minimalBytes(group->spec, tensors.tensors(), plan);
  return plan;
}

const KernelSpec *Session::findSpec(int64_t key) const {
  ReadSection section;
  const Group *group = impl->groups.find(key);
  return group ? &group->spec : nullptr;
}

void Session::waitForCompilations() { impl->kernels.waitForCompilations(); }

int64_t Session::nCompiledKernels() const { return impl->recorder.compiled(); }
absl::StatusOr<std::shared_ptr<CudaRuntime>> Session::cudaRuntime() const {
  return impl->cuda.get();
}

Allocator &Session::allocator() const { return *impl->allocator; }
ThreadPool &Session::threads() const { return *impl->threads; }

StatisticsSnapshot Session::statistics() const {
  StatisticsSnapshot result = impl->recorder.snapshot();
  result.memory = impl->allocator->statistics();
  result.deviceMemory = impl->cuda.statistics();
  return result;
}

//===----------------------------------------------------------------------===//
// CallSite
//===----------------------------------------------------------------------===//

class CallSite::Impl {
public:
  Impl(Session::Impl &session, Group &group) : session(session), group(group) {}
  ~Impl() { session.drop(session.groups.releaseSite(group)); }

  Session::Impl &session;
  Group &group;
  PlanSlot plan;
};

CallSite::CallSite(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
CallSite::CallSite(CallSite &&other) noexcept = default;
CallSite &CallSite::operator=(CallSite &&other) noexcept = default;
CallSite::~CallSite() = default;

absl::StatusOr<CallSite> Session::callSite(int64_t key) {
  if (Group *group = impl->groups.addSite(key))
    return CallSite(std::make_unique<CallSite::Impl>(*impl, *group));
  return absl::NotFoundError(
      absl::StrCat("no group is registered under the key ", key));
}

int64_t CallSite::key() const { return impl->group.key; }

absl::Status CallSite::run(Stack &stack) {
  ReadSection section;
  return impl->session.run(impl->group, &impl->plan, stack, false);
}

absl::Status CallSite::run(absl::Span<const Value> inputs,
                           absl::Span<const Tensor> outputs) {
  ReadSection section;
  return impl->session.run(impl->group, &impl->plan, inputs, outputs);
}

absl::Status CallSite::runFallback(Stack &stack) {
  ReadSection section;
  return impl->session.run(impl->group, &impl->plan, stack, true);
}

absl::StatusOr<absl::InlinedVector<PlannedOutput, 2>>
CallSite::plan(absl::Span<const Value> inputs,
               absl::Span<const Tensor> outputs) {
  ReadSection section;
  if (absl::Status status = checkCounts(impl->group, inputs, outputs,
                                        /*mayAllocate=*/true);
      !status.ok())
    return status;
  // The plan that this place remembers is that of the calls that it makes.
  absl::StatusOr<const CachedPlan *> plan = impl->session.executor.findPlan(
      impl->group, outputs.empty() ? nullptr : &impl->plan, inputs, outputs);
  if (!plan.ok())
    return plan.status();
  return (*plan)->plan.outputs;
}

absl::StatusOr<Tensor> CallSite::allocate(const PlannedOutput &output,
                                          Device device) {
  auto allocator = impl->session.executor.allocatorFor(device);
  if (!allocator.ok())
    return allocator.status();
  return output.allocate(**allocator, device);
}

} // namespace fuser::runtime
