//===- Environment.cpp - environment variables ----------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Environment.h"
#include "absl/strings/numbers.h"
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace fuser::runtime {

/// The number in variable `name`, from `min` to `max`, or `otherwise`.
static int readNumber(const char *name, int min, int max, int otherwise,
                      const char *valid) {
  const char *text = std::getenv(name);
  if (!text)
    return otherwise;
  int number;
  if (absl::SimpleAtoi(text, &number) && number >= min && number <= max)
    return number;
  std::fprintf(stderr, "fuser: %s=%s is ignored; set it to %s\n", name, text,
               valid);
  return otherwise;
}

static TierPolicy readTiers() {
  constexpr std::pair<std::string_view, TierPolicy> values[] = {
      {"async", TierPolicy::Async},
      {"sync", TierPolicy::Sync},
      {"1", TierPolicy::QuickOnly},
      {"2", TierPolicy::FinalOnly}};
  const char *text = std::getenv("FUSER_TIER");
  if (!text)
    return TierPolicy::Async;
  for (const auto &[name, policy] : values)
    if (text == name)
      return policy;
  std::fprintf(stderr,
               "fuser: FUSER_TIER=%s is ignored; set it to async, sync, 1 or "
               "2\n",
               text);
  return TierPolicy::Async;
}

static Environment readEnvironment() {
  Environment result;
  result.numThreads = readNumber("FUSER_NUM_THREADS", 1, 1024, 0,
                                 "a number of threads from 1 to 1024");
  result.cacheMiB = readNumber("FUSER_CACHE_MIB", 0, 1 << 24, -1,
                               "a number of MiB from 0 to 16777216");
  result.debug = readNumber("FUSER_DEBUG", 0, 2, 0, "0, 1 or 2");
  result.tiers = readTiers();
  result.emulateGpu = readNumber("FUSER_EMULATE_GPU", 0, 1, 0, "0 or 1") == 1;
  return result;
}

const Environment &environment() {
  static const Environment result = readEnvironment();
  return result;
}

} // namespace fuser::runtime
