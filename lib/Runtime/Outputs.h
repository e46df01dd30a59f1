//===- Outputs.h - the outputs of one call ----------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_OUTPUTS_H
#define FUSER_LIB_RUNTIME_OUTPUTS_H

#include "FuserRuntime/LaunchPlan.h"
#include "Shapes.h"

namespace fuser::runtime {

/// Where each piece is stored, by piece.
using PieceStores = absl::InlinedVector<View, 2>;

/// Fills in plan.outputs, from the `given` ones if there are any, which it
/// checks, and cuts them into the `stores` of the pieces.
absl::Status planOutputs(const KernelSpec &spec, const Shapes &shapes,
                         absl::Span<const Tensor> given, LaunchPlan &plan,
                         PieceStores &stores);

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_OUTPUTS_H
