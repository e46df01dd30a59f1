//===- CompileQueue.h - kernels to be made in the background ---*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_COMPILEQUEUE_H
#define FUSER_LIB_RUNTIME_COMPILEQUEUE_H

#include "GroupTable.h"
#include <functional>

namespace fuser::runtime {

/// Jobs for a thread that is started by the first one, the one in highest
/// demand first. Thread-safe. In a process that was forked off, a queue from
/// before has no thread and no jobs.
class CompileQueue {
public:
  struct Job {
    Group *group;
    KernelCache::Entry *entry;
    int64_t mapSize;
  };

  /// `run` is called for each job, in a ReadSection.
  explicit CompileQueue(std::function<void(const Job &)> run);
  /// Drops the jobs and waits for the one that runs.
  ~CompileQueue();
  CompileQueue(const CompileQueue &) = delete;
  CompileQueue &operator=(const CompileQueue &) = delete;

  enum class Added {
    Yes,
    IsRefused,  ///< there are too many jobs, or the group was dropped
    HasNoThread ///< none could be started, or the process was forked off
  };
  Added add(const Job &job);

  /// Drops the jobs of `group`, and those that calls of it still add. It may
  /// then be retired: a job that runs has its ReadSection.
  void drop(Group &group);

  /// Returns when there is no job any more.
  void wait();

private:
  class Worker;
  /// Left where it is in a process that was forked off.
  std::unique_ptr<Worker> worker;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_COMPILEQUEUE_H
