//===- KernelProvider.cpp - finding, making, evicting kernels -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelProvider.h"
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

KernelProvider::Lookup KernelProvider::get(Group &group,
                                           const CachedPlan &plan) {
  if (isDisabled(plan.device.type))
    return {nullptr, FallbackReason::Disabled, absl::OkStatus()};
  KernelCache::Entry *entry = plan.entry.load(std::memory_order_acquire);
  const KernelCache::Kernel *kernel = entry ? entry->findKernel() : nullptr;
  if (!kernel)
    return getOrCompile(group, plan);
  recorder.addLookup(/*isHit=*/true);
  limit.touch(*entry);
  return {&**kernel, FallbackReason::LaunchFailed, absl::OkStatus()};
}

KernelProvider::Lookup KernelProvider::getOrCompile(Group &group,
                                                    const CachedPlan &plan) {
  // Before the constructor is read: an error of an older one is then tried
  // again rather than kept.
  const uint64_t now = generation();
  KernelCache::Entry *entry =
      group.kernels.find(ArgKey(plan.device, plan.plan));
  const KernelCache::Kernel *kernel = entry ? entry->find(now) : nullptr;
  recorder.addLookup(kernel != nullptr);
  if (!kernel) {
    if (!hasBackend(plan.device.type))
      return {nullptr, FallbackReason::NoBackend,
              absl::FailedPreconditionError(absl::StrCat(
                  "no backend for ", deviceTypeName(plan.device.type),
                  "; register one with registerFusionBackend"))};
    if (!entry)
      entry = group.kernels.findOrInsert(ArgSpec(plan.device, plan.plan));
    bool isNew;
    std::tie(kernel, isNew) = entry->getOrCompile(now, [&] {
      return compileAndRecord(group, entry->argSpec(), plan.plan);
    });
    if (isNew && kernel->ok())
      recorder.addEvictions(limit.add(group, *entry));
  }
  plan.entry.store(entry, std::memory_order_release);
  if (!kernel->ok())
    return {nullptr, FallbackReason::CompileFailed, kernel->status()};
  limit.touch(*entry);
  return {&**kernel, FallbackReason::LaunchFailed, absl::OkStatus()};
}

absl::StatusOr<std::shared_ptr<FusedKernel>>
KernelProvider::compile(const KernelSpec &spec, const ArgSpec &argSpec,
                        int64_t mapSize, Device device) const {
  const FusedKernelConstructor constructor = constructorFor(device.type);
  if (!constructor)
    return absl::FailedPreconditionError(
        absl::StrCat("no backend for ", deviceTypeName(device.type)));
  auto kernel = constructor(spec, argSpec, mapSize, device);
  if (kernel.ok() && !*kernel)
    return absl::InternalError("the backend returned no kernel");
  return kernel;
}

KernelCache::Kernel
KernelProvider::compileAndRecord(Group &group, const ArgSpec &argSpec,
                                 const LaunchPlan &plan) const {
  int64_t mapSize = 0;
  for (const PlannedNest &nest : plan.nests)
    mapSize = std::max(mapSize, nest.numElements());

  const auto start = std::chrono::steady_clock::now();
  auto kernel = compile(group.spec, argSpec, mapSize, argSpec.device());
  const std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - start;

  CompileTimes times;
  if (kernel.ok())
    times = (*kernel)->times;
  if (times.stages.empty())
    times.stages.emplace_back("total", elapsed.count());
  recorder.addCompile(group,
                      {group.key, argSpec.str(), std::move(times),
                       kernel.ok() ? "" : kernel.status().ToString()},
                      argSpec);
  if (!kernel.ok())
    return kernel.status();
  return std::shared_ptr<const FusedKernel>(*std::move(kernel));
}

} // namespace fuser::runtime
