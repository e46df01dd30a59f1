//===- CompileQueue.cpp - kernels to be made in the background ------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompileQueue.h"
#include <algorithm>
#include <condition_variable>
#include <optional>
#include <pthread.h>

namespace fuser::runtime {

/// Jobs that wait, at most.
static constexpr std::size_t kMaxJobs = 256;

//===----------------------------------------------------------------------===//
// fork
//===----------------------------------------------------------------------===//

namespace {
/// What a job holds at a fork, such as the locks of LLVM and of the allocator,
/// nobody gives back in the child. So fork() waits until no job runs, and none
/// begins before it is done.
struct ForkGate {
  std::mutex mutex;
  std::condition_variable changed;
  int running = 0;
  bool isForking = false;
  /// Processes between this one and the first.
  std::atomic<int> forks{0};
};
} // namespace

/// Never destroyed: threads may outlive main.
static ForkGate &forkGate() {
  static auto *const gate = new ForkGate;
  return *gate;
}

/// 1 in a thread that runs a job. A job that forks does not wait for itself.
static thread_local int ownJobs = 0;

static void prepareFork() {
  ForkGate &gate = forkGate();
  std::unique_lock<std::mutex> lock(gate.mutex);
  gate.changed.wait(lock, [&] { return !gate.isForking; });
  gate.isForking = true;
  gate.changed.wait(lock, [&] { return gate.running == ownJobs; });
  lock.release(); // Held while the process forks.
}

static void endFork() {
  ForkGate &gate = forkGate();
  gate.isForking = false;
  gate.mutex.unlock();
  gate.changed.notify_all();
}

static void beginChild() {
  ForkGate &gate = forkGate();
  gate.forks.fetch_add(1, std::memory_order_relaxed);
  gate.running = ownJobs;
  gate.isForking = false;
  gate.mutex.unlock();
  // Those who waited for a change are not there; nor is what they left in it.
  new (&gate.changed) std::condition_variable;
}

static void noticeForks() {
  static const int registered =
      pthread_atfork(prepareFork, endFork, beginChild);
  static_cast<void>(registered);
}

static int forkCount() {
  return forkGate().forks.load(std::memory_order_relaxed);
}

namespace {
/// While one lives, fork() waits.
class ForkPause {
public:
  ForkPause() {
    ForkGate &gate = forkGate();
    std::unique_lock<std::mutex> lock(gate.mutex);
    gate.changed.wait(lock, [&] { return !gate.isForking; });
    ++gate.running;
    ++ownJobs;
  }
  ~ForkPause() {
    ForkGate &gate = forkGate();
    {
      std::lock_guard<std::mutex> guard(gate.mutex);
      --gate.running;
      --ownJobs;
    }
    gate.changed.notify_all();
  }
  ForkPause(const ForkPause &) = delete;
  ForkPause &operator=(const ForkPause &) = delete;
};
} // namespace

//===----------------------------------------------------------------------===//
// The queue
//===----------------------------------------------------------------------===//

class CompileQueue::Worker {
public:
  explicit Worker(std::function<void(const Job &)> run)
      : run(std::move(run)), forks(forkCount()) {}

  /// Whether the process was forked off since: nothing here may be touched.
  bool isLost() const { return forks != forkCount(); }

  Added add(const Job &job);
  void drop(Group &group);
  void wait();
  void stop();

private:
  void work();
  void runNext();
  bool start();

  const std::function<void(const Job &)> run;
  const int forks;
  std::mutex lock;
  std::condition_variable changed;
  std::vector<Job> jobs;
  bool isRunning = false, mustStop = false, hasThread = false;
  pthread_t thread;
};

CompileQueue::Added CompileQueue::Worker::add(const Job &job) {
  {
    std::lock_guard<std::mutex> guard(lock);
    if (job.group->isDropped || jobs.size() >= kMaxJobs)
      return Added::IsRefused;
    if (!start())
      return Added::HasNoThread;
    job.entry->isQueued.store(true, std::memory_order_relaxed);
    jobs.push_back(job);
  }
  changed.notify_all();
  return Added::Yes;
}

/// Starts the thread if it is not there. False if it can't be had. (A
/// std::thread would throw.)
bool CompileQueue::Worker::start() {
  auto body = [](void *worker) -> void * {
    static_cast<Worker *>(worker)->work();
    return nullptr;
  };
  if (!hasThread)
    hasThread = pthread_create(&thread, nullptr, body, this) == 0;
  return hasThread;
}

void CompileQueue::Worker::work() {
  for (;;) {
    {
      std::unique_lock<std::mutex> guard(lock);
      changed.wait(guard, [&] { return mustStop || !jobs.empty(); });
      if (mustStop)
        return;
    }
    ForkPause pause;
    runNext();
  }
}

void CompileQueue::Worker::runNext() {
  // Begun while the job is in the queue, so that its group lives to the end.
  std::optional<ReadSection> section(std::in_place);
  Job job;
  {
    std::lock_guard<std::mutex> guard(lock);
    if (mustStop || jobs.empty())
      return;
    const auto demand = [](const Job &each) {
      return each.entry->demand.load(std::memory_order_relaxed);
    };
    auto next = std::max_element(
        jobs.begin(), jobs.end(),
        [&](const Job &a, const Job &b) { return demand(a) < demand(b); });
    job = *next;
    jobs.erase(next);
    isRunning = true;
  }
  run(job);
  job.entry->isQueued.store(false, std::memory_order_relaxed);
  section.reset(); // May let go of kernels, which waiters expect to be gone.
  {
    std::lock_guard<std::mutex> guard(lock);
    isRunning = false;
  }
  changed.notify_all();
}

void CompileQueue::Worker::drop(Group &group) {
  {
    std::lock_guard<std::mutex> guard(lock);
    group.isDropped = true;
    jobs.erase(
        std::remove_if(jobs.begin(), jobs.end(),
                       [&](const Job &job) { return job.group == &group; }),
        jobs.end());
  }
  changed.notify_all();
}

void CompileQueue::Worker::wait() {
  std::unique_lock<std::mutex> guard(lock);
  changed.wait(guard, [&] { return jobs.empty() && !isRunning; });
}

void CompileQueue::Worker::stop() {
  {
    std::lock_guard<std::mutex> guard(lock);
    jobs.clear();
    mustStop = true;
  }
  changed.notify_all();
  if (hasThread)
    pthread_join(thread, nullptr);
}

CompileQueue::CompileQueue(std::function<void(const Job &)> run) {
  noticeForks();
  worker = std::make_unique<Worker>(std::move(run));
}

CompileQueue::~CompileQueue() {
  if (worker->isLost())
    static_cast<void>(worker.release());
  else
    worker->stop();
}

CompileQueue::Added CompileQueue::add(const Job &job) {
  if (worker->isLost())
    return Added::HasNoThread;
  return job.entry->isQueued.load(std::memory_order_relaxed) ? Added::Yes
                                                             : worker->add(job);
}

void CompileQueue::drop(Group &group) {
  if (!worker->isLost())
    worker->drop(group);
}

void CompileQueue::wait() {
  if (!worker->isLost())
    worker->wait();
}

} // namespace fuser::runtime
