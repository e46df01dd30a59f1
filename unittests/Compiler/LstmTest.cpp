//===- LstmTest.cpp - an LSTM cell as one kernel --------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_replace.h"
#include <algorithm>
#include <cmath>

using namespace fuser;

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

static Tensor tame(const Dims &sizes, uint64_t seed,
                   Layout layout = Layout::Contiguous) {
  return makeInput(DType::f32, sizes, layout, seed, Data::Tame);
}

/// value(i) for 0 <= i < count.
template <class Fn> static std::vector<double> table(int64_t count, Fn value) {
  std::vector<double> result;
  for (int64_t i = 0; i < count; ++i)
    result.push_back(value(i));
  return result;
}

/// The sum of four addends in the order that `order` gives, balanced or not.
static std::string gateSum(const std::vector<int> &order, bool balanced) {
  static const char *const names[] = {"wx", "bw", "uh", "bu"};
  static const bool isRow[] = {false, true, false, true};
  std::string text;
  struct Term {
    std::string name;
    bool isRow;
  };
  int next = 0;
  auto type = [](bool row) { return row ? "!bias" : "!gates"; };
  auto add = [&](const Term &a, const Term &b) {
    Term sum{"s" + std::to_string(next++), a.isRow && b.isRow};
    text += "  %" + sum.name + " = fuser.add %" + a.name + ", %" + b.name +
            " : (" + type(a.isRow) + ", " + type(b.isRow) + ") -> " +
            type(sum.isRow) + "\n";
    return sum;
  };
  std::vector<Term> terms;
  for (int i : order)
    terms.push_back({names[i], isRow[i]});
  if (balanced)
    add(add(terms[0], terms[1]), add(terms[2], terms[3]));
  else
    add(add(add(terms[0], terms[1]), terms[2]), terms[3]);
  return text;
}

static std::string lstm(const std::vector<int> &order, bool balanced) {
  return absl::StrReplaceAll(
      R"mlir(
!gates = tensor<?x?xf32>
!bias = tensor<?xf32>
func.func @lstm(%wx: !gates, %bw: !bias, %uh: !gates, %bu: !bias, %c: !gates)
    -> (!gates, !gates) {
SUM  %i, %f, %g, %o = fuser.chunk %s2 dim 1
      : !gates to !gates, !gates, !gates, !gates
  %in = fuser.sigmoid %i : !gates
  %forget = fuser.sigmoid %f : !gates
  %cell = fuser.tanh %g : !gates
  %out = fuser.sigmoid %o : !gates
  %kept = fuser.mul %forget, %c : !gates
  %new = fuser.mul %in, %cell : !gates
  %cy = fuser.add %kept, %new : !gates
  %1 = fuser.tanh %cy : !gates
  %hy = fuser.mul %out, %1 : !gates
  return %hy, %cy : !gates, !gates
}
)mlir",
      {{"SUM", gateSum(order, balanced)}});
}

static void checkLstm(const std::string &text, Layout layout) {
  Harness harness;
  const int64_t batch = 5, width = 13;
  Tensor wx = tame({batch, 4 * width}, 1, layout), bw = tame({4 * width}, 2),
         uh = tame({batch, 4 * width}, 3, layout), bu = tame({4 * width}, 4),
         c = tame({batch, width}, 5, layout);
  auto results = harness.check(text, {wx, bw, uh, bu, c});
  ASSERT_EQ(results.size(), 2u);
  auto dwx = doubles(wx), dbw = doubles(bw), duh = doubles(uh),
       dbu = doubles(bu), dc = doubles(c);
  auto gate = [&](int64_t i, int64_t part) {
    const int64_t column = part * width + i % width;
    const int64_t at = i / width * 4 * width + column;
    return dwx[at] + dbw[column] + duh[at] + dbu[column];
  };
  auto cy = table(batch * width, [&](int64_t i) {
    return sigmoid(gate(i, 1)) * dc[i] +
           sigmoid(gate(i, 0)) * std::tanh(gate(i, 2));
  });
  EXPECT_TRUE(isNear(results[1], cy));
  EXPECT_TRUE(isNear(results[0], table(batch * width, [&](int64_t i) {
                       return sigmoid(gate(i, 3)) * std::tanh(cy[i]);
                     })));
  const ProgramFunction *function = harness.function(text);
  ASSERT_NE(function, nullptr);
  EXPECT_EQ(function->calls.size(), 1u) << text;
  EXPECT_EQ(harness.compiler.session().nCompiledKernels(), 1) << text;
  EXPECT_EQ(harness.compiler.session().statistics().launches, 1) << text;
}

TEST(Lstm, InAnyOrderOfAddends) {
  std::vector<int> order{0, 1, 2, 3};
  do {
    for (bool balanced : {false, true})
      checkLstm(lstm(order, balanced), Layout::Contiguous);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Lstm, InAnyLayout) {
  for (int layout = 0; layout < kNumLayouts; ++layout)
    checkLstm(lstm({0, 1, 2, 3}, true), Layout(layout));
}
