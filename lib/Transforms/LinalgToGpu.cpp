//===- LinalgToGpu.cpp - generics to a kernel of many threads -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Threads take vectors along the innermost dimension in turns, by their x, and
// rows by their y. So any number of threads and blocks computes all of it.
//
//===----------------------------------------------------------------------===//

#include "FuserTransforms/Passes.h"
#include "FuserTransforms/Specialize.h"
#include "VectorCode.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace fuser;

namespace fuser {
#define GEN_PASS_DEF_LINALGTOGPUPASS
#include "FuserTransforms/Passes.h.inc"
} // namespace fuser

/// The most bytes that a thread loads or stores at once.
static constexpr unsigned kVectorBytes = 16;

/// Bodies of more ops, or accesses, than this in all lanes of a thread need the
/// registers that other threads would run in, and long to compile.
static constexpr unsigned kMaxLaneOps = 512;
static constexpr unsigned kMaxLaneAccesses = 40;

namespace {
class GpuLoops : public VectorCode {
public:
  explicit GpuLoops(func::FuncOp func)
      : VectorCode(func), isAligned(func->hasAttr(kVectorAlignedAttr)) {}

  /// Of the nest where there are the least.
  unsigned lanes() const { return leastLanes; }

private:
  void emitRows() override;
  void emitNest(KernelNest &nest, ArrayRef<Value> rows, Value begin, Value end);
  Value load(const NestOperand &operand, Value row, Value index,
             Lanes lanes) override;
  void store(const NestOperand &operand, Value row, Value index, Lanes lanes,
             Value value) override;
  Value placeOf(const NestOperand &operand, Value index);
  unsigned lanesOf(KernelNest &nest);

  /// The threads of the grid along one of its dimensions.
  struct Threads {
    Value number, count;
  };
  Threads threadsAlong(gpu::Dimension dimension);
  Value add(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value mul(Value x, Value y) { return arith::MulIOp::create(b, x, y); }

  const bool isAligned;
  unsigned leastLanes = kVectorBytes;
  Threads columns;
};
} // namespace

GpuLoops::Threads GpuLoops::threadsAlong(gpu::Dimension dimension) {
  Value thread = gpu::ThreadIdOp::create(b, dimension);
  Value threads = gpu::BlockDimOp::create(b, dimension);
  Value block = gpu::BlockIdOp::create(b, dimension);
  Value blocks = gpu::GridDimOp::create(b, dimension);
  return {add(mul(block, threads), thread), mul(blocks, threads)};
}

void GpuLoops::emitRows() {
  Value begin = func.getArgument(0), end = func.getArgument(1);
  columns = threadsAlong(gpu::Dimension::x);
  if (nests[0].op.getNumLoops() == 1) {
    emitNest(nests[0], rowsOf(nests[0], {}, end), begin, end);
    return;
  }
  SmallVector<Value> sizes(
      nests[0].operands.back().view.getSizes().drop_back());
  Threads rows = threadsAlong(gpu::Dimension::y);
  loop(add(begin, rows.number), end, rows.count, [&](Value row) {
    SmallVector<Value> outer = indicesOf(row, sizes);
    for (KernelNest &nest : nests)
      emitNest(nest, rowsOf(nest, outer, nest.innerSize), indexConstant(0),
               nest.innerSize);
  });
}

static unsigned numOps(Block &block) {
  unsigned count = 0;
  block.walk([&](Operation *op) { count += !isa<arith::ConstantOp>(op); });
  return count;
}

/// How many elements a thread computes at once.
unsigned GpuLoops::lanesOf(KernelNest &nest) {
  // What is strided is loaded element by element: neighbours by neighbours.
  auto isStrided = [](const NestOperand &operand) {
    return !operand.isIndex() && (operand.innerStride || operand.lineStride);
  };
  if (!isAligned || llvm::any_of(nest.operands, isStrided))
    return 1;
  unsigned widest = 8, accesses = 0;
  for (const NestOperand &operand : nest.operands) {
    if (!operand.moves || operand.isIndex())
      continue;
    widest = std::max(widest, operand.element().getIntOrFloatBitWidth());
    ++accesses;
  }
  unsigned lanes = 8 * kVectorBytes / widest;
  unsigned ops = numOps(*nest.op.getBody());
  while (lanes > 1 &&
         (lanes * ops > kMaxLaneOps || lanes * accesses > kMaxLaneAccesses))
    lanes /= 2;
  return lanes;
}

/// The loops over [begin, end) of the innermost dimension: vectors, then the
/// elements that are left.
void GpuLoops::emitNest(KernelNest &nest, ArrayRef<Value> rows, Value begin,
                        Value end) {
  unsigned lanes = lanesOf(nest);
  leastLanes = std::min(leastLanes, lanes);
  auto emitLoop = [&](Value from, Value to, unsigned lanes) {
    Value width = indexConstant(lanes);
    SmallVector<Value> fixed = broadcasts(nest, rows, lanes);
    loop(add(from, mul(columns.number, width)), to, mul(columns.count, width),
         [&](Value index) {
           emitVector(nest, rows, fixed, index, {lanes, nullptr});
         });
  };
  Value rest = begin;
  if (lanes > 1) {
    Value size = arith::SubIOp::create(b, end, begin);
    rest = arith::SubIOp::create(
        b, end, arith::RemUIOp::create(b, size, indexConstant(lanes)));
    emitLoop(begin, rest, lanes);
  }
  emitLoop(rest, end, 1);
}

/// Where element `index` of a row is.
Value GpuLoops::placeOf(const NestOperand &operand, Value index) {
  Value stride =
      operand.innerStride ? operand.innerStride : operand.lineStride;
  return stride ? mul(index, stride) : index;
}

static llvm::MaybeAlign alignmentOf(const NestOperand &operand,
                                    unsigned lanes) {
  unsigned bytes = lanes * operand.element().getIntOrFloatBitWidth() / 8;
  return llvm::MaybeAlign(std::min(bytes, kVectorBytes));
}

Value GpuLoops::load(const NestOperand &operand, Value row, Value index,
                     Lanes lanes) {
  if (lanes.count == 1)
    return memref::LoadOp::create(b, row, placeOf(operand, index));
  auto type = VectorType::get({lanes.count}, operand.element());
  return vector::LoadOp::create(b, type, row, ValueRange{index},
                                /*nontemporal=*/false,
                                alignmentOf(operand, lanes.count));
}

void GpuLoops::store(const NestOperand &operand, Value row, Value index,
                     Lanes lanes, Value value) {
  if (lanes.count == 1) {
    memref::StoreOp::create(b, value, row, placeOf(operand, index));
    return;
  }
  vector::StoreOp::create(b, value, row, ValueRange{index},
                          /*nontemporal=*/false,
                          alignmentOf(operand, lanes.count));
}

//===----------------------------------------------------------------------===//
// Kernels in a module of the GPU
//===----------------------------------------------------------------------===//

/// The arguments that the generics of `func` store to.
static llvm::SmallDenseSet<Value> storedArguments(func::FuncOp func) {
  llvm::SmallDenseSet<Value> stored;
  for (auto op : func.getBody().getOps<linalg::GenericOp>())
    for (Value output : op.getOutputs())
      if (auto view = output.getDefiningOp<memref::ReinterpretCastOp>())
        stored.insert(view.getSource());
  if (Value raised = raisedFlag(func))
    stored.insert(raised);
  return stored;
}

/// Marks what is only loaded: such loads may go through another cache.
static void markReadOnly(func::FuncOp func) {
  llvm::SmallDenseSet<Value> stored = storedArguments(func);
  for (BlockArgument argument : func.getArguments()) {
    unsigned number = argument.getArgNumber();
    if (func.getArgAttr(number, LLVM::LLVMDialect::getNoAliasAttrName()) &&
        !stored.contains(argument))
      func.setArgAttr(number, LLVM::LLVMDialect::getReadonlyAttrName(),
                      UnitAttr::get(func.getContext()));
  }
}

/// A kernel of the same name, arguments and body.
static void moveToGpu(func::FuncOp func, gpu::GPUModuleOp module) {
  auto builder = OpBuilder::atBlockEnd(module.getBody());
  auto kernel = gpu::GPUFuncOp::create(builder, func.getLoc(), func.getName(),
                                       func.getFunctionType());
  kernel->setAttr(gpu::GPUDialect::getKernelFuncAttrName(),
                  builder.getUnitAttr());
  kernel->setAttr(kLanesAttr, func->getAttr(kLanesAttr));
  if (ArrayAttr attributes = func.getAllArgAttrs())
    kernel.setAllArgAttrs(attributes);
  kernel.getBody().takeBody(func.getBody());
  Operation *terminator = kernel.getBody().front().getTerminator();
  builder.setInsertionPoint(terminator);
  gpu::ReturnOp::create(builder, func.getLoc());
  terminator->erase();
  func.erase();
}

gpu::GPUModuleOp fuser::lowerToGpu(ModuleOp module) {
  SmallVector<func::FuncOp> functions;
  for (auto func : module.getOps<func::FuncOp>())
    if (!func.isExternal())
      functions.push_back(func);
  for (func::FuncOp func : functions) {
    markReadOnly(func);
    GpuLoops loops(func);
    if (failed(loops.run()))
      return nullptr;
    func->setAttr(kLanesAttr, Builder(func.getContext())
                                  .getI32IntegerAttr(loops.lanes()));
  }
  auto builder = OpBuilder::atBlockEnd(module.getBody());
  auto kernels =
      gpu::GPUModuleOp::create(builder, module.getLoc(), kGpuModuleName);
  for (func::FuncOp func : functions)
    moveToGpu(func, kernels);
  return kernels;
}

namespace {
struct LinalgToGpuPass : fuser::impl::LinalgToGpuPassBase<LinalgToGpuPass> {
  void runOnOperation() override {
    if (!lowerToGpu(getOperation()))
      signalPassFailure();
  }
};
} // namespace
