//===- LoopSplit.h - cutting loops into parts for threads -------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_LOOPSPLIT_H
#define FUSER_LIB_RUNTIME_LOOPSPLIT_H

#include "FuserRuntime/LaunchPlan.h"
#include "FuserRuntime/Parallel.h"
#include <algorithm>

namespace fuser::runtime {

/// Work below this is not worth another thread: waking one takes about 1 us,
/// in which a core moves this many bytes.
constexpr int64_t kMinPartCost = int64_t(32) << 10;

/// More parts than threads, so that a thread that starts late or runs slowly
/// does not hold up the others.
constexpr int64_t kPartsPerThread = 4;

/// Parts of one row begin at multiples of this many elements: no two threads
/// write to one cache line of an aligned output, and every part keeps its
/// alignment.
constexpr int64_t kSplitElements = 1024;

/// About how many bytes' time an element of `nest` takes: what it loads and
/// stores, and a byte for each instruction.
int64_t elementCost(const PlannedNest &nest);

/// Into how many parts to cut work of `cost`, of which there are `units`
/// indivisible ones; 1 if it is better done inline.
int64_t chooseParts(int64_t cost, int64_t units, const ThreadPool &threads);

/// The range that part `part` of `parts` has of [0, extent), cut at multiples
/// of `unit`.
struct PartRange {
  PartRange(int64_t part, int64_t parts, int64_t extent, int64_t unit) {
    const int64_t units = (extent + unit - 1) / unit;
    begin = std::min(units * part / parts * unit, extent);
    end = std::min(units * (part + 1) / parts * unit, extent);
  }
  int64_t begin, end;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_LOOPSPLIT_H
