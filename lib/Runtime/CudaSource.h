//===- CudaSource.h - the CUDA devices of a session -------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_CUDASOURCE_H
#define FUSER_LIB_RUNTIME_CUDASOURCE_H

#include "FuserRuntime/CudaRuntime.h"
#include <atomic>

namespace fuser::runtime {

/// The CUDA devices of a session: those that it was given, or the system's,
/// which are looked for when they are needed first. Thread-safe.
class CudaSource {
public:
  explicit CudaSource(std::shared_ptr<CudaRuntime> given)
      : given(std::move(given)) {}

  absl::StatusOr<std::shared_ptr<CudaRuntime>> get() const {
    isAskedFor.store(true, std::memory_order_relaxed);
    if (given)
      return given;
    return CudaRuntime::system();
  }

  /// Whether calls on them can be made.
  bool isUsable() const {
    auto runtime = get();
    return runtime.ok() && (*runtime)->isUsable();
  }

  /// Of what was used; looks for nothing.
  AllocatorStatistics statistics() const {
    if (!given && !isAskedFor.load(std::memory_order_relaxed))
      return {};
    auto runtime = get();
    return runtime.ok() ? (*runtime)->statistics() : AllocatorStatistics();
  }

private:
  const std::shared_ptr<CudaRuntime> given;
  mutable std::atomic<bool> isAskedFor{false};
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_CUDASOURCE_H
