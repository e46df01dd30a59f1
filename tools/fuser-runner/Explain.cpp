//===- Explain.cpp - why groups, kernels and fallbacks are what they are --===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "absl/strings/str_cat.h"
#include <nlohmann/json.hpp>

using Json = nlohmann::ordered_json;

namespace fuser::runner {

/// What was explained of `function`.
static std::vector<FunctionExplanation> explained(const Program &program,
                                                  std::string_view function) {
  std::vector<FunctionExplanation> result;
  for (const FunctionExplanation &each : program.explanation())
    if (each.name == function)
      result.push_back(each);
  return result;
}

std::string explanationText(const Program &program, std::string_view function,
                            const runtime::StatisticsSnapshot &statistics) {
  std::string out;
  for (const FunctionExplanation &each : explained(program, function))
    absl::StrAppend(&out, each.str());
  absl::StrAppend(&out, "kernels:", statistics.compiles.empty() ? " none" : "",
                  "\n");
  for (const runtime::CompileRecord &record : statistics.compiles)
    absl::StrAppend(&out, "  group key ", record.key, ": ", record.newInKey,
                    record.error.empty() ? "" : "; failed: ", record.error,
                    "\n    ", record.argSpec, "\n");
  absl::StrAppend(&out, "fallbacks:",
                  statistics.fallbackRecords.empty() ? " none" : "", "\n");
  for (const runtime::FallbackRecord &record : statistics.fallbackRecords)
    absl::StrAppend(&out, "  group key ", record.key, ": ", record.count, " ",
                    fallbackReasonName(record.reason),
                    record.message.empty() ? "" : ": ", record.message, "\n");
  if (statistics.copies > 0)
    absl::StrAppend(&out, "copies for reshapes: ", statistics.copies, "\n");
  return out;
}

std::string explanationJson(const Program &program, std::string_view function,
                            const runtime::StatisticsSnapshot &statistics) {
  const Json session = Json::parse(statistics.json(), nullptr,
                                   /*allow_exceptions=*/false);
  const Json result = {
      {"functions",
       Json::parse(fuser::explanationJson(explained(program, function)),
                   nullptr, /*allow_exceptions=*/false)},
      {"compiles", session["compiles"]},
      {"fallbacks", session["fallback_records"]},
      {"copies", session["copies"]}};
  return result.dump(2, ' ', false, Json::error_handler_t::replace);
}

} // namespace fuser::runner
