//===- DType.h - element types ----------------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The element types of tensors, known alike to the dialect, the interpreter
// and the kernels.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_DTYPE_H
#define FUSERMATH_DTYPE_H

#include "FuserMath/Half.h"
#include <cstdint>

/// Every element type once: FUSER_DTYPE(name as in MLIR, C++ type).
/// `i1` is stored as one byte, 0 or 1; any other byte reads as true.
#define FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)                                      \
  FUSER_DTYPE(i1, bool)                                                        \
  FUSER_DTYPE(ui8, uint8_t)                                                    \
  FUSER_DTYPE(i8, int8_t)                                                      \
  FUSER_DTYPE(i16, int16_t)                                                    \
  FUSER_DTYPE(i32, int32_t)                                                    \
  FUSER_DTYPE(i64, int64_t)                                                    \
  FUSER_DTYPE(f16, ::fuser::Half)                                              \
  FUSER_DTYPE(bf16, ::fuser::BFloat16)                                         \
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

/// All of them, for messages.
inline constexpr char kDTypeNames[] =
    "i1, ui8, i8, i16, i32, i64, f16, bf16, f32 or f64";

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

constexpr bool isFloat(DType dtype) { return dtype >= DType::f16; }

/// True for f16 and bf16, which are computed as f32.
constexpr bool isHalf(DType dtype) {
  return dtype == DType::f16 || dtype == DType::bf16;
}

/// True for the integers that have a sign.
constexpr bool isSignedInteger(DType dtype) {
  return dtype >= DType::i8 && dtype <= DType::i64;
}

/// The dtype whose elements are of C++ type T.
template <class T> constexpr DType dtypeOfScalar();
#define FUSER_DTYPE(NAME, TYPE)                                                \
  template <> constexpr DType dtypeOfScalar<TYPE>() { return DType::NAME; }
FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE

} // namespace fuser

#endif // FUSERMATH_DTYPE_H
