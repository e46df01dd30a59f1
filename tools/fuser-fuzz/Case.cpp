//===- Case.cpp - a program and the calls to make of it -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Case.h"
#include "OpKind.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <algorithm>
#include <cstring>

using namespace fuser;
using namespace fuser::fuzz;

int32_t Case::numArguments() const {
  int32_t count = 0;
  while (count < static_cast<int32_t>(nodes.size()) && isArgument(nodes[count]))
    ++count;
  return count;
}

int64_t fuzz::numElements(const Dims &sizes) {
  int64_t product = 1;
  for (int64_t size : sizes)
    if (size == 0 || __builtin_mul_overflow(product, size, &product))
      return size == 0 ? 0 : INT64_MAX;
  return product;
}

int64_t fuzz::storageExtent(const Argument &argument) {
  int64_t extent = argument.offset + 1;
  for (size_t dim = 0; dim < argument.sizes.size(); ++dim) {
    if (argument.sizes[dim] == 0)
      return argument.offset + 1;
    extent += (argument.sizes[dim] - 1) * argument.strides[dim];
  }
  return extent;
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

static bool isOpen(const Node &node, int32_t result, size_t dim) {
  return node.openDims >> ((8 * static_cast<size_t>(result) + dim) % 64) & 1;
}

/// Appends the shapes of the results of node number `index` to `shapes`.
static bool inferNode(const Case &program, size_t index, NodeShapes &shapes) {
  const Node &node = program.nodes[index];
  std::vector<Dims> in;
  for (Use use : node.operands)
    in.push_back(shapes[use.node][use.result]);
  return node.kind->infer(node, in, shapes.emplace_back()) &&
         shapes.back().size() == static_cast<size_t>(node.numResults);
}

std::optional<NodeShapes> fuzz::shapesInCall(const Case &program, size_t call,
                                             int64_t maxElements) {
  NodeShapes shapes;
  for (size_t i = 0; i < program.nodes.size(); ++i) {
    if (isArgument(program.nodes[i]))
      shapes.push_back({program.calls[call].arguments[i].sizes});
    else if (!inferNode(program, i, shapes))
      return std::nullopt;
    for (const Dims &sizes : shapes.back())
      if (numElements(sizes) > maxElements)
        return std::nullopt;
  }
  return shapes;
}

std::optional<NodeShapes> fuzz::declaredShapes(const Case &program) {
  NodeShapes shapes;
  for (size_t i = 0; i < program.nodes.size(); ++i) {
    const Node &node = program.nodes[i];
    if (isArgument(node))
      shapes.push_back({program.calls.front().arguments[i].sizes});
    else if (!inferNode(program, i, shapes))
      return std::nullopt;
    if (node.kind->keepsType)
      continue;
    for (int32_t result = 0; result < node.numResults; ++result)
      for (size_t dim = 0; dim < shapes[i][result].size(); ++dim)
        if (isOpen(node, result, dim))
          shapes[i][result][dim] = -1;
  }
  return shapes;
}

bool fuzz::isValid(const Case &program) {
  const std::optional<NodeShapes> declared = declaredShapes(program);
  if (!declared || program.calls.empty())
    return false;
  for (size_t call = 0; call < program.calls.size(); ++call) {
    const std::optional<NodeShapes> shapes = shapesInCall(program, call);
    if (!shapes)
      return false;
    for (size_t i = 0; i < shapes->size(); ++i)
      for (size_t result = 0; result < (*shapes)[i].size(); ++result)
        for (size_t dim = 0; dim < (*shapes)[i][result].size(); ++dim)
          if (const int64_t known = (*declared)[i][result][dim];
              known >= 0 && known != (*shapes)[i][result][dim])
            return false;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static std::string typeText(const Node &node, const Dims &sizes) {
  if (node.kind == &scalarArgument())
    return dtypeName(node.dtype);
  std::string text = "tensor<";
  for (int64_t size : sizes)
    absl::StrAppend(&text, size < 0 ? "?" : absl::StrCat(size), "x");
  return absl::StrCat(text, dtypeName(node.dtype), ">");
}

namespace {
class Writer {
public:
  explicit Writer(const Case &program)
      : program(program), shapes(*declaredShapes(program)) {}

  std::string write();

private:
  std::string name(Use use) const {
    if (isArgument(program.nodes[use.node]))
      return absl::StrCat("%a", use.node);
    return program.nodes[use.node].numResults == 1
               ? absl::StrCat("%v", use.node)
               : absl::StrCat("%v", use.node, "#", use.result);
  }
  std::string type(Use use) const {
    return typeText(program.nodes[use.node], shapes[use.node][use.result]);
  }
  std::string names(const std::vector<Use> &uses) const {
    return absl::StrJoin(uses, ", ", [this](std::string *out, Use use) {
      absl::StrAppend(out, name(use));
    });
  }
  std::string types(const std::vector<Use> &uses) const {
    return absl::StrJoin(uses, ", ", [this](std::string *out, Use use) {
      absl::StrAppend(out, type(use));
    });
  }
  void writeNode(int32_t index);

  const Case &program;
  NodeShapes shapes;
  std::string text;
};
} // namespace

void Writer::writeNode(int32_t index) {
  const Node &node = program.nodes[index];
  std::vector<Use> results;
  for (int32_t result = 0; result < node.numResults; ++result)
    results.push_back({index, result});
  std::string attributes = node.kind->attributes ? node.kind->attributes(node)
                                                 : node.kind->fixedAttributes;
  if (node.kind->op == "constant")
    absl::StrAppend(&attributes, " : ", type(results[0]));
  absl::StrAppend(
      &text, "  %v", index,
      node.numResults == 1 ? "" : absl::StrCat(":", node.numResults),
      " = \"fuser.", node.kind->op, "\"(", names(node.operands), ")",
      attributes.empty() ? "" : absl::StrCat(" <{", attributes, "}>"), " : (",
      types(node.operands), ") -> (", types(results), ")\n");
}

std::string Writer::write() {
  const int32_t numArguments = program.numArguments();
  std::vector<std::string> arguments;
  for (int32_t i = 0; i < numArguments; ++i)
    arguments.push_back(absl::StrCat(name({i, 0}), ": ", type({i, 0})));
  text = absl::StrCat("func.func @fuzz(", absl::StrJoin(arguments, ", "),
                      ") -> (", types(program.outputs), ") {\n");
  for (size_t i = numArguments; i < program.nodes.size(); ++i)
    writeNode(static_cast<int32_t>(i));
  absl::StrAppend(&text, "  return ", names(program.outputs), " : ",
                  types(program.outputs), "\n}\n");
  return text;
}

std::string fuzz::programText(const Case &program) {
  return Writer(program).write();
}

//===----------------------------------------------------------------------===//
// Changes
//===----------------------------------------------------------------------===//

void fuzz::removeUnused(Case &program, bool keepArguments) {
  std::vector<bool> needed(program.nodes.size());
  for (Use use : program.outputs)
    needed[use.node] = true;
  for (size_t i = program.nodes.size(); i-- > 0;) {
    if (keepArguments && isArgument(program.nodes[i]))
      needed[i] = true;
    if (needed[i])
      for (Use use : program.nodes[i].operands)
        needed[use.node] = true;
  }
  std::vector<int32_t> number(program.nodes.size());
  Case result;
  for (const Call &call : program.calls) {
    result.calls.push_back(call);
    result.calls.back().arguments.clear();
  }
  for (size_t i = 0; i < program.nodes.size(); ++i) {
    if (!needed[i])
      continue;
    number[i] = static_cast<int32_t>(result.nodes.size());
    result.nodes.push_back(program.nodes[i]);
    for (Use &use : result.nodes.back().operands)
      use.node = number[use.node];
    for (size_t call = 0;
         isArgument(program.nodes[i]) && call < program.calls.size(); ++call)
      result.calls[call].arguments.push_back(program.calls[call].arguments[i]);
  }
  for (Use use : program.outputs)
    result.outputs.push_back({number[use.node], use.result});
  program = std::move(result);
}

std::vector<std::byte> fuzz::elementsOf(const Argument &argument, DType dtype) {
  const int64_t size = dtypeSize(dtype);
  std::vector<std::byte> elements;
  forEachIndex(argument.sizes, [&](const Dims &index) {
    const auto begin =
        argument.storage->begin() +
        (argument.offset + placeOf(index, argument.strides)) * size;
    elements.insert(elements.end(), begin, begin + size);
  });
  return elements;
}

Argument fuzz::denseArgument(const Dims &sizes,
                             std::vector<std::byte> elements) {
  return {sizes, runtime::rowMajorStrides(sizes), 0,
          std::make_shared<std::vector<std::byte>>(std::move(elements))};
}
