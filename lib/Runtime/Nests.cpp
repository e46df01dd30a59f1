//===- Nests.cpp - grouping pieces into nests and nests into loops --------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Nests.h"
#include "Coalescing.h"
#include "Copies.h"
#include "LoopSplit.h"
#include "absl/strings/str_cat.h"
#include <algorithm>

namespace fuser::runtime {

/// A plan that loads more than this, and a quarter of what it stores, stores
/// past the caches: they would not keep what it stores, and storing to them
/// reads it first. Where most is stored that costs little until much more is.
static constexpr int64_t kNonTemporalBytes = int64_t(24) << 20;
static constexpr int64_t kStoresPerLoad = 4;

/// Code of more weight for each byte that an element loads and stores is bound
/// by arithmetic, and gains nothing by stores past the caches.
static constexpr int64_t kNonTemporalMaxWeight = 3;

/// Shorter rows spend their time in the masked, ordinary stores of their ends,
/// if they have such.
static constexpr int64_t kNonTemporalMinRowBytes = 256;

static constexpr int64_t kCacheLine = 64;

//===----------------------------------------------------------------------===//
// Nests
//===----------------------------------------------------------------------===//

/// Streams that a nest has at the most, where it needs no more: so many at a
/// time the hardware foresees, and memory keeps open.
static constexpr std::size_t kMaxStreams = 12;

/// Whether `piece` belongs to `nest`, whose shape it has: it loads what the
/// nest loads, or both together are few streams. A leaf of one element is none.
static bool shouldJoin(const PlannedNest &nest, const Piece &piece,
                       const Shapes &shapes) {
  auto isStream = [&](int32_t leaf) { return shapes.leaf(leaf).rank() > 0; };
  std::size_t streams = nest.pieces.size() + 1;
  streams += std::count_if(nest.leaves.begin(), nest.leaves.end(), isStream);
  for (int32_t leaf : piece.leaves) {
    if (!isStream(leaf))
      continue;
    if (std::binary_search(nest.leaves.begin(), nest.leaves.end(), leaf))
      return true;
    ++streams;
  }
  return streams <= kMaxStreams;
}

/// Adds piece `number` to `nest`. Its own leaves are sorted and distinct.
static void addPiece(const KernelSpec &spec, int32_t number,
                     PlannedNest &nest) {
  const Piece &piece = spec.pieces[number];
  nest.pieces.push_back(number);
  nest.weight = std::min(nest.weight + piece.weight, spec.weight);
  const auto middle = static_cast<std::ptrdiff_t>(nest.leaves.size());
  nest.leaves.insert(nest.leaves.end(), piece.leaves.begin(),
                     piece.leaves.end());
  std::inplace_merge(nest.leaves.begin(), nest.leaves.begin() + middle,
                     nest.leaves.end());
  nest.leaves.erase(std::unique(nest.leaves.begin(), nest.leaves.end()),
                    nest.leaves.end());
}

/// Puts every piece that has elements into the first nest of its shape that it
/// belongs to.
static void groupPieces(const KernelSpec &spec, const Shapes &shapes,
                        LaunchPlan &plan) {
  for (std::size_t piece = 0; piece < spec.pieces.size(); ++piece) {
    absl::Span<const int64_t> shape = shapes.ofPiece(piece);
    if (std::find(shape.begin(), shape.end(), 0) != shape.end())
      continue;
    auto nest = std::find_if(
        plan.nests.begin(), plan.nests.end(), [&](const PlannedNest &other) {
          return shapes.ofPiece(other.pieces[0]) == shape &&
                 shouldJoin(other, spec.pieces[piece], shapes);
        });
    if (nest == plan.nests.end()) {
      plan.nests.emplace_back();
      nest = plan.nests.end() - 1;
    }
    addPiece(spec, static_cast<int32_t>(piece), *nest);
  }
}

/// Adds the leaf `view` or the store of a piece to `nest`.
static void addOperand(const View &view, StrideClass inner, PlannedNest &nest) {
  nest.operands.push_back(
      {view.memory, view.dtype, inner, view.offset, view.strides});
}

static absl::Status addLeaves(const Shapes &shapes,
                              absl::Span<const int64_t> shape,
                              CopyPlanner &copies, PlannedNest &nest) {
  for (int32_t leaf : nest.leaves) {
    View view = shapes.leaf(leaf);
    copies.place(view);
    const bool isOne = view.rank() == 0 && !shape.empty();
    if (view.sizes != shape)
      if (absl::Status status = expandTo(shape, view); !status.ok())
        return status;
    addOperand(view, isOne ? StrideClass::Broadcast : StrideClass::Contiguous,
               nest);
  }
  return absl::OkStatus();
}

absl::Status formNests(const KernelSpec &spec, const Shapes &shapes,
                       const PieceStores &stores, LaunchPlan &plan) {
  groupPieces(spec, shapes, plan);
  CopyPlanner copies(shapes, plan);
  for (PlannedNest &nest : plan.nests) {
    absl::Span<const int64_t> shape = shapes.ofPiece(nest.pieces[0]);
    if (absl::Status status = addLeaves(shapes, shape, copies, nest);
        !status.ok())
      return status;
    for (int32_t piece : nest.pieces)
      addOperand(stores[piece], StrideClass::Contiguous, nest);
    coalesce(shape, nest);
  }
  return absl::OkStatus();
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

static absl::Span<const int64_t> outerSizes(const PlannedNest &nest) {
  return absl::MakeConstSpan(nest.sizes).first(nest.sizes.size() - 1);
}

static int64_t product(absl::Span<const int64_t> sizes) {
  int64_t result = 1;
  for (int64_t size : sizes)
    result *= size;
  return result;
}

/// Whether every row that `store` writes begins at a cache line and is long
/// enough to write whole lines.
static bool hasAlignedRows(const LaunchPlan &plan, const PlannedNest &nest,
                           const PlannedOperand &store) {
  const int64_t size = dtypeSize(store.dtype);
  const int64_t rowBytes = nest.sizes.back() * size;
  if (store.inner != StrideClass::Contiguous ||
      !plan.outputs[store.memory - plan.numInputs].isAligned ||
      store.offset % kCacheLine != 0 ||
      (rowBytes < kNonTemporalMinRowBytes && rowBytes % kCacheLine != 0))
    return false;
  return std::all_of(
      store.strides.begin(), store.strides.end() - 1,
      [size](int64_t stride) { return stride * size % kCacheLine == 0; });
}

/// The bytes that `operand` of `nest` loads or stores, those that a stride of 0
/// repeats counted once.
static int64_t bytesMoved(const PlannedNest &nest,
                          const PlannedOperand &operand) {
  int64_t elements = operand.isIndex() ? 0 : 1;
  for (std::size_t dim = 0; dim < nest.sizes.size(); ++dim)
    elements *= operand.strides[dim] == 0 ? 1 : nest.sizes[dim];
  return elements * dtypeSize(operand.dtype);
}

/// All loops count, as they run one after another.
static bool shouldBypassCaches(const PlannedLoop &loop,
                               const LaunchPlan &plan) {
  for (int32_t number : loop.nests) {
    const PlannedNest &nest = plan.nests[number];
    if (nest.weight > kNonTemporalMaxWeight * elementBytes(nest))
      return false;
    for (std::size_t i = nest.leaves.size(); i < nest.operands.size(); ++i)
      if (!hasAlignedRows(plan, nest, nest.operands[i]))
        return false;
  }
  int64_t bytes = 0;
  for (const PlannedNest &nest : plan.nests)
    for (std::size_t i = 0; i < nest.operands.size(); ++i) {
      const bool isStore = i >= nest.leaves.size();
      bytes +=
          bytesMoved(nest, nest.operands[i]) / (isStore ? kStoresPerLoad : 1);
    }
  return bytes > kNonTemporalBytes;
}

/// The number of rows, blocks or elements that the loop of `nest` goes over.
static int64_t loopExtent(const PlannedNest &nest) {
  absl::Span<const int64_t> outer = outerSizes(nest);
  if (outer.empty())
    return nest.sizes[0];
  if (!nest.hasBlocks())
    return product(outer) - (nest.lastRow > 0);
  return product(outer.first(outer.size() - 1)) *
         ((outer.back() + kBlockRows - 1) / kBlockRows);
}

/// How many elements of `nest` one of them has.
static int64_t elementsAStep(const PlannedNest &nest) {
  if (nest.sizes.size() == 1)
    return 1;
  if (!nest.hasBlocks())
    return nest.sizes.back();
  return nest.sizes.back() * std::min(kBlockRows, outerSizes(nest).back());
}

/// Adds those strides of `operand` that its function does not know.
static void addStrides(const PlannedOperand &operand, PlannedLoop &loop) {
  const Dims &strides = operand.strides;
  const bool isTransposed = operand.inner == StrideClass::Transposed;
  loop.dims.insert(loop.dims.end(), strides.begin(),
                   strides.end() - 1 - isTransposed);
  if (operand.inner == StrideClass::Strided || isTransposed)
    loop.dims.push_back(strides.back());
}

void describeLoop(const LaunchPlan &plan, PlannedLoop &loop) {
  const PlannedNest &first = plan.nests[loop.nests[0]];
  loop.extent = loopExtent(first);
  loop.dims.assign(first.sizes.begin(), first.sizes.end() - 1);
  loop.cost = 0;
  for (int32_t number : loop.nests) {
    const PlannedNest &nest = plan.nests[number];
    loop.cost += elementsAStep(nest) * elementCost(nest);
    loop.dims.push_back(nest.sizes.back());
    for (const PlannedOperand &operand : nest.operands)
      addStrides(operand, loop);
  }
  loop.nonTemporal = shouldBypassCaches(loop, plan);
}

void formLoops(LaunchPlan &plan) {
  for (std::size_t i = 0; i < plan.nests.size(); ++i) {
    const PlannedNest &nest = plan.nests[i];
    auto loop = plan.loops.end();
    if (nest.sizes.size() >= 2)
      loop = std::find_if(
          plan.loops.begin(), plan.loops.end(), [&](const PlannedLoop &other) {
            const PlannedNest &first = plan.nests[other.nests[0]];
            return outerSizes(first) == outerSizes(nest) &&
                   first.hasBlocks() == nest.hasBlocks();
          });
    if (loop == plan.loops.end()) {
      plan.loops.emplace_back();
      loop = plan.loops.end() - 1;
    }
    loop->nests.push_back(static_cast<int32_t>(i));
  }
  for (PlannedLoop &loop : plan.loops)
    describeLoop(plan, loop);
}

} // namespace fuser::runtime
