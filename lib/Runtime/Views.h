//===- Views.h - strided views of inputs and outputs ------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_VIEWS_H
#define FUSER_LIB_RUNTIME_VIEWS_H

#include "FuserRuntime/KernelSpec.h"
#include "absl/status/statusor.h"
#include <cstdint>
#include <optional>

namespace fuser::runtime {

/// A tensor without its share in the storage, cheap to copy and to cut up.
///
/// If `isIndex`, there is no memory: an element is its own address, which is
/// counted in elements. So `data` is the first element, an i64, and another one
/// is that plus the sum of its indices times the strides.
///
/// `copy` is the number of a planned copy (see Shapes) that the view is of, or
/// -1. Such a copy has no memory yet: `data` is an offset in bytes.
struct View {
  View() = default;
  explicit View(const Tensor &tensor)
      : data(tensor.data()), dtype(tensor.dtype()),
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
    return data == other.data && dtype == other.dtype && copy == other.copy &&
           isIndex == other.isIndex && sizes == other.sizes &&
           strides == other.strides;
  }
  /// From an element to the next one in memory.
  int64_t pitch() const { return isIndex ? 1 : dtypeSize(dtype); }

  void *data = nullptr;
  DType dtype = DType::f32;
  bool isIndex = false;
  int32_t copy = -1;
  Dims sizes, strides;
};

/// The number of elements of `sizes`, a -1 not counted; none if it overflows.
std::optional<int64_t> productOf(absl::Span<const int64_t> sizes);

/// The indices of a tensor of shape `shape` along dimension `dim`, or the
/// row-major linear ones if that is -1. InvalidArgument if those exceed an
/// int64.
absl::StatusOr<View> indexView(absl::Span<const int64_t> shape, int64_t dim);

/// Applies any step but BroadcastLike, which the caller turns into expandTo,
/// and Reshape, which it turns into reshapedSizes and reshapeTo.
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

/// Refuses a tensor that no code could use: another number of strides than of
/// sizes, negative ones, an extent past what an int64 counts, no memory or
/// memory that is not aligned to the element. `role` and `number` name it in
/// the message ("input 0").
absl::Status checkUsable(const Tensor &tensor, absl::string_view role,
                         std::size_t number);

/// Sorts `dims` by their strides, the greatest first; equal ones keep their
/// order. (std::stable_sort would allocate memory.)
void sortByStride(absl::Span<const int64_t> strides, Dims &dims);

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_VIEWS_H
