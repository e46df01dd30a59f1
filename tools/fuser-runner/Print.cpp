//===- Print.cpp - tensors for people -------------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Print.h"
#include "DTypeSwitch.h"
#include "FuserMath/Cast.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

using fuser::runtime::Tensor;

namespace fuser::runner {

static constexpr int64_t maxElements = 1000;
static constexpr int64_t edge = 3;

template <class Stored>
static std::string elementString(const Tensor &tensor, int64_t offset) {
  using T = typename Stored::Element;
  const T value = tensor.dataAs<T>()[offset];
  if constexpr (isFloat(Stored::dtype))
    return absl::StrFormat("%.*g", kDigits<T>, math::fromElement(value));
  else if constexpr (Stored::dtype == DType::i1)
    return value != 0 ? "true" : "false";
  else
    return absl::StrCat(static_cast<int64_t>(value));
}

template <class Stored>
static void append(const Tensor &tensor, size_t dim, int64_t offset,
                   bool shorten, std::string &out) {
  if (dim == tensor.sizes().size()) {
    absl::StrAppend(&out, elementString<Stored>(tensor, offset));
    return;
  }
  const int64_t size = tensor.sizes()[dim];
  const bool isRow = dim + 1 == tensor.sizes().size();
  const std::string separator =
      isRow ? ", " : absl::StrCat(",\n", std::string(dim + 1, ' '));
  absl::StrAppend(&out, "[");
  for (int64_t i = 0; i < size; ++i) {
    if (i > 0)
      absl::StrAppend(&out, separator);
    if (shorten && size > 2 * edge && i == edge) {
      absl::StrAppend(&out, "...", separator);
      i = size - edge;
    }
    append<Stored>(tensor, dim + 1, offset + i * tensor.strides()[dim], shorten,
                   out);
  }
  absl::StrAppend(&out, "]");
}

std::string elementsString(const Tensor &tensor) {
  std::string out;
  const int64_t elements = tensor.numElements();
  if (elements == 0)
    return "[]";
  switchDType(tensor.dtype(), [&](auto stored) {
    append<decltype(stored)>(tensor, 0, 0, elements > maxElements, out);
  });
  return out;
}

} // namespace fuser::runner
