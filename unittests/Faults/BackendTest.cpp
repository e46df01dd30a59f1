//===- BackendTest.cpp - backends and kernels that fail -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Compiler/Harness.h"
#include "ChildProcess.h"
#include <atomic>

using namespace fuser;
using runtime::FallbackReason;
using runtime::FusedKernel;

using Made = absl::StatusOr<std::shared_ptr<FusedKernel>>;

static const std::string kText = R"mlir(
func.func @f(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.mul %x, %y : tensor<?x?xf32>
  %1 = fuser.exp %0 : tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}
)mlir";

static std::vector<Value> inputs(const Dims &sizes) {
  return {makeInput(DType::f32, sizes, Layout::Contiguous, 1),
          makeInput(DType::f32, sizes, Layout::Contiguous, 2)};
}

namespace {
/// Fails at its launch.
class BrokenKernel : public FusedKernel {
public:
  absl::Status launch(const runtime::LaunchPlan &, runtime::MemoryTable,
                      runtime::ThreadPool &) const override {
    return absl::UnavailableError("no stream");
  }
  std::string code() const override { return ""; }
};

/// Passes on what another kernel does, but for every other launch.
class UnreliableKernel : public FusedKernel {
public:
  explicit UnreliableKernel(std::shared_ptr<FusedKernel> kernel)
      : kernel(std::move(kernel)) {}
  absl::Status launch(const runtime::LaunchPlan &plan,
                      runtime::MemoryTable memory,
                      runtime::ThreadPool &threads) const override {
    if (launches.fetch_add(1) % 2 == 1)
      return absl::UnavailableError("no stream");
    return kernel->launch(plan, memory, threads);
  }
  std::string code() const override { return kernel->code(); }

private:
  const std::shared_ptr<FusedKernel> kernel;
  mutable std::atomic<int> launches{0};
};
} // namespace

static Made failToCompile() { return absl::InternalError("out of registers"); }
static Made makeNothing() { return std::shared_ptr<FusedKernel>(); }
static Made makeBroken() { return std::make_shared<BrokenKernel>(); }

/// Runs six calls of two layouts on a backend that does `make`. All are right
/// and counted; the backend is asked `attempts` times.
static void expectFallbacks(Made (*make)(), FallbackReason reason,
                            const std::string &error) {
  std::atomic<int> attempts{0};
  Compiler compiler;
  compiler.session().registerFusionBackend(
      runtime::DeviceType::CPU,
      [&](const runtime::KernelSpec &, const runtime::ArgSpec &, int64_t,
          runtime::Device, runtime::Tier) {
        ++attempts;
        return make();
      });
  auto program = compiler.load(kText, "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  const ProgramFunction &function = program->functions()[0];
  for (int64_t rows : {2, 3, 30}) {
    std::vector<Value> arguments = inputs({rows, 4});
    for (Layout layout : {Layout::Contiguous, Layout::InnerStride}) {
      arguments[0] = makeInput(DType::f32, {rows, 4}, layout);
      auto results = program->run(function, arguments);
      auto oracle = program->runFallback(function, arguments);
      ASSERT_TRUE(results.ok() && oracle.ok()) << results.status();
      EXPECT_TRUE(sameBits((*results)[0], (*oracle)[0]));
    }
  }
  EXPECT_EQ(attempts, 2);
  const auto statistics = compiler.session().statistics();
  EXPECT_EQ(statistics.fallbacks[static_cast<int>(reason)], 6);
  EXPECT_EQ(statistics.totalFallbacks(), 12);
  EXPECT_EQ(statistics.launches, 0);
  ASSERT_EQ(statistics.compiles.size(), 2u);
  for (const runtime::CompileRecord &record : statistics.compiles)
    EXPECT_EQ(record.error, error);
}

TEST(Backend, ThatFailsIsRemembered) {
  expectFallbacks(failToCompile, FallbackReason::CompileFailed,
                  "INTERNAL: out of registers");
}

TEST(Backend, ThatReturnsNothingIsRemembered) {
  expectFallbacks(makeNothing, FallbackReason::CompileFailed,
                  "INTERNAL: the backend returned no kernel");
}

TEST(Backend, WhoseKernelsFailIsNotUsed) {
  expectFallbacks(makeBroken, FallbackReason::LaunchFailed, "");
}

/// A kernel that fails once is launched again at the next call.
TEST(Backend, WhoseKernelsFailNowAndThen) {
  Compiler compiler;
  compiler.session().registerFusionBackend(
      runtime::DeviceType::CPU,
      [make = compiler.backend()](
          const runtime::KernelSpec &spec, const runtime::ArgSpec &argSpec,
          int64_t mapSize, runtime::Device device, runtime::Tier tier) -> Made {
        Made kernel = make(spec, argSpec, mapSize, device, tier);
        if (!kernel.ok())
          return kernel;
        return std::make_shared<UnreliableKernel>(*kernel);
      });
  auto program = compiler.load(kText, "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  const std::vector<Value> arguments = inputs({5, 7});
  auto oracle = program->runFallback(program->functions()[0], arguments);
  for (int call = 0; call < 6; ++call) {
    auto results = program->run(program->functions()[0], arguments);
    ASSERT_TRUE(results.ok() && oracle.ok()) << results.status();
    EXPECT_TRUE(sameBits((*results)[0], (*oracle)[0]));
  }
  const auto statistics = compiler.session().statistics();
  EXPECT_EQ(statistics.launches, 3);
  EXPECT_EQ(
      statistics.fallbacks[static_cast<int>(FallbackReason::LaunchFailed)], 3);
}

/// What failed is tried again when there is another backend.
TEST(Backend, RegisteredLaterIsAskedAgain) {
  Compiler compiler;
  auto makeNone = [](const runtime::KernelSpec &, const runtime::ArgSpec &,
                     int64_t, runtime::Device,
                     runtime::Tier) { return failToCompile(); };
  compiler.session().registerFusionBackend(runtime::DeviceType::CPU, makeNone);
  auto program = compiler.load(kText, "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  const std::vector<Value> arguments = inputs({5, 7});
  ASSERT_TRUE(program->run(program->functions()[0], arguments).ok());
  EXPECT_EQ(compiler.session().nCompiledKernels(), 0);
  compiler.session().registerFusionBackend(runtime::DeviceType::CPU,
                                           compiler.backend());
  ASSERT_TRUE(program->run(program->functions()[0], arguments).ok());
  EXPECT_EQ(compiler.session().nCompiledKernels(), 1);
  EXPECT_EQ(compiler.session().statistics().launches, 1);
}

//===----------------------------------------------------------------------===//
// Once a kernel spec, and only if asked
//===----------------------------------------------------------------------===//

static int runTwiceWith(Made (*make)()) {
  Compiler compiler;
  compiler.session().registerFusionBackend(
      runtime::DeviceType::CPU,
      [=](const runtime::KernelSpec &, const runtime::ArgSpec &, int64_t,
          runtime::Device, runtime::Tier) { return make(); });
  auto program = compiler.load(kText, "test.mlir");
  for (int64_t rows : {3, 4, 5})
    if (!program.ok() ||
        !program->run(program->functions()[0], inputs({rows, 3})).ok())
      return 1;
  return 0;
}

FUSER_SCENE(compileFails) { return runTwiceWith(failToCompile); }
FUSER_SCENE(makesNothing) { return runTwiceWith(makeNothing); }
FUSER_SCENE(launchFails) { return runTwiceWith(makeBroken); }

static void expectLine(const std::string &scene, const std::string &line) {
  const ChildResult quiet = runScene(scene);
  EXPECT_EQ(quiet.code, 0);
  EXPECT_EQ(quiet.errors, "");
  const ChildResult debug = runScene(scene, {"FUSER_DEBUG=1"});
  EXPECT_EQ(debug.code, 0);
  EXPECT_EQ(debug.errors, line);
}

TEST(Backend, FailureIsReportedOnceWithFuserDebug) {
  expectLine("compileFails", "fuser: group 0 is interpreted: compile_failed: "
                             "out of registers\n");
  expectLine("makesNothing", "fuser: group 0 is interpreted: compile_failed: "
                             "the backend returned no kernel\n");
  expectLine("launchFails",
             "fuser: group 0 is interpreted: launch_failed: no stream\n");
}
