//===- KernelSpec.h - a registered fusion group -----------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the runtime knows of a fusion group, without any IR: how its inputs are
// viewed, the pointwise code, the shapes that broadcast together, and how its
// outputs are put together from pieces. It is built from a partitioned
// `fuser.group` by `describeGroup` in FuserTransforms.
//
// Reading order: an *input* is seen through *leaves* (a chain of view steps),
// and so are the indices of elements;
// the *instructions* compute values from leaves and constants, element by
// element; a *piece* is a value that is stored; an *output* is a piece or a
// concatenation of pieces.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_KERNELSPEC_H
#define FUSERRUNTIME_KERNELSPEC_H

#include "FuserMath/Opcode.h"
#include "FuserRuntime/Tensor.h"
#include "absl/status/status.h"
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fuser::runtime {

/// Values are numbered leaves first, then constants, then instruction results.
using ValueId = int32_t;

/// Part number `part` of partition number `partition`.
struct PartRef {
  int32_t partition;
  int32_t part;
};

/// One index map: how a view is derived from the one before it. Dimensions are
/// non-negative. The semantics are those of the dialect ops of the same names.
struct ViewStep {
  enum class Kind : uint8_t {
    ExpandDims,    ///< insert a dimension of size 1 at `dim`
    Squeeze,       ///< remove dimension `dim`, which must have size 1
    Reshape,       ///< the elements in row-major order in the shape `dims`, of
                   ///< which one may be -1: what is left for it
    Transpose,     ///< result dim i is operand dim `dims[i]`
    Slice,         ///< along `dim`: [start, end) by step, clamped as in Python
    Chunk,         ///< along `dim`: part `index` of `count` parts, each of
                   ///< ceil(size / count) elements but the last ones
    BroadcastTo,   ///< expand to `dims`, aligned at the right; -1 keeps a size
    BroadcastLike, ///< expand to the broadcast of this view's own shape and
                   ///< that of shape group `index`
    PartLike,      ///< along `dim`, if that is not -1: what lies beside the
                   ///< first of `parts`; the view is itself the others of them
  };
  Kind kind;
  int64_t dim = 0;
  int64_t start = 0, end = 0, step = 1;
  int64_t count = 0, index = 0;
  Dims dims = {};
  std::vector<PartRef> parts = {};
  /// PartLike fails where the view would have to be repeated.
  bool isExact = false;
};

/// The indices of the elements of a tensor that has the shape of shape group
/// `shapeGroup`, or `shape` if that is -1: along dimension `dim`, or row-major
/// linear ones if that is -1. Elements are i64 and take no memory.
struct Iota {
  int32_t shapeGroup = -1;
  Dims shape;
  int64_t dim = -1;
};

/// One input, or `iota` if `input` is -1, as a sequence of view steps sees it.
struct Leaf {
  int32_t input;
  std::vector<ViewStep> steps;
  Iota iota = {};
};

/// A constant whose elements are all equal. `bits` holds the element in its
/// low bytes; `shape` takes part in broadcasting.
struct Constant {
  DType dtype;
  uint64_t bits;
  Dims shape;
};

/// result = opcode(operands). `operandType` is the type of the first operand
/// (of the second for select; i64 for random).
struct Instruction {
  Opcode opcode;
  DType operandType;
  DType resultType;
  std::array<ValueId, 3> operands{-1, -1, -1};
};

/// A set of leaves and constants that broadcast together.
struct ShapeGroup {
  std::vector<ValueId> members;
};

/// A concat in the middle of a group: the shape groups of its parts, and the
/// dimension along which it joins them. Other tensors are cut as it is.
struct Partition {
  std::vector<int32_t> shapeGroups;
  int64_t dim;
};

/// A value that is stored to (a part of) an output. Its shape is the broadcast
/// of its shape group.
struct Piece {
  ValueId value;
  int32_t shapeGroup;
  DType dtype;
  /// Derived: leaves and instructions needed, ascending; the sum of the
  /// instructions' weights (about vector instructions an element); the rank.
  /// A group that stores every value of a long chain lists each instruction
  /// once for each piece behind it.
  std::vector<ValueId> leaves = {};
  std::vector<int32_t> instructions = {};
  int64_t weight = 0;
  int64_t rank = 0;
};

/// An output: one piece, or the concatenation of `parts` along `dim`.
struct OutputNode {
  int32_t piece = -1;
  int64_t dim = 0;
  std::vector<OutputNode> parts;
};

struct InputDesc {
  DType dtype;
  int64_t rank;
  /// A runtime scalar (f64, i64 or i1): rank 0, passed by value on the stack.
  bool isScalar = false;
};

/// See KernelSpec::finalize.
inline constexpr int kMaxDepth = 500;

/// All that a kernel is made from, beside an ArgSpec. Immutable after
/// registration; shared by all threads. A registered one is owned by shared
/// pointers, so that kernels may keep it.
struct KernelSpec : std::enable_shared_from_this<KernelSpec> {
  /// The normalised group: no sizes, no names. Equal texts are equal specs.
  std::string text;
  std::vector<InputDesc> inputs;
  std::vector<Leaf> leaves;
  std::vector<Constant> constants;
  std::vector<Instruction> instructions;
  std::vector<ShapeGroup> shapeGroups;
  std::vector<Partition> partitions;
  std::vector<Piece> pieces;
  std::vector<OutputNode> outputs;
  /// Derived: the sum of the weights of all instructions that pieces need.
  int64_t weight = 0;
  /// Derived: whether elements can make a call fail (opcodeRaises).
  bool raises = false;

  ValueId firstConstant() const { return static_cast<ValueId>(leaves.size()); }
  ValueId firstResult() const {
    return static_cast<ValueId>(leaves.size() + constants.size());
  }
  DType valueType(ValueId value) const;

  /// Checks every index and type against its range and fills in the derived
  /// fields. A spec that does not pass (a defect of whoever made it) gives
  /// InvalidArgument that says where. So does one that nests too deep: concats
  /// within each other, or broadcast_likes and part_likes that depend on each
  /// other, more than kMaxDepth times.
  absl::Status finalize();
};

} // namespace fuser::runtime

#endif // FUSERRUNTIME_KERNELSPEC_H
