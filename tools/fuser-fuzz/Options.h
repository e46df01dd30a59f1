//===- Options.h - the command line of fuser-fuzz ------------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_FUZZ_OPTIONS_H
#define FUSER_TOOLS_FUSER_FUZZ_OPTIONS_H

#include "Check.h"
#include "Generate.h"
#include "Shrink.h"
#include "absl/status/statusor.h"
#include <cstdint>
#include <string>

namespace fuser::fuzz {

struct Options {
  uint64_t seed = 1;
  uint64_t first = 0;
  /// 0: no limit.
  uint64_t programs = 0;
  double seconds = 0;
  int threads = 0; ///< 0: as many as the machine has
  int64_t maxFindings = 5;
  std::string out = "fuzz-out";
  bool json = false;
  bool print = false;
  bool help = false;
  GenerateOptions generate;
  CheckOptions check;
  ShrinkOptions shrink;
};

/// Reads the command line; misuse is InvalidArgument.
absl::StatusOr<Options> parseOptions(int argc, const char *const *argv);

/// The text of --help.
std::string helpText();

} // namespace fuser::fuzz

#endif // FUSER_TOOLS_FUSER_FUZZ_OPTIONS_H
