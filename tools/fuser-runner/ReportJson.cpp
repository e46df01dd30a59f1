//===- ReportJson.cpp - what a run has done, as JSON ----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include <nlohmann/json.hpp>

using Json = nlohmann::ordered_json;

namespace fuser::runner {

static Json toJson(const Timings &timings, int64_t bytes) {
  return {{"count", timings.count()},
          {"min_ms", timings.min() * 1e3},
          {"median_ms", timings.median() * 1e3},
          {"bytes", bytes},
          {"min_gb_per_s", gigabytesPerSecond(bytes, timings.min())},
          {"median_gb_per_s", gigabytesPerSecond(bytes, timings.median())}};
}

static Json toJson(const Benchmark &bench) {
  Json result = {{"seconds", bench.seconds},
                 {"outputs_preallocated", bench.preallocated},
                 {"call", toJson(bench.calls, bench.callBytes)},
                 {"copy", nullptr}};
  if (bench.hostCalls.count() > 0) {
    result["calls_per_timing"] = bench.callsEach;
    result["launch_min_ms"] = bench.hostCalls.min() * 1e3;
    result["launch_median_ms"] = bench.hostCalls.median() * 1e3;
  }
  if (bench.copies.count() == 0)
    return result;
  result["copy"] = toJson(bench.copies, bench.copyBytes);
  result["copy_fraction"] = {
      {"min",
       bench.callRate(bench.calls.min()) / bench.copyRate(bench.copies.min())},
      {"median", bench.callRate(bench.calls.median()) /
                     bench.copyRate(bench.copies.median())}};
  return result;
}

static Json toJson(const Verification &verification) {
  return {{"equal", verification.equal()},
          {"results", verification.results},
          {"elements", verification.elements},
          {"mismatches", verification.mismatches},
          {"max_ulp", verification.maxUlp},
          {"first_mismatches", verification.lines}};
}

static Json deviceJson(const Report &report) {
  if (!report.device)
    return {{"type", "cpu"}};
  const DeviceDescription &device = *report.device;
  return {{"type", "cuda"},
          {"name", device.name},
          {"compute_capability",
           std::to_string(device.major) + "." + std::to_string(device.minor)},
          {"multiprocessors", device.multiprocessors},
          {"driver_cuda_version", cudaVersionString(device.driverVersion)},
          {"emulated", device.isEmulated}};
}

static Json groupsJson(const Report &report) {
  Json groups = Json::array();
  for (const GroupReport &group : report.groups) {
    const Report::Kernels kernels = report.kernelsOf(group.key);
    groups.push_back({{"key", group.key},
                      {"ops", group.ops},
                      {"bytes", group.bytes},
                      {"kernels", kernels.count},
                      {"compile_ms", kernels.milliseconds},
                      {"error", kernels.error}});
  }
  return groups;
}

std::string reportJson(const Report &report) {
  Json result = {{"file", report.file},
                 {"function", report.function},
                 {"arguments", report.argumentTypes},
                 {"results", report.resultTypes},
                 {"threads", report.threads},
                 {"device", deviceJson(report)},
                 {"groups", groupsJson(report)},
                 {"first_call_ms", report.firstCall * 1e3},
                 {"warm_call", toJson(report.warmCalls, report.bytes())},
                 {"session", Json::parse(report.statistics.json(), nullptr,
                                         /*allow_exceptions=*/false)}};
  if (report.benchmark)
    result["bench"] = toJson(*report.benchmark);
  if (report.verification)
    result["verification"] = toJson(*report.verification);
  // The name of a file may not be UTF-8: what is not becomes a mark.
  return result.dump(2, ' ', false, Json::error_handler_t::replace);
}

} // namespace fuser::runner
