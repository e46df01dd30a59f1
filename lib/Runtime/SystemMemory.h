//===- SystemMemory.h - blocks of the system's memory -----------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_SYSTEMMEMORY_H
#define FUSER_LIB_RUNTIME_SYSTEMMEMORY_H

#include <cstddef>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(ADDRESS, BYTES) ((void)(ADDRESS))
#define ASAN_UNPOISON_MEMORY_REGION(ADDRESS, BYTES) ((void)(ADDRESS))
#endif

namespace fuser::runtime {

/// The size of a huge page on x86-64. Blocks from here on begin at multiples of
/// it and ask for huge pages.
inline constexpr std::size_t kHugePage = std::size_t(2) << 20;

/// A cache line, and the widest vector.
inline constexpr std::size_t kSmallAlignment = 64;

/// `bytes` of new memory, aligned to 64 bytes, or null if there is none. From
/// kHugePage on, `bytes` is a multiple of it.
void *newSystemBlock(std::size_t bytes);

/// Gives such a block back.
void freeSystemBlock(void *block, std::size_t bytes);

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_SYSTEMMEMORY_H
