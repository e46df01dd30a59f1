//===- EagerStridesTest.cpp - memory formats as PyTorch chooses them ------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/LaunchPlan.h"
#include "SpecBuilder.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

using namespace fuser;
using namespace fuser::runtime;

namespace {
/// "a b add c mul": a program in postfix notation. "2" is a number, "f64" a
/// cast, "clone" a copy, "perm10" a transposition, which stands at the end and
/// is here one of the leaves, as fuser-partition makes it, and "cat-1" a
/// concatenation.
struct Row {
  const char *program;
  /// "2x3:3x1 3:1": sizes and strides of a, b and c.
  const char *operands;
  /// "3x1": strides of the result.
  const char *strides;
};

/// A value on the stack of such a program, or a concatenation.
struct Item {
  ValueId value = -1;
  std::vector<ValueId> leaves;
  OutputNode node;
};

class ProgramReader {
public:
  ProgramReader(absl::string_view program, absl::Span<const Tensor> inputs);
  KernelSpec build() { return b.output(node(pop())).build(); }

private:
  Item pop();
  /// What `item` is as an output or a part of one.
  OutputNode node(Item item);
  DType typeOf(ValueId value) { return types[value]; }
  void push(ValueId value, DType type, std::vector<ValueId> leaves);
  void run(absl::string_view word);
  void compute(Opcode opcode, int arity);

  SpecBuilder b;
  int64_t rank = 0;
  std::vector<DType> types;
  std::vector<Item> operands, stack;
  Item two;
};
} // namespace

ProgramReader::ProgramReader(absl::string_view program,
                             absl::Span<const Tensor> inputs) {
  const std::vector<std::string> words = absl::StrSplit(program, ' ');
  std::vector<ViewStep> steps;
  if (words.back().substr(0, 4) == "perm") {
    Dims dims;
    for (char digit : words.back().substr(4))
      dims.push_back(digit - '0');
    steps.push_back(transpose(dims));
  }
  for (const Tensor &input : inputs) {
    rank = std::max(rank, input.rank());
    const ValueId leaf = b.arg(DType::f32, input.rank(), steps);
    operands.push_back({leaf, {leaf}, {}});
    types.push_back(DType::f32);
  }
  two.value = b.constant(DType::f32, 2.0f);
  types.push_back(DType::f32);
  for (const std::string &word : words)
    run(word);
}

Item ProgramReader::pop() {
  Item item = std::move(stack.back());
  stack.pop_back();
  return item;
}

OutputNode ProgramReader::node(Item item) {
  return item.value == -1 ? std::move(item.node)
                          : b.piece(item.value, std::move(item.leaves));
}

void ProgramReader::push(ValueId value, DType type,
                         std::vector<ValueId> leaves) {
  EXPECT_EQ(static_cast<std::size_t>(value), types.size());
  types.push_back(type);
  stack.push_back({value, std::move(leaves), {}});
}

/// Replaces the top of the stack by the op of it, cast to f64 if they differ.
void ProgramReader::compute(Opcode opcode, int arity) {
  std::vector<ValueId> values, leaves;
  for (auto item = stack.end() - arity; item != stack.end(); ++item) {
    values.push_back(item->value);
    leaves.insert(leaves.end(), item->leaves.begin(), item->leaves.end());
  }
  stack.erase(stack.end() - arity, stack.end());
  const std::size_t first = opcode == Opcode::select;
  bool differ = false;
  for (std::size_t i = first + 1; i < values.size(); ++i)
    differ |= typeOf(values[i]) != typeOf(values[first]);
  for (std::size_t i = first; i < values.size() && differ; ++i)
    if (typeOf(values[i]) != DType::f64) {
      values[i] = b.cast(values[i], DType::f64);
      types.push_back(DType::f64);
    }
  values.resize(3, -1);
  push(b.op(opcode, values[0], values[1], values[2]),
       opcode == Opcode::gt ? DType::i1 : typeOf(values[first]), leaves);
}

void ProgramReader::run(absl::string_view word) {
  if (word.size() == 1 && word[0] >= 'a')
    stack.push_back(operands[word[0] - 'a']);
  else if (word == "2")
    stack.push_back(two);
  else if (word == "neg")
    compute(Opcode::neg, 1);
  else if (word == "add")
    compute(Opcode::add, 2);
  else if (word == "mul")
    compute(Opcode::mul, 2);
  else if (word == "gt")
    compute(Opcode::gt, 2);
  else if (word == "where")
    compute(Opcode::select, 3);
  else if (word == "f64") {
    Item item = pop();
    push(b.cast(item.value, DType::f64), DType::f64, item.leaves);
  } else if (word.substr(0, 3) == "cat") {
    int64_t dim = 0;
    ASSERT_TRUE(absl::SimpleAtoi(word.substr(3), &dim));
    OutputNode right = node(pop()), left = node(pop());
    Item item;
    item.node = SpecBuilder::concat(dim < 0 ? dim + rank : dim,
                                    {std::move(left), std::move(right)});
    stack.push_back(std::move(item));
  } else {
    ASSERT_TRUE(word == "clone" || word.substr(0, 4) == "perm") << word;
  }
}

/// "2x3"
static Dims parseDims(absl::string_view text) {
  Dims dims;
  for (absl::string_view number : absl::StrSplit(text, 'x', absl::SkipEmpty()))
    EXPECT_TRUE(absl::SimpleAtoi(number, &dims.emplace_back())) << text;
  return dims;
}

/// Outputs have the strides of eager PyTorch.
TEST(EagerStrides, Table) {
  const Row rows[] = {
#include "EagerStrides.inc"
  };
  float nothing = 0;
  for (const Row &row : rows) {
    SCOPED_TRACE(absl::StrCat(row.program, ", ", row.operands));
    std::vector<Tensor> inputs;
    for (absl::string_view operand : absl::StrSplit(row.operands, ' ')) {
      const std::pair<std::string, std::string> layout =
          absl::StrSplit(operand, ':');
      inputs.push_back(Tensor::borrow(&nothing, DType::f32,
                                      parseDims(layout.first),
                                      parseDims(layout.second)));
    }
    absl::StatusOr<LaunchPlan> plan =
        planLaunch(ProgramReader(row.program, inputs).build(), inputs, {});
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_EQ(shapeString(plan->outputs[0].strides),
              shapeString(parseDims(row.strides)));
  }
}

/// A spec whose shape groups leave out a leaf: found when nests are formed,
/// which is after the strides of all outputs were chosen.
TEST(EagerStrides, OfOperandsThatDoNotFit) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 2), y = b.arg(DType::f32, 2);
  const ValueId sum = b.op(Opcode::add, x, y), other = b.op(Opcode::neg, sum);
  b.output(b.piece(sum, {x})).output(b.piece(other, {x}));
  const std::vector<Tensor> inputs = {iota({2, 3}, {1, 0}), iota({4, 5})};
  EXPECT_EQ(planLaunch(b.build(), inputs, {}).status().message(),
            "shape [4, 5] does not broadcast to [2, 3]");
}
