//===- Stream.h - where a thread's calls run on a device --------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_STREAM_H
#define FUSERRUNTIME_STREAM_H

#include "FuserRuntime/Device.h"

namespace fuser::runtime {

/// A CUstream of the device's primary context; null is the legacy default
/// stream.
using Stream = void *;

/// The number of devices that have a stream for each thread. Those behind it
/// have the default stream.
inline constexpr int kMaxStreamDevices = 64;

/// Where calls of this thread that compute on `device` run: null, if nobody
/// said otherwise. Of the CPU always null.
Stream currentStream(Device device);

/// Makes `stream` the current one of this thread and `device`, and returns the
/// one before.
Stream setCurrentStream(Device device, Stream stream);

/// Makes `stream` the current one of this thread and `device` while it lives.
class StreamScope {
public:
  StreamScope(Device device, Stream stream)
      : device(device), before(setCurrentStream(device, stream)) {}
  ~StreamScope() { setCurrentStream(device, before); }
  StreamScope(const StreamScope &) = delete;
  StreamScope &operator=(const StreamScope &) = delete;

private:
  const Device device;
  const Stream before;
};

} // namespace fuser::runtime

#endif // FUSERRUNTIME_STREAM_H
