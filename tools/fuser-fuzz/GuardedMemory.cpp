//===- GuardedMemory.cpp - memory that shows what was written -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GuardedMemory.h"
#include "Data.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace fuser;
using namespace fuser::fuzz;

static constexpr size_t kZone = 128; // Blocks keep their alignment.
static constexpr std::byte kMark{0xa5};

static bool isMarked(const std::byte *begin, size_t bytes) {
  return std::all_of(begin, begin + bytes,
                     [](std::byte byte) { return byte == kMark; });
}

static size_t blockSize(size_t bytes) {
  return (bytes + 2 * kZone + 63) / 64 * 64;
}

void *GuardedAllocator::allocate(std::size_t bytes) {
  auto *block =
      static_cast<std::byte *>(std::aligned_alloc(64, blockSize(bytes)));
  if (!block)
    return nullptr;
  std::memset(block, static_cast<int>(kMark), blockSize(bytes));
  std::memset(block + kZone, static_cast<int>(allocations++ * 29 + 3), bytes);
  return block + kZone;
}

void GuardedAllocator::deallocate(void *block, std::size_t bytes) {
  std::byte *begin = static_cast<std::byte *>(block) - kZone;
  if (!isMarked(begin, kZone) ||
      !isMarked(begin + kZone + bytes, blockSize(bytes) - kZone - bytes))
    overwritten = true;
  std::free(begin);
}

GuardedTensor fuzz::guardedTensor(Random &random, DType dtype,
                                  absl::Span<const int64_t> sizes) {
  Argument place;
  place.sizes.assign(sizes.begin(), sizes.end());
  const Placement placement = randomDisjointPlacement(random, place.sizes);
  place.strides = placement.strides;
  place.offset =
      placement.offset + static_cast<int64_t>(kZone) / dtypeSize(dtype);
  auto memory = std::make_shared<std::vector<std::byte>>(
      storageExtent(place) * dtypeSize(dtype) + kZone, kMark);
  std::byte *first = memory->data() + place.offset * dtypeSize(dtype);
  return {
      runtime::Tensor::borrow(first, dtype, place.sizes, place.strides, memory),
      memory};
}

WriteCheck::WriteCheck(std::vector<Memory> blocks) : blocks(std::move(blocks)) {
  for (const Memory &block : this->blocks)
    before.push_back(block ? *block : std::vector<std::byte>());
}

bool WriteCheck::onlyWrote(absl::Span<const runtime::Tensor> outputs) const {
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (!blocks[i] || *blocks[i] == before[i])
      continue;
    // What was there, with the elements of today.
    std::vector<std::byte> expected = before[i];
    const std::byte *begin = blocks[i]->data();
    for (const runtime::Tensor &output : outputs) {
      const Dims sizes(output.sizes().begin(), output.sizes().end());
      const int64_t size = dtypeSize(output.dtype());
      const auto *first = output.dataAs<std::byte>();
      if (first < begin || first >= begin + expected.size())
        continue;
      forEachIndex(sizes, [&](const Dims &index) {
        const auto *element = first + placeOf(index, output.strides()) * size;
        std::memcpy(&expected[element - begin], element, size);
      });
    }
    if (*blocks[i] != expected)
      return false;
  }
  return true;
}
