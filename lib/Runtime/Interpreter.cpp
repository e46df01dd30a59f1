//===- Interpreter.cpp - running a plan without a kernel ------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"
#include "FuserRuntime/FusedKernel.h"
#include "LoopSplit.h"
#include <atomic>
#include <cstdlib>

namespace fuser::runtime {

/// What an instruction of the interpreter takes beyond the kernel's, in the
/// unit of elementCost: it loads its operands and stores its result.
static constexpr int64_t kStepCost = 8;

/// Buffers up to this size are on the stack.
static constexpr std::size_t kStackBytes = std::size_t(32) << 10;

Interpreter::Interpreter(const KernelSpec &spec, const LaunchPlan &plan) {
  programs.reserve(plan.nests.size());
  for (const PlannedLoop &loop : plan.loops)
    for (int32_t nest : loop.nests)
      programs.emplace_back(spec, plan.nests[nest], loop.inPlace);
}

namespace {
/// What has gone wrong in parts.
struct Failures {
  std::atomic<bool> hasMemory{true}, isDefined{true};
};
} // namespace

static void runOnStack(const NestProgram &program, MemoryTable memory,
                       int64_t begin, int64_t end, Failures &failures) {
  alignas(64) char buffers[kStackBytes];
  if (!program.run(memory, begin, end, buffers))
    failures.isDefined = false;
}

static void runOnHeap(const NestProgram &program, MemoryTable memory,
                      int64_t begin, int64_t end, Failures &failures) {
  void *buffers = std::aligned_alloc(64, program.bufferBytes());
  if (!buffers)
    failures.hasMemory = false;
  else if (!program.run(memory, begin, end, static_cast<char *>(buffers)))
    failures.isDefined = false;
  std::free(buffers);
}

/// Runs one nest on as many threads as it is worth.
static absl::Status runNest(const NestProgram &program, MemoryTable memory,
                            ThreadPool &threads) {
  const int64_t elements = program.numElements(), unit = program.blockSize();
  const int64_t cost = elements * (elementCost(program.planned()) +
                                   program.numSteps() * kStepCost);
  const int64_t parts =
      chooseParts(cost, (elements + unit - 1) / unit, threads);
  auto *const run =
      program.bufferBytes() <= kStackBytes ? runOnStack : runOnHeap;
  Failures failures;
  if (parts == 1)
    run(program, memory, 0, elements, failures);
  else
    threads.parallelFor(parts, [&](int64_t part) {
      const PartRange range(part, parts, elements, unit);
      run(program, memory, range.begin, range.end, failures);
    });
  if (!failures.hasMemory)
    return absl::ResourceExhaustedError("no memory to interpret the group");
  return failures.isDefined ? absl::OkStatus() : divisionByZeroError();
}

absl::Status Interpreter::run(MemoryTable memory, ThreadPool &threads) const {
  for (const NestProgram &program : programs)
    if (absl::Status status = runNest(program, memory, threads); !status.ok())
      return status;
  return absl::OkStatus();
}

} // namespace fuser::runtime
