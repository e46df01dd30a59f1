//===- OpKind.h - the ops that programs are made of ----------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_FUZZ_OPKIND_H
#define FUSER_TOOLS_FUSER_FUZZ_OPKIND_H

#include "Case.h"
#include "FuserMath/Opcode.h"
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fuser::fuzz {

class Builder;

/// What the shapes of results are, given those of the operands; -1 is an
/// extent that is not known. False if the operands do not fit.
using InferShapes = bool (*)(const Node &node, const std::vector<Dims> &in,
                             std::vector<Dims> &out);

/// Where an op that moves elements has the one at `index` of its result
/// `result` from: returns the number of the operand, and makes `index` the
/// index there.
using SourceOf = int32_t (*)(const Node &node, int32_t result,
                             const std::vector<Dims> &in, Dims &index);

/// The representation of the element at `index` of a result of those sizes, of
/// an op that makes elements from their place.
using ElementAt = uint64_t (*)(const Node &node, const Dims &sizes,
                               const Dims &index);

/// A kind of op. All rows of the op table are kinds; composites, ops that make
/// tensors and ops that move elements are one entry each in the file of their
/// family.
struct OpKind {
  /// As it is counted: "add", "gelu tanh".
  std::string name;
  /// Without the dialect: "compare" for the comparisons.
  std::string op;
  /// How often it is chosen among the others.
  int64_t weight;
  InferShapes infer;
  /// Chooses operands and attributes of a node of this kind with what there is;
  /// false if that can't be. The shapes need not fit.
  bool (*choose)(Builder &builder, Node &node);
  /// The attributes in MLIR's syntax: "dim = 1 : i64". May be null.
  std::string (*attributes)(const Node &node) = nullptr;

  /// The type of the result leaves no extent open that is known: it makes the
  /// tensor, or the assembly has one type for operand and result.
  bool keepsType = false;

  SourceOf source = nullptr; ///< of ops that move elements
  ElementAt element = nullptr;
  /// Only the shape of the first operand matters.
  bool isLike = false;

  // Of pointwise ops:
  int arity = 0;
  Domain domain = Domain::Any;
  bool isBool = false;
  std::string fixedAttributes = {};
  /// Names of f64 attributes; a node's `numbers` are their bits.
  std::vector<std::string> parameters = {};
  std::optional<Opcode> opcode = {}; ///< of rows of the op table
};

/// The families of kinds; each appends its own.
void addPointwise(std::vector<OpKind> &kinds);  // PointwiseKinds.cpp
void addComposites(std::vector<OpKind> &kinds); // PointwiseKinds.cpp
void addCreations(std::vector<OpKind> &kinds);  // CreationKinds.cpp
void addMoves(std::vector<OpKind> &kinds);      // MoveKinds.cpp

/// Every kind of op, always in the same order.
const std::vector<OpKind> &opKinds();

/// The kind called `name`, which there must be.
const OpKind &opKind(std::string_view name);

/// The kinds of nodes that stand for arguments.
const OpKind &tensorArgument();
const OpKind &scalarArgument();
bool isArgument(const Node &node);

/// Ops of the dialect that no program has, because other ops or passes make
/// them.
const std::vector<std::string> &opsNotFuzzed();

/// True if a call of `program` may be refused because of its data.
bool mayFail(const Case &program);

/// True if it may be so by an op on whose elements no element of an output
/// depends. Fused, such an op is not run; op by op it is.
bool mayFailUnneeded(const Case &program, const NodeShapes &shapes);

} // namespace fuser::fuzz

#endif // FUSER_TOOLS_FUSER_FUZZ_OPKIND_H
