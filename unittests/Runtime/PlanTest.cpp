//===- PlanTest.cpp - shapes, views and outputs of a plan -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/LaunchPlan.h"
#include "SpecBuilder.h"
#include "Views.h"
#include "absl/strings/str_cat.h"
#include <optional>

using namespace fuser;
using namespace fuser::runtime;

static absl::StatusOr<LaunchPlan> plan(const KernelSpec &spec,
                                       std::vector<Tensor> inputs,
                                       std::vector<Tensor> outputs = {}) {
  absl::StatusOr<LaunchPlan> result = planLaunch(spec, inputs, outputs);
  if (result.ok())
    result->bytes = minimalBytes(spec, inputs, *result);
  return result;
}

/// The message of the error that planning gives.
static std::string planError(const KernelSpec &spec, std::vector<Tensor> inputs,
                             std::vector<Tensor> outputs = {}) {
  absl::Status status =
      plan(spec, std::move(inputs), std::move(outputs)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

/// The plan of copying an f32 input seen through `steps`.
static LaunchPlan planView(Tensor input, std::vector<ViewStep> steps) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, input.rank(), std::move(steps));
  absl::StatusOr<LaunchPlan> result = plan(b.output(x).build(), {input});
  EXPECT_TRUE(result.ok()) << result.status();
  return *result;
}

/// Offset of the only leaf's first element.
static int64_t leafOffset(const LaunchPlan &plan) {
  EXPECT_EQ(plan.nests[0].operands[0].memory, 0);
  return plan.nests[0].operands[0].offset / int64_t(sizeof(float));
}

TEST(Views, Slice) {
  Tensor input = iota({10, 3});
  LaunchPlan p = planView(input, {slice(0, 1, 8, 3)});
  EXPECT_EQ(p.outputs[0].sizes, absl::MakeConstSpan({3l, 3l}));
  EXPECT_EQ(p.nests[0].operands[0].strides, (Dims{9, 1}));
  EXPECT_EQ(leafOffset(p), 3);
}

TEST(Views, SliceClampsAndCountsFromTheEnd) {
  Tensor input = iota({10});
  struct {
    int64_t start, end, step, size, offset;
  } cases[] = {{-3, INT64_MAX, 1, 3, 7}, {-100, -8, 1, 2, 0},
               {2, -2, 4, 2, 2},         {5, 5, 1, 0, 0},
               {8, 3, 1, 0, 0},          {20, 30, 1, 0, 0},
               {INT64_MIN, 1, 1, 1, 0},  {9, INT64_MAX, INT64_MAX, 1, 9}};
  for (const auto &c : cases) {
    LaunchPlan p = planView(input, {slice(0, c.start, c.end, c.step)});
    EXPECT_EQ(p.outputs[0].sizes[0], c.size) << c.start << ":" << c.end;
    if (c.size > 0)
      EXPECT_EQ(leafOffset(p), c.offset) << c.start << ":" << c.end;
    else
      EXPECT_TRUE(p.nests.empty() && p.loops.empty());
  }
}

TEST(Views, ChunkHasShortAndEmptyTails) {
  Tensor input = iota({10, 2});
  const int64_t sizes[] = {3, 3, 3, 1}, fiveOfTen[] = {2, 2, 2, 2, 2, 0};
  for (int64_t i = 0; i < 4; ++i) {
    LaunchPlan p = planView(input, {chunk(0, i, 4)});
    EXPECT_EQ(p.outputs[0].sizes[0], sizes[i]);
    EXPECT_EQ(leafOffset(p), 6 * i);
  }
  for (int64_t i = 0; i < 6; ++i)
    EXPECT_EQ(planView(input, {chunk(0, i, 6)}).outputs[0].sizes[0],
              fiveOfTen[i]);
}

TEST(Views, TransposeAndExpandDims) {
  Tensor input = iota({2, 3});
  LaunchPlan p = planView(input, {transpose({1, 0}), expandDims(1)});
  EXPECT_EQ(p.outputs[0].sizes, absl::MakeConstSpan({3l, 1l, 2l}));
  // The output follows its input, so the two are walked as one.
  EXPECT_EQ(p.nests[0].sizes, (Dims{6}));
}

TEST(Views, Broadcasts) {
  LaunchPlan p = planView(iota({3, 1}), {broadcastTo({2, -1, 4})});
  EXPECT_EQ(p.outputs[0].sizes, absl::MakeConstSpan({2l, 3l, 4l}));
  EXPECT_EQ(p.nests[0].operands[0].strides, (Dims{0, 1, 0}));
  EXPECT_EQ(p.bytes, (3 + 24) * 4);

  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 2);
  const ValueId y = b.arg(DType::f32, 1, {broadcastLike(0)});
  b.group({x});
  const KernelSpec spec = b.output(b.piece(y, {y})).build();
  absl::StatusOr<LaunchPlan> like = plan(spec, {iota({5, 1}), iota({4})});
  ASSERT_TRUE(like.ok()) << like.status();
  EXPECT_EQ(like->outputs[0].sizes, absl::MakeConstSpan({5l, 4l}));
  EXPECT_EQ(planError(spec, {iota({5, 3}), iota({4})}),
            "shapes [4] and [5, 3] do not broadcast: dimension 1 is 4 and 3");
}

static void outputView(SpecBuilder &b, ValueId leaf) {
  b.output(b.piece(leaf, {leaf}));
}

/// The sizes of the parts of a vector of `size` beside a concat of `parts`, or
/// what is wrong.
static std::string sizesBeside(int64_t size, const Dims &parts,
                               bool isExact = false) {
  SpecBuilder b;
  Partition partition{{}, 0};
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    b.group({b.arg(DType::f32, 1)});
    partition.shapeGroups.push_back(static_cast<int32_t>(i));
    inputs.push_back(iota({parts[i]}));
  }
  const int32_t in = b.input(DType::f32, 1);
  inputs.push_back(iota({size}));
  for (std::size_t i = 0; i < parts.size(); ++i)
    outputView(
        b, b.leaf(in, {partLike(0, {{0, static_cast<int32_t>(i)}}, isExact)}));
  KernelSpec spec = b.take();
  spec.partitions.push_back(partition);
  EXPECT_TRUE(spec.finalize().ok());
  absl::StatusOr<LaunchPlan> p = plan(spec, inputs);
  if (!p.ok())
    return std::string(p.status().message());
  std::string text;
  for (const PlannedOutput &output : p->outputs)
    text += shapeString(output.sizes);
  return text;
}

TEST(Shapes, BesideParts) {
  EXPECT_EQ(sizesBeside(9, {2, 0, 7}), "[2][0][7]");
  EXPECT_EQ(sizesBeside(1, {2, 0, 7}), "[1][1][1]");
  EXPECT_EQ(sizesBeside(5, {0, 1, 0}), "[0][5][0]");
  EXPECT_EQ(sizesBeside(5, {0, 1, 0}, true), "[0][5][0]");
  EXPECT_EQ(sizesBeside(1, {0, 1, 0}), "[0][1][0]");
  EXPECT_EQ(sizesBeside(0, {0, 0}), "[0][0]");
  EXPECT_EQ(sizesBeside(0, {1, 0}), "[0][0]");
  EXPECT_EQ(sizesBeside(1, {0, 0}), "[1][1]");
  EXPECT_EQ(sizesBeside(8, {2, 0, 7}),
            "shapes [8] and [9] do not broadcast: dimension 0 of the first "
            "lies beside 9 elements of parts");
  EXPECT_EQ(sizesBeside(1, {2, 0, 7}, true),
            "shapes [1] and [9] do not broadcast: dimension 0 of the first "
            "lies beside 9 elements of parts");
  EXPECT_EQ(sizesBeside(0, {2}),
            "shapes [0] and [2] do not broadcast: dimension 0 of the first "
            "lies beside 2 elements of parts");
}

/// What is part of one concat, beside the parts of another.
TEST(Shapes, PartsOfParts) {
  auto sizes = [](const Dims &own, const Dims &wanted, int32_t part,
                  int64_t size) {
    SpecBuilder b;
    std::vector<Tensor> inputs;
    Partition partitions[2] = {{{}, 0}, {{}, 1}};
    int32_t next = 0;
    for (const Dims *list : {&wanted, &own})
      for (int64_t extent : *list) {
        const bool isOwn = list == &own;
        b.group({b.arg(DType::f32, isOwn ? 2 : 1)});
        partitions[isOwn].shapeGroups.push_back(next++);
        inputs.push_back(isOwn ? iota({3, extent}) : iota({extent}));
      }
    const int32_t in = b.input(DType::f32, 2);
    inputs.push_back(iota({size, 4}));
    for (int32_t i = 0; i < static_cast<int32_t>(wanted.size()); ++i)
      outputView(b, b.leaf(in, {partLike(0, {{0, i}, {1, part}})}));
    KernelSpec spec = b.take();
    spec.partitions.assign(partitions, partitions + 2);
    EXPECT_TRUE(spec.finalize().ok());
    absl::StatusOr<LaunchPlan> p = plan(spec, inputs);
    EXPECT_TRUE(p.ok()) << p.status();
    Dims result;
    for (const PlannedOutput &output : p->outputs)
      result.push_back(output.sizes[0]);
    return result;
  };
  EXPECT_EQ(sizes({4, 3}, {2, 5}, 0, 4), (Dims{2, 2}));
  EXPECT_EQ(sizes({4, 3}, {2, 5}, 1, 3), (Dims{0, 3}));
  EXPECT_EQ(sizes({4, 3}, {5, 1, 1}, 1, 3), (Dims{1, 1, 1}));
  // A concat of one element in all repeats it.
  EXPECT_EQ(sizes({4, 3}, {0, 1}, 1, 3), (Dims{0, 3}));
  EXPECT_EQ(sizes({0, 1}, {2, 5}, 1, 1), (Dims{1, 1}));
  EXPECT_EQ(sizes({0, 1}, {2, 5}, 1, 7), (Dims{2, 5}));
  EXPECT_EQ(sizes({0, 1}, {2, 5}, 0, 0), (Dims{0, 0}));
  // What repeats itself was not cut, and is not.
  EXPECT_EQ(sizes({4, 3}, {2, 5}, 0, 1), (Dims{1, 1}));
}

TEST(Shapes, PartsMustFit) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 2), y = b.arg(DType::f32, 2);
  b.group({x});
  b.group({y});
  // Of a rank that lacks the dimension: the parts are compared all the same.
  outputView(b, b.arg(DType::f32, 0, {partLike(-1, {{0, 1}})}));
  KernelSpec spec = b.take();
  spec.partitions = {{{0, 1}, 1}};
  ASSERT_TRUE(spec.finalize().ok());
  EXPECT_TRUE(plan(spec, {iota({2, 3}), iota({2, 5}), iota({})}).ok());
  EXPECT_EQ(planError(spec, {iota({2, 3}), iota({4, 5}), iota({})}),
            "shapes [2, 3] and [4, 5] do not concatenate along dimension 1");
}

TEST(Shapes, ConstantsTakePart) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 1);
  const ValueId c = b.constant(DType::f32, 1.0f, {2, 1});
  absl::StatusOr<LaunchPlan> p =
      plan(b.output(b.op(Opcode::add, x, c)).build(), {iota({3})});
  ASSERT_TRUE(p.ok()) << p.status();
  EXPECT_EQ(p->outputs[0].sizes, absl::MakeConstSpan({2l, 3l}));
}

TEST(Shapes, WrongCalls) {
  const KernelSpec spec = addSpec(2, 1);
  EXPECT_EQ(planError(spec, {iota({4, 5}), iota({3})}),
            "shapes [4, 5] and [3] do not broadcast: dimension 1 is 5 and 3");
  EXPECT_EQ(planError(spec, {iota({4, 5})}), "the group takes 2 inputs, got 1");
  EXPECT_EQ(planError(spec, {iota({4, 5}), iota({3, 5})}),
            "input 1 must have rank 1, got the shape [3, 5]");
  Tensor ints = makeTensor<int32_t>(DType::i32, {5}, [](int64_t) { return 0; });
  EXPECT_EQ(planError(spec, {iota({4, 5}), ints}),
            "input 1 must have elements of type f32, got i32");
  Tensor nowhere = Tensor::borrow(nullptr, DType::f32, {5}, {1});
  EXPECT_EQ(planError(spec, {iota({4, 5}), nowhere}),
            "input 1 of shape [5] has no memory");
  float memory[8];
  Tensor odd = Tensor::borrow(reinterpret_cast<char *>(memory) + 1, DType::f32,
                              {5}, {1});
  EXPECT_EQ(planError(spec, {iota({4, 5}), odd}),
            "input 1 of shape [5] is not aligned to its element type; copy it "
            "first");
  Tensor backwards = Tensor::borrow(memory + 4, DType::f32, {5}, {-1});
  EXPECT_EQ(planError(spec, {iota({4, 5}), backwards}),
            "input 1 of shape [5] has a negative stride; copy it first");
  Tensor lacking = Tensor::borrow(memory, DType::f32, {4, 2}, {2});
  EXPECT_EQ(planError(spec, {lacking, iota({2})}),
            "input 0 of shape [4, 2] needs one stride a dimension");
  Tensor endless = Tensor::borrow(memory, DType::f32, {5}, {int64_t(1) << 62});
  EXPECT_EQ(planError(spec, {iota({4, 5}), endless}),
            "input 1 of shape [5] exceeds the address space");
}

TEST(Shapes, HugeBroadcastIsAnError) {
  // Two vectors whose outer sum no memory holds.
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 2), y = b.arg(DType::f32, 1);
  const KernelSpec spec = b.output(b.op(Opcode::add, x, y)).build();
  float zero = 0;
  Tensor tall =
      Tensor::borrow(&zero, DType::f32, {int64_t(1) << 40, 1}, {0, 0});
  Tensor wide = Tensor::borrow(&zero, DType::f32, {int64_t(1) << 40}, {0});
  EXPECT_NE(planError(spec, {tall, wide}).find("exceeds the address space"),
            std::string::npos);
}

TEST(Outputs, ConcatChecksSizes) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 2), y = b.arg(DType::f32, 2);
  const OutputNode both =
      SpecBuilder::concat(1, {b.piece(x, {x}), b.piece(y, {y})});
  const KernelSpec spec = b.output(both).build();
  absl::StatusOr<LaunchPlan> p = plan(spec, {iota({2, 3}), iota({2, 4})});
  ASSERT_TRUE(p.ok()) << p.status();
  EXPECT_EQ(p->outputs[0].sizes, absl::MakeConstSpan({2l, 7l}));
  EXPECT_EQ(p->bytes, 2 * 14 * 4);
  EXPECT_EQ(planError(spec, {iota({2, 3}), iota({3, 4})}),
            "shapes [2, 3] and [3, 4] do not concatenate along dimension 1: "
            "dimension 0 is 2 and 3");
}

TEST(Outputs, ConcatOverflows) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 1, {broadcastTo({INT64_MAX})});
  const ValueId y = b.arg(DType::f32, 1);
  const KernelSpec spec =
      b.output(SpecBuilder::concat(0, {b.piece(x, {x}), b.piece(y, {y})}))
          .build();
  EXPECT_EQ(planError(spec, {iota({1}), iota({3})}),
            "shapes [9223372036854775807] and [3] do not concatenate along "
            "dimension 0: together they exceed the address space");
}

TEST(Outputs, NestedConcats) {
  // Each level puts a copy of the input behind what there is.
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 2);
  OutputNode node = b.piece(x, {x});
  constexpr int64_t kDepth = 400;
  for (int64_t i = 0; i < kDepth; ++i) {
    OutputNode next = b.piece(x, {x});
    node = SpecBuilder::concat(1, {std::move(node), std::move(next)});
  }
  const KernelSpec spec = b.output(std::move(node)).build();
  absl::StatusOr<LaunchPlan> p = plan(spec, {iota({2, 3})});
  ASSERT_TRUE(p.ok()) << p.status();
  EXPECT_EQ(p->outputs[0].sizes, absl::MakeConstSpan({2l, 3 * (kDepth + 1)}));
  const PlannedNest &nest = p->nests[0];
  ASSERT_EQ(nest.pieces.size(), std::size_t(kDepth) + 1);
  for (int64_t i = 0; i <= kDepth; ++i)
    EXPECT_EQ(nest.operands[1 + i].offset, 4 * 3 * i);
}

TEST(Shapes, HostileSizesOverflowNothing) {
  // Strides of empty tensors and sizes of repeated elements reach to the end
  // of an int64; the sanitizers watch.
  float memory[4] = {};
  const int64_t big = INT64_MAX;
  Tensor endless = Tensor::borrow(memory, DType::f32, {big}, {0});
  SpecBuilder parts;
  const ValueId part = parts.arg(DType::f32, 1, {chunk(0, 5, 7)});
  absl::StatusOr<LaunchPlan> large =
      plan(parts.output(part).build(), {endless});
  ASSERT_TRUE(large.ok()) << large.status();
  EXPECT_EQ(large->outputs[0].allocate(testAllocator()).status().code(),
            absl::StatusCode::kResourceExhausted);

  Tensor empty = Tensor::borrow(memory, DType::f32, {0, big, 3}, {big, big, 1});
  for (const ViewStep &step :
       {slice(1, 7, big, 3), chunk(1, 2, 3), slice(2, 1, 3)}) {
    SpecBuilder b;
    const ValueId x = b.arg(DType::f32, 3, {step});
    EXPECT_TRUE(plan(b.output(x).build(), {empty}).ok());
  }
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 3);
  const KernelSpec both =
      b.output(SpecBuilder::concat(2, {b.piece(x, {x}), b.piece(x, {x})}))
          .build();
  EXPECT_TRUE(
      plan(both, {empty},
           {Tensor::borrow(memory, DType::f32, {0, big, 6}, {1, big, big})})
          .ok());
}

TEST(Outputs, FollowTheMemoryFormatOfTheFirstFullInput) {
  const KernelSpec spec = addSpec(4, 4);
  Tensor nhwc = iota({2, 3, 4, 5}, {0, 2, 3, 1}), nchw = iota({2, 3, 4, 5});
  absl::StatusOr<LaunchPlan> agree = plan(spec, {nhwc, nhwc});
  EXPECT_EQ(agree->outputs[0].strides, nhwc.strides());
  EXPECT_EQ(agree->nests[0].sizes, (Dims{120}));
  absl::StatusOr<LaunchPlan> differ = plan(spec, {nhwc, nchw});
  EXPECT_EQ(differ->outputs[0].strides, nhwc.strides());
  differ = plan(spec, {nchw, nhwc});
  EXPECT_EQ(differ->outputs[0].strides, nchw.strides());
  // A smaller operand has no say.
  absl::StatusOr<LaunchPlan> bias = plan(spec, {nhwc, iota({1, 3, 1, 1})});
  EXPECT_EQ(bias->outputs[0].strides, nhwc.strides());
}

TEST(Outputs, GivenOnesAreChecked) {
  const KernelSpec spec = addSpec(1, 1);
  Tensor x = iota({4});
  EXPECT_TRUE(plan(spec, {x, x}, {iota({4})}).ok());
  EXPECT_EQ(planError(spec, {x, x}, {iota({5})}),
            "output 0 must have the shape [4] and elements of type f32, got "
            "[5] of f32");
  EXPECT_EQ(planError(spec, {x, x}, {iota({4}), iota({4})}),
            "the group gives 1 outputs, got 2");
  float memory[8];
  Tensor repeated = Tensor::borrow(memory, DType::f32, {4}, {0});
  EXPECT_EQ(planError(spec, {x, x}, {repeated}),
            "output 0 may store several elements in the same place; give one "
            "whose elements do not overlap");

  SpecBuilder b;
  const ValueId y = b.arg(DType::f32, 1);
  const KernelSpec two =
      b.output(b.piece(y, {y})).output(b.piece(y, {y})).build();
  Tensor first = Tensor::borrow(memory, DType::f32, {4}, {1});
  Tensor second = Tensor::borrow(memory + 3, DType::f32, {4}, {1});
  EXPECT_EQ(planError(two, {x}, {first, second}),
            "outputs 0 and 1 may overlap; give each its own memory");
}

//===----------------------------------------------------------------------===//
// Reshapes and indices
//===----------------------------------------------------------------------===//

/// The strides of the leaf that `steps` make of `input`, before coalescing;
/// none if a copy is needed.
static std::optional<Dims> reshapedStrides(Dims sizes, Dims strides,
                                           Dims shape) {
  Tensor input =
      Tensor::borrow(iota({10000}).data(), DType::f32, sizes, strides);
  View view(input, 0);
  if (!reshapeTo(shape, view))
    return std::nullopt;
  EXPECT_EQ(view.sizes, shape);
  return view.strides;
}

TEST(Reshape, Strides) {
  // Dense.
  EXPECT_EQ(reshapedStrides({4, 6}, {6, 1}, {24}), (Dims{1}));
  EXPECT_EQ(reshapedStrides({4, 6}, {6, 1}, {3, 2, 4}), (Dims{8, 4, 1}));
  EXPECT_EQ(reshapedStrides({24}, {1}, {2, 1, 12}), (Dims{12, 12, 1}));
  // Rows with a gap: within rows, and of whole rows.
  EXPECT_EQ(reshapedStrides({4, 6}, {10, 1}, {24}), std::nullopt);
  EXPECT_EQ(reshapedStrides({4, 6}, {10, 1}, {2, 2, 3, 2}),
            (Dims{20, 10, 2, 1}));
  EXPECT_EQ(reshapedStrides({4, 6}, {10, 1}, {8, 3}), std::nullopt);
  EXPECT_EQ(reshapedStrides({4, 6}, {10, 1}, {3, 8}), std::nullopt);
  // Transposed, inner stride, expanded.
  EXPECT_EQ(reshapedStrides({4, 6}, {1, 4}, {24}), std::nullopt);
  EXPECT_EQ(reshapedStrides({4, 6}, {1, 4}, {2, 2, 6}), (Dims{2, 1, 4}));
  EXPECT_EQ(reshapedStrides({4, 6}, {12, 2}, {24}), (Dims{2}));
  EXPECT_EQ(reshapedStrides({4, 6}, {0, 0}, {3, 8}), (Dims{0, 0}));
  EXPECT_EQ(reshapedStrides({4, 6}, {0, 1}, {24}), std::nullopt);
  // Dimensions of size 1 may have any stride.
  EXPECT_EQ(reshapedStrides({4, 1, 6, 1}, {6, 99, 1, 77}, {24}), (Dims{1}));
  EXPECT_EQ(reshapedStrides({1, 1}, {5, 7}, {}), (Dims{}));
  EXPECT_EQ(reshapedStrides({}, {}, {1, 1}), (Dims{0, 0}));
  // No elements.
  EXPECT_TRUE(reshapedStrides({4, 0}, {9, 3}, {0, 7}));
}

TEST(Reshape, CopiesOnceAndInOrder) {
  Tensor input = iota({4, 6}, {1, 0}); // not row-major
  LaunchPlan view = planView(input, {transpose({1, 0}), reshape({24})});
  EXPECT_TRUE(view.copies.empty());
  EXPECT_EQ(view.nests[0].operands[0].memory, 0);

  LaunchPlan p = planView(input, {reshape({6, 4}), transpose({1, 0}),
                                  reshape({-1}), slice(0, 5, 9)});
  ASSERT_EQ(p.copies.size(), 2u);
  EXPECT_EQ(p.copies[0].from.memory, 0);
  EXPECT_EQ(p.copies[1].from.memory, p.copyMemory(0));
  EXPECT_EQ(p.copies[1].from.strides, (Dims{1, 4}));
  EXPECT_EQ(p.nests[0].operands[0].memory, p.copyMemory(1));
  EXPECT_EQ(p.nests[0].operands[0].offset, 4 * 5);

  // Two leaves of one copy; one that nothing reads.
  SpecBuilder b;
  const int32_t in = b.input(DType::f32, 2);
  const ValueId x = b.leaf(in, {reshape({24}), chunk(0, 0, 2)});
  const ValueId y = b.leaf(in, {reshape({24}), chunk(0, 1, 2)});
  const ValueId z =
      b.leaf(in, {transpose({1, 0}), slice(0, 0, 5), reshape({20})});
  b.output(b.piece(b.op(Opcode::add, x, y), {x, y}));
  b.group({z});
  absl::StatusOr<LaunchPlan> two = plan(b.build(), {input});
  ASSERT_TRUE(two.ok()) << two.status();
  ASSERT_EQ(two->copies.size(), 1u);
  EXPECT_EQ(two->nests[0].operands[1].memory, two->copyMemory(0));
  EXPECT_EQ(two->nests[0].operands[1].offset, 4 * 12);
}

TEST(Indices, AreNoMemory) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 2);
  const ValueId i =
      b.iota({0, {}, -1}, {transpose({1, 0}), slice(0, 1, 3), slice(1, 2, 4)});
  b.group({x});
  absl::StatusOr<LaunchPlan> p =
      plan(b.output(b.piece(i, {i})).build(), {iota({5, 7}, {1, 0})});
  ASSERT_TRUE(p.ok()) << p.status();
  const PlannedOperand &indices = p->nests[0].operands[0];
  EXPECT_TRUE(indices.isIndex());
  EXPECT_EQ(indices.offset, 2 * 7 + 1);
  EXPECT_EQ(indices.strides, (Dims{7, 1}));
  EXPECT_EQ(indices.pitch(), 1);
  // The layout of what gives the shape decides nothing, and nothing is read:
  // the output is the transposition of a row-major tensor.
  EXPECT_EQ(p->outputs[0].strides, absl::MakeConstSpan({1l, 2l}));
  EXPECT_EQ(p->bytes, 4 * 8);
}
