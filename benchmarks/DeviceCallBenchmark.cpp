//===- DeviceCallBenchmark.cpp - the host's part of a call on a device ----===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a call on a CUDA device costs the host beyond the driver's functions:
// these return at once here.
//
//===----------------------------------------------------------------------===//

#include "../unittests/Runtime/SpecBuilder.h"
#include "FuserEmulator/Emulator.h"
#include "FuserRuntime/FusedKernelCUDA.h"
#include "FuserRuntime/Session.h"
#include <benchmark/benchmark.h>

using namespace fuser;
using namespace fuser::runtime;

static CudaContext context = nullptr;

/// The emulated driver; what a usual call needs does nothing.
static const CudaDriver &emptyDriver() {
  static const CudaDriver driver = [] {
    CudaDriver made = emulator::driver();
    made.cuCtxGetCurrent = [](CudaContext *current) {
      *current = context;
      return 0;
    };
    made.cuCtxSetCurrent = [](CudaContext current) {
      context = current;
      return emulator::driver().cuCtxSetCurrent(current);
    };
    made.cuLaunchKernel = [](CudaFunction, unsigned, unsigned, unsigned,
                             unsigned, unsigned, unsigned, unsigned, CudaStream,
                             void **, void **) { return 0; };
    made.cuStreamIsCapturing = [](CudaStream, int *status) {
      *status = 0;
      return 0;
    };
    return made;
  }();
  return driver;
}

namespace {
/// A session, and a group that adds up its inputs.
struct Sum {
  explicit Sum(int numInputs);

  const Device device{DeviceType::CUDA, 0};
  std::shared_ptr<CudaRuntime> runtime;
  std::unique_ptr<Session> session;
  int64_t key = 0;
  std::vector<Value> inputs;
  std::vector<Tensor> outputs;
};
} // namespace

Sum::Sum(int numInputs) {
  emulator::reset();
  emulator::setImageLoader([](std::string_view) {
    emulator::Image image;
    image.find = [](const std::string &) {
      return emulator::Function{nullptr, 0};
    };
    return absl::StatusOr<emulator::Image>(std::move(image));
  });
  runtime = *CudaRuntime::create(emptyDriver());
  SessionOptions options;
  options.threads = 1;
  options.cuda = runtime;
  options.tiers = TierPolicy::FinalOnly;
  session = std::make_unique<Session>(options);
  session->registerFusionBackend(
      DeviceType::CUDA, [this](const KernelSpec &, const ArgSpec &argSpec,
                               int64_t, Device, Tier) {
        DeviceFunction function;
        function.name = "any";
        function.isScalar.assign(argSpec.nests()[0].inner.size(), false);
        return FusedKernelCUDA::load(runtime, device, "any", {function}, {});
      });
  SpecBuilder s;
  std::vector<ValueId> leaves;
  for (int i = 0; i < numInputs; ++i)
    leaves.push_back(s.arg(DType::f32, 2));
  ValueId sum = leaves[0];
  for (int i = 1; i < numInputs; ++i)
    sum = s.op(Opcode::add, sum, leaves[i]);
  key = *session->registerFusion(s.output(sum).build());
  auto allocator = *runtime->allocator(device, nullptr);
  const Tensor x = *Tensor::allocateStrided(DType::f32, {64, 64}, {64, 1},
                                            64 * 64 * 4, *allocator, device);
  inputs.assign(numInputs, x);
  outputs = {x};
  outputs[0] = *Tensor::allocateStrided(DType::f32, {64, 64}, {64, 1},
                                        64 * 64 * 4, *allocator, device);
}

static void intoGivenOutputs(benchmark::State &state) {
  Sum sum(static_cast<int>(state.range(0)));
  CallSite site = *sum.session->callSite(sum.key);
  (void)site.run(sum.inputs, sum.outputs);
  CudaRuntime::Binding binding(*sum.runtime, sum.device);
  for (auto _ : state)
    benchmark::DoNotOptimize(site.run(sum.inputs, sum.outputs).ok());
}
BENCHMARK(intoGivenOutputs)->Arg(2)->Arg(10)->Arg(100);

static void intoNewOutputs(benchmark::State &state) {
  Sum sum(static_cast<int>(state.range(0)));
  CallSite site = *sum.session->callSite(sum.key);
  Stack stack(sum.inputs);
  (void)site.run(stack);
  CudaRuntime::Binding binding(*sum.runtime, sum.device);
  for (auto _ : state) {
    stack.assign(sum.inputs.begin(), sum.inputs.end());
    benchmark::DoNotOptimize(site.run(stack).ok());
    stack.clear();
  }
}
BENCHMARK(intoNewOutputs)->Arg(2)->Arg(10)->Arg(100);
