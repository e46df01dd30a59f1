//===- Report.cpp - what a run has done, as text --------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace fuser::runner {

/// How many ops of a group are listed.
static constexpr size_t maxListedOps = 12;

int64_t Report::bytes() const {
  int64_t total = 0;
  for (const GroupReport &group : groups)
    total += group.bytes;
  return total;
}

Report::Kernels Report::kernelsOf(int64_t key) const {
  Kernels result;
  for (const runtime::CompileRecord &record : statistics.compiles) {
    if (record.key != key)
      continue;
    if (!record.error.empty()) {
      result.error = record.error;
      continue;
    }
    ++result.count;
    result.milliseconds += record.times.totalMilliseconds();
  }
  return result;
}

/// "1 kernel", "2 kernels"; `many` is the plural if it is not formed by an s.
static std::string counted(int64_t count, absl::string_view one,
                           absl::string_view many = "") {
  if (count == 1)
    return absl::StrCat(count, " ", one);
  return many.empty() ? absl::StrCat(count, " ", one, "s")
                      : absl::StrCat(count, " ", many);
}

static std::string sizeString(int64_t bytes) {
  if (bytes < 10000)
    return absl::StrCat(bytes, " B");
  if (bytes < 10000000)
    return absl::StrFormat("%.1f kB", static_cast<double>(bytes) * 1e-3);
  return absl::StrFormat("%.1f MB", static_cast<double>(bytes) * 1e-6);
}

/// "2 threads", or the name of the device.
static std::string placeString(const Report &report) {
  return report.device ? absl::StrCat("on ", report.device->name)
                       : counted(report.threads, "thread");
}

static void appendGroup(const Report &report, size_t index, std::string &out) {
  const GroupReport &group = report.groups[index];
  const size_t listed = std::min(group.ops.size(), maxListedOps);
  absl::StrAppend(
      &out, "  group ", index, ": ", counted(group.ops.size(), "op"), ": ",
      absl::StrJoin(group.ops.begin(), group.ops.begin() + listed, " "),
      listed < group.ops.size() ? " ..." : "");
  for (size_t i = 0; i < index; ++i)
    if (report.groups[i].key == group.key) {
      absl::StrAppend(&out, " -> as group ", i, "\n");
      return;
    }
  const Report::Kernels kernels = report.kernelsOf(group.key);
  absl::StrAppend(&out, " -> ", counted(kernels.count, "kernel"));
  if (kernels.count > 0)
    absl::StrAppendFormat(&out, ", compiled in %.2f ms", kernels.milliseconds);
  if (!kernels.error.empty())
    absl::StrAppend(&out, "\n    not compiled: ", kernels.error);
  absl::StrAppend(&out, "\n");
}

static void appendStatistics(const runtime::StatisticsSnapshot &statistics,
                             std::string &out) {
  absl::StrAppend(&out, "  kernel cache: ", counted(statistics.hits, "hit"),
                  ", ", counted(statistics.misses, "miss", "misses"), ", ",
                  counted(statistics.launches, "launch", "launches"));
  if (statistics.interpretedFirst > 0)
    absl::StrAppend(&out, ", ", counted(statistics.interpretedFirst, "call"),
                    " interpreted first");
  out += "\n";
  std::vector<std::string> reasons;
  for (int i = 0; i < runtime::kNumFallbackReasons; ++i)
    if (statistics.fallbacks[i] > 0)
      reasons.push_back(absl::StrCat(
          statistics.fallbacks[i], " ",
          fallbackReasonName(static_cast<runtime::FallbackReason>(i))));
  absl::StrAppend(&out, "  fallbacks: ",
                  reasons.empty() ? "none" : absl::StrJoin(reasons, ", "),
                  "\n");
}

static void appendStages(const runtime::StatisticsSnapshot &statistics,
                         std::string &out) {
  for (const runtime::CompileRecord &record : statistics.compiles) {
    absl::StrAppend(&out, "  compilation for group key ", record.key, ", tier ",
                    runtime::tierName(record.tier),
                    record.isInBackground ? " in the background, " : ", ",
                    record.argSpec, "\n    new in the key: ", record.newInKey,
                    "\n");
    for (const auto &[stage, milliseconds] : record.times.stages)
      absl::StrAppendFormat(&out, "    %-24s %9.3f ms\n", stage, milliseconds);
    absl::StrAppendFormat(&out, "    %-24s %9.3f ms\n", "total",
                          record.times.totalMilliseconds());
    if (!record.error.empty())
      absl::StrAppend(&out, "    failed: ", record.error, "\n");
  }
}

static void appendMemory(const runtime::AllocatorStatistics &memory,
                         std::string &out) {
  absl::StrAppend(&out, "  memory of outputs: ", sizeString(memory.bytesInUse),
                  " in use, ", sizeString(memory.peakBytesInUse), " at most, ",
                  sizeString(memory.bytesCached), " kept; ",
                  counted(memory.misses, "new block"), ", ",
                  counted(memory.hits, "reuse"), " of ",
                  sizeString(memory.bytesReused), "\n");
}

static void appendBenchmark(const Benchmark &bench, const Report &report,
                            std::string &out) {
  absl::StrAppendFormat(&out, "bench: %s in %.2f s, %s, outputs %s\n",
                        counted(bench.calls.count() * bench.callsEach, "call"),
                        bench.seconds, placeString(report),
                        bench.preallocated ? "preallocated"
                                           : "not preallocated");
  const auto row = [&](const std::string &name, const Timings &timings,
                       int64_t bytes) {
    absl::StrAppendFormat(
        &out, "  %s: min %.4f ms, %.2f GB/s; median %.4f ms, %.2f GB/s (%s)\n",
        name, timings.min() * 1e3, gigabytesPerSecond(bytes, timings.min()),
        timings.median() * 1e3, gigabytesPerSecond(bytes, timings.median()),
        sizeString(bytes));
  };
  row("call", bench.calls, bench.callBytes);
  if (bench.hostCalls.count() > 0)
    absl::StrAppendFormat(
        &out, "  launch, on the host: min %.4f ms; median %.4f ms\n",
        bench.hostCalls.min() * 1e3, bench.hostCalls.median() * 1e3);
  if (bench.copies.count() == 0) {
    absl::StrAppend(&out, "  copy: no memory to measure it\n");
    return;
  }
  row(absl::StrCat("copy, the fastest of ", bench.copyWays), bench.copies,
      bench.copyBytes);
  const auto percent = [&](double callTime, double copyTime) {
    return 100 * bench.callRate(callTime) / bench.copyRate(copyTime);
  };
  absl::StrAppendFormat(
      &out, "  %.1f %% of copy bandwidth (minimum), %.1f %% (median)%s\n",
      percent(bench.calls.min(), bench.copies.min()),
      percent(bench.calls.median(), bench.copies.median()),
      bench.callBytes < bench.copyBytes / 2
          ? "; the call moves less than the copy and may stay in caches"
          : "");
}

std::string reportText(const Report &report, bool stages) {
  std::string out = absl::StrCat(
      report.file, ": ", report.function, "(",
      absl::StrJoin(report.argumentTypes, ", "), ") -> (",
      absl::StrJoin(report.resultTypes, ", "), "), ",
      counted(report.groups.size(), "group"), ", ", placeString(report), "\n");
  for (size_t i = 0; i < report.groups.size(); ++i)
    appendGroup(report, i, out);
  absl::StrAppendFormat(&out, "  first call: %.3f ms, compiling included\n",
                        report.firstCall * 1e3);
  absl::StrAppendFormat(
      &out, "  warm call: %.4f ms (median of %d), %s moved, %.2f GB/s\n",
      report.warmCalls.median() * 1e3, report.warmCalls.count(),
      sizeString(report.bytes()),
      gigabytesPerSecond(report.bytes(), report.warmCalls.median()));
  appendStatistics(report.statistics, out);
  if (stages) {
    appendStages(report.statistics, out);
    appendMemory(report.statistics.memory, out);
  }
  if (report.benchmark)
    appendBenchmark(*report.benchmark, report, out);
  return out;
}

} // namespace fuser::runner
