//===- CudaRuntime.h - devices, contexts, memory, modules -------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_CUDARUNTIME_H
#define FUSERRUNTIME_CUDARUNTIME_H

#include "FuserRuntime/Allocator.h"
#include "FuserRuntime/CudaDriver.h"
#include "FuserRuntime/Device.h"
#include "FuserRuntime/Stream.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <memory>
#include <string>

namespace fuser::runtime {

class CudaModule;

struct CudaDeviceProperties {
  std::string name;
  /// The compute capability.
  int major = 0, minor = 0;
  int multiprocessors = 1;
  /// Whether memory is allocated and freed in the order of a stream.
  bool hasMemoryPools = false;
};

/// The devices of one driver: their contexts, memory, modules. Thread-safe.
///
/// Works in the primary contexts, which it retains, so addresses and streams
/// are those of every other library that does the same. In a process that was
/// forked off after the driver was initialised nothing of it can be used, and
/// every function fails and says so; what is freed there is left alone.
class CudaRuntime : public std::enable_shared_from_this<CudaRuntime> {
public:
  /// Over the driver of the system; the same one at each call, or the same
  /// error: FailedPrecondition that says what is missing.
  static absl::StatusOr<std::shared_ptr<CudaRuntime>> system();

  /// Over `driver`, which outlives it. FailedPrecondition if it can't be
  /// initialised or has no device.
  static absl::StatusOr<std::shared_ptr<CudaRuntime>>
  create(const CudaDriver &driver);

  ~CudaRuntime();
  CudaRuntime(const CudaRuntime &) = delete;
  CudaRuntime &operator=(const CudaRuntime &) = delete;

  const CudaDriver &driver() const { return entry; }
  bool isEmulated() const { return entry.isEmulated; }
  /// 1000 * major + 10 * minor of the CUDA version that the driver is of.
  int driverVersion() const { return version; }
  int numDevices() const;

  /// Whether modules can be loaded and calls made: false in a process that was
  /// forked off, and after exit has begun.
  bool isUsable() const;

  /// InvalidArgument if there is no such device. Valid as long as the runtime.
  absl::StatusOr<const CudaDeviceProperties *> properties(Device device) const;

  /// Makes the context of a device the current one of this thread while it
  /// lives, and then the one before again.
  class Binding {
  public:
    Binding(const CudaRuntime &runtime, Device device);
    ~Binding();
    Binding(const Binding &) = delete;
    Binding &operator=(const Binding &) = delete;

    /// Nothing was bound if it is not OK.
    const absl::Status &status() const { return outcome; }

  private:
    const CudaRuntime &runtime;
    CudaContext before = nullptr;
    bool isChanged = false;
    absl::Status outcome;
  };

  /// Where new memory on `device` is, for use in the order of `stream`. A block
  /// that is given back while `stream` is the thread's current one is there for
  /// the next one at once; if another stream is current (the default one, if
  /// nobody set one), `stream` waits for what that was given before. Whoever
  /// uses a block on another stream gives it back on that one or waits for it
  /// first. Streams outlive the memory that was allocated for them, but see
  /// forgetStream. While `stream` is captured there is no new memory, and what
  /// is given back is kept, over the limit, too.
  /// InvalidArgument for a stream of checkStream.
  absl::StatusOr<std::shared_ptr<Allocator>> allocator(Device device,
                                                       Stream stream);

  /// To be called before a stream is destroyed that memory was allocated for;
  /// waits for it. What is still out may be used on other streams, as above.
  void forgetStream(Device device, Stream stream);

  /// As those of Allocator, for all streams of all devices together. What is
  /// kept for a captured stream stays.
  void trim(std::size_t bytesToKeep = 0);
  void setCacheLimit(std::size_t bytes);
  AllocatorStatistics statistics() const;

  /// In the order of `stream`; the host's memory must stay until that is
  /// synchronised (copyToHost), or may be pageable only (copyToDevice: the
  /// driver has then read it when the call returns).
  absl::Status copyToDevice(Device device, Stream stream, void *to,
                            const void *from, std::size_t bytes) const;
  absl::Status copyToHost(Device device, Stream stream, void *to,
                          const void *from, std::size_t bytes) const;
  absl::Status copyOnDevice(Device device, Stream stream, void *to,
                            const void *from, std::size_t bytes) const;
  /// FailedPrecondition, and the capture goes on, if `stream` is captured.
  absl::Status synchronize(Device device, Stream stream) const;
  /// Waits for all streams of a device. FailedPrecondition if the thread's
  /// current one is captured, or one that is in order with the default one.
  /// Makes other captures void: they can't be seen.
  absl::Status synchronize(Device device) const;

  /// Whether what is given to `stream` is recorded rather than run; true if the
  /// driver can't say because another stream is recorded.
  absl::StatusOr<bool> isCapturing(Device device, Stream stream) const;

  /// Loads PTX or, for an emulated device, a host object. The text of an error
  /// has the log of the driver's compiler.
  absl::StatusOr<std::shared_ptr<const CudaModule>>
  loadModule(Device device, const std::string &image);

  /// OK for a success; else what failed, with the name and the text of
  /// `result`: ResourceExhausted for a lack of memory, FailedPrecondition for
  /// what may not be done while a stream is captured, Internal for the rest;
  /// never InvalidArgument.
  absl::Status check(CudaResult result, absl::string_view what) const;

private:
  friend class CudaModule;
  struct Devices;
  class Memory;
  explicit CudaRuntime(const CudaDriver &driver);
  absl::Status open();
  absl::StatusOr<CudaContext> contextOf(Device device) const;

  const CudaDriver &entry;
  int version = 0;
  std::unique_ptr<Devices> devices;
};

/// Code on one device. Unloaded when the last owner goes and the device has
/// done what it was given; not in a process that exits.
class CudaModule {
public:
  CudaModule(std::shared_ptr<CudaRuntime> runtime, Device device,
             CudaModuleHandle handle)
      : runtime(std::move(runtime)), device(device), handle(handle) {}
  ~CudaModule();
  CudaModule(const CudaModule &) = delete;
  CudaModule &operator=(const CudaModule &) = delete;

  /// Valid as long as the module.
  absl::StatusOr<CudaFunction> find(const std::string &name) const;

private:
  const std::shared_ptr<CudaRuntime> runtime;
  const Device device;
  const CudaModuleHandle handle;
};

} // namespace fuser::runtime

#endif // FUSERRUNTIME_CUDARUNTIME_H
