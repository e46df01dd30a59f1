//===- CallLayout.cpp - what of a call decides its plan -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CallLayout.h"
#include "FuserRuntime/LaunchPlan.h"
#include "Hash.h"
#include "Views.h"

namespace fuser::runtime {

/// Calls visit(words, n) for what describes `tensor`; stops at false.
template <class Visit>
static bool visitTensor(const Tensor &tensor, Visit &&visit) {
  const auto address = reinterpret_cast<uintptr_t>(tensor.data());
  const Device device = tensor.device();
  // Sizes are powers of two, or 0 of what is no type.
  const uintptr_t unaligned = address & (dtypeSize(tensor.dtype()) - 1);
  // Vectors of up to 16 bytes: PlannedLoop::isVectorAligned. Where a view of
  // the tensor begins depends on more than how far the address is aligned.
  const uintptr_t place =
      device.type == DeviceType::CPU ? 0 : address % kMaxVectorBytes;
  const int64_t head[] = {
      static_cast<int64_t>(tensor.dtype()) |
          static_cast<int64_t>(device.type) << 8 | int64_t(address == 0) << 16 |
          int64_t(unaligned != 0) << 17 | static_cast<int64_t>(place) << 18 |
          static_cast<int64_t>(uint64_t(uint32_t(device.index)) << 32),
      static_cast<int64_t>(tensor.sizes().size()),
      static_cast<int64_t>(tensor.strides().size())};
  return visit(head, 3) &&
         visit(tensor.sizes().data(), tensor.sizes().size()) &&
         visit(tensor.strides().data(), tensor.strides().size());
}

/// As above for outputs that the caller gives: where they begin in a cache
/// line, and how far they are from each other and from the inputs that they may
/// overlap.
template <class Visit>
static bool visitGiven(absl::Span<const Value> inputs,
                       absl::Span<const Tensor> outputs, Visit &&visit) {
  absl::InlinedVector<ByteRange, kUsualOperands> ranges;
  for (const Value &value : inputs)
    if (const Tensor *tensor = std::get_if<Tensor>(&value))
      ranges.emplace_back(*tensor);
  for (const Tensor &output : outputs) {
    const ByteRange range(output);
    const int64_t alignment = range.begin % Tensor::kAlignment;
    if (!visitTensor(output, visit) || !visit(&alignment, 1))
      return false;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      const int64_t overlap[] = {
          static_cast<int64_t>(i),
          static_cast<int64_t>(range.begin - ranges[i].begin)};
      if (range.intersects(ranges[i]) && !visit(overlap, 2))
        return false;
    }
    constexpr int64_t last = -1; // No number of a range.
    if (!visit(&last, 1))
      return false;
    ranges.push_back(range);
  }
  return true;
}

template <class Visit>
static bool visitCall(absl::Span<const Value> inputs,
                      absl::Span<const Tensor> outputs, Visit &&visit) {
  for (const Value &value : inputs) {
    const Tensor *tensor = std::get_if<Tensor>(&value);
    const int64_t scalar = -static_cast<int64_t>(value.index());
    if (tensor ? !visitTensor(*tensor, visit) : !visit(&scalar, 1))
      return false;
  }
  return outputs.empty() || visitGiven(inputs, outputs, visit);
}

CallLayout::CallLayout(absl::Span<const Value> inputs,
                       absl::Span<const Tensor> outputs) {
  visitCall(inputs, outputs, [this](const int64_t *from, std::size_t n) {
    words.insert(words.end(), from, from + n);
    return true;
  });
}

bool CallLayout::isOf(absl::Span<const Value> inputs,
                      absl::Span<const Tensor> outputs) const {
  const int64_t *next = words.data();
  const int64_t *const end = next + words.size();
  return visitCall(inputs, outputs,
                   [&](const int64_t *from, std::size_t n) {
                     if (static_cast<std::size_t>(end - next) < n)
                       return false;
                     for (std::size_t i = 0; i < n; ++i)
                       if (*next++ != from[i])
                         return false;
                     return true;
                   }) &&
         next == end;
}

uint64_t CallLayout::hash(absl::Span<const Value> inputs,
                          absl::Span<const Tensor> outputs) {
  WordHash hash;
  visitCall(inputs, outputs, [&](const int64_t *from, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
      hash.add(uint64_t(from[i]));
    return true;
  });
  return hash.value();
}

} // namespace fuser::runtime
