//===- ExitGate.h - no compilation while the process ends -------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// exit() destroys the static objects of LLVM and MLIR while other threads still
// run. Whoever needs them holds a pass: exit() waits for the passes that are
// held, and afterwards none is given.
//
// Not covered: exit() in a thread that is not the main one, or a main thread
// that never had a pass, while other threads compile the first kernels of the
// process.
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_COMPILER_EXITGATE_H
#define FUSER_LIB_COMPILER_EXITGATE_H

#include "absl/status/status.h"

namespace fuser {

class ExitGate {
public:
  /// Held by one thread, which may hold several. A thread that calls exit()
  /// does not wait for its own.
  class Pass {
  public:
    Pass();
    ~Pass();
    Pass(const Pass &) = delete;
    Pass &operator=(const Pass &) = delete;

    /// False if the process exits.
    explicit operator bool() const { return isGiven; }

  private:
    bool isGiven;
  };

  /// What is told those who got none.
  static absl::Status closedError();
};

} // namespace fuser

#endif // FUSER_LIB_COMPILER_EXITGATE_H
