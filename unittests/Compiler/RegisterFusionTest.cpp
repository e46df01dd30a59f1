//===- RegisterFusionTest.cpp - groups without a program ------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Compiler.h"
#include "FuserTransforms/Pipelines.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"
#include <chrono>
#include <future>

using namespace fuser;

/// A function with one group that doubles a vector of `size` elements.
static std::string doubling(const std::string &size) {
  const std::string type = "tensor<" + size + "xf32>";
  return "func.func @f(%x: " + type + ") -> " + type +
         " {\n  %g = fuser.group(%a = %x : " + type + ") -> " + type +
         " {\n    %0 = fuser.add %a, %a : " + type +
         "\n    fuser.yield %0 : " + type + "\n  }\n  return %g : " + type +
         "\n}";
}

/// Registers the first group of `text`.
static absl::StatusOr<int64_t> registerGroup(Compiler &compiler,
                                             mlir::MLIRContext &context,
                                             const std::string &text) {
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  if (!module)
    return absl::InternalError("the test does not parse");
  absl::StatusOr<int64_t> key = absl::InternalError("the test has no group");
  module->walk([&](GroupOp group) { key = compiler.registerFusion(group); });
  return key;
}

TEST(RegisterFusion, SizesDoNotMatter) {
  Compiler compiler;
  std::vector<int64_t> keys;
  compiler.withContext([&](mlir::MLIRContext &context) {
    for (const char *size : {"4", "?", "7"}) {
      auto key = registerGroup(compiler, context, doubling(size));
      ASSERT_TRUE(key.ok()) << key.status();
      keys.push_back(*key);
    }
  });
  EXPECT_EQ(keys, (std::vector<int64_t>{keys[0], keys[0], keys[0]}));

  float data[] = {1, 2, 3};
  runtime::Stack stack{runtime::Tensor::borrow(data, DType::f32, {3}, {1})};
  ASSERT_TRUE(compiler.session().runFusion(keys[0], stack).ok());
  auto &result = std::get<runtime::Tensor>(stack.back());
  EXPECT_EQ(result.dataAs<float>()[2], 6);
  EXPECT_EQ(compiler.session().statistics().launches, 1);
}

TEST(RegisterFusion, RefusesWhatIsNoKernel) {
  Compiler compiler;
  compiler.withContext([&](mlir::MLIRContext &context) {
    std::string text = doubling("4");
    text.replace(text.find("fuser.add %a, %a"), 16, "fuser.relu %a");
    auto key = registerGroup(compiler, context, text);
    EXPECT_EQ(key.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(key.status().message().find("run fuser-decompose first"),
              absl::string_view::npos)
        << key.status();
  });
}

TEST(RegisterFusion, RefusesForeignContexts) {
  Compiler compiler;
  mlir::DialectRegistry registry;
  registerKernelDialects(registry);
  mlir::MLIRContext other(registry);
  other.loadAllAvailableDialects();
  auto key = registerGroup(compiler, other, doubling("4"));
  EXPECT_EQ(key.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(key.status().message().find("Compiler::withContext"),
            absl::string_view::npos)
      << key.status();
}

TEST(RegisterFusion, LettingGoOfAGroupWaitsForNoCompilation) {
  runtime::SessionOptions options;
  options.maxIdleSpecs = 0;
  Compiler compiler(options);
  auto program = compiler.load(doubling("?"), "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  std::future<void> released;
  // As long as a compilation, nobody else may touch the context.
  compiler.withContext([&](mlir::MLIRContext &) {
    released = std::async(std::launch::async, [&] { *program = Program(); });
    EXPECT_EQ(released.wait_for(std::chrono::seconds(20)),
              std::future_status::ready);
  });
  released.get();
  EXPECT_EQ(compiler.session().statistics().released, 1);
  EXPECT_TRUE(compiler.load(doubling("?"), "test.mlir").ok());
}
