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

  /// What was made for one argument spec: a kernel, for ever, or the error that
  /// the compiler gave, for as long as the generation of backends is the same.
  class Entry {
  public:
    explicit Entry(const ArgSpec &argSpec) : spec(argSpec) {}

    const ArgSpec &argSpec() const { return spec; }

    /// What was made, or null if nothing was yet, or only an error in a
    /// generation before this one.
    const Kernel *find(uint64_t generation) const {
      const Result *result = current.load(std::memory_order_acquire);
      if (!result || (!result->kernel.ok() && result->generation < generation))
        return nullptr;
      return &result->kernel;
    }

    /// find(), or else what `compile` returns. However many threads ask, one of
    /// them calls it, once; the others wait for it.
    template <class Compile>
    const Kernel &getOrCompile(uint64_t generation, Compile &&compile) {
      if (const Kernel *kernel = find(generation))
        return *kernel;
      std::lock_guard<std::mutex> guard(compilation);
      if (const Kernel *kernel = find(generation))
        return *kernel;
      results.push_back(
          std::make_unique<Result>(Result{compile(), generation}));
      current.store(results.back().get(), std::memory_order_release);
      return results.back()->kernel;
    }

  private:
    struct Result {
      Kernel kernel;
      uint64_t generation;
    };

    const ArgSpec spec;
    std::atomic<const Result *> current{nullptr};
    std::mutex compilation;
    // Errors of earlier generations may still be read, so they are kept.
    std::vector<std::unique_ptr<const Result>> results;
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
