//===- OpKind.cpp - the ops that programs are made of ---------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpKind.h"
#include <algorithm>

using namespace fuser;
using namespace fuser::fuzz;

const std::vector<OpKind> &fuzz::opKinds() {
  static const std::vector<OpKind> kinds = [] {
    std::vector<OpKind> all;
    addPointwise(all);
    addComposites(all);
    addCreations(all);
    addMoves(all);
    return all;
  }();
  return kinds;
}

const OpKind &fuzz::opKind(std::string_view name) {
  return *std::find_if(opKinds().begin(), opKinds().end(),
                       [&](const OpKind &kind) { return kind.name == name; });
}

const std::vector<std::string> &fuzz::opsNotFuzzed() {
  static const std::vector<std::string> ops = {"broadcast_like", "group",
                                               "nest", "part_like", "yield"};
  return ops;
}

const OpKind &fuzz::tensorArgument() {
  static const OpKind kind{"argument", "", 0, nullptr, nullptr};
  return kind;
}

const OpKind &fuzz::scalarArgument() {
  static const OpKind kind{"scalar", "", 0, nullptr, nullptr};
  return kind;
}

bool fuzz::isArgument(const Node &node) {
  return node.kind == &tensorArgument() || node.kind == &scalarArgument();
}

static bool raises(const Case &program, const Node &node) {
  return node.kind->opcode &&
         opcodeRaises(*node.kind->opcode,
                      program.nodes[node.operands[0].node].dtype);
}

bool fuzz::mayFail(const Case &program) {
  return std::any_of(program.nodes.begin(), program.nodes.end(),
                     [&](const Node &node) { return raises(program, node); });
}

bool fuzz::mayFailUnneeded(const Case &program, const NodeShapes &shapes) {
  std::vector<bool> needed(program.nodes.size());
  auto need = [&](Use use) {
    if (numElements(shapes[use.node][use.result]) > 0)
      needed[use.node] = true;
  };
  for (Use use : program.outputs)
    need(use);
  for (size_t i = program.nodes.size(); i-- > 0;) {
    const Node &node = program.nodes[i];
    if (!needed[i] && raises(program, node))
      return true;
    for (size_t j = node.kind->isLike; j < node.operands.size(); ++j)
      if (needed[i])
        need(node.operands[j]);
  }
  return false;
}
