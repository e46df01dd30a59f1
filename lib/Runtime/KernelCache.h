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
#include <atomic>
#include <mutex>

namespace fuser::runtime {

/// The kernels of one kernel spec by argument spec. Thread-safe: looking up
/// takes no lock and allocates nothing; inserting takes one. Entries live as
/// long as the cache.
class KernelCache {
public:
  using Kernel = absl::StatusOr<std::shared_ptr<const FusedKernel>>;

  /// What was made for one argument spec: a kernel, or the error that the
  /// compiler gave, both for ever.
  class Entry {
  public:
    explicit Entry(const ArgSpec &argSpec) : spec(argSpec) {}

    const ArgSpec &argSpec() const { return spec; }

    /// What `compile` returned. However many threads ask, one of them calls it,
    /// once; the others wait for it.
    template <class Compile> const Kernel &getOrCompile(Compile &&compile) {
      if (!isReady.load(std::memory_order_acquire)) {
        std::lock_guard<std::mutex> guard(compilation);
        if (!isReady.load(std::memory_order_relaxed)) {
          kernel = compile();
          isReady.store(true, std::memory_order_release);
        }
      }
      return kernel;
    }

  private:
    const ArgSpec spec;
    std::atomic<bool> isReady{false};
    std::mutex compilation;
    Kernel kernel;
  };

  KernelCache();
  ~KernelCache();
  KernelCache(const KernelCache &) = delete;
  KernelCache &operator=(const KernelCache &) = delete;

  /// The entry for `argSpec`, or null.
  Entry *find(const ArgSpec &argSpec) const;

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
