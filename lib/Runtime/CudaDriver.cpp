//===- CudaDriver.cpp - the CUDA driver's entry points --------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/CudaDriver.h"
#include "absl/strings/str_cat.h"
#include <dlfcn.h>

namespace fuser::runtime {

namespace {

/// Finds the functions of a library.
class Finder {
public:
  explicit Finder(void *library)
      : library(library), getAddress(reinterpret_cast<GetAddress>(
                              dlsym(library, "cuGetProcAddress_v2"))) {}

  /// The function that is `name` in `version` of the interface, or null.
  void *find(const char *name, const char *symbol, int version) const {
    void *found = nullptr;
    // Flags 0: the legacy default stream. There before CUDA 12 is a function of
    // that name without the last argument, but no _v2.
    // It may succeed and find none.
    if (getAddress &&
        getAddress(name, &found, version, 0, nullptr) == cudaresult::kSuccess &&
        found)
      return found;
    return dlsym(library, symbol);
  }

private:
  using GetAddress = CudaResult (*)(const char *name, void **function,
                                    int version, uint64_t flags, void *status);
  void *const library;
  const GetAddress getAddress;
};

} // namespace

absl::StatusOr<CudaDriver> loadCudaDriver(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *why = dlerror();
    return absl::FailedPreconditionError(absl::StrCat(
        "no CUDA driver: ", why ? why : path,
        "; install NVIDIA's driver, which brings libcuda.so.1, or keep tensors "
        "on the CPU"));
  }
  const Finder finder(library);
  CudaDriver driver;
  const char *missing = nullptr;
#define FUSER_FIND(NAME, SYMBOL, VERSION, PARAMETERS)                          \
  driver.NAME = reinterpret_cast<decltype(driver.NAME)>(                       \
      finder.find(#NAME, #SYMBOL, VERSION));
#define FUSER_REQUIRE(NAME, SYMBOL, VERSION, PARAMETERS)                       \
  FUSER_FIND(NAME, SYMBOL, VERSION, PARAMETERS)                                \
  if (!driver.NAME && !missing)                                                \
    missing = #SYMBOL;
  FUSER_CUDA_FUNCTIONS(FUSER_REQUIRE)
  FUSER_CUDA_OPTIONAL_FUNCTIONS(FUSER_FIND)
#undef FUSER_REQUIRE
#undef FUSER_FIND
  if (missing)
    return absl::FailedPreconditionError(
        absl::StrCat("the CUDA driver ", path, " has no ", missing,
                     "; install one for CUDA 11 or later"));
  return driver;
}

absl::StatusOr<const CudaDriver *> systemCudaDriver() {
  // Never destroyed: threads may outlive main.
  static const auto *loaded =
      new absl::StatusOr<CudaDriver>(loadCudaDriver("libcuda.so.1"));
  if (!loaded->ok())
    return loaded->status();
  return &**loaded;
}

} // namespace fuser::runtime
