//===- Allocator.h - where output tensors get their memory ------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_ALLOCATOR_H
#define FUSERRUNTIME_ALLOCATOR_H

#include <cstddef>
#include <memory>

namespace fuser::runtime {

/// Gives and takes back the memory of output tensors. Thread-safe. Must outlive
/// every block that it gave; one that is held by a shared_ptr is kept alive by
/// the tensors that it gave memory to.
class Allocator : public std::enable_shared_from_this<Allocator> {
public:
  virtual ~Allocator() = default;

  /// `bytes` (> 0) of memory aligned to at least 64 bytes, or null if there is
  /// none.
  virtual void *allocate(std::size_t bytes) = 0;

  /// Takes back a block of `bytes` that allocate() gave.
  virtual void deallocate(void *block, std::size_t bytes) = 0;
};

/// An allocator that keeps freed blocks by size class and hands them out again,
/// and asks for huge pages for blocks of 2 MiB and more: a fresh 64 MiB output
/// costs several times its kernel in page faults, a reused one nothing.
/// Keeps at most `cacheLimit` bytes of free blocks, and gives all of them back
/// to the system rather than fail.
std::shared_ptr<Allocator>
createCachingAllocator(std::size_t cacheLimit = std::size_t(1) << 30);

} // namespace fuser::runtime

#endif // FUSERRUNTIME_ALLOCATOR_H
