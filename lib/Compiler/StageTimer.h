//===- StageTimer.h - the times of a compilation ----------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_COMPILER_STAGETIMER_H
#define FUSER_LIB_COMPILER_STAGETIMER_H

#include "FuserRuntime/FusedKernel.h"
#include <chrono>

namespace fuser {

/// Adds the time from one stage's end to the next to a list.
class StageTimer {
public:
  explicit StageTimer(runtime::CompileTimes &times) : times(times) {}
  void finished(const char *stage) {
    auto now = std::chrono::steady_clock::now();
    times.stages.emplace_back(
        stage, std::chrono::duration<double, std::milli>(now - last).count());
    last = now;
  }

private:
  runtime::CompileTimes &times;
  std::chrono::steady_clock::time_point last = std::chrono::steady_clock::now();
};

} // namespace fuser

#endif // FUSER_LIB_COMPILER_STAGETIMER_H
