//===- Stream.cpp - where a thread's calls run on a device ----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Stream.h"
#include <array>

namespace fuser::runtime {

/// Those of this thread. Of a type without a destructor, so that it is there to
/// the thread's end.
static thread_local std::array<Stream, kMaxStreamDevices> streams{};

/// The place of `device` there, or null.
static Stream *placeOf(Device device) {
  const bool isThere = device.type == DeviceType::CUDA && device.index >= 0 &&
                       device.index < kMaxStreamDevices;
  return isThere ? &streams[device.index] : nullptr;
}

absl::Status checkStream(Stream stream) {
  if (stream != kPerThreadStream)
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      "the stream is the default one of each thread (cudaStreamPerThread), "
      "which can't be told from those of other threads; use one that was made "
      "(cudaStreamCreate), or the legacy default one");
}

Stream currentStream(Device device) {
  const Stream *place = placeOf(device);
  return place ? *place : nullptr;
}

Stream setCurrentStream(Device device, Stream stream) {
  Stream *place = placeOf(device);
  if (!place)
    return nullptr;
  const Stream before = *place;
  *place = stream == kLegacyStream ? nullptr : stream;
  return before;
}

} // namespace fuser::runtime
