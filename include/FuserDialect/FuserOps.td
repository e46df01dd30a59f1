//===- FuserOps.td - all ops ---------------------------------- -*- tablegen -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERDIALECT_FUSEROPS_TD
#define FUSERDIALECT_FUSEROPS_TD

include "FuserDialect/Pointwise.td"
include "FuserDialect/Composite.td"
include "FuserDialect/Creation.td"
include "FuserDialect/Shape.td"
include "FuserDialect/Structure.td"

#endif // FUSERDIALECT_FUSEROPS_TD
