//===- Machine.h - the state of the emulated driver -------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One machine for the process, behind one lock: what runs late runs on the
// thread that waits for it, with the lock held.
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_EMULATOR_MACHINE_H
#define FUSER_LIB_EMULATOR_MACHINE_H

#include "FuserEmulator/Emulator.h"
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <set>

namespace fuser::emulator {

using namespace runtime;

struct Device;
struct StreamState;

/// A thing to be done in its turn.
struct Task {
  std::function<CudaResult()> run;
  /// Others that come first, whose streams may be others.
  std::vector<std::shared_ptr<Task>> after;
  std::weak_ptr<StreamState> stream;
  bool isDone = false;
};

struct StreamState {
  Device *device;
  unsigned flags;
  bool isDefault() const;
  bool isBlocking() const { return !(flags & kCudaStreamNonBlocking); }
  std::deque<std::shared_ptr<Task>> tasks;
  /// Tasks given since the capture began; null: there is none.
  std::unique_ptr<std::vector<std::function<CudaResult()>>> captured;
  bool isCaptureVoid = false;
};

struct EventState {
  Device *device;
  unsigned flags;
  std::shared_ptr<Task> task;
  /// When the task was done.
  std::shared_ptr<std::chrono::steady_clock::time_point> time;
};

struct ModuleState {
  Device *device;
  Image image;
  /// Has the image's owner, and is shared by what is to run.
  std::shared_ptr<std::shared_ptr<void>> use;
  std::map<std::string, CudaFunction> functions;
};

struct FunctionState {
  CudaModuleHandle module;
  Function function;
};

/// Memory, from a page's begin nearly to a page's end, behind which there is
/// none.
struct Block {
  Device *device;
  std::size_t bytes;
  void *pages;
  std::size_t pageBytes;
  /// Free as far as its user goes.
  bool isFreed = false;
};

struct Device {
  int number;
  int retained = 0;
  std::size_t bytesUsed = 0;
  std::shared_ptr<StreamState> defaultStream;
  /// Of a kernel that failed.
  CudaResult sticky = cudaresult::kSuccess;
};

struct Fault {
  CudaResult result;
  int64_t first, times;
};

/// All there is. To be used with `lock` held.
class Machine {
public:
  static Machine &get();

  void reset(const Options &options);

  std::mutex lock;
  Options options;
  ImageLoader loader;
  int process = 0;
  bool isInitialized = false;
  std::vector<std::unique_ptr<Device>> devices;
  std::map<CudaStream, std::shared_ptr<StreamState>> streams;
  std::map<CudaEvent, EventState> events;
  std::map<CudaModuleHandle, ModuleState> modules;
  std::map<CudaFunction, FunctionState> functions;
  std::map<CudaAddress, Block> blocks;
  std::map<std::string, int64_t, std::less<>> calls;
  std::map<std::string, std::vector<Fault>, std::less<>> faults;
  std::vector<Launch> launches;
  std::vector<std::string> complaints;
  std::vector<std::function<CudaResult()>> recorded;
  CudaResult nextExecution = cudaresult::kSuccess;

  /// The device whose context is current on this thread; null if none is.
  Device *current();
  /// The stream of a handle that may be used now, or null.
  std::shared_ptr<StreamState> find(CudaStream stream);
  /// Whether any stream is captured.
  bool isCapturing() const;
  /// Makes all captures void, as what is forbidden does.
  CudaResult spoilCaptures();

  /// Gives `stream` something to do, or records it.
  void give(const std::shared_ptr<StreamState> &stream,
            std::function<CudaResult()> run,
            std::vector<std::shared_ptr<Task>> after = {});
  std::shared_ptr<Task> lastOf(const StreamState &stream) const;
  CudaResult finish(const std::shared_ptr<StreamState> &stream);
  CudaResult finish(Device &device);

  CudaResult allocate(Device &device, std::size_t bytes, CudaAddress &address);
  /// The block that has all of these bytes and is not freed, or null.
  Block *blockOf(CudaAddress address, std::size_t bytes);
  /// Whether these bytes are still there, for those who were given them before
  /// they were freed.
  bool isThere(CudaAddress address, std::size_t bytes) {
    return find(address, bytes) != nullptr;
  }
  void release(CudaAddress address);

  uintptr_t nextHandle = 0x1000;
  template <class Handle> Handle newHandle() {
    return reinterpret_cast<Handle>(nextHandle += 16);
  }

private:
  Block *find(CudaAddress address, std::size_t bytes);
  CudaResult runUpTo(const std::shared_ptr<Task> &task);
  void clear();
};

/// The context of this thread.
CudaContext &currentContext();

} // namespace fuser::emulator

#endif // FUSER_LIB_EMULATOR_MACHINE_H
