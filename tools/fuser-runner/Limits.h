//===- Limits.h - what inputs may be ----------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_LIMITS_H
#define FUSER_TOOLS_FUSER_RUNNER_LIMITS_H

#include "FuserMath/DType.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include <string>

namespace fuser::runner {

/// Fails if elements of that shape and type need more memory than the machine
/// has (the system would hand it out and end the process when it is touched),
/// or if there are more dimensions than NumPy knows.
absl::Status checkInput(DType dtype, absl::Span<const int64_t> sizes);

/// `text` as an error line quotes it: the beginning, if it is long.
std::string excerpt(absl::string_view text);

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_LIMITS_H
