//===- GpuTarget.cpp - what GPU code is made for --------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserTransforms/GpuTarget.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

using namespace fuser;

namespace {
/// An architecture, and the oldest PTX that has it: what LLVM's code generator
/// takes by default. Features of one chip alone (sm_90a) run on no other.
struct Architecture {
  int number;
  int ptx;
};
} // namespace

static constexpr Architecture kArchitectures[] = {
    {75, 63}, {80, 70}, {86, 71},  {87, 74},  {89, 78},
    {90, 78}, {100, 86}, {103, 88}, {120, 87}, {121, 88}};

/// The versions after the oldest one above that LLVM 22 knows.
static constexpr int kPtxVersions[] = {63, 64, 65, 70, 71, 72, 73, 74,
                                       75, 76, 77, 78, 80, 81, 82, 83,
                                       84, 85, 86, 87, 88};

absl::StatusOr<GpuTarget> fuser::gpuTargetFor(int major, int minor) {
  const Architecture *best = nullptr;
  for (const Architecture &candidate : kArchitectures)
    if (candidate.number <= 10 * major + minor)
      best = &candidate;
  if (!best)
    return absl::InvalidArgumentError(
        absl::StrCat("the device has compute capability ", major, ".", minor,
                     "; expected ", kArchitectures[0].number / 10, ".",
                     kArchitectures[0].number % 10, " or newer"));
  GpuTarget target;
  target.architecture = best->number;
  target.ptx = best->ptx;
  return target;
}

static std::string versionName(int version) {
  return absl::StrCat(version / 10, ".", version % 10);
}

absl::StatusOr<GpuTarget> fuser::parseGpuTarget(llvm::StringRef arch,
                                                llvm::StringRef ptx) {
  GpuTarget target;
  const auto *found = llvm::find_if(kArchitectures, [&](const auto &known) {
    return arch == "sm_" + std::to_string(known.number);
  });
  if (found == std::end(kArchitectures))
    return absl::InvalidArgumentError(absl::StrCat(
        "'", arch.str(), "' is no architecture that code can be made for: expected ",
        absl::StrJoin(kArchitectures, ", ",
                      [](std::string *text, const Architecture &known) {
                        absl::StrAppend(text, "sm_", known.number);
                      })));
  target.architecture = found->number;
  target.ptx = found->ptx;
  if (ptx.empty())
    return target;
  for (int version : kPtxVersions)
    if (version >= found->ptx && ptx == versionName(version)) {
      target.ptx = version;
      return target;
    }
  return absl::InvalidArgumentError(absl::StrCat(
      "'", ptx.str(), "' is no version of PTX that has ", arch.str(), ": expected ",
      versionName(found->ptx), " to ",
      versionName(std::end(kPtxVersions)[-1])));
}
