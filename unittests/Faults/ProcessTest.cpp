//===- ProcessTest.cpp - exit, fork, and a system that refuses ------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Compiler/Harness.h"
#include "ChildProcess.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

using namespace fuser;

/// What a scene returns that this system does not let happen.
static constexpr int kSkipped = 77;

/// y = x * `number` + 1: another kernel for each number.
static std::string scaleBy(int64_t number) {
  return absl::StrReplaceAll(R"mlir(
func.func @f(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %a = fuser.constant dense<NUMBER.0> : tensor<f32>
  %b = fuser.constant dense<1.0> : tensor<f32>
  %0 = fuser.mul %x, %a : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %1 = fuser.add %0, %b : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}
)mlir",
                             {{"NUMBER", absl::StrCat(number)}});
}

/// Runs scaleBy(number) on ones, on a kernel or not, and checks the result.
static bool isRight(const Program &program, int64_t number,
                    const Dims &sizes = {1000, 1000}, int64_t step = 1) {
  const int64_t count = sizes[0] * sizes[1];
  std::vector<float> ones(count * step, 1.0f);
  const Tensor x =
      Tensor::borrow(ones.data(), DType::f32, sizes, {sizes[1] * step, step});
  auto results = program.run(program.functions()[0], {x});
  if (!results.ok() || (*results)[0].numElements() != count)
    return false;
  const float *found = (*results)[0].dataAs<float>();
  return std::all_of(found, found + count,
                     [&](float y) { return y == number + 1; });
}

static bool isRight(Compiler &compiler, int64_t number,
                    const Dims &sizes = {1000, 1000}) {
  auto program = compiler.load(scaleBy(number), "test.mlir");
  return program.ok() && isRight(*program, number, sizes);
}

//===----------------------------------------------------------------------===//
// No memory for code
//===----------------------------------------------------------------------===//

#ifdef __x86_64__
/// From now on no memory becomes executable. False if that can't be had.
static bool refuseExecutableMemory() {
  constexpr uint32_t number = offsetof(seccomp_data, nr);
  constexpr uint32_t protection =
      offsetof(seccomp_data, args) + 2 * sizeof(uint64_t);
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pkey_mprotect, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, protection),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog filter{static_cast<unsigned short>(std::size(code)), code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

FUSER_SCENE(noExecutableMemory) {
  if (!refuseExecutableMemory())
    return kSkipped;
  if (mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
           -1, 0) != MAP_FAILED)
    return 1;
  Compiler compiler;
  auto program = compiler.load(scaleBy(3), "test.mlir");
  if (!program.ok())
    return 2;
  for (int64_t rows : {1, 2, 1000})
    for (int64_t step : {1, 2})
      if (!isRight(*program, 3, {rows, 10}, step))
        return 3;
  const auto statistics = compiler.session().statistics();
  if (statistics.fallbacks[static_cast<int>(
          runtime::FallbackReason::CompileFailed)] != 6)
    return 4;
  // Two layouts, so two attempts.
  if (statistics.compiles.size() != 2 || statistics.launches != 0)
    return 5;
  return absl::StrContains(statistics.compiles[0].error, "Permission denied")
             ? 0
             : 6;
}

TEST(Process, WithoutExecutableMemoryInterprets) {
  const ChildResult quiet = runScene("noExecutableMemory");
  if (quiet.code == kSkipped)
    GTEST_SKIP() << "no seccomp filters";
  EXPECT_EQ(quiet.code, 0);
  EXPECT_EQ(quiet.errors, "");
  const ChildResult debug = runScene("noExecutableMemory", {"FUSER_DEBUG=1"});
  EXPECT_EQ(debug.code, 0);
  EXPECT_TRUE(absl::StartsWith(
      debug.errors, "fuser: group 0 is interpreted: compile_failed: "))
      << debug.errors;
  EXPECT_TRUE(absl::StrContains(debug.errors, "Permission denied"))
      << debug.errors;
  EXPECT_EQ(std::count(debug.errors.begin(), debug.errors.end(), '\n'), 1);
}
#endif

//===----------------------------------------------------------------------===//
// fork
//===----------------------------------------------------------------------===//

/// What a child does after a fork; its exit code.
static int useAfterFork(Compiler &compiler, const Program &program,
                        int64_t number) {
  for (int call = 0; call < 3; ++call)
    if (!isRight(program, 3))
      return 1;
  if (!isRight(compiler, number))
    return 2;
  Compiler another;
  if (!isRight(another, 3))
    return 3;
  const auto statistics = compiler.session().statistics();
  return statistics.totalFallbacks() == 0 ? 0 : 4;
}

FUSER_SCENE(forks) {
  Compiler compiler;
  auto program = compiler.load(scaleBy(3), "test.mlir");
  if (!program.ok())
    return 10;
  for (int round = 0; round < 10; ++round) {
    std::atomic<bool> allRight{true};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int call = 0; call < 5; ++call)
          if (!isRight(*program, 3))
            allRight = false;
      });
    for (std::thread &thread : threads)
      thread.join();
    if (!allRight)
      return 11;
    // The pool's threads are still awake.
    const int child = fork();
    if (child == 0) {
      const int code = useAfterFork(compiler, *program, 100 + round);
#ifdef __SANITIZE_ADDRESS__
      _exit(code); // Its leak checker misses the threads, and says so.
#endif
      exit(code);
    }
    if (int code = waitFor(child); code != 0)
      return code;
    if (!isRight(*program, 3) || !isRight(compiler, 200 + round))
      return 12;
  }
  return 0;
}

TEST(Process, ForkedOffRuns) {
  for (const char *tier : {"FUSER_TIER=2", "FUSER_TIER=sync"}) {
    const ChildResult result = runScene("forks", {tier});
    EXPECT_EQ(result.code, 0) << tier;
    EXPECT_EQ(result.errors, "") << tier;
  }
}

/// Processes fork off while the session's thread compiles. They have no such
/// thread: the second call that needs a kernel makes it.
FUSER_SCENE(forksWhileCompiling) {
  Compiler compiler;
  for (int round = 0; round < 20; ++round) {
    auto program = compiler.load(scaleBy(round), "test.mlir");
    if (!program.ok() || !isRight(*program, round, {10, 10}))
      return 10;
    const int child = fork();
    if (child == 0) {
      auto another = compiler.load(scaleBy(100 + round), "test.mlir");
      for (int call = 0; call < 3; ++call)
        if (!another.ok() || !isRight(*another, 100 + round, {10, 10}) ||
            !isRight(*program, round, {10, 10}))
          _exit(11);
      compiler.session().waitForCompilations();
      if (compiler.session().statistics().launches < 4)
        _exit(12);
#ifdef __SANITIZE_ADDRESS__
      _exit(0);
#endif
      exit(0);
    }
    if (int code = waitFor(child); code != 0)
      return code;
  }
  compiler.session().waitForCompilations();
  return compiler.session().nCompiledKernels() == 20 ? 0 : 13;
}

/// A child that only ends, forked off while other threads load and compile.
FUSER_SCENE(forksWhileOthersLoad) {
  Compiler compiler;
  std::atomic<bool> isOver{false};
  std::vector<std::thread> threads;
  for (int64_t thread = 0; thread < 2; ++thread)
    threads.emplace_back([&, thread] {
      for (int64_t number = 1; !isOver; ++number)
        isRight(compiler, 2 * number + thread);
    });
  int code = 0;
  for (int round = 0; round < 20 && code == 0; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const int child = fork();
    if (child == 0)
      std::exit(0); // It has none of the threads.
    code = waitFor(child);
  }
  isOver = true;
  for (std::thread &thread : threads)
    thread.join();
  return code;
}

TEST(Process, ChildrenEndWhileOthersLoad) {
  const ChildResult result = runScene("forksWhileOthersLoad");
  EXPECT_EQ(result.code, 0) << result.errors;
}

TEST(Process, ForksWhileItsThreadCompiles) {
  const ChildResult result =
      runScene("forksWhileCompiling", {"FUSER_TIER=async"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.errors, "");
}

//===----------------------------------------------------------------------===//
// exit
//===----------------------------------------------------------------------===//

/// Threads that compile and run until the process is gone.
static Compiler &startBusyThreads() {
  // Never destroyed, as the threads never end.
  auto *compiler = new Compiler;
  static std::atomic<int64_t> number{0};
  for (int i = 0; i < 4; ++i)
    std::thread([=] {
      for (;;) {
        const int64_t mine = ++number % 100000;
        auto program = compiler->load(scaleBy(mine), "test.mlir");
        if (program.ok()) {
          isRight(*program, mine);
          isRight(*program, mine, {10, 10});
        }
      }
    }).detach();
  return *compiler;
}

/// Returns from main, or calls exit(), after a number of kernels.
static int leaveAfter(int64_t kernels, bool mustCallExit) {
  Compiler &compiler = startBusyThreads();
  while (compiler.session().nCompiledKernels() < kernels)
    std::this_thread::yield();
  if (mustCallExit)
    exit(7);
  return 7;
}
FUSER_SCENE(returnAtOnce) { return leaveAfter(0, false); }
FUSER_SCENE(returnEarly) { return leaveAfter(1, false); }
FUSER_SCENE(returnLate) { return leaveAfter(30, false); }
FUSER_SCENE(callExit) { return leaveAfter(10, true); }

TEST(Process, ExitsWhileThreadsCompile) {
  for (const char *scene :
       {"returnAtOnce", "returnEarly", "returnLate", "callExit"})
    for (const char *tier :
         {"FUSER_TIER=1", "FUSER_TIER=2", "FUSER_TIER=async"}) {
      const ChildResult result = runScene(scene, {tier});
      EXPECT_EQ(result.code, 7) << scene << " " << tier;
      EXPECT_EQ(result.errors, "") << scene << " " << tier;
    }
}

/// A thread that exits while it holds the compiler does not wait for itself.
FUSER_SCENE(exitWithin) {
  startBusyThreads().withContext([](mlir::MLIRContext &) { exit(7); });
  return 1;
}

TEST(Process, ExitsWithinWithContext) {
  EXPECT_EQ(runScene("exitWithin").code, 7);
}

static Compiler *lateCompiler;
static const Program *oldProgram, *newProgram;

/// Runs what has a kernel, what has none, and loads: 7 if all is as it should
/// be.
static void useWhileExiting() {
  bool isFine =
      isRight(*oldProgram, 3, {10, 10}) && isRight(*newProgram, 4, {10, 10});
  const auto statistics = lateCompiler->session().statistics();
  isFine &= statistics.compiles.size() == 2 && statistics.launches == 2 &&
            statistics.compiles[1].error == "UNAVAILABLE: the process exits";
  isFine &= !lateCompiler->load(scaleBy(5), "test.mlir").ok();
  _exit(isFine ? 7 : 2);
}

FUSER_SCENE(useWhileExiting) {
  // What is registered first runs last.
  if (std::atexit(useWhileExiting))
    return kSkipped;
  lateCompiler = new Compiler;
  auto first = lateCompiler->load(scaleBy(3), "test.mlir");
  auto second = lateCompiler->load(scaleBy(4), "test.mlir");
  if (!first.ok() || !second.ok() || !isRight(*first, 3, {10, 10}))
    return 1;
  oldProgram = new Program(*first);
  newProgram = new Program(*second);
  return 0;
}

TEST(Process, InterpretsOnceItExits) {
  const ChildResult result = runScene("useWhileExiting");
  EXPECT_EQ(result.code, 7);
  EXPECT_EQ(result.errors, "");
}

//===----------------------------------------------------------------------===//
// FUSER_TIER
//===----------------------------------------------------------------------===//

/// 10 times the calls that were interpreted, and the tier of the first kernel.
FUSER_SCENE(tierOfTheEnvironment) {
  Compiler compiler;
  auto program = compiler.load(scaleBy(3), "test.mlir");
  for (int call = 0; call < 2; ++call) {
    if (!program.ok() || !isRight(*program, 3, {10, 10}))
      return 1;
    compiler.session().waitForCompilations();
  }
  const auto statistics = compiler.session().statistics();
  return 10 * static_cast<int>(statistics.interpretedFirst) + 1 +
         static_cast<int>(statistics.compiles[0].tier);
}

TEST(Process, ReadsTheTierOfTheEnvironment) {
  const std::pair<const char *, int> cases[] = {{"FUSER_TIER=1", 1},
                                                {"FUSER_TIER=2", 2},
                                                {"FUSER_TIER=sync", 12},
                                                {"FUSER_TIER=async", 12}};
  for (const auto &[variable, code] : cases) {
    const ChildResult result = runScene("tierOfTheEnvironment", {variable});
    EXPECT_EQ(result.code, code) << variable;
    EXPECT_EQ(result.errors, "");
  }
  const ChildResult wrong =
      runScene("tierOfTheEnvironment", {"FUSER_TIER=best"});
  EXPECT_EQ(wrong.code, 12);
  EXPECT_EQ(wrong.errors, "fuser: FUSER_TIER=best is ignored; set it to async, "
                          "sync, 1 or 2\n");
}

//===----------------------------------------------------------------------===//
// The end of a compiler
//===----------------------------------------------------------------------===//

TEST(Process, KernelsOutliveTheirCompiler) {
  std::shared_ptr<const runtime::FusedKernel> kernel;
  absl::StatusOr<runtime::LaunchPlan> plan = absl::UnknownError("");
  std::vector<float> ones(100000, 1.0f);
  const Tensor x =
      Tensor::borrow(ones.data(), DType::f32, {100, 1000}, {1000, 1});
  {
    Compiler compiler;
    auto program = compiler.load(scaleBy(3), "test.mlir");
    ASSERT_TRUE(program.ok()) << program.status();
    const int64_t key = program->functions()[0].calls[0].key;
    auto made = compiler.session().kernelFor(key, {x});
    ASSERT_TRUE(made.ok()) << made.status();
    kernel = *made;
    plan = compiler.session().plan(key, {x});
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_NE(kernel->code(), "");
  }
  const auto pool = runtime::createThreadPool();
  std::vector<float> results(ones.size());
  void *const memory[] = {ones.data(), results.data()};
  const absl::Status status = kernel->launch(*plan, memory, *pool);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(results, std::vector<float>(100000, 4.0f));
  // It keeps what it was made from, too.
  EXPECT_NE(kernel->code().find(".text"), std::string::npos);
}
