//===- CreationKinds.cpp - ops that make tensors, for programs ------------===//
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

static bool inferNumbers(const Node &node, const std::vector<Dims> &,
                         std::vector<Dims> &out) {
  out.emplace_back(node.numbers.begin(), node.numbers.end());
  return true;
}

static bool chooseConstant(Builder &builder, Node &node) {
  constexpr int64_t maxElements = 64;
  const Dims sizes = builder.pickSizes();
  const int64_t count = numElements(sizes);
  node.dtype = builder.pickDType();
  node.numbers.assign(sizes.begin(), sizes.end());
  const bool isSplat = count > maxElements || !builder.random.oneIn(3);
  for (int64_t i = 0; i < (isSplat ? 1 : count); ++i)
    node.bits.push_back(node.dtype == DType::i1
                            ? builder.random.below(2)
                            : builder.pickElement(node.dtype));
  return true;
}

/// Nested lists: the elements of `node` from number `next` on, as far as
/// dimension `dim` goes.
static std::string elementList(const Node &node, size_t dim, size_t &next) {
  if (dim == node.numbers.size())
    return elementText(node.dtype, node.bits[next++ % node.bits.size()]);
  std::vector<std::string> parts;
  for (int64_t i = 0; i < node.numbers[dim]; ++i)
    parts.push_back(elementList(node, dim + 1, next));
  return absl::StrCat("[", absl::StrJoin(parts, ", "), "]");
}

static std::string constantAttributes(const Node &node) {
  size_t next = 0;
  std::string elements;
  if (node.bits.size() == 1)
    elements = elementText(node.dtype, node.bits[0]);
  else if (!node.bits.empty())
    elements = elementList(node, 0, next);
  return absl::StrCat("value = dense<", elements, ">");
}

static bool chooseSplat(Builder &builder, Node &node) {
  const std::optional<Use> scalar = builder.pickScalar();
  if (!scalar)
    return false;
  const Dims sizes = builder.pickSizes();
  node.numbers.assign(sizes.begin(), sizes.end());
  node.operands = {*scalar};
  node.dtype = builder.pickDType();
  return true;
}

void fuzz::addCreations(std::vector<OpKind> &kinds) {
  kinds.push_back({"constant", "constant", 8, inferNumbers, chooseConstant,
                   constantAttributes});
  kinds.back().keepsType = true;
  kinds.push_back({"splat", "splat", 8, inferNumbers, chooseSplat});
  kinds.back().keepsType = true;
}
