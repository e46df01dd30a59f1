//===- Options.cpp - the command line of fuser-runner ---------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

namespace cl = llvm::cl;

namespace fuser::runner {

static const char *const examplesText = R"(
Inputs (--input NAME=SPEC, or --input SPEC in the order of the arguments):
  images=path.npy        a NumPy file: b1 u1 i1 i2 i4 i8 f2 f4 f8, or V2 for
                         bf16; C or Fortran order
  x=random:4x8xf32       uniform in [-2, 2); integers: all of ui8, else
                         [-128, 127]; i1: 0 or 1. Also zeros: ones: iota:
  x=random               the same, of the argument's own static type
  x=x.npy@1x4+2          in memory with these strides, from this place on, both
                         counted in elements: element [i, j] lies at i + 4j + 2
                         (of elements in one place the last one stays)
  alpha=3.5              a scalar argument (true or false for i1)

Examples:
  fuser-runner scale_add.mlir --input x=random:1000x1000xf32 --verify
  fuser-runner scale_add.mlir --input x=x.npy --output-dir out
  fuser-runner scale_add.mlir --input random:4096x4096xf32 --bench=2
  fuser-runner scale_add.mlir --input random:4096x4096xf32 --device=cuda --verify
  fuser-runner scale_add.mlir --input random:8x8xf32 --emit=asm
  fuser-runner scale_add.mlir --emit=groups
  fuser-runner scale_add.mlir --input random:8x8xf32 --emit=ptx --gpu-arch=sm_90

Exit codes: 0 all is well, 1 an error or a failed verification, 2 a command
line that makes no sense.
)";

namespace {
/// The options as the LLVM command-line library has them. Values are strings,
/// so that what is wrong with one is said here, with what was expected.
struct CommandLine {
  cl::OptionCategory category{"fuser-runner options"};
  cl::extrahelp examples{examplesText};
  cl::opt<std::string> file{cl::Positional, cl::desc("FILE.mlir"),
                            cl::cat(category)};
  cl::list<std::string> inputs{
      "input", cl::value_desc("NAME=SPEC"),
      cl::desc("Value of an argument; may be repeated (see below)"),
      cl::cat(category)};
  cl::opt<std::string> function{
      "function", cl::value_desc("NAME"),
      cl::desc("Function to run, if the program has several"),
      cl::cat(category)};
  cl::opt<std::string> outputDir{
      "output-dir", cl::value_desc("DIR"),
      cl::desc("Write the results there as .npy files"), cl::cat(category)};
  cl::opt<bool> verify{"verify",
                       cl::desc("Compare the results, bit for bit, with every "
                                "op interpreted by itself"),
                       cl::cat(category)};
  cl::opt<bool> fast{"fast",
                     cl::desc("Let groups leave out roundings; --verify then "
                              "interprets the same groups"),
                     cl::cat(category)};
  cl::opt<std::string> bench{
      "bench", cl::ValueOptional, cl::value_desc("SECONDS"),
      cl::desc("Measure calls for SECONDS (1) beside the copy bandwidth of the "
               "machine, or of the device"),
      cl::cat(category)};
  cl::opt<std::string> threads{
      "threads", cl::value_desc("N"),
      cl::desc("Threads of kernels, at most (all there are)"),
      cl::cat(category)};
  cl::opt<std::string> tier{
      "tier", cl::value_desc("async|sync|1|2"),
      cl::desc("Kernels made quickly (1), to run fast (2, the default), or the "
               "one after the other, in the background (async) or not (sync)"),
      cl::cat(category)};
  cl::opt<std::string> device{
      "device", cl::value_desc("cpu|cuda"),
      cl::desc("Run on the processor (cpu), or on copies of the inputs on the "
               "first NVIDIA GPU (cuda)"),
      cl::cat(category)};
  cl::opt<std::string> cpu{
      "cpu", cl::value_desc("NAME"),
      cl::desc("Processor to compile for, as LLVM calls it (this machine's)"),
      cl::cat(category)};
  cl::opt<std::string> emit{
      "emit", cl::value_desc("groups|linalg|llvm|asm|gpu|nvvm|ptx"),
      cl::desc("Print the groups, or the kernels for these inputs at a stage "
               "of their compilation, and stop; gpu, nvvm and ptx need no GPU"),
      cl::cat(category)};
  cl::opt<std::string> gpuArch{
      "gpu-arch", cl::value_desc("sm_NN"),
      cl::desc("GPU that --emit=nvvm and =ptx make code for (sm_80)"),
      cl::cat(category)};
  cl::opt<std::string> ptx{
      "ptx-version", cl::value_desc("N.N"),
      cl::desc("Version of PTX (the oldest that has the GPU)"),
      cl::cat(category)};
  cl::opt<std::string> stats{
      "stats", cl::ValueOptional, cl::value_desc("json"),
      cl::desc("Show the compile stages; =json: everything as one JSON object "
               "on stdout, text on stderr"),
      cl::cat(category)};
  cl::opt<std::string> explain{
      "explain", cl::ValueOptional, cl::value_desc("json"),
      cl::desc("Say what was fused and what was not, what was new in the key "
               "of each kernel, why calls fell back; =json: all of it as one "
               "JSON object on stdout, text on stderr"),
      cl::cat(category)};
  cl::opt<std::string> maxOps{
      "max-ops", cl::value_desc("N"),
      cl::desc("Ops of a group, at most (500); 1 fuses nothing"),
      cl::cat(category)};
  cl::opt<std::string> maxOperands{
      "max-operands", cl::value_desc("N"),
      cl::desc("Inputs and outputs of a group, at most (256)"),
      cl::cat(category)};
  cl::opt<bool> fallback{"fallback",
                         cl::desc("Compile nothing, run on the interpreter"),
                         cl::cat(category)};
  cl::opt<std::string> seed{"seed", cl::value_desc("N"),
                            cl::desc("Seed of random inputs (0)"),
                            cl::cat(category)};
  cl::opt<bool> print{"print", cl::desc("Print the results"),
                      cl::cat(category)};
};
} // namespace

/// LLVM's libraries bring hundreds of options of their own, one called `stats`
/// among them. Takes away all but those about help and version.
static void removeForeignOptions() {
  llvm::SmallVector<cl::Option *> foreign;
  for (const auto &[name, option] : cl::getRegisteredOptions())
    if (name != "help" && name != "help-hidden" && name != "version")
      foreign.push_back(option);
  for (cl::Option *option : foreign)
    option->removeArgument();
}

static absl::Status wrong(absl::string_view option, absl::string_view expected,
                          absl::string_view found) {
  return absl::InvalidArgumentError(absl::StrCat(
      "--", option, ": expected ", expected, ", found '", found, "'"));
}

static absl::Status readModes(const CommandLine &line, Options &options) {
  const std::string emit = line.emit;
  if (line.emit.getNumOccurrences() > 0) {
    static const std::pair<const char *, EmitStage> stages[] = {
        {"linalg", EmitStage::Linalg}, {"llvm", EmitStage::LLVM},
        {"asm", EmitStage::Assembly},  {"gpu", EmitStage::Gpu},
        {"nvvm", EmitStage::NVVM},     {"ptx", EmitStage::PTX}};
    options.emitGroups = emit == "groups";
    for (const auto &[name, stage] : stages)
      if (emit == name)
        options.emit = stage;
    if (!options.emitGroups && !options.emit)
      return wrong("emit", "groups, linalg, llvm, asm, gpu, nvvm or ptx", emit);
  }
  const std::string stats = line.stats;
  if (line.stats.getNumOccurrences() > 0) {
    if (!stats.empty() && stats != "json")
      return wrong("stats", "nothing or json", stats);
    options.stats = stats.empty() ? StatsMode::Table : StatsMode::Json;
  }
  const std::string explain = line.explain;
  if (line.explain.getNumOccurrences() > 0) {
    if (!explain.empty() && explain != "json")
      return wrong("explain", "nothing or json", explain);
    options.explain =
        explain.empty() ? ExplanationMode::Text : ExplanationMode::Json;
  }
  if (line.tier.getNumOccurrences() > 0) {
    using runtime::TierPolicy;
    const std::string tier = line.tier;
    const std::pair<const char *, TierPolicy> tiers[] = {
        {"async", TierPolicy::Async},
        {"sync", TierPolicy::Sync},
        {"1", TierPolicy::QuickOnly},
        {"2", TierPolicy::FinalOnly}};
    const auto *found = llvm::find_if(
        tiers, [&](const auto &each) { return tier == each.first; });
    if (found == std::end(tiers))
      return wrong("tier", "async, sync, 1 or 2", tier);
    options.tiers = found->second;
  }
  const std::string device = line.device;
  if (line.device.getNumOccurrences() > 0 && device != "cpu" &&
      device != "cuda")
    return wrong("device", "cpu or cuda", device);
  options.onCuda = device == "cuda";
  return absl::OkStatus();
}

static absl::Status readNumbers(const CommandLine &line, Options &options) {
  const std::string bench = line.bench;
  if (line.bench.getNumOccurrences() > 0) {
    double seconds = 1;
    if (!bench.empty() && (!absl::SimpleAtod(bench, &seconds) ||
                           !(seconds > 0) || seconds > 3600))
      return wrong("bench", "seconds above 0 and up to 3600", bench);
    options.benchSeconds = seconds;
  }
  const std::string threads = line.threads;
  if (line.threads.getNumOccurrences() > 0 &&
      (!absl::SimpleAtoi(threads, &options.threads) || options.threads < 1 ||
       options.threads > 1024))
    return wrong("threads", "a number from 1 to 1024", threads);
  const auto readLimit = [](const cl::opt<std::string> &option,
                            std::optional<int64_t> &limit) -> absl::Status {
    if (option.getNumOccurrences() == 0)
      return absl::OkStatus();
    limit.emplace();
    if (!absl::SimpleAtoi(option.getValue(), &*limit) || *limit < 1)
      return wrong(option.ArgStr.str(), "a number above 0", option.getValue());
    return absl::OkStatus();
  };
  if (absl::Status status = readLimit(line.maxOps, options.maxOps);
      !status.ok())
    return status;
  if (absl::Status status = readLimit(line.maxOperands, options.maxOperands);
      !status.ok())
    return status;
  const std::string seed = line.seed;
  if (line.seed.getNumOccurrences() > 0 &&
      !absl::SimpleAtoi(seed, &options.seed))
    return wrong("seed", "a number from 0 to 2^64 - 1", seed);
  return absl::OkStatus();
}

/// --emit runs nothing, so it cannot go with what needs results; stdout has
/// room for one JSON object.
static absl::Status checkTogether(const Options &options) {
  if (options.stats == StatsMode::Json &&
      options.explain == ExplanationMode::Json)
    return absl::InvalidArgumentError(
        "--explain=json: expected no --stats=json beside it; both print a JSON "
        "object on stdout");
  const char *other = !options.outputDir.empty() ? "--output-dir"
                      : options.benchSeconds     ? "--bench"
                      : options.verify           ? "--verify"
                      : options.explain != ExplanationMode::None ? "--explain"
                      : options.onCuda ? "--device=cuda"
                                       : nullptr;
  if (!(options.emit || options.emitGroups) || !other)
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--emit prints kernels and runs nothing; expected no ",
                   other, " beside it"));
}

static absl::StatusOr<Options> readOptions(const CommandLine &line) {
  Options options;
  options.file = line.file;
  options.function = line.function;
  options.outputDir = line.outputDir;
  options.cpu = line.cpu;
  options.gpuArch = line.gpuArch;
  options.ptx = line.ptx;
  options.inputs.assign(line.inputs.begin(), line.inputs.end());
  options.verify = line.verify;
  options.fast = line.fast;
  options.fallback = line.fallback;
  options.print = line.print;
  if (options.file.empty())
    return absl::InvalidArgumentError(
        "expected a program: fuser-runner FILE.mlir [options]; see "
        "fuser-runner --help");
  if (line.outputDir.getNumOccurrences() > 0 && options.outputDir.empty())
    return wrong("output-dir", "a folder", "");
  if (line.cpu.getNumOccurrences() > 0 && options.cpu.empty())
    return wrong("cpu", "the name of a processor", "");
  if (absl::Status status = readModes(line, options); !status.ok())
    return status;
  if (absl::Status status = readNumbers(line, options); !status.ok())
    return status;
  if (absl::Status status = checkTogether(options); !status.ok())
    return status;
  return options;
}

/// True if the command line asks for text that names the program.
static bool asksForHelp(int argc, const char *const *argv) {
  for (int i = 1; i < argc; ++i) {
    llvm::StringRef argument(argv[i]);
    argument = argument.ltrim('-');
    if (argument.starts_with("help") || argument == "version")
      return true;
  }
  return false;
}

absl::StatusOr<Options> parseOptions(int argc, const char *const *argv) {
  removeForeignOptions();
  static CommandLine line;
  cl::SetVersionPrinter([](llvm::raw_ostream &os) {
    os << "fuser-runner " << FUSER_VERSION << "\n";
  });
  // Some messages of the library go straight to stderr and begin with the name
  // of the program: this gives them the form of all our errors.
  const char *const errorName = "fuser-runner: error";
  std::vector<const char *> arguments(argv, argv + argc);
  if (arguments.empty())
    arguments.push_back(nullptr);
  arguments[0] = asksForHelp(argc, argv) ? "fuser-runner" : errorName;

  std::string errors;
  llvm::raw_string_ostream stream(errors);
  if (cl::ParseCommandLineOptions(static_cast<int>(arguments.size()),
                                  arguments.data(),
                                  "runs a tensor program, fused\n", &stream))
    return readOptions(line);
  errors = absl::StrReplaceAll(errors,
                               {{absl::StrCat(errorName, ": "), ""},
                                {absl::StrCat(errorName, " "), "fuser-runner "},
                                {"\n", " "}});
  return absl::InvalidArgumentError(absl::StripSuffix(errors, " "));
}

} // namespace fuser::runner
