//===- fuser-bench.cpp - a worker of benchmarks/bench.py ------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Holds one rival, fuser or C, and does what it is told: a request a line on
// stdin, a JSON object, and a reply a line on stdout. bench.py starts one such
// process for each rival and number of threads, and lets them take turns. The
// Python rivals (peers/worker.py) do the same.
//
//===----------------------------------------------------------------------===//

#include "CKernels.h"
#include "Peer.h"
#include "absl/strings/str_cat.h"
#include "tools/fuser-runner/Npy.h"
#include "tools/fuser-runner/Timing.h"
#include <cstdio>
#include <cstring>
#include <iostream>

using namespace fuser;
using namespace fuser::benchmarks;
using runtime::Tensor;

static const char kUsage[] = R"(Usage: fuser-bench fuser|fuser-fast|c THREADS

A worker of benchmarks/bench.py: reads requests from stdin, a JSON object a
line, and answers each with one on stdout.

  {"op": "prepare", "name": "P01", "program": "P01-bias-gelu.mlir",
   "inputs": ["x.npy", "bias.npy"],
   "outputs": [{"dtype": "f32", "sizes": [4096, 4096]}]}
  {"op": "measure", "mode": "fresh" | "given", "ms": 100}
  {"op": "save", "mode": "fresh" | "given", "files": ["y.npy"]}
  {"op": "release"}
  {"op": "version"}
  {"op": "bandwidth", "bytes": 268435456, "ms": 100}
)";

static absl::StatusOr<DType> parseDType(const std::string &name) {
  for (int i = 0; i < kNumDTypes; ++i)
    if (name == dtypeName(static_cast<DType>(i)))
      return static_cast<DType>(i);
  return absl::InvalidArgumentError(absl::StrCat("unknown dtype '", name, "'"));
}

static absl::StatusOr<Workload> parseWorkload(const Json &request) {
  Workload workload;
  workload.name = request.value("name", "");
  workload.program = request.value("program", "");
  workload.inputs = request.value("inputs", std::vector<std::string>());
  for (const Json &output : request.value("outputs", Json::array())) {
    auto dtype = parseDType(output.value("dtype", ""));
    if (!dtype.ok())
      return dtype.status();
    const auto sizes = output.value("sizes", std::vector<int64_t>());
    workload.outputs.push_back({*dtype, {sizes.begin(), sizes.end()}});
  }
  return workload;
}

static Mode parseMode(const Json &request) {
  return request.value("mode", "fresh") == "given" ? Mode::Given : Mode::Fresh;
}

/// Calls for about so many seconds and at least three times, after one that
/// does not count. Calls that are short against the clock are timed by the
/// hundred microseconds.
static absl::StatusOr<Json> measure(Peer &peer, Mode mode, double seconds) {
  constexpr double kShortest = 100e-6;
  absl::Status status;
  auto callOnce = [&] { status.Update(peer.call(mode)); };
  callOnce();
  const double once = runner::timeOf(callOnce);
  const int64_t batch =
      once >= kShortest / 2
          ? 1
          : std::max<int64_t>(1, kShortest / std::max(once, 10e-9));
  runner::Timings timings;
  const auto start = std::chrono::steady_clock::now();
  while (status.ok() &&
         (timings.count() < 3 || std::chrono::duration<double>(
                                     std::chrono::steady_clock::now() - start)
                                         .count() < seconds))
    timings.seconds.push_back(runner::timeOf([&] {
                                for (int64_t i = 0; i < batch; ++i)
                                  callOnce();
                              }) /
                              batch);
  if (!status.ok())
    return status;
  return Json{{"min_ms", timings.min() * 1e3},
              {"median_ms", timings.median() * 1e3},
              {"calls", timings.count() * batch},
              {"complaint", peer.complaint()}};
}

static absl::StatusOr<Json> save(Peer &peer, Mode mode,
                                 const std::vector<std::string> &files) {
  auto results = peer.results(mode);
  if (!results.ok())
    return results.status();
  if (results->size() != files.size())
    return absl::InvalidArgumentError(
        absl::StrCat("expected ", results->size(), " files"));
  auto allocator = runtime::createCachingAllocator(0);
  for (size_t i = 0; i < files.size(); ++i) {
    absl::Status status = runner::writeNpy(files[i], (*results)[i], *allocator);
    if (!status.ok())
      return status;
  }
  return Json{{"complaint", peer.complaint()}};
}

static Json bandwidth(int64_t bytes, double seconds) {
  Json result = Json::object();
  for (const Bandwidth &entry : measureBandwidth(bytes, seconds))
    result[absl::StrCat(entry.way, entry.hugePages ? ", huge pages" : "")] =
        entry.bytesPerSecond;
  return result;
}

static absl::StatusOr<Json> answer(Peer &peer, const Json &request) {
  const std::string op = request.value("op", "");
  const double seconds = request.value("ms", 100.0) * 1e-3;
  const Mode mode = parseMode(request);
  if (op == "prepare") {
    peer.release();
    auto workload = parseWorkload(request);
    if (!workload.ok())
      return workload.status();
    auto result = peer.prepare(*workload);
    if (!result.ok())
      return result;
    (*result)["modes"] = Json::array({"fresh"});
    if (peer.supports(Mode::Given))
      (*result)["modes"].push_back("given");
    return result;
  }
  if (op == "measure")
    return measure(peer, mode, seconds);
  if (op == "save")
    return save(peer, mode, request.value("files", std::vector<std::string>()));
  if (op == "version")
    return Json{{"version", peer.version()}};
  if (op == "bandwidth")
    return bandwidth(request.value("bytes", int64_t(1) << 28), seconds);
  if (op == "release") {
    peer.release();
    return Json::object();
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown op '", op, "'"));
}

int main(int argc, char **argv) {
  if (argc == 2 && std::strcmp(argv[1], "--help") == 0) {
    std::fputs(kUsage, stdout);
    return 0;
  }
  const std::string name = argc == 3 ? argv[1] : "";
  const int threads = argc == 3 ? std::atoi(argv[2]) : 0;
  const bool isFast = name == "fuser-fast";
  if (threads < 1 || (name != "c" && name != "fuser" && !isFast)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  auto peer = name == "c" ? createCPeer() : createFuserPeer(threads, isFast);
  for (std::string line; std::getline(std::cin, line);) {
    const Json request = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    absl::StatusOr<Json> reply =
        request.is_object()
            ? answer(*peer, request)
            : absl::InvalidArgumentError("expected a JSON object a line");
    if (!reply.ok())
      reply = Json{{"error", std::string(reply.status().message())}};
    std::cout << reply->dump() << std::endl;
  }
}
