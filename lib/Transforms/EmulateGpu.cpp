//===- EmulateGpu.cpp - kernels of many threads as loops ------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserTransforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace fuser;

namespace fuser {
#define GEN_PASS_DEF_EMULATEGPUPASS
#include "FuserTransforms/Passes.h.inc"
} // namespace fuser

namespace {
/// A number for each of the dimensions x and y.
struct Pair {
  Value x, y;
};

/// Makes the function of one kernel.
class Emulation {
public:
  Emulation(gpu::GPUFuncOp kernel, ModuleOp into)
      : kernel(kernel),
        b(kernel.getLoc(), OpBuilder::atBlockEnd(into.getBody())) {}

  LogicalResult run();

private:
  void forEach(Pair count, function_ref<void(Pair)> body);
  LogicalResult emitThread(Pair block, Pair thread);

  gpu::GPUFuncOp kernel;
  ImplicitLocOpBuilder b;
  func::FuncOp func;
  Pair grid, block;
};
} // namespace

/// Loops over y and, in it, x.
void Emulation::forEach(Pair count, function_ref<void(Pair)> body) {
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value one = arith::ConstantIndexOp::create(b, 1);
  auto y = scf::ForOp::create(b, zero, count.y, one);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(y.getBody());
  auto x = scf::ForOp::create(b, zero, count.x, one);
  b.setInsertionPointToStart(x.getBody());
  body({x.getInductionVar(), y.getInductionVar()});
}

/// The kernel's body, in one thread.
LogicalResult Emulation::emitThread(Pair blockId, Pair threadId) {
  IRMapping mapping;
  for (BlockArgument argument : kernel.getArguments())
    mapping.map(argument, func.getArgument(argument.getArgNumber()));
  auto map = [&](auto op, Pair pair) {
    if (op.getDimension() == gpu::Dimension::z)
      return op.emitOpError("can't be emulated: kernels have no dimension z");
    mapping.map(op.getResult(),
                op.getDimension() == gpu::Dimension::x ? pair.x : pair.y);
    return InFlightDiagnostic();
  };
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    LogicalResult mapped = success();
    if (auto id = dyn_cast<gpu::ThreadIdOp>(op))
      mapped = map(id, threadId);
    else if (auto id = dyn_cast<gpu::BlockIdOp>(op))
      mapped = map(id, blockId);
    else if (auto dim = dyn_cast<gpu::BlockDimOp>(op))
      mapped = map(dim, block);
    else if (auto dim = dyn_cast<gpu::GridDimOp>(op))
      mapped = map(dim, grid);
    else
      b.clone(op, mapping);
    if (failed(mapped))
      return failure();
  }
  return success();
}

LogicalResult Emulation::run() {
  SmallVector<Type> types(kernel.getArgumentTypes());
  types.append(4, b.getIndexType());
  func = func::FuncOp::create(b, kernel.getName(), b.getFunctionType(types, {}));
  Block *body = func.addEntryBlock();
  auto last = body->getArguments().take_back(4);
  grid = {last[0], last[1]};
  block = {last[2], last[3]};
  b.setInsertionPointToStart(body);
  LogicalResult result = success();
  forEach(grid, [&](Pair blockId) {
    forEach(block,
            [&](Pair threadId) { result = emitThread(blockId, threadId); });
  });
  func::ReturnOp::create(b);
  return result;
}

LogicalResult fuser::emulateGpu(ModuleOp module) {
  SmallVector<gpu::GPUModuleOp> kernels(module.getOps<gpu::GPUModuleOp>());
  for (gpu::GPUModuleOp gpuModule : kernels) {
    for (auto kernel : gpuModule.getOps<gpu::GPUFuncOp>())
      if (failed(Emulation(kernel, module).run()))
        return failure();
    gpuModule.erase();
  }
  return success();
}

namespace {
struct EmulateGpuPass : fuser::impl::EmulateGpuPassBase<EmulateGpuPass> {
  void runOnOperation() override {
    if (failed(emulateGpu(getOperation())))
      signalPassFailure();
  }
};
} // namespace
