//===- Environment.h - environment variables --------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The only place that reads the environment. A value that is not valid is
// reported once on stderr, with those that are, and ignored.
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_ENVIRONMENT_H
#define FUSER_LIB_RUNTIME_ENVIRONMENT_H

#include "FuserRuntime/Session.h"

namespace fuser::runtime {

struct Environment {
  /// FUSER_NUM_THREADS, a positive number: threads of a session that does not
  /// say how many. 0 if not set.
  int numThreads = 0;
  /// FUSER_CACHE_MIB: MiB of freed outputs that a session keeps that does not
  /// say how much. -1 if not set.
  int cacheMiB = -1;
  /// FUSER_DEBUG: 0 nothing; 1 a line on stderr at the first fallback of each
  /// group for each reason; 2 a line for each compilation, too.
  int debug = 0;
  /// FUSER_TIER, "async", "sync", "1" or "2": of a session that does not say.
  TierPolicy tiers = TierPolicy::Async;
  /// FUSER_EMULATE_GPU, 0 or 1: see Interface.h.
  bool emulateGpu = false;
};

/// The environment as it was at the first call.
const Environment &environment();

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_ENVIRONMENT_H
