//===- MalformedTest.cpp - programs that are none -------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whatever is loaded, and run if it loads, ends with a result or with an error:
// that this program lives on is the test.
//
//===----------------------------------------------------------------------===//

#include "../Compiler/Harness.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include <random>

using namespace fuser;

static const char *const kText = R"mlir(
func.func @gate(%x: tensor<?x6xf32>, %bias: tensor<6xf32>, %s: f64)
    -> (tensor<?x9xf32>, tensor<?x3xi32>) {
  %n = fuser.splat %s : f64 -> tensor<f32>
  %c = fuser.constant dense<[1.0, 2.0, 4.0]> : tensor<3xf32>
  %0 = fuser.add %x, %bias : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %a, %b = fuser.chunk %0 dim 1 : tensor<?x6xf32> to tensor<?x3xf32>, tensor<?x3xf32>
  %1 = fuser.leaky_relu %a slope 0.25 : tensor<?x3xf32>
  %2 = fuser.mul %1, %n : (tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
  %3 = fuser.clamp %2, %b, %c : (tensor<?x3xf32>, tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  %y = fuser.concat %3, %x dim 1 : tensor<?x3xf32>, tensor<?x6xf32> to tensor<?x9xf32>
  %z = fuser.cast %3 : tensor<?x3xf32> to tensor<?x3xi32>
  return %y, %z : tensor<?x9xf32>, tensor<?x3xi32>
}
)mlir";

namespace {
/// Blocks of up to 16 MiB.
class SmallAllocator : public runtime::Allocator {
public:
  void *allocate(std::size_t bytes) override {
    void *memory = nullptr;
    if (bytes > (std::size_t(16) << 20) || posix_memalign(&memory, 64, bytes))
      return nullptr;
    return memory;
  }
  void deallocate(void *block, std::size_t) override { std::free(block); }
};

/// Loads mutants, and runs those that load.
class Malformed : public ::testing::Test {
protected:
  Malformed() : compiler(options()) {}

  static runtime::SessionOptions options() {
    runtime::SessionOptions options;
    options.allocator = std::make_shared<SmallAllocator>();
    return options;
  }

  void load(const std::string &text) {
    auto program = compiler.load(text, "mutant.mlir");
    if (!program.ok()) {
      EXPECT_EQ(program.status().code(), absl::StatusCode::kInvalidArgument);
      EXPECT_NE(program.status().message(), "");
      return;
    }
    ++loaded;
    for (const ProgramFunction &function : program->functions())
      run(*program, function);
  }

  void loadPrefixes(const std::string &text) {
    for (std::size_t size = 0; size < text.size(); ++size)
      load(text.substr(0, size));
  }

  /// Variants of `text` with one to three bytes changed.
  void loadMutants(const std::string &text, int mutants) {
    std::mt19937_64 random(text.size());
    for (int i = 0; i < mutants; ++i) {
      std::string mutant = text;
      for (uint64_t left = random() % 3 + 1; left > 0; --left) {
        char &byte = mutant[random() % mutant.size()];
        byte = random() % 2 ? text[random() % text.size()]
                            : byte ^ (1 << random() % 8);
      }
      load(mutant);
    }
  }

  Compiler compiler;
  int loaded = 0;

private:
  void run(const Program &program, const ProgramFunction &function) {
    std::vector<Value> arguments;
    int64_t elements = 1;
    for (const ValueSignature &argument : function.arguments) {
      if (argument.isScalar) {
        arguments.push_back(argument.dtype == DType::f64   ? Value(0.5)
                            : argument.dtype == DType::i64 ? Value(int64_t(2))
                                                           : Value(true));
        continue;
      }
      Dims sizes = argument.sizes;
      for (int64_t &size : sizes) {
        size = size < 0 ? 2 : size;
        if (size > 1000000 ||
            (elements *= std::max<int64_t>(size, 1)) > 1000000)
          return;
      }
      arguments.push_back(makeInput(argument.dtype, sizes));
    }
    // Not all: most take a kernel of their own.
    if (loaded % 8 == 0)
      static_cast<void>(program.run(function, arguments).status());
    static_cast<void>(program.runFallback(function, arguments).status());
  }
};
} // namespace

TEST_F(Malformed, Text) {
  load(kText);
  ASSERT_EQ(loaded, 1);
  loadPrefixes(kText);
  loadMutants(kText, 5000);
  EXPECT_GT(loaded, 10);
}

/// Truncated only: of types that refer to themselves MLIR's reader makes work
/// without end, so other damage is the application's to find.
TEST_F(Malformed, Bytecode) {
  std::string bytecode;
  compiler.withContext([&](mlir::MLIRContext &context) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(kText, &context);
    ASSERT_TRUE(module);
    llvm::raw_string_ostream os(bytecode);
    ASSERT_TRUE(succeeded(mlir::writeBytecodeToFile(*module, os)));
  });
  load(bytecode);
  ASSERT_EQ(loaded, 1);
  loadPrefixes(bytecode);
  EXPECT_EQ(loaded, 1);
}

TEST_F(Malformed, Garbage) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 500; ++i) {
    // Some of it with the first bytes of bytecode.
    std::string garbage = i % 2 ? "ML\xefR" : "";
    for (uint64_t left = random() % 300; left > 0; --left)
      garbage += static_cast<char>(random());
    load(garbage);
  }
  EXPECT_EQ(loaded, 0);
}

/// MLIR's parser calls itself for each level.
TEST_F(Malformed, DeepNestingIsRefused) {
  for (const char *open :
       {"(", "[", "{", "<", "module {", "tuple<", "[{a = "}) {
    std::string text = "func.func private @f() attributes {a = ";
    for (int level = 0; level < 1000000; ++level)
      text += open;
    auto program = compiler.load(text, "deep.mlir");
    EXPECT_TRUE(absl::StrContains(program.status().message(),
                                  "deep.mlir is nested too deeply: expected "
                                  "brackets within at most 256 others"))
        << open;
  }
}

/// Brackets in strings and comments, and those of arrows, do not count.
TEST_F(Malformed, ShallowNestingIsNot) {
  std::string text = "// " + std::string(1000, '(') + "\n";
  for (int i = 0; i < 1000; ++i)
    absl::StrAppend(&text, "func.func private @f", i,
                    "(tensor<4xf32> {a.b = \"((\\\"([<{\"}) -> ()\n");
  absl::StrAppend(&text, kText);
  load(text);
  EXPECT_EQ(loaded, 1);
}

TEST_F(Malformed, ExtremeAttributes) {
  for (const char *number :
       {"0x7FF8000000000000", "0xFFF0000000000000", "1.0e400", "0x1", "-0.0"}) {
    for (const char *op :
         {"leaky_relu %x slope", "elu %x alpha", "softplus %x beta"})
      load(absl::StrCat("func.func @f(%x: tensor<?xf16>) -> tensor<?xf16> {\n"
                        "  %0 = fuser.",
                        op, " ", number,
                        " : tensor<?xf16>\n  return %0 : tensor<?xf16>\n}\n"));
  }
  const int64_t most = std::numeric_limits<int64_t>::max();
  for (int64_t size : {most, most / 2 + 1, most / 4 + 1, int64_t(1) << 31})
    load(absl::StrCat("func.func @f(%x: tensor<1xf32>) -> tensor<", size,
                      "xf32> {\n  %0 = fuser.broadcast_to %x sizes [", size,
                      "] : tensor<1xf32> to tensor<", size,
                      "xf32>\n  %1 = fuser.exp %0 : tensor<", size,
                      "xf32>\n  return %1 : tensor<", size, "xf32>\n}\n"));
  EXPECT_GT(loaded, 0);
}
