//===- TensorMemory.h - where the elements of tensors lie -------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_TENSORMEMORY_H
#define FUSERRUNTIME_TENSORMEMORY_H

#include "FuserRuntime/Tensor.h"
#include "absl/strings/string_view.h"

namespace fuser::runtime {

/// Why no code could use `tensor`, after its name: another number of strides
/// than of sizes, negative ones, an extent past what an int64 counts, no memory
/// or memory that is not aligned to the element. Empty if it is usable.
absl::string_view whyUnusable(const Tensor &tensor);

/// InvalidArgument unless `tensor` is usable. `role` and `number` name it in
/// the message ("input 0").
absl::Status checkUsable(const Tensor &tensor, absl::string_view role,
                         std::size_t number);

/// Whether two usable tensors share a byte; true if that is hard to tell.
bool mayOverlap(const Tensor &a, const Tensor &b);

/// Whether two elements of a usable tensor may share memory; true if in doubt.
bool mayOverlapItself(const Tensor &tensor);

/// Copies the elements of `source` to those of `target`, which has its dtype
/// and sizes. Both are usable, on the CPU and share no memory, nor do elements
/// of `target`.
void copyElements(const Tensor &source, const Tensor &target);

} // namespace fuser::runtime

#endif // FUSERRUNTIME_TENSORMEMORY_H
