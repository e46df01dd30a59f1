//===- DTypeSwitch.h - code for each element type ---------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_DTYPESWITCH_H
#define FUSER_TOOLS_FUSER_RUNNER_DTYPESWITCH_H

#include "FuserMath/DType.h"
#include <cstdlib>
#include <type_traits>

namespace fuser::runner {

/// How elements of an element type lie in memory: i1 as a byte, of which any
/// but 0 is true.
template <DType type, class T> struct Stored {
  using Element = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;
  static constexpr DType dtype = type;
};

/// Decimal digits that tell the values of a float type apart.
template <class T>
inline constexpr int kDigits = sizeof(T) == 8   ? 17
                               : sizeof(T) == 4 ? 9
                                                : 5;

/// Calls `body(Stored<...>())` for `dtype`.
template <class Body> decltype(auto) switchDType(DType dtype, Body &&body) {
  switch (dtype) {
#define FUSER_DTYPE(NAME, TYPE)                                                \
  case DType::NAME:                                                            \
    return body(Stored<DType::NAME, TYPE>());
    FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
  }
  std::abort(); // not a DType
}

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_DTYPESWITCH_H
