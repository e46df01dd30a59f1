//===- Inputs.cpp - stack values as input tensors -------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Inputs.h"
#include "absl/strings/str_cat.h"
#include <cstring>

namespace fuser::runtime {

/// What callers pass for a scalar of type `dtype`.
static const char *scalarName(DType dtype) {
  switch (dtype) {
  case DType::f64:
    return "a double";
  case DType::i64:
    return "an int64_t";
  default:
    return "a bool";
  }
}

static const char *valueName(const Value &value) {
  static constexpr const char *names[] = {"a tensor", "a double", "an int64_t",
                                          "a bool"};
  static_assert(std::variant_size_v<Value> == 4, "a name for every kind");
  return names[value.index()];
}

/// Copies the scalar in `value` to `storage` if its type is `dtype`.
static bool readScalar(const Value &value, DType dtype, void *storage) {
  auto copy = [storage](const auto *scalar) {
    if (scalar)
      std::memcpy(storage, scalar, sizeof *scalar);
    return scalar != nullptr;
  };
  switch (dtype) {
  case DType::f64:
    return copy(std::get_if<double>(&value));
  case DType::i64:
    return copy(std::get_if<int64_t>(&value));
  case DType::i1:
    return copy(std::get_if<bool>(&value));
  default:
    return false;
  }
}

absl::Status InputTensors::read(absl::Span<const InputDesc> inputs,
                                absl::Span<const Value> values) {
  scalars.resize(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Tensor *tensor = std::get_if<Tensor>(&values[i]);
    if (!inputs[i].isScalar && tensor) {
      // The caller holds it: no need to count another share of its storage.
      all.push_back(Tensor::borrow(tensor->data(), tensor->dtype(),
                                   tensor->sizes(), tensor->strides(), nullptr,
                                   tensor->device()));
      continue;
    }
    if (!inputs[i].isScalar ||
        !readScalar(values[i], inputs[i].dtype, &scalars[i]))
      return absl::InvalidArgumentError(absl::StrCat(
          "input ", i, " must be ",
          inputs[i].isScalar ? scalarName(inputs[i].dtype) : "a tensor",
          ", got ", valueName(values[i])));
    all.push_back(Tensor::borrow(&scalars[i], inputs[i].dtype, {}, {}));
  }
  return absl::OkStatus();
}

} // namespace fuser::runtime
