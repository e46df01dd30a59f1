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
#include <memory>
#include <vector>

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

using Memory = std::shared_ptr<std::vector<std::byte>>;

/// A tensor, and the block of memory that it is in.
struct GuardedTensor {
  runtime::Tensor tensor;
  Memory memory;
};

/// A tensor in a layout of its own, with known bytes around and between its
/// elements.
GuardedTensor guardedTensor(Random &random, DType dtype,
                            absl::Span<const int64_t> sizes);

/// Remembers what blocks hold, and finds what is written to them.
class WriteCheck {
public:
  /// Blocks may be null, or come twice.
  explicit WriteCheck(std::vector<Memory> blocks);

  /// True if nothing but elements of `outputs` is now other than it was.
  bool onlyWrote(absl::Span<const runtime::Tensor> outputs) const;

private:
  std::vector<Memory> blocks;
  std::vector<std::vector<std::byte>> before;
};

} // namespace fuser::fuzz

#endif // FUSER_TOOLS_FUSER_FUZZ_GUARDEDMEMORY_H
