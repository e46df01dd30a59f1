//===- Interpreter.h - running a plan without a kernel ----------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_INTERPRETER_H
#define FUSER_LIB_RUNTIME_INTERPRETER_H

#include "FuserRuntime/LaunchPlan.h"
#include "FuserRuntime/Parallel.h"
#include "NestProgram.h"

namespace fuser::runtime {

/// Computes the outputs of a plan instruction by instruction, on blocks that
/// stay in the cache. Immutable.
class Interpreter {
public:
  /// For `plan`, a plan of `spec`, which it refers to.
  Interpreter(const KernelSpec &spec, const LaunchPlan &plan);

  /// Makes a call of the plan in `memory`. The same bits on any number of
  /// threads. Thread-safe. ResourceExhausted if there is no memory for the
  /// blocks; InvalidArgument if an integer is divided by zero.
  absl::Status run(MemoryTable memory, ThreadPool &threads) const;

private:
  std::vector<NestProgram> programs;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_INTERPRETER_H
