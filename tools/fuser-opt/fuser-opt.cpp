//===- fuser-opt.cpp - runs passes on fuser programs ----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserTransforms/Passes.h"
#include "FuserTransforms/Pipelines.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  fuser::registerKernelDialects(registry);
  fuser::registerFuserPasses();
  fuser::registerFuserPipelines();
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  mlir::registerSymbolDCEPass();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv,
      "fuser-opt: runs fuser's passes and pipelines\n\n"
      "  fuser-opt --fuser-decompose --fuser-form-groups program.mlir\n"
      "  fuser-opt --fuser-partition-pipeline program.mlir\n"
      "  fuser-opt --fuser-explain program.mlir -o /dev/null\n"
      "  fuser-opt --fuser-cpu-pipeline='inputs=4096x4096xf32' program.mlir\n",
      registry));
}
