//===- Options.cpp - the command line of fuser-fuzz -----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "OpKind.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include <algorithm>

using namespace fuser;
using namespace fuser::fuzz;

std::string fuzz::helpText() {
  return R"(Usage: fuser-fuzz [OPTION...]

Makes random programs, runs each one fused on kernels and op by op on the
interpreter, and compares: results bit for bit (any NaN is any NaN), errors,
types, memory beside the outputs, fallbacks. What is wrong is shrunk and written
as a program that fuser-runner runs.

  --programs=N       Stop after N programs (1000, or none with --seconds)
  --seconds=N        Stop after N seconds
  --seed=N           Seed of the programs (1)
  --first=N          Number of the first program (0)
  --max-ops=N        Ops in a program, at most (60)
  --threads=N        Programs run at once (as many as there are processors)
  --device=cuda      Make every call on the first CUDA device, too; with
                     FUSER_EMULATE_GPU=1 on one that the host emulates
  --out=DIR          Where findings are written (fuzz-out)
  --max-findings=N   Stop after so many findings (5)
  --shrink-seconds=N Time to shrink a finding, at most (120)
  --json             The summary as JSON on stdout, all else on stderr
  --print            Print the programs and run nothing
  --pretend-wrong=OP Take the results of programs with OP for wrong, to see a
                     finding; OP as in the summary
  --help             This text

The programs depend on --seed, their number and --max-ops alone, and so does
what is found and shrunk, as long as no time limit is met.

Examples:
  fuser-fuzz --programs=10000
  fuser-fuzz --seconds=3600 --seed=7 --out=findings
  fuser-fuzz --seed=7 --first=1234 --programs=1
  fuser-fuzz --programs=3 --print

Exit codes: 0 nothing found, 1 something found, 2 a command line that makes no
sense.
)";
}

static absl::Status wrong(absl::string_view option, absl::string_view expected,
                          absl::string_view found) {
  return absl::InvalidArgumentError(
      absl::StrCat(option, ": expected ", expected, ", found '", found, "'"));
}

template <class T>
static absl::Status readNumber(absl::string_view option, absl::string_view text,
                               T least, T greatest, T &number) {
  if (absl::SimpleAtoi(text, &number) && number >= least && number <= greatest)
    return absl::OkStatus();
  return wrong(option, absl::StrCat("a number from ", least, " to ", greatest),
               text);
}

static absl::Status readSeconds(absl::string_view option,
                                absl::string_view text, double &seconds) {
  if (absl::SimpleAtod(text, &seconds) && seconds > 0 && seconds <= 1e7)
    return absl::OkStatus();
  return wrong(option, "seconds above 0", text);
}

static absl::Status readValue(absl::string_view option, absl::string_view text,
                              Options &options) {
  constexpr uint64_t greatest = UINT64_MAX;
  if (option == "--programs")
    return readNumber<uint64_t>(option, text, 1, greatest / 2,
                                options.programs);
  if (option == "--first")
    return readNumber<uint64_t>(option, text, 0, greatest / 2, options.first);
  if (option == "--seed")
    return readNumber<uint64_t>(option, text, 0, greatest, options.seed);
  if (option == "--seconds")
    return readSeconds(option, text, options.seconds);
  if (option == "--shrink-seconds")
    return readSeconds(option, text, options.shrink.maxSeconds);
  if (option == "--max-ops")
    return readNumber<int64_t>(option, text, 1, 400, options.generate.maxOps);
  if (option == "--max-findings")
    return readNumber<int64_t>(option, text, 1, 1000, options.maxFindings);
  if (option == "--threads")
    return readNumber<int>(option, text, 1, 256, options.threads);
  if (option == "--device") {
    options.check.onDevice = text == "cuda";
    return text == "cuda" || text == "cpu" ? absl::OkStatus()
                                           : wrong(option, "cpu or cuda", text);
  }
  if (option == "--out" && !text.empty()) {
    options.out = std::string(text);
    return absl::OkStatus();
  }
  if (option == "--out")
    return wrong(option, "a folder", text);
  if (option == "--pretend-wrong") {
    options.check.pretendWrong = std::string(text);
    const bool isKind =
        std::any_of(opKinds().begin(), opKinds().end(),
                    [&](const OpKind &kind) { return kind.name == text; });
    return isKind ? absl::OkStatus() : wrong(option, "an op like exp", text);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unknown option '", option, "'; see fuser-fuzz --help"));
}

absl::StatusOr<Options> fuzz::parseOptions(int argc, const char *const *argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const absl::string_view argument = argv[i];
    const size_t equals = argument.find('=');
    const absl::string_view name = argument.substr(0, equals);
    if (argument == "--help" || argument == "--json" || argument == "--print") {
      (argument == "--help"   ? options.help
       : argument == "--json" ? options.json
                              : options.print) = true;
      continue;
    }
    absl::string_view value;
    if (equals != absl::string_view::npos)
      value = argument.substr(equals + 1);
    else if (i + 1 < argc && argument.substr(0, 2) == "--")
      value = argv[++i];
    if (absl::Status status = readValue(name, value, options); !status.ok())
      return status;
  }
  if (options.programs == 0 && options.seconds == 0)
    options.programs = 1000;
  return options;
}
