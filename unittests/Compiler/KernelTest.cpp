//===- KernelTest.cpp - every op on every type ----------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The opcodes and their domains come from Ops.def: a new row is a new test.
//
//===----------------------------------------------------------------------===//

#include "FuserMath/Opcode.h"
#include "Harness.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

using namespace fuser;

namespace {
/// An op on operands of `type`; a cast goes to `to`.
struct Case {
  Opcode opcode;
  DType type;
  DType to;
};
} // namespace

static bool isComparison(Opcode opcode) {
  return opcode >= Opcode::eq && opcode <= Opcode::ge;
}

static DType resultType(const Case &test) {
  return opcodeGivesBool(test.opcode) ? DType::i1 : test.to;
}

static std::vector<DType> operandTypes(const Case &test) {
  std::vector<DType> types(opcodeArity(test.opcode), test.type);
  if (test.opcode == Opcode::select)
    types.front() = DType::i1;
  if (test.opcode == Opcode::random)
    types.assign(types.size(), DType::i64);
  return types;
}

static std::string tensorType(DType dtype, int64_t rank) {
  std::string text = "tensor<";
  for (int64_t dim = 0; dim < rank; ++dim)
    text += "?x";
  return absl::StrCat(text, dtypeName(dtype), ">");
}

/// A function of one op on tensors of `rank`.
static std::string program(const Case &test, int64_t rank) {
  std::string arguments, operands, list;
  const std::vector<DType> types = operandTypes(test);
  for (std::size_t i = 0; i < types.size(); ++i) {
    absl::StrAppend(&arguments, i ? ", " : "", "%", i, ": ",
                    tensorType(types[i], rank));
    absl::StrAppend(&operands, i ? ", " : "", "%", i);
    absl::StrAppend(&list, i ? ", " : "", tensorType(types[i], rank));
  }
  std::string op = absl::StrCat(opcodeName(test.opcode), " ");
  if (isComparison(test.opcode))
    op = absl::StrCat("compare ", op, ", ");
  const std::string result = tensorType(resultType(test), rank);
  std::string type = tensorType(test.type, rank);
  if (test.opcode == Opcode::cast)
    absl::StrAppend(&type, " to ", result);
  if (test.opcode == Opcode::random)
    type = absl::StrCat("(", list, ") -> ", result);
  return absl::StrCat("func.func @f(", arguments, ") -> ", result,
                      " {\n  %r = fuser.", op, operands, " : ", type,
                      "\n  return %r : ", result, "\n}\n");
}

/// Every row of the table on every type of its domain, select, and cast from
/// every type to every other.
static std::vector<Case> allCases() {
  std::vector<Case> cases;
  for (int opcode = 0; opcode < kNumOpcodes; ++opcode)
    for (int type = 0; type < kNumDTypes; ++type) {
      const Case test{Opcode(opcode), DType(type), DType(type)};
      if (!domainAdmits(opcodeDomain(test.opcode), test.type))
        continue;
      if (test.opcode != Opcode::cast) {
        cases.push_back(test);
        continue;
      }
      for (int to = 0; to < kNumDTypes; ++to)
        cases.push_back({test.opcode, test.type, DType(to)});
    }
  return cases;
}

static std::string caseName(const ::testing::TestParamInfo<Case> &info) {
  const Case &test = info.param;
  return absl::StrCat(
      opcodeName(test.opcode), "_", dtypeName(test.type),
      test.opcode == Opcode::cast ? absl::StrCat("_", dtypeName(test.to)) : "");
}

namespace {
class Kernel : public ::testing::TestWithParam<Case> {
protected:
  /// Operand i gets layout(i).
  template <class Fn> void check(const Dims &sizes, Fn layout) {
    const std::vector<DType> types = operandTypes(GetParam());
    std::vector<Value> inputs;
    std::string layouts;
    for (std::size_t i = 0; i < types.size(); ++i) {
      const bool isDivisor =
          i == 1 && opcodeRaises(GetParam().opcode, GetParam().type);
      inputs.push_back(makeInput(types[i], sizes, layout(i),
                                 17 * sizes.size() + i,
                                 isDivisor ? Data::Divisors : Data::Wild));
      absl::StrAppend(&layouts, " ", layoutName(layout(i)));
    }
    SCOPED_TRACE(runtime::shapeString(sizes) + layouts);
    harness.check(program(GetParam(), sizes.size()), inputs);
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
  const Case &test = GetParam();
  DType sample = isFloat(test.type) ? DType::f32 : DType::i1;
  if (domainAdmits(opcodeDomain(test.opcode), sample) && test.type == sample)
    check({1000003}, [](std::size_t) { return Layout::Contiguous; });
}

INSTANTIATE_TEST_SUITE_P(All, Kernel, ::testing::ValuesIn(allCases()),
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
