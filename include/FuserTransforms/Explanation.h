//===- Explanation.h - why groups are what they are -------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What fuser-form-groups decided and why, as plain data: no MLIR header is
// needed to read it, and it outlives the IR.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERTRANSFORMS_EXPLANATION_H
#define FUSERTRANSFORMS_EXPLANATION_H

#include <cstdint>
#include <string>
#include <vector>

namespace fuser {

/// Why two ops are or are not in one group; see FusionReasons.def.
enum class FusionReason : uint8_t {
#define FUSER_FUSION_REASON(NAME, CODE, FUSED, WHY, REMEDY) NAME,
#include "FuserTransforms/FusionReasons.def"
};

/// A row of FusionReasons.def.
struct FusionReasonInfo {
  const char *code;
  bool fused;
  const char *why;
  const char *remedy;
};
const FusionReasonInfo &fusionReasonInfo(FusionReason reason);

/// An op as the program has it.
struct ExplainedOp {
  std::string name;     ///< "fuser.add"
  std::string location; ///< "file:line:column", or empty if unknown
  int64_t group = -1;   ///< index into FunctionExplanation::groups, or -1
};

/// A decision on two ops: a producer and a consumer of its result, or two
/// neighbours, which stand for the groups they are in.
struct FusionDecision {
  ExplainedOp first, second;
  bool isEdge; ///< `second` uses a result of `first`
  FusionReason reason;
  /// The value of the option that `reason` names; 0 if it names none.
  int64_t limit = 0;

  bool fused() const { return fusionReasonInfo(reason).fused; }
  /// What would change the decision, with the limit: "raise max-ops (500)".
  /// Empty if nothing would.
  std::string remedy() const;
  /// "limit-ops: the group would have too many ops; raise max-ops (500)".
  std::string str() const;
};

/// A group that was formed. Inputs and outputs are their types.
struct ExplainedGroup {
  std::vector<ExplainedOp> ops;
  std::vector<std::string> inputs, outputs;
  /// Of all inputs and outputs together; -1 if some extent is unknown.
  int64_t bytes = 0;
};

/// All groups of a function in the order in which they run, and all decisions
/// in the order in which they were made.
struct FunctionExplanation {
  std::string name;
  std::vector<ExplainedGroup> groups;
  std::vector<FusionDecision> decisions;

  /// For people: each group with its ops, inputs and outputs; what else merged;
  /// each edge and each pair that was not fused, why, and what would change it.
  std::string str() const;
};

/// A JSON array with an object of the fields above for each function. Bytes of
/// names that are not UTF-8 become marks.
std::string explanationJson(const std::vector<FunctionExplanation> &functions);

} // namespace fuser

#endif // FUSERTRANSFORMS_EXPLANATION_H
