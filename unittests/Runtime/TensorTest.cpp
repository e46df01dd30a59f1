//===- TensorTest.cpp - tensors, broadcasting and the allocator -----------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Tensor.h"
#include "SpecBuilder.h"

using namespace fuser;
using namespace fuser::runtime;

TEST(Tensor, AllocatesRowMajor) {
  Tensor t = iota({2, 3, 4});
  EXPECT_EQ(t.strides(), absl::MakeConstSpan({12l, 4l, 1l}));
  EXPECT_EQ(t.numElements(), 24);
  EXPECT_TRUE(t.isContiguous());
  EXPECT_EQ(t.typeString(), "2x3x4xf32");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(t.data()) % 64, 0u);
}

TEST(Tensor, AllocatesInOrder) {
  Tensor t = iota({2, 3, 4}, {2, 0, 1});
  EXPECT_EQ(t.strides(), absl::MakeConstSpan({3l, 1l, 6l}));
  EXPECT_FALSE(t.isContiguous());
  EXPECT_EQ(elements<float>(t), elements<float>(iota({2, 3, 4})));
}

TEST(Tensor, EmptyAndScalar) {
  Tensor empty = iota({3, 0});
  EXPECT_EQ(empty.numElements(), 0);
  EXPECT_TRUE(empty.isContiguous());
  Tensor scalar = iota({});
  EXPECT_EQ(scalar.numElements(), 1);
  EXPECT_EQ(scalar.typeString(), "f32");
}

TEST(Tensor, RefusesImpossibleSizes) {
  auto negative = Tensor::allocate(DType::f32, {2, -1}, testAllocator());
  EXPECT_EQ(negative.status().code(), absl::StatusCode::kInvalidArgument);
  auto huge = Tensor::allocate(DType::f64, {int64_t(1) << 40, int64_t(1) << 40},
                               testAllocator());
  EXPECT_EQ(huge.status().message(),
            "a tensor of shape [1099511627776, 1099511627776] and type f64 "
            "exceeds the address space");
  auto tooMuch =
      Tensor::allocate(DType::ui8, {int64_t(1) << 62}, testAllocator());
  EXPECT_EQ(tooMuch.status().code(), absl::StatusCode::kResourceExhausted);
  // Nothing is needed for an empty one, however large its other sizes.
  EXPECT_TRUE(Tensor::allocate(DType::f32,
                               {int64_t(1) << 40, int64_t(1) << 40, 0},
                               testAllocator())
                  .ok());
}

TEST(Tensor, Broadcast) {
  Dims a = {4, 1};
  EXPECT_TRUE(broadcastInto(a, {3, 1, 5}).ok());
  EXPECT_EQ(a, (Dims{3, 4, 5}));
  Dims zero = {1};
  EXPECT_TRUE(broadcastInto(zero, {0}).ok());
  EXPECT_EQ(zero, (Dims{0}));
  Dims b = {4, 5};
  EXPECT_EQ(broadcastInto(b, {3}).message(),
            "shapes [4, 5] and [3] do not broadcast: dimension 1 is 5 and 3");
  EXPECT_EQ(b, (Dims{4, 5}));
}

TEST(Tensor, BorrowKeepsOwner) {
  auto owner = std::make_shared<std::array<int32_t, 4>>();
  std::weak_ptr<void> alive = owner;
  {
    Tensor t = Tensor::borrow(owner->data(), DType::i32, {4}, {1}, owner);
    owner.reset();
    Tensor copy = t;
    t = Tensor();
    EXPECT_FALSE(alive.expired());
  }
  EXPECT_TRUE(alive.expired());
}
