//===- Data.h - elements and layouts of arguments ------------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_FUZZ_DATA_H
#define FUSER_TOOLS_FUSER_FUZZ_DATA_H

#include "Case.h"
#include "Random.h"

namespace fuser::fuzz {

/// What the elements of an argument are like.
enum class Filling { Mixed, Small, Special, Bits };
inline constexpr int kNumFillings = 4;

/// The representation of a random element.
uint64_t randomElement(Random &random, DType dtype, Filling filling);

/// An argument of those sizes: dense, or in any other layout that strides can
/// say, with random elements.
Argument randomArgument(Random &random, DType dtype, const Dims &sizes,
                        Filling filling);

/// Strides that keep the elements apart, and the place of the first one.
struct Placement {
  Dims strides;
  int64_t offset = 0;
};
Placement randomDisjointPlacement(Random &random, const Dims &sizes);

/// True if `bits` represents a NaN; false for integers.
bool isNaN(DType dtype, uint64_t bits);

/// The element at `data`.
uint64_t loadElement(const std::byte *data, DType dtype);
void storeElement(std::byte *data, DType dtype, uint64_t bits);

/// The element as MLIR writes it in `dense<...>`.
std::string elementText(DType dtype, uint64_t bits);

/// The representations of 0 and 1.
uint64_t zeroOf(DType dtype);
uint64_t oneOf(DType dtype);

} // namespace fuser::fuzz

#endif // FUSER_TOOLS_FUSER_FUZZ_DATA_H
