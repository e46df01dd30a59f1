//===- Timing.h - times of calls --------------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_TIMING_H
#define FUSER_TOOLS_FUSER_RUNNER_TIMING_H

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

namespace fuser::runner {

/// Seconds that `body` takes.
template <class Body> double timeOf(Body &&body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

/// Times of the same thing, in seconds.
struct Timings {
  std::vector<double> seconds;

  int64_t count() const { return static_cast<int64_t>(seconds.size()); }
  double min() const {
    return seconds.empty() ? 0
                           : *std::min_element(seconds.begin(), seconds.end());
  }
  double median() const {
    if (seconds.empty())
      return 0;
    std::vector<double> sorted = seconds;
    auto middle = sorted.begin() + sorted.size() / 2;
    std::nth_element(sorted.begin(), middle, sorted.end());
    return *middle;
  }
};

/// `bytes` in `seconds`, in 1e9 bytes a second; 0 if there is no time.
inline double gigabytesPerSecond(int64_t bytes, double seconds) {
  return seconds > 0 ? static_cast<double>(bytes) / seconds * 1e-9 : 0;
}

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_TIMING_H
