//===- Verify.cpp - fused against op by op --------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Verify.h"
#include "DTypeSwitch.h"
#include "FuserMath/Cast.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include <algorithm>
#include <cmath>
#include <cstring>

using fuser::runtime::Tensor;

namespace fuser::runner {

static constexpr size_t maxLines = 5;

template <class T> static uint64_t bitsOf(T value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  return bits;
}

/// Where `value` stands among all values of its type, in order; -0 and +0 are
/// one.
template <class T> static int64_t ordinal(T value) {
  const uint64_t sign = uint64_t(1) << (8 * sizeof(T) - 1);
  const int64_t magnitude = static_cast<int64_t>(bitsOf(value) & (sign - 1));
  return bitsOf(value) & sign ? -magnitude : magnitude;
}

template <class Stored, class T> static bool areEqual(T a, T b) {
  if constexpr (isFloat(Stored::dtype))
    return bitsOf(a) == bitsOf(b) || (std::isnan(math::fromElement(a)) &&
                                      std::isnan(math::fromElement(b)));
  else if constexpr (Stored::dtype == DType::i1)
    return (a != 0) == (b != 0);
  else
    return a == b;
}

template <class Stored, class T> static std::string describe(T value) {
  const int digits = 2 * sizeof(T);
  if constexpr (isFloat(Stored::dtype))
    return absl::StrFormat("%.*g (0x%0*x)", kDigits<T>,
                           math::fromElement(value), digits, bitsOf(value));
  else
    return absl::StrFormat("%d (0x%0*x)", static_cast<int64_t>(value), digits,
                           bitsOf(value));
}

/// The index of row-major element `position`: "[3, 5]".
static std::string indexString(int64_t position,
                               absl::Span<const int64_t> sizes) {
  runtime::Dims index(sizes.size());
  for (size_t dim = sizes.size(); dim-- > 0; position /= sizes[dim])
    index[dim] = position % sizes[dim];
  return runtime::shapeString(index);
}

template <class Stored>
static void compareElements(const Tensor &found, const Tensor &expected,
                            const std::string &name, Verification &result) {
  using T = typename Stored::Element;
  const T *a = found.dataAs<T>(), *b = expected.dataAs<T>();
  for (int64_t i = 0, e = found.numElements(); i < e; ++i) {
    if (areEqual<Stored>(a[i], b[i]))
      continue;
    ++result.mismatches;
    std::string distance;
    if constexpr (std::is_floating_point_v<T>) {
      if (!std::isnan(a[i]) && !std::isnan(b[i])) {
        const uint64_t ulp = static_cast<uint64_t>(ordinal(a[i])) -
                             static_cast<uint64_t>(ordinal(b[i]));
        const uint64_t size = std::min(ulp, uint64_t(0) - ulp);
        result.maxUlp = std::max(result.maxUlp, size);
        distance = absl::StrCat(", ", size, " ulp apart");
      }
    }
    if (result.lines.size() < maxLines)
      result.lines.push_back(absl::StrCat(
          name, indexString(i, found.sizes()), ": ", describe<Stored>(a[i]),
          ", op by op ", describe<Stored>(b[i]), distance));
  }
}

absl::StatusOr<Verification> compareResults(absl::Span<const Tensor> found,
                                            absl::Span<const Tensor> expected,
                                            absl::Span<const std::string> names,
                                            runtime::Allocator &allocator) {
  if (found.size() != expected.size())
    return absl::InternalError(absl::StrCat("fused there are ", found.size(),
                                            " results, op by op ",
                                            expected.size()));
  Verification result;
  result.results = static_cast<int64_t>(found.size());
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i].dtype() != expected[i].dtype() ||
        found[i].sizes() != expected[i].sizes())
      return absl::InternalError(absl::StrCat(
          names[i], " is a tensor<", found[i].typeString(),
          "> fused and a tensor<", expected[i].typeString(), "> op by op"));
    const absl::StatusOr<Tensor> a = found[i].contiguous(allocator);
    const absl::StatusOr<Tensor> b = expected[i].contiguous(allocator);
    if (!a.ok() || !b.ok())
      return a.ok() ? b.status() : a.status();
    result.elements += a->numElements();
    switchDType(a->dtype(), [&](auto stored) {
      compareElements<decltype(stored)>(*a, *b, names[i], result);
    });
  }
  return result;
}

std::string Verification::str() const {
  if (equal())
    return absl::StrCat("verified: ", elements, " elements of ", results,
                        " results equal bit for bit");
  return absl::StrCat("not equal: ", mismatches, " of ", elements,
                      " elements of ", results, " results differ, by up to ",
                      maxUlp, " ulp\n  ", absl::StrJoin(lines, "\n  "));
}

} // namespace fuser::runner
