//===- Random.h - reproducible random numbers ----------------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_FUZZ_RANDOM_H
#define FUSER_TOOLS_FUSER_FUZZ_RANDOM_H

#include <cstdint>

namespace fuser::fuzz {

/// A sequence of numbers that its seeds determine, on every machine. SplitMix64
/// (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// 2014).
class Random {
public:
  explicit Random(uint64_t seed, uint64_t stream = 0) : state(seed) {
    state = next() ^ (stream * 0xd1342543de82ef95u);
  }

  uint64_t next() {
    state += 0x9e3779b97f4a7c15u;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  /// A number in [0, bound); bound is at least 1.
  int64_t below(int64_t bound) {
    return static_cast<int64_t>(next() % static_cast<uint64_t>(bound));
  }
  /// A number in [low, high].
  int64_t between(int64_t low, int64_t high) {
    return low + below(high - low + 1);
  }
  /// True once in `n` times.
  bool oneIn(int64_t n) { return below(n) == 0; }

private:
  uint64_t state;
};

} // namespace fuser::fuzz

#endif // FUSER_TOOLS_FUSER_FUZZ_RANDOM_H
