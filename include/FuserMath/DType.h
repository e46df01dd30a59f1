//===- DType.h - element types ----------------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The element types of tensors, known alike to the dialect, the interpreter
// and the kernels. This header depends on nothing.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_DTYPE_H
#define FUSERMATH_DTYPE_H

#include <cstdint>

/// Every element type once: FUSER_DTYPE(name as in MLIR, C++ type).
/// `i1` is stored as one byte, 0 or 1; any other byte reads as true.
#define FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)                                      \
  FUSER_DTYPE(i1, bool)                                                        \
  FUSER_DTYPE(ui8, uint8_t)                                                    \
  FUSER_DTYPE(i32, int32_t)                                                    \
  FUSER_DTYPE(i64, int64_t)                                                    \
  FUSER_DTYPE(f32, float)                                                      \
  FUSER_DTYPE(f64, double)

namespace fuser {

enum class DType : uint8_t {
#define FUSER_DTYPE(NAME, TYPE) NAME,
  FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
};

inline constexpr int kNumDTypes = 0
#define FUSER_DTYPE(NAME, TYPE) +1
    FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
    ;

/// The name of `dtype` as MLIR spells it, e.g. "f32" or "ui8".
constexpr const char *dtypeName(DType dtype) {
  switch (dtype) {
#define FUSER_DTYPE(NAME, TYPE)                                                \
  case DType::NAME:                                                            \
    return #NAME;
    FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
  }
  return "unknown";
}

/// The size of one element in bytes.
constexpr int64_t dtypeSize(DType dtype) {
  switch (dtype) {
#define FUSER_DTYPE(NAME, TYPE)                                                \
  case DType::NAME:                                                            \
    return sizeof(TYPE);
    FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
  }
  return 0;
}

constexpr bool isFloat(DType dtype) {
  return dtype == DType::f32 || dtype == DType::f64;
}

/// The dtype whose elements are of C++ type T.
template <class T> constexpr DType dtypeOfScalar();
#define FUSER_DTYPE(NAME, TYPE)                                                \
  template <> constexpr DType dtypeOfScalar<TYPE>() { return DType::NAME; }
FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE

} // namespace fuser

#endif // FUSERMATH_DTYPE_H
