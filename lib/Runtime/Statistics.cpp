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
          {"milliseconds", record.times.totalMilliseconds()},
          {"stages", stages},
          {"error", record.error}};
}

std::string StatisticsSnapshot::json() const {
  nlohmann::ordered_json byReason = nlohmann::ordered_json::object();
  for (int i = 0; i < kNumFallbackReasons; ++i)
    byReason[fallbackReasonName(static_cast<FallbackReason>(i))] = fallbacks[i];
  nlohmann::ordered_json records = nlohmann::ordered_json::array();
  for (const CompileRecord &record : compiles)
    records.push_back(toJson(record));
  const nlohmann::ordered_json result = {{"registrations", registrations},
                                         {"specs", specs},
                                         {"released", released},
                                         {"plans", plans},
                                         {"hits", hits},
                                         {"misses", misses},
                                         {"evictions", evictions},
                                         {"launches", launches},
                                         {"copies", copies},
                                         {"fallbacks", byReason},
                                         {"compiles", records}};
  // An error message may not be UTF-8: what is not becomes a mark.
  return result.dump(2, ' ', false,
                     nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace fuser::runtime
