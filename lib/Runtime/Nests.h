//===- Nests.h - pieces into nests, nests into loops ------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_NESTS_H
#define FUSER_LIB_RUNTIME_NESTS_H

#include "Outputs.h"

namespace fuser::runtime {

/// Fills in plan.nests: pieces of equal shape, those without elements left out,
/// in the order of their first piece, with coalesced dimensions; and
/// plan.copies: those that the nests read. InvalidArgument if an operand does
/// not broadcast to its piece.
absl::Status formNests(const KernelSpec &spec, const Shapes &shapes,
                       const PieceStores &stores, LaunchPlan &plan);

/// Fills in plan.loops from plan.nests.
void formLoops(LaunchPlan &plan);

/// Fills in what follows from the nests of `loop`.
void describeLoop(const LaunchPlan &plan, PlannedLoop &loop);

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_NESTS_H
