//===- Reproduce.h - findings as files and command lines ------ -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_FUZZ_REPRODUCE_H
#define FUSER_TOOLS_FUSER_FUZZ_REPRODUCE_H

#include "Case.h"
#include "absl/status/statusor.h"
#include <string>

namespace fuser::fuzz {

/// Writes `program` as `<folder>/<name>.mlir` and its arguments as .npy files
/// beside it, and returns the command lines of fuser-runner, one for each call,
/// that compare it with its ops one by one. `comment` goes to the head of the
/// program. Makes the folder if there is none.
absl::StatusOr<std::string> writeReproduction(const Case &program,
                                              const std::string &folder,
                                              const std::string &name,
                                              const std::string &comment);

} // namespace fuser::fuzz

#endif // FUSER_TOOLS_FUSER_FUZZ_REPRODUCE_H
