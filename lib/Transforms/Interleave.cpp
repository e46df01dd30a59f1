//===- Interleave.cpp - how many vectors to compute at a time -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A processor works on several vectors of a loop at a time, as far as it looks
// ahead. Where one vector takes a chain of ops longer than that, it waits for
// results; two or four vectors side by side in the code give it other work.
//
//===----------------------------------------------------------------------===//

#include "KernelNests.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace fuser;

/// Chains of more cycles than this leave a core waiting: some 128 ops wait in
/// its schedulers, and it starts a little more than one a cycle.
static constexpr int64_t kLongChain = 105;

/// So do shorter ones with little beside them: fewer ops than this for each
/// three cycles.
static constexpr int64_t kMediumChain = 80;
static constexpr int64_t kFewOps = 2;

/// More streams than this at a time need the registers, and the ways of the
/// caches, that more vectors would take.
static constexpr size_t kMaxStreams = 8;

/// About how many cycles the result of `op` takes, on vectors.
static int64_t latencyOf(Operation &op) {
  if (isa<arith::ConstantOp, arith::BitcastOp>(op))
    return 0;
  if (isa<math::SqrtOp>(op))
    return 20;
  if (isa<arith::DivFOp>(op))
    return 14;
  if (isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, math::FmaOp,
          arith::ExtFOp, arith::TruncFOp, arith::SIToFPOp, arith::UIToFPOp,
          arith::FPToSIOp, arith::MulIOp, arith::CmpFOp, arith::CmpIOp>(op))
    return 4;
  return 1;
}

/// When the ops of `block` have finished, in cycles: the latest. `ready` has it
/// for values.
static int64_t finish(Block &block, DenseMap<Value, int64_t> &ready) {
  int64_t latest = 0;
  for (Operation &op : block) {
    int64_t cycles = 0;
    for (Value operand : op.getOperands())
      cycles = std::max(cycles, ready.lookup(operand));
    // The way of the many lanes; the other is rare.
    if (auto branch = dyn_cast<scf::IfOp>(op))
      cycles = std::max(cycles, finish(*branch.elseBlock(), ready));
    cycles += latencyOf(op);
    for (Value result : op.getResults())
      ready[result] = cycles;
    latest = std::max(latest, cycles);
  }
  return latest;
}

unsigned fuser::interleaveOf(const KernelNest &nest) {
  size_t numStreams = llvm::count_if(
      nest.operands, [](const NestOperand &o) { return o.moves; });
  linalg::GenericOp op = nest.op;
  bool raises = !op.getBody()->getOps<cf::AssertOp>().empty();
  if (numStreams > kMaxStreams || raises)
    return 1;
  DenseMap<Value, int64_t> ready;
  int64_t cycles = finish(*op.getBody(), ready);
  int64_t numOps = op.getBody()->getOperations().size();
  if (cycles > kLongChain)
    return 4;
  return cycles > kMediumChain && 3 * numOps < kFewOps * cycles ? 2 : 1;
}
