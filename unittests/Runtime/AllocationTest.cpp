//===- AllocationTest.cpp - a cached call allocates nothing ---------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program of its own, as it replaces operator new.
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Session.h"
#include "SpecBuilder.h"
#include <cstdlib>
#include <new>

static thread_local int64_t numAllocations = 0;

void *operator new(std::size_t size) {
  ++numAllocations;
  if (void *memory = std::malloc(size))
    return memory;
  std::abort();
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }

using namespace fuser;
using namespace fuser::runtime;

/// A kernel that looks at nothing but takes the path of real ones.
static absl::StatusOr<std::shared_ptr<FusedKernel>>
makeKernel(const KernelSpec &, const ArgSpec &argSpec, int64_t, Device, Tier) {
  std::vector<LoopFunction> loops(
      argSpec.nonTemporal().size(),
      [](int64_t, int64_t, void *const *, const int64_t *) {});
  return std::make_shared<FusedKernelCPU>(std::move(loops), nullptr, nullptr);
}

namespace {
/// How a group is called.
enum class Call { ByKey, AtSite, ByKeyOnStack, AtSiteOnStack };
} // namespace

/// The allocations of the second call of a sum of these inputs, into an output
/// of the first one's shape, or on a stack.
static int64_t allocationsOfCall(const std::vector<Tensor> &inputs, Call call) {
  SpecBuilder b;
  std::vector<ValueId> leaves;
  for (const Tensor &input : inputs)
    leaves.push_back(b.arg(DType::f32, input.rank()));
  ValueId sum = leaves[0];
  for (std::size_t i = 1; i < leaves.size(); ++i)
    sum = b.op(Opcode::add, sum, leaves[i]);
  SessionOptions options;
  options.threads = 1;
  Session session(options);
  session.registerFusionBackend(DeviceType::CPU, makeKernel);
  const int64_t key =
      *session.registerFusion(b.output(b.op(Opcode::neg, sum)).build());
  const std::vector<Value> values(inputs.begin(), inputs.end());
  const absl::Span<const int64_t> shape = inputs[0].sizes();
  const std::vector<Tensor> outputs = {iota(Dims(shape.begin(), shape.end()))};

  CallSite site = *session.callSite(key);
  int64_t count = 0;
  for (int i = 0; i < 2; ++i) {
    Stack stack(values);
    const int64_t before = numAllocations;
    const absl::Status status =
        call == Call::ByKey          ? session.runFusion(key, values, outputs)
        : call == Call::AtSite       ? site.run(values, outputs)
        : call == Call::ByKeyOnStack ? session.runFusion(key, stack)
                                     : site.run(stack);
    count = numAllocations - before;
    EXPECT_TRUE(status.ok()) << status;
  }
  EXPECT_EQ(session.statistics().hits, 1);
  EXPECT_EQ(session.statistics().plans, 1);
  return count;
}

TEST(Allocations, NoneOnACachedCall) {
  // On a stack, the control block of the output's owner; its memory is one that
  // the allocator has kept.
  constexpr std::pair<Call, int64_t> expected[] = {{Call::ByKey, 0},
                                                   {Call::AtSite, 0},
                                                   {Call::ByKeyOnStack, 1},
                                                   {Call::AtSiteOnStack, 1}};
  const Tensor dense = iota({4, 5, 6, 7}),
               reversed = iota({4, 5, 6, 7}, {3, 2, 1, 0});
  const Tensor row = iota({7}), column = iota({4, 1, 6, 1}), one = iota({});
  const std::vector<Tensor> calls[] = {
      {dense},
      {dense, dense},
      {dense, row, one},
      {dense, reversed, column, row},
      {iota({64}), iota({64}), iota({64}), one}};
  for (const std::vector<Tensor> &inputs : calls)
    for (auto [call, count] : expected)
      EXPECT_EQ(allocationsOfCall(inputs, call), count);
}

TEST(Allocations, NoneHoweverManyInputs) {
  const std::vector<Tensor> inputs(100, iota({2, 3, 4}));
  EXPECT_EQ(allocationsOfCall(inputs, Call::AtSite), 0);
}

TEST(Allocations, NoneWhereTwoLayoutsTakeTurns) {
  SessionOptions options;
  options.threads = 1;
  Session session(options);
  session.registerFusionBackend(DeviceType::CPU, makeKernel);
  CallSite site = *session.callSite(*session.registerFusion(addSpec(1, 1)));
  const auto valuesOf = [](int64_t size) {
    return std::vector<Value>{iota({size}), iota({size})};
  };
  const std::vector<Value> few = valuesOf(3), many = valuesOf(5);
  const std::vector<Tensor> fewOut = {iota({3})}, manyOut = {iota({5})};
  const auto areRight = [&] {
    return site.run(few, fewOut).ok() && site.run(many, manyOut).ok();
  };
  EXPECT_TRUE(areRight());
  const int64_t before = numAllocations;
  const bool isOk = areRight() && areRight();
  EXPECT_EQ(numAllocations, before);
  EXPECT_TRUE(isOk);
}
