//===- CompilerPool.h - compiling kernels on several threads ----*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_COMPILER_COMPILERPOOL_H
#define FUSER_LIB_COMPILER_COMPILERPOOL_H

#include "KernelCompiler.h"
#include <condition_variable>
#include <mutex>
#include <vector>

namespace fuser {

/// Compiles kernels on as many threads at once as the machine has: each one
/// borrows a kernel compiler with an MLIR context of its own, made when all
/// others are in use and kept from then on. Thread-safe. Fails once the process
/// exits.
class CompilerPool : public std::enable_shared_from_this<CompilerPool> {
public:
  explicit CompilerPool(TargetOptions target);
  ~CompilerPool();

  /// Why there is no code generator, if there is none.
  absl::Status checkTarget();

  /// As the functions of KernelCompiler. The kernel keeps this pool and `spec`,
  /// or a copy of it, to print its code.
  absl::StatusOr<std::shared_ptr<runtime::FusedKernel>>
  compile(const runtime::KernelSpec &spec, const runtime::ArgSpec &argSpec,
          runtime::Tier tier);
  absl::StatusOr<std::shared_ptr<runtime::FusedKernel>>
  compileForCuda(const runtime::KernelSpec &spec,
                 const runtime::ArgSpec &argSpec, runtime::Device device,
                 std::shared_ptr<runtime::CudaRuntime> cuda);
  absl::StatusOr<std::string> emit(const runtime::KernelSpec &spec,
                                   const runtime::ArgSpec &argSpec,
                                   EmitStage stage,
                                   runtime::Tier tier = runtime::Tier::Final);

private:
  absl::StatusOr<std::string> emitPtx(const runtime::KernelSpec &spec,
                                      const runtime::ArgSpec &argSpec,
                                      const GpuTarget &gpu);

  struct Member;
  class Loan;

  const TargetOptions target;
  std::mutex lock;
  std::condition_variable returned;
  std::vector<std::unique_ptr<Member>> idle;
  unsigned numLoans = 0;
};

} // namespace fuser

#endif // FUSER_LIB_COMPILER_COMPILERPOOL_H
