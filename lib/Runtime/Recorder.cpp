//===- Recorder.cpp - counting what a session does ------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Recorder.h"
#include "Environment.h"
#include "absl/strings/str_cat.h"
#include <cstdio>

namespace fuser::runtime {

void Recorder::addRegistration(bool isNew) {
  increment(registrations);
  if (isNew)
    increment(specs);
}

void Recorder::addFallback(Group &group, FallbackReason reason,
                           const absl::Status &error) {
  increment(fallbacks[static_cast<std::size_t>(reason)]);
  if (environment().debug < 1)
    return;
  const uint32_t bit = uint32_t(1) << static_cast<int>(reason);
  if (group.reported.fetch_or(bit, std::memory_order_relaxed) & bit)
    return;
  const std::string line =
      absl::StrCat("fuser: group ", group.key,
                   " is interpreted: ", fallbackReasonName(reason),
                   error.ok() ? "" : ": ", error.message(), "\n");
  std::fputs(line.c_str(), stderr);
}

void Recorder::addCompile(CompileRecord record) {
  const bool isOk = record.error.empty();
  if (isOk)
    increment(numCompiled);
  if (environment().debug >= 2) {
    const std::string line =
        absl::StrCat("fuser: group ", record.key, " compiled for ",
                     record.argSpec, " in ", record.times.totalMilliseconds(),
                     " ms", isOk ? "" : ", failed: ", record.error, "\n");
    std::fputs(line.c_str(), stderr);
  }
  std::lock_guard<std::mutex> guard(lock);
  compiles.push_back(std::move(record));
}

StatisticsSnapshot Recorder::snapshot() const {
  StatisticsSnapshot result;
  result.registrations = load(registrations);
  result.specs = load(specs);
  result.released = load(released);
  result.plans = load(plans);
  result.hits = hits.total();
  result.misses = misses.total();
  result.evictions = load(evictions);
  result.launches = launches.total();
  result.copies = load(copies);
  for (int i = 0; i < kNumFallbackReasons; ++i)
    result.fallbacks[i] = load(fallbacks[i]);
  std::lock_guard<std::mutex> guard(lock);
  result.compiles = compiles;
  return result;
}

} // namespace fuser::runtime
