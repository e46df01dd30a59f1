//===- KernelProvider.h - finding, making, evicting kernels --- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_KERNELPROVIDER_H
#define FUSER_LIB_RUNTIME_KERNELPROVIDER_H

#include "BackendTable.h"
#include "CompileQueue.h"
#include "CudaSource.h"
#include "FuserRuntime/Session.h"
#include "KernelLimit.h"
#include "Recorder.h"

namespace fuser::runtime {

/// Finds the kernels of a session's calls, and has them made by the backends.
/// Thread-safe.
class KernelProvider {
public:
  KernelProvider(std::size_t maxKernels, TierPolicy policy, Recorder &recorder,
                 const ThreadPool &threads, const CudaSource &cuda)
      : policy(policy), limit(maxKernels), recorder(recorder), threads(threads),
        cuda(cuda) {}

  /// A kernel, valid to the end of the caller's ReadSection, or null: then the
  /// call is to be interpreted because the kernel is yet to be made
  /// (`isPending`), or for the reason given.
  struct Lookup {
    const std::shared_ptr<const FusedKernel> *kernel;
    FallbackReason reason;
    absl::Status error;
    bool isPending = false;
  };
  Lookup get(Group &group, const CachedPlan &plan);

  /// Whether get() would find a kernel and change nothing. In a ReadSection.
  static bool isSettled(const CachedPlan &plan) {
    const KernelCache::Entry *entry =
        plan.entry.load(std::memory_order_acquire);
    const State *state = entry ? entry->find() : nullptr;
    return state && state->kind == State::Kind::Settled;
  }

  /// The kernel that such calls use in the end, made if need be.
  Lookup getSettled(Group &group, const CachedPlan &plan);

  /// Asks the backend of `device` for a kernel that no cache knows.
  absl::StatusOr<std::shared_ptr<FusedKernel>>
  compile(const KernelSpec &spec, const ArgSpec &argSpec, int64_t mapSize,
          Device device, Tier tier) const;

  /// Backends of the session, and, for types that have none, neither there nor
  /// in the process, the ones to use then.
  BackendTable own, defaults;

  bool hasBackend(DeviceType type) const {
    return constructorFor(type) != nullptr;
  }
  bool isDisabled(DeviceType type) const {
    return disabled[static_cast<int>(type)].load(std::memory_order_relaxed);
  }
  void setDisabled(DeviceType type, bool value) {
    disabled[static_cast<int>(type)].store(value, std::memory_order_relaxed);
  }

  /// Forgets the kernels of `group`, which is about to go.
  void forget(Group &group) {
    queue.drop(group);
    limit.forget(group);
  }

  /// Returns when nothing is left to be made in the background.
  void waitForCompilations() { queue.wait(); }

private:
  using State = KernelCache::State;
  /// What a kernel is made for.
  struct Request {
    Group &group;
    KernelCache::Entry &entry;
    int64_t mapSize;
    /// Read before the constructor is: a failure of an older one is then tried
    /// again rather than kept.
    uint64_t generation;
    bool isInBackground = false;
  };
  /// Nanoseconds.
  struct Costs {
    int64_t interpretation, compilation;
  };

  Lookup getUnsettled(Group &group, const CachedPlan &plan, bool mustSettle);
  Lookup lookupOf(const State &state, KernelCache::Entry &entry) const;
  const State *settleNow(const Request &request);
  const State *begin(const Request &request, const LaunchPlan &plan);
  const State *improve(const Request &request, const LaunchPlan &plan,
                       const State *state);
  const State *makeQuick(const Request &request, const State *state);
  const State *settle(const Request &request, Tier tier);
  bool enqueue(const Request &request);
  void runJob(const CompileQueue::Job &job);
  const State *install(const Request &request, const State *expected,
                       State next);
  absl::StatusOr<std::shared_ptr<const FusedKernel>>
  compileAndRecord(const Request &request, Tier tier, bool isSwap) const;
  FusedKernelConstructor constructorFor(DeviceType type) const;
  bool canInterpret(const KernelCache::Entry &entry) const;
  Costs costsOf(const Request &request, const LaunchPlan &plan) const;
  uint64_t generation() const;

  const TierPolicy policy;
  KernelLimit limit;
  Recorder &recorder;
  const ThreadPool &threads;
  const CudaSource &cuda;
  std::array<std::atomic<bool>, kNumDeviceTypes> disabled{};
  /// Declared last: its thread uses all the rest.
  CompileQueue queue{[this](const CompileQueue::Job &job) { runJob(job); }};
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_KERNELPROVIDER_H
