//===- Specialize.h - group and layouts to kernel functions -----*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERTRANSFORMS_SPECIALIZE_H
#define FUSERTRANSFORMS_SPECIALIZE_H

#include "FuserRuntime/ArgSpec.h"
#include "FuserRuntime/KernelSpec.h"
#include "mlir/IR/BuiltinOps.h"
#include <string>

namespace fuser {

/// Set on a kernel function whose full-vector stores go past the caches.
inline constexpr llvm::StringLiteral kNonTemporalAttr = "fuser.nontemporal";

/// Set on a kernel function for a device other than the CPU.
inline constexpr llvm::StringLiteral kDeviceAttr = "fuser.device";

/// Set on one whose rows of contiguous operands
/// begin at multiples of its vectors; see
/// runtime::PlannedLoop::isVectorAligned.
inline constexpr llvm::StringLiteral kVectorAlignedAttr = "fuser.aligned";

/// Marks the rank-0 memref of i8 that a kernel function sets to 1 where an
/// integer is divided by zero.
inline constexpr llvm::StringLiteral kRaisedAttr = "fuser.raised";

/// The name of the function of loop `loop`.
std::string loopFunctionName(int64_t loop);

/// Appends one kernel function a loop of `argSpec` to `module`, whose context
/// has the dialects of registerKernelDialects loaded. The arguments are those
/// of runtime::LoopFunction, unpacked: begin, end, the pointers (as rank-0
/// memrefs; the last one only if the spec raises), the sizes and strides.
void specialize(const runtime::KernelSpec &spec,
                const runtime::ArgSpec &argSpec, mlir::ModuleOp module);

/// The number of pointers and of sizes and strides that the function of `loop`
/// takes.
struct LoopArguments {
  int64_t pointers = 0;
  int64_t dims = 0;
};
LoopArguments loopArguments(const runtime::KernelSpec &spec,
                            const runtime::ArgSpec &argSpec, int64_t loop);

} // namespace fuser

#endif // FUSERTRANSFORMS_SPECIALIZE_H
