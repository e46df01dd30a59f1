//===- PlanCache.h - the plans of calls that come again ------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_PLANCACHE_H
#define FUSER_LIB_RUNTIME_PLANCACHE_H

#include "CallLayout.h"
#include "Interpreter.h"
#include "KernelCache.h"
#include <array>

namespace fuser::runtime {

/// The plan of all calls of a group that have one layout.
struct CachedPlan {
  CachedPlan(CallLayout layout, LaunchPlan plan, Device device)
      : layout(std::move(layout)), plan(std::move(plan)), device(device) {}

  const CallLayout layout;
  const LaunchPlan plan;
  const Device device;
  /// Where the kernel is, as soon as one was asked for; lives as long as the
  /// group.
  mutable std::atomic<KernelCache::Entry *> entry{nullptr};

  ~CachedPlan() { delete program.load(); }
  /// The code of calls without a kernel, made at the first one. `spec` is the
  /// group's.
  const Interpreter &interpreter(const KernelSpec &spec) const {
    const Interpreter *found = program.load(std::memory_order_acquire);
    if (!found) {
      auto made = std::make_unique<const Interpreter>(spec, plan);
      if (program.compare_exchange_strong(found, made.get()))
        found = made.release();
    }
    return *found;
  }

private:
  mutable std::atomic<const Interpreter *> program{nullptr};
};

/// Remembers one plan. Thread-safe; reading takes no lock and allocates
/// nothing.
class PlanSlot {
public:
  PlanSlot() = default;
  ~PlanSlot() { delete current.load(); }
  PlanSlot(const PlanSlot &) = delete;
  PlanSlot &operator=(const PlanSlot &) = delete;

  /// The plan, if it is that of a call with this layout, or null. To be called
  /// in a ReadSection, to whose end it is valid.
  const std::shared_ptr<const CachedPlan> *
  find(absl::Span<const Value> inputs, absl::Span<const Tensor> outputs) const {
    const Held *held = current.load();
    return held && (*held)->layout.isOf(inputs, outputs) ? held : nullptr;
  }

  bool isEmpty() const { return !current.load(); }

  /// Replaces the plan.
  void set(std::shared_ptr<const CachedPlan> plan) {
    const Held *held = new Held(std::move(plan));
    if (const Held *before = current.exchange(held))
      retire(std::shared_ptr<const Held>(before));
  }

private:
  using Held = std::shared_ptr<const CachedPlan>;
  std::atomic<const Held *> current{nullptr};
};

/// The plans of the last calls of a group. A set of slots holds the layouts
/// whose hashes end alike; the oldest in it makes room for a new one.
/// Thread-safe; finding takes no lock and allocates nothing.
class PlanCache {
public:
  /// As PlanSlot::find.
  const std::shared_ptr<const CachedPlan> *
  find(absl::Span<const Value> inputs, absl::Span<const Tensor> outputs) const {
    for (const PlanSlot &slot : sets[setOf(inputs, outputs)].slots)
      if (const auto *found = slot.find(inputs, outputs))
        return found;
    return nullptr;
  }

  /// Adds the plan of a call.
  void add(absl::Span<const Value> inputs, absl::Span<const Tensor> outputs,
           std::shared_ptr<const CachedPlan> plan) {
    Set &set = sets[setOf(inputs, outputs)];
    const unsigned next = set.next.fetch_add(1, std::memory_order_relaxed);
    set.slots[next % kSetSize].set(std::move(plan));
  }

private:
  static constexpr std::size_t kNumSets = 16, kSetSize = 4;
  struct Set {
    std::array<PlanSlot, kSetSize> slots;
    std::atomic<unsigned> next{0};
  };

  static std::size_t setOf(absl::Span<const Value> inputs,
                           absl::Span<const Tensor> outputs) {
    return CallLayout::hash(inputs, outputs) % kNumSets;
  }

  std::array<Set, kNumSets> sets;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_PLANCACHE_H
