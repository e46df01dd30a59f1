//===- Npy.h - NumPy's .npy files -------------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_NPY_H
#define FUSER_TOOLS_FUSER_RUNNER_NPY_H

#include "FuserRuntime/Tensor.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <string>

namespace fuser::runner {

/// What the header of a .npy file says.
struct NpyHeader {
  DType dtype = DType::f32;
  bool fortranOrder = false;
  runtime::Dims shape;
  int64_t bytes = 0; ///< of the elements
};

/// Parses the dictionary of a .npy header, e.g.
/// "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }". Errors say
/// what was expected and found; big-endian, object and structured types and
/// others that have no DType are named.
absl::StatusOr<NpyHeader> parseNpyHeader(absl::string_view text);

/// The dictionary for a row-major tensor.
std::string npyHeaderText(DType dtype, absl::Span<const int64_t> shape);

/// Reads a .npy file of version 1, 2 or 3. A file in Fortran order becomes a
/// tensor with such strides. Nothing larger than the file or the machine's
/// memory is allocated, whatever its header says. What is no regular file is
/// refused, without waiting for it. Errors begin with the path.
absl::StatusOr<runtime::Tensor> readNpy(const std::string &path,
                                        runtime::Allocator &allocator);

/// Writes `tensor` in row-major order, beside `path` first, so that a file of
/// that name is never half written.
absl::Status writeNpy(const std::string &path, const runtime::Tensor &tensor,
                      runtime::Allocator &allocator);

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_NPY_H
