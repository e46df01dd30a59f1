//===- CInterfaceBenchmark.cpp - what a call in C costs -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernel of CallBenchmark.cpp, x * y + z on squares of 8x8 and 4x4, called
// through the C interface: what is above callSiteGivenOutput there is its cost.
//
//===----------------------------------------------------------------------===//

#include "fuser-c/fuser.h"
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <cstring>

static const char *const kMulAdd = R"(
func.func @mul_add(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>,
                   %z: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.mul %x, %y : tensor<?x?xf32>
  %1 = fuser.add %0, %z : tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
})";

static void check(fuser_error *error) {
  if (error)
    std::abort();
}

static fuser_function *makeFunction() {
  fuser_session_options options{};
  options.size = sizeof options;
  options.tier = FUSER_TIER_FINAL_ONLY;
  options.num_threads = 1;
  fuser_session *session;
  fuser_program *program;
  fuser_function *function;
  check(fuser_session_create(&options, &session));
  check(fuser_program_load(session, kMulAdd, std::strlen(kMulAdd), nullptr,
                           nullptr, &program));
  check(fuser_program_function(program, nullptr, &function));
  fuser_program_free(program);
  fuser_session_free(session);
  return function;
}

namespace {
/// A function, and tensors for it of size x size elements.
struct Setup {
  explicit Setup(int64_t size) : sizes{size, size} {
    for (int i = 0; i < 4; ++i) {
      tensors[i] = {data[i], {kDLCPU, 0}, 2, {kDLFloat, 32, 1},
                    sizes,   nullptr,     0};
      arguments[i].kind = FUSER_TENSOR;
      arguments[i].as.tensor = &tensors[i];
    }
  }
  ~Setup() { fuser_function_free(function); }

  fuser_function *const function = makeFunction();
  alignas(64) float data[4][64] = {};
  int64_t sizes[2];
  DLTensor tensors[4];
  fuser_value arguments[4];
};
} // namespace

static void callInto(benchmark::State &state) {
  Setup setup(state.range(0));
  const DLTensor *const output = &setup.tensors[3];
  for (auto _ : state)
    check(fuser_call_into(setup.function, setup.arguments, 3, &output, 1));
}

static void call(benchmark::State &state) {
  Setup setup(state.range(0));
  for (auto _ : state) {
    DLManagedTensor *result;
    check(fuser_call(setup.function, setup.arguments, 3, &result, 1));
    result->deleter(result);
  }
}

BENCHMARK(callInto)->Arg(8)->Arg(4);
BENCHMARK(call)->Arg(8)->Arg(4);
