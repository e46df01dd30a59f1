//===- ConcatTest.cpp - chunks and concatenations -------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

using namespace fuser;

static std::vector<Value> inputs(const std::vector<Dims> &shapes,
                                 int layout = 0) {
  std::vector<Value> result;
  for (const Dims &shape : shapes)
    result.push_back(
        makeInput(DType::f32, shape,
                  Layout((layout + result.size() * layout) % kNumLayouts),
                  result.size() + 1));
  return result;
}

static void checkLayouts(Harness &harness, const std::string &text,
                         const std::vector<Dims> &shapes) {
  for (int layout = 0; layout < kNumLayouts; ++layout)
    harness.check(text, inputs(shapes, layout));
}

//===----------------------------------------------------------------------===//
// chunk
//===----------------------------------------------------------------------===//

/// The parts of x, of what is computed of x and y, or of both, on `dim`.
static std::string chunks(int count, const char *dim) {
  std::vector<std::string> names, types(count, "!t"), body;
  std::string results, ops;
  for (int i = 0; i < count; ++i) {
    names.push_back(absl::StrCat("%c", i));
    absl::StrAppend(&ops, "  %r", i, " = fuser.neg %c", i, " : !t\n");
    body.push_back(absl::StrCat("%r", i));
  }
  const std::string parts = absl::StrJoin(types, ", ");
  return absl::StrCat(
      "!t = tensor<?x?xf32>\n"
      "func.func @f(%x: !t, %y: !t) -> (",
      parts, ", ", parts, ", ", parts, ") {\n  ", absl::StrJoin(names, ", "),
      " = fuser.chunk %x dim ", dim, " : !t to ", parts, "\n", ops,
      "  %s = fuser.add %x, %y : !t\n  %p:", count, " = fuser.chunk %s dim ",
      dim, " : !t to ", parts, "\n  return ", absl::StrJoin(body, ", "), ", ",
      absl::StrJoin(names, ", "), ", ",
      absl::StrJoin(body, ", ",
                    [&](std::string *out, const std::string &name) {
                      absl::StrAppend(out, "%p#", name.substr(2));
                    }),
      " : ", parts, ", ", parts, ", ", parts, "\n}\n");
}

TEST(Chunk, UnequalPartsOnEveryDim) {
  Harness harness;
  for (const char *dim : {"0", "1", "-1", "-2"})
    for (int count : {1, 2, 3, 5}) {
      const std::string text = chunks(count, dim);
      // 7 into 5 leaves the last part empty; 1 and 0 leave most.
      for (const Dims &sizes :
           {Dims{7, 7}, Dims{10, 6}, Dims{1, 1}, Dims{0, 4}})
        harness.check(text, inputs({sizes, sizes}));
      harness.check(text, inputs({{7, 1}, {1, 7}}));
      harness.check(text, inputs({{7, 7}, {1, 1}}, 3));
    }
}

TEST(Chunk, PartsMeet) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x?x?xf32>, %y: tensor<?xf32>)
    -> (tensor<?x?x?xf32>, tensor<?x?x?xf32>) {
  %0 = fuser.mul %x, %y
      : (tensor<?x?x?xf32>, tensor<?xf32>) -> tensor<?x?x?xf32>
  %a, %b = fuser.chunk %0 dim 1
      : tensor<?x?x?xf32> to tensor<?x?x?xf32>, tensor<?x?x?xf32>
  %c, %d = fuser.chunk %a dim -1
      : tensor<?x?x?xf32> to tensor<?x?x?xf32>, tensor<?x?x?xf32>
  %e, %f = fuser.chunk %b dim 2
      : tensor<?x?x?xf32> to tensor<?x?x?xf32>, tensor<?x?x?xf32>
  %1 = fuser.sub %c, %f : tensor<?x?x?xf32>
  %2 = fuser.maximum %d, %e : tensor<?x?x?xf32>
  return %1, %2 : tensor<?x?x?xf32>, tensor<?x?x?xf32>
}
)mlir";
  checkLayouts(harness, text, {{3, 4, 6}, {6}});
  checkLayouts(harness, text, {{1, 2, 2}, {1}});
  // A part of 1 repeats along the other's extent.
  checkLayouts(harness, text, {{2, 3, 3}, {3}});
}

//===----------------------------------------------------------------------===//
// concat
//===----------------------------------------------------------------------===//

/// -x, y and x * n joined along `dim`; `rank` 2 or 3.
static std::string joined(int64_t rank, const char *dim) {
  return absl::StrReplaceAll(
      R"mlir(
!t = TYPE
func.func @f(%x: !t, %y: !t, %n: tensor<f32>) -> (!t, !t) {
  %0 = fuser.neg %x : !t
  %1 = fuser.mul %x, %n : (!t, tensor<f32>) -> !t
  %r = fuser.concat %0, %y, %1 dim DIM : !t, !t, !t to !t
  return %r, %1 : !t, !t
}
)mlir",
      {{"TYPE", rank == 2 ? "tensor<?x?xf32>" : "tensor<?x?x?xf32>"},
       {"DIM", dim}});
}

TEST(Concat, DifferentExtentsOnEveryDim) {
  Harness harness;
  for (int64_t rank : {2, 3})
    for (int64_t dim = -rank; dim < rank; ++dim) {
      const std::string text = joined(rank, absl::StrCat(dim).c_str());
      for (int64_t extent : {0, 1, 2, 9}) {
        Dims x(rank, 4), y(rank, 4);
        y[(dim + rank) % rank] = extent;
        for (int layout : {0, 1}) {
          harness.check(text, inputs({x, y, {}}, layout));
          harness.check(text, inputs({y, x, {}}, layout));
        }
      }
    }
}

/// Columns become the columns of a matrix: the stores are strided.
TEST(Concat, ScatteredColumns) {
  Harness harness;
  const std::string text = R"mlir(
!c = tensor<?x1xf32>
func.func @f(%x: !c, %y: !c) -> (tensor<?x3xf32>, tensor<?x2xf32>) {
  %0 = fuser.add %x, %y : !c
  %1 = fuser.exp %x : !c
  %r = fuser.concat %0, %1, %y dim 1 : !c, !c, !c to tensor<?x3xf32>
  %s = fuser.concat %1, %x dim -1 : !c, !c to tensor<?x2xf32>
  return %r, %s : tensor<?x3xf32>, tensor<?x2xf32>
}
)mlir";
  for (int64_t rows : {0, 1, 3, 100, 1000})
    checkLayouts(harness, text, {{rows, 1}, {rows, 1}});
}

/// Parts that broadcast before they are joined.
TEST(Concat, BroadcastParts) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x?xf32>, %b: tensor<?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.add %x, %b : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %1 = fuser.broadcast_like %b, %x
      : tensor<?xf32>, tensor<?x?xf32> to tensor<?x?xf32>
  %c = fuser.constant dense<7.0> : tensor<2x6xf32>
  %r = fuser.concat %0, %1, %c, %x dim 0
      : tensor<?x?xf32>, tensor<?x?xf32>, tensor<2x6xf32>, tensor<?x?xf32>
        to tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
)mlir";
  for (int64_t rows : {0, 1, 5})
    checkLayouts(harness, text, {{rows, 6}, {6}});
}

TEST(Concat, Nested) {
  Harness harness;
  const std::string text = R"mlir(
!t = tensor<?x?xf32>
func.func @f(%x: !t, %y: !t) -> (!t, !t, !t) {
  %0 = fuser.neg %x : !t
  %1 = fuser.exp %y : !t
  %a = fuser.concat %0, %1 dim 1 : !t, !t to !t
  %b = fuser.concat %1, %0 dim 1 : !t, !t to !t
  %c = fuser.concat %a, %b, %a dim 0 : !t, !t, !t to !t
  %d = fuser.concat %c, %c dim 1 : !t, !t to !t
  return %d, %b, %0 : !t, !t, !t
}
)mlir";
  checkLayouts(harness, text, {{3, 4}, {3, 5}});
  checkLayouts(harness, text, {{3, 0}, {3, 5}});
  checkLayouts(harness, text, {{1, 1}, {1, 1}});
  checkLayouts(harness, text, {{0, 2}, {0, 1}});
}

/// What is made of a concatenation is another group.
TEST(Concat, IsRead) {
  Harness harness;
  const std::string text = R"mlir(
!t = tensor<?x?xf32>
func.func @f(%x: !t, %y: !t, %m: tensor<?x?xi1>) -> (!t, tensor<?x?xi1>, !t) {
  %0 = fuser.concat %x, %y dim 0 : !t, !t to !t
  %1 = fuser.abs %0 : !t
  %2 = fuser.compare lt, %x, %y : !t
  %3 = fuser.concat %2, %m dim 1
      : tensor<?x?xi1>, tensor<?x?xi1> to tensor<?x?xi1>
  %a, %b = fuser.chunk %1 dim 0 : !t to !t, !t
  %4 = fuser.sub %a, %b : !t
  return %1, %3, %4 : !t, tensor<?x?xi1>, !t
}
)mlir";
  for (const Dims &sizes : {Dims{3, 4}, Dims{1, 1}, Dims{0, 4}}) {
    auto arguments = inputs({sizes, sizes});
    arguments.push_back(makeInput(DType::i1, sizes));
    harness.check(text, arguments);
  }
}

TEST(Concat, OfOnePartAndOfOnePartTwice) {
  Harness harness;
  checkLayouts(harness, R"mlir(
!t = tensor<?x?xf32>
func.func @f(%x: !t) -> (!t, !t) {
  %0 = fuser.concat %x dim 0 : !t to !t
  %1 = fuser.sqrt %x : !t
  %2 = fuser.concat %1, %1, %x, %x dim -2 : !t, !t, !t, !t to !t
  return %0, %2 : !t, !t
}
)mlir",
               {{3, 5}});
}

TEST(Concat, OfConstantsAndScalars) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<2x?xf32>, %s: f64) -> (tensor<2x?xf32>, tensor<2x7xf32>) {
  %c = fuser.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %d = fuser.constant dense<5.0> : tensor<2x3xf32>
  %e = fuser.splat %s : f64 -> tensor<2x2xf32>
  %0 = fuser.concat %x, %c, %d, %e dim 1
      : tensor<2x?xf32>, tensor<2x2xf32>, tensor<2x3xf32>, tensor<2x2xf32>
        to tensor<2x?xf32>
  %1 = fuser.concat %e, %d, %c dim 1
      : tensor<2x2xf32>, tensor<2x3xf32>, tensor<2x2xf32> to tensor<2x7xf32>
  return %0, %1 : tensor<2x?xf32>, tensor<2x7xf32>
}
)mlir";
  for (int64_t columns : {0, 1, 33})
    harness.check(text, {makeInput(DType::f32, {2, columns}), 0.1});
}

/// Every type, halves swapped.
TEST(Concat, EveryType) {
  Harness harness;
  for (int type = 0; type < kNumDTypes; ++type) {
    const std::string text = absl::StrReplaceAll(
        R"mlir(
func.func @f(%x: tensor<?x?xT>) -> tensor<?x?xT> {
  %a, %b = fuser.chunk %x dim 1 : tensor<?x?xT> to tensor<?x?xT>, tensor<?x?xT>
  %r = fuser.concat %b, %a dim 1 : tensor<?x?xT>, tensor<?x?xT> to tensor<?x?xT>
  return %r : tensor<?x?xT>
}
)mlir",
        {{"xT>", absl::StrCat("x", dtypeName(DType(type)), ">")}});
    for (int layout = 0; layout < kNumLayouts; ++layout)
      for (int64_t columns : {1, 2, 9, 64})
        harness.check(text,
                      {makeInput(DType(type), {3, columns}, Layout(layout))});
  }
}

TEST(Concat, ManyParts) {
  Harness harness;
  std::vector<std::string> parts, types(200, "tensor<?xf32>");
  std::string ops;
  for (int i = 0; i < 200; ++i) {
    parts.push_back(absl::StrCat("%p", i));
    absl::StrAppend(&ops, "  %p", i, " = fuser.", i % 2 ? "abs %x" : "neg %y",
                    " : tensor<?xf32>\n");
  }
  checkLayouts(harness,
               absl::StrCat("func.func @f(%x: tensor<?xf32>, %y: "
                            "tensor<?xf32>) -> tensor<?xf32> {\n",
                            ops, "  %r = fuser.concat ",
                            absl::StrJoin(parts, ", "),
                            " dim 0 : ", absl::StrJoin(types, ", "),
                            " to tensor<?xf32>\n  return %r : "
                            "tensor<?xf32>\n}\n"),
               {{3}, {2}});
}
