//===- KernelCache.h - the kernels of one spec ------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_KERNELCACHE_H
#define FUSER_LIB_RUNTIME_KERNELCACHE_H

#include "FuserRuntime/FusedKernel.h"
#include "ReadSection.h"
#include <atomic>
#include <mutex>

namespace fuser::runtime {

/// The kernels of one kernel spec by argument spec. Thread-safe: looking up
/// takes no lock and allocates nothing; inserting takes one. Entries live as
/// long as the cache; what they hold may go.
class KernelCache {
public:
  /// What there is for one argument spec.
  struct State {
    enum class Kind : uint8_t {
      Settled, ///< a kernel that stays
      Quick,   ///< a kernel that a better one is to replace
      Pending, ///< no kernel yet: calls are interpreted until there is one
      Failed,  ///< none can be had, for as long as `generation` is the latest
    };
    Kind kind;
    std::shared_ptr<const FusedKernel> kernel;
    /// Why there is none. Of Pending, why there is none of tier Quick; OK if
    /// none was asked for.
    absl::Status error;
    /// Of backends, when they were asked.
    uint64_t generation = 0;
  };

  class Entry {
  public:
    explicit Entry(const ArgSpec &argSpec) : spec(argSpec) {}

    const ArgSpec &argSpec() const { return spec; }

    /// Null if there was nothing yet, or it was evicted. To be called in a
    /// ReadSection, to whose end it is valid.
    const State *find() const { return current.load(); }

    /// The same, but null for the failure of an earlier generation.
    const State *find(uint64_t generation) const {
      const State *state = find();
      const bool isOld = state && state->kind == State::Kind::Failed &&
                         state->generation < generation;
      return isOld ? nullptr : state;
    }

    /// Makes `next` the state if `expected` still is, and returns it; else
    /// null, and the state stays what it became meanwhile. In a ReadSection,
    /// too.
    const State *replace(const State *expected, State next) {
      auto made = std::make_shared<const State>(std::move(next));
      std::lock_guard<std::mutex> guard(replacement);
      if (current.load() != expected)
        return nullptr;
      set(made);
      return made.get();
    }

    /// Drops the kernel, which goes when nobody runs it any more. Waits for no
    /// compilation.
    void evict() {
      std::lock_guard<std::mutex> guard(replacement);
      demand.store(0, std::memory_order_relaxed);
      set(nullptr);
    }

    /// Whether to try again after a failure to make a kernel that may pass: 8
    /// times. Called by the one thread that makes it.
    bool mayRetry() { return numRetries++ < 8; }

    /// Held by the one thread that makes a kernel for this entry.
    std::mutex compilation;
    /// Of KernelLimit: when the kernel was last used.
    std::atomic<uint64_t> lastUse{0};
    /// Of KernelProvider: the estimated nanoseconds that the calls which found
    /// no settled kernel take on the interpreter, and whether such a kernel is
    /// about to be made by the session's thread.
    std::atomic<int64_t> demand{0};
    std::atomic<bool> isQueued{false};

  private:
    void set(std::shared_ptr<const State> state) {
      current.store(state.get());
      owner.swap(state);
      if (state)
        retire(std::move(state));
    }

    const ArgSpec spec;
    std::atomic<const State *> current{nullptr};
    std::mutex replacement;
    std::shared_ptr<const State> owner; // of `current`
    int numRetries = 0;
  };

  KernelCache();
  ~KernelCache();
  KernelCache(const KernelCache &) = delete;
  KernelCache &operator=(const KernelCache &) = delete;

  /// The entry for the argument spec with this key, or null.
  Entry *find(const ArgKey &key) const;

  /// The entry for `argSpec`, made if there is none.
  Entry *findOrInsert(const ArgSpec &argSpec);

private:
  class Table;

  std::atomic<Table *> current;
  std::mutex insertion;
  // Readers may still walk a table that has been outgrown, so it is kept.
  std::vector<std::unique_ptr<Table>> tables;
  std::vector<std::unique_ptr<Entry>> entries;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_KERNELCACHE_H
