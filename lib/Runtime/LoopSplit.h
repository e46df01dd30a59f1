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

/// Work of less than two of these is faster on one thread. To wake another one,
/// to hand it what lies in this one's caches and to wait for it takes 1 to 3 us
/// (benchmarks/SplitBenchmark.cpp), in which a core moves this many bytes in
/// its caches.
constexpr int64_t kMinPartCost = int64_t(256) << 10;

/// More parts than threads, so that a thread that starts late or runs slowly
/// does not hold up the others.
constexpr int64_t kPartsPerThread = 4;

/// Parts of one row begin at multiples of this many elements: no two threads
/// write to one cache line of an aligned output, and every part keeps its
/// alignment.
constexpr int64_t kSplitElements = 1024;

/// The bytes that an element of `nest` loads and stores.
int64_t elementBytes(const PlannedNest &nest);

/// About how many bytes' time, 0.01 ns each, an element of `nest` takes where
/// it lies in a cache: what it loads and stores, and the weights of its
/// instructions at 0.015 ns each, or 0.04 ns with f64 or i64 among its
/// operands.
int64_t elementCost(const PlannedNest &nest);

/// Of how many rows parts should have a multiple so that no two threads store
/// to one cache line: rows of the stores of `nest` that are so far apart begin
/// at the same place of a line. From 1 to 64.
int64_t wholeLineRows(const PlannedNest &nest);

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
