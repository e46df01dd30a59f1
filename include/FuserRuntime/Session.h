//===- Session.h - registered groups and how they run -----------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A session owns the kernel specs, their kernels, the threads, the allocator
// and the statistics. Sessions are independent of each other. All functions
// are thread-safe.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_SESSION_H
#define FUSERRUNTIME_SESSION_H

#include "FuserRuntime/FusedKernel.h"
#include "FuserRuntime/Statistics.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include <memory>
#include <variant>

namespace fuser::runtime {

/// What groups take and give: tensors and runtime scalars.
using Value = std::variant<Tensor, double, int64_t, bool>;

/// Inputs on entry, outputs on return; the last value is the top.
using Stack = std::vector<Value>;

struct SessionOptions {
  /// Threads for kernels; 0, and any number above: as many as the process may
  /// use (see createThreadPool). Session::threads() says how many there are.
  int threads = 0;
  /// Never compile: run everything on the interpreter.
  bool interpretOnly = false;
  /// The session's own if null.
  std::shared_ptr<Allocator> allocator;
  std::shared_ptr<ThreadPool> threadPool;
};

class Session {
public:
  explicit Session(SessionOptions options = {});
  ~Session();
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  /// Registers a group and returns its key. A spec whose text equals that of a
  /// registered one gets that one's key. Fails with InvalidArgument if the spec
  /// is not well formed.
  absl::StatusOr<int64_t> registerFusion(KernelSpec spec);

  /// Makes `constructor` the way to get kernels for `type`; replaces an
  /// earlier one. Kernels that there are stay in use; those that could not be
  /// compiled are asked for again. Ignored if `type` is no device type.
  void registerFusionBackend(DeviceType type,
                             FusedKernelConstructor constructor);
  bool hasFusionBackend(DeviceType type) const;

  /// Runs group `key` on the inputs on top of `stack` and replaces them by the
  /// outputs. Compiles a kernel if there is none yet for these layouts;
  /// interprets, counting why, if none can be had. Wrong calls (unknown key,
  /// too short a stack, dtypes, ranks or shapes that do not fit) fail with
  /// InvalidArgument or NotFound and leave the stack as it was.
  absl::Status runFusion(int64_t key, Stack &stack);

  /// As runFusion, into the given outputs. Outputs that may overlap another
  /// output or themselves are refused with InvalidArgument, and so are those
  /// that may overlap an input other than in place: see PlannedLoop::inPlace.
  /// After an error, outputs hold anything, also where they replace inputs.
  absl::Status runFusion(int64_t key, absl::Span<const Value> inputs,
                         absl::Span<const Tensor> outputs);

  /// As runFusion, on the interpreter.
  absl::Status runFallback(int64_t key, Stack &stack);

  /// Compiles, without running, the kernel that this call would use, or finds
  /// it in the cache. Fails with the compile error.
  absl::StatusOr<std::shared_ptr<const FusedKernel>>
  kernelFor(int64_t key, absl::Span<const Value> inputs);

  /// The shapes, layouts and loops of this call, which is not made. Operands
  /// that are runtime scalars have no memory after the return.
  absl::StatusOr<LaunchPlan> plan(int64_t key, absl::Span<const Value> inputs);

  /// The spec registered under `key`, or null. Valid as long as the session.
  const KernelSpec *findSpec(int64_t key) const;

  /// Number of kernels compiled so far.
  int64_t nCompiledKernels() const;

  Allocator &allocator() const;
  ThreadPool &threads() const;
  StatisticsSnapshot statistics() const;

private:
  class Impl;
  std::unique_ptr<Impl> impl;
};

} // namespace fuser::runtime

#endif // FUSERRUNTIME_SESSION_H
