//===- Data.cpp - elements and layouts of arguments -----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include <algorithm>
#include <cstring>
#include <string_view>

using namespace fuser;
using namespace fuser::fuzz;

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

namespace {
/// How the bits of an element type are used; mantissa is 0 for integers.
struct Format {
  int width, mantissa;

  uint64_t all() const { return width == 64 ? ~0ull : (1ull << width) - 1; }
  uint64_t sign() const { return 1ull << (width - 1); }
  uint64_t infinity() const { return (sign() - 1) & ~((1ull << mantissa) - 1); }
  /// The exponent's bits of 2^power, a normal number.
  uint64_t power(int64_t power) const {
    const int64_t bias = (1ll << (width - 2 - mantissa)) - 1;
    return static_cast<uint64_t>(bias + power) << mantissa;
  }
};
} // namespace

static Format formatOf(DType dtype) {
  const int width = static_cast<int>(8 * dtypeSize(dtype));
  if (!isFloat(dtype))
    return {width, 0};
  if (width == 16)
    return {width, std::string_view(dtypeName(dtype)) == "bf16" ? 7 : 10};
  return {width, width == 32 ? 23 : 52};
}

static bool isUnsigned(DType dtype) {
  return std::string_view(dtypeName(dtype)).substr(0, 2) == "ui";
}

bool fuzz::isNaN(DType dtype, uint64_t bits) {
  const Format format = formatOf(dtype);
  return isFloat(dtype) && (bits & (format.sign() - 1)) > format.infinity();
}

uint64_t fuzz::zeroOf(DType) { return 0; }

uint64_t fuzz::oneOf(DType dtype) {
  return isFloat(dtype) ? formatOf(dtype).power(0) : 1;
}

uint64_t fuzz::loadElement(const std::byte *data, DType dtype) {
  uint64_t bits = 0;
  std::memcpy(&bits, data, dtypeSize(dtype));
  return bits;
}

void fuzz::storeElement(std::byte *data, DType dtype, uint64_t bits) {
  std::memcpy(data, &bits, dtypeSize(dtype));
}

std::string fuzz::elementText(DType dtype, uint64_t bits) {
  const Format format = formatOf(dtype);
  if (dtype == DType::i1)
    return bits ? "true" : "false";
  if (isFloat(dtype))
    return absl::StrFormat("0x%0*X", format.width / 4, bits);
  if (isUnsigned(dtype))
    return absl::StrCat(bits);
  const int shift = 64 - format.width;
  return absl::StrCat(static_cast<int64_t>(bits << shift) >> shift);
}

static uint64_t smallFloat(Random &random, const Format &format) {
  const uint64_t fraction = (1ull << format.mantissa) - 1;
  // Often a number of few digits, so that sums and comparisons are exact.
  const uint64_t mask =
      random.oneIn(2) ? fraction : fraction & ~(fraction >> 2);
  const uint64_t sign = random.oneIn(2) ? format.sign() : 0;
  if (random.oneIn(8))
    return sign;
  return sign | format.power(random.between(-4, 5)) | (random.next() & mask);
}

static uint64_t specialFloat(Random &random, const Format &format) {
  const uint64_t infinity = format.infinity(), least = 1ull << format.mantissa;
  const uint64_t sign = random.oneIn(2) ? format.sign() : 0;
  const uint64_t values[] = {
      0,
      0,
      1,            // the least subnormal
      least - 1,    // the largest one
      least,        // the least normal
      infinity - 1, // the largest number
      infinity,
      infinity | (least >> 1),                      // a quiet NaN
      infinity | 1 | (random.next() & (least - 1)), // any NaN
      format.power(0),
      format.power(0) - 1,
      format.power(0) + 1,
      format.power(-1),
      format.power(std::min(7, format.width - format.mantissa)),
      format.power(format.mantissa),
      format.power(format.width > 16 ? 31 : 8),
      format.power(format.width > 16 ? 63 : 15),
      format.power(format.width > 16 ? 6 : 3) | (least * 5 / 8)};
  return sign | values[random.below(std::size(values))];
}

static uint64_t specialInteger(Random &random, const Format &format) {
  const uint64_t values[] = {0,
                             0,
                             1,
                             ~0ull,
                             format.sign(),
                             format.sign() + 1,
                             format.sign() - 1,
                             static_cast<uint64_t>(format.width),
                             static_cast<uint64_t>(format.width - 1),
                             format.all() >> 2,
                             1ull << random.below(format.width)};
  return values[random.below(std::size(values))] & format.all();
}

uint64_t fuzz::randomElement(Random &random, DType dtype, Filling filling) {
  const Format format = formatOf(dtype);
  if (dtype == DType::i1) // Any byte but 0 is true.
    return random.oneIn(2) ? 0 : random.oneIn(16) ? random.between(1, 255) : 1;
  if (filling == Filling::Mixed)
    filling = random.oneIn(2) ? Filling::Small
                              : static_cast<Filling>(random.between(2, 3));
  switch (filling) {
  case Filling::Mixed:
  case Filling::Small:
    return isFloat(dtype)
               ? smallFloat(random, format)
               : static_cast<uint64_t>(random.between(-12, 12)) & format.all();
  case Filling::Special:
    return isFloat(dtype) ? specialFloat(random, format)
                          : specialInteger(random, format);
  case Filling::Bits:
    return random.next() & format.all();
  }
  return 0;
}

//===----------------------------------------------------------------------===//
// Layouts
//===----------------------------------------------------------------------===//

Placement fuzz::randomDisjointPlacement(Random &random, const Dims &sizes) {
  const int64_t rank = static_cast<int64_t>(sizes.size());
  Dims order(rank);
  for (int64_t i = 0; i < rank; ++i)
    order[i] = i;
  if (random.oneIn(2))
    for (int64_t i = rank; i-- > 1;)
      std::swap(order[i], order[random.below(i + 1)]);
  const bool isPadded = random.oneIn(2), isStepped = random.oneIn(3);
  Placement placement{Dims(rank), isPadded ? random.below(5) : 0};
  int64_t stride = 1;
  for (int64_t i = rank; i-- > 0;) {
    const int64_t dim = order[i];
    if (isStepped && random.oneIn(2))
      stride *= random.between(2, 3);
    placement.strides[dim] = stride;
    stride *=
        std::max<int64_t>(sizes[dim], 1) + (isPadded ? random.below(4) : 0);
  }
  // The stride of a dimension of size 1 means nothing.
  for (int64_t dim = 0; dim < rank; ++dim)
    if (sizes[dim] == 1 && random.oneIn(3))
      placement.strides[dim] = random.below(9);
  return placement;
}

/// Lets elements share their place: dimensions of stride 0, and windows that
/// overlap.
static void overlap(Random &random, Placement &placement) {
  for (int64_t &stride : placement.strides)
    if (random.oneIn(3))
      stride = random.oneIn(3) ? random.between(1, 3) : 0;
}

Argument fuzz::randomArgument(Random &random, DType dtype, const Dims &sizes,
                              Filling filling) {
  constexpr int64_t maxExtent = 200000;
  Argument argument{sizes, runtime::rowMajorStrides(sizes), 0, nullptr};
  if (!random.oneIn(2)) {
    Placement placement = randomDisjointPlacement(random, sizes);
    if (random.oneIn(3))
      overlap(random, placement);
    argument.strides = placement.strides;
    argument.offset = placement.offset;
  }
  if (storageExtent(argument) > maxExtent) {
    argument.strides = runtime::rowMajorStrides(sizes);
    argument.offset = 0;
  }
  // As long as needed and no longer, so that a sanitizer sees what is read
  // beyond.
  const int64_t extent = storageExtent(argument), size = dtypeSize(dtype);
  argument.storage = std::make_shared<std::vector<std::byte>>(extent * size);
  for (int64_t i = 0; i < extent; ++i)
    storeElement(&(*argument.storage)[i * size], dtype,
                 randomElement(random, dtype, filling));
  return argument;
}
