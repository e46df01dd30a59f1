//===- PointwiseKinds.cpp - pointwise ops and composites, for programs ----===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Generate.h"
#include "OpKind.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

using namespace fuser;
using namespace fuser::fuzz;

/// As NumPy broadcasts; an unknown extent may be 1.
static bool inferBroadcast(const Node &, const std::vector<Dims> &in,
                           std::vector<Dims> &out) {
  Dims result;
  for (const Dims &sizes : in) {
    if (sizes.size() > result.size())
      result.insert(result.begin(), sizes.size() - result.size(), 1);
    const size_t added = result.size() - sizes.size();
    for (size_t dim = 0; dim < sizes.size(); ++dim) {
      int64_t &have = result[added + dim];
      if (have == 1 || (have == -1 && sizes[dim] != 1))
        have = sizes[dim];
      else if (sizes[dim] > 1 || sizes[dim] == 0)
        if (sizes[dim] != have)
          return false;
    }
  }
  out.push_back(result);
  return true;
}

/// An op of the table, or a composite: operands of one element type.
static bool choosePointwise(Builder &builder, Node &node) {
  const Use first = builder.admitted(builder.pick(), node.kind->domain);
  node.dtype = node.kind->isBool ? DType::i1 : builder.dtypeOf(first);
  node.operands = {first};
  Dims sizes = builder.sizesOf(first);
  while (static_cast<int>(node.operands.size()) < node.kind->arity) {
    const Use next = builder.pickLike(builder.dtypeOf(first), sizes);
    if (!runtime::broadcastInto(sizes, builder.sizesOf(next)).ok())
      return false;
    node.operands.push_back(next);
  }
  // The first one is not always the largest.
  std::swap(node.operands[0],
            node.operands[builder.random.below(node.kind->arity)]);
  return true;
}

static bool chooseSelect(Builder &builder, Node &node) {
  const Use x = builder.pick();
  Dims sizes = builder.sizesOf(x);
  const Use y = builder.pickLike(builder.dtypeOf(x), sizes);
  if (!runtime::broadcastInto(sizes, builder.sizesOf(y)).ok())
    return false;
  node.dtype = builder.dtypeOf(x);
  node.operands = {builder.pickLike(DType::i1, sizes), x, y};
  return true;
}

static bool chooseCast(Builder &builder, Node &node) {
  node.operands = {builder.pick()};
  node.dtype = builder.pickDType();
  return true;
}

static bool isComparison(absl::string_view name) {
  return name == "eq" || name == "ne" || name == "lt" || name == "le" ||
         name == "gt" || name == "ge";
}

/// Integers may be divided by zero, or raised to a negative power.
static bool mayFailOnIntegers(absl::string_view name) {
  return absl::StrContains(name, "div") || absl::StrContains(name, "rem") ||
         absl::StrContains(name, "mod") || absl::StrContains(name, "pow");
}

static std::string compareAttributes(const Node &node) {
  return absl::StrCat("predicate = #fuser<predicate ", node.kind->name, ">");
}

static OpKind tableRow(const char *name, int arity, Domain domain,
                       absl::string_view result) {
  OpKind kind{name, name, 4, inferBroadcast, choosePointwise};
  kind.arity = arity;
  kind.domain = domain;
  kind.isBool = result == "Bool";
  kind.keepsType = arity == 1 && !kind.isBool;
  kind.mayFail = mayFailOnIntegers(name);
  if (domain == Domain::Float)
    kind.weight = 2; // There are many, and their kernels take long to make.
  if (isComparison(name)) {
    kind.op = "compare";
    kind.attributes = compareAttributes;
    kind.weight = 2;
  }
  return kind;
}

static OpKind composite(const char *name, const char *op, Domain domain,
                        const char *attributes = "", int arity = 1) {
  OpKind kind = tableRow(name, arity, domain, "Same");
  kind.op = op;
  kind.weight = 2;
  kind.fixedAttributes = attributes;
  return kind;
}

void fuzz::addPointwise(std::vector<OpKind> &kinds) {
#define FUSER_POINTWISE(MNEMONIC, ARITY, DOMAIN, RESULT)                       \
  kinds.push_back(tableRow(#MNEMONIC, ARITY, Domain::DOMAIN, #RESULT));
#include "FuserMath/Ops.def"
  kinds.push_back({"select", "select", 6, inferBroadcast, chooseSelect});
  kinds.push_back({"cast", "cast", 6, inferBroadcast, chooseCast});
}

void fuzz::addComposites(std::vector<OpKind> &kinds) {
  kinds.push_back(composite("relu", "relu", Domain::Number));
  kinds.push_back(composite("silu", "silu", Domain::Float));
  kinds.push_back(composite("gelu", "gelu", Domain::Float));
  kinds.push_back(composite("gelu tanh", "gelu", Domain::Float,
                            "approximate = #fuser<approximate tanh>"));
}
