//===- Promotion.h - the element types of mixed operands --------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// PyTorch's type promotion, for front ends: ops take operands of one element
// type, so whoever makes a program inserts the casts. The category counts
// first (bool < integer < float), then who has it: a tensor with dimensions, a
// 0-d tensor, a number, in this order.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_PROMOTION_H
#define FUSERMATH_PROMOTION_H

#include "FuserMath/DType.h"
#include <initializer_list>

namespace fuser {

/// The least dtype that both promote to, as torch.promote_types: the wider one
/// of one category, else the one of the higher category, whatever its width
/// (i64 and f16 give f16). Of ui8 and a signed integer it is the signed one
/// that holds both, of f16 and bf16 it is f32. Commutative and associative.
constexpr DType promoteTypes(DType a, DType b) {
  if (a > b)
    return promoteTypes(b, a);
  // Each category is in the order of its widths, but for two pairs that have
  // one width and no order.
  if (a == DType::ui8 && b == DType::i8)
    return DType::i16;
  if (a == DType::f16 && b == DType::bf16)
    return DType::f32;
  return b;
}

/// What an operand of an op is, in so far as promotion asks.
struct PromotionOperand {
  /// Who wins within a category, the strongest last.
  enum class Kind : uint8_t {
    Number, ///< a Python number
    ZeroDim,
    Tensor, ///< with one dimension or more, of whatever extents
  };

  static constexpr PromotionOperand tensor(DType dtype, int64_t rank) {
    return {rank == 0 ? Kind::ZeroDim : Kind::Tensor, dtype};
  }
  /// Python's bool, int and float.
  static constexpr PromotionOperand boolNumber() {
    return {Kind::Number, DType::i1};
  }
  static constexpr PromotionOperand intNumber() {
    return {Kind::Number, DType::i64};
  }
  static constexpr PromotionOperand floatNumber() {
    return {Kind::Number, DType::f64};
  }

  Kind kind;
  DType dtype; ///< of a number: any of its category
};

/// The dtype of what an op makes of `operands` (any range of them, or a braced
/// list), as torch.result_type for two and
/// torch._prims_common.elementwise_dtypes for any number of them. The strongest
/// operands of the highest category are promoted with each other, the others do
/// not matter. A number gives i1, i64 or `defaultFloat` where no tensor has its
/// category; no operands give i1.
template <class Operands = std::initializer_list<PromotionOperand>>
constexpr DType resultType(const Operands &operands,
                           DType defaultFloat = DType::f32) {
  using Kind = PromotionOperand::Kind;
  DType result = DType::i1;
  Kind strongest = Kind::Number;
  for (const PromotionOperand &operand : operands) {
    DType dtype = operand.dtype;
    if (operand.kind == Kind::Number && dtype != DType::i1)
      dtype = isFloat(dtype) ? defaultFloat : DType::i64;
    // Of two categories the higher one counts, of one the stronger operand.
    const int category = (dtype != DType::i1) + isFloat(dtype);
    const int highest = (result != DType::i1) + isFloat(result);
    const bool replaces =
        category > highest || (category == highest && operand.kind > strongest);
    const bool joins = category == highest && operand.kind == strongest;
    if (replaces)
      strongest = operand.kind;
    result = replaces ? dtype : joins ? promoteTypes(result, dtype) : result;
  }
  return result;
}

/// How an op derives its dtypes from those of its operands:
/// torch._prims_common.ELEMENTWISE_TYPE_PROMOTION_KIND, less what is for
/// complex numbers.
enum class PromotionKind : uint8_t {
  Default,    ///< as resultType: add, maximum, clamp, ...
  NoOpmath,   ///< the same, and f16 and bf16 are computed as such: select, ...
  IntToFloat, ///< integers and i1 give the default float: div, exp, sqrt, ...
  AlwaysBool, ///< i1: comparisons, is_nan, ...
  BoolToLong, ///< i1 gives i64: pow, sums, ...
};

/// The dtypes of an op on mixed operands: casting these to `compute`, computing
/// there and casting what comes out to `result` is what PyTorch does.
struct PromotedTypes {
  DType compute;
  DType result;
};

/// The dtype that `dtype` is computed in: f32 for f16 and bf16.
constexpr DType computeType(DType dtype) {
  return isHalf(dtype) ? DType::f32 : dtype;
}

/// As torch._prims_common.elementwise_dtypes; `operands` and `defaultFloat` as
/// for resultType.
template <class Operands = std::initializer_list<PromotionOperand>>
constexpr PromotedTypes promote(PromotionKind kind, const Operands &operands,
                                DType defaultFloat = DType::f32) {
  const DType common = resultType(operands, defaultFloat);
  switch (kind) {
  case PromotionKind::Default:
    break;
  case PromotionKind::NoOpmath:
    return {common, common};
  case PromotionKind::IntToFloat:
    if (!isFloat(common))
      return {computeType(defaultFloat), defaultFloat};
    break;
  case PromotionKind::AlwaysBool:
    return {computeType(common), DType::i1};
  case PromotionKind::BoolToLong:
    if (common == DType::i1)
      return {DType::i64, DType::i64};
    break;
  }
  return {computeType(common), common};
}

} // namespace fuser

#endif // FUSERMATH_PROMOTION_H
