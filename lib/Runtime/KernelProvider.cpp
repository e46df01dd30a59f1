//===- KernelProvider.cpp - finding, making, evicting kernels -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelProvider.h"
#include "TierCosts.h"
#include "absl/strings/str_cat.h"
#include <chrono>

namespace fuser::runtime {

FusedKernelConstructor KernelProvider::constructorFor(DeviceType type) const {
  const BackendTable *const tables[] = {&own, &processBackends(), &defaults};
  for (const BackendTable *table : tables)
    if (FusedKernelConstructor constructor = table->find(type))
      return constructor;
  return nullptr;
}

/// Grows with every backend registered; see KernelCache::Entry.
uint64_t KernelProvider::generation() const {
  return own.generation() + processBackends().generation() +
         defaults.generation();
}

/// Whether there is a way to the interpreter, which computes on the CPU.
bool KernelProvider::canInterpret(const KernelCache::Entry &entry) const {
  return entry.argSpec().device().type == DeviceType::CPU || cuda.isUsable();
}

/// What a call takes without a kernel, and a kernel that can be had soonest.
KernelProvider::Costs KernelProvider::costsOf(const Request &request,
                                              const LaunchPlan &plan) const {
  const KernelSpec &spec = request.group.spec;
  Costs costs{interpretationTime(spec, plan, threads),
              quickCompilationTime(spec)};
  if (request.entry.argSpec().device().type != DeviceType::CPU) {
    costs.interpretation += hostCopyTime(plan);
    costs.compilation *= kDeviceCompilation;
  }
  return costs;
}

KernelProvider::Lookup KernelProvider::get(Group &group,
                                           const CachedPlan &plan) {
  if (isDisabled(plan.device.type))
    return {nullptr, FallbackReason::Disabled, absl::OkStatus()};
  KernelCache::Entry *entry = plan.entry.load(std::memory_order_acquire);
  const State *state = entry ? entry->find() : nullptr;
  if (!state || state->kind != State::Kind::Settled)
    return getUnsettled(group, plan, /*mustSettle=*/false);
  recorder.addLookup(/*isHit=*/true);
  limit.touch(*entry);
  return {&state->kernel, FallbackReason::LaunchFailed, absl::OkStatus()};
}

KernelProvider::Lookup KernelProvider::getSettled(Group &group,
                                                  const CachedPlan &plan) {
  if (isDisabled(plan.device.type))
    return {nullptr, FallbackReason::Disabled, absl::OkStatus()};
  return getUnsettled(group, plan, /*mustSettle=*/true);
}

static int64_t largestNest(const LaunchPlan &plan) {
  int64_t largest = 0;
  for (const PlannedNest &nest : plan.nests)
    largest = std::max(largest, nest.numElements());
  return largest;
}

static bool maySettle(const KernelCache::State &state) {
  return state.kind == KernelCache::State::Kind::Quick ||
         state.kind == KernelCache::State::Kind::Pending;
}

KernelProvider::Lookup KernelProvider::getUnsettled(Group &group,
                                                    const CachedPlan &plan,
                                                    bool mustSettle) {
  const uint64_t now = generation();
  KernelCache::Entry *entry = plan.entry.load(std::memory_order_acquire);
  if (!entry)
    entry = group.kernels.find(ArgKey(plan.device, plan.plan));
  const State *state = entry ? entry->find(now) : nullptr;
  recorder.addLookup(state && state->kind != State::Kind::Pending);
  if (!state && !hasBackend(plan.device.type))
    return {nullptr, FallbackReason::NoBackend,
            absl::FailedPreconditionError(absl::StrCat(
                "no backend for ", deviceTypeName(plan.device.type),
                "; register one with registerFusionBackend"))};
  if (!state || maySettle(*state)) {
    if (!entry)
      entry = group.kernels.findOrInsert(ArgSpec(plan.device, plan.plan));
    const Request request{group, *entry, largestNest(plan.plan), now};
    state = mustSettle ? settleNow(request)
            : state    ? improve(request, plan.plan, state)
                       : begin(request, plan.plan);
  }
  plan.entry.store(entry, std::memory_order_release);
  return lookupOf(*state, *entry);
}

KernelProvider::Lookup
KernelProvider::lookupOf(const State &state, KernelCache::Entry &entry) const {
  if (!state.kernel)
    return {nullptr, FallbackReason::CompileFailed, state.error,
            state.error.ok()};
  limit.touch(entry);
  return {&state.kernel, FallbackReason::LaunchFailed, absl::OkStatus()};
}

//===----------------------------------------------------------------------===//
// Which kernel is made when, and by whom
//===----------------------------------------------------------------------===//

/// Makes what the entry has in the end.
const KernelCache::State *KernelProvider::settleNow(const Request &request) {
  std::lock_guard<std::mutex> guard(request.entry.compilation);
  const State *state = request.entry.find(request.generation);
  if (state && !maySettle(*state))
    return state;
  return settle(request,
                policy == TierPolicy::QuickOnly ? Tier::Quick : Tier::Final);
}

/// The first call. Others wait while it decides, and while it compiles.
const KernelCache::State *KernelProvider::begin(const Request &request,
                                                const LaunchPlan &plan) {
  if (policy == TierPolicy::QuickOnly || policy == TierPolicy::FinalOnly)
    return settleNow(request);
  KernelCache::Entry &entry = request.entry;
  std::lock_guard<std::mutex> guard(entry.compilation);
  if (const State *state = entry.find(request.generation))
    return state;
  const Costs costs = costsOf(request, plan);
  entry.demand.store(costs.interpretation, std::memory_order_relaxed);
  if (!canInterpret(entry) || costs.interpretation >= costs.compilation)
    return makeQuick(request, entry.find());
  const State *state =
      entry.replace(entry.find(), {State::Kind::Pending, nullptr,
                                   absl::OkStatus(), request.generation});
  enqueue(request);
  return state;
}

/// A later call that finds no kernel that stays.
const KernelCache::State *KernelProvider::improve(const Request &request,
                                                  const LaunchPlan &plan,
                                                  const State *state) {
  KernelCache::Entry &entry = request.entry;
  const Costs costs = costsOf(request, plan);
  const int64_t demand =
      entry.demand.fetch_add(costs.interpretation, std::memory_order_relaxed) +
      costs.interpretation;
  const bool isBySomeoneElse = policy == TierPolicy::Async && enqueue(request);
  // To interpret once more may cost more than to compile.
  const bool isLate =
      !state->kernel && state->error.ok() && demand >= costs.compilation;
  if (isBySomeoneElse && !isLate)
    return state;
  std::unique_lock<std::mutex> guard(entry.compilation, std::try_to_lock);
  if (!guard.owns_lock())
    return state; // Someone is at it.
  if (const State *now = entry.find(request.generation); now != state)
    return now ? now : state;
  return isBySomeoneElse ? makeQuick(request, state)
                         : settle(request, Tier::Final);
}

void KernelProvider::runJob(const CompileQueue::Job &job) {
  const Request request{*job.group, *job.entry, job.mapSize, generation(),
                        /*isInBackground=*/true};
  std::lock_guard<std::mutex> guard(job.entry->compilation);
  const State *state = job.entry->find(request.generation);
  if (state && maySettle(*state))
    settle(request, Tier::Final);
}

/// Asks for a settled kernel in the background. False if nobody will make it.
bool KernelProvider::enqueue(const Request &request) {
  return policy == TierPolicy::Async &&
         queue.add({&request.group, &request.entry, request.mapSize}) !=
             CompileQueue::Added::HasNoThread;
}

//===----------------------------------------------------------------------===//
// Making one. The caller holds the entry's `compilation`.
//===----------------------------------------------------------------------===//

/// Makes what can be had soonest where there is no kernel yet.
const KernelCache::State *KernelProvider::makeQuick(const Request &request,
                                                    const State *state) {
  auto kernel = compileAndRecord(request, Tier::Quick, /*isSwap=*/false);
  State next{State::Kind::Pending, nullptr, kernel.status(),
             request.generation};
  if (kernel.ok()) {
    next.kernel = *std::move(kernel);
    next.kind = next.kernel->tier == Tier::Quick ? State::Kind::Quick
                                                 : State::Kind::Settled;
  } else if (!canInterpret(request.entry)) {
    return settle(request, Tier::Final);
  }
  const State *made = install(request, state, std::move(next));
  if (maySettle(*made))
    enqueue(request);
  return made;
}

/// Whether what failed may succeed later: there was no memory, or a stream was
/// captured.
static bool mayPass(const absl::Status &status) {
  return absl::IsResourceExhausted(status) ||
         absl::IsFailedPrecondition(status);
}

/// Makes a kernel that stays. If it can't be had, a lesser one does.
const KernelCache::State *KernelProvider::settle(const Request &request,
                                                 Tier tier) {
  const State *state = request.entry.find();
  const bool isSwap = state && state->kernel;
  auto kernel = compileAndRecord(request, tier, isSwap);
  State next{State::Kind::Settled, nullptr, absl::OkStatus(),
             request.generation};
  const bool mayRetry =
      !kernel.ok() && mayPass(kernel.status()) && request.entry.mayRetry();
  if (kernel.ok()) {
    next.kernel = *kernel;
  } else if (isSwap) {
    next.kernel = state->kernel;
    if (mayRetry)
      next.kind = State::Kind::Quick;
  } else {
    next.kind = State::Kind::Failed;
    next.error = kernel.status();
    if (mayRetry) // As if of an older backend: the next call tries again.
      next.generation = 0;
  }
  const State *made = install(request, state, std::move(next));
  if (!made)
    return state; // The lesser one was evicted meanwhile.
  if (isSwap && kernel.ok())
    recorder.addSwap();
  return made;
}

const KernelCache::State *KernelProvider::install(const Request &request,
                                                  const State *expected,
                                                  State next) {
  const bool isFirst = next.kernel && !(expected && expected->kernel);
  const State *made = request.entry.replace(expected, std::move(next));
  if (made && isFirst)
    recorder.addEvictions(limit.add(request.group, request.entry));
  return made;
}

absl::StatusOr<std::shared_ptr<FusedKernel>>
KernelProvider::compile(const KernelSpec &spec, const ArgSpec &argSpec,
                        int64_t mapSize, Device device, Tier tier) const {
  const FusedKernelConstructor constructor = constructorFor(device.type);
  if (!constructor)
    return absl::FailedPreconditionError(
        absl::StrCat("no backend for ", deviceTypeName(device.type)));
  auto kernel = constructor(spec, argSpec, mapSize, device, tier);
  if (kernel.ok() && !*kernel)
    return absl::InternalError("the backend returned no kernel");
  return kernel;
}

absl::StatusOr<std::shared_ptr<const FusedKernel>>
KernelProvider::compileAndRecord(const Request &request, Tier tier,
                                 bool isSwap) const {
  const ArgSpec &argSpec = request.entry.argSpec();
  const auto start = std::chrono::steady_clock::now();
  auto kernel = compile(request.group.spec, argSpec, request.mapSize,
                        argSpec.device(), tier);
  const std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - start;

  CompileRecord record{request.group.key, argSpec.str(), {}, ""};
  if (kernel.ok())
    record.times = (*kernel)->times;
  else
    record.error = kernel.status().ToString();
  if (record.times.stages.empty())
    record.times.stages.emplace_back("total", elapsed.count());
  record.tier = kernel.ok() ? (*kernel)->tier : tier;
  record.isInBackground = request.isInBackground;
  if (isSwap)
    record.newInKey = "tier 2 in place of tier 1";
  recorder.addCompile(request.group, std::move(record), argSpec);
  if (!kernel.ok())
    return kernel.status();
  return std::shared_ptr<const FusedKernel>(*std::move(kernel));
}

} // namespace fuser::runtime
