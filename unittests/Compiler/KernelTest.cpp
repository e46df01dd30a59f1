//===- KernelTest.cpp - every op on every type ----------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpCases.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

using namespace fuser;

static std::string caseName(const ::testing::TestParamInfo<OpCase> &info) {
  return info.param.name();
}

namespace {
class Kernel : public ::testing::TestWithParam<OpCase> {
protected:
  /// Operand i gets layout(i).
  template <class Fn> void check(const Dims &sizes, Fn layout) {
    std::string layouts;
    for (std::size_t i = 0; i < GetParam().operandTypes().size(); ++i)
      absl::StrAppend(&layouts, " ", layoutName(layout(i)));
    SCOPED_TRACE(runtime::shapeString(sizes) + layouts);
    harness.check(GetParam().program(sizes.size()),
                  GetParam().inputs(sizes, layout));
  }

  Harness harness;
};
} // namespace

TEST_P(Kernel, Layouts) {
  for (const Dims &sizes :
       {Dims{}, Dims{0}, Dims{1}, Dims{7}, Dims{64}, Dims{0, 5}, Dims{5, 0},
        Dims{1, 1}, Dims{7, 1}, Dims{1, 7}, Dims{8, 8}, Dims{5, 37}})
    for (int layout = 0; layout < kNumLayouts; ++layout)
      check(sizes, [&](std::size_t) { return Layout(layout); });
}

TEST_P(Kernel, MixedLayouts) {
  for (const Dims &sizes : {Dims{7}, Dims{5, 37}, Dims{3, 5, 4}})
    for (int first : {1, 3, 5})
      check(sizes, [&](std::size_t i) {
        return Layout((first + i * first) % kNumLayouts);
      });
}

TEST_P(Kernel, LongVectors) {
  for (int64_t size : {1023, 4099})
    check({size}, [](std::size_t) { return Layout::Contiguous; });
  // Several threads; of each op one type, and of casts one source.
  const OpCase &test = GetParam();
  DType sample = isFloat(test.type) ? DType::f32 : DType::i1;
  if (domainAdmits(opcodeDomain(test.opcode), sample) && test.type == sample)
    check({1000003}, [](std::size_t) { return Layout::Contiguous; });
}

INSTANTIATE_TEST_SUITE_P(All, Kernel, ::testing::ValuesIn(allOpCases()),
                         caseName);

//===----------------------------------------------------------------------===//
// Ops among others
//===----------------------------------------------------------------------===//

/// i1 values that no tensor holds: masks that stay in registers.
TEST(KernelOf, MasksBetweenOps) {
  Harness harness;
  for (const char *type : {"ui8", "i32", "i64", "f32", "f64"}) {
    const std::string text = absl::StrReplaceAll(
        R"mlir(
func.func @f(%x: tensor<?xT>, %y: tensor<?xT>, %m: tensor<?xi1>)
    -> (tensor<?xT>, tensor<?xi1>, tensor<?xf64>) {
  %lt = fuser.compare lt, %x, %y : tensor<?xT>
  %eq = fuser.compare eq, %lt, %m : tensor<?xi1>
  %both = fuser.select %eq, %lt, %m : tensor<?xi1>
  %r = fuser.select %both, %x, %y : tensor<?xT>
  %d = fuser.cast %both : tensor<?xi1> to tensor<?xf64>
  return %r, %both, %d : tensor<?xT>, tensor<?xi1>, tensor<?xf64>
}
)mlir",
        {{"T", type}});
    DType dtype = DType::ui8;
    for (int i = 0; i < kNumDTypes; ++i)
      if (std::string(type) == dtypeName(DType(i)))
        dtype = DType(i);
    for (int64_t size : {1, 7, 100})
      harness.check(text, {makeInput(dtype, {size}, Layout::InnerStride, 1),
                           makeInput(dtype, {size}, Layout::Contiguous, 2),
                           makeInput(DType::i1, {size}, Layout::Sliced, 3)});
  }
}

/// Any byte but 0 is true, and true is stored as 1.
TEST(KernelOf, TruthIsAnyNonZeroByte) {
  Harness harness;
  std::vector<uint8_t> bytes{0, 1, 2, 128, 255, 0, 77};
  Tensor x = Tensor::borrow(bytes.data(), DType::i1, {7}, {1});
  auto results = harness.check(R"mlir(
func.func @f(%x: tensor<?xi1>, %y: tensor<?xf32>)
    -> (tensor<?xi1>, tensor<?xf32>, tensor<?xi1>, tensor<?xi32>) {
  %s = fuser.select %x, %x, %x : tensor<?xi1>
  %c = fuser.select %x, %y, %y : tensor<?xf32>
  %e = fuser.compare eq, %x, %x : tensor<?xi1>
  %i = fuser.cast %x : tensor<?xi1> to tensor<?xi32>
  return %s, %c, %e, %i
      : tensor<?xi1>, tensor<?xf32>, tensor<?xi1>, tensor<?xi32>
}
)mlir",
                               {x, makeInput(DType::f32, {7})});
  ASSERT_EQ(results.size(), 4u);
  const std::vector<double> truth{0, 1, 1, 1, 1, 0, 1};
  EXPECT_EQ(doubles(results[0]), truth);
  EXPECT_EQ(doubles(results[2]), std::vector<double>(7, 1));
  EXPECT_EQ(doubles(results[3]), truth);
}

/// Elements of 1, 4 and 8 bytes in one kernel.
TEST(KernelOf, MixedWidths) {
  Harness harness;
  const std::string text = R"mlir(
func.func @f(%a: tensor<?x?xui8>, %b: tensor<?x?xi32>, %c: tensor<?x?xi64>,
             %d: tensor<?x?xf32>, %e: tensor<?x?xf64>)
    -> (tensor<?x?xui8>, tensor<?x?xf64>, tensor<?x?xi32>) {
  %a32 = fuser.cast %a : tensor<?x?xui8> to tensor<?x?xi32>
  %i = fuser.add %a32, %b : tensor<?x?xi32>
  %i64 = fuser.cast %i : tensor<?x?xi32> to tensor<?x?xi64>
  %l = fuser.mul %i64, %c : tensor<?x?xi64>
  %f = fuser.cast %l : tensor<?x?xi64> to tensor<?x?xf32>
  %g = fuser.sub %f, %d : tensor<?x?xf32>
  %h = fuser.cast %g : tensor<?x?xf32> to tensor<?x?xf64>
  %j = fuser.maximum %h, %e : tensor<?x?xf64>
  %u = fuser.cast %j : tensor<?x?xf64> to tensor<?x?xui8>
  return %u, %j, %i : tensor<?x?xui8>, tensor<?x?xf64>, tensor<?x?xi32>
}
)mlir";
  const DType types[] = {DType::ui8, DType::i32, DType::i64, DType::f32,
                         DType::f64};
  for (const Dims &sizes : {Dims{1, 1}, Dims{3, 21}, Dims{16, 16}})
    for (int shift = 0; shift < kNumLayouts; ++shift) {
      std::vector<Value> inputs;
      for (int i = 0; i < 5; ++i)
        inputs.push_back(makeInput(types[i], sizes,
                                   Layout((i + shift) % kNumLayouts), 7 + i));
      harness.check(text, inputs);
    }
}
