//===- FastMathTest.cpp - groups with fewer roundings ---------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In fast mode kernel and interpreter agree on the same groups; what default
// mode gives differs, by less rounding.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <cmath>

using namespace fuser;

namespace {
class FastMath : public ::testing::Test {
protected:
  /// Runs `text` on kernels; the interpreter must give the same bits for the
  /// same groups.
  std::vector<Tensor> run(const std::string &text,
                          const std::vector<Value> &arguments, bool fast) {
    LoadOptions options;
    options.fast = fast;
    auto program = compiler.load(text, "test.mlir", options);
    EXPECT_TRUE(program.ok()) << program.status() << "\n" << text;
    if (!program.ok())
      return {};
    const ProgramFunction &function = **program->find("");
    const auto before = compiler.session().statistics();
    auto results = program->run(function, arguments);
    const auto after = compiler.session().statistics();
    auto oracle = program->runFallback(function, arguments);
    EXPECT_TRUE(results.ok() && oracle.ok()) << results.status() << "\n"
                                             << oracle.status() << "\n"
                                             << text;
    if (!results.ok() || !oracle.ok())
      return {};
    EXPECT_GT(after.launches, before.launches) << text;
    EXPECT_EQ(after.totalFallbacks(), before.totalFallbacks()) << text;
    for (std::size_t i = 0; i < results->size(); ++i)
      EXPECT_TRUE(sameBits((*results)[i], (*oracle)[i]))
          << "result " << i << " of\n"
          << text;
    return *std::move(results);
  }

  Compiler compiler;
};
} // namespace

static DType dtypeOfName(const std::string &name) {
  for (int i = 0; i < kNumDTypes; ++i)
    if (name == dtypeName(DType(i)))
      return DType(i);
  ADD_FAILURE() << name;
  return DType::f32;
}

/// Much of what fast mode changes, on elements of type T: halves between ops,
/// casts, choices, products that contract and some that do not.
static const char *const kMixed = R"mlir(
!t = tensor<?x?xT>
func.func @f(%x: !t, %y: !t, %m: tensor<?x?xi1>, %i: tensor<?x?xi8>)
    -> (!t, !t, tensor<?x?xi1>, tensor<?x?xi8>, tensor<?x?xf64>) {
  %half = fuser.constant dense<0.3> : tensor<T>
  %p = fuser.mul %x, %y : !t
  %s = fuser.add %p, %x : !t
  %q = fuser.mul %s, %half : (!t, tensor<T>) -> !t
  %d = fuser.sub %y, %q : !t
  %e = fuser.exp %d : !t
  %less = fuser.compare lt, %e, %q : !t
  %both = fuser.bitwise_and %less, %m : tensor<?x?xi1>
  %c = fuser.select %both, %e, %x : !t
  %j = fuser.cast %i : tensor<?x?xi8> to !t
  %k = fuser.maximum %j, %c : !t
  %n = fuser.cast %k : !t to tensor<?x?xi8>
  %o = fuser.mul %n, %i : tensor<?x?xi8>
  %b = fuser.cast %k : !t to tensor<?x?xbf16>
  %w = fuser.cast %b : tensor<?x?xbf16> to tensor<?x?xf64>
  %g = fuser.gelu %c : !t
  return %c, %g, %less, %o, %w
      : !t, !t, tensor<?x?xi1>, tensor<?x?xi8>, tensor<?x?xf64>
}
)mlir";

TEST_F(FastMath, KernelsAgreeWithTheInterpreter) {
  for (const char *type : {"f16", "bf16", "f32", "f64"}) {
    const std::string text = absl::StrReplaceAll(kMixed, {{"T", type}});
    const DType dtype = dtypeOfName(type);
    for (Data data : {Data::Wild, Data::Tame})
      for (const Dims &sizes : {Dims{1, 1}, Dims{3, 21}, Dims{16, 16}})
        for (int layout = 0; layout < kNumLayouts; ++layout)
          run(text,
              {makeInput(dtype, sizes, Layout(layout), 1, data),
               makeInput(dtype, sizes, Layout::Contiguous, 2, data),
               makeInput(DType::i1, sizes, Layout::Contiguous, 3),
               makeInput(DType::i8, sizes, Layout::Contiguous, 4)},
              /*fast=*/true);
  }
}

//===----------------------------------------------------------------------===//
// Contraction
//===----------------------------------------------------------------------===//

static const char *const kContracted = R"mlir(
!t = tensor<?xT>
func.func @f(%a: !t, %b: !t, %c: !t) -> (!t, !t, !t) {
  %p = fuser.mul %a, %b : !t
  %0 = fuser.add %c, %p : !t
  %na = fuser.neg %a : !t
  %q = fuser.mul %na, %b : !t
  %1 = fuser.sub %q, %c : !t
  %na2 = fuser.abs %a : !t
  %r = fuser.mul %na2, %b : !t
  %2 = fuser.sub %c, %r : !t
  return %0, %1, %2 : !t, !t, !t
}
)mlir";

/// The three sums, each of a product that is rounded, or is not.
template <class T> static std::array<T, 3> sums(T a, T b, T c, bool contracts) {
  if (contracts)
    return {std::fma(a, b, c), std::fma(-a, b, -c),
            std::fma(-std::abs(a), b, c)};
  const T product = a * b, other = std::abs(a) * b;
  return {product + c, -product - c, c - other};
}

template <class T>
static void checkContraction(const std::vector<Tensor> &results,
                             const std::vector<Value> &inputs, bool contracts) {
  ASSERT_EQ(results.size(), 3u);
  const T *a = std::get<Tensor>(inputs[0]).dataAs<T>();
  const T *b = std::get<Tensor>(inputs[1]).dataAs<T>();
  const T *c = std::get<Tensor>(inputs[2]).dataAs<T>();
  int differing = 0;
  for (int64_t i = 0; i < results[0].numElements(); ++i) {
    const std::array<T, 3> expected = sums(a[i], b[i], c[i], contracts);
    const std::array<T, 3> other = sums(a[i], b[i], c[i], !contracts);
    for (int k = 0; k < 3; ++k) {
      EXPECT_EQ(results[k].dataAs<T>()[i], expected[k]) << i << ", sum " << k;
      differing += expected[k] != other[k];
    }
  }
  // Or nothing would be tested.
  EXPECT_GT(differing, 100);
}

TEST_F(FastMath, ContractsExactly) {
  for (bool fast : {false, true})
    for (const char *type : {"f32", "f64"}) {
      const DType dtype = dtypeOfName(type);
      std::vector<Value> inputs;
      for (int seed = 1; seed <= 3; ++seed)
        inputs.push_back(
            makeInput(dtype, {1003}, Layout::Contiguous, seed, Data::Tame));
      auto results =
          run(absl::StrReplaceAll(kContracted, {{"T", type}}), inputs, fast);
      if (dtype == DType::f32)
        checkContraction<float>(results, inputs, fast);
      else
        checkContraction<double>(results, inputs, fast);
    }
}

/// Neither integers nor functions of f32 change.
TEST_F(FastMath, ChangesNothingElse) {
  const std::string text = R"mlir(
!t = tensor<?xf32>
!i = tensor<?xi32>
func.func @f(%x: !t, %i: !i) -> (!t, !i) {
  %0 = fuser.exp %x : !t
  %1 = fuser.tanh %0 : !t
  %2 = fuser.div %1, %x : !t
  %3 = fuser.mul %i, %i : !i
  %4 = fuser.add %3, %i : !i
  return %2, %4 : !t, !i
}
)mlir";
  const std::vector<Value> inputs{makeInput(DType::f32, {1003}),
                                  makeInput(DType::i32, {1003})};
  auto usual = run(text, inputs, false), fast = run(text, inputs, true);
  ASSERT_EQ(usual.size(), 2u);
  ASSERT_EQ(fast.size(), 2u);
  EXPECT_TRUE(sameBits(fast[0], usual[0]));
  EXPECT_TRUE(sameBits(fast[1], usual[1]));
}

//===----------------------------------------------------------------------===//
// Halves
//===----------------------------------------------------------------------===//

/// Half of the spacing of elements of type `dtype` around `x`.
static double halfUnit(DType dtype, double x) {
  const bool isF16 = dtype == DType::f16;
  const int exponent =
      std::max(x == 0 ? -1000 : std::ilogb(x), isF16 ? -14 : -126);
  return std::ldexp(0.5, exponent - (isF16 ? 10 : 7));
}

/// sigmoid(x) * y + exp(x) / (|y| + 3): each op's result is below 4, so that
/// six roundings of f32 and its functions' errors stay below 2^-19.
TEST_F(FastMath, HalvesRoundOnce) {
  for (const char *type : {"f16", "bf16"}) {
    const std::string text = absl::StrReplaceAll(R"mlir(
!t = tensor<?xT>
func.func @f(%x: !t, %y: !t) -> !t {
  %three = fuser.constant dense<3.0> : tensor<T>
  %0 = fuser.sigmoid %x : !t
  %1 = fuser.mul %0, %y : !t
  %2 = fuser.exp %x : !t
  %3 = fuser.abs %y : !t
  %4 = fuser.add %3, %three : (!t, tensor<T>) -> !t
  %5 = fuser.div %2, %4 : !t
  %6 = fuser.add %1, %5 : !t
  return %6 : !t
}
)mlir",
                                                 {{"T", type}});
    const DType dtype = dtypeOfName(type);
    const Tensor x =
        makeInput(dtype, {5003}, Layout::Contiguous, 1, Data::Tame);
    const Tensor y =
        makeInput(dtype, {5003}, Layout::Contiguous, 2, Data::Tame);
    auto fast = run(text, {x, y}, true), usual = run(text, {x, y}, false);
    ASSERT_EQ(fast.size(), 1u);
    ASSERT_EQ(usual.size(), 1u);
    const std::vector<double> xs = doubles(x), ys = doubles(y),
                              fasts = doubles(fast[0]),
                              usuals = doubles(usual[0]);
    int beyond = 0;
    for (std::size_t i = 0; i < xs.size(); ++i) {
      const double exact = ys[i] / (1 + std::exp(-xs[i])) +
                           std::exp(xs[i]) / (std::abs(ys[i]) + 3);
      const double bound = halfUnit(dtype, exact) + 0x1p-19;
      EXPECT_LE(std::abs(fasts[i] - exact), bound) << type << " " << i;
      beyond += std::abs(usuals[i] - exact) > bound;
    }
    EXPECT_GT(beyond, 500) << "default mode rounds after every op";
  }
}

/// Random numbers of f32 that were rounded to halves would be 1 at times.
TEST_F(FastMath, RandomHalvesAreBelowOne) {
  for (const char *type : {"f16", "bf16"}) {
    const std::string text = absl::StrReplaceAll(R"mlir(
func.func @f(%x: tensor<?xT>, %seed: i64) -> tensor<?xT> {
  %0 = fuser.rand_like %x, %seed, %seed : tensor<?xT>, i64, i64 to tensor<?xT>
  return %0 : tensor<?xT>
}
)mlir",
                                                 {{"T", type}});
    const std::vector<Value> inputs{makeInput(dtypeOfName(type), {100000}),
                                    int64_t(7)};
    auto fast = run(text, inputs, true), usual = run(text, inputs, false);
    ASSERT_EQ(fast.size(), 1u);
    ASSERT_EQ(usual.size(), 1u);
    EXPECT_TRUE(sameBits(fast[0], usual[0]));
    for (double number : doubles(fast[0]))
      ASSERT_LT(number, 1) << type;
  }
}
