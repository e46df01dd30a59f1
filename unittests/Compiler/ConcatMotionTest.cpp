//===- ConcatMotionTest.cpp - concats in the middle of a group ------------===//
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
                                 DType dtype = DType::f32, int layout = 0) {
  std::vector<Value> result;
  for (const Dims &shape : shapes)
    result.push_back(makeInput(
        dtype, shape, Layout((layout * (result.size() + 1)) % kNumLayouts),
        result.size() + 1));
  return result;
}

namespace {
/// Programs that must be one group, or as many as is said.
struct ConcatMotion : ::testing::Test {
  void checkValues(const std::string &text, const std::vector<Value> &arguments,
                   size_t numGroups = 1) {
    const ProgramFunction *function = harness.function(text);
    ASSERT_TRUE(function);
    EXPECT_EQ(function->calls.size(), numGroups) << text;
    harness.check(text, arguments);
  }
  void check(const std::string &text, const std::vector<Dims> &shapes,
             size_t numGroups = 1) {
    for (int layout : {0, 1})
      checkValues(text, inputs(shapes, DType::f32, layout), numGroups);
  }
  /// Fused and op by op, the call is refused.
  void fails(const std::string &text, const std::vector<Dims> &shapes) {
    EXPECT_NE(harness.runError(text, inputs(shapes)), "") << text;
  }
  Harness harness;
};
} // namespace

static const char *const kRotary = R"mlir(
!t = tensor<?x?x?xf32>
func.func @f(%x: !t, %cos: tensor<?x?xf32>, %sin: tensor<?x?xf32>) -> !t {
  %x1, %x2 = fuser.chunk %x dim -1 : !t to !t, !t
  %n = fuser.neg %x2 : !t
  %turned = fuser.concat %n, %x1 dim -1 : !t, !t to !t
  %a = fuser.mul %x, %cos : (!t, tensor<?x?xf32>) -> !t
  %b = fuser.mul %turned, %sin : (!t, tensor<?x?xf32>) -> !t
  %y = fuser.add %a, %b : !t
  return %y : !t
}
)mlir";

TEST_F(ConcatMotion, RotaryEmbedding) {
  check(kRotary, {{2, 3, 8}, {3, 8}, {3, 8}});
  check(kRotary, {{2, 3, 8}, {1, 8}, {3, 1}});
  check(kRotary, {{1, 1, 2}, {1, 2}, {1, 2}});
  check(kRotary, {{2, 0, 4}, {0, 4}, {1, 1}});
  // The parts of one column are 1 and 0.
  check(kRotary, {{2, 3, 1}, {3, 5}, {3, 5}});
  fails(kRotary, {{2, 3, 8}, {3, 8}, {3, 4}});
  fails(kRotary, {{2, 3, 8}, {3, 7}, {3, 8}});
}

/// Tables that are concats themselves: parts meet parts.
TEST_F(ConcatMotion, RotaryEmbeddingOfConcats) {
  const std::string text = R"mlir(
!t = tensor<?x?x?xf32>
!f = tensor<?x?xf32>
func.func @f(%x: !t, %f: !f) -> !t {
  %angles = fuser.concat %f, %f dim 1 : !f, !f to !f
  %cos = fuser.cos %angles : !f
  %sin = fuser.sin %angles : !f
  %x1, %x2 = fuser.chunk %x dim 2 : !t to !t, !t
  %n = fuser.neg %x2 : !t
  %turned = fuser.concat %n, %x1 dim 2 : !t, !t to !t
  %a = fuser.mul %x, %cos : (!t, !f) -> !t
  %b = fuser.mul %turned, %sin : (!t, !f) -> !t
  %y = fuser.add %a, %b : !t
  return %y : !t
}
)mlir";
  check(text, {{2, 3, 8}, {3, 4}}, 2); // cos and sin once, not for each batch
  check(text, {{2, 3, 8}, {1, 4}}, 2);
  fails(text, {{2, 3, 8}, {3, 3}});
  const std::string cheap = absl::StrReplaceAll(
      text, {{"fuser.cos", "fuser.ceil"}, {"fuser.sin", "fuser.neg"}});
  check(cheap, {{2, 3, 8}, {3, 4}});
  check(cheap, {{2, 3, 8}, {1, 4}});
  fails(cheap, {{2, 3, 8}, {3, 3}});
}

TEST_F(ConcatMotion, DenseNet) {
  const std::string text = R"mlir(
!t = tensor<?x?x?xf32>
!c = tensor<?x1xf32>
func.func @f(%a: !t, %b: !t, %scale: !c, %shift: !c) -> (!t, !t) {
  %0 = fuser.concat %a, %b dim 1 : !t, !t to !t
  %1 = fuser.mul %0, %scale : (!t, !c) -> !t
  %2 = fuser.add %1, %shift : (!t, !c) -> !t
  %3 = fuser.relu %2 : !t
  return %0, %3 : !t, !t
}
)mlir";
  check(text, {{2, 3, 5}, {2, 4, 5}, {7, 1}, {7, 1}});
  check(text, {{2, 3, 5}, {2, 0, 5}, {3, 1}, {1, 1}});
  check(text, {{2, 1, 5}, {2, 0, 5}, {6, 1}, {6, 1}});
  check(text, {{2, 0, 5}, {2, 0, 5}, {1, 1}, {0, 1}});
  fails(text, {{2, 3, 5}, {2, 4, 5}, {6, 1}, {7, 1}});
  fails(text, {{2, 3, 5}, {2, 4, 5}, {7, 1}, {0, 1}});
  fails(text, {{2, 1, 5}, {2, 0, 5}, {6, 1}, {5, 1}});
  // What is added does not hide that the parts do not fit.
  fails(text, {{1, 3, 5}, {2, 4, 5}, {7, 1}, {7, 1}});
  fails(text, {{2, 3, 1}, {2, 4, 5}, {7, 1}, {7, 1}});
}

/// Sums of a concat and something, three levels deep, along one dimension or
/// along others.
static std::string levels(const std::vector<int64_t> &dims) {
  std::string ops, last = "%x";
  for (std::size_t i = 0; i < dims.size(); ++i) {
    absl::StrAppend(&ops, "  %e", i, " = fuser.tanh ", last,
                    " : !t\n"
                    "  %c",
                    i, " = fuser.concat %e", i, ", ", last, " dim ", dims[i],
                    " : !t, !t to !t\n  %s", i, " = fuser.add %c", i, ", %y", i,
                    " : !t\n");
    last = absl::StrCat("%s", i);
  }
  return absl::StrCat("!t = tensor<?x?xf32>\nfunc.func @f(%x: !t, %y0: !t, "
                      "%y1: !t, %y2: !t) -> (!t, !t) {\n",
                      ops, "  return ", last, ", %c1 : !t, !t\n}\n");
}

TEST_F(ConcatMotion, ThreeLevels) {
  for (int64_t a : {0, -1})
    for (int64_t b : {0, 1})
      for (int64_t c : {-2, 1}) {
        const std::string text = levels({a, b, c});
        Dims shape = {3, 2}, one = {1, 1}, none = {0, 2};
        std::vector<Dims> shapes{shape}, ones{one}, empty{none};
        for (int64_t dim : {a, b, c})
          for (std::vector<Dims> *list : {&shapes, &ones, &empty}) {
            Dims next = list->back();
            next[(dim + 2) % 2] *= 2;
            list->push_back(next);
          }
        // What is joined along one dimension, then another, is not joined along
        // the first again.
        const bool isMixed = (a - b) % 2 != 0 && (a - c) % 2 == 0;
        const size_t numGroups = isMixed ? 2 : 1;
        checkValues(text, inputs(shapes), numGroups);
        checkValues(text, inputs(ones), numGroups);
        checkValues(text, inputs(empty), numGroups);
        // What is added repeats itself.
        shapes[1] = {1, 1};
        shapes[2][0] = 1;
        shapes[3][1] = 1;
        checkValues(text, inputs(shapes), numGroups);
        shapes[2][0] = 100;
        fails(text, shapes);
      }
}

TEST_F(ConcatMotion, PartsMeetOtherParts) {
  const std::string text = R"mlir(
!t = tensor<?x?xf32>
func.func @f(%a: !t, %b: !t, %c: !t, %d: !t, %e: !t) -> (!t, !t) {
  %p = fuser.concat %a, %b dim 1 : !t, !t to !t
  %q = fuser.concat %c, %d, %e dim -1 : !t, !t, !t to !t
  %0 = fuser.sub %p, %q : !t
  %1 = fuser.exp %p : !t
  %2 = fuser.mul %0, %1 : !t
  %3 = fuser.fma %q, %p, %2 : !t
  %4 = fuser.sub %1, %q : !t
  return %3, %4 : !t, !t
}
)mlir";
  check(text, {{3, 4}, {3, 5}, {3, 2}, {3, 3}, {3, 4}});
  check(text, {{3, 4}, {3, 5}, {3, 4}, {3, 5}, {3, 0}});
  check(text, {{3, 4}, {3, 4}, {3, 8}, {3, 0}, {3, 0}});
  // One of them has one element in all, and repeats it.
  check(text, {{3, 1}, {3, 0}, {3, 2}, {3, 3}, {3, 4}});
  check(text, {{3, 4}, {3, 5}, {3, 0}, {3, 1}, {3, 0}});
  check(text, {{3, 0}, {3, 1}, {3, 0}, {3, 0}, {3, 1}});
  check(text, {{3, 0}, {3, 1}, {3, 0}, {3, 0}, {3, 0}});
  check(text, {{1, 4}, {1, 5}, {3, 2}, {3, 3}, {3, 4}});
  fails(text, {{3, 4}, {3, 5}, {3, 2}, {3, 3}, {3, 3}});
  fails(text, {{3, 4}, {3, 5}, {3, 2}, {1, 3}, {3, 4}});
  fails(text, {{3, 2}, {3, 0}, {3, 0}, {3, 0}, {3, 0}});
}

/// One element that repeats itself, then meets parts.
TEST_F(ConcatMotion, RepeatsThenMeets) {
  const std::string text = R"mlir(
!t = tensor<?xf32>
func.func @f(%a: !t, %b: !t, %y: !t, %c: !t, %d: !t) -> (!t, !t) {
  %p = fuser.concat %a, %b dim 0 : !t, !t to !t
  %q = fuser.concat %c, %d dim 0 : !t, !t to !t
  %0 = fuser.add %p, %y : !t
  %1 = fuser.mul %0, %q : !t
  %2 = fuser.sub %1, %p : !t
  %3 = fuser.add %2, %0 : !t
  %4 = fuser.add %3, %y : !t
  return %1, %4 : !t, !t
}
)mlir";
  check(text, {{0}, {1}, {5}, {2}, {3}});
  check(text, {{0}, {1}, {5}, {0}, {1}});
  check(text, {{1}, {0}, {1}, {1}, {0}});
  check(text, {{1}, {0}, {0}, {1}, {0}});
  check(text, {{2}, {3}, {5}, {1}, {0}});
  check(text, {{2}, {3}, {1}, {4}, {1}});
  check(text, {{0}, {0}, {1}, {1}, {0}});
  fails(text, {{0}, {1}, {5}, {2}, {2}});
  fails(text, {{2}, {3}, {5}, {2}, {2}});
  fails(text, {{0}, {0}, {5}, {1}, {0}});
}

TEST_F(ConcatMotion, ConcatsAlongOtherDimensions) {
  const std::string text = R"mlir(
!t = tensor<?x?xf32>
func.func @f(%a: !t, %b: !t, %c: !t, %y: !t) -> (!t, !t) {
  %p = fuser.concat %a, %b dim 1 : !t, !t to !t
  %n = fuser.neg %p : !t
  %q = fuser.concat %n, %c, %p dim 0 : !t, !t, !t to !t
  %z = fuser.mul %q, %y : !t
  %r = fuser.concat %z, %q dim 1 : !t, !t to !t
  %s = fuser.exp %r : !t
  return %s, %z : !t, !t
}
)mlir";
  check(text, {{3, 4}, {3, 5}, {2, 9}, {8, 9}}, 2);
  check(text, {{3, 4}, {3, 5}, {2, 9}, {8, 1}}, 2);
  check(text, {{0, 4}, {0, 5}, {1, 9}, {1, 9}}, 2);
  check(text, {{1, 0}, {1, 1}, {0, 1}, {2, 6}}, 2);
  // Parts do not repeat themselves.
  fails(text, {{3, 1}, {3, 1}, {2, 1}, {8, 1}});
  fails(text, {{3, 4}, {3, 5}, {2, 1}, {8, 9}});
  fails(text, {{3, 1}, {3, 0}, {2, 4}, {8, 1}});
}

/// The same of parts that meet other parts.
TEST_F(ConcatMotion, ConcatOfConcatsAlongAnother) {
  const std::string text = R"mlir(
!t = tensor<?x?xf32>
func.func @f(%a: !t, %b: !t, %c: !t, %d: !t) -> !t {
  %p = fuser.concat %a, %b dim 1 : !t, !t to !t
  %q = fuser.concat %c, %d dim 1 : !t, !t to !t
  %n = fuser.neg %p : !t
  %r = fuser.concat %n, %q, %p dim 0 : !t, !t, !t to !t
  %s = fuser.exp %r : !t
  return %s : !t
}
)mlir";
  check(text, {{3, 4}, {3, 5}, {2, 6}, {2, 3}});
  check(text, {{3, 1}, {3, 0}, {2, 0}, {2, 1}});
  fails(text, {{3, 1}, {3, 1}, {2, 1}, {2, 0}});
  fails(text, {{3, 1}, {3, 0}, {2, 1}, {2, 1}});
  fails(text, {{3, 4}, {3, 5}, {2, 6}, {2, 4}});
}

TEST_F(ConcatMotion, Views) {
  const std::string text = R"mlir(
!t = tensor<?x?xf32>
!u = tensor<?x1x?xf32>
!v = tensor<2x?x1x?xf32>
func.func @f(%a: !t, %b: !t, %y: !t) -> (!t, !t, !v, !t) {
  %p = fuser.concat %a, %b dim 0 : !t, !t to !t
  %0 = fuser.floor %p : !t
  %1 = fuser.transpose %0 permutation [1, 0] : !t to !t
  %2 = fuser.add %1, %y : !t
  %3 = fuser.slice %2 dim 0 start 1 end -1 : !t to !t
  %4, %5 = fuser.chunk %2 dim 0 : !t to !t, !t
  %6 = fuser.expand_dims %2 dim 1 : !t to !u
  %7 = fuser.broadcast_to %6 sizes [2, -1, -1, -1] : !u to !v
  %8 = fuser.tanh %7 : !v
  %9 = fuser.squeeze %6 dim 1 : !u to !t
  %10 = fuser.transpose %9 permutation [0, 1] : !t to !t
  %11 = fuser.sub %10, %1 : !t
  return %3, %5, %8, %11 : !t, !t, !v, !t
}
)mlir";
  check(text, {{3, 4}, {2, 4}, {4, 5}});
  check(text, {{3, 4}, {2, 4}, {1, 5}});
  check(text, {{0, 4}, {1, 4}, {4, 6}});
  fails(text, {{3, 4}, {2, 5}, {1, 1}});
}

/// A view does not hide that parts do not fit.
TEST_F(ConcatMotion, ViewsCheckParts) {
  const std::string text = R"mlir(
!t = tensor<?x?xf32>
func.func @f(%a: !t, %b: !t) -> !t {
  %p = fuser.concat %a, %b dim 0 : !t, !t to !t
  %0 = OP %p ATTRS : !t to !t
  return %0 : !t
}
)mlir";
  for (const auto &[op, attrs] : std::map<std::string, std::string>{
           {"%r = fuser.slice", "dim 1 start 0 end 2"},
           {"%r, %r2 = fuser.chunk", "dim 1"},
           {"%r = fuser.broadcast_to", "sizes [-1, 4]"}}) {
    const bool isChunk = op.find("chunk") != std::string::npos;
    const std::string program = absl::StrReplaceAll(
        text,
        {{"%0 = OP", op},
         {"ATTRS : !t to !t", absl::StrCat(attrs, " : !t to ",
                                           isChunk           ? "!t, !t"
                                           : attrs[0] == 's' ? "tensor<?x4xf32>"
                                                             : "!t")},
         {"-> !t", attrs[0] == 's' ? "-> tensor<?x4xf32>" : "-> !t"},
         {"return %0 : !t",
          attrs[0] == 's' ? "return %r : tensor<?x4xf32>" : "return %r : !t"}});
    check(program, {{3, 4}, {2, 4}});
    fails(program, {{3, 4}, {2, 3}});
    fails(program, {{3, 1}, {2, 4}});
  }
}

/// The same concat under two permutations.
TEST_F(ConcatMotion, MeetsItselfTransposed) {
  const std::string text = R"mlir(
!t = tensor<?x?xf32>
func.func @f(%a: !t, %b: !t) -> !t {
  %p = fuser.concat %a, %b dim 0 : !t, !t to !t
  %0 = fuser.exp %p : !t
  %1 = fuser.transpose %0 permutation [1, 0] : !t to !t
  %2 = fuser.sub %1, %p : !t
  %3 = fuser.concat %2, %0 dim 1 : !t, !t to !t
  %4 = fuser.neg %3 : !t
  return %4 : !t
}
)mlir";
  check(text, {{3, 5}, {2, 5}});
  check(text, {{1, 1}, {0, 1}});
  fails(text, {{3, 4}, {2, 4}});
}

TEST_F(ConcatMotion, ConstantsScalarsIndices) {
  const std::string text = R"mlir(
!t = tensor<?x?xf32>
!a = tensor<?xSIZE_Axf32>
!b = tensor<?xSIZE_Bxf32>
func.func @f(%a: !a, %b: !b, %s: f64) -> (tensor<2x?x6xf32>, !t) {
  %c = fuser.constant dense<-0.5> : tensor<2x1x6xf32>
  %one = fuser.constant dense<3.0> : tensor<1x1xf32>
  %n = fuser.constant dense<2.0> : tensor<f32>
  %table = fuser.splat %s : f64 -> tensor<6xf32>
  %half = fuser.splat %s : f64 -> tensor<f32>
  %seed = fuser.constant dense<0> : tensor<i64>
  %i = fuser.iota : tensor<6xi64>
  %f = fuser.cast %i : tensor<6xi64> to tensor<6xf32>
  %r = fuser.random %i, %seed, %seed : (tensor<6xi64>, tensor<i64>, tensor<i64>) -> tensor<6xf32>
  %p = fuser.concat %a, %b dim 1 : !a, !b to !t
  %0 = fuser.mul %p, %n : (!t, tensor<f32>) -> !t
  %1 = fuser.add %0, %one : (!t, tensor<1x1xf32>) -> !t
  %2 = fuser.sub %1, %half : (!t, tensor<f32>) -> !t
  %3 = fuser.add %2, %f : (!t, tensor<6xf32>) -> tensor<?x6xf32>
  %4 = fuser.sub %3, %r : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %5 = fuser.mul %4, %table : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %6 = fuser.add %5, %c : (tensor<?x6xf32>, tensor<2x1x6xf32>) -> tensor<2x?x6xf32>
  return %6, %2 : tensor<2x?x6xf32>, !t
}
)mlir";
  for (const auto &[a, b] : std::map<int64_t, int64_t>{{2, 4}, {6, 0}, {0, 1}})
    checkValues(
        absl::StrReplaceAll(
            text, {{"SIZE_A", absl::StrCat(a)}, {"SIZE_B", absl::StrCat(b)}}),
        {makeInput(DType::f32, {3, a}), makeInput(DType::f32, {3, b}), 0.3},
        2); // The random numbers once, not for each row.
}

/// What the sizes of the parts do not say of the whole is not lost.
TEST_F(ConcatMotion, KnownBesideUnknown) {
  const std::string text = R"mlir(
!t = tensor<?xf32>
func.func @f(%a: !t, %b: !t, %y: tensor<6xf32>) -> tensor<6xf32> {
  %p = fuser.concat %a, %b dim 0 : !t, !t to !t
  %0 = fuser.add %p, %y : (!t, tensor<6xf32>) -> tensor<6xf32>
  return %0 : tensor<6xf32>
}
)mlir";
  checkValues(text, inputs({{2}, {4}, {6}}), 2);
  checkValues(text, inputs({{0}, {1}, {6}}), 2);
  fails(text, {{2}, {3}, {6}});
}

/// The sizes of a part follow from views of computed values.
TEST_F(ConcatMotion, SizesOfComputedParts) {
  const std::string text = R"mlir(
!t = tensor<?xf32>
func.func @f(%x: !t, %w: !t) -> !t {
  %0 = fuser.log1p %x : !t
  %1 = fuser.concat %0, %0 dim 0 : !t, !t to !t
  %2 = fuser.add %0, %1 : !t
  %3 = fuser.concat %0, %2 dim 0 : !t, !t to !t
  %4 = fuser.mul %3, %w : !t
  return %4 : !t
}
)mlir";
  check(text, {{1}, {3}});
  check(text, {{1}, {1}});
  check(text, {{0}, {1}});
  fails(text, {{1}, {2}});
}

TEST_F(ConcatMotion, EveryType) {
  for (int type = 0; type < kNumDTypes; ++type) {
    const std::string text = absl::StrReplaceAll(
        R"mlir(
!t = tensor<?x?xT>
!b = tensor<?x?xi1>
func.func @f(%a: !t, %b: !t, %y: !t) -> (!t, !b) {
  %0 = fuser.concat %a, %b dim 0 : !t, !t to !t
  %1 = fuser.compare lt, %0, %y : !t
  %2 = fuser.select %1, %0, %y : (!b, !t, !t) -> !t
  %3 = fuser.concat %2, %b dim 0 : !t, !t to !t
  %4 = fuser.compare eq, %3, %3 : !t
  return %3, %4 : !t, !b
}
)mlir",
        {{"xT>", absl::StrCat("x", dtypeName(DType(type)), ">")}});
    for (int64_t rows : {0, 20})
      checkValues(
          text, inputs({{rows, 9}, {3, 9}, {rows + 3, 1}}, DType(type), type));
  }
}

/// What can fail, within a concat and beside one.
TEST_F(ConcatMotion, Division) {
  const std::string text = R"mlir(
!t = tensor<?xi32>
func.func @f(%a: !t, %b: !t, %y: !t) -> !t {
  %q = fuser.div_trunc %a, %b : !t
  %p = fuser.concat %q, %a dim 0 : !t, !t to !t
  %d = fuser.div_floor %y, %b : !t
  %0 = fuser.concat %d, %d dim 0 : !t, !t to !t
  %r = fuser.add %p, %0 : !t
  return %r : !t
}
)mlir";
  auto ints = [](std::vector<int32_t> elements) {
    const int64_t size = static_cast<int64_t>(elements.size());
    return makeTensor<int32_t>({size}, std::move(elements));
  };
  checkValues(text, {ints({7, 8, 9}), ints({2, 3, 4}), ints({-7, -8, -9})});
  EXPECT_NE(harness.runError(
                text, {ints({7, 8, 9}), ints({2, 3, 0}), ints({-7, -8, -9})}),
            "");
}

TEST_F(ConcatMotion, ThousandParts) {
  std::vector<std::string> names, types(1000, "tensor<?xf32>");
  for (int i = 0; i < 1000; ++i)
    names.push_back(i % 3 ? "%x" : "%y");
  const std::string text = absl::StrCat(
      "!t = tensor<?xf32>\nfunc.func @f(%x: !t, %y: !t, %z: !t) -> !t {\n"
      "  %0 = fuser.concat ",
      absl::StrJoin(names, ", "), " dim 0 : ", absl::StrJoin(types, ", "),
      " to !t\n  %1 = fuser.add %0, %z : !t\n  return %1 : !t\n}\n");
  for (int layout : {0, 5})
    harness.check(text,
                  inputs({{3}, {2}, {666 * 3 + 334 * 2}}, DType::f32, layout));
}

/// As many parts as one group takes.
TEST_F(ConcatMotion, ManyParts) {
  std::vector<std::string> names, types(200, "tensor<?xf32>");
  for (int i = 0; i < 200; ++i)
    names.push_back(i % 3 ? "%x" : "%y");
  const std::string text = absl::StrCat(
      "!t = tensor<?xf32>\nfunc.func @f(%x: !t, %y: !t, %z: !t) -> !t {\n"
      "  %0 = fuser.concat ",
      absl::StrJoin(names, ", "), " dim 0 : ", absl::StrJoin(types, ", "),
      " to !t\n  %1 = fuser.add %0, %z : !t\n  return %1 : !t\n}\n");
  check(text, {{3}, {2}, {133 * 3 + 67 * 2}});
  check(text, {{3}, {2}, {1}});
  fails(text, {{3}, {2}, {100}});
}
