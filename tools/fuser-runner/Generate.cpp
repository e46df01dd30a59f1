//===- Generate.cpp - made-up inputs --------------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Generate.h"
#include "DTypeSwitch.h"
#include "FuserMath/Cast.h"
#include "Limits.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

using fuser::runtime::Tensor;

namespace fuser::runner {

std::optional<Filling> findFilling(absl::string_view name) {
  if (name == "random")
    return Filling::Random;
  if (name == "zeros")
    return Filling::Zeros;
  if (name == "ones")
    return Filling::Ones;
  if (name == "iota")
    return Filling::Iota;
  return std::nullopt;
}

static std::optional<DType> findDType(absl::string_view name) {
  for (int i = 0; i < kNumDTypes; ++i)
    if (name == dtypeName(static_cast<DType>(i)))
      return static_cast<DType>(i);
  return std::nullopt;
}

absl::StatusOr<GeneratedType> parseGeneratedType(absl::string_view text) {
  absl::string_view inner = text;
  if (absl::ConsumePrefix(&inner, "tensor<"))
    absl::ConsumeSuffix(&inner, ">");
  const std::vector<absl::string_view> parts = absl::StrSplit(inner, 'x');
  GeneratedType type;
  const std::optional<DType> dtype = findDType(parts.back());
  if (!dtype)
    return absl::InvalidArgumentError(
        absl::StrCat("expected a type like 4x8xf32 with ", kDTypeNames,
                     " elements, found '", excerpt(text), "'"));
  type.dtype = *dtype;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    int64_t size;
    if (!absl::SimpleAtoi(parts[i], &size) || size < 0)
      return absl::InvalidArgumentError(
          absl::StrCat("expected an extent of 0 or more in '", excerpt(text),
                       "', found '", excerpt(parts[i]), "'"));
    type.sizes.push_back(size);
  }
  return type;
}

/// The output function of SplitMix64 (Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", 2014).
static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

template <class T> static math::Compute<T> randomNumber(uint64_t bits) {
  if constexpr (std::is_same_v<math::Compute<T>, float>)
    return static_cast<float>(bits >> 40) * 0x1p-22f - 2.0f;
  else if constexpr (std::is_same_v<T, double>)
    return static_cast<double>(bits >> 11) * 0x1p-51 - 2.0;
  else if constexpr (std::is_same_v<T, uint8_t>)
    return static_cast<uint8_t>(bits >> 56);
  else
    return static_cast<T>(static_cast<T>(bits >> 56) - 128);
}

template <class T> static T toElement(int64_t number) {
  return math::castScalar<T>(number);
}

template <class Stored>
static void fill(Filling filling, uint64_t key, Tensor &tensor) {
  using Element = typename Stored::Element;
  constexpr bool isBool = Stored::dtype == DType::i1;
  Element *out = tensor.dataAs<Element>();
  const int64_t size = tensor.numElements();
  switch (filling) {
  case Filling::Random:
    for (int64_t i = 0; i < size; ++i) {
      const uint64_t bits =
          mix(key + static_cast<uint64_t>(i) * 0x9e3779b97f4a7c15u);
      out[i] = isBool ? toElement<Element>(bits >> 63)
                      : math::toElement<Element>(randomNumber<Element>(bits));
    }
    return;
  case Filling::Zeros:
    std::fill(out, out + size, toElement<Element>(0));
    return;
  case Filling::Ones:
    std::fill(out, out + size, toElement<Element>(1));
    return;
  case Filling::Iota:
    for (int64_t i = 0; i < size; ++i)
      out[i] = toElement<Element>(isBool ? i != 0 : i);
    return;
  }
}

absl::StatusOr<Tensor> generate(Filling filling, const GeneratedType &type,
                                uint64_t seed, uint64_t stream,
                                runtime::Allocator &allocator) {
  if (absl::Status status = checkInput(type.dtype, type.sizes); !status.ok())
    return status;
  absl::StatusOr<Tensor> tensor =
      Tensor::allocate(type.dtype, type.sizes, allocator);
  if (!tensor.ok() || tensor->numElements() == 0)
    return tensor;
  const uint64_t key = mix(mix(seed + 0x9e3779b97f4a7c15u) + stream);
  switchDType(type.dtype, [&](auto stored) {
    fill<decltype(stored)>(filling, key, *tensor);
  });
  return tensor;
}

} // namespace fuser::runner
