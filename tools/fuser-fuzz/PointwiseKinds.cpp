//===- PointwiseKinds.cpp - pointwise ops and composites, for programs ----===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data.h"
#include "Generate.h"
#include "OpKind.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

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
  if (node.kind->opcode &&
      opcodeRaises(*node.kind->opcode, builder.dtypeOf(first)))
    node.operands[1] = builder.withoutZeros(node.operands[1]);
  for (size_t i = 0; i < node.kind->parameters.size(); ++i)
    node.numbers.push_back(
        static_cast<int64_t>(builder.pickElement(DType::f64)));
  return true;
}

/// addcmul and addcdiv: to a half, `value` may be of f32.
static bool chooseAddc(Builder &builder, Node &node) {
  if (!choosePointwise(builder, node))
    return false;
  Dims sizes;
  for (Use use : node.operands)
    if (!runtime::broadcastInto(sizes, builder.sizesOf(use)).ok())
      return false;
  const bool isWide = isHalf(node.dtype) && builder.random.oneIn(2);
  node.operands.push_back(
      builder.pickLike(isWide ? DType::f32 : node.dtype, sizes));
  return true;
}

static bool chooseRandom(Builder &builder, Node &node) {
  std::optional<Use> index = builder.pickIf(
      [&](Use use) { return builder.dtypeOf(use) == DType::i64; });
  if (!index)
    index = builder.add({&opKind("cast"), DType::i64, 1, {builder.pick()}});
  Dims sizes = builder.sizesOf(*index);
  node.operands = {*index};
  for (int i = 0; i < 2; ++i) {
    const Use next = builder.pickLike(DType::i64, sizes);
    if (!runtime::broadcastInto(sizes, builder.sizesOf(next)).ok())
      return false;
    node.operands.push_back(next);
  }
  node.dtype = builder.pickDType(Domain::Float);
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

static std::string compareAttributes(const Node &node) {
  return absl::StrCat("predicate = #fuser<predicate ", node.kind->name, ">");
}

static std::string parameterAttributes(const Node &node) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < node.kind->parameters.size(); ++i)
    texts.push_back(absl::StrCat(
        node.kind->parameters[i], " = ",
        elementText(DType::f64, static_cast<uint64_t>(node.numbers[i])),
        " : f64"));
  return absl::StrJoin(texts, ", ");
}

static OpKind pointwise(const char *name, int arity, Domain domain,
                        bool isBool) {
  OpKind kind{name, name, 4, inferBroadcast, choosePointwise};
  kind.arity = arity;
  kind.domain = domain;
  kind.isBool = isBool;
  kind.keepsType = arity == 1 && !kind.isBool;
  if (domain == Domain::Float)
    kind.weight = 2; // There are many, and their kernels take long to make.
  return kind;
}

static OpKind tableRow(Opcode opcode) {
  const char *name = opcodeName(opcode);
  OpKind kind = pointwise(name, opcodeArity(opcode), opcodeDomain(opcode),
                          opcodeGivesBool(opcode));
  kind.opcode = opcode;
  if (isComparison(name)) {
    kind.op = "compare";
    kind.attributes = compareAttributes;
    kind.weight = 2;
  }
  return kind;
}

static OpKind composite(const char *name, const char *op, Domain domain,
                        const char *attributes = "") {
  OpKind kind = pointwise(name, /*arity=*/1, domain, /*isBool=*/false);
  kind.op = op;
  kind.weight = 2;
  kind.fixedAttributes = attributes;
  return kind;
}

/// A composite on floats with f64 attributes of those names.
static OpKind withParameters(const char *name, const char *op,
                             std::vector<std::string> parameters) {
  OpKind kind = composite(name, op, Domain::Float);
  kind.parameters = std::move(parameters);
  kind.attributes = parameterAttributes;
  return kind;
}

static OpKind addc(const char *name, Domain domain) {
  OpKind kind = pointwise(name, /*arity=*/3, domain, /*isBool=*/false);
  kind.choose = chooseAddc;
  return kind;
}

void fuzz::addPointwise(std::vector<OpKind> &kinds) {
#define FUSER_POINTWISE(MNEMONIC, ARITY, DOMAIN, RESULT)                       \
  kinds.push_back(tableRow(Opcode::MNEMONIC));
#include "FuserMath/Ops.def"
  kinds.push_back({"select", "select", 6, inferBroadcast, chooseSelect});
  kinds.push_back({"cast", "cast", 6, inferBroadcast, chooseCast});
  kinds.push_back({"random", "random", 3, inferBroadcast, chooseRandom});
}

void fuzz::addComposites(std::vector<OpKind> &kinds) {
  kinds.push_back(composite("relu", "relu", Domain::Number));
  kinds.push_back(composite("silu", "silu", Domain::Float));
  kinds.push_back(composite("mish", "mish", Domain::Float));
  kinds.push_back(composite("hardsigmoid", "hardsigmoid", Domain::Float));
  kinds.push_back(composite("hardswish", "hardswish", Domain::Float));
  kinds.push_back(composite("gelu", "gelu", Domain::Float));
  kinds.push_back(composite("gelu tanh", "gelu", Domain::Float,
                            "approximate = #fuser<approximate tanh>"));
  kinds.push_back(composite("leaky_relu", "leaky_relu", Domain::Float));
  kinds.push_back(withParameters("leaky_relu slope", "leaky_relu", {"slope"}));
  kinds.push_back(composite("elu", "elu", Domain::Float));
  kinds.push_back(withParameters("elu alpha scale", "elu",
                                 {"alpha", "scale", "input_scale"}));
  kinds.push_back(composite("softplus", "softplus", Domain::Float));
  kinds.push_back(
      withParameters("softplus beta", "softplus", {"beta", "threshold"}));
  kinds.push_back(composite("hardtanh", "hardtanh", Domain::Float));
  kinds.push_back(
      withParameters("hardtanh min max", "hardtanh", {"min", "max"}));
  kinds.push_back(
      withParameters("threshold", "threshold", {"threshold", "value"}));
  kinds.push_back(addc("addcmul", Domain::Number));
  kinds.push_back(addc("addcdiv", Domain::Float));
}
