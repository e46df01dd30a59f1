//===- Verify.h - fused against op by op ------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_VERIFY_H
#define FUSER_TOOLS_FUSER_RUNNER_VERIFY_H

#include "FuserRuntime/Tensor.h"
#include "absl/status/statusor.h"
#include <string>
#include <vector>

namespace fuser::runner {

/// What a comparison of results found.
struct Verification {
  int64_t results = 0;
  int64_t elements = 0;
  int64_t mismatches = 0;
  /// The first few, a line each.
  std::vector<std::string> lines;
  /// Of floating-point elements that are not equal: the largest number of
  /// representable values from one to the other.
  uint64_t maxUlp = 0;

  bool equal() const { return mismatches == 0; }
  /// "verified: 12 elements of 1 results equal bit for bit", or what differs,
  /// a line each.
  std::string str() const;
};

/// Compares `found` with `expected`, bit for bit but that any NaN equals any
/// NaN and i1 elements count by truth. `names` names the results.
absl::StatusOr<Verification>
compareResults(absl::Span<const runtime::Tensor> found,
               absl::Span<const runtime::Tensor> expected,
               absl::Span<const std::string> names,
               runtime::Allocator &allocator);

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_VERIFY_H
