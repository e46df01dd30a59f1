//===- AllocationTest.cpp - memory that is not there ----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Compiler/Harness.h"
#include "ChildProcess.h"
#include "absl/strings/str_cat.h"
#include <algorithm>
#include <atomic>
#include <cstdlib>

using namespace fuser;

//===----------------------------------------------------------------------===//
// The interpreter's blocks and the default allocator
//===----------------------------------------------------------------------===//

/// Calls of aligned_alloc that succeed, and those after them that fail.
static std::atomic<int64_t> successes{0}, failures{0};

/// In place of the C library's.
extern "C" void *aligned_alloc(std::size_t alignment, std::size_t bytes) {
  if (failures > 0 && --successes < 0 && --failures >= 0)
    return nullptr;
  void *memory;
  return posix_memalign(&memory, std::max(alignment, sizeof(void *)), bytes)
             ? nullptr
             : memory;
}

static const std::string kSmall = R"mlir(
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %r = fuser.exp %x : tensor<?xf32>
  return %r : tensor<?xf32>
}
)mlir";

namespace {
/// Memory of which the call number `failing` (from 0) gets none.
class FailingAllocator : public runtime::Allocator {
public:
  void *allocate(std::size_t bytes) override {
    if (calls++ == failing)
      return nullptr;
    void *memory;
    if (posix_memalign(&memory, 64, bytes))
      return nullptr;
    ++live;
    return memory;
  }
  void deallocate(void *block, std::size_t) override {
    --live;
    std::free(block);
  }

  std::atomic<int64_t> calls{0}, failing{-1}, live{0};
};
} // namespace

/// A program whose values are too many for the stack: all functions of %x come
/// before the first of their sums.
static std::string manyValues() {
  constexpr int count = 200;
  std::string text = "func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {\n"
                     "  %v0 = fuser.exp %x : tensor<?xf32>\n";
  for (int i = 1; i < count; ++i)
    absl::StrAppend(&text, "  %v", i, " = fuser.sin %v", i - 1,
                    " : tensor<?xf32>\n");
  absl::StrAppend(&text, "  %s0 = fuser.neg %v0 : tensor<?xf32>\n");
  for (int i = 1; i < count; ++i)
    absl::StrAppend(&text, "  %s", i, " = fuser.add %s", i - 1, ", %v", i,
                    " : tensor<?xf32>\n");
  absl::StrAppend(&text, "  return %s", count - 1, " : tensor<?xf32>\n}\n");
  return text;
}

TEST(Allocation, InterpreterWithoutMemoryFails) {
  runtime::SessionOptions options;
  options.allocator = std::make_shared<FailingAllocator>();
  Compiler compiler(options);
  auto program = compiler.load(manyValues(), "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  const ProgramFunction &function = program->functions()[0];
  // Several parts, of which any may fail.
  const Tensor x = makeInput(DType::f32, {1 << 18});
  auto expected = program->run(function, {x});
  ASSERT_TRUE(expected.ok()) << expected.status();
  for (int64_t call = 0;; ++call) {
    successes = call;
    failures = 1;
    auto results = program->runFallback(function, {x});
    if (failures.exchange(0) > 0) {
      ASSERT_GT(call, 0);
      EXPECT_TRUE(results.ok()) << results.status();
      break;
    }
    EXPECT_EQ(results.status().code(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(results.status().message(), "no memory to interpret the group");
    auto again = program->runFallback(function, {x});
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(sameBits((*again)[0], (*expected)[0]));
  }
}

/// The default allocator asks again once it has freed what it has cached.
TEST(Allocation, DefaultAllocatorWithoutMemoryFails) {
  Compiler compiler;
  auto program = compiler.load(kSmall, "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  const ProgramFunction &function = program->functions()[0];
  // The first call of a thread also allocates what is not an output.
  ASSERT_TRUE(program->run(function, {makeInput(DType::f32, {1})}).ok());
  for (int times : {1, 2, 0}) {
    successes = 0;
    failures = times;
    // Of another size class each time, so nothing is cached.
    auto results =
        program->run(function, {makeInput(DType::f32, {1000 << (2 * times)})});
    EXPECT_EQ(failures.exchange(0), 0);
    EXPECT_EQ(results.status().code(),
              times == 2 ? absl::StatusCode::kResourceExhausted
                         : absl::StatusCode::kOk)
        << results.status();
  }
}

/// What a session keeps that does not say.
FUSER_SCENE(keptByEnvironment) {
  runtime::Session unsaid, said([] {
    runtime::SessionOptions options;
    options.maxCachedBytes = 1000;
    return options;
  }());
  for (runtime::Session *session : {&unsaid, &said}) {
    runtime::Allocator &allocator = session->allocator();
    for (std::size_t bytes : {3 << 20, 512})
      allocator.deallocate(allocator.allocate(bytes), bytes);
  }
  if (said.statistics().memory.bytesCached != 512)
    return 1;
  const int64_t kept = unsaid.statistics().memory.bytesCached;
  return kept == 512 ? 2 : kept == 512 + (4 << 20) ? 3 : kept == 0 ? 4 : 5;
}

TEST(Allocation, EnvironmentSaysHowMuchIsKept) {
  EXPECT_EQ(runScene("keptByEnvironment").code, 3);
  EXPECT_EQ(runScene("keptByEnvironment", {"FUSER_CACHE_MIB=8"}).code, 3);
  EXPECT_EQ(runScene("keptByEnvironment", {"FUSER_CACHE_MIB=2"}).code, 2);
  EXPECT_EQ(runScene("keptByEnvironment", {"FUSER_CACHE_MIB=0"}).code, 4);
  const ChildResult wrong =
      runScene("keptByEnvironment", {"FUSER_CACHE_MIB=much"});
  EXPECT_EQ(wrong.code, 3);
  EXPECT_EQ(wrong.errors, "fuser: FUSER_CACHE_MIB=much is ignored; set it to a "
                          "number of MiB from 0 to 16777216\n");
}

//===----------------------------------------------------------------------===//
// Outputs and copies
//===----------------------------------------------------------------------===//

/// Two groups: outputs of several kinds and a reshape that needs a copy.
static const std::string kText = R"mlir(
!t = tensor<?x6xf32>
func.func @f(%x: !t, %y: !t) -> (!t, tensor<?x12xf32>, tensor<?xf32>, !t) {
  %0 = fuser.mul %x, %y : !t
  %1 = fuser.exp %0 : !t
  %2 = fuser.concat %0, %1 dim 1 : !t, !t to tensor<?x12xf32>
  %3 = fuser.reshape %x sizes [-1] : !t to tensor<?xf32>
  %4 = fuser.neg %3 : tensor<?xf32>
  %5, %6 = fuser.chunk %2 dim 1 : tensor<?x12xf32> to !t, !t
  %7 = fuser.add %5, %6 : !t
  return %1, %2, %4, %7 : !t, tensor<?x12xf32>, tensor<?xf32>, !t
}
)mlir";

static std::vector<Value> inputs() {
  return {makeInput(DType::f32, {5, 6}, Layout::Transposed, 1, Data::Tame),
          makeInput(DType::f32, {5, 6}, Layout::Contiguous, 2, Data::Tame)};
}

/// Lets each allocation of `run` in turn fail, until none does.
template <class Fn>
static void failOneByOne(FailingAllocator &allocator, int64_t atLeast, Fn run) {
  for (int64_t call = 0;; ++call) {
    allocator.calls = 0;
    allocator.failing = call;
    const int64_t live = allocator.live;
    const absl::Status status = run();
    const bool hasFailed = allocator.calls > call;
    allocator.failing = -1;
    EXPECT_EQ(allocator.live, live) << "after allocation " << call;
    if (!hasFailed) {
      EXPECT_TRUE(status.ok()) << status;
      EXPECT_GE(call, atLeast);
      return;
    }
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_TRUE(run().ok()) << "after allocation " << call;
  }
}

TEST(Allocation, OfAProgramFailsCleanly) {
  auto allocator = std::make_shared<FailingAllocator>();
  runtime::SessionOptions options;
  options.allocator = allocator;
  Compiler compiler(options);
  auto program = compiler.load(kText, "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  const ProgramFunction &function = program->functions()[0];
  const std::vector<Value> arguments = inputs();
  auto expected = program->run(function, arguments);
  ASSERT_TRUE(expected.ok()) << expected.status();
  EXPECT_GE(compiler.session().statistics().copies, 1);
  for (bool mustInterpret : {false, true})
    failOneByOne(*allocator, 5, [&] {
      auto results = mustInterpret ? program->runFallback(function, arguments)
                                   : program->run(function, arguments);
      if (results.ok())
        for (std::size_t i = 0; i < results->size(); ++i)
          EXPECT_TRUE(sameBits((*results)[i], (*expected)[i]));
      return results.status();
    });
}

TEST(Allocation, OfACallLeavesTheStackAsItWas) {
  auto allocator = std::make_shared<FailingAllocator>();
  runtime::SessionOptions options;
  options.allocator = allocator;
  Compiler compiler(options);
  auto program = compiler.load(kText, "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  const ProgramFunction::Call &call = program->functions()[0].calls[0];
  const std::vector<Value> arguments = inputs();
  const Tensor below = makeInput(DType::f32, {3});
  runtime::Stack before{below};
  for (int32_t input : call.inputs)
    before.push_back(arguments[input]);
  failOneByOne(*allocator, call.numOutputs, [&] {
    runtime::Stack stack = before;
    const absl::Status status = compiler.session().runFusion(call.key, stack);
    EXPECT_EQ(stack.size(), status.ok() ? 1u + call.numOutputs : before.size());
    for (std::size_t i = 0; i < (status.ok() ? 1 : before.size()); ++i) {
      const Tensor &found = std::get<Tensor>(stack[i]);
      EXPECT_EQ(found.data(), std::get<Tensor>(before[i]).data());
      EXPECT_EQ(found.strides(), std::get<Tensor>(before[i]).strides());
    }
    return status;
  });
}

/// Where nothing must be allocated nothing can fail.
TEST(Allocation, NotNeededForGivenOutputs) {
  auto allocator = std::make_shared<FailingAllocator>();
  runtime::SessionOptions options;
  options.allocator = allocator;
  Compiler compiler(options);
  auto program = compiler.load(kSmall, "test.mlir");
  ASSERT_TRUE(program.ok()) << program.status();
  const Tensor output = makeTensor<float>({4}, {0, 0, 0, 0});
  allocator->calls = 0;
  allocator->failing = 0;
  const absl::Status status = compiler.session().runFusion(
      program->functions()[0].calls[0].key,
      {Value(makeTensor<float>({4}, {0, 0, 0, 0}))}, {output});
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(allocator->calls, 0);
  EXPECT_EQ(doubles(output), (std::vector<double>{1, 1, 1, 1}));
}
