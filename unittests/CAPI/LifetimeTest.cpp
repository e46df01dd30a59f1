//===- LifetimeTest.cpp - handles that go in any order, threads -----------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CAPITest.h"
#include <thread>

using namespace fuser::capi;

static float input[] = {1, 2, 3};

TEST(CLifetime, HandlesKeepWhatTheyNeed) {
  Session session = makeSession();
  Program program = loadProgram(session, kAdd);
  Function function = findFunction(program);
  const TestTensor x(input, kF32, {3});
  session.reset();
  program.reset();
  std::vector<Result> results;
  expectOk(call(function, {valueOf(x), valueOf(x)}, 1, results));
  function.reset();
  EXPECT_EQ(floatsOf(results[0]), (std::vector<float>{2, 4, 6}));
}

TEST(CLifetime, ProgramsKeepTheSession) {
  Session session = makeSession();
  const Program program = loadProgram(session, kAdd);
  session.reset();
  const Function first = findFunction(program), second = findFunction(program);
  const TestTensor x(input, kF32, {3});
  for (const Function *function : {&first, &second}) {
    std::vector<Result> results;
    expectOk(call(*function, {valueOf(x), valueOf(x)}, 1, results));
    EXPECT_EQ(floatsOf(results[0]), (std::vector<float>{2, 4, 6}));
  }
}

TEST(CLifetime, ResultsAreFreedByAnyThread) {
  Result result;
  std::thread([&result] {
    const Function function = findFunction(loadProgram(makeSession(), kAdd));
    const TestTensor x(input, kF32, {3});
    std::vector<Result> results;
    expectOk(call(function, {valueOf(x), valueOf(x)}, 1, results));
    result = std::move(results[0]);
  }).join();
  EXPECT_EQ(floatsOf(result), (std::vector<float>{2, 4, 6}));
  std::thread([&result] { result.reset(); }).join();
}

TEST(CThreads, ShareHandles) {
  fuser_session_options options = sessionOptions();
  options.tier = FUSER_TIER_ASYNC;
  const Session session = makeSession(&options);
  const Program program = loadProgram(session, kAdd);
  const Function shared = findFunction(program);
  std::vector<std::thread> threads;
  for (int number = 0; number < 8; ++number)
    threads.emplace_back([&, number] {
      const Function own = findFunction(program);
      std::vector<float> data(100 + number, number), out(100 + number);
      const std::vector<int64_t> sizes = {100 + number};
      const TestTensor x(data.data(), kF32, sizes);
      const TestTensor y(out.data(), kF32, sizes);
      for (int i = 0; i < 200; ++i) {
        const Function &function = i % 2 ? own : shared;
        expectOk(callInto(function, {valueOf(x), valueOf(x)}, {&y}));
        EXPECT_EQ(out.back(), 2 * number);
        std::vector<Result> results;
        expectOk(call(function, {valueOf(x), valueOf(y)}, 1, results));
        EXPECT_EQ(floatsOf(results[0]).front(), 3 * number);
      }
      fuser_session_wait(session.get());
    });
  for (std::thread &thread : threads)
    thread.join();
}
