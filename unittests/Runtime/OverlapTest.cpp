//===- OverlapTest.cpp - outputs in the memory of inputs ------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Overlap.h"
#include "FuserRuntime/ArgSpec.h"
#include "SpecBuilder.h"
#include <random>
#include <set>

using namespace fuser;
using namespace fuser::runtime;

static constexpr const char *kRefused =
    "output 0 may overlap input 0 other than in place: where an output "
    "replaces an input, both must have one address, element size and strides, "
    "and each element may be read for the one that replaces it alone; give the "
    "output memory of its own";

//===----------------------------------------------------------------------===//
// Strided boxes
//===----------------------------------------------------------------------===//

/// The addresses of all bytes.
static std::set<uintptr_t> bytesOf(const Tensor &tensor) {
  std::set<uintptr_t> bytes;
  Dims index(tensor.rank(), 0);
  for (int64_t i = 0; i < tensor.numElements(); ++i) {
    int64_t rest = i, offset = 0;
    for (int64_t dim = 0; dim < tensor.rank(); ++dim) {
      offset += rest % tensor.sizes()[dim] * tensor.strides()[dim];
      rest /= tensor.sizes()[dim];
    }
    for (int64_t byte = 0; byte < dtypeSize(tensor.dtype()); ++byte)
      bytes.insert(reinterpret_cast<uintptr_t>(tensor.data()) +
                   offset * dtypeSize(tensor.dtype()) + byte);
  }
  return bytes;
}

TEST(Overlap, OfBoxesIsExact) {
  static double memory[4096];
  std::mt19937 random(1);
  auto pick = [&](int64_t n) { return static_cast<int64_t>(random() % n); };
  const DType types[] = {DType::ui8, DType::f16, DType::f32, DType::f64};
  auto box = [&](absl::Span<const int64_t> strides) {
    const DType dtype = types[pick(4)];
    Dims sizes, own;
    for (int64_t stride : strides) {
      sizes.push_back(1 + pick(4));
      own.push_back(pick(5) == 0 ? pick(20) : stride);
    }
    const int64_t size = dtypeSize(dtype);
    return Tensor::borrow(reinterpret_cast<char *>(memory) + pick(60) * size,
                          dtype, sizes, own);
  };
  int apart = 0, together = 0;
  for (int i = 0; i < 20000; ++i) {
    Dims strides;
    for (int64_t dim = pick(4); dim > 0; --dim)
      strides.push_back(1 + pick(24));
    const Tensor a = box(strides), b = box(strides);
    const std::set<uintptr_t> bytesA = bytesOf(a), bytesB = bytesOf(b);
    bool expected = false;
    for (uintptr_t byte : bytesA)
      expected |= bytesB.count(byte) > 0;
    EXPECT_EQ(mayOverlap(a, b), expected)
        << shapeString(a.sizes()) << shapeString(a.strides())
        << shapeString(b.sizes()) << shapeString(b.strides());
    (expected ? together : apart) += 1;
  }
  EXPECT_GT(apart, 2000);
  EXPECT_GT(together, 2000);
}

TEST(Overlap, OfLargeBoxes) {
  static float memory[1];
  auto box = [](int64_t from, Dims sizes, Dims strides) {
    return Tensor::borrow(memory + from, DType::f32, sizes, strides);
  };
  const int64_t rows = int64_t(1) << 40;
  // Columns of one matrix.
  const Tensor left = box(0, {rows, 32}, {64, 1});
  EXPECT_FALSE(mayOverlap(left, box(32, {rows, 32}, {64, 1})));
  EXPECT_TRUE(mayOverlap(left, box(31, {rows, 32}, {64, 1})));
  EXPECT_TRUE(mayOverlap(left, box(33, {rows, 32}, {64, 1})));
  EXPECT_FALSE(mayOverlap(left, box(64 * rows + 32, {3}, {1})));
  EXPECT_TRUE(mayOverlap(left, box(64 * rows - 33, {3}, {1})));
  // Odd and even columns, another row length.
  EXPECT_FALSE(
      mayOverlap(box(0, {rows, 32}, {64, 2}), box(1, {rows, 32}, {64, 2})));
  EXPECT_TRUE(
      mayOverlap(box(0, {rows, 32}, {64, 2}), box(1, {rows, 32}, {63, 2})));
  // Touching, empty, past what is worked out.
  EXPECT_FALSE(mayOverlap(box(0, {4}, {1}), box(4, {4}, {1})));
  EXPECT_FALSE(mayOverlap(box(0, {0}, {1}), box(0, {4}, {1})));
  EXPECT_TRUE(mayOverlap(box(0, {2}, {int64_t(1) << 60}),
                         box(1, {2}, {int64_t(1) << 60})));
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

static absl::StatusOr<LaunchPlan> plan(const KernelSpec &spec,
                                       std::vector<Tensor> inputs,
                                       std::vector<Tensor> outputs) {
  return planLaunch(spec, inputs, outputs);
}

/// The message of the error that planning gives; "" if it gives none, and then
/// some loop must be in place.
static std::string tryInPlace(const KernelSpec &spec,
                              std::vector<Tensor> inputs,
                              std::vector<Tensor> outputs) {
  auto result = plan(spec, std::move(inputs), std::move(outputs));
  if (result.ok()) {
    bool inPlace = false;
    for (const PlannedLoop &loop : result->loops)
      inPlace |= loop.inPlace;
    EXPECT_TRUE(inPlace);
    return "";
  }
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(result.status().message());
}

static Tensor at(const Tensor &memory, int64_t from, Dims sizes, Dims strides) {
  return Tensor::borrow(memory.dataAs<float>() + from, DType::f32,
                        std::move(sizes), std::move(strides));
}

TEST(InPlace, OfOneInput) {
  const KernelSpec add = addSpec(2, 2);
  Tensor x = iota({4, 6}), y = iota({4, 6});
  EXPECT_EQ(tryInPlace(add, {x, y}, {x}), "");
  EXPECT_EQ(tryInPlace(add, {y, x}, {x}), "");
  EXPECT_EQ(tryInPlace(add, {x, x}, {x}), "");
  // Not what is apart.
  auto apart = plan(add, {x, y}, {iota({4, 6})});
  ASSERT_TRUE(apart.ok());
  EXPECT_FALSE(apart->loops[0].inPlace);
  auto same = plan(add, {x, y}, {x});
  EXPECT_NE(ArgSpec(Device(), *apart), ArgSpec(Device(), *same));
  EXPECT_EQ(ArgSpec(Device(), *same).str(),
            "cpu loop 0 (in place): nest rank 1, pieces [0], leaves [0:c 1:c], "
            "stores [c]");
  // Strided.
  Tensor memory = iota({100});
  Tensor part = at(memory, 3, {4, 6}, {20, 2});
  EXPECT_EQ(tryInPlace(add, {part, y}, {part}), "");
  EXPECT_EQ(tryInPlace(add, {part, part}, {at(memory, 3, {4, 6}, {20, 1})}),
            kRefused);
}

TEST(InPlace, OtherPlacesAreRefused) {
  const KernelSpec add = addSpec(2, 2);
  Tensor memory = iota({100}), y = iota({4, 4});
  auto square = [&](int64_t from, Dims strides) {
    return at(memory, from, {4, 4}, std::move(strides));
  };
  const Tensor x = square(0, {4, 1});
  // Shifted by an element, by a row; transposed.
  EXPECT_EQ(tryInPlace(add, {x, y}, {square(1, {4, 1})}), kRefused);
  EXPECT_EQ(tryInPlace(add, {x, y}, {square(4, {4, 1})}), kRefused);
  EXPECT_EQ(tryInPlace(add, {square(4, {4, 1}), y}, {x}), kRefused);
  EXPECT_EQ(tryInPlace(add, {x, y}, {square(0, {1, 4})}), kRefused);
  // In place of one that is read a second time.
  EXPECT_EQ(tryInPlace(add, {square(0, {1, 4}), x}, {x}), kRefused);
  // Broadcast.
  EXPECT_EQ(tryInPlace(add, {at(memory, 0, {1, 4}, {4, 1}), y}, {x}), kRefused);
  EXPECT_EQ(tryInPlace(add, {at(memory, 0, {4, 1}, {4, 1}), y}, {x}), kRefused);
  // Touching ones are apart.
  EXPECT_TRUE(plan(add, {x, y}, {square(16, {4, 1})}).ok());
  EXPECT_TRUE(plan(add, {square(16, {4, 1}), y}, {x}).ok());
  // One element is in one place, whatever its shape and strides.
  EXPECT_EQ(tryInPlace(addSpec(0, 2), {at(memory, 0, {}, {}), iota({1, 1})},
                       {at(memory, 0, {1, 1}, {7, 9})}),
            "");
}

TEST(InPlace, OtherElementSizesAreRefused) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 1);
  const KernelSpec narrow = b.output(b.cast(x, DType::f16)).build();
  SpecBuilder c;
  const ValueId y = c.arg(DType::f32, 1);
  const KernelSpec equal = c.output(c.cast(y, DType::i32)).build();
  Tensor input = iota({8});
  EXPECT_EQ(tryInPlace(narrow, {input},
                       {Tensor::borrow(input.data(), DType::f16, {8}, {1})}),
            kRefused);
  EXPECT_EQ(tryInPlace(equal, {input},
                       {Tensor::borrow(input.data(), DType::i32, {8}, {1})}),
            "");
}

/// out 0 = -a, out 1 = a + b
static KernelSpec twoOutputs(std::vector<ViewStep> stepsOfSecond = {}) {
  SpecBuilder b;
  const int32_t in = b.input(DType::f32, 2);
  const ValueId a = b.leaf(in), y = b.arg(DType::f32, 2);
  const ValueId again = b.leaf(in, std::move(stepsOfSecond));
  const ValueId first = b.op(Opcode::neg, a), sum = b.op(Opcode::add, again, y);
  b.output(b.piece(first, {a}));
  return b.output(b.piece(sum, {again, y})).build();
}

TEST(InPlace, TheOtherOutputMayReadTheSameElements) {
  Tensor a = iota({4, 4}), b = iota({4, 4}), c = iota({4, 4});
  EXPECT_EQ(tryInPlace(twoOutputs(), {a, b}, {a, c}), "");
  EXPECT_EQ(tryInPlace(twoOutputs(), {a, b}, {c, a}), "");
  EXPECT_EQ(tryInPlace(twoOutputs(), {a, b}, {a, b}), "");
  EXPECT_EQ(tryInPlace(twoOutputs(), {a, b}, {b, a}), "");
  EXPECT_EQ(tryInPlace(twoOutputs({transpose({1, 0})}), {a, b}, {a, c}),
            kRefused);
  EXPECT_EQ(tryInPlace(twoOutputs({transpose({1, 0})}), {a, b}, {c, b}), "");
  // The other one is another nest: it has another shape.
  Tensor row = iota({1, 4}), out = iota({1, 4});
  EXPECT_EQ(tryInPlace(twoOutputs({slice(0, 0, 1)}), {a, row}, {a, out}),
            kRefused);
  // Where it reads what is not stored, both are fine.
  EXPECT_EQ(tryInPlace(twoOutputs({slice(0, 0, 1)}), {a, row}, {c, row}), "");
}

TEST(InPlace, WhatIsCopiedMayBeReplaced) {
  // The reshape of a transposed input.
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 2, {transpose({1, 0}), reshape({12})});
  const KernelSpec spec = b.output(b.op(Opcode::neg, x)).build();
  Tensor input = iota({3, 4});
  auto replacing = plan(spec, {input}, {at(input, 0, {12}, {1})});
  ASSERT_TRUE(replacing.ok()) << replacing.status();
  EXPECT_EQ(replacing->copies.size(), 1u);
  EXPECT_FALSE(replacing->loops[0].inPlace);

  // One element that is not read for the one that replaces it alone.
  Tensor memory = iota({100});
  auto one = plan(addSpec(0, 2), {at(memory, 5, {}, {}), iota({4, 4})},
                  {at(memory, 0, {4, 4}, {4, 1})});
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_EQ(one->copies.size(), 1u);
  EXPECT_EQ(one->copies[0].bytes(), 4);
  EXPECT_FALSE(one->loops[0].inPlace);
}

/// The columns of x, [0, split) and the rest, negated, in this or the other
/// order.
static KernelSpec negatedParts(int64_t split, bool swapped) {
  SpecBuilder b;
  const int32_t in = b.input(DType::f32, 2);
  const ValueId x = b.leaf(in, {slice(1, 0, split)});
  const ValueId y = b.leaf(in, {slice(1, split, INT64_MAX)});
  const ValueId left = b.op(Opcode::neg, x), right = b.op(Opcode::neg, y);
  OutputNode first = b.piece(left, {x}), second = b.piece(right, {y});
  if (swapped)
    std::swap(first, second);
  return b.output(SpecBuilder::concat(1, {first, second})).build();
}

TEST(InPlace, ConcatOfParts) {
  Tensor x = iota({4, 6});
  EXPECT_EQ(tryInPlace(negatedParts(3, false), {x}, {x}), "");
  EXPECT_EQ(tryInPlace(negatedParts(2, false), {x}, {x}), "");
  // One nest stores both where it loads both; two nests would not.
  EXPECT_EQ(tryInPlace(negatedParts(3, true), {x}, {x}), "");
  EXPECT_EQ(tryInPlace(negatedParts(2, true), {x}, {x}), kRefused);
}

TEST(InPlace, OutputsMayTouchButNotShare) {
  const KernelSpec spec = twoOutputs();
  Tensor memory = iota({40}), a = iota({4, 4}), b = iota({4, 4});
  auto columns = [&](int64_t from) { return at(memory, from, {4, 4}, {8, 1}); };
  EXPECT_TRUE(plan(spec, {a, b}, {columns(0), columns(4)}).ok());
  EXPECT_TRUE(plan(spec, {columns(0), columns(4)}, {a, b}).ok());
  EXPECT_EQ(
      tryInPlace(spec, {columns(0), columns(4)}, {columns(4), columns(0)}), "");
  EXPECT_EQ(plan(spec, {a, b}, {columns(0), columns(3)}).status().message(),
            "outputs 0 and 1 may overlap; give each its own memory");
}
