//===- InterfaceTest.cpp - the process-wide interface ---------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Interface.h"
#include "Harness.h"
#include "absl/strings/str_replace.h"
#include <thread>

using namespace fuser;

static const char *const kText = R"mlir(
func.func @f(%x: tensor<?xf32>, %s: f64) -> tensor<?xf32> {
  %0 = fuser.splat %s : f64 -> tensor<f64>
  %1 = fuser.cast %0 : tensor<f64> to tensor<f32>
  %2 = fuser.mul %x, %1 : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  return %2 : tensor<?xf32>
}
)mlir";

static std::vector<Value> arguments() {
  return {makeTensor<float>({3}, {1, 2, 3}), 1.5};
}

TEST(Interface, DebugLaunchGraph) {
  auto results = debugLaunchGraph(kText, arguments());
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(doubles((*results)[0]), (std::vector<double>{1.5, 3, 4.5}));
  EXPECT_GE(runtime::nCompiledKernels(), 1);
  EXPECT_TRUE(runtime::canFuseOnCPU());
  EXPECT_FALSE(runtime::canFuseOnGPU());

  runtime::overrideCanFuseOnCPU(false);
  const int64_t launches = runtime::defaultSession().statistics().launches;
  results = debugLaunchGraph(kText, arguments());
  runtime::overrideCanFuseOnCPU(true);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(doubles((*results)[0]), (std::vector<double>{1.5, 3, 4.5}));
  EXPECT_EQ(runtime::defaultSession().statistics().launches, launches);
}

TEST(Interface, DebugLaunchGraphRefusesWhatIsNoGroup) {
  const auto messageOf = [](const char *text) {
    auto results = debugLaunchGraph(text, {});
    EXPECT_TRUE(absl::IsInvalidArgument(results.status()));
    return std::string(results.status().message());
  };
  EXPECT_EQ(messageOf("func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> { "
                      "return %x : tensor<2xf32> }"),
            "the graph forms 0 groups: expected exactly one");
  EXPECT_NE(messageOf("func.func @f(").find("expected"), std::string::npos);
}

TEST(Interface, DebugGetFusedKernelCode) {
  const auto codeAt = [](EmitStage stage) {
    auto code = debugGetFusedKernelCode(kText, arguments(), stage);
    EXPECT_TRUE(code.ok()) << code.status();
    return code.ok() ? *code : "";
  };
  EXPECT_NE(codeAt(EmitStage::Linalg).find("linalg.generic"),
            std::string::npos);
  EXPECT_NE(codeAt(EmitStage::LLVM).find("define void @fuser_kernel_"),
            std::string::npos);
  EXPECT_NE(codeAt(EmitStage::Assembly).find(".text"), std::string::npos);
  EXPECT_FALSE(debugGetFusedKernelCode(kText, {}).ok());
}

TEST(Interface, CompilersMayShareASession) {
  runtime::Session session;
  {
    Compiler first(session);
    auto program = first.load(kText, "first");
    ASSERT_TRUE(program.ok()) << program.status();
    EXPECT_TRUE(program->run(program->functions()[0], arguments()).ok());
  }
  Compiler second(session);
  auto program = second.load(kText, "second");
  ASSERT_TRUE(program.ok()) << program.status();
  auto results = program->run(program->functions()[0], arguments());
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(doubles((*results)[0]), (std::vector<double>{1.5, 3, 4.5}));
  // The spec waited with its kernel for the second compiler.
  EXPECT_EQ(session.nCompiledKernels(), 1);
  EXPECT_EQ(session.statistics().totalFallbacks(), 0);
}

/// The groups of one compiler are compiled by the backend of another; the code
/// outlives both, and can be printed.
TEST(Interface, BackendsCompileTheGroupsOfAnyCompiler) {
  int calls = 0;
  std::shared_ptr<const runtime::FusedKernel> kernel;
  {
    Compiler compiler;
    compiler.session().registerFusionBackend(
        runtime::DeviceType::CPU,
        [&](const runtime::KernelSpec &spec, const runtime::ArgSpec &argSpec,
            int64_t mapSize, runtime::Device device, runtime::Tier tier) {
          ++calls;
          return compiler.backend()(spec, argSpec, mapSize, device, tier);
        });
    auto program = compiler.load(kText, "text");
    ASSERT_TRUE(program.ok()) << program.status();
    EXPECT_TRUE(program->run(program->functions()[0], arguments()).ok());
    EXPECT_EQ(compiler.session().statistics().launches, 1);
    const ProgramFunction::Call &call = program->functions()[0].calls[0];
    const int64_t key = call.key;
    std::vector<Value> inputs;
    for (int32_t id : call.inputs)
      inputs.push_back(arguments()[id]);
    auto found = compiler.session().kernelFor(key, inputs);
    ASSERT_TRUE(found.ok()) << found.status();
    kernel = *found;
    const runtime::KernelSpec *spec = compiler.session().findSpec(key);
    const auto plan = compiler.session().plan(key, inputs);
    auto another = compiler.session().compileKernel(
        *spec, runtime::ArgSpec(runtime::Device(), *plan), 3,
        runtime::Device());
    EXPECT_TRUE(another.ok()) << another.status();
    EXPECT_NE(another->get(), kernel.get());
  }
  EXPECT_EQ(calls, 2);
  EXPECT_NE(kernel->code().find(".text"), std::string::npos);
}

/// The same program in four sessions at once, each with threads and memory of
/// its own.
TEST(Interface, SessionsAreIndependent) {
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      Compiler compiler;
      auto program = compiler.load(kText, "text");
      if (!program.ok())
        return;
      for (int call = 0; call < 10; ++call) {
        auto results = program->run(program->functions()[0], arguments());
        right += results.ok() &&
                 doubles((*results)[0]) == std::vector<double>{1.5, 3, 4.5};
      }
      right += compiler.session().nCompiledKernels() == 1;
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(right, 4 * 11);
}

/// A released program's kernels are still there when it is loaded again.
TEST(Interface, ReloadedProgramsFindTheirKernels) {
  Compiler compiler;
  for (int i = 0; i < 3; ++i) {
    auto program = compiler.load(kText, "text");
    ASSERT_TRUE(program.ok()) << program.status();
    EXPECT_TRUE(program->run(program->functions()[0], arguments()).ok());
  }
  EXPECT_EQ(compiler.session().nCompiledKernels(), 1);
  EXPECT_EQ(compiler.session().statistics().specs, 1);
}

/// Groups that nobody needs go, with their IR, however many there were.
TEST(Interface, ManyProgramsOneAfterAnother) {
  runtime::SessionOptions options;
  options.maxIdleSpecs = 2;
  options.maxKernels = 2;
  Compiler compiler(options);
  for (int i = 0; i < 10; ++i) {
    const std::string text = absl::StrReplaceAll(
        R"mlir(
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c = fuser.constant dense<NUMBER.5> : tensor<f32>
  %0 = fuser.mul %x, %c : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
})mlir",
        {{"NUMBER", std::to_string(i)}});
    auto program = compiler.load(text, "text");
    ASSERT_TRUE(program.ok()) << program.status();
    auto results =
        program->run(program->functions()[0], {makeTensor<float>({2}, {1, 2})});
    ASSERT_TRUE(results.ok()) << results.status();
    EXPECT_EQ(doubles((*results)[0])[1], 2 * (i + 0.5));
  }
  EXPECT_EQ(compiler.session().statistics().released, 8);
}
