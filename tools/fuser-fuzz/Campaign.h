//===- Campaign.h - many programs in several processes -------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Programs run in child processes, so that one that crashes or hangs is a
// finding as any other, and memory that sessions keep is given back now and
// then. The parent does not touch the compiler.
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_FUZZ_CAMPAIGN_H
#define FUSER_TOOLS_FUSER_FUZZ_CAMPAIGN_H

#include "Options.h"
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace fuser::fuzz {

/// What has been done.
struct Summary {
  uint64_t programs = 0, calls = 0, ops = 0;
  CheckCounts checks;
  /// Programs that are wrong, and how many of them have been written; the
  /// campaign stops when these are enough.
  uint64_t findings = 0, written = 0;
  /// Programs with a call that fails as it should.
  uint64_t refused = 0;
  double seconds = 0;
  /// How many nodes of each kind there were, and values of each element type;
  /// all kinds and types are listed.
  std::vector<std::pair<std::string, uint64_t>> kinds, dtypes;

  std::string text() const;
  std::string json() const;
};

/// Runs programs as `options` say; findings are written and told to `report`
/// as they come, progress to stderr.
Summary runCampaign(const Options &options, std::FILE *report);

} // namespace fuser::fuzz

#endif // FUSER_TOOLS_FUSER_FUZZ_CAMPAIGN_H
