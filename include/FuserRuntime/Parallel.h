//===- Parallel.h - splitting loops over threads ----------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_PARALLEL_H
#define FUSERRUNTIME_PARALLEL_H

#include <cstdint>
#include <functional>
#include <memory>

namespace fuser::runtime {

/// Runs parts of loops on several threads. Thread-safe.
class ThreadPool {
public:
  virtual ~ThreadPool() = default;

  /// How many threads may run parts at once, the caller included; >= 1.
  virtual int numThreads() const = 0;

  /// Calls body(part) once for each part in [0, parts), on any threads, and
  /// returns when all have returned.
  virtual void parallelFor(int64_t parts,
                           const std::function<void(int64_t)> &body) = 0;
};

/// A pool over oneTBB with `numThreads` threads (0: as many as the process may
/// use).
std::shared_ptr<ThreadPool> createThreadPool(int numThreads = 0);

} // namespace fuser::runtime

#endif // FUSERRUNTIME_PARALLEL_H
