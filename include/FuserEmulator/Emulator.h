//===- Emulator.h - an emulated CUDA driver ---------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A CUDA driver whose devices are this process: memory is the host's, kernels
// are host functions. It does late what a device may do late: launches, copies
// and frees wait in their stream until something synchronises it (or until the
// rules of CUDA order them before what is synchronised: the legacy default
// stream, events). So what lacks a synchronisation finds old data.
//
// There is one in a process, as its functions have no argument to tell several.
// Its streams can be captured; then nothing runs, and what must not be done
// fails.
//
//===----------------------------------------------------------------------===//

#ifndef FUSEREMULATOR_EMULATOR_H
#define FUSEREMULATOR_EMULATOR_H

#include "FuserRuntime/CudaDriver.h"
#include "absl/status/statusor.h"
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fuser::emulator {

/// Runs all threads of all blocks of a launch, in any order. `parameters` is
/// the parameter buffer, 8 bytes each.
using Entry = void (*)(int64_t gridX, int64_t gridY, int64_t blockX,
                       int64_t blockY, const uint64_t *parameters);

struct Function {
  Entry entry;
  int32_t numParameters;
};

/// A loaded module.
struct Image {
  /// The function of a name, or none.
  std::function<std::optional<Function>(const std::string &name)> find;
  /// Keeps the code.
  std::shared_ptr<void> owner;
};

using ImageLoader = std::function<absl::StatusOr<Image>(std::string_view)>;

struct Options {
  int numDevices = 1;
  /// Memory of each device.
  std::size_t memoryBytes = std::size_t(1) << 30;
  int major = 8, minor = 0, multiprocessors = 4;
  /// Whether cuMemAllocAsync is there.
  bool hasMemoryPools = true;
};

/// Makes new devices, with nothing on them, and takes back all faults and
/// counts. What is left of the old ones must not be used any more. Not to be
/// called while anything uses them.
void reset(const Options &options = {});

/// What cuModuleLoadDataEx calls. Stays over resets.
void setImageLoader(ImageLoader loader);

/// The driver; always the same one. It has what the last reset() said, which
/// is one device if there was none.
const runtime::CudaDriver &driver();

//===----------------------------------------------------------------------===//
// Faults
//===----------------------------------------------------------------------===//

/// Makes calls of `function` ("cuLaunchKernel") return `result` and do nothing:
/// the `nth` from now (the next one is 1) and as many as `times` say, those
/// behind it included; below 0: all. A result that isSticky stays.
void failCall(std::string_view function, runtime::CudaResult result,
              int64_t nth = 1, int64_t times = 1);

/// The next kernel that runs fails with `result`, as of an illegal address:
/// whatever synchronises then, and all later calls, return it.
void failExecution(runtime::CudaResult result);

/// Takes back the faults, sticky errors included.
void clearFaults();

//===----------------------------------------------------------------------===//
// What has happened
//===----------------------------------------------------------------------===//

/// Calls of `function` since the last reset(), failed ones included.
int64_t numCalls(std::string_view function);
/// Calls of all functions.
int64_t numCalls();

struct Launch {
  unsigned gridX, gridY, blockX, blockY;
  std::size_t parameterBytes;
  runtime::CudaStream stream;
};
/// The launches since the last reset(), also those that are still to run.
std::vector<Launch> launches();

/// Blocks of memory, modules and streams that there are, and contexts that are
/// retained.
struct Live {
  int64_t blocks = 0, bytes = 0, modules = 0, streams = 0, events = 0,
          contexts = 0;
};
Live live();

/// Things that wait in all streams.
int64_t numPending();

/// Misuse that a device would not notice but that is wrong: a description of
/// each since the last reset(), such as memory that a free found in use later.
std::vector<std::string> complaints();

//===----------------------------------------------------------------------===//
// Capture
//===----------------------------------------------------------------------===//

/// From now on what `stream`, not the default one, is given is recorded.
void beginCapture(runtime::CudaStream stream);
/// Ends that; false if something that may not be done made the capture void.
bool endCapture(runtime::CudaStream stream);
/// Gives `stream` what was recorded last.
void replay(runtime::CudaStream stream);
/// Forgets it. Until then it needs the modules of its kernels.
void dropRecording();

} // namespace fuser::emulator

#endif // FUSEREMULATOR_EMULATOR_H
