//===- Views.h - strided views of inputs and outputs ------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_VIEWS_H
#define FUSER_LIB_RUNTIME_VIEWS_H

#include "FuserRuntime/LaunchPlan.h"
#include "FuserRuntime/TensorMemory.h"
#include "absl/status/statusor.h"
#include <cstdint>
#include <optional>

namespace fuser::runtime {

/// Elements of memory number `memory` (see MemoryTable), the first of them
/// `offset` bytes behind its begin; cheap to copy and to cut up.
///
/// Of kIndices there is no memory: an element is its own place, which is
/// counted in elements. So `offset` is the first element, an i64, and another
/// one is that plus the sum of its indices times the strides.
struct View {
  View() = default;
  View(const Tensor &tensor, int32_t memory)
      : memory(memory), dtype(tensor.dtype()),
        sizes(tensor.sizes().begin(), tensor.sizes().end()),
        strides(tensor.strides().begin(), tensor.strides().end()) {}

  int64_t rank() const { return static_cast<int64_t>(sizes.size()); }
  /// Moves the start by `steps` along `dim`. An empty view stays where it is:
  /// its strides mean nothing.
  void advance(int64_t dim, int64_t steps);
  /// Number of elements at different addresses: those that a stride of 0
  /// repeats count once.
  int64_t numDistinct() const;
  bool operator==(const View &other) const {
    return memory == other.memory && dtype == other.dtype &&
           offset == other.offset && sizes == other.sizes &&
           strides == other.strides;
  }
  /// From an element to the next one in memory.
  int64_t pitch() const { return isIndex() ? 1 : dtypeSize(dtype); }
  bool isIndex() const { return memory == kIndices; }

  int32_t memory = kIndices;
  DType dtype = DType::f32;
  int64_t offset = 0;
  Dims sizes, strides;
};

/// The number of elements of `sizes`, a -1 not counted; none if it overflows.
std::optional<int64_t> productOf(absl::Span<const int64_t> sizes);

/// The indices of a tensor of shape `shape` along dimension `dim`, or the
/// row-major linear ones if that is -1. InvalidArgument if those exceed an
/// int64.
absl::StatusOr<View> indexView(absl::Span<const int64_t> shape, int64_t dim);

/// Keeps elements [start, start + size * step) by `step` along `dim`.
void cut(View &view, int64_t dim, int64_t start, int64_t size, int64_t step);

/// Applies any step but BroadcastLike, which the caller turns into expandTo,
/// PartLike, which it turns into cut, and Reshape, which it turns into
/// reshapedSizes and reshapeTo.
/// InvalidArgument if a step does not fit the sizes.
absl::Status applyStep(const ViewStep &step, View &view);

/// The sizes that a reshape to `sizes`, of which one may be -1, gives `view`.
/// InvalidArgument naming both shapes if the numbers of elements do not fit.
absl::StatusOr<Dims> reshapedSizes(absl::Span<const int64_t> sizes,
                                   const View &view);

/// Gives `view` the shape `shape`, of as many elements, in row-major order.
/// False, and the view is as before, if no strides can do that.
bool reshapeTo(absl::Span<const int64_t> shape, View &view);

/// Makes `view` repeat itself to `shape`, with stride 0 where it repeats.
/// InvalidArgument naming both shapes if it does not fit.
absl::Status expandTo(absl::Span<const int64_t> shape, View &view);

/// Sorts `dims` by their strides, the greatest first; equal ones keep their
/// order. (std::stable_sort would allocate memory.)
void sortByStride(absl::Span<const int64_t> strides, Dims &dims);

/// The bytes between the first and the last element of a usable tensor; some
/// numbers for others.
struct ByteRange {
  explicit ByteRange(const Tensor &tensor);
  bool intersects(const ByteRange &other) const {
    return begin != end && other.begin != other.end && begin < other.end &&
           other.begin < end;
  }
  uintptr_t begin, end;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_VIEWS_H
