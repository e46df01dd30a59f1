//===- CopyBandwidth.h - how fast memory is copied --------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_COPYBANDWIDTH_H
#define FUSER_TOOLS_FUSER_RUNNER_COPYBANDWIDTH_H

#include "FuserRuntime/Session.h"
#include "absl/status/statusor.h"

namespace fuser::runner {

/// Copies a block of memory, split over the threads of a session.
class CopyBandwidth {
public:
  /// Gets two blocks of `bytes` and touches them.
  static absl::StatusOr<CopyBandwidth> create(int64_t bytes,
                                              runtime::Session &session);

  /// Ways to copy. Which one is the fastest depends on the machine and on what
  /// memcpy makes of it.
  enum Way {
    Memcpy, ///< the C library's
    Plain,  ///< a loop of plain loads and stores
    Stream, ///< a loop that stores past the caches, where the CPU can
  };
  static constexpr int numWays = 3;
  void copy(Way way);

  /// Bytes that one copy reads and writes.
  int64_t traffic() const { return 2 * from.numElements(); }

private:
  CopyBandwidth(runtime::Tensor from, runtime::Tensor to,
                runtime::ThreadPool &threads)
      : from(std::move(from)), to(std::move(to)), threads(&threads) {}
  void copyParts(void (*copyPart)(char *, const char *, int64_t));

  runtime::Tensor from, to;
  runtime::ThreadPool *threads;
};

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_COPYBANDWIDTH_H
