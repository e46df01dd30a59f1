//===- CompileBenchmark.cpp - what a kernel costs to make -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// compile/<program>/tier<N>: one compilation by the backend, in a process that
// has compiled before. compile/chain<ops> and compile/diamonds<ops> show how it
// grows; compileThreads/<threads> compiles different groups at once;
// firstCall/<policy> is the first call of a new group, on small data.
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Compiler.h"
#include "absl/strings/str_cat.h"
#include <benchmark/benchmark.h>
#include <thread>

using namespace fuser;
using runtime::KernelSpec;
using runtime::Tensor;
using runtime::Value;

static const std::string kAdd = R"(
func.func @add(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.add %x, %y : tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
})";

static const std::string kBiasGelu = R"(
func.func @bias_gelu(%x: tensor<?x?xf32>, %y: tensor<?xf32>)
    -> tensor<?x?xf32> {
  %0 = fuser.add %x, %y : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %1 = fuser.gelu %0 : tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
})";

/// A cell's four gates, its state and its output.
static const std::string kLstm = R"(
!t = tensor<?x?xf32>
func.func @lstm(%gates: !t, %bias: tensor<?xf32>, %c: tensor<?x2xf32>)
    -> (!t, !t) {
  %0 = fuser.add %gates, %bias : (!t, tensor<?xf32>) -> !t
  %i, %f, %g, %o = fuser.chunk %0 dim 1 : !t to !t, !t, !t, !t
  %1 = fuser.sigmoid %i : !t
  %2 = fuser.sigmoid %f : !t
  %3 = fuser.tanh %g : !t
  %4 = fuser.sigmoid %o : !t
  %5 = fuser.mul %2, %c : (!t, tensor<?x2xf32>) -> !t
  %6 = fuser.mul %1, %3 : !t
  %7 = fuser.add %5, %6 : !t
  %8 = fuser.tanh %7 : !t
  %9 = fuser.mul %4, %8 : !t
  return %9, %7 : !t, !t
})";

/// `ops` ops one after another; `start` tells one chain from another.
static std::string chain(int ops, int start = 0) {
  std::string text = absl::StrCat(
      "!t = tensor<?x?xf32>\nfunc.func @chain(%x: !t, %y: !t) -> !t {\n"
      "  %c = fuser.constant dense<",
      start,
      ".5> : tensor<f32>\n  %v0 = fuser.mul %x, %c : (!t, tensor<f32>) -> "
      "!t\n");
  const char *const kinds[] = {"add", "maximum", "mul", "sub"};
  for (int i = 1; i < ops; ++i)
    absl::StrAppend(&text, "  %v", i, " = fuser.", kinds[i % 4], " %v", i - 1,
                    ", %y : !t\n");
  return absl::StrCat(text, "  return %v", ops - 1, " : !t\n}\n");
}

/// Three ops a diamond: two that read the last one's result, one that joins.
static std::string diamonds(int ops) {
  std::string text = "!t = tensor<?x?xf32>\nfunc.func @diamonds(%x: !t, %y: "
                     "!t) -> !t {\n  %v0 = fuser.neg %x : !t\n";
  int i = 0;
  for (; 3 * i + 3 < ops; ++i)
    absl::StrAppend(&text, "  %a", i, " = fuser.mul %v", i, ", %y : !t\n  %b",
                    i, " = fuser.maximum %v", i, ", %y : !t\n  %v", i + 1,
                    " = fuser.sub %a", i, ", %b", i, " : !t\n");
  return absl::StrCat(text, "  return %v", i, " : !t\n}\n");
}

static void check(const absl::Status &status) {
  if (status.ok())
    return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::abort();
}

static runtime::SessionOptions oneThread() {
  runtime::SessionOptions options;
  options.threads = 1;
  return options;
}

namespace {
/// The only group of a program, ready to be compiled.
struct Group {
  Group(Compiler &compiler, const std::string &text)
      : backend(compiler.backend()) {
    LoadOptions load;
    load.maxOps = 10000;
    auto loaded = compiler.load(text, "benchmark", load);
    check(loaded.status());
    program = std::make_shared<const Program>(*std::move(loaded));
    const ProgramFunction::Call &call = program->functions()[0].calls[0];
    for (int32_t id : call.inputs) {
      runtime::Dims sizes;
      for (int64_t size : program->functions()[0].arguments[id].sizes)
        sizes.push_back(size < 0 ? 8 : size);
      inputs.push_back(
          *Tensor::allocate(DType::f32, sizes, compiler.session().allocator()));
    }
    key = call.key;
    spec = compiler.session().findSpec(key);
    auto plan = compiler.session().plan(call.key, inputs);
    check(plan.status());
    argSpec = runtime::ArgSpec(runtime::Device(), *plan);
  }

  std::shared_ptr<runtime::FusedKernel> compile(runtime::Tier tier) const {
    auto kernel = backend(*spec, argSpec, 64, runtime::Device(), tier);
    check(kernel.status());
    return *kernel;
  }

  runtime::FusedKernelConstructor backend;
  std::shared_ptr<const Program> program;
  std::vector<Value> inputs;
  int64_t key;
  const KernelSpec *spec;
  runtime::ArgSpec argSpec;
};
} // namespace

static Compiler &compiler() {
  static Compiler result(oneThread());
  return result;
}

/// One compilation, with the time of each stage.
static void compile(benchmark::State &state, const std::string &text,
                    runtime::Tier tier) {
  const Group group(compiler(), text);
  group.compile(tier);
  std::vector<std::pair<std::string, double>> stages;
  for (auto _ : state) {
    auto kernel = group.compile(tier);
    if (stages.empty())
      stages = kernel->times.stages;
    else
      for (size_t i = 0; i < stages.size(); ++i)
        stages[i].second += kernel->times.stages[i].second;
  }
  for (const auto &[stage, milliseconds] : stages)
    state.counters[stage] =
        benchmark::Counter(milliseconds, benchmark::Counter::kAvgIterations);
}

/// PTX of the same kernels, for sm_80; planning included, loading not.
static void compilePtx(benchmark::State &state, const std::string &text) {
  const Group group(compiler(), text);
  for (auto _ : state)
    check(compiler()
              .emit(group.key, group.inputs, EmitStage::PTX)
              .status());
}

/// Different groups, each thread a part of them.
static void compileThreads(benchmark::State &state) {
  constexpr int kGroups = 8;
  std::vector<Group> groups;
  for (int i = 0; i < kGroups; ++i)
    groups.emplace_back(compiler(), chain(100, i));
  for (auto _ : state) {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < state.range(0); ++thread)
      threads.emplace_back([&, thread] {
        for (int i = thread; i < kGroups; i += state.range(0))
          groups[i].compile(runtime::Tier::Final);
      });
    for (std::thread &thread : threads)
      thread.join();
  }
  state.counters["kernels"] = benchmark::Counter(
      kGroups * double(state.iterations()), benchmark::Counter::kIsRate);
}

/// The first call of a group that is new to a session, in a warm process.
static void firstCall(benchmark::State &state, runtime::TierPolicy policy) {
  runtime::SessionOptions options = oneThread();
  options.tiers = policy;
  Compiler mine(options);
  int number = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto program = mine.load(chain(4, ++number), "benchmark");
    check(program.status());
    std::vector<Value> inputs;
    for (int i = 0; i < 2; ++i) {
      const int64_t sizes[] = {64, 64};
      inputs.push_back(
          *Tensor::allocate(DType::f32, sizes, mine.session().allocator()));
    }
    state.ResumeTiming();
    check(program->run(program->functions()[0], inputs).status());
    state.PauseTiming();
    mine.session().waitForCompilations();
    state.ResumeTiming();
  }
}

[[maybe_unused]] static const int registered = [] {
  std::vector<std::pair<std::string, std::string>> programs = {
      {"add", kAdd}, {"bias_gelu", kBiasGelu}, {"lstm", kLstm}};
  for (int ops : {10, 100, 1000, 5000}) {
    programs.emplace_back(absl::StrCat("chain", ops), chain(ops));
    programs.emplace_back(absl::StrCat("diamonds", ops), diamonds(ops));
  }
  for (const auto &[name, text] : programs)
    for (runtime::Tier tier : {runtime::Tier::Quick, runtime::Tier::Final})
      benchmark::RegisterBenchmark(
          absl::StrCat("compile/", name, "/tier", runtime::tierName(tier))
              .c_str(),
          [text = text, tier](benchmark::State &state) {
            compile(state, text, tier);
          })
          ->Unit(benchmark::kMillisecond);
  for (const auto &[name, text] : programs)
    benchmark::RegisterBenchmark(
        absl::StrCat("compile/", name, "/ptx").c_str(),
        [text = text](benchmark::State &state) { compilePtx(state, text); })
        ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("compileThreads", compileThreads)
      ->Arg(1)
      ->Arg(2)
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
  using runtime::TierPolicy;
  for (auto [name, policy] : {std::pair("async", TierPolicy::Async),
                              {"1", TierPolicy::QuickOnly},
                              {"2", TierPolicy::FinalOnly}})
    benchmark::RegisterBenchmark(absl::StrCat("firstCall/", name).c_str(),
                                 [policy = policy](benchmark::State &state) {
                                   firstCall(state, policy);
                                 })
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  return 0;
}();
