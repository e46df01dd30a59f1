//===- Moves.cpp - where moved elements come from -------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Moves.h"
#include "Data.h"
#include "OpKind.h"
#include <algorithm>

using namespace fuser;
using namespace fuser::fuzz;

/// For each node, whether it is an argument or known by its place, or what ops
/// move of such.
static std::vector<bool> onlyMoved(const Case &program) {
  std::vector<bool> result;
  for (const Node &node : program.nodes)
    result.push_back(node.kind == &tensorArgument() || node.kind->element ||
                     (node.kind->source &&
                      std::all_of(node.operands.begin(), node.operands.end(),
                                  [&](Use use) { return result[use.node]; })));
  return result;
}

/// The element of `value` at `index`.
static uint64_t trace(const Case &program, const Call &call,
                      const NodeShapes &shapes, Use value, Dims index) {
  while (program.nodes[value.node].kind->source) {
    const Node &node = program.nodes[value.node];
    std::vector<Dims> in;
    for (Use use : node.operands)
      in.push_back(shapes[use.node][use.result]);
    value = node.operands[node.kind->source(node, value.result, in, index)];
  }
  const Node &node = program.nodes[value.node];
  if (node.kind->element)
    return node.kind->element(node, shapes[value.node][value.result], index);
  const Argument &argument = call.arguments[value.node];
  const int64_t place = argument.offset + placeOf(index, argument.strides);
  return loadElement(&(*argument.storage)[place * dtypeSize(node.dtype)],
                     node.dtype);
}

std::optional<std::vector<uint64_t>>
fuzz::movedElements(const Case &program, size_t call, const NodeShapes &shapes,
                    Use value) {
  if (!onlyMoved(program)[value.node])
    return std::nullopt;
  std::vector<uint64_t> elements;
  forEachIndex(shapes[value.node][value.result], [&](const Dims &index) {
    elements.push_back(
        trace(program, program.calls[call], shapes, value, index));
  });
  return elements;
}
