//===- Creation.cpp - ops that make tensors -------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserDialect/FuserDialect.h"

using namespace mlir;
using namespace fuser;

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

LogicalResult
IotaOp::inferShapes(ArrayRef<SmallVector<int64_t>> shapes,
                    SmallVectorImpl<SmallVector<int64_t>> &results,
                    function_ref<InFlightDiagnostic()> emitError) {
  SmallVector<int64_t> result =
      shapes.empty() ? llvm::to_vector(getType().getShape()) : shapes.front();
  // iota_c1
  if (shapes.empty() && ShapedType::isDynamicShape(result))
    return emitError() << "has a result of shape " << shapeToString(result)
                       << ": expected static extents, or a tensor whose shape "
                          "to take (like %x)";
  int64_t rank = result.size();
  int64_t dim = static_cast<int64_t>(getDim().value_or(0));
  // iota_c2
  if (getDim() && (dim < -rank || dim >= rank))
    return emitError() << "has dim " << dim << " where a tensor of rank "
                       << rank << " has "
                       << (rank == 0 ? "no dimensions"
                                     : std::to_string(-rank) + " to " +
                                           std::to_string(rank - 1));
  results.push_back(std::move(result));
  return success();
}
