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

GuardedOutput::GuardedOutput(Random &random, DType dtype,
                             absl::Span<const int64_t> sizes)
    : dtype(dtype) {
  place.sizes.assign(sizes.begin(), sizes.end());
  const Placement placement = randomDisjointPlacement(random, place.sizes);
  place.strides = placement.strides;
  place.offset =
      placement.offset + static_cast<int64_t>(kZone) / dtypeSize(dtype);
  storage = std::make_shared<std::vector<std::byte>>(
      storageExtent(place) * dtypeSize(dtype) + kZone, kMark);
}

runtime::Tensor GuardedOutput::tensor() const {
  return runtime::Tensor::borrow(storage->data() +
                                     place.offset * dtypeSize(dtype),
                                 dtype, place.sizes, place.strides, storage);
}

bool GuardedOutput::isIntact() const {
  // What is left when the elements are marked, too.
  std::vector<std::byte> rest = *storage;
  const int64_t size = dtypeSize(dtype);
  forEachIndex(place.sizes, [&](const Dims &index) {
    const int64_t element = place.offset + placeOf(index, place.strides);
    std::memset(&rest[element * size], static_cast<int>(kMark), size);
  });
  return isMarked(rest.data(), rest.size());
}
