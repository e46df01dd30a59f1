//===- Generate.cpp - random programs -------------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Generate.h"
#include "Data.h"
#include <algorithm>

using namespace fuser;
using namespace fuser::fuzz;

//===----------------------------------------------------------------------===//
// Builder
//===----------------------------------------------------------------------===//

Use Builder::pick() {
  const int64_t count = static_cast<int64_t>(tensors.size());
  const int64_t recent = std::min<int64_t>(count, 4);
  return tensors[random.oneIn(2) ? count - 1 - random.below(recent)
                                 : random.below(count)];
}

std::optional<Use> Builder::pickIf(const Predicate &fits) {
  std::vector<Use> candidates;
  std::copy_if(tensors.begin(), tensors.end(), std::back_inserter(candidates),
               fits);
  if (candidates.empty())
    return std::nullopt;
  return candidates[random.below(static_cast<int64_t>(candidates.size()))];
}

Use Builder::pickLike(DType dtype, const Dims &sizes) {
  auto broadcasts = [&](Use use) {
    Dims joined = sizes;
    return runtime::broadcastInto(joined, sizesOf(use)).ok() &&
           numElements(joined) <= maxElements;
  };
  std::optional<Use> use = pickIf(
      [&](Use other) { return dtypeOf(other) == dtype && broadcasts(other); });
  if (use && !random.oneIn(6))
    return *use;
  if (std::optional<Use> other = pickIf(broadcasts)) {
    if (dtypeOf(*other) == dtype)
      return *other;
    return *add({&opKind("cast"), dtype, 1, {*other}});
  }
  return constant(dtype,
                  dtype == DType::i1 ? random.below(2) : pickElement(dtype));
}

Use Builder::constant(DType dtype, uint64_t bits) {
  Node node{&opKind("constant"), dtype};
  node.bits = {bits};
  return *add(node);
}

/// A constant, or some bits set in every element.
Use Builder::withoutZeros(Use divisor) {
  if (random.oneIn(4))
    return divisor;
  const DType dtype = dtypeOf(divisor);
  uint64_t bits;
  do
    bits = pickElement(dtype);
  while (bits == zeroOf(dtype));
  const Use other = constant(dtype, bits);
  if (random.oneIn(5))
    return other;
  return *add({&opKind("bitwise_or"), dtype, 1, {divisor, other}});
}

Use Builder::admitted(Use use, Domain domain) {
  if (domainAdmits(domain, dtypeOf(use)))
    return use;
  if (!random.oneIn(3))
    if (std::optional<Use> other = pickIf(
            [&](Use other) { return domainAdmits(domain, dtypeOf(other)); }))
      return *other;
  return *add({&opKind("cast"), pickDType(domain), 1, {use}});
}

Dims Builder::pickSizes() {
  if (random.oneIn(2))
    return {};
  Dims sizes = random.oneIn(2) ? sizesOf(pick()) : full;
  sizes.erase(sizes.begin(),
              sizes.begin() +
                  random.below(static_cast<int64_t>(sizes.size()) + 1));
  for (int64_t &size : sizes)
    if (random.oneIn(5))
      size = 1;
  return sizes;
}

DType Builder::pickDType(Domain domain) {
  DType dtype;
  do
    dtype = static_cast<DType>(random.below(kNumDTypes));
  while (!domainAdmits(domain, dtype));
  return dtype;
}

uint64_t Builder::pickElement(DType dtype) {
  return randomElement(random, dtype, Filling::Mixed);
}

std::optional<Use> Builder::pickScalar(std::optional<DType> dtype) {
  std::vector<Use> scalars;
  for (int32_t i = 0; i < program.numArguments(); ++i)
    if (program.nodes[i].kind == &scalarArgument() &&
        (!dtype || *dtype == program.nodes[i].dtype))
      scalars.push_back({i, 0});
  if (scalars.empty())
    return std::nullopt;
  return scalars[random.below(static_cast<int64_t>(scalars.size()))];
}

std::optional<Use> Builder::add(Node node) {
  std::vector<Dims> in, out;
  for (Use use : node.operands)
    in.push_back(sizesOf(use));
  if (!node.kind->infer(node, in, out))
    return std::nullopt;
  int64_t elements = 0;
  for (const Dims &sizes : out)
    elements = std::max(elements, numElements(sizes));
  if (elements > maxElements)
    return std::nullopt;
  // Mostly what follows from the operands; sometimes some or all of it open.
  node.openDims = random.oneIn(3)   ? random.next()
                  : random.oneIn(6) ? ~uint64_t(0)
                                    : 0;
  const int32_t index = static_cast<int32_t>(program.nodes.size());
  for (int32_t result = 0; result < node.numResults; ++result)
    tensors.push_back({index, result});
  program.nodes.push_back(std::move(node));
  shapes.push_back(std::move(out));
  return Use{index, 0};
}

/// How often a kind is chosen among the others.
static int64_t weightOf(const OpKind &kind, OpMix mix) {
  switch (mix) {
  case OpMix::Any:
    return kind.weight;
  case OpMix::Moves:
    return kind.source ? kind.weight : 0;
  case OpMix::Concats:
    return kind.op == "concat" ? 300
           : kind.arity > 0    ? 4 * kind.weight
                               : kind.weight;
  }
  return 0;
}

void Builder::addRandom(OpMix mix) {
  int64_t total = 0;
  for (const OpKind &kind : opKinds())
    total += weightOf(kind, mix);
  int64_t place = random.below(total);
  const OpKind *kind = opKinds().data();
  while (place >= weightOf(*kind, mix))
    place -= weightOf(*kind++, mix);
  Node node{kind, DType::f32};
  if (kind->choose(*this, node))
    add(std::move(node));
}

void Builder::addArgument(DType dtype, const Dims &sizes) {
  tensors.push_back({static_cast<int32_t>(program.nodes.size()), 0});
  program.nodes.push_back({&tensorArgument(), dtype});
  program.nodes.back().openDims = random.oneIn(4)   ? 0
                                  : random.oneIn(3) ? ~uint64_t(0)
                                                    : random.next();
  shapes.push_back({sizes});
}

void Builder::addScalar(DType dtype) {
  program.nodes.push_back({&scalarArgument(), dtype});
  shapes.push_back({Dims()});
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

/// Sizes around those of vectors, small ones, 1 and 0.
static int64_t randomSize(Random &random) {
  switch (random.below(16)) {
  case 0:
    return random.oneIn(3) ? 0 : 1;
  case 1:
    return 1;
  case 2:
  case 3:
    return random.between(15, 18);
  case 4:
    return random.between(30, 34);
  case 5:
    return random.between(40, 70);
  default:
    return random.between(2, 9);
  }
}

/// The most elements of a tensor that has some of `sizes`, others being 1.
static int64_t mostElements(Dims sizes) {
  std::replace(sizes.begin(), sizes.end(), int64_t(0), int64_t(1));
  return numElements(sizes);
}

/// Nothing related to them has more than `maxElements`.
static Dims randomSizes(Random &random, int64_t maxElements) {
  Dims sizes;
  for (int64_t rank = random.oneIn(12) ? 0 : random.between(1, 5); rank > 0;
       --rank) {
    sizes.push_back(randomSize(random));
    while (mostElements(sizes) > maxElements)
      sizes.back() = (sizes.back() + 1) / 2;
  }
  // Sometimes one long dimension, for vectors and threads.
  if (!sizes.empty() && random.oneIn(8)) {
    int64_t &size = sizes[random.below(static_cast<int64_t>(sizes.size()))];
    const int64_t others = mostElements(sizes) / std::max<int64_t>(size, 1);
    if (size > 0)
      size = random.between(1, maxElements / others);
  }
  return sizes;
}

/// Sizes that broadcast with `full`, as a rule.
static Dims relatedSizes(Random &random, const Dims &full) {
  Dims sizes = full;
  if (random.oneIn(3))
    sizes.erase(sizes.begin(),
                sizes.begin() +
                    random.below(static_cast<int64_t>(sizes.size()) + 1));
  if (random.oneIn(3))
    for (int64_t &size : sizes)
      if (random.oneIn(2))
        size = 1;
  if (random.oneIn(8) && sizes.size() > 1)
    std::swap(sizes.front(), sizes.back());
  return sizes;
}

static void addArguments(Random &random, Builder &builder) {
  // Few element types in a program, so that values meet.
  const DType favourite = builder.pickDType();
  const int64_t count =
      random.oneIn(8) ? random.between(4, 9) : random.between(1, 3);
  for (int64_t i = 0; i < count; ++i)
    builder.addArgument(random.oneIn(2) ? favourite : builder.pickDType(),
                        i == 0 ? builder.full
                               : relatedSizes(random, builder.full));
  const DType scalars[] = {DType::f64, DType::i64, DType::i1};
  for (int64_t i = random.oneIn(2) ? random.between(1, 3) : 0; i > 0; --i)
    builder.addScalar(scalars[random.below(3)]);
}

static int64_t randomCount(Random &random, int64_t maxOps) {
  const int64_t limits[] = {4, 4, 8, 8, 8, 15, 15, 30, 60};
  const int64_t limit = limits[random.below(std::size(limits))];
  return random.between(1, std::max<int64_t>(1, std::min(limit, maxOps)));
}

/// Values that nothing uses, others, and seldom an argument or one twice.
static void chooseOutputs(Random &random, Case &program) {
  std::vector<std::vector<bool>> used;
  for (const Node &node : program.nodes) {
    used.emplace_back(node.numResults);
    for (Use use : node.operands)
      used[use.node][use.result] = true;
  }
  std::vector<Use> tensors;
  const int64_t maxSinks = random.between(1, 5);
  for (int32_t i = static_cast<int32_t>(program.nodes.size()); i-- > 0;)
    for (int32_t result = 0; result < program.nodes[i].numResults; ++result) {
      if (program.nodes[i].kind == &scalarArgument())
        continue;
      tensors.push_back({i, result});
      if (!isArgument(program.nodes[i]) && !used[i][result] &&
          static_cast<int64_t>(program.outputs.size()) < maxSinks)
        program.outputs.push_back({i, result});
    }
  while (program.outputs.empty() || random.oneIn(5))
    program.outputs.push_back(
        tensors[random.below(static_cast<int64_t>(tensors.size()))]);
}

static Call randomCall(Random &random, const Case &program,
                       const std::vector<Dims> &sizes) {
  Call call;
  call.threads = static_cast<int>(random.between(1, 2));
  if (random.oneIn(3))
    call.givenOutputs = random.next();
  for (int32_t i = 0; i < program.numArguments(); ++i)
    call.arguments.push_back(
        randomArgument(random, program.nodes[i].dtype, sizes[i],
                       static_cast<Filling>(random.below(kNumFillings))));
  return call;
}

/// Other sizes for the open extents: equal ones stay equal, as a rule.
static std::vector<Dims> otherSizes(Random &random, const Case &program) {
  std::vector<std::pair<int64_t, int64_t>> changes;
  auto changed = [&](int64_t size) {
    for (auto [from, to] : changes)
      if (from == size)
        return to;
    changes.emplace_back(
        size, size == 1 && !random.oneIn(3) ? 1 : randomSize(random));
    return changes.back().second;
  };
  std::vector<Dims> all;
  for (int32_t i = 0; i < program.numArguments(); ++i) {
    all.push_back(program.calls.front().arguments[i].sizes);
    for (size_t dim = 0; dim < all[i].size(); ++dim)
      if (program.nodes[i].openDims >> dim & 1 && !random.oneIn(8))
        all[i][dim] = changed(all[i][dim]);
  }
  return all;
}

/// Calls on other data and layouts, and where the program admits it on other
/// sizes.
static void addCalls(Random &random, Case &program, int64_t maxElements) {
  // A call on other sizes often needs another kernel, which takes long to make.
  for (int64_t count = random.oneIn(8)   ? 2
                       : random.oneIn(2) ? 1
                                         : 0;
       count > 0; --count) {
    std::vector<Dims> same;
    for (const Argument &argument : program.calls.front().arguments)
      same.push_back(argument.sizes);
    for (int64_t tries = 0; tries < 6; ++tries) {
      std::vector<Dims> sizes = otherSizes(random, program);
      if (tries == 5)
        sizes = same;
      Case candidate{program.nodes, program.outputs, {Call()}};
      for (const Dims &argument : sizes)
        candidate.calls[0].arguments.push_back({argument, {}, 0, nullptr});
      if (!shapesInCall(candidate, 0, 4 * maxElements))
        continue;
      program.calls.push_back(randomCall(random, program, sizes));
      break;
    }
  }
}

Case fuzz::generateCase(uint64_t seed, uint64_t index,
                        const GenerateOptions &options) {
  Random random(seed, index);
  Case program;
  Builder builder(random, program);
  builder.maxElements = random.oneIn(16) ? 20000 : random.oneIn(4) ? 3000 : 400;
  builder.full = randomSizes(random, builder.maxElements);
  addArguments(random, builder);
  std::vector<Dims> sizes;
  for (int32_t i = 0; i < program.numArguments(); ++i)
    sizes.push_back(builder.sizesOf({i, 0}));
  const int64_t count = randomCount(random, options.maxOps);
  const OpMix mix = random.oneIn(12)  ? OpMix::Moves
                    : random.oneIn(6) ? OpMix::Concats
                                      : OpMix::Any;
  for (int64_t tries = 2 * count; tries > 0 && program.numOps() < count;
       --tries)
    builder.addRandom(mix);
  chooseOutputs(random, program);
  program.calls.push_back(randomCall(random, program, sizes));
  addCalls(random, program, builder.maxElements);
  if (!random.oneIn(8))
    removeUnused(program, /*keepArguments=*/true);
  if (random.oneIn(5))
    program.repeats = random.next();
  program.fewKernels = random.oneIn(8);
  return program;
}
