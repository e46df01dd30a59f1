//===- Decompose.cpp - replace composites ---------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserTransforms/Passes.h"

using namespace mlir;
using namespace fuser;

namespace fuser {
#define GEN_PASS_DEF_DECOMPOSEPASS
#include "FuserTransforms/Passes.h.inc"
} // namespace fuser

void fuser::decompose(Operation *root) {
  root->walk([](CompositeOpInterface op) {
    OpBuilder builder(op);
    Value formula = op.decompose(builder);
    // The formula knows its shape, which the composite may have left open.
    formula.setType(op->getResult(0).getType());
    op->getResult(0).replaceAllUsesWith(formula);
    op.erase();
  });
}

namespace {
struct DecomposePass : fuser::impl::DecomposePassBase<DecomposePass> {
  void runOnOperation() override { decompose(getOperation()); }
};
} // namespace
