//===- PartLike.cpp - cuts that follow the parts of a concat --------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserDialect/FuserDialect.h"
#include "FuserMath/PartRange.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace fuser;

using Shapes = SmallVectorImpl<SmallVector<int64_t>>;
using EmitError = function_ref<InFlightDiagnostic()>;

/// Checks what the attributes say of each other and of `numSizes` sizes.
static LogicalResult verifyCounts(PartLikeOp op, int64_t numSizes,
                                  EmitError emitError) {
  ArrayRef<int64_t> counts = op.getCounts(), own = op.getOwn();
  bool fits = !counts.empty() && op.getDims().size() == counts.size() &&
              own.size() + 1 == counts.size();
  for (int64_t count : counts)
    fits = fits && count > 0 && (numSizes -= count) >= 0;
  for (auto [index, part] : llvm::enumerate(own))
    fits = fits && part >= 0 && part < counts[index + 1];
  // part_like_c1
  if (!fits || numSizes != 0)
    return emitError() << "has counts " << shapeToString(counts) << ", dims "
                       << shapeToString(op.getDims()) << " and own "
                       << shapeToString(own)
                       << ": expected counts that add up to the number of "
                          "sizes, a dim for each, and a part of each but the "
                          "first";
  // part_like_c3
  int64_t dim = op.getDim();
  if (dim >= 0 ||
      llvm::any_of(op.getDims(), [](int64_t dim) { return dim >= 0; }))
    return emitError() << "has dim " << dim << " and dims "
                       << shapeToString(op.getDims())
                       << ": expected negative ones, which count from the end";
  return success();
}

/// Part number `index` of the concat of `parts` along `dim`, which counts from
/// the end. None if that is not known; an error if there is no such concat.
static LogicalResult partExtent(ArrayRef<SmallVector<int64_t>> parts,
                                int64_t dim, int64_t index,
                                std::optional<PartExtent> &extent,
                                EmitError emitError) {
  const SmallVector<int64_t> &first = parts.front();
  int64_t at = dim + static_cast<int64_t>(first.size());
  if (at < 0)
    return emitError() << "has dim " << dim << " of a part of shape "
                       << shapeToString(first); // part_like_c3
  extent = PartExtent{0, 0, 0};
  for (auto [number, shape] : llvm::enumerate(parts)) {
    SmallVector<int64_t> others = shape;
    if (others.size() == first.size())
      others[at] = first[at];
    // part_like_c4
    if (!shapesCompatible(others, first))
      return emitError() << "has parts of shapes " << shapeToString(first)
                         << " and " << shapeToString(shape)
                         << ": expected equal sizes but along dimension " << at;
    if (!extent || ShapedType::isDynamic(shape[at])) {
      extent = std::nullopt;
      continue;
    }
    if (static_cast<int64_t>(number) == index)
      extent->begin = extent->total;
    if (llvm::AddOverflow(extent->total, shape[at], extent->total))
      return emitError() << "has parts of more than 2^63 - 1 elements along "
                            "dimension "
                         << at;
    if (static_cast<int64_t>(number) == index)
      extent->end = extent->total;
  }
  return success();
}

/// The extent of a result; dynamic if it is not known, as where `extent` is
/// not. Such a dimension has one element or as many as it lies beside, so it
/// has one if that is one.
static std::optional<int64_t>
resultExtent(int64_t extent, const std::optional<PartExtent> &wanted,
             ArrayRef<std::optional<PartExtent>> own, bool exact) {
  SmallVector<PartExtent> known;
  bool isSmall = wanted && wanted->total == 1;
  for (const std::optional<PartExtent> &part : own) {
    if (!part)
      return ShapedType::kDynamic;
    isSmall |= part->total == 1;
    known.push_back(*part);
  }
  if (!wanted)
    return ShapedType::kDynamic;
  if (!ShapedType::isDynamic(extent)) {
    std::optional<PartRange> range =
        partRange(extent, *wanted, known.data(), known.size(), exact);
    return range ? std::optional<int64_t>(range->size) : std::nullopt;
  }
  int64_t begin = wanted->begin, end = wanted->end;
  for (const PartExtent &part : known) {
    begin = std::max(begin, part.begin);
    end = std::min(end, part.end);
  }
  return !isSmall && end - begin == 1 ? 1 : ShapedType::kDynamic;
}

LogicalResult PartLikeOp::verify() {
  // part_like_c2
  if (static_cast<int64_t>(getParts().size()) != getCounts().front())
    return emitOpError("has ")
           << getParts().size() << " results: expected one for each of the "
           << getCounts().front() << " parts of the first concat";
  return verifyPartTypes(*this);
}

LogicalResult PartLikeOp::inferShapes(ArrayRef<SmallVector<int64_t>> shapes,
                                      Shapes &results, EmitError emitError) {
  SmallVector<int64_t> input = shapes.front();
  ArrayRef<SmallVector<int64_t>> sizes = shapes.drop_front();
  if (failed(verifyCounts(*this, sizes.size(), emitError)))
    return failure();
  ArrayRef<SmallVector<int64_t>> wantedSizes = sizes.take_front(getCounts()[0]);
  sizes = sizes.drop_front(getCounts()[0]);
  SmallVector<std::optional<PartExtent>> own;
  for (auto [count, dim, part] :
       llvm::zip(getCounts().drop_front(), getDims().drop_front(), getOwn())) {
    if (failed(partExtent(sizes.take_front(count), dim, part,
                          own.emplace_back(), emitError)))
      return failure();
    sizes = sizes.drop_front(count);
  }
  int64_t at = static_cast<int64_t>(getDim()) + input.size(), start = 0;
  std::optional<PartExtent> wanted;
  if (failed(partExtent(wantedSizes, getDims()[0], 0, wanted, emitError)))
    return failure();
  for (unsigned index = 0; index < getNumResults(); ++index) {
    SmallVector<int64_t> &result = results.emplace_back(input);
    if (at < 0)
      continue;
    if (wanted && index < wantedSizes.size()) {
      const SmallVector<int64_t> &part = wantedSizes[index];
      wanted->begin = start;
      wanted->end = start += part[getDims()[0] + part.size()];
    }
    std::optional<int64_t> extent =
        resultExtent(input[at], wanted, own, getExact());
    // part_like_c5
    if (!extent)
      return emitError() << "has an input of shape " << shapeToString(input)
                         << ", which does not broadcast with parts of "
                         << wanted->total << " elements in all";
    result[at] = *extent;
  }
  return success();
}
