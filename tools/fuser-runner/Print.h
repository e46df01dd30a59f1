//===- Print.h - tensors for people -----------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_PRINT_H
#define FUSER_TOOLS_FUSER_RUNNER_PRINT_H

#include "FuserRuntime/Tensor.h"
#include <string>

namespace fuser::runner {

/// The elements in nested brackets, a row a line; of a tensor with more than
/// 1,000 elements the first and last three along each dimension.
std::string elementsString(const runtime::Tensor &tensor);

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_PRINT_H
