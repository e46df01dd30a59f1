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

static uint64_t constantElement(const Node &node, const Dims &sizes,
                                const Dims &index) {
  const int64_t place = placeOf(index, runtime::rowMajorStrides(sizes));
  return node.bits[place % static_cast<int64_t>(node.bits.size())];
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

//===----------------------------------------------------------------------===//
// Indices and random numbers
//===----------------------------------------------------------------------===//

// numbers: the sizes; with a dimension, that before them.

static bool inferLike(const Node &, const std::vector<Dims> &in,
                      std::vector<Dims> &out) {
  out.push_back(in[0]);
  return true;
}

/// The dimension that the first of `numbers` says, from the end if negative.
static int64_t dimOf(const Node &node, const Dims &sizes) {
  const int64_t dim = node.numbers[0];
  return dim < 0 ? dim + static_cast<int64_t>(sizes.size()) : dim;
}

static bool hasDim(const Node &node, const Dims &sizes) {
  const int64_t dim = dimOf(node, sizes);
  return dim >= 0 && dim < static_cast<int64_t>(sizes.size());
}

static bool inferDim(const Node &node, const std::vector<Dims> &,
                     std::vector<Dims> &out) {
  out.emplace_back(node.numbers.begin() + 1, node.numbers.end());
  return hasDim(node, out[0]);
}

static bool inferDimLike(const Node &node, const std::vector<Dims> &in,
                         std::vector<Dims> &out) {
  out.push_back(in[0]);
  return hasDim(node, in[0]);
}

static bool chooseIota(Builder &builder, Node &node) {
  const Dims sizes = builder.pickSizes();
  node.numbers.assign(sizes.begin(), sizes.end());
  node.dtype = DType::i64;
  return true;
}

static bool chooseIotaLike(Builder &builder, Node &node) {
  node.operands = {builder.pick()};
  node.dtype = DType::i64;
  return true;
}

/// Chooses a dimension, too.
template <bool (*choose)(Builder &, Node &)>
static bool chooseIotaDim(Builder &builder, Node &node) {
  choose(builder, node);
  const int64_t rank = static_cast<int64_t>(
      node.operands.empty() ? node.numbers.size()
                            : builder.sizesOf(node.operands[0]).size());
  if (rank == 0)
    return false;
  node.numbers.insert(node.numbers.begin(),
                      builder.random.below(rank) -
                          (builder.random.oneIn(3) ? rank : 0));
  return true;
}

static std::string dimAttribute(const Node &node) {
  return absl::StrCat("dim = ", node.numbers[0], " : i64");
}

static uint64_t linearIndex(const Node &, const Dims &sizes,
                            const Dims &index) {
  return static_cast<uint64_t>(placeOf(index, runtime::rowMajorStrides(sizes)));
}

static uint64_t indexAlongDim(const Node &node, const Dims &sizes,
                              const Dims &index) {
  return static_cast<uint64_t>(index[dimOf(node, sizes)]);
}

static void addIotas(std::vector<OpKind> &kinds) {
  kinds.push_back({"iota", "iota", 2, inferNumbers, chooseIota});
  kinds.back().element = linearIndex;
  kinds.back().keepsType = true;
  kinds.push_back({"iota dim", "iota", 2, inferDim, chooseIotaDim<chooseIota>,
                   dimAttribute});
  kinds.back().element = indexAlongDim;
  kinds.back().keepsType = true;
  kinds.push_back({"iota like", "iota", 2, inferLike, chooseIotaLike});
  kinds.back().element = linearIndex;
  kinds.back().isLike = true;
  kinds.push_back({"iota like dim", "iota", 2, inferDimLike,
                   chooseIotaDim<chooseIotaLike>, dimAttribute});
  kinds.back().element = indexAlongDim;
  kinds.back().isLike = true;
}

static bool chooseRandLike(Builder &builder, Node &node) {
  const std::optional<Use> seed = builder.pickScalar(DType::i64);
  if (!seed)
    return false;
  node.operands = {builder.pick(), *seed, *builder.pickScalar(DType::i64)};
  node.dtype = builder.pickDType(Domain::Float);
  return true;
}

void fuzz::addCreations(std::vector<OpKind> &kinds) {
  kinds.push_back({"constant", "constant", 8, inferNumbers, chooseConstant,
                   constantAttributes});
  kinds.back().element = constantElement;
  kinds.back().keepsType = true;
  kinds.push_back({"splat", "splat", 8, inferNumbers, chooseSplat});
  kinds.back().keepsType = true;
  addIotas(kinds);
  kinds.push_back({"rand_like", "rand_like", 8, inferLike, chooseRandLike});
  kinds.back().isLike = true;
}
