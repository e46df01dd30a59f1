//===- OnDevice.h - runs on a CUDA device -----------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_RUNNER_ONDEVICE_H
#define FUSER_TOOLS_FUSER_RUNNER_ONDEVICE_H

#include "FuserRuntime/CudaRuntime.h"
#include "FuserRuntime/Session.h"
#include "FuserRuntime/Value.h"
#include <string>
#include <vector>

namespace fuser::runner {

/// What a report says of a device.
struct DeviceDescription {
  std::string name;
  int major = 0, minor = 0; ///< the compute capability
  int multiprocessors = 0;
  int driverVersion = 0; ///< 1000 * major + 10 * minor, of CUDA
  bool isEmulated = false;
};

/// "12.8" of 12080.
std::string cudaVersionString(int version);

/// Where --device has calls run: the host, or the default stream of the first
/// CUDA device of a session.
class OnDevice {
public:
  /// Of the host.
  OnDevice() = default;

  /// Of the CUDA device; FailedPrecondition that says what is missing if there
  /// is none.
  static absl::StatusOr<OnDevice> open(runtime::Session &session);

  bool isHost() const { return !cuda; }
  runtime::Device device() const { return place; }
  /// Of the CUDA device.
  const DeviceDescription &description() const { return about; }
  runtime::CudaRuntime &runtime() const { return *cuda; }

  /// `values` with copies there of the tensors among them.
  absl::StatusOr<std::vector<runtime::Value>>
  upload(absl::Span<const runtime::Value> values) const;

  /// Copies of `tensors` on the host, of those that are not there yet.
  absl::StatusOr<std::vector<runtime::Tensor>>
  download(absl::Span<const runtime::Tensor> tensors,
           runtime::Allocator &allocator) const;

  /// Returns when what it was given is done; the first error of that.
  absl::Status synchronize() const;

private:
  std::shared_ptr<runtime::CudaRuntime> cuda;
  runtime::Device place;
  DeviceDescription about;
};

} // namespace fuser::runner

#endif // FUSER_TOOLS_FUSER_RUNNER_ONDEVICE_H
