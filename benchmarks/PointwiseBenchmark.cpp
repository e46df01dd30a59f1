//===- PointwiseBenchmark.cpp - kernels, calls and compilations -----------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// fuser against plain C (g++ -O3 -march=native -ffast-math) and the machine's
// copy bandwidth, on 64 MiB tensors with outputs allocated beforehand for all,
// on 1 and 2 threads; the cost of a compilation in a warm process. Run with
// --benchmark_enable_random_interleaving=true and read minima: machines are
// noisy.
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Compiler.h"
#include "ReferenceKernels.h"
#include "absl/strings/str_cat.h"
#include <benchmark/benchmark.h>
#include <cstring>
#include <map>
#include <random>

using namespace fuser;
using runtime::Tensor;
using runtime::Value;

static constexpr int64_t kRows = 4096, kColumns = 4096;

static const char *const kScaleAdd = R"(
func.func @scale_add(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %scale = fuser.constant dense<2.5> : tensor<f32>
  %one = fuser.constant dense<1.0> : tensor<f32>
  %0 = fuser.mul %x, %scale : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %1 = fuser.add %0, %one : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
})";

static const char *const kBiasGelu = R"(
func.func @bias_gelu(%x: tensor<?x?xf32>, %bias: tensor<?xf32>)
    -> tensor<?x?xf32> {
  %0 = fuser.add %x, %bias
      : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %1 = fuser.gelu %0 : tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
})";

namespace {
/// A compiler of `threads` threads, and tensors, shared by the benchmarks.
struct Setup {
  explicit Setup(int threads)
      : compiler([&] {
          runtime::SessionOptions options;
          options.tiers = runtime::TierPolicy::FinalOnly;
          options.threads = threads;
          return options;
        }()) {
    std::mt19937 random(1);
    std::uniform_real_distribution<float> uniform(-4, 4);
    for (Tensor *tensor : {&x, &y, &bias}) {
      int64_t sizes[] = {kRows, kColumns};
      auto shape = absl::MakeConstSpan(sizes);
      if (tensor == &bias)
        shape = shape.subspan(1);
      *tensor =
          *Tensor::allocate(DType::f32, shape, compiler.session().allocator());
      for (int64_t i = 0; i < tensor->numElements(); ++i)
        tensor->dataAs<float>()[i] = uniform(random);
    }
  }
  /// Calls body(begin, end) on parts of the rows.
  template <class Body> void overRows(Body body) {
    runtime::ThreadPool &pool = compiler.session().threads();
    int64_t parts = 4 * pool.numThreads();
    pool.parallelFor(parts, [&](int64_t part) {
      body(kRows * part / parts, kRows * (part + 1) / parts);
    });
  }

  Compiler compiler;
  Tensor x, y, bias;
};
} // namespace

static Setup &setupFor(int threads) {
  static std::map<int, std::unique_ptr<Setup>> setups;
  auto &setup = setups[threads];
  if (!setup)
    setup = std::make_unique<Setup>(threads);
  return *setup;
}

static void countBytes(benchmark::State &state) {
  state.SetBytesProcessed(state.iterations() * 2 * kRows * kColumns *
                          static_cast<int64_t>(sizeof(float)));
}

static void runProgram(benchmark::State &state, const char *text,
                       bool hasBias) {
  Setup &setup = setupFor(static_cast<int>(state.range(0)));
  auto program = setup.compiler.load(text, "benchmark");
  if (!program.ok())
    return state.SkipWithError(program.status().ToString().c_str());
  int64_t key = program->functions()[0].calls[0].key;
  std::vector<Value> inputs{setup.x};
  if (hasBias)
    inputs.push_back(setup.bias);
  for (auto _ : state) {
    absl::Status status =
        setup.compiler.session().runFusion(key, inputs, {setup.y});
    if (!status.ok())
      return state.SkipWithError(status.ToString().c_str());
  }
  if (setup.compiler.session().statistics().totalFallbacks() > 0)
    state.SkipWithError("ran on the interpreter");
  countBytes(state);
}

static void fuserScaleAdd(benchmark::State &state) {
  runProgram(state, kScaleAdd, false);
}
static void fuserBiasGelu(benchmark::State &state) {
  runProgram(state, kBiasGelu, true);
}

static void cScaleAdd(benchmark::State &state) {
  Setup &setup = setupFor(static_cast<int>(state.range(0)));
  for (auto _ : state)
    setup.overRows([&](int64_t begin, int64_t end) {
      referenceScaleAdd(setup.x.dataAs<float>(), setup.y.dataAs<float>(), begin,
                        end, kColumns);
    });
  countBytes(state);
}
static void cBiasGelu(benchmark::State &state) {
  Setup &setup = setupFor(static_cast<int>(state.range(0)));
  for (auto _ : state)
    setup.overRows([&](int64_t begin, int64_t end) {
      referenceBiasGelu(setup.x.dataAs<float>(), setup.bias.dataAs<float>(),
                        setup.y.dataAs<float>(), begin, end, kColumns);
    });
  countBytes(state);
}
static void copyByMemcpy(benchmark::State &state) {
  Setup &setup = setupFor(static_cast<int>(state.range(0)));
  for (auto _ : state)
    setup.overRows([&](int64_t begin, int64_t end) {
      std::memcpy(setup.y.dataAs<float>() + begin * kColumns,
                  setup.x.dataAs<float>() + begin * kColumns,
                  (end - begin) * kColumns * sizeof(float));
    });
  countBytes(state);
}
static void copyByStreaming(benchmark::State &state) {
  Setup &setup = setupFor(static_cast<int>(state.range(0)));
  for (auto _ : state)
    setup.overRows([&](int64_t begin, int64_t end) {
      streamCopy(setup.x.dataAs<float>(), setup.y.dataAs<float>(), begin, end,
                 kColumns);
    });
  countBytes(state);
}

/// A new kernel of the size of bias + GELU in a process that has compiled some.
static void compileBiasGelu(benchmark::State &state) {
  Setup &setup = setupFor(1);
  int64_t sizes[] = {4, 4};
  Tensor x = *Tensor::allocate(DType::f32, sizes,
                               setup.compiler.session().allocator());
  Tensor bias = *Tensor::allocate(DType::f32, absl::MakeConstSpan(sizes, 1),
                                  setup.compiler.session().allocator());
  static int64_t serial = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::string text(kBiasGelu);
    std::string scale = absl::StrCat(
        "  %c = fuser.constant dense<", ++serial, ".5> : tensor<f32>\n",
        "  %2 = fuser.mul %1, %c : (tensor<?x?xf32>, tensor<f32>) -> "
        "tensor<?x?xf32>\n  return %2");
    text.replace(text.find("  return %1"), std::strlen("  return %1"), scale);
    auto program = setup.compiler.load(text, "benchmark");
    if (!program.ok())
      return state.SkipWithError(program.status().ToString().c_str());
    int64_t key = program->functions()[0].calls[0].key;
    std::vector<Value> inputs{x, bias};
    state.ResumeTiming();
    auto kernel = setup.compiler.session().kernelFor(key, inputs);
    if (!kernel.ok())
      return state.SkipWithError(kernel.status().ToString().c_str());
  }
}

#define FUSER_BENCHMARK(NAME)                                                  \
  BENCHMARK(NAME)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime()->Unit(    \
      benchmark::kMillisecond)
FUSER_BENCHMARK(copyByMemcpy);
FUSER_BENCHMARK(copyByStreaming);
FUSER_BENCHMARK(fuserScaleAdd);
FUSER_BENCHMARK(cScaleAdd);
FUSER_BENCHMARK(fuserBiasGelu);
FUSER_BENCHMARK(cBiasGelu);
BENCHMARK(compileBiasGelu)->Unit(benchmark::kMillisecond)->UseRealTime();

BENCHMARK_MAIN();
