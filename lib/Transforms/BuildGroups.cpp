//===- BuildGroups.cpp - ops become fusion groups -------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GroupFormation.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace fuser;

void GroupFormation::build() {
  if (options.remarks)
    emitRemarks();
  buildGroups();
}

/// Orders the block by level, what is not fused before the groups, and makes a
/// group of each set. Ops of one level do not depend on each other but within
/// a group.
void GroupFormation::buildGroups() {
  struct Unit {
    int64_t level;
    bool isGroup;
    SmallVector<Operation *> ops;
  };
  std::vector<Unit> units;
  DenseMap<size_t, size_t> unitOf;
  for (size_t index = 0; index < nodes.size(); ++index) {
    auto [unit, isNew] = unitOf.try_emplace(find(index), units.size());
    if (isNew)
      units.push_back({nodes[index].level, nodes[index].fusible, {}});
    units[unit->second].ops.push_back(nodes[index].op);
  }
  llvm::stable_sort(units, [](const Unit &a, const Unit &b) {
    return std::tie(a.level, a.isGroup) < std::tie(b.level, b.isGroup);
  });
  for (Unit &unit : units)
    for (Operation *op : unit.ops)
      op->moveBefore(block.getTerminator());
  for (Unit &unit : units)
    if (unit.isGroup)
      buildGroup(unit.ops);
  for (Operation &op : llvm::make_early_inc_range(block))
    if (inlined.contains(&op) && op.use_empty())
      op.erase();
}

/// Moves `members`, which are consecutive, into a group in their place.
void GroupFormation::buildGroup(ArrayRef<Operation *> members) {
  SmallPtrSet<Operation *, 16> inside(members.begin(), members.end());
  llvm::SetVector<Value> inputs, outputs;
  llvm::SetVector<Operation *> constants;
  for (Operation *op : members) {
    for (Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      if (producer && inlined.contains(producer))
        constants.insert(producer);
      else if (!producer || !inside.contains(producer))
        inputs.insert(operand);
    }
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(),
                       [&](Operation *user) { return !inside.contains(user); }))
        outputs.insert(result);
  }

  OpBuilder builder(members.front());
  Location loc = members.front()->getLoc();
  auto outputTypes =
      llvm::map_to_vector(outputs, [](Value value) { return value.getType(); });
  auto group = GroupOp::create(builder, loc, outputTypes, inputs.getArrayRef());
  Block *body = builder.createBlock(&group.getBody());
  IRMapping mapping;
  for (Value input : inputs)
    mapping.map(input, body->addArgument(input.getType(), input.getLoc()));
  for (Operation *constant : constants)
    builder.clone(*constant, mapping);
  auto yield = YieldOp::create(builder, loc, outputs.getArrayRef());
  for (Operation *op : members) {
    op->moveBefore(yield);
    for (OpOperand &operand : op->getOpOperands())
      operand.set(mapping.lookupOrDefault(operand.get()));
  }
  for (auto [output, result] :
       llvm::zip_equal(outputs.takeVector(), group.getResults()))
    output.replaceUsesWithIf(result, [&](OpOperand &use) {
      return use.getOwner()->getBlock() != body;
    });
}
