//===- SystemMemory.cpp - blocks of the system's memory -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SystemMemory.h"
#include <cstdint>
#include <cstdlib>
#include <sys/mman.h>

namespace fuser::runtime {

/// Whether such a block is mapped, and not of malloc's heap. The sanitizer sees
/// no end of what is mapped.
static bool isMapped(std::size_t bytes) {
#ifdef __SANITIZE_ADDRESS__
  return false;
#else
  return bytes >= kHugePage;
#endif
}

/// Maps a huge page too much and gives back what is not aligned.
static void *mapAligned(std::size_t bytes) {
  void *mapped = mmap(nullptr, bytes + kHugePage, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED)
    return nullptr;
  char *start = static_cast<char *>(mapped);
  const std::size_t before =
      -reinterpret_cast<std::uintptr_t>(start) & (kHugePage - 1);
  if (before != 0)
    munmap(start, before);
  char *block = start + before;
  if (before != kHugePage)
    munmap(block + bytes, kHugePage - before);
  madvise(block, bytes, MADV_HUGEPAGE); // A hint; failing is no harm.
  return block;
}

void *newSystemBlock(std::size_t bytes) {
  return isMapped(bytes)
             ? mapAligned(bytes)
             : std::aligned_alloc(
                   bytes >= kHugePage ? kHugePage : kSmallAlignment, bytes);
}

void freeSystemBlock(void *block, std::size_t bytes) {
  if (isMapped(bytes))
    munmap(block, bytes);
  else
    std::free(block);
}

} // namespace fuser::runtime
