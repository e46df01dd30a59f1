//===- Value.h - what groups take and give -------------------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_VALUE_H
#define FUSERRUNTIME_VALUE_H

#include "FuserRuntime/Tensor.h"
#include <variant>
#include <vector>

namespace fuser::runtime {

/// What groups take and give: tensors and runtime scalars.
using Value = std::variant<Tensor, double, int64_t, bool>;

/// Inputs on entry, outputs on return; the last value is the top.
using Stack = std::vector<Value>;

} // namespace fuser::runtime

#endif // FUSERRUNTIME_VALUE_H
