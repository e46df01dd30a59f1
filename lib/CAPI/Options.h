//===- Options.h - option structs of any version ----------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_CAPI_OPTIONS_H
#define FUSER_LIB_CAPI_OPTIONS_H

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include <algorithm>
#include <cstring>

namespace fuser::capi {

/// The options that `given` points to, all zero if it is NULL. Callers of later
/// versions give larger structs: what this version does not know must be zero.
template <class Options>
absl::StatusOr<Options> readOptions(const Options *given, const char *name) {
  Options options{};
  if (!given)
    return options;
  size_t size;
  std::memcpy(&size, given, sizeof size);
  if (size < sizeof(Options))
    return absl::InvalidArgumentError(
        absl::StrCat("options: size is ", size, ": expected sizeof(", name,
                     "), which is ", sizeof(Options)));
  const auto *bytes = reinterpret_cast<const char *>(given);
  // No struct of options will ever be as large.
  constexpr size_t kMaxSize = 1 << 16;
  if (size > kMaxSize || !std::all_of(bytes + sizeof(Options), bytes + size,
                                      [](char byte) { return byte == 0; }))
    return absl::InvalidArgumentError(absl::StrCat(
        "options: ", name, " has ", size,
        " bytes and sets fields that this version of the library does not "
        "know: it knows the first ",
        sizeof(Options)));
  std::memcpy(&options, given, sizeof options);
  return options;
}

} // namespace fuser::capi

#endif // FUSER_LIB_CAPI_OPTIONS_H
