//===- PositionTest.cpp - an element does not know where it is ------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The bits of a result depend on the operands' bits alone: not on the place in
// a vector, on a loop's rest, on the neighbours that need a slow way, on
// strides, or on the number of threads.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

using namespace fuser;

/// Ops of two operands and one result each, as one program.
static std::string program(const std::vector<std::string> &ops, DType dtype) {
  std::string lines, values, types;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    absl::StrAppend(&lines, "  %", i, " = fuser.", ops[i], " : !t\n");
    absl::StrAppend(&values, i ? ", " : "", "%", i);
    absl::StrAppend(&types, i ? ", " : "", "!t");
  }
  return absl::StrCat("!t = tensor<?x", dtypeName(dtype),
                      ">\nfunc.func @f(%x: !t, %y: !t) -> (", types, ") {\n",
                      lines, "  return ", values, " : ", types, "\n}\n");
}

/// With ways that few elements take, and long ones that all take.
static const std::vector<std::vector<std::string>> kPrograms = {
    {"sin %x", "fmod %x, %y"},
    {"cos %x", "exp %y", "remainder %x, %y"},
    {"tan %y", "pow %x, %y"},
    {"erf %x", "erfc %x", "log %x", "div_floor %x, %y"},
    {"lgamma %x", "atan2 %x, %y", "sinh %y"},
    {"exp %x", "expm1 %x", "log1p %y", "tanh %y", "asin %x", "acosh %y",
     "sigmoid %x", "rsqrt %y", "minimum %x, %y", "lerp %x, %y, %x"}};

namespace {
class Position : public ::testing::TestWithParam<DType> {};
} // namespace

/// `size` elements of `whole` from `start` on.
static Tensor part(const Tensor &whole, int64_t start, int64_t size,
                   int64_t stride = 1) {
  return Tensor::borrow(whole.dataAs<char>() + start * dtypeSize(whole.dtype()),
                        whole.dtype(), {size}, {stride});
}

/// Runs on kernels and on the interpreter.
template <class Fn>
static void runBoth(const Program &program, const std::vector<Value> &inputs,
                    Fn check) {
  const ProgramFunction &function = **program.find("");
  for (auto results :
       {program.run(function, inputs), program.runFallback(function, inputs)}) {
    ASSERT_TRUE(results.ok()) << results.status();
    check(*results);
  }
}

TEST_P(Position, InVectorsAndTails) {
  const int64_t size = 96;
  for (const auto &ops : kPrograms) {
    const std::string text = program(ops, GetParam());
    SCOPED_TRACE(text);
    Compiler compiler;
    auto loaded = compiler.load(text, "test.mlir");
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    const Tensor x = makeInput(GetParam(), {size}, Layout::Contiguous, 5),
                 y = makeInput(GetParam(), {size}, Layout::Contiguous, 6);
    auto whole = loaded->run(**loaded->find(""), {x, y});
    ASSERT_TRUE(whole.ok()) << whole.status();
    const auto check = [&](int64_t start, int64_t count, int64_t stride) {
      runBoth(*loaded,
              {part(x, start, count, stride), part(y, start, count, stride)},
              [&](const std::vector<Tensor> &results) {
                for (std::size_t i = 0; i < results.size(); ++i)
                  EXPECT_TRUE(sameBits(results[i],
                                       part((*whole)[i], start, count, stride)))
                      << ops[i] << " from " << start << " by " << stride;
              });
    };
    for (int64_t start = 0; start < size; ++start)
      check(start, 1, 1);
    for (int64_t start : {0, 1, 3, 9, 17})
      for (int64_t count : {2, 15, 16, 17, 31, 40, 64, 79})
        check(start, count, 1);
    for (int64_t stride : {2, 3, 5})
      check(1, size / stride - 1, stride);
    check(3, 20, 0);
    const auto statistics = compiler.session().statistics();
    for (const runtime::CompileRecord &record : statistics.compiles)
      EXPECT_EQ(record.error, "");
  }
}

TEST_P(Position, OnSeveralThreads) {
  const int64_t size = 40013;
  for (const auto &ops : kPrograms) {
    const std::string text = program(ops, GetParam());
    SCOPED_TRACE(text);
    const Tensor x = makeInput(GetParam(), {size}, Layout::Contiguous, 5),
                 y = makeInput(GetParam(), {size}, Layout::Contiguous, 6);
    std::vector<Tensor> first;
    for (int threads : {1, 2}) {
      runtime::SessionOptions options;
      options.threads = threads;
      Compiler compiler(options);
      auto loaded = compiler.load(text, "test.mlir");
      ASSERT_TRUE(loaded.ok()) << loaded.status();
      runBoth(*loaded, {x, y}, [&](const std::vector<Tensor> &results) {
        if (first.empty())
          first = results;
        for (std::size_t i = 0; i < results.size(); ++i)
          EXPECT_TRUE(sameBits(results[i], first[i]))
              << ops[i] << " on " << threads << " threads";
      });
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Position,
                         ::testing::Values(DType::f16, DType::bf16, DType::f32,
                                           DType::f64),
                         [](const ::testing::TestParamInfo<DType> &info) {
                           return std::string(dtypeName(info.param));
                         });
