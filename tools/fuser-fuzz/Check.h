//===- Check.h - a program on kernels against op by op -------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_TOOLS_FUSER_FUZZ_CHECK_H
#define FUSER_TOOLS_FUSER_FUZZ_CHECK_H

#include "Case.h"
#include "RunGroups.h"
#include <memory>
#include <string>

namespace fuser::fuzz {

/// What can be wrong with a program.
enum class Fault : uint8_t {
  None,
  Load,      ///< it is valid, and can't be loaded
  Error,     ///< a call fails that should not, or with another error
  Type,      ///< a result has another type than it should have
  Elements,  ///< a result has other elements than op by op
  Fallback,  ///< there is no kernel, or it could not be launched
  Overwrite, ///< memory is written to that is no output
  Crash,     ///< the process dies, or hangs
};
inline constexpr int kNumFaults = 8;
const char *faultName(Fault fault);

struct Outcome {
  Fault fault = Fault::None;
  /// For people: where, what was expected and what was found. Several lines.
  std::string text = {};
  /// The fault shows only where groups are run into given outputs, or called
  /// again in other ways, which fuser-runner does not do.
  bool onlyHere = false;
  /// A call failed as it should: integers are divided by 0.
  bool isRefused = false;
};

struct CheckOptions {
  /// Take results of programs that have an op of this kind for wrong: the first
  /// bit of the first element is flipped before it is compared.
  std::string pretendWrong;
  /// Make every call on the first CUDA device, too.
  bool onDevice = false;
};

/// What a Checker has done so far.
struct CheckCounts : RunCounts {
  /// Sessions keep kernels: a Checker grows.
  uint64_t kernels = 0;
  /// Calls made again, in other ways.
  uint64_t repeats = 0;
  /// Kernels that made room for others, specs that went after their release.
  uint64_t evicted = 0, released = 0;
};

/// Runs programs on kernels and op by op on the interpreter. Not thread-safe.
class Checker {
public:
  explicit Checker(CheckOptions options = {});
  ~Checker();

  /// Makes all calls of `program`, fused and unfused, and compares: types with
  /// those that `program` says, elements bit for bit (any NaN is any NaN). All
  /// in one session, or in the other one if `program` wants few kernels, so
  /// that a call may find a kernel of the one before.
  Outcome check(const Case &program);

  CheckCounts counts() const;

private:
  class Impl;
  struct Room;
  std::unique_ptr<Impl> impl;
};

} // namespace fuser::fuzz

#endif // FUSER_TOOLS_FUSER_FUZZ_CHECK_H
