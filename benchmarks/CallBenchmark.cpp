//===- CallBenchmark.cpp - what a cached call costs -----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One kernel, x * y + z on 8x8 elements, called in every way there is, on one
// thread: what is above the bare function is fuser's overhead.
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Compiler.h"
#include <benchmark/benchmark.h>

using namespace fuser;
using runtime::Tensor;
using runtime::Value;

static const char *const kMulAdd = R"(
func.func @mul_add(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>,
                   %z: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.mul %x, %y : tensor<?x?xf32>
  %1 = fuser.add %0, %z : tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
})";

namespace {
/// The program, loaded, with its kernel compiled, and tensors for it.
struct Setup {
  Setup()
      : compiler([] {
          runtime::SessionOptions options;
          options.tiers = runtime::TierPolicy::FinalOnly;
          options.threads = 1;
          return options;
        }()),
        program(*compiler.load(kMulAdd, "benchmark")),
        call(program.functions()[0].calls[0]) {
    const int64_t sizes[] = {8, 8};
    for (int i = 0; i < 4; ++i) {
      tensors.push_back(
          *Tensor::allocate(DType::f32, sizes, session().allocator()));
      for (int element = 0; element < 64; ++element)
        tensors.back().dataAs<float>()[element] = static_cast<float>(element);
    }
    inputs.assign(tensors.begin(), tensors.begin() + 3);
    outputs.assign(tensors.begin() + 3, tensors.end());
    kernel = *session().kernelFor(call.key, inputs);
  }
  runtime::Session &session() { return compiler.session(); }

  Compiler compiler;
  const Program program;
  const ProgramFunction::Call &call;
  std::vector<Tensor> tensors;
  std::vector<Value> inputs;
  std::vector<Tensor> outputs;
  std::shared_ptr<const runtime::FusedKernel> kernel;
};
} // namespace

static Setup &setup() {
  static Setup result;
  return result;
}

static void check(const absl::Status &status) {
  if (!status.ok())
    std::abort();
}

/// The machine code, by a pointer to it.
static void bareFunction(benchmark::State &state) {
  auto *kernel =
      static_cast<const runtime::FusedKernelCPU *>(setup().kernel.get());
  const runtime::LoopFunction function = kernel->functions()[0];
  uint8_t raised = 0;
  std::vector<void *> data;
  for (const Tensor &tensor : setup().tensors)
    data.push_back(tensor.data());
  data.push_back(&raised);
  const runtime::LaunchPlan plan =
      *setup().session().plan(setup().call.key, setup().inputs);
  for (auto _ : state)
    function(0, plan.loops[0].extent, data.data(), plan.loops[0].dims.data());
}

static void launch(benchmark::State &state) {
  std::vector<void *> memory;
  for (const Tensor &tensor : setup().tensors)
    memory.push_back(tensor.data());
  const runtime::LaunchPlan plan =
      *setup().session().plan(setup().call.key, setup().inputs);
  for (auto _ : state)
    check(setup().kernel->launch(plan, memory, setup().session().threads()));
}

static void callSiteGivenOutput(benchmark::State &state) {
  for (auto _ : state)
    check(setup().call.site->run(setup().inputs, setup().outputs));
}

static void programGivenOutput(benchmark::State &state) {
  for (auto _ : state)
    check(setup().program.run(setup().program.functions()[0], setup().inputs,
                              setup().outputs));
}

static void runFusionGivenOutput(benchmark::State &state) {
  for (auto _ : state)
    check(setup().session().runFusion(setup().call.key, setup().inputs,
                                      setup().outputs));
}

/// Three tensors onto the stack, and one off it.
static void stackAlone(benchmark::State &state) {
  runtime::Stack stack;
  for (auto _ : state) {
    stack.assign(setup().inputs.begin(), setup().inputs.end());
    benchmark::DoNotOptimize(stack.data());
    stack.clear();
  }
}

static void callSiteNewOutput(benchmark::State &state) {
  runtime::Stack stack;
  for (auto _ : state) {
    stack.assign(setup().inputs.begin(), setup().inputs.end());
    check(setup().call.site->run(stack));
    stack.clear();
  }
}

static void runFusionNewOutput(benchmark::State &state) {
  runtime::Stack stack;
  for (auto _ : state) {
    stack.assign(setup().inputs.begin(), setup().inputs.end());
    check(setup().session().runFusion(setup().call.key, stack));
    stack.clear();
  }
}

BENCHMARK(bareFunction);
BENCHMARK(launch);
BENCHMARK(programGivenOutput);
BENCHMARK(callSiteGivenOutput);
BENCHMARK(runFusionGivenOutput);
BENCHMARK(stackAlone);
BENCHMARK(callSiteNewOutput);
BENCHMARK(runFusionNewOutput);
