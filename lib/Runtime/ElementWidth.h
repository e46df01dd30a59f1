//===- ElementWidth.h - element types by their size -------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_ELEMENTWIDTH_H
#define FUSER_LIB_RUNTIME_ELEMENTWIDTH_H

#include "FuserMath/DType.h"

namespace fuser::runtime {

#define FUSER_DTYPE(NAME, TYPE)                                                \
  static_assert(sizeof(TYPE) == 1 || sizeof(TYPE) == 2 || sizeof(TYPE) == 4 || \
                    sizeof(TYPE) == 8,                                         \
                "withElement has no case for the size of " #NAME);
FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE

/// Calls `action` with a value of an unsigned type as wide as `dtype`, which is
/// all that moving elements needs to know.
template <class Action> void withElement(DType dtype, Action &&action) {
  switch (dtypeSize(dtype)) {
  case 1:
    return action(uint8_t());
  case 2:
    return action(uint16_t());
  case 4:
    return action(uint32_t());
  case 8:
    return action(uint64_t());
  }
}

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_ELEMENTWIDTH_H
