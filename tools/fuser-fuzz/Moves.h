//===- Moves.h - where moved elements come from --------------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Interpreter and kernels share the code that makes pointers and strides of
// views. This is another one, element by element, for values that ops only
// move.
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_FUZZ_MOVES_H
#define FUSER_TOOLS_FUSER_FUZZ_MOVES_H

#include "Case.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace fuser::fuzz {

/// The representations of the elements of `value` in call number `call`, in
/// row-major order; nothing if any op computes it. `shapes` is shapesInCall.
std::optional<std::vector<uint64_t>> movedElements(const Case &program,
                                                   size_t call,
                                                   const NodeShapes &shapes,
                                                   Use value);

} // namespace fuser::fuzz

#endif // FUSER_TOOLS_FUSER_FUZZ_MOVES_H
