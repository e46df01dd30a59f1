//===- Generate.h - made-up inputs ------------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_GENERATE_H
#define FUSER_TOOLS_FUSER_RUNNER_GENERATE_H

#include "FuserRuntime/Session.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <optional>

namespace fuser::runner {

enum class Filling { Random, Zeros, Ones, Iota };

/// The filling called `name`, if there is one of that name.
std::optional<Filling> findFilling(absl::string_view name);

/// Reads a type as in "4x8xf32" or "tensor<4x8xf32>".
struct GeneratedType {
  DType dtype = DType::f32;
  runtime::Dims sizes;
};
absl::StatusOr<GeneratedType> parseGeneratedType(absl::string_view text);

/// A row-major tensor of that type. Random elements depend on `seed`, `stream`
/// and their index alone: floats are uniform in [-2, 2), ui8 takes all its
/// values, i32 and i64 those from -128 to 127, i1 both. Fails where
/// checkInput does.
absl::StatusOr<runtime::Tensor> generate(Filling filling,
                                         const GeneratedType &type,
                                         uint64_t seed, uint64_t stream,
                                         runtime::Allocator &allocator);

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_GENERATE_H
