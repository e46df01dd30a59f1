//===- Statistics.cpp - what a session has done ---------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Statistics.h"
#include <nlohmann/json.hpp>
#include <numeric>

namespace fuser::runtime {

double CompileTimes::totalMilliseconds() const {
  double total = 0;
  for (const auto &[stage, milliseconds] : stages)
    total += milliseconds;
  return total;
}

const char *tierName(Tier tier) { return tier == Tier::Quick ? "1" : "2"; }

const char *fallbackReasonName(FallbackReason reason) {
  switch (reason) {
  case FallbackReason::Requested:
    return "requested";
  case FallbackReason::Disabled:
    return "disabled";
  case FallbackReason::NoBackend:
    return "no_backend";
  case FallbackReason::CompileFailed:
    return "compile_failed";
  case FallbackReason::LaunchFailed:
    return "launch_failed";
  }
  return "unknown";
}

int64_t StatisticsSnapshot::totalFallbacks() const {
  return std::accumulate(fallbacks.begin(), fallbacks.end(), int64_t(0));
}

static nlohmann::ordered_json toJson(const CompileRecord &record) {
  nlohmann::ordered_json stages = nlohmann::ordered_json::object();
  for (const auto &[stage, milliseconds] : record.times.stages)
    stages[stage] = milliseconds;
  return {{"key", record.key},
          {"arg_spec", record.argSpec},
          {"new_in_key", record.newInKey},
          {"tier", tierName(record.tier)},
          {"background", record.isInBackground},
          {"milliseconds", record.times.totalMilliseconds()},
          {"stages", stages},
          {"error", record.error}};
}

static nlohmann::ordered_json toJson(const FallbackRecord &record) {
  return {{"key", record.key},
          {"reason", fallbackReasonName(record.reason)},
          {"count", record.count},
          {"message", record.message}};
}

static nlohmann::ordered_json toJson(const AllocatorStatistics &memory) {
  return {{"bytes_in_use", memory.bytesInUse},
          {"bytes_cached", memory.bytesCached},
          {"peak_bytes_in_use", memory.peakBytesInUse},
          {"hits", memory.hits},
          {"misses", memory.misses},
          {"bytes_reused", memory.bytesReused}};
}

template <class Record>
static nlohmann::ordered_json arrayOf(const std::vector<Record> &records) {
  nlohmann::ordered_json array = nlohmann::ordered_json::array();
  for (const Record &record : records)
    array.push_back(toJson(record));
  return array;
}

std::string StatisticsSnapshot::json() const {
  nlohmann::ordered_json byReason = nlohmann::ordered_json::object();
  for (int i = 0; i < kNumFallbackReasons; ++i)
    byReason[fallbackReasonName(static_cast<FallbackReason>(i))] = fallbacks[i];
  const nlohmann::ordered_json result = {
      {"registrations", registrations},
      {"specs", specs},
      {"hits", hits},
      {"misses", misses},
      {"compiled", {{"1", compiled[0]}, {"2", compiled[1]}}},
      {"swaps", swaps},
      {"launches", launches},
      {"interpreted_first", interpretedFirst},
      {"copies", copies},
      {"memory", toJson(memory)},
      {"device_memory", toJson(deviceMemory)},
      {"fallbacks", byReason},
      {"fallback_records", arrayOf(fallbackRecords)},
      {"compiles", arrayOf(compiles)}};
  // An error message may not be UTF-8: what is not becomes a mark.
  return result.dump(2, ' ', false,
                     nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace fuser::runtime
