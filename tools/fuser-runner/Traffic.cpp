//===- Traffic.cpp - the memory that calls move ---------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Traffic.h"
#include <numeric>

using fuser::runtime::Value;

namespace fuser::runner {

int64_t Traffic::total() const {
  return std::accumulate(callBytes.begin(), callBytes.end(), int64_t(0));
}

/// Where a call with these inputs computes.
static runtime::Device deviceOf(absl::Span<const Value> inputs) {
  for (const Value &input : inputs)
    if (const auto *tensor = std::get_if<runtime::Tensor>(&input))
      return tensor->device();
  return {};
}

absl::StatusOr<Traffic> measureTraffic(const Program &program,
                                       const ProgramFunction &function,
                                       absl::Span<const Value> inputs,
                                       runtime::Session &session) {
  Traffic traffic;
  const bool isSingle = function.calls.size() == 1;
  const absl::Status status = program.forEachCall(
      function, inputs,
      [&](const ProgramFunction::Call &call,
          absl::Span<const Value> values) -> absl::Status {
        const absl::StatusOr<runtime::LaunchPlan> plan =
            session.plan(call.key, values);
        if (!plan.ok())
          return plan.status();
        traffic.callBytes.push_back(plan->bytes);
        if (!isSingle)
          return absl::OkStatus();
        traffic.single =
            PreparedCall{call.key, {values.begin(), values.end()}, {}};
        for (const auto &planned : plan->outputs) {
          auto output = call.site->allocate(planned, deviceOf(values));
          if (!output.ok())
            return output.status();
          traffic.single->outputs.push_back(*output);
        }
        return absl::OkStatus();
      });
  if (!status.ok())
    return status;
  return traffic;
}

} // namespace fuser::runner
