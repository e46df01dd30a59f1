//===- FusedKernel.h - a compiled fusion group ------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_FUSEDKERNEL_H
#define FUSERRUNTIME_FUSEDKERNEL_H

#include "FuserRuntime/ArgSpec.h"
#include "FuserRuntime/KernelSpec.h"
#include "FuserRuntime/LaunchPlan.h"
#include "FuserRuntime/Parallel.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fuser::runtime {

/// What one compilation cost, stage by stage, in the order they ran.
struct CompileTimes {
  std::vector<std::pair<std::string, double>> stages; ///< name, milliseconds
  double totalMilliseconds() const;
};

/// What a kernel is made for. Its results are the same bits either way.
enum class Tier : uint8_t {
  Quick, ///< to be there soon: what can be compiled in the least time
  Final, ///< to run fast
};
inline constexpr int kNumTiers = 2;
/// "1" or "2".
const char *tierName(Tier tier);

/// What a call gives that divides an integer by zero. Its outputs then hold
/// anything.
absl::Status divisionByZeroError();

/// Machine code for one KernelSpec and ArgSpec. Immutable; launched from any
/// number of threads at once.
class FusedKernel {
public:
  virtual ~FusedKernel() = default;

  /// Computes the outputs of a call of `plan`, whose ArgSpec is the kernel's,
  /// in the call's `memory`. Thread-safe.
  /// InvalidArgument if the call is wrong, as divisionByZeroError; DataLoss if
  /// inputs may have been replaced before it failed; any other error is the
  /// kernel's own and lets the call fall back: inputs are then as they were.
  virtual absl::Status launch(const LaunchPlan &plan, MemoryTable memory,
                              ThreadPool &threads) const = 0;

  /// The code that runs, for people: assembly or PTX.
  virtual std::string code() const = 0;

  CompileTimes times;

  /// What it is, whatever was asked for: nothing better is asked for where
  /// there is one that is Final. So a backend that knows no tiers leaves it
  /// alone, and makes each kernel once.
  Tier tier = Tier::Final;
};

/// The entry point of one loop of a CPU kernel: rows (or elements, for rank 1)
/// [begin, end), or blocks of rows if an operand is Transposed: the size S of
/// the dimension before the innermost then counts ceil(S / kBlockRows) blocks.
/// `data` holds, nest by nest, one pointer for each leaf, then one for each
/// piece, and at last that of a byte which is set to 1 if an integer is divided
/// by zero. `dims` holds
///   the loop's outer sizes (rank - 1 of them), then nest by nest:
///     the inner size, then for each operand in the order of `data`:
///       its rank - 1 outer strides, the last of which is left out if its class
///       is Transposed; and its inner stride if its class is Strided or
///       Transposed.
/// All in elements.
using LoopFunction = void (*)(int64_t begin, int64_t end, void *const *data,
                              const int64_t *dims);

/// A kernel on the CPU: one entry point a loop. Whoever made it keeps the code
/// alive through `owner`.
class FusedKernelCPU : public FusedKernel {
public:
  FusedKernelCPU(std::vector<LoopFunction> loops, std::shared_ptr<void> owner,
                 std::function<std::string()> code);

  absl::Status launch(const LaunchPlan &plan, MemoryTable memory,
                      ThreadPool &threads) const override;
  std::string code() const override;

  /// The function of each loop of the plan.
  absl::Span<const LoopFunction> functions() const { return loops; }

private:
  std::vector<LoopFunction> loops;
  std::shared_ptr<void> owner;
  std::function<std::string()> printCode;
};

/// Makes a kernel. `mapSize` is the number of elements of the largest nest, a
/// hint; so is `tier`: see FusedKernel::tier. Called by one thread at a time
/// for one ArgSpec, by several for different ones, a thread of the session
/// among them; calls of the session that need this kernel may wait meanwhile.
/// So it must not run groups of that session: it could wait for itself. Nor
/// should it fork, but for what posix_spawn does: the thread that compiles may
/// wait for it, and it for that thread.
using FusedKernelConstructor =
    std::function<absl::StatusOr<std::shared_ptr<FusedKernel>>(
        const KernelSpec &spec, const ArgSpec &argSpec, int64_t mapSize,
        Device device, Tier tier)>;

} // namespace fuser::runtime

#endif // FUSERRUNTIME_FUSEDKERNEL_H
