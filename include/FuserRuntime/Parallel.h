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

  /// How many threads run parts at once at the most, the caller included; >= 1.
  virtual int numThreads() const = 0;

  /// Calls body(part) once for each part in [0, parts), on any threads, and
  /// returns when all have returned.
  virtual void parallelFor(int64_t parts,
                           const std::function<void(int64_t)> &body) = 0;
};

/// A pool over oneTBB with `numThreads` threads, but no more than the process
/// may use: its processors, or what a tbb::global_control in force at this call
/// allows. 0: that many. In a process that is forked off later, the calling
/// thread runs everything.
std::shared_ptr<ThreadPool> createThreadPool(int numThreads = 0);

} // namespace fuser::runtime

#endif // FUSERRUNTIME_PARALLEL_H
