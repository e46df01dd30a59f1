//===- FusedKernelCUDA.h - a kernel on a CUDA device ------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_FUSEDKERNELCUDA_H
#define FUSERRUNTIME_FUSEDKERNELCUDA_H

#include "FuserRuntime/CudaRuntime.h"
#include "FuserRuntime/FusedKernel.h"

namespace fuser::runtime {

/// The entry point of one loop in a module for a GPU, or for the emulated one.
///
/// Each of its parameters has 8 bytes:
///   begin, end: the rows to compute, counted through all outer dimensions; for
///     rank 1 the elements. (There are no blocks of rows as on the CPU.)
///   the pointers of LoopFunction's `data` in their order, but the last one,
///     that of the byte, only if the kernel spec `raises`;
///   LoopFunction's `dims`, one by one.
/// Each thread takes rows begin + y, begin + y + Y, ... and in each of them
/// vectors of `lanes` elements x, x + X, ...: x, y of X, Y is its place in the
/// whole grid, which has any size. For rank 1 there is one row, and Y is 1.
struct DeviceFunction {
  std::string name;
  /// Elements along the innermost dimension that a thread computes at once.
  int32_t lanes = 1;
  /// One for each pointer: whether it is passed as the element itself, a
  /// runtime scalar (its bits in the low bytes of the 8; the others are 0). The
  /// first of indices is a number anyway, and the flag of the byte is false.
  std::vector<bool> isScalar;
  /// The only parameter is the address of an array in device memory that holds
  /// the ones above.
  bool parametersInMemory = false;
};

/// The threads of a block, at the most.
inline constexpr int kDeviceBlockThreads = 256;

/// The most bytes of parameters that every driver takes.
inline constexpr std::size_t kMaxParameterBytes = 4096;

/// A kernel on a CUDA device. Launches on the thread's current stream and waits
/// for nothing, unless the kernel spec raises: then for the kernel. While a
/// stream is captured, kernels that wait or whose parameters are in memory
/// can't be launched (FailedPrecondition). A captured launch refers to the
/// module, so whoever replays it keeps the kernel.
class FusedKernelCUDA : public FusedKernel {
public:
  /// Loads `image` (PTX; a host object for an emulated device) and finds one of
  /// `functions` for each loop. `code` prints for people. Fails as
  /// CudaRuntime::loadModule, or with Internal if a function is missing, or its
  /// parameters take too much room.
  static absl::StatusOr<std::shared_ptr<FusedKernel>>
  load(std::shared_ptr<CudaRuntime> runtime, Device device, std::string image,
       std::vector<DeviceFunction> functions,
       std::function<std::string()> code);

  absl::Status launch(const LaunchPlan &plan, MemoryTable memory,
                      ThreadPool &threads) const override;
  std::string code() const override;

private:
  struct Entry {
    DeviceFunction description;
    CudaFunction function;
  };
  class Launch;

  FusedKernelCUDA(std::shared_ptr<CudaRuntime> runtime, Device device,
                  int multiprocessors);

  const std::shared_ptr<CudaRuntime> runtime;
  const Device device;
  const int multiprocessors;
  std::shared_ptr<const CudaModule> module;
  std::vector<Entry> entries;
  std::function<std::string()> printCode;
};

} // namespace fuser::runtime

#endif // FUSERRUNTIME_FUSEDKERNELCUDA_H
