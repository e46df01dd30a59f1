//===- Interface.cpp - the process-wide interface -------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Interface.h"
#include "BackendTable.h"
#include "Environment.h"

namespace fuser::runtime {

BackendTable &processBackends() {
  static auto *backends = new BackendTable(); // Threads may outlive main.
  return *backends;
}

Session &defaultSession() {
  static auto *session = new Session(); // Threads may outlive main.
  return *session;
}

absl::StatusOr<int64_t> registerFusion(KernelSpec spec) {
  return defaultSession().registerFusion(std::move(spec));
}

absl::Status runFusion(int64_t key, Stack &stack) {
  return defaultSession().runFusion(key, stack);
}

absl::Status runFallback(int64_t key, Stack &stack) {
  return defaultSession().runFallback(key, stack);
}

int64_t nCompiledKernels() { return defaultSession().nCompiledKernels(); }

absl::StatusOr<std::shared_ptr<FusedKernel>>
compileKernel(const KernelSpec &spec, const ArgSpec &argSpec, int64_t mapSize,
              Device device) {
  return defaultSession().compileKernel(spec, argSpec, mapSize, device);
}

bool canFuseOnCPU() { return defaultSession().canFuseOn(DeviceType::CPU); }
bool canFuseOnGPU() { return defaultSession().canFuseOn(DeviceType::CUDA); }

void overrideCanFuseOnCPU(bool value) {
  defaultSession().overrideCanFuseOn(DeviceType::CPU, value);
}

void overrideCanFuseOnGPU(bool value) {
  defaultSession().overrideCanFuseOn(DeviceType::CUDA, value);
}

int debugFuser() { return environment().debug; }

bool emulateGpu() { return environment().emulateGpu; }

void registerFusionBackend(DeviceType type,
                           FusedKernelConstructor constructor) {
  processBackends().set(type, std::move(constructor));
}

bool hasFusionBackend(DeviceType type) {
  return processBackends().find(type) != nullptr;
}

} // namespace fuser::runtime
