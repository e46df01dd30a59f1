//===- KernelSpecTest.cpp - well and badly formed kernel specs ------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/KernelSpec.h"
#include "SpecBuilder.h"

using namespace fuser;
using namespace fuser::runtime;

/// The message of the error that finalize() gives.
static std::string defect(KernelSpec spec) {
  const absl::Status status = spec.finalize();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

/// A well-formed spec: out = select(x < y, x, cast(n)).
static KernelSpec wellFormed() {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 2), y = b.arg(DType::f32, 1);
  const ValueId n = b.arg(DType::i32, 1);
  const ValueId less = b.op(Opcode::lt, x, y);
  const ValueId number = b.cast(n, DType::f32);
  b.op(Opcode::neg, x); // Nobody needs it.
  return b.output(b.op(Opcode::select, less, x, number)).take();
}

TEST(KernelSpec, DerivesWhatPiecesNeed) {
  KernelSpec spec = wellFormed();
  ASSERT_TRUE(spec.finalize().ok());
  EXPECT_EQ(spec.pieces[0].leaves, (std::vector<ValueId>{0, 1, 2}));
  EXPECT_EQ(spec.pieces[0].instructions, (std::vector<int32_t>{0, 1, 3}));
  EXPECT_EQ(spec.pieces[0].weight, 3);
  EXPECT_EQ(spec.pieces[0].rank, 2);
  // Again, as by a caller who finalized before registering.
  ASSERT_TRUE(spec.finalize().ok());
  EXPECT_EQ(spec.pieces[0].leaves.size(), 3u);
}

TEST(KernelSpec, ChecksInstructions) {
  KernelSpec spec = wellFormed();
  spec.instructions[0].operands[1] = 99;
  EXPECT_EQ(defect(spec), "kernel spec: operand 1 of instruction 0 is not "
                          "defined before it");
  spec = wellFormed();
  spec.instructions[0].operands[1] = 2;
  EXPECT_EQ(defect(spec),
            "kernel spec: operand 1 of instruction 0 (lt) is i32, not f32");
  spec = wellFormed();
  spec.instructions[0].resultType = DType::f32;
  EXPECT_EQ(defect(spec), "kernel spec: instruction 0: lt gives i1, not f32");
  spec = wellFormed();
  spec.instructions[1] = {Opcode::sqrt, DType::i32, DType::i32, {2, -1, -1}};
  EXPECT_EQ(defect(spec), "kernel spec: instruction 1: sqrt does not take i32");
  spec = wellFormed();
  spec.instructions[3].operands[0] = 0;
  EXPECT_EQ(defect(spec),
            "kernel spec: operand 0 of instruction 3 (select) is f32, not i1");
  spec = wellFormed();
  spec.instructions[0].opcode = static_cast<Opcode>(200);
  EXPECT_EQ(defect(spec),
            "kernel spec: instruction 0 has no valid opcode or types");
}

TEST(KernelSpec, ChecksInputsAndLeaves) {
  KernelSpec spec = wellFormed();
  spec.leaves[1].input = 7;
  EXPECT_EQ(defect(spec), "kernel spec: leaf 1 refers to no input");
  spec = wellFormed();
  spec.inputs[0].isScalar = true;
  EXPECT_EQ(defect(spec), "kernel spec: input 0 is a scalar, so it must be a "
                          "rank-0 f64, i64 or i1");
  struct {
    ViewStep step;
    const char *message;
  } cases[] = {
      {expandDims(3), "expand_dims at 3 of rank 2"},
      {transpose({0, 0}), "transpose does not permute 2 dimensions"},
      {transpose({1}), "transpose does not permute 2 dimensions"},
      {slice(0, 0, 1, 0), "slice along 0 of rank 2 by step 0"},
      {slice(2, 0, 1), "slice along 2 of rank 2 by step 1"},
      {chunk(0, 2, 2), "chunk 2 of 2 along 0 of rank 2"},
      {chunk(0, 0, 0), "chunk 0 of 0 along 0 of rank 2"},
      {squeeze(2), "squeeze of 2 of rank 2"},
      {reshape({-1, 2, -1}), "reshape to the sizes [-1, 2, -1]"},
      {reshape({-2}), "reshape to the sizes [-2]"},
      {reshape({0, -1}), "reshape to the sizes [0, -1]"},
      {reshape({INT64_MAX, 2}),
       "reshape to the sizes [9223372036854775807, 2]"},
      {broadcastTo({3}), "broadcast_to rank 1 from rank 2"},
      {broadcastTo({-1, 3, 4}), "broadcast_to the size -1"},
      {broadcastLike(5), "broadcast_like refers to no shape group"},
      {partLike(0, {}), "part_like along 0 of rank 2"},
      {partLike(2, {{0, 0}}), "part_like along 2 of rank 2"},
      {partLike(0, {{0, 0}}), "part_like refers to no part"},
  };
  for (const auto &c : cases) {
    spec = wellFormed();
    spec.leaves[0].steps = {c.step};
    EXPECT_EQ(defect(spec), std::string("kernel spec: leaf 0: ") + c.message);
  }
}

TEST(KernelSpec, ChecksPartitions) {
  struct {
    Partition partition;
    PartRef ref;
    const char *message;
  } cases[] = {
      {{{0, 0}, 0}, {0, 2}, "part_like refers to no part"},
      {{{0, 0}, 0}, {1, 0}, "part_like refers to no part"},
      {{{0, 9}, 0}, {0, 0}, "a partition refers to no shape group"},
      {{{0, 0}, 2},
       {0, 0},
       "a partition along 2 of rank 2 has a part of rank 2"},
      {{{0, 1}, 0},
       {0, 0},
       "a partition along 0 of rank 2 has a part of rank 1"},
  };
  for (const auto &c : cases) {
    SpecBuilder b;
    const ValueId a = b.arg(DType::f32, 2), d = b.arg(DType::f32, 1);
    const ValueId y = b.arg(DType::f32, 2, {partLike(0, {c.ref})});
    b.group({a});
    b.group({d});
    KernelSpec spec = b.output(y).take();
    spec.partitions = {c.partition};
    EXPECT_EQ(defect(spec), std::string("kernel spec: leaf 2: ") + c.message);
  }
}

TEST(KernelSpec, ChecksIotas) {
  struct {
    Iota iota;
    const char *message;
  } cases[] = {
      {{9, {}, -1}, "iota refers to no shape group"},
      {{-2, {}, -1}, "iota refers to no shape group"},
      {{-1, {3, 4}, 2}, "iota along 2 of rank 2"},
      {{-1, {3, 4}, -2}, "iota along -2 of rank 2"},
      {{-1, {3, -1}, 0}, "iota has a negative size"},
  };
  for (const auto &c : cases) {
    SpecBuilder b;
    const ValueId i = b.iota(c.iota);
    EXPECT_EQ(defect(b.output(i).take()),
              std::string("kernel spec: leaf 0: ") + c.message);
  }
  SpecBuilder b;
  const ValueId i = b.iota({0, {}, -1});
  b.group({i});
  EXPECT_NE(defect(b.output(i).take()).find("depends on itself"),
            std::string::npos);
}

TEST(KernelSpec, ChecksRandom) {
  SpecBuilder b;
  const ValueId i = b.arg(DType::i64, 1), x = b.arg(DType::f32, 1);
  for (auto [operand, from, to] : {std::tuple(i, DType::i64, DType::i32),
                                   std::tuple(x, DType::f32, DType::f32)}) {
    SpecBuilder copy = b;
    KernelSpec spec = copy.output(i).take();
    spec.instructions.push_back(
        {Opcode::random, from, to, {operand, operand, operand}});
    EXPECT_EQ(defect(spec), "kernel spec: instruction 0: random takes i64 and "
                            "gives a float type");
  }
}

TEST(KernelSpec, RefusesShapesThatDependOnThemselves) {
  KernelSpec spec = wellFormed();
  spec.leaves[0].steps = {broadcastLike(0)};
  EXPECT_NE(defect(spec).find("the shape of leaf 0 depends on itself"),
            std::string::npos);
}

/// A leaf that is broadcast like the next one, and so on, `depth` leaves in
/// all.
static KernelSpec chainOfLeaves(int depth) {
  SpecBuilder b;
  const int32_t in = b.input(DType::f32, 1);
  std::vector<ValueId> leaves;
  for (int i = 0; i + 1 < depth; ++i)
    leaves.push_back(b.leaf(in, {broadcastLike(i)}));
  leaves.push_back(b.leaf(in));
  for (int i = 1; i < depth; ++i)
    b.group({leaves[i], leaves[i], leaves.back()});
  b.output(b.piece(b.op(Opcode::neg, leaves[0]), {leaves[0]}));
  return b.take();
}

static KernelSpec chainOfConcats(int depth) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 1);
  OutputNode node = b.piece(x, {x});
  for (int i = 0; i < depth; ++i)
    node = SpecBuilder::concat(0, {std::move(node)});
  b.output(std::move(node));
  return b.take();
}

TEST(KernelSpec, RefusesToNestTooDeep) {
  EXPECT_TRUE(chainOfLeaves(kMaxDepth).finalize().ok());
  EXPECT_EQ(defect(chainOfLeaves(kMaxDepth + 1)),
            "kernel spec: leaf 499: the shape of leaf 500 is needed for 500 "
            "others, one within the other");
  EXPECT_FALSE(chainOfLeaves(100000).finalize().ok());
  EXPECT_TRUE(chainOfConcats(kMaxDepth).finalize().ok());
  EXPECT_EQ(defect(chainOfConcats(kMaxDepth + 1)),
            "kernel spec: output 0: more than 500 concats within each other");
}

TEST(KernelSpec, ChecksPiecesAndOutputs) {
  KernelSpec spec = wellFormed();
  spec.pieces[0].dtype = DType::f64;
  EXPECT_EQ(defect(spec), "kernel spec: piece 0 and its value differ in type");
  spec = wellFormed();
  spec.pieces[0].shapeGroup = 4;
  EXPECT_EQ(defect(spec), "kernel spec: piece 0 has no shape group");
  spec = wellFormed();
  spec.shapeGroups[0].members.push_back(4);
  EXPECT_EQ(defect(spec), "kernel spec: shape group 0 has the member 4, which "
                          "is neither a leaf nor a constant");
  spec = wellFormed();
  spec.outputs.push_back(spec.outputs[0]);
  EXPECT_EQ(defect(spec), "kernel spec: output 1: piece 0 does not exist or is "
                          "stored a second time");
  spec = wellFormed();
  spec.outputs.clear();
  EXPECT_EQ(defect(spec), "kernel spec: piece 0 is part of no output");
  spec = wellFormed();
  spec.outputs[0] = SpecBuilder::concat(2, {spec.outputs[0]});
  EXPECT_EQ(defect(spec), "kernel spec: output 0: concat along 2 of rank 2");
}
