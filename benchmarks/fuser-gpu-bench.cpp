//===- fuser-gpu-bench.cpp - the workloads on a CUDA device ---------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Times the programs in workloads/ on the first CUDA device, beside copies of
// its memory, and what a call costs the host beside a bare cuLaunchKernel of
// the same kernel. Needs nothing but the device's driver. Every result is
// compared with the interpreter's.
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Compiler.h"
#include "FuserCompiler/Emulation.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "tools/fuser-runner/DeviceCopyBandwidth.h"
#include "tools/fuser-runner/Generate.h"
#include "tools/fuser-runner/Verify.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace fuser;
using namespace fuser::runner;
using runtime::CudaRuntime;
using runtime::Tensor;
using runtime::Value;
using Json = nlohmann::ordered_json;

static const char kUsage[] =
    R"(Usage: fuser-gpu-bench [--programs=DIR] [--only=P01,P02] [--seconds=N]
                       [--quick] [--json=FILE] [--list]

Times the programs of DIR (workloads) on the first CUDA device, each for N
seconds (1), and compares their results with the interpreter's. --quick: on
small tensors, for tests. --list: the types of their inputs, and nothing else. Exit
code 1 if something failed or was wrong.
)";

namespace {
/// A program and the types of its inputs: 64 MB and more are moved, and, for
/// tests, odd sizes.
struct Workload {
  const char *program, *inputs, *quickInputs;
};
} // namespace

static constexpr Workload kWorkloads[] = {
    {"P01-bias-gelu", "4096x4096xf32 4096xf32", "35x130xf32 130xf32"},
    {"P02-tanh-gelu", "16777216xf32", "1031xf32"},
    {"P03-lstm-cell",
     "8192x2048xf32 8192x2048xf32 2048xf32 2048xf32 8192x512xf32",
     "9x68xf32 9x68xf32 68xf32 68xf32 9x17xf32"},
    {"P04-swiglu", "2048x11264xf32", "9x42xf32"},
    {"P05-residual-gelu", "8192x4096xbf16 4096xbf16 4096xbf16 8192x4096xbf16",
     "35x130xbf16 130xbf16 130xbf16 35x130xbf16"},
    {"P06-concat", "8192x1024xf32 8192x1024xf32 8192x1024xf32 xf32",
     "35x19xf32 35x19xf32 35x19xf32 xf32"},
    {"P07-outer-broadcast", "4096x1xf32 1x4096xf32 4096x4096xf32",
     "35x1xf32 1x130xf32 35x130xf32"},
    {"P08-adam", "16777216xf32 16777216xf32 16777216xf32 16777216xf32",
     "1031xf32 1031xf32 1031xf32 1031xf32"},
    {"P09-normalise-image", "128x3x224x224xui8 3x1x1xf32 3x1x1xf32",
     "2x3x15x17xui8 3x1x1xf32 3x1x1xf32"},
    {"P10-masked-scale", "4096x4096xi1 4096x4096xf32", "35x130xi1 35x130xf32"},
    {"P11-black-scholes", "4194304xf64 4194304xf64 4194304xf64",
     "203xf64 203xf64 203xf64"},
    {"P12-long-chain", "4194304xf64 4194304xf64 4194304xf64",
     "201xf64 201xf64 201xf64"},
    {"P14-transposed-add", "4096x4096xf32 4096x4096xf32",
     "130x35xf32 35x130xf32"},
    {"P15-gelu-bf16", "33554432xbf16", "1031xbf16"},
    {"P16-integer-hash", "16777216xi32", "1031xi32"},
    {"P17-two-shapes", "4096x4096xf32", "35x130xf32"},
    {"P18-silu-f16", "33554432xf16", "1031xf16"},
    {"P19-log-add-exp", "16777216xf32 16777216xf32", "1031xf32 1031xf32"},
    {"P20-independent-outputs",
     "16777216xf32 16777216xf32 16777216xf32 16777216xf32",
     "1031xf32 1031xf32 1031xf32 1031xf32"},
};
/// What launches are timed with.
static constexpr Workload kSmall = {"P13-small-chain", "1024xf32 1024xf32",
                                    "1024xf32 1024xf32"};

namespace {
struct Options {
  std::string programs = "workloads", only, json;
  double seconds = 1;
  bool quick = false, list = false;
};

/// A program that is loaded, with its inputs here and on the device.
struct Prepared {
  std::optional<Program> program;
  const ProgramFunction *function = nullptr;
  std::vector<Value> hostInputs, inputs;
  /// Of the device, of a function of one call.
  std::vector<Value> callInputs;
  std::vector<Tensor> outputs;
  int64_t bytes = 0;
  std::vector<Tensor> results;
};

class Bench {
public:
  explicit Bench(const Options &options) : options(options) {}
  absl::Status open();
  Json run();
  bool hasFailed() const { return failed; }

private:
  absl::StatusOr<std::string> textOf(const Workload &workload) const;
  absl::Status readInputs(const Workload &workload, Prepared &made);
  absl::Status plan(Prepared &made);
  absl::StatusOr<Prepared> prepare(const Workload &workload, Json &report);
  absl::Status verify(const Workload &workload, const Prepared &prepared);
  absl::Status time(const Workload &workload, Json &report);
  absl::Status timeLaunches(Json &report);
  absl::Status call(const Prepared &prepared) const;
  Json describe() const;
  void tell(const Json &entry) const;

  const Options options;
  /// A new one for each workload, so that no kernel is there already.
  std::unique_ptr<Compiler> compiler;
  std::shared_ptr<CudaRuntime> cuda;
  OnDevice where;
  std::optional<DeviceTimer> timer;
  std::unique_ptr<Compiler> copyCompiler;
  std::optional<Program> copyProgram;
  std::optional<DeviceCopyBandwidth> copies;
  bool failed = false;
};

//===----------------------------------------------------------------------===//
// The last launch
//===----------------------------------------------------------------------===//

/// What cuLaunchKernel was called with last.
struct RecordedLaunch {
  runtime::CudaFunction function;
  unsigned gridX, gridY, blockX, blockY;
  std::vector<char> parameters;
};
} // namespace

static RecordedLaunch lastLaunch;
static bool isRecording = false;
static const runtime::CudaDriver *beneath = nullptr;

static runtime::CudaResult
recordAndLaunch(runtime::CudaFunction function, unsigned gridX, unsigned gridY,
                unsigned gridZ, unsigned blockX, unsigned blockY,
                unsigned blockZ, unsigned sharedBytes,
                runtime::CudaStream stream, void **parameters, void **extra) {
  if (isRecording) {
    // fuser passes a buffer, and its size.
    const auto *data = static_cast<const char *>(extra[1]);
    const size_t size = *static_cast<const size_t *>(extra[3]);
    lastLaunch = {function, gridX, gridY, blockX, blockY, {data, data + size}};
  }
  return beneath->cuLaunchKernel(function, gridX, gridY, gridZ, blockX, blockY,
                                 blockZ, sharedBytes, stream, parameters,
                                 extra);
}

static runtime::CudaResult launchAgain() {
  size_t bytes = lastLaunch.parameters.size();
  void *extra[] = {runtime::cudalaunch::kBuffer, lastLaunch.parameters.data(),
                   runtime::cudalaunch::kBufferSize, &bytes,
                   runtime::cudalaunch::kEnd};
  return beneath->cuLaunchKernel(
      lastLaunch.function, lastLaunch.gridX, lastLaunch.gridY, 1,
      lastLaunch.blockX, lastLaunch.blockY, 1, 0, nullptr, nullptr, extra);
}

/// The driver of the system, or the emulated one where FUSER_EMULATE_GPU says
/// so, with an eye on launches.
static absl::StatusOr<const runtime::CudaDriver *> findDriver() {
  const char *emulate = std::getenv("FUSER_EMULATE_GPU");
  if (emulate && std::strcmp(emulate, "1") == 0) {
    auto emulated = createEmulatedCuda();
    if (!emulated.ok())
      return emulated.status();
    beneath = &emulator::driver();
  } else {
    auto found = runtime::systemCudaDriver();
    if (!found.ok())
      return found.status();
    beneath = *found;
  }
  static runtime::CudaDriver watched = *beneath;
  watched.cuLaunchKernel = recordAndLaunch;
  return &watched;
}

//===----------------------------------------------------------------------===//
// One workload
//===----------------------------------------------------------------------===//

static runtime::SessionOptions
sessionOptions(std::shared_ptr<CudaRuntime> cuda) {
  runtime::SessionOptions options;
  options.tiers = runtime::TierPolicy::FinalOnly;
  options.cuda = std::move(cuda);
  return options;
}

absl::Status Bench::open() {
  auto driver = findDriver();
  if (!driver.ok())
    return driver.status();
  auto made = CudaRuntime::create(**driver);
  if (!made.ok())
    return made.status();
  cuda = *made;
  copyCompiler = std::make_unique<Compiler>(sessionOptions(cuda));
  auto opened = OnDevice::open(copyCompiler->session());
  if (!opened.ok())
    return opened.status();
  where = *opened;
  auto timerMade = DeviceTimer::create(where);
  if (!timerMade.ok())
    return timerMade.status();
  timer.emplace(std::move(*timerMade));
  auto program = copyCompiler->load(kCopyProgram, "copy.mlir");
  if (!program.ok())
    return program.status();
  copyProgram = *std::move(program);
  auto blocks = DeviceCopyBandwidth::create(
      options.quick ? 1 << 20 : 256 << 20, where,
      [this](const Tensor &from, const Tensor &to) {
        return copyProgram->run(copyProgram->functions()[0], {from}, {to});
      });
  if (!blocks.ok())
    return blocks.status();
  copies.emplace(*std::move(blocks));
  return absl::OkStatus();
}

absl::StatusOr<std::string> Bench::textOf(const Workload &workload) const {
  const std::string path =
      absl::StrCat(options.programs, "/", workload.program, ".mlir");
  std::ifstream file(path);
  std::stringstream text;
  if (!(text << file.rdbuf()))
    return absl::NotFoundError(absl::StrCat("cannot read ", path));
  return text.str();
}

absl::Status Bench::readInputs(const Workload &workload, Prepared &made) {
  uint64_t number = 0;
  for (absl::string_view type : absl::StrSplit(
           options.quick ? workload.quickInputs : workload.inputs, ' ')) {
    if (type.front() == 'x')
      type.remove_prefix(1); // no dimensions
    auto parsed = parseGeneratedType(type);
    if (!parsed.ok())
      return parsed.status();
    auto tensor = generate(Filling::Random, *parsed, /*seed=*/0, number++,
                           compiler->session().allocator());
    if (!tensor.ok())
      return tensor.status();
    made.hostInputs.push_back(*tensor);
  }
  auto moved = where.upload(made.hostInputs);
  if (!moved.ok())
    return moved.status();
  made.inputs = *std::move(moved);
  return absl::OkStatus();
}

/// What the calls move, and outputs for a single one.
absl::Status Bench::plan(Prepared &made) {
  const bool isSingle = made.function->calls.size() == 1;
  return made.program->forEachCall(
      *made.function, made.inputs,
      [&](const ProgramFunction::Call &call,
          absl::Span<const Value> values) -> absl::Status {
        auto plan = compiler->session().plan(call.key, values);
        if (!plan.ok())
          return plan.status();
        made.bytes += plan->bytes;
        if (!isSingle)
          return absl::OkStatus();
        made.callInputs.assign(values.begin(), values.end());
        for (const runtime::PlannedOutput &planned : plan->outputs) {
          auto output = call.site->allocate(planned, where.device());
          if (!output.ok())
            return output.status();
          made.outputs.push_back(*output);
        }
        return absl::OkStatus();
      });
}

absl::Status Bench::call(const Prepared &prepared) const {
  if (prepared.outputs.empty())
    return prepared.program->run(*prepared.function, prepared.inputs).status();
  return prepared.function->calls[0].site->run(prepared.callInputs,
                                               prepared.outputs);
}

/// The stages of all compilations together.
static Json stagesOf(const runtime::StatisticsSnapshot &statistics) {
  Json stages = Json::object();
  double toCode = 0, load = 0;
  for (const runtime::CompileRecord &record : statistics.compiles)
    for (const auto &[stage, milliseconds] : record.times.stages) {
      stages[stage] = stages.value(stage, 0.0) + milliseconds;
      (stage == "load" ? load : toCode) += milliseconds;
    }
  return {{"to_code_ms", toCode}, {"load_ms", load}, {"stages_ms", stages}};
}

absl::StatusOr<Prepared> Bench::prepare(const Workload &workload,
                                        Json &report) {
  const absl::StatusOr<std::string> text = textOf(workload);
  if (!text.ok())
    return text.status();
  compiler = std::make_unique<Compiler>(sessionOptions(cuda));
  Prepared made;
  if (absl::Status status = readInputs(workload, made); !status.ok())
    return status;
  absl::StatusOr<std::vector<Tensor>> results;
  const auto first = [&]() -> absl::Status {
    auto program = compiler->load(*text, workload.program);
    if (!program.ok())
      return program.status();
    made.program = *std::move(program);
    made.function = &made.program->functions()[0];
    results = made.program->run(*made.function, made.inputs);
    return results.ok() ? where.synchronize() : results.status();
  };
  absl::Status status;
  report["first_ms"] = timeOf([&] { status = first(); }) * 1e3;
  if (!status.ok())
    return status;
  report["compile"] = stagesOf(compiler->session().statistics());
  made.results = *std::move(results);
  if (status = plan(made); !status.ok())
    return status;
  report["groups"] = made.function->calls.size();
  report["bytes"] = made.bytes;
  return made;
}

/// Compares what the first call gave with every op interpreted by itself.
absl::Status Bench::verify(const Workload &workload, const Prepared &prepared) {
  const absl::StatusOr<std::string> text = textOf(workload);
  if (!text.ok())
    return text.status();
  LoadOptions alone;
  alone.maxOps = 1;
  auto reference = compiler->load(*text, workload.program, alone);
  if (!reference.ok())
    return reference.status();
  auto expected =
      reference->runFallback(reference->functions()[0], prepared.hostInputs);
  if (!expected.ok())
    return expected.status();
  runtime::Allocator &allocator = compiler->session().allocator();
  auto found = where.download(prepared.results, allocator);
  if (!found.ok())
    return found.status();
  const std::vector<std::string> names(found->size(), "result");
  auto verification = compareResults(*found, *expected, names, allocator);
  if (!verification.ok())
    return verification.status();
  return verification->equal() ? absl::OkStatus()
                               : absl::DataLossError(verification->str());
}

/// Calls and copies in turns.
absl::Status Bench::time(const Workload &workload, Json &report) {
  absl::StatusOr<Prepared> prepared = prepare(workload, report);
  if (!prepared.ok())
    return prepared.status();
  const auto work = [&] { return call(*prepared); };
  const auto each = timer->timesIn(0.005, work);
  if (!each.ok())
    return each.status();
  Timings calls, host;
  const auto start = std::chrono::steady_clock::now();
  do {
    const auto round = timer->time(work, *each);
    if (!round.ok())
      return round.status();
    calls.seconds.push_back(round->device);
    host.seconds.push_back(round->host);
    if (absl::Status status = copies->measure(*timer); !status.ok())
      return status;
  } while (
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count() < options.seconds);
  const double rate = gigabytesPerSecond(prepared->bytes, calls.min());
  const double copyRate =
      gigabytesPerSecond(copies->traffic(), copies->fastest().min());
  report["min_ms"] = calls.min() * 1e3;
  report["median_ms"] = calls.median() * 1e3;
  report["host_min_ms"] = host.min() * 1e3;
  report["gb_per_s"] = rate;
  report["copy_fraction"] = rate / copyRate;
  const int64_t fallbacks = compiler->session().statistics().totalFallbacks();
  report["fallbacks"] = fallbacks;
  if (fallbacks > 0)
    return absl::InternalError(
        absl::StrCat(fallbacks, " calls were interpreted"));
  return verify(workload, *prepared);
}

/// What a call costs the host beside cuLaunchKernel. Bursts are short, so that
/// no queue is full.
absl::Status Bench::timeLaunches(Json &report) {
  absl::StatusOr<Prepared> prepared = prepare(kSmall, report);
  if (!prepared.ok())
    return prepared.status();
  isRecording = true;
  absl::Status status = call(*prepared);
  isRecording = false;
  if (!status.ok())
    return status;
  if (prepared->outputs.empty() || !lastLaunch.function)
    return absl::InternalError("the small program is not one launch");
  const CudaRuntime::Binding binding(*cuda, where.device());
  status = binding.status();
  constexpr int64_t burst = 100;
  const auto bursts = [&](DeviceWork work, Timings &timings) {
    if (!status.ok())
      return;
    timings.seconds.push_back(timeOf([&] {
                                for (int64_t i = 0; i < burst && status.ok();
                                     ++i)
                                  status = work();
                              }) /
                              burst);
    status.Update(where.synchronize());
  };
  Timings calls, bare;
  for (int i = 0; i < (options.quick ? 20 : 500); ++i) {
    bursts([&] { return call(*prepared); }, calls);
    bursts([&] { return cuda->check(launchAgain(), "cuLaunchKernel"); }, bare);
  }
  report["call_min_us"] = calls.min() * 1e6;
  report["call_median_us"] = calls.median() * 1e6;
  report["bare_min_us"] = bare.min() * 1e6;
  report["bare_median_us"] = bare.median() * 1e6;
  report["overhead_min_us"] = (calls.min() - bare.min()) * 1e6;
  report["overhead_median_us"] = (calls.median() - bare.median()) * 1e6;
  if (status.ok())
    status = verify(kSmall, *prepared);
  return status;
}

//===----------------------------------------------------------------------===//
// All of them
//===----------------------------------------------------------------------===//

Json Bench::describe() const {
  const DeviceDescription &about = where.description();
  return {{"name", about.name},
          {"compute_capability", absl::StrCat(about.major, ".", about.minor)},
          {"multiprocessors", about.multiprocessors},
          {"driver_cuda_version", cudaVersionString(about.driverVersion)},
          {"emulated", about.isEmulated}};
}

static Json copyJson(const DeviceCopyBandwidth &copies) {
  const auto rate = [&](DeviceCopyBandwidth::Way way) {
    return gigabytesPerSecond(copies.traffic(), copies.timings(way).min());
  };
  return {{"bytes", copies.traffic()},
          {"cuMemcpyDtoDAsync_gb_per_s", rate(DeviceCopyBandwidth::Driver)},
          {"kernel_gb_per_s", rate(DeviceCopyBandwidth::ByKernel)}};
}

void Bench::tell(const Json &entry) const {
  if (entry.contains("error"))
    std::printf("%-26s failed: %s\n", entry["name"].get<std::string>().c_str(),
                entry["error"].get<std::string>().c_str());
  else if (entry.contains("call_min_us"))
    std::printf("%-26s call %.3f us, cuLaunchKernel %.3f us: %.3f us more\n",
                "launch", entry["call_min_us"].get<double>(),
                entry["bare_min_us"].get<double>(),
                entry["overhead_min_us"].get<double>());
  else
    std::printf("%-26s %9.4f ms %8.1f GB/s %6.1f %% of copy, compiled in %.0f "
                "+ %.0f ms\n",
                entry["name"].get<std::string>().c_str(),
                entry["min_ms"].get<double>(), entry["gb_per_s"].get<double>(),
                entry["copy_fraction"].get<double>() * 100,
                entry["compile"]["to_code_ms"].get<double>(),
                entry["compile"]["load_ms"].get<double>());
  std::fflush(stdout);
}

Json Bench::run() {
  Json workloads = Json::array();
  const auto add = [&](const char *name, auto &&measure) {
    const absl::string_view number = absl::string_view(name).substr(0, 3);
    if (!options.only.empty() && !absl::StrContains(options.only, number))
      return;
    Json entry = {{"name", name}};
    if (absl::Status status = measure(entry); !status.ok()) {
      entry["error"] = std::string(status.message());
      failed = true;
    }
    tell(entry);
    workloads.push_back(std::move(entry));
  };
  for (const Workload &workload : kWorkloads)
    add(workload.program, [&](Json &entry) { return time(workload, entry); });
  add(kSmall.program, [&](Json &entry) { return timeLaunches(entry); });
  return {{"device", describe()},
          {"quick", options.quick},
          {"copy", copyJson(*copies)},
          {"workloads", workloads}};
}

/// False for what it does not know.
static bool parse(int argc, char **argv, Options &options) {
  for (int i = 1; i < argc; ++i) {
    const absl::string_view argument = argv[i];
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(argument, absl::MaxSplits('=', 1));
    const auto &[name, value] = parts;
    if (argument == "--quick")
      options.quick = true;
    else if (argument == "--list")
      options.list = true;
    else if (name == "--programs")
      options.programs = std::string(value);
    else if (name == "--only")
      options.only = std::string(value);
    else if (name == "--json")
      options.json = std::string(value);
    else if (name != "--seconds" || !absl::SimpleAtod(value, &options.seconds))
      return false;
  }
  return true;
}

int main(int argc, char **argv) {
  Options options;
  if (argc == 2 && std::strcmp(argv[1], "--help") == 0) {
    std::fputs(kUsage, stdout);
    return 0;
  }
  if (!parse(argc, argv, options)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  if (options.list) {
    for (const Workload &workload : kWorkloads)
      std::printf("%s %s\n", workload.program,
                  options.quick ? workload.quickInputs : workload.inputs);
    return 0;
  }
  Bench bench(options);
  if (absl::Status status = bench.open(); !status.ok()) {
    std::fprintf(stderr, "fuser-gpu-bench: error: %s\n",
                 std::string(status.message()).c_str());
    return 1;
  }
  const Json report = bench.run();
  if (!options.json.empty() &&
      !(std::ofstream(options.json) << report.dump(2) << "\n")) {
    std::fprintf(stderr, "fuser-gpu-bench: error: cannot write %s\n",
                 options.json.c_str());
    return 1;
  }
  return bench.hasFailed() ? 1 : 0;
}
