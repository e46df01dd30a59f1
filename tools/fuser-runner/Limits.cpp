//===- Limits.cpp - what inputs may be ------------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Limits.h"
#include "FuserRuntime/Tensor.h"
#include "absl/strings/str_cat.h"
#include <unistd.h>

namespace fuser::runner {

static constexpr size_t maxRank = 64;
static constexpr size_t maxExcerpt = 60;

absl::Status checkInput(DType dtype, absl::Span<const int64_t> sizes) {
  if (sizes.size() > maxRank)
    return absl::InvalidArgumentError(absl::StrCat(
        "expected up to ", maxRank, " dimensions, found ", sizes.size()));
  double bytes = static_cast<double>(dtypeSize(dtype));
  for (int64_t size : sizes)
    bytes *= static_cast<double>(size);
  const double memory = static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                        static_cast<double>(sysconf(_SC_PAGESIZE));
  if (memory <= 0 || bytes <= memory)
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "a tensor of shape ", runtime::shapeString(sizes), " and type ",
      dtypeName(dtype), " needs ", bytes, " bytes; this machine has ", memory));
}

std::string excerpt(absl::string_view text) {
  return text.size() <= maxExcerpt
             ? std::string(text)
             : absl::StrCat(text.substr(0, maxExcerpt), "...");
}

} // namespace fuser::runner
