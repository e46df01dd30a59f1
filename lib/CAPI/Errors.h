//===- Errors.h - statuses as errors of the C interface ---------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_CAPI_ERRORS_H
#define FUSER_LIB_CAPI_ERRORS_H

#include "absl/status/status.h"
#include "fuser-c/fuser.h"
#include <string_view>

namespace fuser::capi {

/// NULL for OK.
fuser_error *errorOf(const absl::Status &status);

/// An error of code FUSER_INVALID_ARGUMENT.
fuser_error *invalid(std::string_view message);

/// There is no memory for what is made beside outputs.
fuser_error *outOfMemory();

/// A string for fuser_string_free, into `*copy`.
fuser_error *giveString(std::string_view text, char **copy);

} // namespace fuser::capi

#endif // FUSER_LIB_CAPI_ERRORS_H
