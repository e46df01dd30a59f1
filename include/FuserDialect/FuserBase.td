//===- FuserBase.td - what all ops have in common ------------- -*- tablegen -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERDIALECT_FUSERBASE_TD
#define FUSERDIALECT_FUSERBASE_TD

include "FuserDialect/FuserDialect.td"
include "FuserDialect/FuserInterfaces.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Fuser_Op<string mnemonic, list<Trait> traits = []>
    : Op<Fuser_Dialect, mnemonic, !listconcat([Pure], traits)>;

// Two operands or results have the same element type. /*pointwise_c2*/
class SameTypeElements<string a, string b>
    : AllElementTypesMatch<[a, b]>;

#endif // FUSERDIALECT_FUSERBASE_TD
