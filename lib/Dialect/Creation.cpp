//===- Creation.cpp - ops that make tensors -------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserDialect/FuserDialect.h"

using namespace mlir;
using namespace fuser;

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }
