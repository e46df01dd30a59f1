//===- Case.h - a program and the calls to make of it --------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A program is a list of nodes. Every node knows how the shapes of its results
// follow from those of its operands, so that a program can be called on other
// sizes, and changed by the shrinker, without being made anew.
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_FUZZ_CASE_H
#define FUSER_TOOLS_FUSER_FUZZ_CASE_H

#include "FuserMath/DType.h"
#include "FuserRuntime/Tensor.h"
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fuser::fuzz {

using runtime::Dims;
struct OpKind;

/// A result of a node.
struct Use {
  int32_t node = 0;
  int32_t result = 0;
  bool operator==(const Use &other) const {
    return node == other.node && result == other.result;
  }
  bool operator!=(const Use &other) const { return !(*this == other); }
};

/// An argument of the program, or an op.
struct Node {
  const OpKind *kind;
  DType dtype; ///< of the results
  int32_t numResults = 1;
  std::vector<Use> operands = {};
  /// What the kind makes of them: `dim`, `sizes`, ...
  std::vector<int64_t> numbers = {};
  /// Representations of a constant's elements, in turn.
  std::vector<uint64_t> bits = {};
  /// Bit 8 * result + dim: the type leaves this extent open, be it known or
  /// not.
  uint64_t openDims = 0;
};

/// The value of an argument in one call. A scalar is one of rank 0.
struct Argument {
  Dims sizes, strides;
  int64_t offset = 0; ///< of the first element, in elements
  /// Shared by copies of the case; never written to once it is filled.
  std::shared_ptr<std::vector<std::byte>> storage;
};

struct Call {
  /// In the order of the argument nodes.
  std::vector<Argument> arguments;
  int threads = 1;
  /// Run every group a second time, into outputs laid out by this seed, which
  /// may replace inputs.
  std::optional<uint64_t> givenOutputs = {};
};

/// A program, and what to call it on, in this order. Argument nodes come first,
/// operands before their users.
struct Case {
  std::vector<Node> nodes;
  std::vector<Use> outputs;
  std::vector<Call> calls;
  /// Make some of the calls again, in ways that this seed chooses.
  std::optional<uint64_t> repeats = {};
  /// In a session that keeps next to no kernels and specs.
  bool fewKernels = false;

  int32_t numArguments() const;
  int32_t numOps() const {
    return static_cast<int32_t>(nodes.size()) - numArguments();
  }
};

/// For each node the sizes of each of its results.
using NodeShapes = std::vector<std::vector<Dims>>;

/// The sizes in call number `call`; nothing if operands do not fit each other
/// or a value would have more than `maxElements`.
std::optional<NodeShapes> shapesInCall(const Case &program, size_t call,
                                       int64_t maxElements = 1 << 20);

/// The extents of the types, -1 where they are open; nothing if operands do not
/// fit.
std::optional<NodeShapes> declaredShapes(const Case &program);

/// True if the types fit and every call has sizes that fit them.
bool isValid(const Case &program);

/// The program as MLIR, every op in its generic form: a function called `fuzz`
/// with arguments a0, a1, ... Requires isValid.
std::string programText(const Case &program);

/// Removes all that no output needs, but keeps unused arguments if asked to.
void removeUnused(Case &program, bool keepArguments = false);

/// The elements of `argument` in row-major order.
std::vector<std::byte> elementsOf(const Argument &argument, DType dtype);

/// A row-major argument of those elements.
Argument denseArgument(const Dims &sizes, std::vector<std::byte> elements);

/// Calls `visit` for each index below `sizes`, in row-major order.
template <class Visit> void forEachIndex(const Dims &sizes, Visit &&visit) {
  for (int64_t size : sizes)
    if (size == 0)
      return;
  Dims index(sizes.size());
  for (size_t dim = 1; dim > 0;) {
    visit(index);
    for (dim = sizes.size(); dim > 0; --dim) {
      if (++index[dim - 1] < sizes[dim - 1])
        break;
      index[dim - 1] = 0;
    }
  }
}

/// Where `index` lies.
inline int64_t placeOf(const Dims &index, absl::Span<const int64_t> strides) {
  int64_t place = 0;
  for (size_t dim = 0; dim < index.size(); ++dim)
    place += index[dim] * strides[dim];
  return place;
}

/// The product of `sizes`.
int64_t numElements(const Dims &sizes);

/// The number of elements of memory that `argument` needs.
int64_t storageExtent(const Argument &argument);

} // namespace fuser::fuzz

#endif // FUSER_TOOLS_FUSER_FUZZ_CASE_H
