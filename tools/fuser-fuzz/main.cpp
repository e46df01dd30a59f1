//===- main.cpp - random programs, fused against op by op -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Campaign.h"
#include "absl/strings/str_format.h"

using namespace fuser;
using namespace fuser::fuzz;

static void printPrograms(const Options &options) {
  const uint64_t count = options.programs ? options.programs : 1;
  for (uint64_t i = options.first; i < options.first + count; ++i)
    absl::PrintF("// program %d of seed %d\n%s", i, options.seed,
                 programText(generateCase(options.seed, i, options.generate)));
}

int main(int argc, char **argv) {
  const absl::StatusOr<Options> options = parseOptions(argc, argv);
  if (!options.ok()) {
    absl::FPrintF(stderr, "fuser-fuzz: error: %s\n",
                  options.status().message());
    return 2;
  }
  if (options->help) {
    absl::PrintF("%s", helpText());
    return 0;
  }
  if (options->print) {
    printPrograms(*options);
    return 0;
  }
  const Summary summary =
      runCampaign(*options, options->json ? stderr : stdout);
  if (options->json)
    absl::PrintF("%s", summary.json());
  else
    absl::PrintF("%s", summary.text());
  return summary.findings ? 1 : 0;
}
