//===- MathBenchmark.cpp - functions, and types of 16 bits ----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One-op kernels against C with its vector functions (g++ -O3 -march=native
// -ffast-math), on one thread, outputs allocated beforehand: on 2^24 elements,
// far more than the caches hold, and on 2^15, which they do hold. The same on
// f16 and bf16, at as many elements. Items are elements.
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Compiler.h"
#include "FuserMath/Cast.h"
#include "ReferenceKernels.h"
#include "absl/strings/str_cat.h"
#include <benchmark/benchmark.h>
#include <random>

using namespace fuser;
using runtime::Tensor;

namespace {
struct Function {
  const char *name, *op;
  ReferenceFunction reference;
  float low, high; ///< arguments are uniform in here
};
} // namespace

static const Function kFunctions[] = {
    {"exp", "exp %x", referenceExp, -20, 20},
    {"log", "log %x", referenceLog, 0, 100},
    {"sin", "sin %x", referenceSin, -100, 100},
    {"sigmoid", "sigmoid %x", referenceSigmoid, -8, 8},
    {"gelu", "gelu %x", referenceGelu, -4, 4},
    {"gelu_tanh", "gelu %x approximate tanh", referenceTanhGelu, -4, 4},
};

static Compiler &compiler() {
  static Compiler compiler([] {
    runtime::SessionOptions options;
    options.tiers = runtime::TierPolicy::FinalOnly;
    options.threads = 1;
    return options;
  }());
  return compiler;
}

template <class T> static void fill(Tensor &tensor, float low, float high) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(low, high);
  for (int64_t i = 0; i < tensor.numElements(); ++i)
    tensor.dataAs<T>()[i] = math::toElement<T>(uniform(random));
}

static Tensor makeTensor(DType dtype, int64_t size) {
  return *Tensor::allocate(dtype, {size}, compiler().session().allocator());
}

static Tensor makeInput(DType dtype, int64_t size, const Function &function) {
  Tensor x = makeTensor(dtype, size);
  if (dtype == DType::f16)
    fill<Half>(x, function.low, function.high);
  else if (dtype == DType::bf16)
    fill<BFloat16>(x, function.low, function.high);
  else
    fill<float>(x, function.low, function.high);
  return x;
}

static void runFuser(benchmark::State &state, const Function &function,
                     DType dtype) {
  const std::string type = absl::StrCat("tensor<?x", dtypeName(dtype), ">");
  auto program =
      compiler().load(absl::StrCat("func.func @f(%x: ", type, ") -> ", type,
                                   " {\n  %y = fuser.", function.op, " : ",
                                   type, "\n  return %y : ", type, "\n}\n"),
                      "benchmark");
  if (!program.ok())
    return state.SkipWithError(program.status().ToString().c_str());
  const int64_t key = program->functions()[0].calls[0].key;
  const runtime::Value inputs[] = {makeInput(dtype, state.range(0), function)};
  const Tensor outputs[] = {makeTensor(dtype, state.range(0))};
  for (auto _ : state) {
    absl::Status status = compiler().session().runFusion(key, inputs, outputs);
    if (!status.ok())
      return state.SkipWithError(status.ToString().c_str());
  }
  if (compiler().session().statistics().totalFallbacks() > 0)
    state.SkipWithError("ran on the interpreter");
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

static void runC(benchmark::State &state, const Function &function) {
  Tensor x = makeInput(DType::f32, state.range(0), function);
  Tensor y = makeTensor(DType::f32, state.range(0));
  for (auto _ : state) {
    function.reference(x.dataAs<float>(), y.dataAs<float>(), 0, state.range(0));
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// Registers every function with every type, beside C.
static const bool isRegistered = [] {
  auto add = [](const std::string &name, auto run) {
    benchmark::RegisterBenchmark(name.c_str(), run)
        ->Arg(int64_t(1) << 15)
        ->Arg(int64_t(1) << 24)
        ->Unit(benchmark::kMicrosecond);
  };
  for (const Function &function : kFunctions) {
    add(absl::StrCat(function.name, "/C"),
        [&](benchmark::State &state) { runC(state, function); });
    for (DType dtype : {DType::f32, DType::f16, DType::bf16})
      add(absl::StrCat(function.name, "/fuser_", dtypeName(dtype)),
          [&function, dtype](benchmark::State &state) {
            runFuser(state, function, dtype);
          });
  }
  return true;
}();
