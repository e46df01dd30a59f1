//===- CacheTest.cpp - what is compiled when, and what if it fails --------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <atomic>
#include <cmath>
#include <thread>

using namespace fuser;

static const std::string kText = R"mlir(
!t = tensor<?x?xf32>
func.func @f(%x: !t, %y: !t, %s: f64) -> (!t, !t) {
  %c = fuser.constant dense<1.5> : tensor<f32>
  %n = fuser.splat %s : f64 -> tensor<f32>
  %0 = fuser.mul %x, %c : (!t, tensor<f32>) -> !t
  %1 = fuser.add %0, %y : !t
  %2 = fuser.sub %1, %n : (!t, tensor<f32>) -> !t
  %3 = fuser.exp %2 : !t
  return %2, %3 : !t, !t
}
)mlir";

static std::vector<Value> inputs(const Dims &sizes, double scalar = 0.5) {
  return {makeInput(DType::f32, sizes, Layout::Contiguous, 1),
          makeInput(DType::f32, sizes, Layout::Contiguous, 2), scalar};
}

TEST(Cache, SizesShareAKernel) {
  Harness harness;
  for (const Dims &sizes : {Dims{4, 5}, Dims{400, 50}, Dims{7, 1}, Dims{1, 1}})
    harness.check(kText, inputs(sizes));
  EXPECT_EQ(harness.compiler.session().nCompiledKernels(), 1);
  const auto statistics = harness.compiler.session().statistics();
  EXPECT_EQ(statistics.misses, 1);
  EXPECT_EQ(statistics.hits, 3);
}

TEST(Cache, ChangedScalarsShareAKernel) {
  Harness harness;
  for (double scalar : {0.5, -0.0, 1e300, std::nan("")})
    harness.check(kText, inputs({3, 4}, scalar));
  EXPECT_EQ(harness.compiler.session().nCompiledKernels(), 1);
}

TEST(Cache, LayoutsAndBroadcastsDoNot) {
  Harness harness;
  const Tensor x = makeInput(DType::f32, {6, 7});
  harness.check(kText, {x, x, 1.0});
  harness.check(kText,
                {x, makeInput(DType::f32, {6, 7}, Layout::Transposed), 1.0});
  harness.check(kText, {x, makeInput(DType::f32, {6, 1}), 1.0});
  EXPECT_EQ(harness.compiler.session().nCompiledKernels(), 3);
  harness.check(kText, {makeInput(DType::f32, {2, 9}),
                        makeInput(DType::f32, {2, 1}), 2.0});
  EXPECT_EQ(harness.compiler.session().nCompiledKernels(), 3);
}

TEST(Cache, StridesOfSizeOneDimsDoNotCount) {
  Harness harness;
  std::vector<float> memory(1000, 1.25f);
  for (int64_t odd : {1, 6, 7, 77, 0}) {
    const Tensor x =
        Tensor::borrow(memory.data(), DType::f32, {1, 6}, {odd, 1});
    const Tensor y =
        Tensor::borrow(memory.data(), DType::f32, {1, 6}, {3 * odd, 1});
    harness.check(kText, {x, y, 1.0});
  }
  EXPECT_EQ(harness.compiler.session().nCompiledKernels(), 1);
}

//===----------------------------------------------------------------------===//
// Keys
//===----------------------------------------------------------------------===//

static int64_t onlyKey(const ProgramFunction &function) {
  EXPECT_EQ(function.calls.size(), 1u) << function.name;
  return function.calls.empty() ? -1 : function.calls[0].key;
}

TEST(Cache, EqualGroupsHaveOneKey) {
  Compiler compiler;
  auto program = compiler.load(R"mlir(
func.func @a(%x: tensor<4x5xf32>, %y: tensor<4x5xf32>) -> tensor<4x5xf32> {
  %sum = fuser.add %x, %y : tensor<4x5xf32>
  %r = fuser.exp %sum : tensor<4x5xf32>
  return %r : tensor<4x5xf32>
}
func.func @names_and_sizes(%p: tensor<?x9xf32>, %q: tensor<?x9xf32>)
    -> tensor<?x9xf32> {
  %0 = fuser.add %p, %q : tensor<?x9xf32>
  %1 = fuser.exp %0 : tensor<?x9xf32>
  return %1 : tensor<?x9xf32>
}
func.func @twice(%x: tensor<2x2xf32>, %y: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %0 = fuser.add %x, %y : tensor<2x2xf32>
  %1 = fuser.add %x, %y : tensor<2x2xf32>
  %2 = fuser.exp %1 : tensor<2x2xf32>
  %3 = fuser.exp %0 : tensor<2x2xf32>
  return %3 : tensor<2x2xf32>
}
func.func @other_type(%x: tensor<4x5xf64>, %y: tensor<4x5xf64>)
    -> tensor<4x5xf64> {
  %0 = fuser.add %x, %y : tensor<4x5xf64>
  %1 = fuser.exp %0 : tensor<4x5xf64>
  return %1 : tensor<4x5xf64>
}
func.func @other_rank(%x: tensor<5xf32>, %y: tensor<5xf32>) -> tensor<5xf32> {
  %0 = fuser.add %x, %y : tensor<5xf32>
  %1 = fuser.exp %0 : tensor<5xf32>
  return %1 : tensor<5xf32>
}
)mlir",
                               "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  const auto &functions = program->functions();
  ASSERT_EQ(functions.size(), 5u);
  EXPECT_EQ(onlyKey(functions[0]), onlyKey(functions[1]));
  EXPECT_EQ(onlyKey(functions[0]), onlyKey(functions[2]));
  EXPECT_NE(onlyKey(functions[0]), onlyKey(functions[3]));
  EXPECT_NE(onlyKey(functions[0]), onlyKey(functions[4]));
  const auto statistics = compiler.session().statistics();
  EXPECT_EQ(statistics.registrations, 5);
  EXPECT_EQ(statistics.specs, 3);
}

TEST(Cache, OtherConstantsAreOtherKeys) {
  Compiler compiler;
  auto keyOf = [&](const char *constant) {
    auto program = compiler.load(
        absl::StrReplaceAll(kText, {{"dense<1.5>", constant}}), "test.mlir");
    EXPECT_TRUE(program.ok()) << program.status();
    return program.ok() ? onlyKey(program->functions()[0]) : -1;
  };
  const int64_t key = keyOf("dense<1.5>");
  EXPECT_EQ(keyOf("dense<1.5>"), key);
  EXPECT_EQ(keyOf("dense<0x3FC00000>"), key);
  EXPECT_NE(keyOf("dense<2.5>"), key);
  EXPECT_NE(keyOf("dense<0.0>"), keyOf("dense<-0.0>"));
}

/// Elements of constants that differ are inputs, whatever they are.
TEST(Cache, UnequalElementsAreInputs) {
  Compiler compiler;
  auto program = compiler.load(R"mlir(
func.func @a(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %c = fuser.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = fuser.add %x, %c : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}
func.func @b(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %c = fuser.constant dense<[5.0, 6.0, 7.0]> : tensor<3xf32>
  %0 = fuser.add %x, %c : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}
)mlir",
                               "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  EXPECT_EQ(onlyKey(program->functions()[0]), onlyKey(program->functions()[1]));
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

TEST(Cache, SixteenThreadsCompileOnce) {
  Compiler compiler;
  auto program = compiler.load(kText, "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  const ProgramFunction &function = program->functions()[0];
  const std::vector<Value> arguments = inputs({64, 33});
  auto expected = program->runFallback(function, arguments);
  ASSERT_TRUE(expected.ok()) << expected.status();

  constexpr int kThreads = 16, kRuns = 10;
  std::atomic<int> waiting{kThreads}, right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      for (--waiting; waiting > 0;)
        std::this_thread::yield();
      for (int run = 0; run < kRuns; ++run) {
        auto results = program->run(function, arguments);
        right += results.ok() && sameBits((*results)[0], (*expected)[0]) &&
                 sameBits((*results)[1], (*expected)[1]);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(right, kThreads * kRuns);
  const auto statistics = compiler.session().statistics();
  EXPECT_EQ(statistics.compiles.size(), 1u);
  EXPECT_EQ(statistics.launches, kThreads * kRuns);
  EXPECT_EQ(statistics.totalFallbacks(), 1); // The expected results.
}

/// Loading, compiling and emitting at once.
TEST(Cache, ThreadsWithProgramsOfTheirOwn) {
  Compiler compiler;
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      auto program = compiler.load(
          absl::StrReplaceAll(
              kText, {{"dense<1.5>", absl::StrCat("dense<", i / 2, ".5>")}}),
          "test.mlir");
      if (!program.ok())
        return;
      const ProgramFunction &function = program->functions()[0];
      const std::vector<Value> arguments = inputs({5, 6});
      auto results = program->run(function, arguments);
      auto oracle = program->runFallback(function, arguments);
      bool emits = false;
      absl::Status status = program->forEachCall(
          function, arguments,
          [&](const ProgramFunction::Call &call, absl::Span<const Value> in) {
            auto text = compiler.emit(call.key, in, EmitStage::LLVM);
            emits = text.ok() && !text->empty();
            return text.status();
          });
      right += results.ok() && oracle.ok() && status.ok() && emits &&
               sameBits((*results)[1], (*oracle)[1]);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(right, 8);
  EXPECT_EQ(compiler.session().nCompiledKernels(), 4);
}

//===----------------------------------------------------------------------===//
// Failures
//===----------------------------------------------------------------------===//

/// Runs with `backend` in place of the compiler's: the results are right, and
/// each of the three calls is counted under `reason`.
static void expectFallback(runtime::FusedKernelConstructor backend,
                           runtime::FallbackReason reason) {
  Compiler compiler;
  compiler.session().registerFusionBackend(runtime::DeviceType::CPU,
                                           std::move(backend));
  auto program = compiler.load(kText, "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  const ProgramFunction &function = program->functions()[0];
  for (int64_t rows : {1, 2, 30}) {
    const std::vector<Value> arguments = inputs({rows, 5});
    auto results = program->run(function, arguments);
    auto oracle = program->runFallback(function, arguments);
    ASSERT_TRUE(results.ok() && oracle.ok()) << results.status();
    for (int i = 0; i < 2; ++i)
      EXPECT_TRUE(sameBits((*results)[i], (*oracle)[i]));
  }
  const auto statistics = compiler.session().statistics();
  EXPECT_EQ(statistics.launches, 0);
  EXPECT_EQ(statistics.fallbacks[static_cast<int>(reason)], 3);
  EXPECT_EQ(statistics.totalFallbacks(), 6);
}

TEST(Cache, FailedCompilationIsRememberedAndInterpreted) {
  int attempts = 0;
  expectFallback(
      [&](const runtime::KernelSpec &, const runtime::ArgSpec &, int64_t,
          runtime::Device, runtime::Tier)
          -> absl::StatusOr<std::shared_ptr<runtime::FusedKernel>> {
        ++attempts;
        return absl::InternalError("out of registers");
      },
      runtime::FallbackReason::CompileFailed);
  EXPECT_EQ(attempts, 1);
}

TEST(Cache, FailedCompilationIsRecorded) {
  Compiler compiler;
  compiler.session().registerFusionBackend(
      runtime::DeviceType::CPU,
      [](const runtime::KernelSpec &, const runtime::ArgSpec &, int64_t,
         runtime::Device, runtime::Tier)
          -> absl::StatusOr<std::shared_ptr<runtime::FusedKernel>> {
        return absl::InternalError("out of registers");
      });
  auto program = compiler.load(kText, "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  ASSERT_TRUE(program->run(program->functions()[0], inputs({3, 3})).ok());
  const auto statistics = compiler.session().statistics();
  ASSERT_EQ(statistics.compiles.size(), 1u);
  EXPECT_EQ(statistics.compiles[0].error, "INTERNAL: out of registers");
  EXPECT_EQ(compiler.session().nCompiledKernels(), 0);
}

namespace {
struct BrokenKernel : runtime::FusedKernel {
  absl::Status launch(const runtime::LaunchPlan &, runtime::MemoryTable,
                      runtime::ThreadPool &) const override {
    return absl::UnavailableError("no stream");
  }
  std::string code() const override { return ""; }
};
} // namespace

TEST(Cache, FailedLaunchIsInterpreted) {
  expectFallback(
      [](const runtime::KernelSpec &, const runtime::ArgSpec &, int64_t,
         runtime::Device, runtime::Tier)
          -> absl::StatusOr<std::shared_ptr<runtime::FusedKernel>> {
        return std::make_shared<BrokenKernel>();
      },
      runtime::FallbackReason::LaunchFailed);
}

TEST(Cache, InterpretOnly) {
  runtime::SessionOptions options;
  options.interpretOnly = true;
  Compiler compiler(options);
  auto program = compiler.load(kText, "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  ASSERT_TRUE(program->run(program->functions()[0], inputs({3, 3})).ok());
  const auto statistics = compiler.session().statistics();
  EXPECT_EQ(statistics.launches + statistics.misses, 0);
  EXPECT_EQ(
      statistics
          .fallbacks[static_cast<int>(runtime::FallbackReason::Requested)],
      1);
}
