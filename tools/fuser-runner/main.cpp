//===- main.cpp - runs a tensor program, fused ----------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Compiler.h"
#include "FuserRuntime/Parallel.h"
#include "Inputs.h"
#include "Npy.h"
#include "OnDevice.h"
#include "Options.h"
#include "Print.h"
#include "Report.h"
#include "absl/strings/str_cat.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace fuser;
using namespace fuser::runner;
using runtime::Tensor;
using runtime::Value;

static TargetOptions targetOf(const Options &options) {
  TargetOptions target;
  target.cpu = options.cpu;
  if (!options.gpuArch.empty())
    target.gpuArch = options.gpuArch;
  target.ptx = options.ptx;
  return target;
}

namespace {
/// One run of a function, step by step.
class Run {
public:
  Run(const Options &options, runtime::SessionOptions sessionOptions)
      : options(options),
        compiler(std::move(sessionOptions), targetOf(options)),
        text(options.stats == StatsMode::Json ||
                     options.explain == ExplanationMode::Json
                 ? llvm::errs()
                 : llvm::outs()) {}

  /// Does all that the options ask for; the exit code.
  absl::StatusOr<int> run();

private:
  absl::StatusOr<Program> load(const LoadOptions &loadOptions);
  absl::Status emit();
  absl::Status enterDevice();
  absl::StatusOr<std::vector<Tensor>> call();
  absl::Status callFirst();
  absl::Status callAgain();
  absl::Status benchmark();
  absl::Status verify();
  absl::Status writeOutputs();
  void printResults();
  void printReport();

  const Options &options;
  Compiler compiler;
  llvm::raw_ostream &text;
  std::unique_ptr<llvm::MemoryBuffer> source;
  std::optional<Program> program;
  const ProgramFunction *function = nullptr;
  OnDevice where;
  /// On the host, and where calls run.
  std::vector<Value> hostInputs, inputs;
  std::vector<Tensor> results; ///< on the host
  std::vector<std::string> resultNames;
  Report report;
};
} // namespace

absl::StatusOr<Program> Run::load(const LoadOptions &loadOptions) {
  absl::StatusOr<Program> loaded =
      compiler.load({source->getBufferStart(), source->getBufferSize()},
                    options.file, loadOptions);
  if (!loaded.ok())
    return absl::InvalidArgumentError(absl::StrCat("'", options.file,
                                                   "' is not a valid program\n",
                                                   loaded.status().message()));
  return loaded;
}

absl::Status Run::emit() {
  const absl::StatusOr<std::string> kernels =
      compiler.emit(*program, *function, hostInputs, *options.emit);
  if (kernels.ok())
    llvm::outs() << *kernels;
  return kernels.status();
}

/// Finds the device, and copies the inputs there.
absl::Status Run::enterDevice() {
  if (options.onCuda) {
    absl::StatusOr<OnDevice> found = OnDevice::open(compiler.session());
    if (!found.ok())
      return absl::Status(
          found.status().code(),
          absl::StrCat("--device=cuda: ", found.status().message()));
    where = *std::move(found);
    report.device = where.description();
  }
  absl::StatusOr<std::vector<Value>> moved = where.upload(hostInputs);
  if (!moved.ok())
    return moved.status();
  inputs = *std::move(moved);
  return absl::OkStatus();
}

/// A call, until its results are there.
absl::StatusOr<std::vector<Tensor>> Run::call() {
  auto computed = program->run(*function, inputs);
  if (absl::Status status = where.synchronize(); computed.ok() && !status.ok())
    return status;
  return computed;
}

absl::Status Run::callFirst() {
  absl::StatusOr<std::vector<Tensor>> first;
  report.firstCall = timeOf([&] { first = call(); });
  if (first.ok())
    first = where.download(*first, compiler.session().allocator());
  if (!first.ok())
    return first.status();
  results = std::move(*first);
  report.file = options.file;
  report.function = function->name;
  report.threads = compiler.session().threads().numThreads();
  for (const Value &input : inputs)
    report.argumentTypes.push_back(typeString(input));
  for (const Tensor &result : results)
    report.resultTypes.push_back(typeString(result));
  resultNames = makeResultNames(*function);
  return absl::OkStatus();
}

/// A few calls more, and what they move.
absl::Status Run::callAgain() {
  compiler.session().waitForCompilations();
  double spent = 0;
  while (report.warmCalls.count() < 5 && spent < 1) {
    absl::Status status;
    const double time = timeOf([&] { status = call().status(); });
    if (!status.ok())
      return status;
    report.warmCalls.seconds.push_back(time);
    spent += time;
  }
  report.statistics = compiler.session().statistics();
  return absl::OkStatus();
}

absl::Status Run::benchmark() {
  const absl::StatusOr<Traffic> traffic =
      measureTraffic(*program, *function, inputs, compiler.session());
  if (!traffic.ok())
    return traffic.status();
  for (size_t i = 0; i < function->calls.size(); ++i)
    report.groups.push_back({function->calls[i].key, function->calls[i].ops,
                             traffic->callBytes[i]});
  if (!options.benchSeconds)
    return absl::OkStatus();
  absl::StatusOr<Benchmark> measured =
      where.isHost()
          ? runBenchmark(*program, *function, inputs, *traffic,
                         compiler.session(), *options.benchSeconds)
          : runDeviceBenchmark(*program, *function, inputs, *traffic, compiler,
                               where, *options.benchSeconds);
  if (measured.ok())
    report.benchmark = std::move(*measured);
  return measured.status();
}

absl::Status Run::verify() {
  LoadOptions alone;
  alone.fast = options.fast;
  if (!alone.fast)
    alone.maxOps = 1; // Fast results depend on what is fused.
  const absl::StatusOr<Program> reference = load(alone);
  if (!reference.ok())
    return reference.status();
  const absl::StatusOr<const ProgramFunction *> same =
      reference->find(function->name);
  if (!same.ok())
    return same.status();
  const absl::StatusOr<std::vector<Tensor>> expected =
      reference->runFallback(**same, hostInputs);
  if (!expected.ok())
    return absl::Status(expected.status().code(),
                        absl::StrCat("interpreted for --verify: ",
                                     expected.status().message()));
  absl::StatusOr<Verification> verification = compareResults(
      results, *expected, resultNames, compiler.session().allocator());
  if (verification.ok())
    report.verification = std::move(*verification);
  return verification.status();
}

absl::Status Run::writeOutputs() {
  if (std::error_code error =
          llvm::sys::fs::create_directories(options.outputDir))
    return absl::InvalidArgumentError(
        absl::StrCat("--output-dir: '", options.outputDir,
                     "' cannot be made a folder: ", error.message()));
  for (size_t i = 0; i < results.size(); ++i) {
    llvm::SmallString<128> path(options.outputDir);
    llvm::sys::path::append(path, resultNames[i] + ".npy");
    if (absl::Status status = writeNpy(path.str().str(), results[i],
                                       compiler.session().allocator());
        !status.ok())
      return status;
    text << "wrote " << path << ": " << report.resultTypes[i] << "\n";
  }
  return absl::OkStatus();
}

void Run::printResults() {
  for (size_t i = 0; i < results.size(); ++i)
    text << resultNames[i] << ": " << report.resultTypes[i] << "\n"
         << elementsString(results[i]) << "\n";
}

void Run::printReport() {
  text << reportText(report, options.stats == StatsMode::Table);
  if (report.verification)
    text << report.verification->str() << "\n";
  if (options.explain == ExplanationMode::Text)
    text << explanationText(*program, function->name, report.statistics);
  if (options.stats == StatsMode::Json)
    llvm::outs() << reportJson(report) << "\n";
  if (options.explain == ExplanationMode::Json)
    llvm::outs() << explanationJson(*program, function->name, report.statistics)
                 << "\n";
}

absl::StatusOr<int> Run::run() {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(options.file);
  if (!buffer)
    return absl::NotFoundError(absl::StrCat(
        "cannot read '", options.file, "': ", buffer.getError().message()));
  source = std::move(*buffer);
  // Not without need: the start of LLVM is part of the first call.
  if (!options.cpu.empty())
    if (absl::Status target = compiler.checkTarget(); !target.ok())
      return absl::InvalidArgumentError(
          absl::StrCat("--cpu: ", target.message()));
  LoadOptions loadOptions;
  loadOptions.fast = options.fast;
  loadOptions.maxOps = options.maxOps.value_or(loadOptions.maxOps);
  loadOptions.maxOperands =
      options.maxOperands.value_or(loadOptions.maxOperands);
  loadOptions.explain = options.explain != ExplanationMode::None;
  absl::StatusOr<Program> loaded = load(loadOptions);
  if (!loaded.ok())
    return loaded.status();
  program = std::move(*loaded);
  if (options.emitGroups) {
    llvm::outs() << program->groupsText() << "\n";
    return 0;
  }
  const absl::StatusOr<const ProgramFunction *> found =
      program->find(options.function);
  if (!found.ok())
    return absl::NotFoundError(
        absl::StrCat("--function: ", found.status().message()));
  function = *found;
  absl::StatusOr<std::vector<Value>> values = makeInputs(
      *function, options.inputs, options.seed, compiler.session().allocator());
  if (!values.ok())
    return values.status();
  hostInputs = std::move(*values);

  if (options.emit) {
    if (absl::Status status = emit(); !status.ok())
      return status;
    return 0;
  }
  if (absl::Status status = enterDevice(); !status.ok())
    return status;
  if (absl::Status status = callFirst(); !status.ok())
    return status;
  if (absl::Status status = callAgain(); !status.ok())
    return status;
  if (absl::Status status = benchmark(); !status.ok())
    return status;
  if (options.verify)
    if (absl::Status status = verify(); !status.ok())
      return status;
  if (options.print)
    printResults();
  if (!options.outputDir.empty())
    if (absl::Status status = writeOutputs(); !status.ok())
      return status;
  printReport();
  return report.verification && !report.verification->equal() ? 1 : 0;
}

static int fail(const absl::Status &status, int code) {
  llvm::errs() << absl::StrCat("fuser-runner: error: ", status.message(), "\n");
  return code;
}

/// Writes out what stdout still holds; `code` unless that fails.
static int finish(int code) {
  llvm::outs().flush();
  if (!llvm::outs().has_error())
    return code;
  const std::string reason = llvm::outs().error().message();
  llvm::outs().clear_error();
  llvm::errs() << "fuser-runner: error: cannot write to stdout: " << reason
               << "\n";
  return 1;
}

int main(int argc, char **argv) {
  const absl::StatusOr<Options> options = parseOptions(argc, argv);
  if (!options.ok())
    return options.status().message().empty() ? 2 : fail(options.status(), 2);
  runtime::SessionOptions sessionOptions;
  sessionOptions.threads = options->threads;
  sessionOptions.tiers = options->tiers;
  sessionOptions.interpretOnly = options->fallback;
  Run run(*options, std::move(sessionOptions));
  const absl::StatusOr<int> code = run.run();
  return finish(code.ok() ? *code : fail(code.status(), 1));
}
