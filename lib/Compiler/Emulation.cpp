//===- Emulation.cpp - CUDA devices that the host emulates ----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Emulation.h"
#include "CodeGenerator.h"
#include "ExitGate.h"
#include <mutex>

using namespace fuser;

namespace {
/// The JIT that images are loaded into.
struct Loader {
  std::mutex lock;
  std::unique_ptr<CodeGenerator> code;
};
} // namespace

/// Never destroyed: kernels may be left when the process ends.
static Loader &loader() {
  static Loader &only = *new Loader();
  return only;
}

/// The entry point `name` with the number of its parameters, which
/// GpuKernelCompiler::compileForHost writes beside it.
static std::optional<emulator::Function> findFunction(const std::string &name) {
  std::lock_guard<std::mutex> guard(loader().lock);
  ExitGate::Pass pass;
  if (!pass)
    return std::nullopt;
  absl::StatusOr<void *> entry = loader().code->find(name);
  absl::StatusOr<void *> count = loader().code->find(name + "_parameters");
  if (!entry.ok() || !count.ok())
    return std::nullopt;
  return emulator::Function{
      reinterpret_cast<emulator::Entry>(*entry),
      static_cast<int32_t>(*static_cast<const int64_t *>(*count))};
}

static absl::StatusOr<emulator::Image> loadImage(std::string_view image) {
  std::lock_guard<std::mutex> guard(loader().lock);
  ExitGate::Pass pass;
  if (!pass)
    return ExitGate::closedError();
  if (!loader().code) {
    auto made = CodeGenerator::create(TargetOptions());
    if (!made.ok())
      return made.status();
    loader().code = *std::move(made);
  }
  llvm::SmallVector<char, 0> object(image.begin(), image.end());
  auto loaded = loader().code->load(std::move(object), {});
  if (!loaded.ok())
    return loaded.status();
  return emulator::Image{findFunction, loaded->owner};
}

absl::StatusOr<std::shared_ptr<runtime::CudaRuntime>>
fuser::createEmulatedCuda(const emulator::Options &options) {
  emulator::setImageLoader(loadImage);
  emulator::reset(options);
  return runtime::CudaRuntime::create(emulator::driver());
}
