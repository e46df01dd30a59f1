//===- CallSiteTest.cpp - calls that come again ---------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CallLayout.h"
#include "FakeBackend.h"

using namespace fuser;
using namespace fuser::runtime;

/// a + b of f32 vectors, run on the interpreter of a session of its own.
struct CallSites : ::testing::Test {
  Session session{oneThread()};
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  CallSite site = *session.callSite(key);

  std::vector<float> run(const Tensor &a, const Tensor &b) {
    Stack stack = {a, b};
    const absl::Status status = site.run(stack);
    EXPECT_TRUE(status.ok()) << status;
    return elements<float>(std::get<Tensor>(stack.at(0)));
  }
  int64_t plans() const { return session.statistics().plans; }
};

TEST_F(CallSites, PlanOnceForALayout) {
  const Tensor x = iota({4}), y = iota({4});
  EXPECT_EQ(run(x, x), (std::vector<float>{0, 2, 4, 6}));
  y.dataAs<float>()[3] = 10;
  EXPECT_EQ(run(x, y), (std::vector<float>{0, 2, 4, 13}));
  EXPECT_EQ(plans(), 1);
  EXPECT_EQ(run(iota({2}), iota({2})), (std::vector<float>{0, 2}));
  EXPECT_EQ(run(iota({2}), iota({1})), (std::vector<float>{0, 1}));
  EXPECT_EQ(plans(), 3);
  // The group remembers what the call site does not.
  EXPECT_EQ(run(x, x), (std::vector<float>{0, 2, 4, 6}));
  EXPECT_EQ(run(iota({2}), iota({1})), (std::vector<float>{0, 1}));
  EXPECT_EQ(plans(), 3);
}

TEST_F(CallSites, LooksAtStridesAndTypes) {
  const Tensor wide = iota({8});
  const auto every = [&](int64_t stride) {
    return Tensor::borrow(wide.data(), DType::f32, {2}, {stride});
  };
  EXPECT_EQ(run(every(1), every(1)), (std::vector<float>{0, 2}));
  EXPECT_EQ(run(every(3), every(1)), (std::vector<float>{0, 4}));
  EXPECT_EQ(run(every(1), every(3)), (std::vector<float>{0, 4}));
  EXPECT_EQ(run(every(0), every(7)), (std::vector<float>{0, 7}));
  EXPECT_EQ(plans(), 4);

  Stack ints = {makeTensor<int32_t>(DType::i32, {2}, [](int64_t) { return 1; }),
                iota({2})};
  EXPECT_TRUE(absl::IsInvalidArgument(site.run(ints)));
  Stack matrix = {iota({2, 1}), iota({2})};
  EXPECT_TRUE(absl::IsInvalidArgument(site.run(matrix)));
  Stack scalar = {2.0, iota({2})};
  EXPECT_TRUE(absl::IsInvalidArgument(site.run(scalar)));
  Stack fewStrides = {Tensor::borrow(wide.data(), DType::f32, {2}, {}),
                      iota({2})};
  EXPECT_TRUE(absl::IsInvalidArgument(site.run(fewStrides)));
  Stack none = {Tensor::borrow(nullptr, DType::f32, {2}, {1}), iota({2})};
  EXPECT_TRUE(absl::IsInvalidArgument(site.run(none)));
  Stack unaligned = {
      Tensor::borrow(wide.dataAs<char>() + 1, DType::f32, {2}, {1}), iota({2})};
  EXPECT_TRUE(absl::IsInvalidArgument(site.run(unaligned)));
  EXPECT_EQ(run(every(1), every(1)), (std::vector<float>{0, 2}));
}

TEST_F(CallSites, PlansWithoutCalling) {
  const std::vector<Value> inputs = {iota({4}), iota({4})};
  const auto planned = site.plan(inputs);
  ASSERT_TRUE(planned.ok()) << planned.status();
  ASSERT_EQ(planned->size(), 1u);
  EXPECT_EQ(planned->front().sizes, (Dims{4}));
  EXPECT_EQ(planned->front().bytes, 16);
  const auto tensor = site.allocate(planned->front(), Device());
  ASSERT_TRUE(tensor.ok()) << tensor.status();
  EXPECT_EQ(tensor->sizes(), absl::MakeConstSpan(Dims{4}));

  const Tensor output = iota({4});
  const auto given = site.plan(inputs, {output});
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(elements<float>(output), (std::vector<float>{0, 1, 2, 3}));
  EXPECT_EQ(plans(), 2);
  EXPECT_TRUE(site.run(inputs, {output}).ok());
  EXPECT_EQ(plans(), 2);
  EXPECT_EQ(elements<float>(output), (std::vector<float>{0, 2, 4, 6}));

  EXPECT_TRUE(absl::IsInvalidArgument(site.plan({inputs[0]}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(site.plan(inputs, {iota({3})}).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(site.plan(inputs, {output, output}).status()));
}

TEST_F(CallSites, GivenOutputs) {
  const std::vector<Value> inputs = {iota({4}), iota({4})};
  const Tensor first = iota({4}), second = iota({8});
  const auto into = [&](Tensor output) {
    const std::vector<Tensor> outputs = {output};
    EXPECT_TRUE(site.run(inputs, outputs).ok());
    return elements<float>(output);
  };
  const std::vector<float> expected = {0, 2, 4, 6};
  EXPECT_EQ(into(first), expected);
  EXPECT_EQ(into(Tensor::borrow(second.data(), DType::f32, {4}, {2})),
            expected);
  EXPECT_EQ(
      into(Tensor::borrow(second.dataAs<float>() + 3, DType::f32, {4}, {1})),
      expected);
  EXPECT_EQ(into(first), expected);
  EXPECT_EQ(plans(), 3);
  // The same layout, but now the output lies over an input and moved by one.
  const Tensor input = iota({5});
  const std::vector<Value> shared = {
      Tensor::borrow(input.data(), DType::f32, {4}, {1}), iota({4})};
  const std::vector<Tensor> over = {
      Tensor::borrow(input.dataAs<float>() + 1, DType::f32, {4}, {1})};
  EXPECT_TRUE(absl::IsInvalidArgument(site.run(shared, over)));
  EXPECT_EQ(elements<float>(input), (std::vector<float>{0, 1, 2, 3, 4}));
}

TEST(CallLayout, SaysWhereTheOverlapsOfAnOutputEnd) {
  alignas(64) uint8_t memory[256] = {};
  const auto bytes = [&](int64_t place, int64_t size, int64_t stride) {
    return Tensor::borrow(memory + place, DType::ui8, {size}, {stride});
  };
  const std::vector<Value> inputs = {bytes(0, 8, 1), bytes(64, 8, 1)};
  // The second output of one call has the words of an overlap and an output.
  const std::vector<Tensor> apart = {bytes(129, 1, 1), bytes(5, 1, 1)},
                            over = {bytes(65, 1, 1), bytes(197, 5, 0)};
  const CallLayout layout(inputs, apart);
  EXPECT_TRUE(layout.isOf(inputs, apart));
  EXPECT_FALSE(layout.isOf(inputs, over));
}

TEST_F(CallSites, TensorsOfNoTypeOrSize) {
  const Tensor x = iota({4});
  const Value odd[] = {
      Tensor::borrow(x.data(), DType(200), {4}, {1}),
      Tensor::borrow(x.data(), DType::f32, {INT64_MIN}, {INT64_MAX}),
      Tensor::borrow(x.data(), DType::f32, {4}, {1}, nullptr,
                     {DeviceType::CPU, -1})};
  for (const Value &value : odd) {
    Stack stack = {x, value};
    EXPECT_TRUE(absl::IsInvalidArgument(site.run(stack)));
    const std::vector<Value> inputs = {x, x};
    const std::vector<Tensor> outputs = {std::get<Tensor>(value)};
    EXPECT_TRUE(absl::IsInvalidArgument(site.run(inputs, outputs)));
  }
}

TEST(CallSite, ScalarsChangeWithoutANewPlan) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f64, 1);
  const ValueId s = b.leaf(b.input(DType::f64, 0, /*isScalar=*/true));
  Session session(oneThread());
  const int64_t key =
      *session.registerFusion(b.output(b.op(Opcode::mul, x, s)).build());
  CallSite site = *session.callSite(key);
  const auto ones =
      makeTensor<double>(DType::f64, {2}, [](int64_t) { return 1; });
  for (double scalar : {0.1, 1e300, -3.0}) {
    Stack stack = {ones, scalar};
    ASSERT_TRUE(site.run(stack).ok());
    EXPECT_EQ(elements<double>(std::get<Tensor>(stack[0])),
              (std::vector<double>{scalar, scalar}));
  }
  Stack wrong = {ones, int64_t(3)};
  EXPECT_TRUE(absl::IsInvalidArgument(site.run(wrong)));
  EXPECT_EQ(session.statistics().plans, 1);
}

TEST(CallSite, UsesKernelsAndBackendsAsTheyAre) {
  FakeBackend backend;
  Session session(oneThread());
  const int64_t key = *session.registerFusion(addSpec(1, 1));
  CallSite site = *session.callSite(key);
  const auto first = [&] {
    Stack stack = {iota({3}), iota({3})};
    EXPECT_TRUE(site.run(stack).ok());
    return std::get<Tensor>(stack[0]).dataAs<float>()[0];
  };
  EXPECT_EQ(first(), 0); // interpreted
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  EXPECT_EQ(first(), 4711);
  EXPECT_EQ(first(), 4711);
  session.overrideCanFuseOn(DeviceType::CPU, false);
  EXPECT_EQ(first(), 0);
  session.overrideCanFuseOn(DeviceType::CPU, true);
  EXPECT_EQ(first(), 4711);
  EXPECT_EQ(backend.calls, 1);
  EXPECT_EQ(fallbacksFor(session, FallbackReason::NoBackend), 1);
  EXPECT_EQ(fallbacksFor(session, FallbackReason::Disabled), 1);
  Stack stack = {iota({3}), iota({3})};
  EXPECT_TRUE(site.runFallback(stack).ok());
  EXPECT_EQ(fallbacksFor(session, FallbackReason::Requested), 1);
}
