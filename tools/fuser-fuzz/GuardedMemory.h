//===- GuardedMemory.h - memory that shows what was written --- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_FUZZ_GUARDEDMEMORY_H
#define FUSER_TOOLS_FUSER_FUZZ_GUARDEDMEMORY_H

#include "Case.h"
#include "FuserRuntime/Allocator.h"
#include "Random.h"
#include <atomic>

namespace fuser::fuzz {

/// Puts a zone of known bytes before and behind every block, and looks at them
/// when the block is given back. Blocks begin with other bytes each, so that
/// what is never written differs from run to run.
class GuardedAllocator : public runtime::Allocator {
public:
  void *allocate(std::size_t bytes) override;
  void deallocate(void *block, std::size_t bytes) override;

  /// True if something was written beside a block since the last call.
  bool takeOverwritten() { return overwritten.exchange(false); }

private:
  std::atomic<bool> overwritten{false};
  std::atomic<uint32_t> allocations{0};
};

/// A tensor in a layout of its own, with known bytes around and between its
/// elements.
class GuardedOutput {
public:
  GuardedOutput(Random &random, DType dtype, absl::Span<const int64_t> sizes);

  runtime::Tensor tensor() const;
  /// True if only elements have been written to.
  bool isIntact() const;

private:
  DType dtype;
  Argument place;
  std::shared_ptr<std::vector<std::byte>> storage;
};

} // namespace fuser::fuzz

#endif // FUSER_TOOLS_FUSER_FUZZ_GUARDEDMEMORY_H
