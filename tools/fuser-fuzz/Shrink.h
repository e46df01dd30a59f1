//===- Shrink.h - smaller programs that are as wrong ---------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_FUZZ_SHRINK_H
#define FUSER_TOOLS_FUSER_FUZZ_SHRINK_H

#include "Case.h"
#include <functional>

namespace fuser::fuzz {

struct ShrinkOptions {
  /// Programs to try at the most, and for how long. The result is the same on
  /// every machine unless time runs out.
  int64_t maxTries = 3000;
  double maxSeconds = 120;
};

/// True if a program still shows what is looked for.
using Interesting = std::function<bool(const Case &)>;

/// Makes `program`, which is interesting, smaller as long as it stays so: fewer
/// calls, outputs and ops, values in place of ops that compute them, smaller
/// sizes, dense layouts, elements that are 0 or 1. `isInteresting` gets valid
/// programs only.
Case shrink(Case program, const Interesting &isInteresting,
            const ShrinkOptions &options = {});

} // namespace fuser::fuzz

#endif // FUSER_TOOLS_FUSER_FUZZ_SHRINK_H
