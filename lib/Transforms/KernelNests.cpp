//===- KernelNests.cpp - the nests of a kernel function -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelNests.h"
#include "FuserTransforms/Specialize.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace fuser;

Value fuser::raisedFlag(func::FuncOp func) {
  for (BlockArgument argument : func.getArguments())
    if (func.getArgAttr(argument.getArgNumber(), kRaisedAttr) &&
        argument.getType() ==
            MemRefType::get({}, IntegerType::get(func.getContext(), 8)))
      return argument;
  return nullptr;
}

/// True if `view` is one that fuser-specialize makes: of a pointer, from its
/// first element on, of sizes and strides that are arguments but for a stride
/// of 1 of the innermost dimension, or of the one before it, where a nest of
/// `rank` moves it.
static bool isKernelView(memref::ReinterpretCastOp view, int64_t rank) {
  auto pointer = dyn_cast<MemRefType>(view.getSource().getType());
  if (!pointer || pointer.getRank() != 0 ||
      !pointer.getElementType().isIntOrIndexOrFloat())
    return false;
  Type element = pointer.getElementType();
  if (!element.isIndex() && element.getIntOrFloatBitWidth() % 8 != 0)
    return false;
  SmallVector<OpFoldResult> numbers = view.getMixedSizes();
  llvm::append_range(numbers, view.getMixedStrides());
  bool moves = view.getType().getRank() == rank;
  for (int64_t dim = rank; moves && dim > 0 && dim > rank - 2; --dim) {
    auto stride = numbers.end() - (rank - dim + 1);
    if (isConstantIntValue(*stride, 1)) {
      numbers.erase(stride);
      break;
    }
  }
  return isConstantIntValue(view.getMixedOffsets().front(), 0) &&
         llvm::all_of(numbers, llvm::IsaPred<Value>);
}

/// True if the ops of `block`, of the body `body` or within it, do on vectors
/// what they do on scalars.
static bool isElementwise(Block &block, Block *body, Value raised) {
  return llvm::all_of(block, [&](Operation &op) {
    bool isLocal = llvm::all_of(op.getOperands(), [&](Value operand) {
      return body->getParent()->isAncestor(operand.getParentRegion());
    });
    bool givesScalars = llvm::all_of(op.getResultTypes(), [](Type type) {
      return type.isIntOrIndexOrFloat();
    });
    if (!isLocal || !givesScalars)
      return false;
    if (auto branch = dyn_cast<scf::IfOp>(op))
      return branch.getNumResults() == 1 && branch.elseBlock() &&
             isElementwise(*branch.thenBlock(), body, raised) &&
             isElementwise(*branch.elseBlock(), body, raised);
    if (isa<cf::AssertOp>(op))
      return raised && &block == body;
    return OpTrait::hasElementwiseMappableTraits(&op) ||
           isa<arith::ConstantOp, linalg::YieldOp, scf::YieldOp>(op);
  });
}

/// True if the body computes on input elements and constants only, by ops that
/// do on vectors what they do on scalars: elementwise ones, scf.if with one
/// result, and, where `func` can report it, cf.assert.
static bool hasElementwiseBody(linalg::GenericOp op, Value raised) {
  Block *body = op.getBody();
  for (BlockArgument argument :
       body->getArguments().drop_front(op.getNumDpsInputs()))
    if (!argument.use_empty())
      return false;
  return isElementwise(*body, body, raised);
}

/// True if operand `operand` is read or written at the loops' indices, or at
/// all but the innermost one.
static bool isPointwise(OpOperand &operand, linalg::GenericOp op) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(op.getNumLoops(), op.getContext());
  return map == identity || (op.isDpsInput(&operand) &&
                             map == identity.dropResult(map.getNumDims() - 1));
}

static FailureOr<NestOperand> readOperand(linalg::GenericOp op, Value value,
                                          int64_t rank) {
  auto view = value.getDefiningOp<memref::ReinterpretCastOp>();
  if (!view || !isKernelView(view, rank))
    return op.emitOpError("has an operand that is no memref.reinterpret_cast "
                          "of a pointer argument: run fuser-specialize and "
                          "convert-fuser-to-linalg first");
  NestOperand operand{view, view.getType().getRank() == rank, nullptr, nullptr};
  SmallVector<OpFoldResult> strides = view.getMixedStrides();
  if (operand.moves) {
    bool isTransposed =
        rank > 1 && !operand.isIndex() && isa<Attribute>(strides[rank - 2]);
    (isTransposed ? operand.lineStride : operand.innerStride) =
        dyn_cast<Value>(strides.back());
  }
  return operand;
}

/// As many lanes as 64 bytes have elements of the narrowest type in memory, but
/// no more than that many of the widest one that is computed with, or 16. There
/// is no gather of narrow elements: it is code for each lane.
static unsigned lanesOf(KernelNest &nest) {
  auto widthOf = [](Type type) -> unsigned {
    return type.isIndex()
               ? 64
               : std::min(llvm::bit_ceil(type.getIntOrFloatBitWidth()), 64u);
  };
  unsigned narrowest = 64, widest = 8;
  for (const NestOperand &operand : nest.operands) {
    narrowest = std::min(narrowest, widthOf(operand.element()));
    widest = std::max(widest, widthOf(operand.element()));
    if (operand.innerStride)
      widest = std::max(widest, 32u);
  }
  nest.op.getBody()->walk([&](Operation *op) {
    for (Type type : op->getResultTypes())
      widest = std::max(widest, widthOf(type));
  });
  return std::min(512 / narrowest, std::max(512 / widest, 16u));
}

FailureOr<SmallVector<KernelNest>> fuser::readKernelNests(func::FuncOp func) {
  SmallVector<KernelNest> nests;
  Value raised = raisedFlag(func);
  bool bodiesFit = true;
  for (auto op : func.getBody().getOps<linalg::GenericOp>()) {
    KernelNest &nest = nests.emplace_back();
    nest.op = op;
    int64_t rank = op.getNumLoops();
    auto isAtIndices = [&](OpOperand &o) { return isPointwise(o, op); };
    if (rank == 0 || op.getNumParallelLoops() != rank ||
        !llvm::all_of(op->getOpOperands(), isAtIndices))
      return op.emitOpError("is not pointwise: expected parallel loops and "
                            "operands that all of them, or all but the "
                            "innermost one, move");
    if (!hasElementwiseBody(op, raised))
      return op.emitOpError(
          "has a body that is not elementwise: expected arith "
          "and math ops on the input elements and constants");
    for (Value value : op->getOperands()) {
      FailureOr<NestOperand> operand = readOperand(op, value, rank);
      if (failed(operand))
        return failure();
      bool isInput = nest.operands.size() < op.getNumDpsInputs();
      if (operand->isIndex() && !isInput)
        return op.emitOpError("stores indices: expected elements in memory");
      nest.operands.push_back(*operand);
    }
    nest.lanes = lanesOf(nest);
    memref::ReinterpretCastOp output = nest.operands.back().view;
    nest.innerSize = dyn_cast<Value>(output.getMixedSizes().back());
    bodiesFit &= nest.innerSize && op.getBody()->getOperations().size() > 0 &&
                 rank == static_cast<int64_t>(nests[0].op.getNumLoops());
    if (!llvm::equal(output.getSizes().drop_back(),
                     nests[0].operands.back().view.getSizes().drop_back()) ||
        nest.hasBlocks() != nests[0].hasBlocks())
      bodiesFit = false;
  }
  bool hasRange = func.getNumArguments() >= 2 && func.getBody().hasOneBlock() &&
                  func.getArgument(0).getType().isIndex() &&
                  func.getArgument(1).getType().isIndex();
  if (!nests.empty() && !hasRange)
    return func.emitOpError("is no kernel function: expected one block, and "
                            "the first and the last row as the first "
                            "arguments");
  if (!bodiesFit || (nests.size() > 1 && nests[0].op.getNumLoops() == 1))
    return func.emitOpError("has generics that can't share one loop over rows: "
                            "expected equal outer sizes, and blocks of rows "
                            "in all or none");
  return nests;
}
