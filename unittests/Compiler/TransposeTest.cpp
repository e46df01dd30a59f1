//===- TransposeTest.cpp - operands that are read across ------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels go over such operands by blocks of 64 rows, tiles of 64 or 32
// columns, and squares of 16 or 8: sizes below, at and above all of these.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <algorithm>
#include <cstring>

using namespace fuser;

static const DType kTypes[] = {DType::i1,  DType::ui8, DType::i8,  DType::i16,
                               DType::i32, DType::i64, DType::f16, DType::bf16,
                               DType::f32, DType::f64};

static std::string typeOf(DType dtype, int64_t rank) {
  std::string text = "tensor<";
  for (int64_t dim = 0; dim < rank; ++dim)
    text += "?x";
  return absl::StrCat(text, dtypeName(dtype), ">");
}

/// y and the transposed x, in one way or another.
static std::string acrossText(DType dtype) {
  return absl::StrReplaceAll(
      R"mlir(
func.func @f(%x: !t, %y: !t) -> !t {
  %t = fuser.transpose %x permutation [1, 0] : !t to !t
  %r = fuser.OP %y, %t : !t
  return %r : !t
}
)mlir",
      {{"!t", typeOf(dtype, 2)},
       {"OP", dtype == DType::i1 ? "bitwise_xor" : "sub"}});
}

static void checkAcross(Harness &harness, DType dtype, int64_t rows,
                        int64_t columns, Layout x = Layout::Contiguous,
                        Layout y = Layout::Contiguous) {
  SCOPED_TRACE(absl::StrCat(dtypeName(dtype), " ", rows, "x", columns, " ",
                            layoutName(x), " ", layoutName(y)));
  harness.check(acrossText(dtype), {makeInput(dtype, {columns, rows}, x, 1),
                                    makeInput(dtype, {rows, columns}, y, 2)});
}

TEST(Transpose, SmallSizes) {
  Harness harness;
  for (int64_t rows = 1; rows <= 40; ++rows)
    for (int64_t columns = 1 + rows % 2; columns <= 40; columns += 2)
      checkAcross(harness, DType::f32, rows, columns);
}

TEST(Transpose, EveryTypeAtTheBorders) {
  Harness harness;
  const int64_t sizes[] = {2, 8, 9, 33, 64, 65, 130};
  for (DType dtype : kTypes)
    for (int64_t rows : sizes)
      for (int64_t columns : sizes)
        checkAcross(harness, dtype, rows, columns);
}

TEST(Transpose, OddAddressesAndGaps) {
  Harness harness;
  for (DType dtype : kTypes)
    for (Layout x : {Layout::Contiguous, Layout::Sliced, Layout::InnerStride})
      for (Layout y : {Layout::Contiguous, Layout::Sliced, Layout::Expanded,
                       Layout::ExpandedInner, Layout::InnerStride})
        checkAcross(harness, dtype, 70, 83, x, y);
}

TEST(Transpose, OnSeveralThreads) {
  runtime::SessionOptions options;
  options.threads = 2;
  Harness harness(options);
  for (DType dtype : {DType::ui8, DType::f32, DType::f64}) {
    checkAcross(harness, dtype, 515, 1030);
    // Few blocks of long rows, which are cut.
    checkAcross(harness, dtype, 70, 40001);
  }
}

/// The interpreter takes long for so many elements.
TEST(Transpose, PastTheCaches) {
  Harness harness;
  checkAcross(harness, DType::f32, 2051, 2112);
  const auto compiles = harness.compiler.session().statistics().compiles;
  ASSERT_EQ(compiles.size(), 1u);
  EXPECT_NE(compiles[0].argSpec.find("(non-temporal): nest rank 2, pieces [0], "
                                     "leaves [0:c 1:t]"),
            std::string::npos)
      << compiles[0].argSpec;
}

TEST(Transpose, EveryPermutation) {
  Harness harness;
  for (int64_t rank : {3, 4}) {
    Dims order(rank);
    for (int64_t dim = 0; dim < rank; ++dim)
      order[dim] = dim;
    const Dims all = rank == 3 ? Dims{19, 66, 21} : Dims{3, 17, 5, 67};
    do {
      Dims sizes(rank);
      std::string list;
      for (int64_t dim = 0; dim < rank; ++dim) {
        sizes[dim] = all[order[dim]];
        absl::StrAppend(&list, dim ? ", " : "", order[dim]);
      }
      SCOPED_TRACE(list);
      for (DType dtype : {DType::f32, DType::i16}) {
        const std::string text = absl::StrReplaceAll(
            R"mlir(
func.func @f(%x: !t, %y: !t) -> !t {
  %t = fuser.transpose %x permutation [ORDER] : !t to !t
  %r = fuser.add %y, %t : !t
  return %r : !t
}
)mlir",
            {{"!t", typeOf(dtype, rank)}, {"ORDER", list}});
        harness.check(text, {makeInput(dtype, all),
                             makeInput(dtype, sizes, Layout::Sliced, 2)});
      }
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

/// Of three ways to lie in memory, two are across the first one's.
TEST(Transpose, AlongTwoDimensions) {
  Harness harness;
  const std::string text = absl::StrReplaceAll(
      R"mlir(
func.func @f(%x: !t, %y: !t, %z: !t) -> !t {
  %a = fuser.transpose %y permutation [2, 1, 0] : !t to !t
  %b = fuser.transpose %z permutation [0, 2, 1] : !t to !t
  %0 = fuser.add %x, %a : !t
  %1 = fuser.mul %0, %b : !t
  return %1 : !t
}
)mlir",
      {{"!t", typeOf(DType::f32, 3)}});
  harness.check(text, {makeInput(DType::f32, {20, 66, 35}),
                       makeInput(DType::f32, {35, 66, 20}),
                       makeInput(DType::f32, {20, 35, 66})});
}

/// More operands than are read through buffers, of several sizes of elements.
TEST(Transpose, ManyOperands) {
  Harness harness;
  std::string arguments = "%y: !f", body, last = "%y";
  std::vector<Value> inputs{makeInput(DType::f32, {70, 81})};
  for (int i = 0; i < 11; ++i) {
    const DType dtype = i % 3 == 0   ? DType::f32
                        : i % 3 == 1 ? DType::ui8
                                     : DType::f64;
    const std::string type = typeOf(dtype, 2);
    absl::StrAppend(&arguments, ", %x", i, ": ", type);
    absl::StrAppend(&body, "  %t", i, " = fuser.transpose %x", i,
                    " permutation [1, 0] : ", type, " to ", type, "\n  %c", i,
                    " = fuser.cast %t", i, " : ", type, " to !f\n  %s", i,
                    " = fuser.add ", last, ", %c", i, " : !f\n");
    last = absl::StrCat("%s", i);
    inputs.push_back(
        makeInput(dtype, {81, 70}, Layout::Contiguous, i + 2, Data::Tame));
  }
  harness.check(absl::StrReplaceAll(
                    absl::StrCat("func.func @f(", arguments, ") -> !f {\n",
                                 body, "  return ", last, " : !f\n}\n"),
                    {{"!f", typeOf(DType::f32, 2)}}),
                inputs);
}

/// Index operands, division, and a branch within a tile.
TEST(Transpose, BesideOtherOps) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x?xi64>, %y: tensor<?x?xi64>) -> tensor<?x?xi64> {
  %t = fuser.transpose %x permutation [1, 0]
      : tensor<?x?xi64> to tensor<?x?xi64>
  %i = fuser.iota like %y dim 0 : tensor<?x?xi64> to tensor<?x?xi64>
  %j = fuser.iota like %y dim 1 : tensor<?x?xi64> to tensor<?x?xi64>
  %l = fuser.iota like %y : tensor<?x?xi64> to tensor<?x?xi64>
  %0 = fuser.div_floor %y, %t : tensor<?x?xi64>
  %1 = fuser.mul %0, %i : tensor<?x?xi64>
  %2 = fuser.bitwise_xor %1, %j : tensor<?x?xi64>
  %3 = fuser.add %2, %l : tensor<?x?xi64>
  return %3 : tensor<?x?xi64>
}
)mlir";
  harness.check(text, {makeInput(DType::i64, {45, 70}, Layout::Contiguous, 1,
                                 Data::Divisors),
                       makeInput(DType::i64, {70, 45})});
  const std::string sine = R"mlir(
func.func @f(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %t = fuser.transpose %x permutation [1, 0]
      : tensor<?x?xf32> to tensor<?x?xf32>
  %0 = fuser.sin %t : tensor<?x?xf32>
  %1 = fuser.add %0, %y : tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}
)mlir";
  harness.check(
      sine, {makeInput(DType::f32, {45, 70}), makeInput(DType::f32, {70, 45})});
}

/// A result that lies across the first one; and one that replaces an input
/// there. The memory between elements stays as it was.
TEST(Transpose, StoresAndInPlace) {
  for (DType dtype : {DType::ui8, DType::bf16, DType::f32, DType::f64}) {
    Harness harness;
    const std::string text = absl::StrReplaceAll(
        R"mlir(
func.func @f(%x: !t, %y: !t) -> (!t, !t) {
  %0 = fuser.add %x, %y : !t
  %1 = fuser.sub %x, %y : !t
  return %0, %1 : !t, !t
}
)mlir",
        {{"!t", typeOf(dtype, 2)}});
    for (auto [rows, columns] :
         {std::pair{5, 3}, std::pair{64, 64}, std::pair{83, 130}}) {
      SCOPED_TRACE(absl::StrCat(dtypeName(dtype), " ", rows, "x", columns));
      const Tensor x = makeInput(dtype, {rows, columns});
      const Tensor y = makeInput(dtype, {rows, columns}, Layout::Transposed, 2);
      const std::vector<Tensor> expected = harness.check(text, {x, y});
      ASSERT_EQ(expected.size(), 2u);
      const ProgramFunction &function = *harness.function(text);
      ASSERT_EQ(function.calls.size(), 1u);
      auto &session = harness.compiler.session();
      const auto replace = [&](const Tensor &first, const Tensor &second,
                               Tensor x, Tensor y) {
        std::vector<Tensor> outputs(2);
        outputs[function.returned[0] - function.calls[0].firstOutput] = first;
        outputs[function.returned[1] - function.calls[0].firstOutput] = second;
        std::vector<Value> inputs;
        for (int32_t id : function.calls[0].inputs)
          inputs.push_back(id == 0 ? x : y);
        const int64_t before = session.statistics().launches;
        const absl::Status status =
            session.runFusion(function.calls[0].key, inputs, outputs);
        ASSERT_TRUE(status.ok()) << status;
        EXPECT_EQ(session.statistics().launches, before + 1);
        EXPECT_TRUE(sameBits(first, expected[0]));
        EXPECT_TRUE(sameBits(second, expected[1]));
      };
      const auto fresh = [&](int64_t rowStride, int64_t columnStride) {
        auto bytes = std::make_shared<std::vector<char>>(
            (rows * rowStride + columns * columnStride) * 8);
        return Tensor::borrow(bytes->data(), dtype, {rows, columns},
                              {rowStride, columnStride}, bytes);
      };
      const auto copy = [&](const Tensor &tensor) {
        Tensor result = fresh(tensor.strides()[0], tensor.strides()[1]);
        std::memcpy(result.data(), tensor.data(),
                    rows * columns * dtypeSize(dtype));
        return result;
      };
      replace(fresh(columns, 1), fresh(1, rows), x, y);
      replace(fresh(1, rows + 3), fresh(columns + 5, 1), x, y);
      const Tensor inX = copy(x), inY = copy(y);
      replace(inX, inY, inX, inY);
      const Tensor inX2 = copy(x), inY2 = copy(y);
      replace(inY2, inX2, inX2, inY2);
    }
  }
}

/// Code that is compiled without optimisation copies element by element.
TEST(Transpose, LargeCode) {
  Harness harness;
  std::string body = "  %r0 = fuser.add %y, %t : !t\n", last = "%r0";
  for (int i = 1; i <= 100; ++i) {
    absl::StrAppend(&body, "  %r", i, " = fuser.sin ", last, " : !t\n");
    last = absl::StrCat("%r", i);
  }
  harness.check(
      absl::StrReplaceAll(
          absl::StrCat("func.func @f(%x: !t, %y: !t) -> !t {\n  %t = "
                       "fuser.transpose %x permutation [1, 0] : !t to !t\n",
                       body, "  return ", last, " : !t\n}\n"),
          {{"!t", typeOf(DType::f32, 2)}}),
      {makeInput(DType::f32, {50, 70}), makeInput(DType::f32, {70, 50})});
}

/// One kernel for all sizes.
TEST(Transpose, SizesShareAKernel) {
  Harness harness;
  for (auto [rows, columns] : {std::pair{2, 3}, std::pair{64, 64},
                               std::pair{17, 500}, std::pair{300, 31}})
    checkAcross(harness, DType::f32, rows, columns);
  EXPECT_EQ(harness.compiler.session().statistics().compiles.size(), 1u);
}

//===----------------------------------------------------------------------===//
// Short rows that repeat an operand
//===----------------------------------------------------------------------===//

/// x * scale + shift, which are rows.
static std::string biasText(DType dtype) {
  return absl::StrReplaceAll(R"mlir(
func.func @f(%x: !m, %scale: !v, %shift: !v, %n: !s) -> !m {
  %0 = fuser.mul %x, %scale : (!m, !v) -> !m
  %1 = fuser.add %0, %shift : (!m, !v) -> !m
  %2 = fuser.sub %1, %n : (!m, !s) -> !m
  return %2 : !m
}
)mlir",
                             {{"!m", typeOf(dtype, 2)},
                              {"!v", typeOf(dtype, 1)},
                              {"!s", typeOf(dtype, 0)}});
}

TEST(ShortRows, RepeatedOperands) {
  for (int threads : {1, 2}) {
    runtime::SessionOptions options;
    options.threads = threads;
    Harness harness(options);
    for (DType dtype : {DType::ui8, DType::bf16, DType::f32, DType::f64})
      for (int64_t n : {2, 3, 19, 64, 67, 255})
        for (int64_t rows : {16384 / n + 1, 30000 / n})
          for (Layout layout : {Layout::Contiguous, Layout::InnerStride}) {
            SCOPED_TRACE(absl::StrCat(dtypeName(dtype), " ", rows, "x", n));
            harness.check(biasText(dtype),
                          {makeInput(dtype, {rows, n}),
                           makeInput(dtype, {n}, layout, 2),
                           makeInput(dtype, {n}, Layout::Contiguous, 3),
                           makeInput(dtype, {}, Layout::Contiguous, 4)});
          }
    EXPECT_EQ(harness.compiler.session().statistics().copies, 0);
  }
}

/// A plan that is used again copies again.
TEST(ShortRows, EveryCallCopies) {
  Harness harness;
  const std::string text = biasText(DType::i32);
  const Tensor x = makeInput(DType::i32, {9001, 5});
  for (uint64_t seed : {1, 2, 3})
    harness.check(text,
                  {x, makeInput(DType::i32, {5}, Layout::Contiguous, seed),
                   makeInput(DType::i32, {5}, Layout::Contiguous, 7),
                   makeInput(DType::i32, {}, Layout::Contiguous, 8)});
}

/// Long and short rows have one kernel.
TEST(ShortRows, ShareAKernel) {
  Harness harness;
  const std::string text = biasText(DType::f32);
  for (auto [rows, n] : {std::pair{3, 5}, std::pair{10000, 5},
                         std::pair{10000, 17}, std::pair{100, 1000}})
    harness.check(text,
                  {makeInput(DType::f32, {rows, n}), makeInput(DType::f32, {n}),
                   makeInput(DType::f32, {n}), makeInput(DType::f32, {})});
  EXPECT_EQ(harness.compiler.session().statistics().compiles.size(), 1u);
}

/// The result replaces x, and is next to what must stay in the same memory.
TEST(ShortRows, InPlace) {
  Harness harness;
  const std::string text = biasText(DType::f32);
  constexpr int64_t rows = 5003, n = 7;
  const Tensor wide = makeInput(DType::f32, {rows + 1, n});
  const Tensor x = Tensor::borrow(wide.data(), DType::f32, {rows, n}, {n, 1});
  const Tensor shift =
      Tensor::borrow(wide.dataAs<float>() + rows * n, DType::f32, {n}, {1});
  const Tensor scale = makeInput(DType::f32, {n}, Layout::Contiguous, 2);
  const Tensor offset = makeInput(DType::f32, {}, Layout::Contiguous, 3);
  const auto expected = harness.check(text, {x, scale, shift, offset});
  ASSERT_EQ(expected.size(), 1u);
  const ProgramFunction &function = *harness.function(text);
  const Tensor arguments[] = {x, scale, shift, offset};
  std::vector<Value> inputs;
  for (int32_t id : function.calls[0].inputs)
    inputs.push_back(arguments[id]);
  const absl::Status status = harness.compiler.session().runFusion(
      function.calls[0].key, inputs, std::vector<Tensor>{x});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(sameBits(x, expected[0]));
}
