//===- Emulator.cpp - an emulated CUDA driver -----------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include "absl/strings/str_cat.h"
#include <algorithm>
#include <cstring>
#include <unistd.h>

namespace fuser::emulator {

using namespace runtime::cudaresult;

/// Limits of all devices that there are.
static constexpr unsigned kMaxBlockThreads = 1024, kMaxGridX = 0x7fffffff,
                          kMaxGridYZ = 65535;
static constexpr std::size_t kMaxParameterBytes = 4096;

/// CUDA_ERROR_STREAM_CAPTURE_IMPLICIT.
static constexpr CudaResult kCaptureImplicit = 906;

static constexpr std::pair<CudaResult, const char *> kErrorNames[] = {
    {kSuccess, "CUDA_SUCCESS"},
    {kInvalidValue, "CUDA_ERROR_INVALID_VALUE"},
    {kOutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY"},
    {kNotInitialized, "CUDA_ERROR_NOT_INITIALIZED"},
    {kDeinitialized, "CUDA_ERROR_DEINITIALIZED"},
    {kNoDevice, "CUDA_ERROR_NO_DEVICE"},
    {kInvalidDevice, "CUDA_ERROR_INVALID_DEVICE"},
    {kInvalidImage, "CUDA_ERROR_INVALID_IMAGE"},
    {kInvalidContext, "CUDA_ERROR_INVALID_CONTEXT"},
    {kInvalidHandle, "CUDA_ERROR_INVALID_HANDLE"},
    {kNotFound, "CUDA_ERROR_NOT_FOUND"},
    {kIllegalAddress, "CUDA_ERROR_ILLEGAL_ADDRESS"},
    {kContextIsDestroyed, "CUDA_ERROR_CONTEXT_IS_DESTROYED"},
    {kLaunchFailed, "CUDA_ERROR_LAUNCH_FAILED"},
    {kCaptureUnsupported, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"},
    {kCaptureInvalidated, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"},
    {kCaptureImplicit, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT"}};

/// How this thread disturbs captures: CU_STREAM_CAPTURE_MODE_*.
static thread_local int captureMode = 0;

//===----------------------------------------------------------------------===//
// Every call
//===----------------------------------------------------------------------===//

namespace {
/// What a function needs.
enum class Needs { Nothing, Driver, Context };
} // namespace

/// The fault that this call is to have, if any.
static CudaResult injected(Machine &machine, std::string_view name) {
  const int64_t number = machine.calls[std::string(name)];
  const auto found = machine.faults.find(name);
  if (found == machine.faults.end())
    return kSuccess;
  for (const Fault &fault : found->second)
    if (number >= fault.first &&
        (fault.times < 0 || number < fault.first + fault.times))
      return fault.result;
  return kSuccess;
}

/// Counts a call of `name`, and makes it unless something is wrong before.
template <class Body>
static CudaResult call(const char *name, Needs needs, Body &&body) {
  Machine &machine = Machine::get();
  std::lock_guard<std::mutex> guard(machine.lock);
  ++machine.calls[name];
  Device *device = machine.current();
  if (CudaResult result = injected(machine, name)) {
    if (isSticky(result) && device)
      device->sticky = result;
    return result;
  }
  if (needs == Needs::Nothing)
    return body(machine);
  if (!machine.isInitialized || machine.process != getpid())
    return kNotInitialized;
  if (needs == Needs::Driver)
    return body(machine);
  if (!device)
    return kInvalidContext;
  if (device->sticky != kSuccess)
    return device->sticky;
  return body(machine);
}

/// What may not be done while any stream is captured, unless this thread says
/// that it knows.
static CudaResult checkCapture(Machine &machine, bool mayRelax = true) {
  if (!machine.isCapturing() ||
      (mayRelax && captureMode == kCudaCaptureRelaxed))
    return kSuccess;
  return machine.spoilCaptures();
}

/// Whether a stream is captured that the default one of `device` waits for.
static bool hasBlockingCapture(const Machine &machine, const Device &device) {
  return std::any_of(machine.streams.begin(), machine.streams.end(),
                     [&](const auto &entry) {
                       const StreamState &stream = *entry.second;
                       return stream.captured && stream.isBlocking() &&
                              stream.device == &device;
                     });
}

/// The stream, for something to be given to it.
static CudaResult findStream(Machine &machine, CudaStream handle,
                             std::shared_ptr<StreamState> &stream) {
  stream = machine.find(handle);
  if (!stream)
    return kInvalidHandle;
  if (!stream->isDefault() || !hasBlockingCapture(machine, *stream->device))
    return kSuccess;
  machine.spoilCaptures();
  return kCaptureImplicit;
}

//===----------------------------------------------------------------------===//
// Devices and contexts
//===----------------------------------------------------------------------===//

static CudaResult cuInit(unsigned flags) {
  return call("cuInit", Needs::Nothing, [&](Machine &machine) {
    if (machine.process != getpid())
      return kNotInitialized;
    if (flags != 0)
      return kInvalidValue;
    if (machine.devices.empty())
      return kNoDevice;
    machine.isInitialized = true;
    return kSuccess;
  });
}

static CudaResult cuDriverGetVersion(int *version) {
  return call("cuDriverGetVersion", Needs::Nothing, [&](Machine &) {
    *version = 12080;
    return kSuccess;
  });
}

static CudaResult cuGetErrorName(CudaResult error, const char **name) {
  *name = nullptr;
  for (const auto &[result, text] : kErrorNames)
    if (result == error)
      *name = text;
  return *name ? kSuccess : kInvalidValue;
}

static CudaResult cuGetErrorString(CudaResult error, const char **text) {
  const CudaResult result = cuGetErrorName(error, text);
  if (result == kSuccess)
    *text = "of the emulated device";
  return result;
}

static CudaResult cuDeviceGetCount(int *count) {
  return call("cuDeviceGetCount", Needs::Driver, [&](Machine &machine) {
    *count = static_cast<int>(machine.devices.size());
    return kSuccess;
  });
}

static bool isDevice(const Machine &machine, int number) {
  return number >= 0 && number < static_cast<int>(machine.devices.size());
}

static CudaResult cuDeviceGet(CudaDeviceNumber *device, int ordinal) {
  return call("cuDeviceGet", Needs::Driver, [&](Machine &machine) {
    *device = ordinal;
    return isDevice(machine, ordinal) ? kSuccess : kInvalidDevice;
  });
}

static CudaResult cuDeviceGetName(char *name, int size,
                                  CudaDeviceNumber device) {
  return call("cuDeviceGetName", Needs::Driver, [&](Machine &machine) {
    if (!isDevice(machine, device))
      return kInvalidDevice;
    std::strncpy(name, "emulated device", size);
    return kSuccess;
  });
}

static CudaResult cuDeviceGetAttribute(int *value, int attribute,
                                       CudaDeviceNumber device) {
  return call("cuDeviceGetAttribute", Needs::Driver, [&](Machine &machine) {
    if (!isDevice(machine, device))
      return kInvalidDevice;
    const Options &options = machine.options;
    switch (attribute) {
    case cudaattribute::kMultiprocessors:
      *value = options.multiprocessors;
      return kSuccess;
    case cudaattribute::kMajor:
      *value = options.major;
      return kSuccess;
    case cudaattribute::kMinor:
      *value = options.minor;
      return kSuccess;
    case cudaattribute::kMemoryPools:
      *value = options.hasMemoryPools;
      return kSuccess;
    default:
      return kInvalidValue;
    }
  });
}

static CudaResult cuDevicePrimaryCtxRetain(CudaContext *context,
                                           CudaDeviceNumber device) {
  return call("cuDevicePrimaryCtxRetain", Needs::Driver, [&](Machine &machine) {
    if (!isDevice(machine, device))
      return kInvalidDevice;
    Device *found = machine.devices[device].get();
    ++found->retained;
    *context = reinterpret_cast<CudaContext>(found);
    return kSuccess;
  });
}

static CudaResult cuDevicePrimaryCtxRelease(CudaDeviceNumber device) {
  return call("cuDevicePrimaryCtxRelease", Needs::Driver,
              [&](Machine &machine) {
                if (!isDevice(machine, device) ||
                    machine.devices[device]->retained == 0)
                  return kInvalidContext;
                Device &found = *machine.devices[device];
                if (found.retained == 1) {
                  machine.finish(found);
                  const auto has = [&](const auto &things) {
                    return std::any_of(things.begin(), things.end(),
                                       [&](const auto &thing) {
                                         return thing.second.device == &found;
                                       });
                  };
                  if (has(machine.blocks) || has(machine.modules))
                    machine.complaints.push_back(
                        "a context was released with memory or modules in it");
                }
                --found.retained;
                return kSuccess;
              });
}

static CudaResult cuCtxGetCurrent(CudaContext *context) {
  return call("cuCtxGetCurrent", Needs::Driver, [&](Machine &machine) {
    *context = machine.current() ? currentContext() : nullptr;
    return kSuccess;
  });
}

static CudaResult cuCtxSetCurrent(CudaContext context) {
  return call("cuCtxSetCurrent", Needs::Driver, [&](Machine &machine) {
    const CudaContext before = currentContext();
    currentContext() = context;
    if (!context || machine.current())
      return kSuccess;
    currentContext() = before;
    return kInvalidContext;
  });
}

static CudaResult cuCtxSynchronize() {
  return call("cuCtxSynchronize", Needs::Context, [&](Machine &machine) {
    if (CudaResult result = checkCapture(machine, /*mayRelax=*/false))
      return result;
    return machine.finish(*machine.current());
  });
}

//===----------------------------------------------------------------------===//
// Modules and launches
//===----------------------------------------------------------------------===//

/// Writes `text` where the options say that errors go.
static void writeLog(const std::string &text, unsigned numOptions,
                     const int *options, void **values) {
  char *buffer = nullptr;
  std::size_t bytes = 0;
  for (unsigned i = 0; i < numOptions; ++i)
    if (options[i] == cudajit::kErrorLogBuffer)
      buffer = static_cast<char *>(values[i]);
    else if (options[i] == cudajit::kErrorLogBytes)
      bytes = reinterpret_cast<std::size_t>(values[i]);
  if (buffer && bytes > 0)
    std::strncpy(buffer, text.c_str(), bytes);
}

static CudaResult cuModuleLoadDataEx(CudaModuleHandle *module,
                                     const void *image, unsigned numOptions,
                                     int *options, void **values) {
  return call("cuModuleLoadDataEx", Needs::Context, [&](Machine &machine) {
    if (CudaResult result = checkCapture(machine))
      return result;
    const auto *bytes = static_cast<const EmulatedImageBytes *>(image);
    absl::StatusOr<Image> loaded =
        machine.loader
            ? machine.loader({bytes->data, bytes->size})
            : absl::FailedPreconditionError("no image loader is set");
    if (!loaded.ok()) {
      writeLog(std::string(loaded.status().message()), numOptions, options,
               values);
      return kInvalidImage;
    }
    *module = machine.newHandle<CudaModuleHandle>();
    ModuleState &state = machine.modules[*module];
    state.device = machine.current();
    state.image = *std::move(loaded);
    state.use = std::make_shared<std::shared_ptr<void>>(state.image.owner);
    return kSuccess;
  });
}

static CudaResult cuModuleGetFunction(CudaFunction *function,
                                      CudaModuleHandle module,
                                      const char *name) {
  return call("cuModuleGetFunction", Needs::Context, [&](Machine &machine) {
    const auto found = machine.modules.find(module);
    if (found == machine.modules.end())
      return kInvalidHandle;
    const std::optional<Function> entry = found->second.image.find(name);
    if (!entry)
      return kNotFound;
    CudaFunction &handle = found->second.functions[name];
    if (!handle)
      handle = machine.newHandle<CudaFunction>();
    machine.functions[handle] = {module, *entry};
    *function = handle;
    return kSuccess;
  });
}

static CudaResult cuModuleUnload(CudaModuleHandle module) {
  return call("cuModuleUnload", Needs::Context, [&](Machine &machine) {
    if (CudaResult result = checkCapture(machine))
      return result;
    const auto found = machine.modules.find(module);
    if (found == machine.modules.end())
      return kInvalidHandle;
    if (found->second.use.use_count() > 1)
      machine.complaints.push_back(
          "a module was unloaded whose kernels are still to run");
    for (const auto &[name, handle] : found->second.functions)
      machine.functions.erase(handle);
    machine.modules.erase(found);
    return kSuccess;
  });
}

/// The parameter buffer that `extra` names; false if it names none.
static bool readParameters(void **extra, std::vector<uint64_t> &parameters) {
  const void *buffer = nullptr;
  std::size_t bytes = 0;
  for (; extra && *extra != cudalaunch::kEnd; extra += 2)
    if (extra[0] == cudalaunch::kBuffer)
      buffer = extra[1];
    else if (extra[0] == cudalaunch::kBufferSize)
      bytes = *static_cast<std::size_t *>(extra[1]);
    else
      return false;
  if (!buffer || bytes > kMaxParameterBytes || bytes % sizeof(uint64_t) != 0)
    return false;
  parameters.resize(bytes / sizeof(uint64_t));
  std::memcpy(parameters.data(), buffer, bytes);
  return true;
}

static CudaResult cuLaunchKernel(CudaFunction function, unsigned gridX,
                                 unsigned gridY, unsigned gridZ,
                                 unsigned blockX, unsigned blockY,
                                 unsigned blockZ, unsigned sharedBytes,
                                 CudaStream handle, void **given,
                                 void **extra) {
  return call("cuLaunchKernel", Needs::Context, [&](Machine &machine) {
    const auto found = machine.functions.find(function);
    std::shared_ptr<StreamState> stream;
    if (found == machine.functions.end() ||
        machine.modules[found->second.module].device != machine.current())
      return kInvalidHandle;
    if (CudaResult result = findStream(machine, handle, stream))
      return result;
    const auto isWithin = [](unsigned n, unsigned most) {
      return n >= 1 && n <= most;
    };
    const uint64_t threads = uint64_t(blockX) * blockY * blockZ;
    std::vector<uint64_t> parameters;
    if (!isWithin(gridX, kMaxGridX) || !isWithin(gridY, kMaxGridYZ) ||
        gridZ != 1 || !isWithin(blockX, kMaxBlockThreads) ||
        !isWithin(blockY, kMaxBlockThreads) || blockZ != 1 ||
        threads > kMaxBlockThreads || sharedBytes != 0 || given ||
        !readParameters(extra, parameters))
      return kInvalidValue;
    const Function code = found->second.function;
    if (static_cast<std::size_t>(code.numParameters) != parameters.size())
      return kInvalidValue;
    machine.launches.push_back({gridX, gridY, blockX, blockY,
                                parameters.size() * sizeof(uint64_t), handle});
    machine.give(stream, [&machine, code, gridX, gridY, blockX, blockY,
                          use = machine.modules[found->second.module].use,
                          parameters = std::move(parameters)] {
      if (CudaResult fault = std::exchange(machine.nextExecution, kSuccess))
        return fault;
      code.entry(gridX, gridY, blockX, blockY, parameters.data());
      return kSuccess;
    });
    return kSuccess;
  });
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

static CudaResult cuMemAlloc(CudaAddress *address, size_t bytes) {
  return call("cuMemAlloc", Needs::Context, [&](Machine &machine) {
    if (CudaResult result = checkCapture(machine))
      return result;
    if (bytes == 0)
      return kInvalidValue;
    return machine.allocate(*machine.current(), bytes, *address);
  });
}

static CudaResult cuMemAllocAsync(CudaAddress *address, size_t bytes,
                                  CudaStream handle) {
  return call("cuMemAllocAsync", Needs::Context, [&](Machine &machine) {
    std::shared_ptr<StreamState> stream;
    if (CudaResult result = findStream(machine, handle, stream))
      return result;
    if (stream->captured)
      return machine.spoilCaptures();
    if (bytes == 0 || !machine.options.hasMemoryPools)
      return kInvalidValue;
    Device &device = *stream->device;
    CudaResult result = machine.allocate(device, bytes, *address);
    if (result != kOutOfMemory)
      return result;
    machine.finish(stream); // It has what it freed itself.
    return machine.allocate(device, bytes, *address);
  });
}

/// Whether `address` is of a block that is in use.
static bool isInUse(Machine &machine, CudaAddress address) {
  const auto found = machine.blocks.find(address);
  return found != machine.blocks.end() && !found->second.isFreed;
}

static CudaResult cuMemFree(CudaAddress address) {
  return call("cuMemFree", Needs::Context, [&](Machine &machine) {
    if (CudaResult result = checkCapture(machine))
      return result;
    if (!isInUse(machine, address))
      return kInvalidValue;
    const CudaResult result = machine.finish(*machine.current());
    machine.release(address);
    return result;
  });
}

static CudaResult cuMemFreeAsync(CudaAddress address, CudaStream handle) {
  return call("cuMemFreeAsync", Needs::Context, [&](Machine &machine) {
    std::shared_ptr<StreamState> stream;
    if (CudaResult result = findStream(machine, handle, stream))
      return result;
    if (stream->captured)
      return machine.spoilCaptures();
    if (!isInUse(machine, address))
      return kInvalidValue;
    machine.blocks[address].isFreed = true;
    machine.give(stream, [&machine, address] {
      machine.release(address);
      return kSuccess;
    });
    return kSuccess;
  });
}

/// A copy or the like on `stream`, which is not captured.
template <class Body>
static CudaResult transfer(const char *name, CudaStream handle, Body &&body) {
  return call(name, Needs::Context, [&](Machine &machine) {
    std::shared_ptr<StreamState> stream;
    if (CudaResult result = findStream(machine, handle, stream))
      return result;
    return body(machine, stream);
  });
}

static CudaResult cuMemcpyHtoDAsync(CudaAddress to, const void *from,
                                    size_t bytes, CudaStream handle) {
  return transfer(
      "cuMemcpyHtoDAsync", handle, [&](Machine &machine, auto &stream) {
        if (!machine.blockOf(to, bytes) ||
            machine.blockOf(reinterpret_cast<CudaAddress>(from), 1))
          return kInvalidValue;
        // Who replays it would read what is no longer there.
        if (stream->captured)
          return machine.spoilCaptures();
        // Pageable memory is read before the call returns.
        const char *source = static_cast<const char *>(from);
        machine.give(stream, [&machine, to,
                              data =
                                  std::vector<char>(source, source + bytes)] {
          if (!machine.isThere(to, data.size()))
            return kIllegalAddress;
          std::memcpy(reinterpret_cast<void *>(to), data.data(), data.size());
          return kSuccess;
        });
        return kSuccess;
      });
}

static CudaResult cuMemcpyDtoHAsync(void *to, CudaAddress from, size_t bytes,
                                    CudaStream handle) {
  return transfer(
      "cuMemcpyDtoHAsync", handle, [&](Machine &machine, auto &stream) {
        if (!machine.blockOf(from, bytes) ||
            machine.blockOf(reinterpret_cast<CudaAddress>(to), 1))
          return kInvalidValue;
        if (stream->captured)
          return machine.spoilCaptures();
        machine.give(stream, [&machine, to, from, bytes] {
          if (!machine.isThere(from, bytes))
            return kIllegalAddress;
          std::memcpy(to, reinterpret_cast<const void *>(from), bytes);
          return kSuccess;
        });
        return kSuccess;
      });
}

static CudaResult cuMemcpyDtoDAsync(CudaAddress to, CudaAddress from,
                                    size_t bytes, CudaStream handle) {
  return transfer(
      "cuMemcpyDtoDAsync", handle, [&](Machine &machine, auto &stream) {
        if (!machine.blockOf(from, bytes) || !machine.blockOf(to, bytes))
          return kInvalidValue;
        machine.give(stream, [&machine, to, from, bytes] {
          if (!machine.isThere(from, bytes) || !machine.isThere(to, bytes))
            return kIllegalAddress;
          std::memmove(reinterpret_cast<void *>(to),
                       reinterpret_cast<const void *>(from), bytes);
          return kSuccess;
        });
        return kSuccess;
      });
}

static CudaResult cuMemsetD8Async(CudaAddress to, unsigned char value,
                                  size_t bytes, CudaStream handle) {
  return transfer("cuMemsetD8Async", handle,
                  [&](Machine &machine, auto &stream) {
                    if (!machine.blockOf(to, bytes))
                      return kInvalidValue;
                    machine.give(stream, [&machine, to, value, bytes] {
                      if (!machine.isThere(to, bytes))
                        return kIllegalAddress;
                      std::memset(reinterpret_cast<void *>(to), value, bytes);
                      return kSuccess;
                    });
                    return kSuccess;
                  });
}

//===----------------------------------------------------------------------===//
// Streams and events
//===----------------------------------------------------------------------===//

static CudaResult cuStreamCreate(CudaStream *stream, unsigned flags) {
  return call("cuStreamCreate", Needs::Context, [&](Machine &machine) {
    *stream = machine.newHandle<CudaStream>();
    auto state = std::make_shared<StreamState>();
    state->device = machine.current();
    state->flags = flags;
    machine.streams[*stream] = std::move(state);
    return kSuccess;
  });
}

static CudaResult cuStreamDestroy(CudaStream stream) {
  return call("cuStreamDestroy", Needs::Context, [&](Machine &machine) {
    const auto found = machine.streams.find(stream);
    if (found == machine.streams.end())
      return kInvalidHandle;
    const CudaResult result = machine.finish(found->second);
    machine.streams.erase(found);
    return result;
  });
}

static CudaResult cuStreamSynchronize(CudaStream handle) {
  return call("cuStreamSynchronize", Needs::Context, [&](Machine &machine) {
    std::shared_ptr<StreamState> stream;
    if (CudaResult result = findStream(machine, handle, stream))
      return result;
    if (stream->captured)
      return machine.spoilCaptures();
    return machine.finish(stream);
  });
}

static CudaResult cuStreamIsCapturing(CudaStream handle, int *status) {
  return call("cuStreamIsCapturing", Needs::Context, [&](Machine &machine) {
    const std::shared_ptr<StreamState> stream = machine.find(handle);
    if (!stream)
      return kInvalidHandle;
    *status = stream->captured ? (stream->isCaptureVoid ? 2 : 1) : 0;
    return stream->isDefault() && hasBlockingCapture(machine, *stream->device)
               ? kCaptureImplicit // and the capture goes on
               : kSuccess;
  });
}

static CudaResult cuThreadExchangeStreamCaptureMode(int *mode) {
  return call("cuThreadExchangeStreamCaptureMode", Needs::Driver,
              [&](Machine &) {
                std::swap(captureMode, *mode);
                return kSuccess;
              });
}

static CudaResult cuEventCreate(CudaEvent *event, unsigned flags) {
  return call("cuEventCreate", Needs::Context, [&](Machine &machine) {
    *event = machine.newHandle<CudaEvent>();
    machine.events[*event] = {machine.current(), flags, nullptr, nullptr};
    return kSuccess;
  });
}

static CudaResult cuEventRecord(CudaEvent event, CudaStream handle) {
  return transfer("cuEventRecord", handle, [&](Machine &machine, auto &stream) {
    const auto found = machine.events.find(event);
    if (found == machine.events.end() || found->second.device != stream->device)
      return kInvalidHandle;
    if (stream->captured)
      return machine.spoilCaptures();
    using Clock = std::chrono::steady_clock;
    auto time = std::make_shared<Clock::time_point>();
    machine.give(stream, [time] {
      *time = Clock::now();
      return kSuccess;
    });
    found->second.task = machine.lastOf(*stream);
    found->second.time = std::move(time);
    return kSuccess;
  });
}

static CudaResult cuEventElapsedTime(float *milliseconds, CudaEvent begin,
                                     CudaEvent end) {
  return call("cuEventElapsedTime", Needs::Context, [&](Machine &machine) {
    std::chrono::steady_clock::time_point times[2];
    for (int i = 0; i < 2; ++i) {
      const auto found = machine.events.find(i == 0 ? begin : end);
      if (found == machine.events.end() || !found->second.task ||
          (found->second.flags & kCudaEventDisableTiming))
        return kInvalidHandle;
      if (!found->second.task->isDone)
        return kNotReady;
      times[i] = *found->second.time;
    }
    *milliseconds =
        std::chrono::duration<float, std::milli>(times[1] - times[0]).count();
    return kSuccess;
  });
}

static CudaResult cuStreamWaitEvent(CudaStream handle, CudaEvent event,
                                    unsigned flags) {
  return transfer(
      "cuStreamWaitEvent", handle, [&](Machine &machine, auto &stream) {
        const auto found = machine.events.find(event);
        if (found == machine.events.end())
          return kInvalidHandle;
        if (stream->captured)
          return machine.spoilCaptures();
        if (found->second.task)
          machine.give(stream, [] { return kSuccess; }, {found->second.task});
        return kSuccess;
      });
}

static CudaResult cuEventDestroy(CudaEvent event) {
  return call("cuEventDestroy", Needs::Context, [&](Machine &machine) {
    return machine.events.erase(event) ? kSuccess : kInvalidHandle;
  });
}

//===----------------------------------------------------------------------===//
// The interface
//===----------------------------------------------------------------------===//

const runtime::CudaDriver &driver() {
  static const runtime::CudaDriver table = [] {
    runtime::CudaDriver made;
#define FUSER_SET(NAME, SYMBOL, VERSION, PARAMETERS) made.NAME = NAME;
    FUSER_CUDA_FUNCTIONS(FUSER_SET)
    FUSER_CUDA_OPTIONAL_FUNCTIONS(FUSER_SET)
#undef FUSER_SET
    made.isEmulated = true;
    return made;
  }();
  return table;
}

namespace {
/// The machine, for as long as this lives nobody else's.
struct Locked {
  Machine &machine = Machine::get();
  std::lock_guard<std::mutex> guard{machine.lock};
  Machine *operator->() const { return &machine; }
};
} // namespace

void reset(const Options &options) { Locked()->reset(options); }

void setImageLoader(ImageLoader loader) {
  Locked()->loader = std::move(loader);
}

void failCall(std::string_view function, CudaResult result, int64_t nth,
              int64_t times) {
  Locked machine;
  const std::string name(function);
  machine->faults[name].push_back({result, machine->calls[name] + nth, times});
}

void failExecution(CudaResult result) { Locked()->nextExecution = result; }

void clearFaults() {
  Locked machine;
  machine->faults.clear();
  machine->nextExecution = kSuccess;
  for (const std::unique_ptr<Device> &device : machine->devices)
    device->sticky = kSuccess;
}

int64_t numCalls(std::string_view function) {
  Locked machine;
  const auto found = machine->calls.find(function);
  return found == machine->calls.end() ? 0 : found->second;
}

int64_t numCalls() {
  Locked machine;
  int64_t sum = 0;
  for (const auto &[name, count] : machine->calls)
    sum += count;
  return sum;
}

std::vector<Launch> launches() { return Locked()->launches; }

Live live() {
  Locked machine;
  Live result;
  for (const auto &[address, block] : machine->blocks)
    if (!block.isFreed) {
      ++result.blocks;
      result.bytes += static_cast<int64_t>(block.bytes);
    }
  result.modules = static_cast<int64_t>(machine->modules.size());
  result.streams = static_cast<int64_t>(machine->streams.size());
  result.events = static_cast<int64_t>(machine->events.size());
  for (const std::unique_ptr<Device> &device : machine->devices)
    result.contexts += device->retained > 0;
  return result;
}

int64_t numPending() {
  Locked machine;
  std::size_t count = 0;
  for (const std::unique_ptr<Device> &device : machine->devices)
    count += device->defaultStream->tasks.size();
  for (const auto &[handle, stream] : machine->streams)
    count += stream->tasks.size();
  return static_cast<int64_t>(count);
}

std::vector<std::string> complaints() { return Locked()->complaints; }

void beginCapture(CudaStream stream) {
  Locked machine;
  StreamState &state = *machine->streams.at(stream);
  state.captured = std::make_unique<std::vector<std::function<CudaResult()>>>();
  state.isCaptureVoid = false;
}

bool endCapture(CudaStream stream) {
  Locked machine;
  StreamState &state = *machine->streams.at(stream);
  machine->recorded = std::move(*state.captured);
  state.captured.reset();
  if (state.isCaptureVoid)
    machine->recorded.clear();
  return !state.isCaptureVoid;
}

void dropRecording() { Locked()->recorded.clear(); }

void replay(CudaStream stream) {
  Locked machine;
  for (const auto &run : machine->recorded)
    machine->give(machine->streams.at(stream), run);
}

} // namespace fuser::emulator
