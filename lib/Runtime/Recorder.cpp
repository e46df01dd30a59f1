//===- Recorder.cpp - counting what a session does ------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Recorder.h"
#include "Environment.h"
#include "KeyDifference.h"
#include "absl/strings/str_cat.h"
#include <cstdio>

namespace fuser::runtime {

/// Records of one kind, at most.
static constexpr std::size_t kMaxRecords = 4096;

template <class Records> static void keepLatest(Records &records) {
  if (records.size() > kMaxRecords)
    records.pop_front();
}

void Recorder::addRegistration(bool isNew) {
  increment(registrations);
  if (isNew)
    increment(specs);
}

void Recorder::addFallback(Group &group, FallbackReason reason,
                           const absl::Status &error) {
  const std::size_t number = static_cast<std::size_t>(reason);
  increment(fallbacks[number]);
  if ((*group.fallbacks)[number].fetch_add(1, std::memory_order_relaxed) > 0)
    return;
  {
    std::lock_guard<std::mutex> guard(lock);
    fallbackRecords.emplace_back(
        FallbackRecord{group.key, reason, 0, std::string(error.message())},
        group.fallbacks);
    keepLatest(fallbackRecords);
  }
  if (environment().debug < 1)
    return;
  const std::string line =
      absl::StrCat("fuser: group ", group.key,
                   " is interpreted: ", fallbackReasonName(reason),
                   error.ok() ? "" : ": ", error.message(), "\n");
  std::fputs(line.c_str(), stderr);
}

/// How many kernels of a group a new one is compared with, at most.
static constexpr std::size_t kMaxCompared = 32;

void Recorder::addCompile(Group &group, CompileRecord record,
                          const ArgSpec &argSpec) {
  const bool isOk = record.error.empty();
  if (isOk)
    increment(numCompiled[static_cast<std::size_t>(record.tier)]);
  std::lock_guard<std::mutex> guard(lock);
  std::vector<ArgSpec> &earlier = group.compiled;
  const bool isNew = record.newInKey.empty();
  if (isNew)
    record.newInKey = whatIsNew(earlier, argSpec);
  if (isOk && isNew) {
    if (earlier.size() == kMaxCompared)
      earlier.erase(earlier.begin());
    earlier.push_back(argSpec);
  }
  if (environment().debug >= 2) {
    const std::string line =
        absl::StrCat("fuser: group ", record.key, " compiled for ",
                     record.argSpec, ", tier ", tierName(record.tier), ", in ",
                     record.times.totalMilliseconds(), " ms; ", record.newInKey,
                     isOk ? "" : "; failed: ", record.error, "\n");
    std::fputs(line.c_str(), stderr);
  }
  compiles.push_back(std::move(record));
  keepLatest(compiles);
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
  for (int i = 0; i < kNumTiers; ++i)
    result.compiled[i] = load(numCompiled[i]);
  result.swaps = load(swaps);
  result.interpretedFirst = load(interpretedFirst);
  result.launches = launches.total();
  result.copies = load(copies);
  for (int i = 0; i < kNumFallbackReasons; ++i)
    result.fallbacks[i] = load(fallbacks[i]);
  std::lock_guard<std::mutex> guard(lock);
  result.compiles.assign(compiles.begin(), compiles.end());
  for (const auto &[record, counts] : fallbackRecords) {
    result.fallbackRecords.push_back(record);
    result.fallbackRecords.back().count =
        load((*counts)[static_cast<std::size_t>(record.reason)]);
  }
  return result;
}

} // namespace fuser::runtime
