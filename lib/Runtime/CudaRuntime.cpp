//===- CudaRuntime.cpp - devices, contexts, memory, modules ---------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/CudaRuntime.h"
#include "CudaMemory.h"
#include "RelaxedCapture.h"
#include "absl/strings/str_cat.h"
#include <array>
#include <cstdlib>
#include <pthread.h>

namespace fuser::runtime {

//===----------------------------------------------------------------------===//
// The process
//===----------------------------------------------------------------------===//

/// How often this process was forked off one with a runtime, and whether its
/// exit has begun.
static std::atomic<int> numForks{0};
static std::atomic<bool> isExiting{false};

/// To be called after the driver was initialised: what is registered at the
/// exit last comes first, before the driver takes itself down.
static void watchProcess() {
  static const int registered =
      pthread_atfork(nullptr, nullptr, [] { numForks.fetch_add(1); }) +
      std::atexit([] { isExiting.store(true); });
  static_cast<void>(registered);
}

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

namespace {
struct DeviceState {
  CudaDeviceNumber number = 0;
  CudaDeviceProperties properties;
  /// Retained at the first use.
  std::atomic<CudaContext> context{nullptr};
};
} // namespace

struct CudaRuntime::Devices {
  explicit Devices(CudaRuntime &runtime) : memory(runtime) {}

  const int forks = numForks.load();
  int count = 0;
  std::array<DeviceState, kMaxStreamDevices> states;
  /// Guards the first use of devices.
  std::mutex lock;
  Memory memory;
  /// Modules that could not be unloaded when they went.
  std::mutex modulesLock;
  std::vector<std::pair<Device, CudaModuleHandle>> unloadLater;

  void unload(const CudaRuntime &runtime, Device device,
              CudaModuleHandle module);
  void retryUnloads(const CudaRuntime &runtime);
};

CudaRuntime::CudaRuntime(const CudaDriver &driver)
    : entry(driver), devices(std::make_unique<Devices>(*this)) {}

/// Reads the properties of device number `index`.
static CudaResult readProperties(const CudaDriver &driver, int index,
                                 DeviceState &state) {
  CudaResult result = driver.cuDeviceGet(&state.number, index);
  char name[256] = "";
  if (result == cudaresult::kSuccess)
    result = driver.cuDeviceGetName(name, sizeof name - 1, state.number);
  CudaDeviceProperties &properties = state.properties;
  properties.name = name;
  auto read = [&](int attribute, int &value) {
    if (result == cudaresult::kSuccess)
      result = driver.cuDeviceGetAttribute(&value, attribute, state.number);
  };
  read(cudaattribute::kMajor, properties.major);
  read(cudaattribute::kMinor, properties.minor);
  read(cudaattribute::kMultiprocessors, properties.multiprocessors);
  int hasPools = 0;
  // Older drivers do not know the question.
  if (driver.cuMemAllocAsync && driver.cuMemFreeAsync &&
      driver.cuDeviceGetAttribute(&hasPools, cudaattribute::kMemoryPools,
                                  state.number) != cudaresult::kSuccess)
    hasPools = 0;
  properties.hasMemoryPools = hasPools != 0;
  return result;
}

absl::Status CudaRuntime::open() {
  auto fail = [this](CudaResult result, absl::string_view what) {
    return absl::FailedPreconditionError(absl::StrCat(
        "no CUDA device can be used: ", check(result, what).message(),
        "; keep tensors on the CPU"));
  };
  if (CudaResult result = entry.cuInit(0))
    return fail(result, "cuInit");
  watchProcess();
  if (CudaResult result = entry.cuDriverGetVersion(&version))
    return fail(result, "cuDriverGetVersion");
  int count = 0;
  if (CudaResult result = entry.cuDeviceGetCount(&count))
    return fail(result, "cuDeviceGetCount");
  if (count < 1)
    return fail(cudaresult::kNoDevice, "cuDeviceGetCount");
  devices->count = std::min(count, kMaxStreamDevices);
  for (int i = 0; i < devices->count; ++i)
    if (CudaResult result = readProperties(entry, i, devices->states[i]))
      return fail(result, "reading the properties of a device");
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<CudaRuntime>>
CudaRuntime::create(const CudaDriver &driver) {
  std::shared_ptr<CudaRuntime> runtime(new CudaRuntime(driver));
  if (absl::Status status = runtime->open(); !status.ok())
    return status;
  return runtime;
}

absl::StatusOr<std::shared_ptr<CudaRuntime>> CudaRuntime::system() {
  // Never destroyed: threads may outlive main.
  static const auto *made = [] {
    absl::StatusOr<const CudaDriver *> driver = systemCudaDriver();
    return new absl::StatusOr<std::shared_ptr<CudaRuntime>>(
        driver.ok()
            ? create(**driver)
            : absl::StatusOr<std::shared_ptr<CudaRuntime>>(driver.status()));
  }();
  return *made;
}

CudaRuntime::~CudaRuntime() {
  if (!isUsable())
    return;
  devices->memory.trim(0);
  devices->retryUnloads(*this);
  for (DeviceState &state : devices->states)
    if (state.context.load())
      entry.cuDevicePrimaryCtxRelease(state.number);
}

int CudaRuntime::numDevices() const { return devices->count; }

bool CudaRuntime::isUsable() const {
  return !isExiting.load(std::memory_order_relaxed) &&
         numForks.load(std::memory_order_relaxed) == devices->forks;
}

absl::StatusOr<const CudaDeviceProperties *>
CudaRuntime::properties(Device device) const {
  if (device.type != DeviceType::CUDA || device.index < 0 ||
      device.index >= devices->count)
    return absl::InvalidArgumentError(
        absl::StrCat("there is no device ", deviceTypeName(device.type), ":",
                     device.index, "; the CUDA driver has ", devices->count));
  return &devices->states[device.index].properties;
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

absl::Status CudaRuntime::check(CudaResult result,
                                absl::string_view what) const {
  if (result == cudaresult::kSuccess)
    return absl::OkStatus();
  const char *name = nullptr, *text = nullptr;
  entry.cuGetErrorName(result, &name);
  entry.cuGetErrorString(result, &text);
  const std::string message = absl::StrCat(
      what, ": ", name ? name : "an unknown error", " (", result, ")",
      text ? ": " : "", text ? text : "",
      isSticky(result) ? "; this process can't use the device any more" : "");
  if (result == cudaresult::kOutOfMemory)
    return absl::ResourceExhaustedError(message);
  if (result >= cudaresult::kCaptureUnsupported &&
      result <= cudaresult::kLastCapture)
    return absl::FailedPreconditionError(message);
  return absl::InternalError(message);
}

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

absl::StatusOr<CudaContext> CudaRuntime::contextOf(Device device) const {
  if (!isUsable())
    return absl::FailedPreconditionError(
        "CUDA can't be used in a process that was forked off one that uses it, "
        "nor after exit has begun; start processes anew (spawn) instead");
  if (absl::Status status = properties(device).status(); !status.ok())
    return status;
  DeviceState &state = devices->states[device.index];
  if (CudaContext context = state.context.load(std::memory_order_acquire))
    return context;
  std::lock_guard<std::mutex> guard(devices->lock);
  if (CudaContext context = state.context.load(std::memory_order_acquire))
    return context;
  CudaContext context = nullptr;
  if (CudaResult result =
          entry.cuDevicePrimaryCtxRetain(&context, state.number))
    return check(result, "cuDevicePrimaryCtxRetain");
  state.context.store(context, std::memory_order_release);
  return context;
}

CudaRuntime::Binding::Binding(const CudaRuntime &runtime, Device device)
    : runtime(runtime) {
  absl::StatusOr<CudaContext> context = runtime.contextOf(device);
  if (!context.ok()) {
    outcome = context.status();
    return;
  }
  if (CudaResult result = runtime.entry.cuCtxGetCurrent(&before)) {
    outcome = runtime.check(result, "cuCtxGetCurrent");
    return;
  }
  if (before == *context)
    return;
  outcome =
      runtime.check(runtime.entry.cuCtxSetCurrent(*context), "cuCtxSetCurrent");
  isChanged = outcome.ok();
}

CudaRuntime::Binding::~Binding() {
  if (isChanged)
    runtime.entry.cuCtxSetCurrent(before);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

absl::StatusOr<std::shared_ptr<Allocator>>
CudaRuntime::allocator(Device device, Stream stream) {
  if (absl::Status status = properties(device).status(); !status.ok())
    return status;
  if (absl::Status status = checkStream(stream); !status.ok())
    return status;
  return devices->memory.find(device, stream);
}

void CudaRuntime::forgetStream(Device device, Stream stream) {
  devices->memory.forget(device, stream);
}

void CudaRuntime::trim(std::size_t bytesToKeep) {
  devices->memory.trim(bytesToKeep);
}

void CudaRuntime::setCacheLimit(std::size_t bytes) {
  devices->memory.limit.store(bytes);
  trim(bytes);
}

AllocatorStatistics CudaRuntime::statistics() const {
  return devices->memory.statistics();
}

static CudaAddress addressOf(const void *data) {
  return reinterpret_cast<CudaAddress>(data);
}

absl::Status CudaRuntime::copyToDevice(Device device, Stream stream, void *to,
                                       const void *from,
                                       std::size_t bytes) const {
  const Binding binding(*this, device);
  if (!binding.status().ok())
    return binding.status();
  return check(entry.cuMemcpyHtoDAsync(addressOf(to), from, bytes,
                                       static_cast<CudaStream>(stream)),
               "copying to the device");
}

absl::Status CudaRuntime::copyToHost(Device device, Stream stream, void *to,
                                     const void *from,
                                     std::size_t bytes) const {
  const Binding binding(*this, device);
  if (!binding.status().ok())
    return binding.status();
  return check(entry.cuMemcpyDtoHAsync(to, addressOf(from), bytes,
                                       static_cast<CudaStream>(stream)),
               "copying to the host");
}

absl::Status CudaRuntime::copyOnDevice(Device device, Stream stream, void *to,
                                       const void *from,
                                       std::size_t bytes) const {
  const Binding binding(*this, device);
  if (!binding.status().ok())
    return binding.status();
  return check(entry.cuMemcpyDtoDAsync(addressOf(to), addressOf(from), bytes,
                                       static_cast<CudaStream>(stream)),
               "copying on the device");
}

absl::Status CudaRuntime::synchronize(Device device, Stream stream) const {
  const Binding binding(*this, device);
  if (!binding.status().ok())
    return binding.status();
  // To wait for it would make its capture void.
  absl::StatusOr<bool> captured = isCapturing(device, stream);
  if (!captured.ok())
    return captured.status();
  if (*captured)
    return absl::FailedPreconditionError(
        "a stream can't be waited for while it is captured");
  const RelaxedCapture relaxed(entry);
  return check(entry.cuStreamSynchronize(static_cast<CudaStream>(stream)),
               "waiting for the stream");
}

absl::StatusOr<bool> CudaRuntime::isCapturing(Device device,
                                              Stream stream) const {
  const Binding binding(*this, device);
  if (!binding.status().ok())
    return binding.status();
  int status = 0;
  const CudaResult result =
      entry.cuStreamIsCapturing(static_cast<CudaStream>(stream), &status);
  if (result >= cudaresult::kCaptureUnsupported &&
      result <= cudaresult::kLastCapture)
    return true;
  if (result != cudaresult::kSuccess)
    return check(result, "cuStreamIsCapturing");
  return status != 0;
}

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

/// Bytes of the driver's compiler's log that errors show.
static constexpr std::size_t kLogBytes = 4096;

absl::StatusOr<std::shared_ptr<const CudaModule>>
CudaRuntime::loadModule(Device device, const std::string &image) {
  devices->retryUnloads(*this);
  const Binding binding(*this, device);
  if (!binding.status().ok())
    return binding.status();
  const RelaxedCapture relaxed(entry);
  std::string log(kLogBytes, '\0');
  int options[] = {cudajit::kErrorLogBuffer, cudajit::kErrorLogBytes};
  void *values[] = {log.data(), reinterpret_cast<void *>(kLogBytes - 1)};
  const EmulatedImageBytes bytes{image.data(), image.size()};
  CudaModuleHandle module = nullptr;
  const CudaResult result = entry.cuModuleLoadDataEx(
      &module, isEmulated() ? static_cast<const void *>(&bytes) : image.c_str(),
      2, options, values);
  if (result != cudaresult::kSuccess) {
    const absl::Status status = check(result, "loading a module");
    const char *text = log.c_str();
    return *text ? absl::Status(status.code(),
                                absl::StrCat(status.message(), "\n", text))
                 : status;
  }
  return std::make_shared<const CudaModule>(shared_from_this(), device, module);
}

/// Whether a stream is captured, as far as can be told: the thread's current
/// one, or one that the default stream waits for.
static bool mayBeCapturing(const CudaRuntime &runtime, Device device) {
  for (Stream stream : {Stream(nullptr), currentStream(device)})
    if (absl::StatusOr<bool> answer = runtime.isCapturing(device, stream);
        answer.ok() && *answer)
      return true;
  return false;
}

absl::Status CudaRuntime::synchronize(Device device) const {
  const Binding binding(*this, device);
  if (!binding.status().ok())
    return binding.status();
  const RelaxedCapture relaxed(entry);
  return check(mayBeCapturing(*this, device) ? cudaresult::kCaptureUnsupported
                                             : entry.cuCtxSynchronize(),
               "waiting for the device");
}

/// What runs must end first. While a stream of the context is captured one
/// can't wait for that, and an attempt would make the capture void; so it is
/// tried again later.
void CudaRuntime::Devices::unload(const CudaRuntime &runtime, Device device,
                                  CudaModuleHandle module) {
  const Binding binding(runtime, device);
  if (!binding.status().ok())
    return;
  const RelaxedCapture relaxed(runtime.entry);
  const CudaResult result = mayBeCapturing(runtime, device)
                                ? cudaresult::kCaptureUnsupported
                                : runtime.entry.cuCtxSynchronize();
  if (result == cudaresult::kSuccess || isSticky(result)) {
    runtime.entry.cuModuleUnload(module);
    return;
  }
  std::lock_guard<std::mutex> guard(modulesLock);
  unloadLater.emplace_back(device, module);
}

void CudaRuntime::Devices::retryUnloads(const CudaRuntime &runtime) {
  std::vector<std::pair<Device, CudaModuleHandle>> modules;
  {
    std::lock_guard<std::mutex> guard(modulesLock);
    modules.swap(unloadLater);
  }
  for (auto [device, module] : modules)
    unload(runtime, device, module);
}

CudaModule::~CudaModule() {
  if (runtime->isUsable())
    runtime->devices->unload(*runtime, device, handle);
}

absl::StatusOr<CudaFunction> CudaModule::find(const std::string &name) const {
  const CudaRuntime::Binding binding(*runtime, device);
  if (!binding.status().ok())
    return binding.status();
  // With lazy loading this is what loads the code.
  const RelaxedCapture relaxed(runtime->driver());
  CudaFunction function = nullptr;
  const CudaResult result =
      runtime->driver().cuModuleGetFunction(&function, handle, name.c_str());
  if (absl::Status status =
          runtime->check(result, absl::StrCat("finding kernel ", name));
      !status.ok())
    return status;
  return function;
}

} // namespace fuser::runtime
