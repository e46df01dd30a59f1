//===- Statistics.h - what a session has done -------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_STATISTICS_H
#define FUSERRUNTIME_STATISTICS_H

#include "FuserRuntime/Allocator.h"
#include "FuserRuntime/FusedKernel.h"
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace fuser::runtime {

/// Why a call ran on the interpreter.
enum class FallbackReason : uint8_t {
  Requested,     ///< runFallback, or a session that only interprets
  Disabled,      ///< overrideCanFuseOn said no
  NoBackend,     ///< no backend for the device
  CompileFailed, ///< the compiler reported an error (remembered)
  LaunchFailed,  ///< the kernel could not be launched
};
inline constexpr int kNumFallbackReasons = 5;
const char *fallbackReasonName(FallbackReason reason);

/// One compilation, successful or not.
struct CompileRecord {
  int64_t key;
  std::string argSpec;
  CompileTimes times;
  std::string error; ///< empty if it succeeded
  /// Why it was needed: that it is the first one of its group, or how the
  /// argument spec differs from the nearest one of a kernel that there was:
  /// "leaf 2: inner stride class c -> s", "rank 1 -> 2"; or that it takes the
  /// place of a kernel of a lesser tier.
  std::string newInKey = "";
  /// What the kernel is, or what was asked for if there is none; and whether
  /// the session's thread made it.
  Tier tier = Tier::Final;
  bool isInBackground = false;
};

/// The calls of one group that were interpreted for one reason.
struct FallbackRecord {
  int64_t key;
  FallbackReason reason;
  int64_t count;
  std::string message; ///< of the first error; empty if there was none
};

struct StatisticsSnapshot {
  int64_t registrations = 0; ///< calls of registerFusion
  int64_t specs = 0;         ///< distinct specs among them
  int64_t released = 0;      ///< specs that went after their release
  int64_t plans = 0;         ///< calls whose layout was new, or forgotten
  /// Lookups of kernels that found one ready, or the error that making it gave;
  /// all others, those included that waited for a running compilation.
  int64_t hits = 0, misses = 0;
  int64_t evictions = 0; ///< kernels dropped for others
  /// Kernels compiled, by tier, and how many took the place of another.
  std::array<int64_t, kNumTiers> compiled{};
  int64_t swaps = 0;
  /// Calls that were interpreted because their kernel was yet to be made; no
  /// fallbacks.
  int64_t interpretedFirst = 0;
  int64_t launches = 0;
  int64_t copies = 0; ///< made for reshapes that no strides can say
  std::array<int64_t, kNumFallbackReasons> fallbacks{};
  /// Of the allocator of outputs on the CPU, which sessions may share.
  AllocatorStatistics memory;
  /// Of that on CUDA devices, all 0 if the session had no call there.
  AllocatorStatistics deviceMemory;
  /// One for each group and reason, in the order of the first call; of these
  /// and of the compilations the latest 4096.
  std::vector<FallbackRecord> fallbackRecords;
  std::vector<CompileRecord> compiles;

  int64_t totalFallbacks() const;
  /// A JSON object with the fields above, pretty-printed.
  std::string json() const;
};

} // namespace fuser::runtime

#endif // FUSERRUNTIME_STATISTICS_H
