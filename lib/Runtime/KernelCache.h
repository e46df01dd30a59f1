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
  using Kernel = absl::StatusOr<std::shared_ptr<const FusedKernel>>;

  /// What was made for one argument spec: a kernel, until it is evicted, or the
  /// error that the compiler gave, for as long as the generation of backends is
  /// the same.
  class Entry {
  public:
    explicit Entry(const ArgSpec &argSpec) : spec(argSpec) {}

    const ArgSpec &argSpec() const { return spec; }

    /// The kernel, or null if there is none now. To be called in a ReadSection,
    /// to whose end it is valid.
    const Kernel *findKernel() const {
      const Result *result = current.load();
      return result && result->kernel.ok() ? &result->kernel : nullptr;
    }

    /// The same, or else the error, unless it is of a generation before this.
    const Kernel *find(uint64_t generation) const {
      const Result *result = current.load();
      if (!result || (!result->kernel.ok() && result->generation < generation))
        return nullptr;
      return &result->kernel;
    }

    /// find(), or else what `compile` returns. However many threads ask, one of
    /// them calls it, once; the others wait for it. The second is whether it
    /// was called for this.
    template <class Compile>
    std::pair<const Kernel *, bool> getOrCompile(uint64_t generation,
                                                 Compile &&compile) {
      std::lock_guard<std::mutex> guard(compilation);
      if (const Kernel *kernel = find(generation))
        return {kernel, false};
      replace(std::make_shared<const Result>(Result{compile(), generation}));
      return {&owner->kernel, true};
    }

    /// Drops the kernel, which goes when nobody runs it any more.
    void evict() {
      std::lock_guard<std::mutex> guard(compilation);
      replace(nullptr);
    }

    /// Of KernelLimit: when the kernel was last used.
    std::atomic<uint64_t> lastUse{0};

  private:
    struct Result {
      Kernel kernel;
      uint64_t generation;
    };

    void replace(std::shared_ptr<const Result> result) {
      current.store(result.get());
      owner.swap(result);
      if (result)
        retire(std::move(result));
    }

    const ArgSpec spec;
    std::atomic<const Result *> current{nullptr};
    std::mutex compilation;
    std::shared_ptr<const Result> owner; // of `current`
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
