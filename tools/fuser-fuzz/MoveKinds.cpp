//===- MoveKinds.cpp - ops that move elements, for programs ---------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Generate.h"
#include "OpKind.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <algorithm>

using namespace fuser;
using namespace fuser::fuzz;

static std::string listAttribute(absl::string_view name, const Node &node) {
  return absl::StrCat(name, " = array<i64", node.numbers.empty() ? "" : ": ",
                      absl::StrJoin(node.numbers, ", "), ">");
}

/// The dimension that the first of `numbers` says, from the end if negative.
static int64_t dimOf(const Node &node, size_t rank) {
  return node.numbers[0] < 0 ? node.numbers[0] + static_cast<int64_t>(rank)
                             : node.numbers[0];
}

/// Some dimension of `rank`, counted from either end.
static int64_t pickDim(Random &random, int64_t rank) {
  return random.below(rank) - (random.oneIn(3) ? rank : 0);
}

/// A value that has dimensions.
static std::optional<Use> pickRanked(Builder &builder) {
  return builder.pickIf([&](Use use) { return !builder.sizesOf(use).empty(); });
}

static bool inferBroadcastTo(const Node &node, const std::vector<Dims> &in,
                             std::vector<Dims> &out) {
  Dims result(node.numbers.begin(), node.numbers.end());
  if (in[0].size() > result.size())
    return false;
  const size_t added = result.size() - in[0].size();
  for (size_t dim = 0; dim < result.size(); ++dim) {
    if (dim < added) {
      if (result[dim] < 0)
        return false;
      continue;
    }
    const int64_t size = in[0][dim - added];
    if (result[dim] < 0)
      result[dim] = size;
    else if (size != 1 && size != -1 && size != result[dim])
      return false;
  }
  out.push_back(result);
  return true;
}

static int32_t sourceOfBroadcastTo(const Node &, int32_t,
                                   const std::vector<Dims> &in, Dims &index) {
  index.erase(index.begin(), index.begin() + static_cast<int64_t>(
                                                 index.size() - in[0].size()));
  for (size_t dim = 0; dim < index.size(); ++dim)
    if (in[0][dim] == 1)
      index[dim] = 0;
  return 0;
}

static bool chooseBroadcastTo(Builder &builder, Node &node) {
  Random &random = builder.random;
  const Use input = builder.pick();
  const Dims &sizes = builder.sizesOf(input);
  node.operands = {input};
  node.dtype = builder.dtypeOf(input);
  for (int64_t size : sizes) {
    const int64_t larger = random.oneIn(8) ? 0 : random.between(1, 7);
    node.numbers.push_back(size == 1 && !random.oneIn(3) ? larger
                           : random.oneIn(2)             ? size
                                                         : -1);
  }
  while (node.numbers.size() < 5 && random.oneIn(2))
    node.numbers.insert(node.numbers.begin(), random.between(1, 4));
  return true;
}

static std::string broadcastToAttributes(const Node &node) {
  return listAttribute("sizes", node);
}

static bool inferTranspose(const Node &node, const std::vector<Dims> &in,
                           std::vector<Dims> &out) {
  if (in[0].size() != node.numbers.size())
    return false;
  Dims &result = out.emplace_back();
  for (int64_t dim : node.numbers)
    result.push_back(in[0][dim]);
  return true;
}

static int32_t sourceOfTranspose(const Node &node, int32_t,
                                 const std::vector<Dims> &, Dims &index) {
  const Dims old = index;
  for (size_t dim = 0; dim < old.size(); ++dim)
    index[node.numbers[dim]] = old[dim];
  return 0;
}

static bool chooseTranspose(Builder &builder, Node &node) {
  const Use input = pickRanked(builder).value_or(builder.pick());
  node.operands = {input};
  node.dtype = builder.dtypeOf(input);
  for (size_t dim = 0; dim < builder.sizesOf(input).size(); ++dim)
    node.numbers.insert(node.numbers.begin() +
                            builder.random.below(node.numbers.size() + 1),
                        static_cast<int64_t>(dim));
  return true;
}

static std::string transposeAttributes(const Node &node) {
  return listAttribute("permutation", node);
}

static std::string dimAttribute(const Node &node) {
  return absl::StrCat("dim = ", node.numbers[0], " : i64");
}

static bool inferExpandDims(const Node &node, const std::vector<Dims> &in,
                            std::vector<Dims> &out) {
  Dims result = in[0];
  const int64_t rank = static_cast<int64_t>(result.size()) + 1;
  const int64_t dim = dimOf(node, rank);
  if (dim < 0 || dim >= rank || rank > 6)
    return false;
  result.insert(result.begin() + dim, 1);
  out.push_back(result);
  return true;
}

static int32_t sourceOfExpandDims(const Node &node, int32_t,
                                  const std::vector<Dims> &, Dims &index) {
  index.erase(index.begin() + dimOf(node, index.size()));
  return 0;
}

static bool chooseExpandDims(Builder &builder, Node &node) {
  const Use input = builder.pick();
  node.operands = {input};
  node.dtype = builder.dtypeOf(input);
  node.numbers = {pickDim(
      builder.random, static_cast<int64_t>(builder.sizesOf(input).size()) + 1)};
  return true;
}

static bool hasDim(const Node &node, const Dims &sizes) {
  const int64_t dim = dimOf(node, sizes.size());
  return dim >= 0 && dim < static_cast<int64_t>(sizes.size());
}

static bool inferSqueeze(const Node &node, const std::vector<Dims> &in,
                         std::vector<Dims> &out) {
  if (!hasDim(node, in[0]))
    return false;
  Dims result = in[0];
  const int64_t dim = dimOf(node, result.size());
  if (result[dim] != 1 && result[dim] != -1)
    return false;
  result.erase(result.begin() + dim);
  out.push_back(result);
  return true;
}

static int32_t sourceOfSqueeze(const Node &node, int32_t,
                               const std::vector<Dims> &in, Dims &index) {
  index.insert(index.begin() + dimOf(node, in[0].size()), 0);
  return 0;
}

static bool chooseSqueeze(Builder &builder, Node &node) {
  const std::optional<Use> input = builder.pickIf([&](Use use) {
    const Dims &sizes = builder.sizesOf(use);
    return std::find(sizes.begin(), sizes.end(), 1) != sizes.end();
  });
  if (!input)
    return false;
  const Dims &sizes = builder.sizesOf(*input);
  node.operands = {*input};
  node.dtype = builder.dtypeOf(*input);
  int64_t dim;
  do
    dim = builder.random.below(static_cast<int64_t>(sizes.size()));
  while (sizes[dim] != 1);
  node.numbers = {
      dim - (builder.random.oneIn(3) ? static_cast<int64_t>(sizes.size()) : 0)};
  return true;
}

/// numbers: dim, start, end, step.
static bool inferSlice(const Node &node, const std::vector<Dims> &in,
                       std::vector<Dims> &out) {
  if (!hasDim(node, in[0]))
    return false;
  Dims result = in[0];
  int64_t &size = result[dimOf(node, result.size())];
  auto clamped = [&](int64_t index) {
    return std::clamp<int64_t>(index < 0 ? index + size : index, 0, size);
  };
  if (size >= 0) {
    const int64_t count = clamped(node.numbers[2]) - clamped(node.numbers[1]);
    size = count <= 0 ? 0 : (count - 1) / node.numbers[3] + 1;
  }
  out.push_back(result);
  return true;
}

static int32_t sourceOfSlice(const Node &node, int32_t,
                             const std::vector<Dims> &in, Dims &index) {
  const int64_t dim = dimOf(node, index.size()), size = in[0][dim];
  const int64_t start = node.numbers[1];
  index[dim] = std::clamp<int64_t>(start < 0 ? start + size : start, 0, size) +
               index[dim] * node.numbers[3];
  return 0;
}

static bool chooseSlice(Builder &builder, Node &node) {
  const std::optional<Use> input = pickRanked(builder);
  if (!input)
    return false;
  Random &random = builder.random;
  const Dims &sizes = builder.sizesOf(*input);
  const int64_t dim = random.below(static_cast<int64_t>(sizes.size()));
  const int64_t size = sizes[dim];
  int64_t start = random.oneIn(8) ? size + 1 : random.below(size / 2 + 1);
  int64_t end = random.oneIn(8)   ? start - 1
                : random.oneIn(4) ? INT64_MAX
                                  : random.between(start, size + 1);
  if (random.oneIn(4))
    start -= size;
  if (random.oneIn(4) && end < size)
    end -= size;
  node.operands = {*input};
  node.dtype = builder.dtypeOf(*input);
  node.numbers = {
      dim - (random.oneIn(3) ? static_cast<int64_t>(sizes.size()) : 0), start,
      end, random.oneIn(2) ? 1 : random.between(1, 4)};
  return true;
}

static std::string sliceAttributes(const Node &node) {
  return absl::StrCat(dimAttribute(node), ", start = ", node.numbers[1],
                      " : i64, end = ", node.numbers[2],
                      " : i64, step = ", node.numbers[3], " : i64");
}

static bool inferChunk(const Node &node, const std::vector<Dims> &in,
                       std::vector<Dims> &out) {
  if (!hasDim(node, in[0]))
    return false;
  const int64_t dim = dimOf(node, in[0].size()), size = in[0][dim];
  const int64_t part = (size + node.numResults - 1) / node.numResults;
  for (int64_t i = 0; i < node.numResults; ++i) {
    out.push_back(in[0]);
    if (size >= 0)
      out.back()[dim] = std::clamp<int64_t>(size - i * part, 0, part);
  }
  return true;
}

static int32_t sourceOfChunk(const Node &node, int32_t result,
                             const std::vector<Dims> &in, Dims &index) {
  const int64_t dim = dimOf(node, index.size());
  index[dim] += result * ((in[0][dim] + node.numResults - 1) / node.numResults);
  return 0;
}

static bool chooseChunk(Builder &builder, Node &node) {
  const std::optional<Use> input = pickRanked(builder);
  if (!input)
    return false;
  node.operands = {*input};
  node.dtype = builder.dtypeOf(*input);
  node.numResults = static_cast<int32_t>(builder.random.between(1, 4));
  node.numbers = {pickDim(
      builder.random, static_cast<int64_t>(builder.sizesOf(*input).size()))};
  return true;
}

static bool inferConcat(const Node &node, const std::vector<Dims> &in,
                        std::vector<Dims> &out) {
  if (!hasDim(node, in[0]))
    return false;
  const int64_t dim = dimOf(node, in[0].size());
  Dims result = in[0];
  int64_t total = 0;
  for (const Dims &sizes : in) {
    if (sizes.size() != result.size())
      return false;
    total = total < 0 || sizes[dim] < 0 ? -1 : total + sizes[dim];
    for (size_t i = 0; i < result.size(); ++i) {
      if (static_cast<int64_t>(i) == dim)
        continue;
      if (result[i] >= 0 && sizes[i] >= 0 && result[i] != sizes[i])
        return false;
      result[i] = std::max(result[i], sizes[i]);
    }
  }
  result[dim] = total;
  out.push_back(result);
  return true;
}

static int32_t sourceOfConcat(const Node &node, int32_t,
                              const std::vector<Dims> &in, Dims &index) {
  const int64_t dim = dimOf(node, index.size());
  int32_t part = 0;
  while (index[dim] >= in[part][dim])
    index[dim] -= in[part++][dim];
  return part;
}

static bool chooseConcat(Builder &builder, Node &node) {
  const std::optional<Use> first = pickRanked(builder);
  if (!first)
    return false;
  const Dims &sizes = builder.sizesOf(*first);
  const int64_t rank = static_cast<int64_t>(sizes.size());
  node.numbers = {pickDim(builder.random, rank)};
  node.dtype = builder.dtypeOf(*first);
  node.operands = {*first};
  const int64_t dim = dimOf(node, sizes.size());
  auto fits = [&](Use use) {
    Dims others = builder.sizesOf(use);
    if (builder.dtypeOf(use) != node.dtype || others.size() != sizes.size())
      return false;
    others[dim] = sizes[dim];
    return others == sizes;
  };
  for (int64_t more = builder.random.below(4); more > 0; --more)
    node.operands.push_back(builder.pickIf(fits).value_or(*first));
  return true;
}

static bool inferReshape(const Node &node, const std::vector<Dims> &in,
                         std::vector<Dims> &out) {
  Dims result(node.numbers.begin(), node.numbers.end());
  const bool isKnown = std::find(in[0].begin(), in[0].end(), -1) == in[0].end();
  const auto rest = std::find(result.begin(), result.end(), -1);
  int64_t others = 1;
  for (int64_t size : result)
    others *= size == -1 ? 1 : size;
  if (rest != result.end() && others == 0)
    return false;
  if (isKnown && rest != result.end())
    *rest = numElements(in[0]) / others;
  out.push_back(result);
  return !isKnown || numElements(result) == numElements(in[0]);
}

static int32_t sourceOfReshape(const Node &node, int32_t,
                               const std::vector<Dims> &in, Dims &index) {
  std::vector<Dims> out;
  inferReshape(node, in, out);
  int64_t place = placeOf(index, runtime::rowMajorStrides(out[0]));
  index.assign(in[0].size(), 0);
  for (size_t dim = in[0].size(); dim-- > 0; place /= in[0][dim])
    index[dim] = place % in[0][dim];
  return 0;
}

/// Joins neighbours, or splits a dimension, or both.
static bool chooseReshape(Builder &builder, Node &node) {
  Random &random = builder.random;
  const Use input = builder.pick();
  node.operands = {input};
  node.dtype = builder.dtypeOf(input);
  const Dims &sizes = builder.sizesOf(input);
  for (int64_t size : sizes) {
    if (!node.numbers.empty() && random.oneIn(2)) {
      node.numbers.back() *= size;
      continue;
    }
    const int64_t part = random.between(1, 4);
    if (random.oneIn(2) && size % part == 0 && node.numbers.size() < 4) {
      node.numbers.push_back(size / part);
      size = part;
    }
    node.numbers.push_back(size);
  }
  if (!node.numbers.empty() && random.oneIn(2) && numElements(sizes) > 0)
    node.numbers[random.below(static_cast<int64_t>(node.numbers.size()))] = -1;
  return true;
}

static std::string reshapeAttributes(const Node &node) {
  return listAttribute("sizes", node);
}

void fuzz::addMoves(std::vector<OpKind> &kinds) {
  auto add = [&](const char *name, int64_t weight, InferShapes infer,
                 bool (*choose)(Builder &, Node &),
                 std::string (*attributes)(const Node &), SourceOf source) {
    kinds.push_back({name, name, weight, infer, choose, attributes});
    kinds.back().source = source;
  };
  add("broadcast_to", 6, inferBroadcastTo, chooseBroadcastTo,
      broadcastToAttributes, sourceOfBroadcastTo);
  add("transpose", 8, inferTranspose, chooseTranspose, transposeAttributes,
      sourceOfTranspose);
  add("expand_dims", 4, inferExpandDims, chooseExpandDims, dimAttribute,
      sourceOfExpandDims);
  add("squeeze", 4, inferSqueeze, chooseSqueeze, dimAttribute, sourceOfSqueeze);
  add("reshape", 8, inferReshape, chooseReshape, reshapeAttributes,
      sourceOfReshape);
  add("slice", 8, inferSlice, chooseSlice, sliceAttributes, sourceOfSlice);
  add("chunk", 7, inferChunk, chooseChunk, dimAttribute, sourceOfChunk);
  add("concat", 7, inferConcat, chooseConcat, dimAttribute, sourceOfConcat);
}
