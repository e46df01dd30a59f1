//===- Generate.h - random programs --------------------------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_FUZZ_GENERATE_H
#define FUSER_TOOLS_FUSER_FUZZ_GENERATE_H

#include "Case.h"
#include "OpKind.h"
#include "Random.h"
#include <functional>

namespace fuser::fuzz {

struct GenerateOptions {
  int64_t maxOps = 60;
};

/// Program number `index` of the sequence that `seed` begins.
Case generateCase(uint64_t seed, uint64_t index,
                  const GenerateOptions &options = {});

/// Which ops a program has.
enum class OpMix {
  Any,
  Moves,   ///< none but those that move elements
  Concats, ///< many concats, and pointwise ops around them
};

/// A program in the making: what a kind chooses its operands from.
class Builder {
public:
  Builder(Random &random, Case &program) : random(random), program(program) {}

  Random &random;

  DType dtypeOf(Use use) const { return program.nodes[use.node].dtype; }
  const Dims &sizesOf(Use use) const { return shapes[use.node][use.result]; }

  using Predicate = std::function<bool(Use)>;
  /// A tensor, young ones more often than old ones.
  Use pick();
  /// One of those that `fits` admits.
  std::optional<Use> pickIf(const Predicate &fits);
  /// One of that element type that broadcasts with `sizes`; makes one of what
  /// there is if need be.
  Use pickLike(DType dtype, const Dims &sizes);
  /// `use`, or a cast of it to an element type that `domain` admits.
  Use admitted(Use use, Domain domain);
  /// A shape for an op that makes a tensor.
  Dims pickSizes();
  DType pickDType(Domain domain = Domain::Any);
  /// A representation of an element.
  uint64_t pickElement(DType dtype);
  /// Some scalar argument, of that type if one is given.
  std::optional<Use> pickScalar(std::optional<DType> dtype = {});
  /// `divisor`, mostly with other elements in the place of zeros.
  Use withoutZeros(Use divisor);

  /// Appends `node` if its operands fit; its first result.
  std::optional<Use> add(Node node);
  /// Appends a node of a random kind.
  void addRandom(OpMix mix);
  void addArgument(DType dtype, const Dims &sizes);
  void addScalar(DType dtype);

  /// The shape that most others are broadcast to.
  Dims full;
  int64_t maxElements = 4096;

private:
  /// A constant of rank 0.
  Use constant(DType dtype, uint64_t bits);

  Case &program;
  NodeShapes shapes;
  std::vector<Use> tensors;
};

} // namespace fuser::fuzz

#endif // FUSER_TOOLS_FUSER_FUZZ_GENERATE_H
