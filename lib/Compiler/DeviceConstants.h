//===- DeviceConstants.h - constants of programs on devices -----*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_COMPILER_DEVICECONSTANTS_H
#define FUSER_LIB_COMPILER_DEVICECONSTANTS_H

#include "FuserCompiler/Program.h"
#include <map>
#include <mutex>

namespace fuser {

/// What a function does not get from its arguments, where it is called: its
/// constants, and what groups make that read no tensor. Thread-safe.
class DeviceConstants {
public:
  /// `session` outlives it; `constants` are on the host.
  DeviceConstants(runtime::Session &session,
                  std::vector<runtime::Tensor> constants)
      : session(session), constants(std::move(constants)) {}

  /// Waits for the devices that they were copied to.
  ~DeviceConstants();

  /// Those on the device that the tensors among `arguments` are on, copied
  /// there by the first call. Valid as long as this.
  absl::StatusOr<absl::Span<const runtime::Tensor>>
  beside(absl::Span<const runtime::Value> arguments);

  /// Copies the tensors on a stack that are on the host to that device.
  absl::Status move(runtime::Stack &stack,
                    absl::Span<const runtime::Value> arguments);

private:
  runtime::Session &session;
  const std::vector<runtime::Tensor> constants;
  std::mutex lock;
  /// By the number of a CUDA device.
  std::map<int32_t, std::vector<runtime::Tensor>> copies;
};

} // namespace fuser

#endif // FUSER_LIB_COMPILER_DEVICECONSTANTS_H
