//===- Interface.h - the process-wide interface --------------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The interface of the fuser as free functions on a session that the process
// shares. It is made at the first use and never destroyed. An application that
// wants several, or its own allocator or threads, makes a Session.
//
// All functions are thread-safe. FuserCompiler/Interface.h has those that take
// programs; without that library a process has the backends that it registers.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_INTERFACE_H
#define FUSERRUNTIME_INTERFACE_H

#include "FuserRuntime/Session.h"

namespace fuser::runtime {

/// The session that these functions work on.
Session &defaultSession();

/// As the member functions of Session.
absl::StatusOr<int64_t> registerFusion(KernelSpec spec);
absl::Status runFusion(int64_t key, Stack &stack);
absl::Status runFallback(int64_t key, Stack &stack);
int64_t nCompiledKernels();
absl::StatusOr<std::shared_ptr<FusedKernel>>
compileKernel(const KernelSpec &spec, const ArgSpec &argSpec, int64_t mapSize,
              Device device);

/// Whether calls of the default session use kernels on such a device.
bool canFuseOnCPU();
bool canFuseOnGPU();
/// False: calls of the default session are interpreted, those on the GPU on
/// copies that the host makes. True takes that back; it does not make a
/// backend.
void overrideCanFuseOnCPU(bool value);
void overrideCanFuseOnGPU(bool value);

/// What FUSER_DEBUG says: 0 print nothing; 1 the first fallback of each group
/// for each reason, on stderr; 2 each compilation, too.
int debugFuser();

/// What FUSER_EMULATE_GPU says: whether compilers give their sessions CUDA
/// devices that the host emulates, in place of the system's.
bool emulateGpu();

/// Makes `constructor` the way to kernels for `type` in all sessions of the
/// process that have none of their own registered. Replaces an earlier one;
/// an empty one takes it away. Ignored if `type` is no device type.
void registerFusionBackend(DeviceType type, FusedKernelConstructor constructor);
/// Whether the process has one.
bool hasFusionBackend(DeviceType type);

/// Registers a backend when it is constructed, for one at namespace scope of an
/// application.
struct RegisterFusionBackend {
  RegisterFusionBackend(DeviceType type, FusedKernelConstructor constructor) {
    registerFusionBackend(type, std::move(constructor));
  }
};

} // namespace fuser::runtime

#endif // FUSERRUNTIME_INTERFACE_H
