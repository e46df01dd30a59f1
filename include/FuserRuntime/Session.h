//===- Session.h - registered groups and how they run --------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A session owns the kernel specs, their kernels, the threads, the allocator
// and the statistics. Sessions are independent of each other. All functions
// are thread-safe; a session must outlive the calls of its functions, and its
// call sites.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_SESSION_H
#define FUSERRUNTIME_SESSION_H

#include "FuserRuntime/FusedKernel.h"
#include "FuserRuntime/Statistics.h"
#include "FuserRuntime/Value.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include <memory>

namespace fuser::runtime {

class CudaRuntime;

/// Which kernels are made, when, and by whom.
enum class TierPolicy : uint8_t {
  FromEnvironment, ///< as FUSER_TIER says; Async if that is not set
  /// The first call of a layout is interpreted if that takes less time than
  /// the compilation of a kernel of tier Quick, which the calling thread makes
  /// otherwise. A thread of the session makes that of tier Final, which takes
  /// over when it is there.
  Async,
  /// The same, but the next call that finds no kernel of tier Final makes it.
  Sync,
  QuickOnly, ///< the first call makes a kernel of tier Quick
  FinalOnly, ///< the first call makes a kernel of tier Final
};

struct SessionOptions {
  /// Threads for kernels; 0, and any number above: as many as the process may
  /// use (see createThreadPool). Session::threads() says how many there are.
  int threads = 0;
  /// Never compile: run everything on the interpreter.
  bool interpretOnly = false;
  TierPolicy tiers = TierPolicy::FromEnvironment;
  /// Kernels that are kept, at the most, or one if it is 0: a new one drops the
  /// one that was not used for the longest time, as soon as nobody runs it.
  std::size_t maxKernels = 4096;
  /// Specs that are kept, with their kernels, after they were released, in case
  /// they come again; the one that was released first goes first.
  std::size_t maxIdleSpecs = 256;
  /// Bytes of freed outputs that the session's own allocator keeps for the next
  /// ones, at the most; below 0: what FUSER_CACHE_MIB says, or
  /// kDefaultCacheLimit. Session::allocator() can change it (setCacheLimit) and
  /// give them back at any time (trim).
  int64_t maxCachedBytes = -1;
  /// The session's own if null.
  std::shared_ptr<Allocator> allocator;
  std::shared_ptr<ThreadPool> threadPool;
  /// The CUDA devices that tensors are on. CudaRuntime::system() if null, asked
  /// for at the first such tensor, or by canFuseOn.
  std::shared_ptr<CudaRuntime> cuda;
};

class CallSite;

class Session {
public:
  explicit Session(SessionOptions options = {});
  ~Session();
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  /// Registers a group and returns its key, >= 0. A spec whose text equals that
  /// of a registered one gets that one's key. Fails with InvalidArgument if the
  /// spec is not well formed.
  absl::StatusOr<int64_t> registerFusion(KernelSpec spec);

  /// Takes back one registerFusion. After the last one the key is unknown,
  /// until an equal spec is registered; the spec and its kernels go when there
  /// are too many such and no call uses them. NotFound if there is no such key.
  absl::Status releaseFusion(int64_t key);

  /// Makes `constructor` the way to get kernels for `type`; replaces an
  /// earlier one. Kernels that there are stay in use; those that could not be
  /// compiled are asked for again. `allocator`: where new outputs on such
  /// devices are; for the CPU that is SessionOptions::allocator. If null, for
  /// CUDA that of cudaRuntime(). Ignored if `type` is no device type.
  void registerFusionBackend(DeviceType type,
                             FusedKernelConstructor constructor,
                             std::shared_ptr<Allocator> allocator = nullptr);

  /// Makes `constructor` the way to get kernels for `type` where neither the
  /// session nor the process has one registered.
  void setDefaultBackend(DeviceType type, FusedKernelConstructor constructor);

  /// Whether there is a backend: the session's, the process's (see
  /// Interface.h) or the default one.
  bool hasFusionBackend(DeviceType type) const;

  /// Whether calls on such devices use kernels: there is a backend, a device
  /// that works, and overrideCanFuseOn did not say no.
  bool canFuseOn(DeviceType type) const;
  /// False: calls on such devices are interpreted, with the reason `disabled`.
  void overrideCanFuseOn(DeviceType type, bool value);

  /// Runs group `key` on the inputs on top of `stack` and replaces them by the
  /// outputs. Has a kernel compiled if there is none yet for these layouts, as
  /// SessionOptions::tiers says; interprets, counting why, if none can be had.
  /// Wrong calls (unknown key, too short a stack, dtypes, ranks, devices or
  /// shapes that do not fit) fail with InvalidArgument or NotFound and leave
  /// the stack as it was, and so do calls for which there is no memory, with
  /// ResourceExhausted. Calls on CUDA devices run on the current stream, see
  /// Stream.h, and are interpreted on copies that the host makes. That fails
  /// with the reason if the device is of no use any more, or while the stream
  /// is captured: then only a kernel that there is can be launched, into given
  /// outputs (FailedPrecondition).
  absl::Status runFusion(int64_t key, Stack &stack);

  /// As runFusion, into the given outputs. Outputs that may overlap another
  /// output or themselves are refused with InvalidArgument, and so are those
  /// that may overlap an input other than in place: see PlannedLoop::inPlace.
  /// After an error, outputs hold anything, also where they replace inputs.
  absl::Status runFusion(int64_t key, absl::Span<const Value> inputs,
                         absl::Span<const Tensor> outputs);

  /// As runFusion, on the interpreter.
  absl::Status runFallback(int64_t key, Stack &stack);

  /// A handle for calling group `key` again and again. NotFound if there is no
  /// such key.
  absl::StatusOr<CallSite> callSite(int64_t key);

  /// Compiles, without running, the kernel that such calls come to use in the
  /// end, or finds it in the cache. Fails with the compile error.
  absl::StatusOr<std::shared_ptr<const FusedKernel>>
  kernelFor(int64_t key, absl::Span<const Value> inputs);

  /// Has the backend of `device` make a kernel that the session does not keep.
  /// `spec` is one that registerFusion took (see findSpec), `argSpec` of a plan
  /// of it, `mapSize` a number of elements to expect in its largest nest. The
  /// kernel is the one that runs fastest.
  absl::StatusOr<std::shared_ptr<FusedKernel>>
  compileKernel(const KernelSpec &spec, const ArgSpec &argSpec, int64_t mapSize,
                Device device);

  /// The shapes, layouts and loops of this call, which is not made.
  absl::StatusOr<LaunchPlan> plan(int64_t key, absl::Span<const Value> inputs);

  /// The spec registered under `key`, or null. Valid until it is released.
  const KernelSpec *findSpec(int64_t key) const;

  /// Returns when the session's thread has no kernel to make any more.
  void waitForCompilations();

  /// Number of kernels compiled so far; one that takes another's place does not
  /// count again.
  int64_t nCompiledKernels() const;

  /// SessionOptions::cuda, or the system's. FailedPrecondition that says what
  /// is missing if there is none.
  absl::StatusOr<std::shared_ptr<CudaRuntime>> cudaRuntime() const;

  Allocator &allocator() const;
  ThreadPool &threads() const;
  StatisticsSnapshot statistics() const;

private:
  friend class CallSite;
  class Impl;
  std::unique_ptr<Impl> impl;
};

/// A place in a program that calls one group. It remembers the last plan that
/// was made for it: a call whose inputs (and given outputs) have the same
/// types, sizes and strides is a comparison and a launch. Other layouts are
/// looked up with the group. Keeps the group, though not its key. Thread-safe,
/// but for moves.
class CallSite {
public:
  CallSite(CallSite &&other) noexcept;
  CallSite &operator=(CallSite &&other) noexcept;
  ~CallSite();

  int64_t key() const;

  /// As Session::runFusion and runFallback with its key.
  absl::Status run(Stack &stack);
  absl::Status run(absl::Span<const Value> inputs,
                   absl::Span<const Tensor> outputs);
  absl::Status runFallback(Stack &stack);

  /// The outputs of such a call, which is not made: those that run(Stack) would
  /// allocate, or the given ones. Fails as run does before it computes
  /// anything. Only where the given outputs lie matters, not that memory is
  /// there.
  absl::StatusOr<absl::InlinedVector<PlannedOutput, 2>>
  plan(absl::Span<const Value> inputs, absl::Span<const Tensor> outputs = {});

  /// A new tensor like `output` where run(Stack) has those on `device`.
  absl::StatusOr<Tensor> allocate(const PlannedOutput &output, Device device);

private:
  friend class Session;
  class Impl;
  explicit CallSite(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace fuser::runtime

#endif // FUSERRUNTIME_SESSION_H
