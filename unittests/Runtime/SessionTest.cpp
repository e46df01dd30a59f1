//===- SessionTest.cpp - sessions, fallbacks and statistics ---------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Session.h"
#include "FakeBackend.h"
#include <atomic>
#include <climits>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

using namespace fuser;
using namespace fuser::runtime;

TEST(Session, EqualTextsAreEqualSpecs) {
  Session session;
  const int64_t first = *session.registerFusion(addSpec(1, 1, "one"));
  EXPECT_NE(*session.registerFusion(addSpec(2, 1, "two")), first);
  EXPECT_EQ(*session.registerFusion(addSpec(1, 1, "one")), first);
  EXPECT_EQ(session.findSpec(first)->text, "one");
  EXPECT_EQ(session.findSpec(77), nullptr);
  EXPECT_EQ(session.findSpec(-1), nullptr);
  EXPECT_EQ(session.findSpec(INT64_MAX), nullptr);
  EXPECT_EQ(session.statistics().registrations, 3);
  EXPECT_EQ(session.statistics().specs, 2);
  for (int i = 0; i < 100; ++i) {
    const std::string text = "many " + std::to_string(i);
    const int64_t key = *session.registerFusion(addSpec(1, 1, text));
    EXPECT_EQ(session.findSpec(key)->text, text);
  }
  EXPECT_EQ(session.findSpec(first)->text, "one");
  EXPECT_FALSE(session.registerFusion(addSpec(1, 1, "")).ok());
  EXPECT_FALSE(session.registerFusion(KernelSpec()).ok());
}

TEST(Session, RunsAKernel) {
  FakeBackend backend;
  Session session(oneThread());
  EXPECT_FALSE(session.hasFusionBackend(DeviceType::CPU));
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  EXPECT_TRUE(session.hasFusionBackend(DeviceType::CPU));
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  EXPECT_EQ(firstElement(session, key), 4711);
  EXPECT_EQ(firstElement(session, key), 4711);
  EXPECT_EQ(backend.calls, 1);
  EXPECT_EQ(backend.mapSize, 3);
  const StatisticsSnapshot statistics = session.statistics();
  EXPECT_EQ(statistics.hits, 1);
  EXPECT_EQ(statistics.misses, 1);
  EXPECT_EQ(statistics.launches, 2);
  EXPECT_EQ(statistics.totalFallbacks(), 0);
  ASSERT_EQ(statistics.compiles.size(), 1u);
  EXPECT_EQ(statistics.compiles[0].times.totalMilliseconds(), 1.5);
  EXPECT_EQ(session.nCompiledKernels(), 1);
}

TEST(Session, OneCompilationForManyThreads) {
  FakeBackend backend;
  Session session(oneThread());
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i)
    threads.emplace_back([&] { EXPECT_EQ(firstElement(session, key), 4711); });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(backend.calls, 1);
  EXPECT_EQ(session.statistics().launches, 16);
}

TEST(Session, InterpretsWithoutABackend) {
  Session session;
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  EXPECT_EQ(firstElement(session, key), 0);
  EXPECT_EQ(fallbacksFor(session, FallbackReason::NoBackend), 1);
  EXPECT_EQ(session.kernelFor(key, {iota({3}), iota({3})}).status().message(),
            "no backend for cpu; register one with registerFusionBackend");
  // A backend that comes later is used.
  FakeBackend backend;
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  EXPECT_EQ(firstElement(session, key), 4711);
}

TEST(Session, RemembersFailedCompilations) {
  FakeBackend backend;
  backend.compileResult = absl::UnimplementedError("too hard");
  Session session;
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(firstElement(session, key), 0);
  EXPECT_EQ(backend.calls, 1);
  EXPECT_EQ(fallbacksFor(session, FallbackReason::CompileFailed), 3);
  EXPECT_EQ(session.nCompiledKernels(), 0);
  EXPECT_EQ(session.kernelFor(key, {iota({3}), iota({3})}).status().message(),
            "too hard");
  EXPECT_EQ(session.statistics().compiles[0].error, "UNIMPLEMENTED: too hard");
  EXPECT_EQ(session.statistics().compiles[0].newInKey,
            "first kernel of this group");
}

TEST(Session, ANewBackendIsAskedAgain) {
  FakeBackend first, second;
  first.compileResult = absl::UnavailableError("out of code memory");
  Session session;
  session.registerFusionBackend(DeviceType::CPU, first.constructor());
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  EXPECT_EQ(firstElement(session, key), 0);
  session.registerFusionBackend(DeviceType::CPU, second.constructor());
  EXPECT_EQ(firstElement(session, key), 4711);
  EXPECT_EQ(first.calls, 1);
  EXPECT_EQ(second.calls, 1);
  // Its kernel stays.
  session.registerFusionBackend(DeviceType::CPU, first.constructor());
  EXPECT_EQ(firstElement(session, key), 4711);
  EXPECT_EQ(first.calls, 1);
}

TEST(Session, SaysWhatIsNewInTheKey) {
  FakeBackend backend;
  Session session;
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  const int64_t key = *session.registerFusion(addSpec(2, 2));
  EXPECT_TRUE(session.kernelFor(key, {iota({4, 5}), iota({4, 5})}).ok());
  EXPECT_TRUE(session.kernelFor(key, {iota({4, 5}), iota({1, 5})}).ok());
  backend.compileResult = absl::UnimplementedError("too hard");
  EXPECT_FALSE(session.kernelFor(key, {iota({4, 5}), iota({1, 1})}).ok());
  const std::vector<CompileRecord> compiles = session.statistics().compiles;
  ASSERT_EQ(compiles.size(), 3u);
  EXPECT_EQ(compiles[0].newInKey, "first kernel of this group");
  EXPECT_EQ(compiles[1].newInKey, "rank 1 -> 2");
  EXPECT_EQ(compiles[2].newInKey, "leaf 1: inner stride class c -> b");
}

/// One record a group and reason, with the first error, however many calls.
TEST(Session, RemembersWhyItInterpreted) {
  FakeBackend backend;
  backend.compileResult = absl::UnimplementedError("too hard");
  Session session;
  const int64_t first = *session.registerFusion(addSpec(1, 1)),
                second = *session.registerFusion(addSpec(2, 1, "other"));
  EXPECT_TRUE(session.statistics().fallbackRecords.empty());
  firstElement(session, first);
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  for (int i = 0; i < 3; ++i)
    firstElement(session, first);
  backend.compileResult = absl::InternalError("later");
  Stack stack{iota({3, 3}), iota({3})};
  EXPECT_TRUE(session.runFusion(second, stack).ok());
  const std::vector<FallbackRecord> records =
      session.statistics().fallbackRecords;
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].key, first);
  EXPECT_EQ(records[0].reason, FallbackReason::NoBackend);
  EXPECT_EQ(records[0].count, 1);
  EXPECT_EQ(records[1].key, first);
  EXPECT_EQ(records[1].reason, FallbackReason::CompileFailed);
  EXPECT_EQ(records[1].count, 3);
  EXPECT_EQ(records[1].message, "too hard");
  EXPECT_EQ(records[2].key, second);
  EXPECT_EQ(records[2].message, "later");
}

TEST(Session, NoSuchDeviceType) {
  FakeBackend backend;
  Session session;
  const DeviceType none = static_cast<DeviceType>(7);
  session.registerFusionBackend(none, backend.constructor());
  EXPECT_FALSE(session.hasFusionBackend(none));
}

TEST(Session, WaitingForAKernelIsNoHit) {
  std::atomic<bool> isCompiling{false};
  Session session(oneThread());
  session.registerFusionBackend(
      DeviceType::CPU,
      [&](const KernelSpec &, const ArgSpec &, int64_t, Device,
          Tier) -> absl::StatusOr<std::shared_ptr<FusedKernel>> {
        isCompiling = true;
        while (session.statistics().misses < 2)
          std::this_thread::yield();
        return std::make_shared<FakeKernel>(absl::OkStatus());
      });
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  std::thread compiling([&] { firstElement(session, key); });
  while (!isCompiling)
    std::this_thread::yield();
  firstElement(session, key);
  compiling.join();
  EXPECT_EQ(session.statistics().hits, 0);
  EXPECT_EQ(session.statistics().misses, 2);
  firstElement(session, key);
  EXPECT_EQ(session.statistics().hits, 1);
}

TEST(Session, InterpretsAfterAFailedLaunch) {
  FakeBackend backend;
  backend.launchResult = absl::InternalError("no luck");
  Session session;
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  EXPECT_EQ(firstElement(session, key), 0);
  EXPECT_EQ(fallbacksFor(session, FallbackReason::LaunchFailed), 1);
}

TEST(Session, InterpretsOnRequest) {
  FakeBackend backend;
  SessionOptions options;
  options.interpretOnly = true;
  Session session(options);
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  EXPECT_EQ(firstElement(session, key), 0);
  Stack stack = {iota({3}), iota({3})};
  EXPECT_TRUE(session.runFallback(key, stack).ok());
  EXPECT_EQ(fallbacksFor(session, FallbackReason::Requested), 2);
  EXPECT_EQ(backend.calls, 0);
}

TEST(Session, KernelForCompilesWithoutRunning) {
  FakeBackend backend;
  Session session;
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  auto kernel = session.kernelFor(key, {iota({3}), iota({3})});
  ASSERT_TRUE(kernel.ok()) << kernel.status();
  EXPECT_EQ((*kernel)->code(), "fake");
  EXPECT_EQ(session.statistics().launches, 0);
  EXPECT_EQ(firstElement(session, key), 4711);
  EXPECT_EQ(backend.calls, 1);
  EXPECT_EQ(session.kernelFor(key, {iota({0}), iota({0})}).status().message(),
            "this call needs no kernel: its outputs are empty");
}

TEST(Session, EmptyTensorsNeedNoKernel) {
  FakeBackend backend;
  Session session;
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  const int64_t key = *session.registerFusion(addSpec(2, 1));
  Stack stack = {iota({0, 4}), iota({4})};
  EXPECT_TRUE(session.runFusion(key, stack).ok());
  EXPECT_EQ(std::get<Tensor>(stack[0]).sizes(), absl::MakeConstSpan({0l, 4l}));
  EXPECT_EQ(backend.calls, 0);
}

TEST(Session, WrongCallsLeaveTheStack) {
  Session session;
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  Stack stack = {iota({3}), int64_t(5), iota({4}), iota({3})};
  auto error = [&](int64_t group) {
    const absl::Status status = session.runFusion(group, stack);
    EXPECT_EQ(stack.size(), 4u);
    return std::string(status.message());
  };
  EXPECT_EQ(error(99), "no group is registered under the key 99");
  EXPECT_EQ(error(key),
            "shapes [4] and [3] do not broadcast: dimension 0 is 4 and 3");
  std::swap(stack[1], stack[2]);
  EXPECT_EQ(error(key), "input 0 must be a tensor, got an int64_t");
  EXPECT_EQ(std::get<int64_t>(stack[2]), 5);
  Stack shortStack = {iota({3})};
  EXPECT_EQ(session.runFusion(key, shortStack).message(),
            "group 0 takes 2 inputs, but the stack holds 1 values");
  EXPECT_EQ(shortStack.size(), 1u);
  EXPECT_EQ(session.statistics().totalFallbacks(), 0);
}

TEST(Session, Scalars) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f64, 1);
  const ValueId f = b.leaf(b.input(DType::f64, 0, true));
  const ValueId i = b.leaf(b.input(DType::i64, 0, true));
  const ValueId t = b.leaf(b.input(DType::i1, 0, true));
  const ValueId sum = b.op(Opcode::add, f, b.cast(i, DType::f64));
  KernelSpec spec = b.output(b.op(Opcode::select, t, x, sum)).build();
  Session session;
  const int64_t key = *session.registerFusion(std::move(spec));
  Tensor input = makeTensor<double>(DType::f64, {2}, [](int64_t) { return 7; });

  // What lies below the inputs stays.
  Stack stack = {int64_t(1), input, 0.5, int64_t(3), false};
  ASSERT_TRUE(session.runFusion(key, stack).ok());
  ASSERT_EQ(stack.size(), 2u);
  EXPECT_EQ(std::get<Tensor>(stack[1]).dataAs<double>()[1], 3.5);
  Stack taken = {input, 0.5, int64_t(3), true};
  ASSERT_TRUE(session.runFusion(key, taken).ok());
  EXPECT_EQ(std::get<Tensor>(taken[0]).dataAs<double>()[1], 7);

  Stack wrong = {input, int64_t(1), int64_t(3), false};
  EXPECT_EQ(session.runFusion(key, wrong).message(),
            "input 1 must be a double, got an int64_t");
  wrong = {input, 0.5, int64_t(3), input};
  EXPECT_EQ(session.runFusion(key, wrong).message(),
            "input 3 must be a bool, got a tensor");
}

TEST(Session, GivenOutputs) {
  Session session;
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  Tensor memory = iota({10});
  auto part = [&](int64_t from) {
    return Tensor::borrow(memory.dataAs<float>() + from, DType::f32, {4}, {1});
  };
  EXPECT_TRUE(session.runFusion(key, {part(0), part(2)}, {part(6)}).ok());
  EXPECT_EQ(memory.dataAs<float>()[9], 3 + 5);
  EXPECT_EQ(session.runFusion(key, {part(0), part(2)}, {part(5)}).code(),
            absl::StatusCode::kInvalidArgument);
  // In place: 6 + 6, 7 + 7, 8 + 8, (3 + 5) + (3 + 5).
  EXPECT_TRUE(session.runFusion(key, {part(6), part(6)}, {part(6)}).ok());
  EXPECT_EQ(memory.dataAs<float>()[9], 16);
  EXPECT_EQ(session.runFusion(key, {part(0)}, {part(5)}).message(),
            "group 0 takes 2 inputs and gives 1 outputs, got 1 and 1");
  EXPECT_FALSE(session.runFusion(key, {part(0), part(0)}, {}).ok());
}

TEST(Statistics, Json) {
  FakeBackend backend;
  backend.compileResult = absl::UnimplementedError("\"quoted\" \xff");
  Session session;
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  firstElement(session, *session.registerFusion(addSpec(1, 1)));
  const nlohmann::json json =
      nlohmann::json::parse(session.statistics().json(), nullptr, false);
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["registrations"], 1);
  EXPECT_EQ(json["misses"], 1);
  EXPECT_EQ(json["memory"]["misses"], session.statistics().memory.misses);
  EXPECT_EQ(json["memory"].size(), 6u);
  EXPECT_EQ(json["fallbacks"]["compile_failed"], 1);
  EXPECT_EQ(json["compiles"].size(), 1u);
  EXPECT_EQ(json["compiles"][0]["key"], 0);
  EXPECT_EQ(json["compiles"][0]["new_in_key"], "first kernel of this group");
  ASSERT_EQ(json["fallback_records"].size(), 1u);
  EXPECT_EQ(json["fallback_records"][0]["reason"], "compile_failed");
  EXPECT_EQ(json["fallback_records"][0]["count"], 1);
}

TEST(ThreadPool, RunsEveryPartOnce) {
  const int available = createThreadPool()->numThreads();
  for (int numThreads : {1, 2, 4})
    for (int64_t parts : {0, 1, 2, 1000}) {
      std::shared_ptr<ThreadPool> pool = createThreadPool(numThreads);
      EXPECT_EQ(pool->numThreads(), std::min(numThreads, available));
      std::vector<std::atomic<int>> counts(parts);
      pool->parallelFor(parts, [&](int64_t part) { ++counts[part]; });
      for (const std::atomic<int> &count : counts)
        EXPECT_EQ(count, 1);
    }
  EXPECT_GE(available, 1);
}

TEST(ThreadPool, HasNoMoreThreadsThanThereAre) {
  const int available = createThreadPool()->numThreads();
  for (int numThreads : {-1, available + 1, 100000, INT_MAX}) {
    std::shared_ptr<ThreadPool> pool = createThreadPool(numThreads);
    EXPECT_EQ(pool->numThreads(), available);
    std::mutex lock;
    std::set<std::thread::id> seen;
    pool->parallelFor(64, [&](int64_t) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      std::lock_guard<std::mutex> guard(lock);
      seen.insert(std::this_thread::get_id());
    });
    EXPECT_LE(static_cast<int>(seen.size()), available);
  }
}
