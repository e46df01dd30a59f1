//===- Shape.cpp - index maps and concat ----------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserDialect/FuserDialect.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace fuser;

using Shapes = SmallVectorImpl<SmallVector<int64_t>>;
using EmitError = function_ref<InFlightDiagnostic()>;

/// `dim` counted from the front; an error if a tensor of `rank` lacks it.
static FailureOr<int64_t> wrapDim(int64_t dim, int64_t rank,
                                  EmitError emitError) {
  // shape_c3, expand_dims_c1
  if (rank == 0)
    return emitError() << "has dim " << dim
                       << " where a tensor of rank 0 has no dimensions";
  if (dim < -rank || dim >= rank)
    return emitError() << "has dim " << dim << " where a tensor of rank "
                       << rank << " has " << -rank << " to " << rank - 1;
  return dim < 0 ? dim + rank : dim;
}

/// A view of a constant whose elements are all equal is one, too.
static Attribute foldSplat(Attribute input, Type result) {
  auto elements = dyn_cast_or_null<DenseElementsAttr>(input);
  auto type = cast<RankedTensorType>(result);
  if (!elements || !elements.isSplat() || !type.hasStaticShape() ||
      type.getNumElements() == 0)
    return {};
  return elements.resizeSplat(type);
}

//===----------------------------------------------------------------------===//
// broadcast_to, broadcast_like
//===----------------------------------------------------------------------===//

LogicalResult BroadcastToOp::inferShapes(ArrayRef<SmallVector<int64_t>> shapes,
                                         Shapes &results, EmitError emitError) {
  SmallVector<int64_t> result = llvm::to_vector(getSizes());
  const SmallVector<int64_t> &input = shapes.front();
  int64_t added = static_cast<int64_t>(result.size()) - input.size();
  // broadcast_to_c1
  if (added < 0)
    return emitError() << "has " << result.size()
                       << " sizes for an input of rank " << input.size();
  for (auto [dim, size] : llvm::enumerate(result)) {
    bool isNew = static_cast<int64_t>(dim) < added;
    if (size < -1 || (size == -1 && isNew))
      return emitError() << "has size " << size << " for dimension " << dim
                         << ": expected at least 0, or -1 to keep the size of "
                            "a dimension of the input";
    if (isNew)
      continue;
    int64_t extent = input[dim - added];
    if (size == -1)
      size = extent;
    else if (extent != size && extent != 1 && !ShapedType::isDynamic(extent))
      // broadcast_to_c2
      return emitError() << "can't expand shape " << shapeToString(input)
                         << " to " << shapeToString(getSizes()) << ": extent "
                         << extent << " is neither 1 nor " << size;
  }
  results.push_back(std::move(result));
  return success();
}

OpFoldResult BroadcastToOp::fold(FoldAdaptor adaptor) {
  if (Attribute splat = foldSplat(adaptor.getInput(), getType()))
    return splat;
  RankedTensorType input = getInput().getType();
  if (input.hasStaticShape() && input == getType())
    return getInput();
  // A size that the input has need not be asked for.
  SmallVector<int64_t> sizes(getSizes());
  int64_t added = getType().getRank() - input.getRank();
  for (auto [dim, extent] : llvm::enumerate(input.getShape()))
    if (sizes[added + dim] == extent)
      sizes[added + dim] = -1;
  if (ArrayRef<int64_t>(sizes) == getSizes())
    return {};
  setSizes(sizes);
  return getResult();
}

LogicalResult
BroadcastLikeOp::inferShapes(ArrayRef<SmallVector<int64_t>> shapes,
                             Shapes &results, EmitError emitError) {
  // broadcast_like_c2
  if (shapes.size() < 2)
    return emitError() << "has no other operands: expected at least one whose "
                          "shape to expand to";
  return inferBroadcastShape(shapes, results, emitError);
}

//===----------------------------------------------------------------------===//
// transpose, expand_dims, squeeze
//===----------------------------------------------------------------------===//

LogicalResult TransposeOp::inferShapes(ArrayRef<SmallVector<int64_t>> shapes,
                                       Shapes &results, EmitError emitError) {
  const SmallVector<int64_t> &input = shapes.front();
  ArrayRef<int64_t> permutation = getPermutation();
  SmallVector<bool> seen(input.size(), false);
  bool valid = permutation.size() == input.size();
  for (int64_t dim : permutation) {
    valid = valid && dim >= 0 && dim < static_cast<int64_t>(input.size()) &&
            !seen[dim];
    if (!valid)
      break;
    seen[dim] = true;
  }
  // transpose_c1
  if (!valid)
    return emitError() << "has permutation " << shapeToString(permutation)
                       << ": expected each dimension of an input of rank "
                       << input.size() << " once";
  results.push_back(llvm::map_to_vector(
      permutation, [&](int64_t dim) { return input[dim]; }));
  return success();
}

OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  if (Attribute splat = foldSplat(adaptor.getInput(), getType()))
    return splat;
  for (auto [index, dim] : llvm::enumerate(getPermutation()))
    if (static_cast<int64_t>(index) != dim)
      return {};
  return getInput().getType() == getType() ? getInput() : Value();
}

LogicalResult ExpandDimsOp::inferShapes(ArrayRef<SmallVector<int64_t>> shapes,
                                        Shapes &results, EmitError emitError) {
  SmallVector<int64_t> result = shapes.front();
  FailureOr<int64_t> dim =
      wrapDim(static_cast<int64_t>(getDim()), result.size() + 1, emitError);
  if (failed(dim))
    return failure();
  result.insert(result.begin() + *dim, 1);
  results.push_back(std::move(result));
  return success();
}

OpFoldResult ExpandDimsOp::fold(FoldAdaptor adaptor) {
  return foldSplat(adaptor.getInput(), getType());
}

LogicalResult SqueezeOp::inferShapes(ArrayRef<SmallVector<int64_t>> shapes,
                                     Shapes &results, EmitError emitError) {
  SmallVector<int64_t> result = shapes.front();
  FailureOr<int64_t> dim =
      wrapDim(static_cast<int64_t>(getDim()), result.size(), emitError);
  if (failed(dim))
    return failure();
  int64_t extent = result[*dim];
  // squeeze_c1
  if (extent != 1 && !ShapedType::isDynamic(extent))
    return emitError() << "can't remove dimension " << *dim << " of shape "
                       << shapeToString(result) << ": its size is " << extent
                       << ", not 1";
  result.erase(result.begin() + *dim);
  results.push_back(std::move(result));
  return success();
}

OpFoldResult SqueezeOp::fold(FoldAdaptor adaptor) {
  if (Attribute splat = foldSplat(adaptor.getInput(), getType()))
    return splat;
  // What expand_dims inserts has size 1.
  auto inner = getInput().getDefiningOp<ExpandDimsOp>();
  int64_t rank = getInput().getType().getRank();
  auto isSame = [rank](int64_t a, int64_t b) {
    return (a < 0 ? a + rank : a) == (b < 0 ? b + rank : b);
  };
  bool isInverse = inner && isSame(getDim(), inner.getDim()) &&
                   inner.getInput().getType() == getType();
  return isInverse ? inner.getInput() : Value();
}

//===----------------------------------------------------------------------===//
// reshape
//===----------------------------------------------------------------------===//

/// The product of `extents`, of those that are not -1. None if it is not known
/// or exceeds an int64.
static std::optional<int64_t> productOf(ArrayRef<int64_t> extents) {
  if (llvm::is_contained(extents, 0))
    return 0;
  int64_t product = 1;
  for (int64_t extent : extents) {
    if (extent == -1)
      continue;
    if (ShapedType::isDynamic(extent) ||
        llvm::MulOverflow(product, extent, product))
      return std::nullopt;
  }
  return product;
}

LogicalResult ReshapeOp::inferShapes(ArrayRef<SmallVector<int64_t>> shapes,
                                     Shapes &results, EmitError emitError) {
  SmallVector<int64_t> result = llvm::to_vector(getSizes());
  bool isValid = llvm::all_of(result, [](int64_t size) { return size >= -1; });
  auto inferred = llvm::find(result, -1);
  std::optional<int64_t> product = productOf(result);
  // reshape_c1
  if (!isValid || llvm::count(result, -1) > 1)
    return emitError() << "has sizes " << shapeToString(result)
                       << ": expected at least 0, and at most one -1";
  if (!product)
    return emitError() << "has sizes " << shapeToString(result)
                       << ", whose product exceeds 2^63 - 1";
  if (*product == 0 && inferred != result.end())
    return emitError() << "has sizes " << shapeToString(result)
                       << ", where -1 could be anything: expected its size";
  std::optional<int64_t> count = productOf(shapes.front());
  // reshape_c2
  if (count &&
      (inferred == result.end() ? *count != *product : *count % *product != 0))
    return emitError() << "can't give shape " << shapeToString(shapes.front())
                       << " the sizes " << shapeToString(result) << ": "
                       << *count << " elements don't fit";
  if (inferred != result.end())
    *inferred = count ? *count / *product : ShapedType::kDynamic;
  results.push_back(std::move(result));
  return success();
}

/// The input of `inner` may take its place in a reshape to `result`, that is,
/// without the one the other fails as before.
static bool isImplied(ReshapeOp inner, RankedTensorType result) {
  if (inner.getInput().getType().hasStaticShape())
    return true;
  // Any number of elements fits [-1, 1, ...]; a static one is the result's.
  return inner.getType().hasStaticShape()
             ? result.hasStaticShape()
             : llvm::is_contained(inner.getSizes(), -1) &&
                   productOf(inner.getSizes()) == std::optional<int64_t>(1);
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (Attribute splat = foldSplat(adaptor.getInput(), getType()))
    return splat;
  if (getInput().getType().hasStaticShape() &&
      getInput().getType() == getType())
    return getInput();
  auto inner = getInput().getDefiningOp<ReshapeOp>();
  if (!inner || !isImplied(inner, getType()))
    return {};
  // What only the inner sizes said of the number of elements must be kept.
  if (!inner.getInput().getType().hasStaticShape() &&
      getType().hasStaticShape())
    setSizes(getType().getShape());
  getInputMutable().assign(inner.getInput());
  return getResult();
}

//===----------------------------------------------------------------------===//
// slice, chunk
//===----------------------------------------------------------------------===//

LogicalResult SliceOp::inferShapes(ArrayRef<SmallVector<int64_t>> shapes,
                                   Shapes &results, EmitError emitError) {
  SmallVector<int64_t> result = shapes.front();
  int64_t step = getStep();
  // slice_c1
  if (step < 1)
    return emitError() << "has step " << step << ": expected at least 1";
  FailureOr<int64_t> dim =
      wrapDim(static_cast<int64_t>(getDim()), result.size(), emitError);
  if (failed(dim))
    return failure();
  int64_t &extent = result[*dim];
  if (!ShapedType::isDynamic(extent)) {
    auto clampIndex = [&](int64_t index) {
      return std::clamp<int64_t>(index < 0 ? index + extent : index, 0, extent);
    };
    int64_t start = clampIndex(getStart()), end = clampIndex(getEnd());
    extent = end <= start ? 0 : (end - start - 1) / step + 1;
  }
  results.push_back(std::move(result));
  return success();
}

OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  if (Attribute splat = foldSplat(adaptor.getInput(), getType()))
    return splat;
  RankedTensorType input = getInput().getType();
  bool isWhole = input.hasStaticShape() && input == getType() && getStep() == 1;
  return isWhole ? getInput() : Value();
}

LogicalResult fuser::verifyPartTypes(Operation *op) {
  Type element = getElementTypeOrSelf(op->getOperand(0));
  for (Type part : op->getResultTypes())
    // shape_c1
    if (getElementTypeOrSelf(part) != element)
      return op->emitOpError("has a part of type ")
             << part << ": expected elements of type " << element;
  return success();
}

LogicalResult ChunkOp::verify() {
  // chunk_c1
  if (getParts().empty())
    return emitOpError("has no results: expected at least one part");
  return verifyPartTypes(*this);
}

/// True if the parts of `concat` are what `chunk` gives. Static sizes only:
/// what the concat says of others must be kept.
static bool isInverse(ChunkOp chunk, ConcatOp concat) {
  int64_t rank = chunk.getInput().getType().getRank();
  int64_t dim = chunk.getDim(), joined = concat.getDim();
  return (dim < 0 ? dim + rank : dim) ==
             (joined < 0 ? joined + rank : joined) &&
         concat.getParts().getTypes() == chunk.getResultTypes() &&
         llvm::all_of(chunk.getResultTypes(), [](Type type) {
           return cast<ShapedType>(type).hasStaticShape();
         });
}

LogicalResult ChunkOp::fold(FoldAdaptor adaptor,
                            SmallVectorImpl<OpFoldResult> &results) {
  auto concat = getInput().getDefiningOp<ConcatOp>();
  if (concat && isInverse(*this, concat)) {
    results.append(concat.getParts().begin(), concat.getParts().end());
    return success();
  }
  for (Type type : getResultTypes()) {
    Attribute splat = foldSplat(adaptor.getInput(), type);
    if (!splat)
      return failure();
    results.push_back(splat);
  }
  return success();
}

LogicalResult ChunkOp::inferShapes(ArrayRef<SmallVector<int64_t>> shapes,
                                   Shapes &results, EmitError emitError) {
  FailureOr<int64_t> dim =
      wrapDim(static_cast<int64_t>(getDim()), shapes.front().size(), emitError);
  if (failed(dim))
    return failure();
  int64_t count = getNumResults(), extent = shapes.front()[*dim];
  for (int64_t index = 0; index < count; ++index) {
    SmallVector<int64_t> part = shapes.front();
    if (!ShapedType::isDynamic(extent)) {
      int64_t size = llvm::divideCeil(extent, count);
      part[*dim] = std::min(size, std::max<int64_t>(extent - index * size, 0));
    }
    results.push_back(std::move(part));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// concat
//===----------------------------------------------------------------------===//

LogicalResult ConcatOp::verify() {
  for (Value part : getParts())
    // shape_c1
    if (cast<ShapedType>(part.getType()).getElementType() !=
        cast<ShapedType>(getType()).getElementType())
      return emitOpError("has a part of type ")
             << part.getType() << ": expected elements of type "
             << cast<ShapedType>(getType()).getElementType()
             << "; insert a fuser.cast";
  return success();
}

LogicalResult ConcatOp::inferShapes(ArrayRef<SmallVector<int64_t>> shapes,
                                    Shapes &results, EmitError emitError) {
  // concat_c1
  if (shapes.empty())
    return emitError() << "has no operands: expected at least one part";
  SmallVector<int64_t> result = shapes.front();
  FailureOr<int64_t> dim =
      wrapDim(static_cast<int64_t>(getDim()), result.size(), emitError);
  if (failed(dim))
    return failure();
  int64_t total = 0;
  for (const SmallVector<int64_t> &shape : shapes) {
    SmallVector<int64_t> others = shape;
    if (others.size() == result.size())
      others[*dim] = result[*dim];
    // concat_c1, concat_c2
    if (!shapesCompatible(others, result))
      return emitError() << "has parts of shapes "
                         << shapeToString(shapes.front()) << " and "
                         << shapeToString(shape)
                         << ": expected equal sizes but along dimension "
                         << *dim;
    bool isDynamic =
        ShapedType::isDynamic(total) || ShapedType::isDynamic(shape[*dim]);
    if (isDynamic)
      total = ShapedType::kDynamic;
    else if (llvm::AddOverflow(total, shape[*dim], total))
      return emitError() << "has parts of more than 2^63 - 1 elements along "
                            "dimension "
                         << *dim;
    for (auto [have, seen] : llvm::zip_equal(result, others))
      if (ShapedType::isDynamic(have))
        have = seen;
  }
  result[*dim] = total;
  results.push_back(std::move(result));
  return success();
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  bool isAlone =
      getParts().size() == 1 && getParts().front().getType() == getType();
  return isAlone ? getParts().front() : Value();
}
