//===- TierTest.cpp - kernels of both tiers, made by several threads ------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which kernels are made when: unittests/Runtime/TierTest.cpp. That every op
// gives the same bits in tier 1: `ctest -R tier1`, which runs KernelTest.cpp.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_cat.h"
#include <atomic>
#include <thread>

using namespace fuser;
using runtime::Tier;
using runtime::TierPolicy;

/// Rows, a broadcast, a polynomial, a choice, halves and integers.
static const std::string kText = R"mlir(
!t = tensor<?x?xf32>
func.func @f(%x: !t, %row: tensor<?xf32>, %n: tensor<?x?xi32>)
    -> (!t, tensor<?x?xbf16>, tensor<?x?xi32>) {
  %0 = fuser.add %x, %row : (!t, tensor<?xf32>) -> !t
  %1 = fuser.gelu %0 : !t
  %2 = fuser.sin %0 : !t
  %m = fuser.compare lt, %1, %2 : !t
  %3 = fuser.select %m, %1, %2 : (tensor<?x?xi1>, !t, !t) -> !t
  %4 = fuser.cast %3 : !t to tensor<?x?xbf16>
  %5 = fuser.mul %4, %4 : tensor<?x?xbf16>
  %7 = fuser.mul %n, %n : tensor<?x?xi32>
  return %3, %5, %7 : !t, tensor<?x?xbf16>, tensor<?x?xi32>
}
)mlir";

static std::vector<Value> inputs(const Dims &sizes,
                                 Layout layout = Layout::Contiguous) {
  return {makeInput(DType::f32, sizes, layout, 1),
          makeInput(DType::f32, {sizes[1]}, Layout::Contiguous, 2),
          makeInput(DType::i32, sizes, layout, 3)};
}

static runtime::SessionOptions with(TierPolicy tiers) {
  runtime::SessionOptions options;
  options.tiers = tiers;
  return options;
}

/// Interpreted, of tier 1 and of tier 2, in whatever order the policy has.
TEST(Tiers, GiveTheSameBits) {
  for (TierPolicy policy : {TierPolicy::Async, TierPolicy::Sync,
                            TierPolicy::QuickOnly, TierPolicy::FinalOnly})
    for (const Dims &sizes : {Dims{3, 5}, Dims{64, 33}, Dims{1500, 1000}})
      for (Layout layout : {Layout::Contiguous, Layout::Transposed}) {
        Compiler compiler(with(policy));
        auto program = compiler.load(kText, "test.mlir");
        ASSERT_TRUE(program.ok()) << program.status();
        const ProgramFunction &function = program->functions()[0];
        const std::vector<Value> arguments = inputs(sizes, layout);
        auto oracle = program->runFallback(function, arguments);
        ASSERT_TRUE(oracle.ok()) << oracle.status();
        for (int call = 0; call < 4; ++call) {
          auto results = program->run(function, arguments);
          ASSERT_TRUE(results.ok()) << results.status();
          for (std::size_t i = 0; i < results->size(); ++i)
            EXPECT_TRUE(sameBits((*results)[i], (*oracle)[i])) << call;
          if (call == 2)
            compiler.session().waitForCompilations();
        }
        const auto statistics = compiler.session().statistics();
        EXPECT_EQ(statistics.totalFallbacks(), 1); // The oracle.
        EXPECT_EQ(statistics.launches + statistics.interpretedFirst, 4);
        EXPECT_EQ(compiler.session().nCompiledKernels(), 1);
        EXPECT_GT(statistics.compiled[policy != TierPolicy::QuickOnly], 0);
      }
}

/// Each tier has the loops that it should: tier 1 the masked one alone.
TEST(Tiers, AreWhatTheySay) {
  Compiler compiler;
  auto program = compiler.load(kText, "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  const ProgramFunction::Call &call = program->functions()[0].calls[0];
  std::vector<Value> arguments = inputs({8, 8}), values;
  for (int32_t id : call.inputs)
    values.push_back(arguments[id]);
  auto plan = compiler.session().plan(call.key, values);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const runtime::KernelSpec *spec = compiler.session().findSpec(call.key);
  for (Tier tier : {Tier::Quick, Tier::Final}) {
    auto kernel =
        compiler.backend()(*spec, runtime::ArgSpec(runtime::Device(), *plan),
                           64, runtime::Device(), tier);
    ASSERT_TRUE(kernel.ok()) << kernel.status();
    EXPECT_EQ((*kernel)->tier, tier);
  }
}

TEST(Tiers, ManyThreadsWhileKernelsAreSwapped) {
  for (TierPolicy policy : {TierPolicy::Async, TierPolicy::Sync}) {
    Compiler compiler(with(policy));
    auto program = compiler.load(kText, "test.mlir");
    ASSERT_TRUE(program.ok()) << program.status();
    const ProgramFunction &function = program->functions()[0];
    const std::vector<Value> small = inputs({64, 33}),
                             large = inputs({700, 600});
    auto expectedSmall = program->runFallback(function, small);
    auto expectedLarge = program->runFallback(function, large);
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 16; ++thread)
      threads.emplace_back([&, thread] {
        for (int call = 0; call < 20; ++call) {
          const bool isSmall = (call + thread) % 4 != 0;
          auto results = program->run(function, isSmall ? small : large);
          right += results.ok() &&
                   sameBits((*results)[0], isSmall ? (*expectedSmall)[0]
                                                   : (*expectedLarge)[0]);
        }
      });
    for (std::thread &thread : threads)
      thread.join();
    EXPECT_EQ(right, 16 * 20);
    compiler.session().waitForCompilations();
    EXPECT_EQ(compiler.session().nCompiledKernels(), 1);
    EXPECT_EQ(compiler.session().statistics().compiled[1], 1);
  }
}

/// A small kernel is made while a large one is: with one lock around all
/// compilation it would have to wait.
TEST(Tiers, TwoThreadsCompileAtOnce) {
  if (std::thread::hardware_concurrency() < 2)
    GTEST_SKIP() << "one processor";
  std::string chain = "func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {\n"
                      "  %v0 = fuser.neg %x : tensor<?xf32>\n";
  for (int i = 1; i < 4000; ++i)
    absl::StrAppend(&chain, "  %v", i, " = fuser.", i % 2 ? "add" : "maximum",
                    " %v", i - 1, ", %x : tensor<?xf32>\n");
  absl::StrAppend(&chain, "  return %v3999 : tensor<?xf32>\n}\n");
  Compiler compiler(with(TierPolicy::QuickOnly));
  LoadOptions options;
  options.maxOps = 10000;
  auto large = compiler.load(chain, "large.mlir", options);
  auto small = compiler.load(kText, "small.mlir");
  ASSERT_TRUE(large.ok() && small.ok()) << large.status() << small.status();

  std::atomic<bool> hasBegun{false}, isDone{false};
  std::thread other([&] {
    hasBegun = true;
    EXPECT_TRUE(
        large->run(large->functions()[0], {makeInput(DType::f32, {3})}).ok());
    isDone = true;
  });
  while (!hasBegun)
    std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_TRUE(small->run(small->functions()[0], inputs({3, 5})).ok());
  EXPECT_FALSE(isDone);
  other.join();
  EXPECT_EQ(compiler.session().nCompiledKernels(), 2);
}
