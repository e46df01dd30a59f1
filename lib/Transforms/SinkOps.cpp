//===- SinkOps.cpp - ops that a later group had better compute ------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An op gets the first level that its operands admit. If nothing needs it there
// but groups of later levels do, it is stored and loaded again for nothing:
// what reads it may as well compute it.
//
//===----------------------------------------------------------------------===//

#include "GroupFormation.h"

using namespace mlir;
using namespace fuser;

/// Bytes that take as long to move as one more launch.
static constexpr double kLaunchBytes = 1 << 15;

/// Of so many uses nobody asks where they are.
static constexpr unsigned kManyUsers = 64;

static double bytesOf(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type ? numElements(type) * ((type.getElementTypeBitWidth() + 7) / 8)
              : 0;
}

/// The level of `user` if it is a fusible op of the block, or -1. `levels` has
/// one for each node.
int64_t GroupFormation::levelOfUser(Operation *user, ArrayRef<int64_t> levels) {
  auto found = indexOf.find(user);
  bool isThere = found != indexOf.end() && nodes[found->second].fusible;
  return isThere ? levels[found->second] : -1;
}

/// The bytes that are moved more if `index` leaves its level, where `levels`
/// has the one that every later op will have.
double GroupFormation::costOfLeaving(size_t index, ArrayRef<int64_t> levels) {
  int64_t level = nodes[index].level;
  double bytes = 0;
  for (Value operand : llvm::SmallSetVector<Value, 4>(
           nodes[index].op->operand_begin(), nodes[index].op->operand_end())) {
    if (inlined.contains(operand.getDefiningOp()))
      continue;
    // One of many is likely to stay.
    if (operand.hasNUsesOrMore(kManyUsers)) {
      bytes += bytesOf(operand);
      continue;
    }
    auto users = llvm::map_to_vector(operand.getUsers(), [&](Operation *user) {
      return levelOfUser(user, levels);
    });
    // Once for this op, which still counts as one of its level.
    bool staysHere = llvm::count(users, level) > 1;
    bool isStored = llvm::any_of(users, [&](int64_t l) { return l != level; });
    if (!neighbour(operand, level))
      bytes += staysHere ? bytesOf(operand) : 0;
    else if (staysHere)
      bytes += bytesOf(operand) * (isStored ? 1 : 2);
  }
  return bytes;
}

GroupFormation::Levels GroupFormation::findLaterLevels() {
  SmallVector<int64_t> levels =
      llvm::map_to_vector(nodes, [](const Node &node) { return node.level; });
  Levels later;
  for (size_t index = nodes.size(); index-- > 0;) {
    Node &node = nodes[index];
    if (!node.fusible || node.op->use_empty())
      continue;
    int64_t latest = std::numeric_limits<int64_t>::max();
    for (Operation *user : node.op->getUsers())
      latest = std::min(latest, levelOfUser(user, levels) -
                                    borderReason(node, user).has_value());
    double gain = 0;
    for (Value result : node.op->getResults())
      gain += 2 * bytesOf(result);
    if (latest > node.level && costOfLeaving(index, levels) < gain)
      later[node.op] = levels[index] = latest;
  }
  return later;
}

double GroupFormation::cost() {
  double bytes = 0;
  for (size_t index = 0; index < nodes.size(); ++index) {
    if (!nodes[index].fusible)
      continue;
    if (find(index) == index) {
      bytes += kLaunchBytes;
      for (Value input : nodes[index].inputs)
        bytes += bytesOf(input);
    }
    for (Value result : nodes[index].op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) {
            auto found = indexOf.find(user);
            return found == indexOf.end() || find(found->second) != find(index);
          }))
        bytes += bytesOf(result);
  }
  return bytes;
}
