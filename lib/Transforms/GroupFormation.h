//===- GroupFormation.h - how groups grow, op by op -------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every op gets a level, which never falls along an edge and rises where two
// ops may not be fused. Fusible ops of equal level that are neighbours form a
// group, and groups of equal level merge: at once if they share an input, and
// whatever fits in the end. A path that leaves a group must rise and so can't
// come back: groups are convex by construction, at linear cost.
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_TRANSFORMS_GROUPFORMATION_H
#define FUSER_LIB_TRANSFORMS_GROUPFORMATION_H

#include "FuserTransforms/Passes.h"
#include "llvm/ADT/SetVector.h"

namespace fuser {

inline int64_t rankOf(mlir::Value value) {
  auto type = llvm::dyn_cast<mlir::ShapedType>(value.getType());
  return type ? type.getRank() : 0;
}

/// The dimension that `op` joins, counted from the end.
inline int64_t dimOf(ConcatOp op) {
  int64_t dim = op.getDim();
  return dim < 0 ? dim : dim - rankOf(op.getResult());
}

/// True if the result of `op` has a known extent along `dim`, which counts from
/// the end.
inline bool isStaticAlong(mlir::Operation *op, int64_t dim) {
  auto type = llvm::cast<mlir::ShapedType>(op->getResult(0).getType());
  return !type.isDynamicDim(dim + type.getRank());
}

/// True for ops that a concat of their operands makes concats of.
inline bool isElementwise(mlir::Operation *op) {
  return llvm::isa<PointwiseOpInterface, BroadcastLikeOp>(op);
}

/// True for ops that may be in a group.
bool isFusible(mlir::Operation *op);

/// The number of elements of a tensor, 1 of anything else; an unknown extent
/// counts as a usual one.
double numElements(mlir::Type type);

/// A concat that cuts a value of its group, see ConcatMotion.cpp: along
/// dimension `dim` from the end, into `size` parts.
struct Cut {
  size_t concat;
  int64_t dim;
  int64_t size;
  /// Whether the extent of the concat is known.
  bool isStatic;
  /// Whether the parts of another concat are cut, each by itself.
  bool isInner;
};
using Cuts = llvm::SmallVector<Cut, 1>;

/// Forms the groups of one block.
class GroupFormation {
public:
  /// `later` has the level of ops that are not to be on an earlier one.
  using Levels = llvm::DenseMap<mlir::Operation *, int64_t>;
  GroupFormation(mlir::Block &block, const FormGroupsPassOptions &options,
                 bool explains, Levels later = Levels())
      : block(block), options(options), explains(explains),
        later(std::move(later)) {}

  /// Decides what the groups are; the block stays as it is.
  void form();
  /// About how many bytes they move; a launch counts as some.
  double cost();
  /// The ops that would be on a better level, see SinkOps.cpp.
  Levels findLaterLevels();
  /// Cuts the block into the groups, and says what was decided if that is
  /// wanted.
  void build();

  /// A decision on two ops of the block.
  struct Decision {
    mlir::Operation *first, *second;
    bool isEdge;
    FusionReason reason;
  };
  /// Those made by form(), if they were asked for.
  llvm::ArrayRef<Decision> decisions() const { return allDecisions; }

private:
  /// What is known of an op, or of a group at its representative.
  struct Node {
    mlir::Operation *op = nullptr;
    int64_t level = 0;
    bool fusible = false;
    /// Union-find over indices into `nodes`.
    size_t parent = 0;
    /// Upper bound of the ops that partitioning makes of it.
    int64_t numOps = 1;
    /// Of one op: how many ops compute its result from the inputs, and how many
    /// of those others need, too, so that a view of the result copies them.
    int64_t cost = 1, shared = 0;
    /// What cuts it; every combination of parts is computed by itself.
    Cuts cuts;
    unsigned concatDepth = 0;
    /// Of a concat that only concats may read, see mixesCuts.
    bool isFixed = false;
    /// What it is stored as, if it is.
    int64_t numPieces = 1;
    /// Whether the group computes it; if so, whether a reshape of it is one of
    /// inputs as they are, since all of them have its shape.
    bool isComputed = false, isReshapable = false;
    /// Whether an integer division, which can fail, takes part in that.
    bool raises = false;
    /// Values from outside that are no constants.
    llvm::SmallDenseSet<mlir::Value, 4> inputs;
    /// Results that ops outside use, or ops that are not placed yet.
    int64_t numOutputs = 0;

    int64_t numOperands() const { return inputs.size() + numOutputs; }
  };

  void place(mlir::Operation *op);
  std::optional<FusionReason> borderReason(const Node &producer,
                                           mlir::Operation *consumer);
  int64_t workOf(mlir::Value root, int64_t limit);
  bool isBetterStored(mlir::Value value, mlir::Operation *consumer);
  std::optional<FusionReason> exceededLimit(llvm::ArrayRef<size_t> parts,
                                            int64_t numClosed = 0) const;
  void merge(size_t into, size_t from);
  void openResults(size_t index);
  llvm::SmallVector<mlir::Value> closedBy(size_t index,
                                          llvm::ArrayRef<size_t> producers);
  llvm::SmallVector<size_t> definingNodes(size_t index);
  llvm::SmallVector<size_t> producersOf(size_t index);
  Node *nodeIn(mlir::Value value, llvm::ArrayRef<size_t> groups);
  bool mixesCuts(size_t index, llvm::ArrayRef<size_t> producers);
  void findCuts(size_t index, llvm::ArrayRef<size_t> producers);
  void countCopies(size_t index, llvm::ArrayRef<size_t> producers);
  void collectInputs(size_t index, llvm::ArrayRef<size_t> producers);
  Node *neighbour(mlir::Value value, int64_t level);
  void findComputed(size_t index);
  bool isReshapable(size_t index);
  std::optional<FusionReason> fuseAlongEdges(size_t index);
  void fuseBySharedInputs(size_t index);
  void mergeIndependent();
  void decide(size_t first, size_t second, bool isEdge, FusionReason reason);
  void decideEdges(size_t index, llvm::ArrayRef<size_t> producers,
                   std::optional<FusionReason> limit);
  size_t find(size_t index);
  int64_t levelOfUser(mlir::Operation *user, llvm::ArrayRef<int64_t> levels);
  double costOfLeaving(size_t index, llvm::ArrayRef<int64_t> levels);
  void emitRemarks();
  void buildGroups();
  void buildGroup(llvm::ArrayRef<mlir::Operation *> members);

  mlir::Block &block;
  const FormGroupsPassOptions &options;
  const bool explains;
  const Levels later;
  std::vector<Decision> allDecisions;
  std::vector<Node> nodes;
  llvm::DenseMap<mlir::Operation *, size_t> indexOf;
  /// Constants that become part of the groups that use them.
  llvm::SmallPtrSet<mlir::Operation *, 16> inlined;
  /// The group that reads a value from outside, by the group's level.
  llvm::DenseMap<std::pair<mlir::Value, int64_t>, size_t> readerAt;
  /// How often a value that is viewed is needed, see RecomputeCosts.cpp.
  llvm::DenseMap<mlir::Value, double> demands;
  /// How many uses of a result are not in its group so far.
  llvm::DenseMap<mlir::Value, int64_t> openUses;
  std::optional<size_t> lastEffect;
};

/// Says in `explanation` what groups `func` has now, and why.
void explainGroups(mlir::func::FuncOp func,
                   llvm::ArrayRef<GroupFormation::Decision> decisions,
                   const FormGroupsPassOptions &options,
                   FunctionExplanation &explanation);

} // namespace fuser

#endif // FUSER_LIB_TRANSFORMS_GROUPFORMATION_H
