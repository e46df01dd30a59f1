//===- OpenMP.cpp - the threads that PyTorch uses -------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpenMP.h"

#include <algorithm>
#include <atomic>
#include <dlfcn.h>
#include <pthread.h>

using namespace fuser::python;

namespace {

/// What compilers call for a parallel region; LLVM's and Intel's library have
/// these functions, too.
struct Library {
  /// Calls run(data) on each thread of a team; of 0 threads: as many as
  /// omp_set_num_threads said, which PyTorch's set_num_threads calls.
  void (*parallel)(void (*run)(void *), void *data, unsigned threads,
                   unsigned flags);
  int (*maxThreads)();
  int (*threadNumber)();
};

/// Parts of a loop that are not taken yet.
struct alignas(64) Range {
  std::atomic<int64_t> next;
  int64_t end;
};

/// A loop whose parts are cut into a range a thread, as PyTorch does: what a
/// thread computed is in its caches when it comes to the next loop. A thread
/// that has no part left helps others.
struct Loop {
  static constexpr int kMostRanges = 64;

  void (*const body)(void *argument, int64_t part);
  void *const argument;
  const int count;
  Range ranges[kMostRanges];
};

Library library;
int32_t mostThreads = 1;

/// True in a process that was forked off one with a team: its threads are not
/// there, and OpenMP would wait for them.
std::atomic<bool> hasLostThreads{false};

} // namespace

/// All threads of a team come here, also if fewer are wanted: OpenMP ends those
/// that a smaller team has no use for.
static void runParts(void *data) {
  if (library.threadNumber() >= mostThreads)
    return;
  Loop &loop = *static_cast<Loop *>(data);
  for (int i = 0; i < loop.count; ++i) {
    Range &range = loop.ranges[(library.threadNumber() + i) % loop.count];
    int64_t part;
    while ((part = range.next.fetch_add(1, std::memory_order_relaxed)) <
           range.end)
      loop.body(loop.argument, part);
  }
}

static void parallelFor(void *, int64_t parts,
                        void (*body)(void *argument, int64_t part),
                        void *argument) {
  const int count =
      std::min({library.maxThreads(), mostThreads, Loop::kMostRanges});
  if (parts == 1 || count == 1 ||
      hasLostThreads.load(std::memory_order_relaxed)) {
    for (int64_t part = 0; part < parts; ++part)
      body(argument, part);
    return;
  }
  Loop loop{body, argument, count, {}};
  for (int i = 0; i < count; ++i) {
    loop.ranges[i].next.store(parts * i / count, std::memory_order_relaxed);
    loop.ranges[i].end = parts * (i + 1) / count;
  }
  library.parallel(runParts, &loop, 0, 0);
}

template <typename Function>
static bool find(const char *name, Function *&function) {
  function = reinterpret_cast<Function *>(dlsym(RTLD_DEFAULT, name));
  return function;
}

bool fuser::python::useOpenMP(fuser_session_options &options,
                              int32_t numThreads) {
  if (!find("GOMP_parallel", library.parallel) ||
      !find("omp_get_max_threads", library.maxThreads) ||
      !find("omp_get_thread_num", library.threadNumber) ||
      pthread_atfork(nullptr, nullptr, [] { hasLostThreads.store(true); }))
    return false;
  mostThreads = numThreads;
  options.num_threads = numThreads;
  options.parallel_for = parallelFor;
  return true;
}
