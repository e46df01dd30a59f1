//===- CudaDriver.h - the CUDA driver's entry points ------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of the CUDA driver that the runtime calls, declared here, as a
// build needs no CUDA. Names, arguments and values are those of the driver API
// (NVIDIA, "CUDA Driver API"); what each function does is said there.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_CUDADRIVER_H
#define FUSERRUNTIME_CUDADRIVER_H

#include "absl/status/statusor.h"
#include <cstddef>
#include <cstdint>

namespace fuser::runtime {

/// CUresult.
using CudaResult = int;
/// CUdevice.
using CudaDeviceNumber = int;
/// CUdeviceptr.
using CudaAddress = uint64_t;
/// CUcontext, CUmodule, CUfunction, CUstream, CUevent. Null is no context, and
/// the legacy default stream.
using CudaContext = struct CudaContextObject *;
using CudaModuleHandle = struct CudaModuleObject *;
using CudaFunction = struct CudaFunctionObject *;
using CudaStream = struct CudaStreamObject *;
using CudaEvent = struct CudaEventObject *;

/// The values of CUresult that fuser looks at.
namespace cudaresult {
inline constexpr CudaResult kSuccess = 0, kInvalidValue = 1, kOutOfMemory = 2,
                            kNotInitialized = 3, kDeinitialized = 4,
                            kNoDevice = 100, kInvalidDevice = 101,
                            kInvalidImage = 200, kInvalidContext = 201,
                            kInvalidHandle = 400, kNotFound = 500,
                            kNotReady = 600, kIllegalAddress = 700,
                            kContextIsDestroyed = 709, kMisalignedAddress = 716,
                            kLaunchFailed = 719, kCaptureUnsupported = 900,
                            kCaptureInvalidated = 901, kLastCapture = 908;
} // namespace cudaresult

/// Values of CUdevice_attribute.
namespace cudaattribute {
inline constexpr int kMultiprocessors = 16, kMajor = 75, kMinor = 76,
                     kMemoryPools = 115;
} // namespace cudaattribute

/// Values of CUjit_option.
namespace cudajit {
inline constexpr int kErrorLogBuffer = 5, kErrorLogBytes = 6;
} // namespace cudajit

/// The entries of the last argument of cuLaunchKernel, `extra`.
namespace cudalaunch {
inline void *const kEnd = nullptr;
inline void *const kBuffer = reinterpret_cast<void *>(1);
inline void *const kBufferSize = reinterpret_cast<void *>(2);
} // namespace cudalaunch

/// CU_STREAM_NON_BLOCKING, CU_EVENT_DISABLE_TIMING and
/// CU_STREAM_CAPTURE_MODE_RELAXED.
inline constexpr unsigned kCudaStreamNonBlocking = 1;
inline constexpr unsigned kCudaEventDisableTiming = 2;
inline constexpr int kCudaCaptureRelaxed = 2;

/// X(name, symbol, version, parameters): the name that cuGetProcAddress knows
/// with the version of the interface, and the symbol of a driver without it.
#define FUSER_CUDA_FUNCTIONS(X)                                                \
  X(cuInit, cuInit, 2000, (unsigned flags))                                    \
  X(cuDriverGetVersion, cuDriverGetVersion, 2020, (int *version))              \
  X(cuGetErrorName, cuGetErrorName, 6000,                                      \
    (CudaResult error, const char **name))                                     \
  X(cuGetErrorString, cuGetErrorString, 6000,                                  \
    (CudaResult error, const char **text))                                     \
  X(cuDeviceGetCount, cuDeviceGetCount, 2000, (int *count))                    \
  X(cuDeviceGet, cuDeviceGet, 2000, (CudaDeviceNumber * device, int ordinal))  \
  X(cuDeviceGetName, cuDeviceGetName, 2000,                                    \
    (char *name, int size, CudaDeviceNumber device))                           \
  X(cuDeviceGetAttribute, cuDeviceGetAttribute, 2000,                          \
    (int *value, int attribute, CudaDeviceNumber device))                      \
  X(cuDevicePrimaryCtxRetain, cuDevicePrimaryCtxRetain, 7000,                  \
    (CudaContext * context, CudaDeviceNumber device))                          \
  X(cuDevicePrimaryCtxRelease, cuDevicePrimaryCtxRelease_v2, 11000,            \
    (CudaDeviceNumber device))                                                 \
  X(cuCtxGetCurrent, cuCtxGetCurrent, 4000, (CudaContext * context))           \
  X(cuCtxSetCurrent, cuCtxSetCurrent, 4000, (CudaContext context))             \
  X(cuCtxSynchronize, cuCtxSynchronize, 2000, ())                              \
  X(cuModuleLoadDataEx, cuModuleLoadDataEx, 2010,                              \
    (CudaModuleHandle * module, const void *image, unsigned numOptions,        \
     int *options, void **values))                                             \
  X(cuModuleGetFunction, cuModuleGetFunction, 2000,                            \
    (CudaFunction * function, CudaModuleHandle module, const char *name))      \
  X(cuModuleUnload, cuModuleUnload, 2000, (CudaModuleHandle module))           \
  X(cuLaunchKernel, cuLaunchKernel, 4000,                                      \
    (CudaFunction function, unsigned gridX, unsigned gridY, unsigned gridZ,    \
     unsigned blockX, unsigned blockY, unsigned blockZ, unsigned sharedBytes,  \
     CudaStream stream, void **parameters, void **extra))                      \
  X(cuMemAlloc, cuMemAlloc_v2, 3020, (CudaAddress * address, size_t bytes))    \
  X(cuMemFree, cuMemFree_v2, 3020, (CudaAddress address))                      \
  X(cuMemcpyHtoDAsync, cuMemcpyHtoDAsync_v2, 3020,                             \
    (CudaAddress to, const void *from, size_t bytes, CudaStream stream))       \
  X(cuMemcpyDtoHAsync, cuMemcpyDtoHAsync_v2, 3020,                             \
    (void *to, CudaAddress from, size_t bytes, CudaStream stream))             \
  X(cuMemcpyDtoDAsync, cuMemcpyDtoDAsync_v2, 3020,                             \
    (CudaAddress to, CudaAddress from, size_t bytes, CudaStream stream))       \
  X(cuMemsetD8Async, cuMemsetD8Async, 3020,                                    \
    (CudaAddress to, unsigned char value, size_t bytes, CudaStream stream))    \
  X(cuStreamCreate, cuStreamCreate, 2000,                                      \
    (CudaStream * stream, unsigned flags))                                     \
  X(cuStreamDestroy, cuStreamDestroy_v2, 4000, (CudaStream stream))            \
  X(cuStreamSynchronize, cuStreamSynchronize, 2000, (CudaStream stream))       \
  X(cuStreamIsCapturing, cuStreamIsCapturing, 10000,                           \
    (CudaStream stream, int *status))                                          \
  X(cuThreadExchangeStreamCaptureMode, cuThreadExchangeStreamCaptureMode,      \
    10010, (int *mode))                                                        \
  X(cuStreamWaitEvent, cuStreamWaitEvent, 3020,                                \
    (CudaStream stream, CudaEvent event, unsigned flags))                      \
  X(cuEventCreate, cuEventCreate, 2000, (CudaEvent * event, unsigned flags))   \
  X(cuEventRecord, cuEventRecord, 2000, (CudaEvent event, CudaStream stream))  \
  X(cuEventDestroy, cuEventDestroy_v2, 4000, (CudaEvent event))

/// The same for functions that a driver may lack (before 11.2), and that only
/// measurements need.
#define FUSER_CUDA_OPTIONAL_FUNCTIONS(X)                                       \
  X(cuEventElapsedTime, cuEventElapsedTime, 2000,                              \
    (float *milliseconds, CudaEvent begin, CudaEvent end))                     \
  X(cuMemAllocAsync, cuMemAllocAsync, 11020,                                   \
    (CudaAddress * address, size_t bytes, CudaStream stream))                  \
  X(cuMemFreeAsync, cuMemFreeAsync, 11020,                                     \
    (CudaAddress address, CudaStream stream))

/// The entry points of one driver; those that it lacks are null.
struct CudaDriver {
#define FUSER_MEMBER(NAME, SYMBOL, VERSION, PARAMETERS)                        \
  CudaResult(*NAME) PARAMETERS = nullptr;
  FUSER_CUDA_FUNCTIONS(FUSER_MEMBER)
  FUSER_CUDA_OPTIONAL_FUNCTIONS(FUSER_MEMBER)
#undef FUSER_MEMBER

  /// The image of a module is then a host object, and what cuModuleLoadDataEx
  /// takes a `const EmulatedImageBytes *`; else PTX text that ends with a zero.
  bool isEmulated = false;
};

struct EmulatedImageBytes {
  const char *data;
  std::size_t size;
};

/// The functions of libcuda.so.1, which the first call loads. It is never
/// unloaded. FailedPrecondition, the same one at each call, if there is no such
/// library, or it lacks a function. Thread-safe.
absl::StatusOr<const CudaDriver *> systemCudaDriver();

/// The functions of the library `path`, loaded but not initialised.
absl::StatusOr<CudaDriver> loadCudaDriver(const char *path);

/// Whether `result` means that the context, or the driver, is of no use any
/// more: every later call fails, too.
constexpr bool isSticky(CudaResult result) {
  switch (result) {
  case cudaresult::kNotInitialized:
  case cudaresult::kDeinitialized:
  case 214: // an uncorrectable memory error
  case cudaresult::kIllegalAddress:
  case 702: // a time limit
  case cudaresult::kContextIsDestroyed:
  case 710: // an assertion
    return true;
  default: // 714 to 719: illegal instructions and the like
    return result >= 714 && result <= cudaresult::kLaunchFailed;
  }
}

} // namespace fuser::runtime

#endif // FUSERRUNTIME_CUDADRIVER_H
