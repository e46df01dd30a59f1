//===- Emulation.h - CUDA devices that the host emulates --------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERCOMPILER_EMULATION_H
#define FUSERCOMPILER_EMULATION_H

#include "FuserEmulator/Emulator.h"
#include "FuserRuntime/CudaRuntime.h"

namespace fuser {

/// CUDA devices that the host emulates (FuserEmulator/Emulator.h), with nothing
/// on them, for SessionOptions::cuda: a compiler of such a session makes the
/// kernels that a GPU would run, for the host. Slow, but it shows whether
/// executor, launches, streams and kernels are right where there is no GPU.
/// There is one set of them in a process: resets the one before, which must not
/// be used any more. Compiler uses them in place of the system's devices where
/// FUSER_EMULATE_GPU is set to 1.
absl::StatusOr<std::shared_ptr<runtime::CudaRuntime>>
createEmulatedCuda(const emulator::Options &options = {});

} // namespace fuser

#endif // FUSERCOMPILER_EMULATION_H
