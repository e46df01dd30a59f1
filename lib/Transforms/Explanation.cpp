//===- Explanation.cpp - why groups are what they are ---------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserTransforms/Explanation.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace fuser;
namespace json = llvm::json;

const FusionReasonInfo &fuser::fusionReasonInfo(FusionReason reason) {
  static constexpr FusionReasonInfo kInfos[] = {
#define FUSER_FUSION_REASON(NAME, CODE, FUSED, WHY, REMEDY)                    \
  {CODE, FUSED, WHY, REMEDY},
#include "FuserTransforms/FusionReasons.def"
  };
  return kInfos[static_cast<size_t>(reason)];
}

std::string FusionDecision::remedy() const {
  std::string text = fusionReasonInfo(reason).remedy;
  if (limit != 0)
    text += " (" + std::to_string(limit) + ")";
  return text;
}

std::string FusionDecision::str() const {
  const FusionReasonInfo &info = fusionReasonInfo(reason);
  std::string change = remedy();
  return std::string(info.code) + ": " + info.why +
         (change.empty() ? "" : "; " + change);
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// How many ops or types of a group the text lists.
static constexpr size_t kMaxListed = 12;

static std::string counted(size_t count, const char *noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

static std::string placeOf(const ExplainedOp &op) {
  return op.location.empty() ? op.name : op.name + " (" + op.location + ")";
}

/// "3 ops: add exp log", shortened if there are many.
template <class Items, class Text>
static void printList(llvm::raw_ostream &os, const Items &items,
                      const char *noun, const char *separator, Text &&text) {
  os << counted(items.size(), noun);
  size_t listed = std::min(items.size(), kMaxListed);
  for (size_t i = 0; i < listed; ++i)
    os << (i == 0 ? ": " : separator) << text(items[i]);
  os << (listed < items.size() ? " ..." : "");
}

static void printGroup(llvm::raw_ostream &os, const ExplainedGroup &group,
                       size_t index) {
  auto same = [](const std::string &type) { return type; };
  os << "  group " << index << ": ";
  printList(os, group.ops, "op", " ", [](const ExplainedOp &op) {
    llvm::StringRef name(op.name);
    name.consume_front("fuser.");
    return name;
  });
  os << "\n    ";
  printList(os, group.inputs, "input", ", ", same);
  os << "\n    ";
  printList(os, group.outputs, "output", ", ", same);
  os << "\n";
  if (group.bytes >= 0)
    os << "    moves " << counted(group.bytes, "byte") << "\n";
}

std::string FunctionExplanation::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "function " << name << ": " << counted(groups.size(), "group") << "\n";
  for (auto [index, group] : llvm::enumerate(groups))
    printGroup(os, group, index);
  // An edge within a group is what one expects.
  size_t numMerged = 0;
  for (const FusionDecision &decision : decisions)
    if (decision.fused() && !decision.isEdge && ++numMerged <= kMaxListed)
      os << "  merged: " << placeOf(decision.first) << " and "
         << placeOf(decision.second) << "\n    " << decision.str() << "\n";
  if (numMerged > kMaxListed)
    os << "  merged: " << numMerged - kMaxListed << " pairs more\n";
  for (const FusionDecision &decision : decisions)
    if (!decision.fused())
      os << (decision.isEdge ? "  not fused: " : "  not merged: ")
         << placeOf(decision.first) << (decision.isEdge ? " -> " : " and ")
         << placeOf(decision.second) << "\n    " << decision.str() << "\n";
  return text;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static json::Object toJson(const ExplainedOp &op) {
  json::Object object{{"op", json::fixUTF8(op.name)},
                      {"location", json::fixUTF8(op.location)},
                      {"group", nullptr}};
  if (op.group >= 0)
    object["group"] = op.group;
  return object;
}

static json::Array toJson(const std::vector<ExplainedOp> &ops) {
  json::Array array;
  for (const ExplainedOp &op : ops)
    array.push_back(json::Object{{"op", json::fixUTF8(op.name)},
                                 {"location", json::fixUTF8(op.location)}});
  return array;
}

static json::Object toJson(const FusionDecision &decision) {
  const FusionReasonInfo &info = fusionReasonInfo(decision.reason);
  return json::Object{{"first", toJson(decision.first)},
                      {"second", toJson(decision.second)},
                      {"is_edge", decision.isEdge},
                      {"fused", info.fused},
                      {"code", info.code},
                      {"why", info.why},
                      {"remedy", decision.remedy()}};
}

std::string
fuser::explanationJson(const std::vector<FunctionExplanation> &functions) {
  json::Array result;
  for (const FunctionExplanation &function : functions) {
    json::Array groups, decisions;
    for (const ExplainedGroup &group : function.groups) {
      json::Object object{{"ops", toJson(group.ops)},
                          {"inputs", json::Array(group.inputs)},
                          {"outputs", json::Array(group.outputs)},
                          {"bytes", nullptr}};
      if (group.bytes >= 0)
        object["bytes"] = group.bytes;
      groups.push_back(std::move(object));
    }
    for (const FusionDecision &decision : function.decisions)
      decisions.push_back(toJson(decision));
    result.push_back(json::Object{{"function", json::fixUTF8(function.name)},
                                  {"groups", std::move(groups)},
                                  {"decisions", std::move(decisions)}});
  }
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::formatv("{0:2}", json::Value(std::move(result)));
  return text;
}
