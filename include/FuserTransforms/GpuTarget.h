//===- GpuTarget.h - what GPU code is made for ------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERTRANSFORMS_GPUTARGET_H
#define FUSERTRANSFORMS_GPUTARGET_H

#include "FuserRuntime/FusedKernelCUDA.h"
#include "absl/status/statusor.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace fuser {

/// An architecture of NVIDIA GPUs, a version of PTX, and the most threads of a
/// block.
struct GpuTarget {
  int architecture = 80; ///< 10 * major + minor of the compute capability
  int ptx = 70;          ///< 10 * major + minor
  int blockSize = runtime::kDeviceBlockThreads;

  /// "sm_80" and "+ptx70", as LLVM calls them.
  std::string chip() const { return "sm_" + std::to_string(architecture); }
  std::string features() const { return "+ptx" + std::to_string(ptx); }

  bool operator==(const GpuTarget &other) const {
    return architecture == other.architecture && ptx == other.ptx &&
           blockSize == other.blockSize;
  }
};

/// The best target that a device of this compute capability runs: its own
/// architecture or, if that is not known, the newest one before it, with the
/// oldest version of PTX that has it, so that any driver for the device reads
/// it. InvalidArgument if the device is older than 7.5.
absl::StatusOr<GpuTarget> gpuTargetFor(int major, int minor);

/// The target called `arch`, "sm_<number>", with PTX version `ptx`,
/// "<major>.<minor>", or the oldest one that fits if that is empty.
/// InvalidArgument, with what there is, if the architecture isn't known, or the
/// version is not one that it and the code generator have.
absl::StatusOr<GpuTarget> parseGpuTarget(llvm::StringRef arch,
                                         llvm::StringRef ptx);

} // namespace fuser

#endif // FUSERTRANSFORMS_GPUTARGET_H
