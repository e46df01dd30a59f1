//===- ExitGate.cpp - no compilation while the process ends ---------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ExitGate.h"
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace fuser;

namespace {
struct Gate {
  std::mutex mutex;
  std::condition_variable left;
  int64_t passes = 0;
  uint64_t returned = 0;
  bool isClosed = false;
};
} // namespace

/// Never destroyed: it is needed while the process ends.
static Gate &gate() {
  static Gate *const gate = new Gate;
  return *gate;
}

/// The passes that this thread holds.
static thread_local int64_t ownPasses = 0;

static void closeGate() {
  std::unique_lock<std::mutex> lock(gate().mutex);
  gate().isClosed = true;
  gate().left.wait(lock, [] { return gate().passes == ownPasses; });
}

/// In a process that is forked off only this thread is left, with its passes.
static void beginChild() {
  gate().passes = ownPasses;
  new (&gate().left) std::condition_variable;
  gate().mutex.unlock();
}

static void survive() {
  static const int error = pthread_atfork(
      [] { gate().mutex.lock(); }, [] { gate().mutex.unlock(); }, beginChild);
  static_cast<void>(error); // For lack of memory: children may hang.
}

namespace {
/// The main thread's objects go when it calls exit() or returns from main,
/// before all others.
struct ThreadEnd {
  const bool isMain = syscall(SYS_gettid) == getpid();
  ~ThreadEnd() {
    if (isMain)
      closeGate();
  }
};
} // namespace

ExitGate::Pass::Pass() {
  static thread_local const ThreadEnd end;
  static_cast<void>(end.isMain);
  survive();
  std::lock_guard<std::mutex> guard(gate().mutex);
  isGiven = !gate().isClosed || ownPasses > 0;
  if (isGiven) {
    ++gate().passes;
    ++ownPasses;
  }
}

ExitGate::Pass::~Pass() {
  if (!isGiven)
    return;
  bool mustRegister;
  {
    std::lock_guard<std::mutex> guard(gate().mutex);
    const uint64_t returned = ++gate().returned;
    // For an exit() of another thread. It undoes things in the opposite order.
    // Objects that are made when they are first needed are made by the first
    // passes, so the gate is registered after the 1st, 2nd, 4th, 8th ...
    mustRegister = (returned & (returned - 1)) == 0 && !gate().isClosed;
    --gate().passes;
    --ownPasses;
  }
  gate().left.notify_all();
  if (mustRegister)
    static_cast<void>(std::atexit(closeGate));
}

absl::Status ExitGate::closedError() {
  return absl::UnavailableError("the process exits");
}
