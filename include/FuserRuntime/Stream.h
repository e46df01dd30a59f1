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
#include "absl/status/status.h"

namespace fuser::runtime {

/// A CUstream of the device's primary context; null is the legacy default
/// stream.
using Stream = void *;

/// The handles of CUDA for the default streams, CU_STREAM_LEGACY and
/// CU_STREAM_PER_THREAD.
inline const Stream kLegacyStream = reinterpret_cast<Stream>(1);
inline const Stream kPerThreadStream = reinterpret_cast<Stream>(2);

/// InvalidArgument for kPerThreadStream: it is another stream in each thread,
/// so memory of one would be used on another.
absl::Status checkStream(Stream stream);

/// The number of devices that have a stream for each thread. Those behind it
/// have the default stream.
inline constexpr int kMaxStreamDevices = 64;

/// Where calls of this thread that compute on `device` run: null, the legacy
/// default stream, if nobody said otherwise. Of the CPU always null.
Stream currentStream(Device device);

/// Makes `stream` the current one of this thread and `device`, and returns the
/// one before. kLegacyStream is null.
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
