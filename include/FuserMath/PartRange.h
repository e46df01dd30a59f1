//===- PartRange.h - where the parts of a concat lie ------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERMATH_PARTRANGE_H
#define FUSERMATH_PARTRANGE_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace fuser {

/// A part of a concat along its dimension: elements [begin, end) of `total`.
struct PartExtent {
  int64_t begin, end, total;
};

/// `size` elements from `first` on.
struct PartRange {
  int64_t first, size;
};

/// The range of a dimension of `extent` elements that lies beside the part
/// `wanted` of a concat: the rule of `fuser.part_like`, in its verifier and in
/// the runtime. The dimension is itself the part `own[i]` of `numOwn` other
/// concats that broadcast together. None if it does not broadcast with the
/// concat of `wanted`, or, if `exact`, would have to be repeated for it.
inline std::optional<PartRange> partRange(int64_t extent, PartExtent wanted,
                                          const PartExtent *own,
                                          std::size_t numOwn, bool exact) {
  // What the dimension is taken from, and where it lies in that.
  int64_t whole = extent, begin = 0, end = extent;
  bool isPart = false;
  for (std::size_t i = 0; i < numOwn; ++i) {
    if (own[i].total == 1) {
      // Such a concat repeats its only element: all or nothing is beside it.
      if (own[i].begin == own[i].end)
        return PartRange{0, 0};
      continue;
    }
    begin = isPart ? std::max(begin, own[i].begin) : own[i].begin;
    end = std::max(begin, isPart ? std::min(end, own[i].end) : own[i].end);
    whole = own[i].total;
    isPart = true;
  }
  // What was not cut before, as it repeats itself, is not cut now.
  if (isPart && extent != end - begin)
    return PartRange{0, extent};
  if (wanted.total == whole) {
    const int64_t first = std::max(begin, wanted.begin);
    const int64_t last = std::min(end, wanted.end);
    return first < last ? PartRange{first - begin, last - first}
                        : PartRange{0, 0};
  }
  if (whole == 1 && !exact)
    return PartRange{0, extent};
  if (wanted.total == 1)
    return PartRange{0, wanted.begin == wanted.end ? 0 : extent};
  return std::nullopt;
}

} // namespace fuser

#endif // FUSERMATH_PARTRANGE_H
