//===- RandomProgramTest.cpp - programs that nobody would write -----------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random pointwise ops, views and concatenations over a few inputs. The
// generator knows every shape; the text says of each extent that it is dynamic,
// or else what it is.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <algorithm>
#include <random>

using namespace fuser;

namespace {
class Generator {
public:
  explicit Generator(uint64_t seed) : random(seed) {}

  /// The program and the inputs to run it on.
  std::pair<std::string, std::vector<Value>> make();

private:
  struct Operand {
    std::string name, type;
    Dims sizes;
  };

  int64_t below(int64_t bound) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(bound));
  }
  const Operand &pick() { return values[below(values.size())]; }
  std::string type(const Dims &sizes);
  static std::string openType(const Dims &sizes);
  void define(const std::string &op, const Operand &a, const Dims &sizes);
  void addInputs();
  void addConstant();
  void addUnary();
  void addBinary();
  void addView();
  void addChunk();
  void addConcat();

  std::mt19937_64 random;
  std::vector<Operand> values;
  std::vector<std::string> arguments;
  std::vector<Value> inputs;
  std::string body;
};
} // namespace

std::string Generator::type(const Dims &sizes) {
  std::string text = "tensor<";
  for (int64_t size : sizes)
    absl::StrAppend(&text, below(3) ? "?" : absl::StrCat(size), "x");
  return text + "f32>";
}

/// The same with all extents open: what follows from the operands is inferred.
std::string Generator::openType(const Dims &sizes) {
  std::string text = "tensor<";
  for (size_t i = 0; i < sizes.size(); ++i)
    text += "?x";
  return text + "f32>";
}

/// A value called by its number: "%n = fuser.<op>: <type of a> to <type>".
void Generator::define(const std::string &op, const Operand &a,
                       const Dims &sizes) {
  Operand result{absl::StrCat("%v", values.size()), openType(sizes), sizes};
  absl::StrAppend(&body, "  ", result.name, " = fuser.", op, " : ", a.type,
                  " to ", result.type, "\n");
  values.push_back(result);
}

void Generator::addInputs() {
  Dims full;
  for (int64_t rank = 1 + below(4); rank > 0; --rank)
    full.push_back(below(12) ? 1 + below(7) : 0);
  for (int64_t count = 1 + below(4); count > 0; --count) {
    Dims sizes(full.begin() + below(full.size() + 1), full.end());
    for (int64_t &size : sizes)
      size = below(4) ? size : 1;
    Operand input{absl::StrCat("%v", values.size()), type(sizes), sizes};
    inputs.push_back(
        makeInput(DType::f32, sizes, Layout(below(kNumLayouts)), random()));
    arguments.push_back(absl::StrCat(input.name, ": ", input.type));
    values.push_back(input);
  }
}

void Generator::addConstant() {
  Dims sizes = pick().sizes;
  if (below(2))
    sizes.clear();
  Operand result{absl::StrCat("%v", values.size()), "tensor<", sizes};
  for (int64_t size : sizes)
    absl::StrAppend(&result.type, size, "x");
  result.type += "f32>";
  absl::StrAppend(&body, "  ", result.name, " = fuser.constant dense<",
                  below(5), ".5> : ", result.type, "\n");
  values.push_back(result);
}

void Generator::addUnary() {
  const char *const ops[] = {"neg", "abs", "sqrt", "exp", "tanh", "relu"};
  Operand a = pick();
  absl::StrAppend(&body, "  %v", values.size(), " = fuser.", ops[below(6)], " ",
                  a.name, " : ", a.type, "\n");
  a.name = absl::StrCat("%v", values.size());
  values.push_back(a);
}

void Generator::addBinary() {
  const char *const ops[] = {"add", "sub", "mul", "div", "minimum", "maximum"};
  const Operand a = pick(), b = pick();
  Dims sizes = a.sizes;
  if (!runtime::broadcastInto(sizes, b.sizes).ok())
    return;
  Operand result{absl::StrCat("%v", values.size()), openType(sizes), sizes};
  absl::StrAppend(&body, "  ", result.name, " = fuser.", ops[below(6)], " ",
                  a.name, ", ", b.name, " : (", a.type, ", ", b.type, ") -> ",
                  result.type, "\n");
  values.push_back(result);
}

void Generator::addView() {
  const Operand a = pick();
  Dims sizes = a.sizes;
  const int64_t rank = static_cast<int64_t>(sizes.size());
  if (rank == 0 || (below(4) == 0 && rank < 5)) {
    const int64_t dim = below(rank + 1);
    sizes.insert(sizes.begin() + dim, 1);
    return define(absl::StrCat("expand_dims ", a.name, " dim ", dim), a, sizes);
  }
  const int64_t dim = below(rank);
  if (below(2)) {
    Dims order(rank);
    for (int64_t i = 0; i < rank; ++i)
      order[i] = (i + dim) % rank;
    if (below(2))
      std::swap(order[0], order[rank - 1]);
    for (int64_t i = 0; i < rank; ++i)
      sizes[i] = a.sizes[order[i]];
    return define(absl::StrCat("transpose ", a.name, " permutation ",
                               runtime::shapeString(order)),
                  a, sizes);
  }
  const int64_t start = below(3), step = 1 + below(3), end = start + below(6);
  const int64_t from = std::min(start, sizes[dim]),
                to = std::min(end, sizes[dim]);
  sizes[dim] = to > from ? (to - from - 1) / step + 1 : 0;
  define(absl::StrCat("slice ", a.name, " dim ", dim - (below(2) ? rank : 0),
                      " start ", start, " end ", end, " step ", step),
         a, sizes);
}

void Generator::addChunk() {
  const Operand a = pick();
  if (a.sizes.empty())
    return;
  const int64_t dim = below(a.sizes.size()), count = 1 + below(3);
  const int64_t part = (a.sizes[dim] + count - 1) / count;
  std::vector<std::string> names, types;
  for (int64_t i = 0; i < count; ++i) {
    Operand result{absl::StrCat("%v", values.size()), "", a.sizes};
    result.sizes[dim] = std::clamp<int64_t>(a.sizes[dim] - i * part, 0, part);
    result.type = openType(result.sizes);
    names.push_back(result.name);
    types.push_back(result.type);
    values.push_back(result);
  }
  absl::StrAppend(&body, "  ", absl::StrJoin(names, ", "), " = fuser.chunk ",
                  a.name, " dim ", dim, " : ", a.type, " to ",
                  absl::StrJoin(types, ", "), "\n");
}

void Generator::addConcat() {
  const Operand a = pick();
  if (a.sizes.empty())
    return;
  const int64_t dim = below(a.sizes.size());
  std::vector<std::string> names, types;
  Dims sizes = a.sizes;
  sizes[dim] = 0;
  for (const Operand &part : values) {
    Dims others = part.sizes;
    if (others.size() != sizes.size() || names.size() == 4)
      continue;
    others[dim] = sizes[dim];
    if (others != sizes)
      continue;
    sizes[dim] += part.sizes[dim];
    names.push_back(part.name);
    types.push_back(part.type);
  }
  Operand result{absl::StrCat("%v", values.size()), openType(sizes), sizes};
  absl::StrAppend(&body, "  ", result.name, " = fuser.concat ",
                  absl::StrJoin(names, ", "), " dim ", dim, " : ",
                  absl::StrJoin(types, ", "), " to ", result.type, "\n");
  values.push_back(result);
}

std::pair<std::string, std::vector<Value>> Generator::make() {
  addInputs();
  for (int64_t count = 2 + below(14); count > 0; --count)
    switch (below(10)) {
    case 0:
    case 1:
    case 2:
      addBinary();
      break;
    case 3:
    case 4:
      addUnary();
      break;
    case 5:
    case 6:
      addView();
      break;
    case 7:
      addChunk();
      break;
    case 8:
      addConcat();
      break;
    default:
      addConstant();
    }
  std::vector<std::string> names, types;
  for (int64_t count = 1 + below(3); count > 0; --count) {
    const Operand &result =
        values[values.size() - 1 - below((values.size() + 1) / 2)];
    names.push_back(result.name);
    types.push_back(result.type);
  }
  return {absl::StrCat("func.func @f(", absl::StrJoin(arguments, ", "),
                       ") -> (", absl::StrJoin(types, ", "), ") {\n", body,
                       "  return ", absl::StrJoin(names, ", "), " : ",
                       absl::StrJoin(types, ", "), "\n}\n"),
          inputs};
}

/// Always the same programs; others with --gtest_random_seed=N.
TEST(RandomProgram, FusedIsUnfused) {
  Harness harness;
  const uint64_t first = 1000 * GTEST_FLAG_GET(random_seed);
  for (uint64_t seed = first; seed < first + 300 && !HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    auto [text, inputs] = Generator(seed).make();
    harness.check(text, inputs);
  }
}
