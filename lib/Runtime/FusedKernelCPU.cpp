//===- FusedKernelCPU.cpp - launching a kernel on the CPU -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/FusedKernel.h"
#include "LoopSplit.h"

namespace fuser::runtime {

/// A row this long may be cut between threads where there are few rows.
static constexpr int64_t kMinSplitRow = int64_t(16) << 10;

namespace {

/// The arguments of one loop, packed as LoopFunction says, on the stack.
struct Arguments {
  Arguments(const PlannedLoop &loop, const LaunchPlan &plan, uint8_t &raised);

  absl::InlinedVector<void *, 16> data;
  absl::InlinedVector<int64_t, 32> dims;
};

/// One loop and how it is cut: into `rowParts` times `columnParts` parts.
struct LoopLaunch {
  void operator()(int64_t part) const;

  LoopFunction function;
  const Arguments &arguments;
  /// The only nest of a loop whose rows are cut.
  const PlannedNest &nest;
  int64_t extent, rowUnit;
  int64_t rowParts = 1, columnParts = 1;
};

} // namespace

Arguments::Arguments(const PlannedLoop &loop, const LaunchPlan &plan,
                     uint8_t &raised) {
  const Dims &sizes = plan.nests[loop.nests[0]].sizes;
  dims.assign(sizes.begin(), sizes.end() - 1);
  for (int32_t number : loop.nests) {
    const PlannedNest &nest = plan.nests[number];
    dims.push_back(nest.sizes.back());
    for (const PlannedOperand &operand : nest.operands) {
      data.push_back(operand.data);
      const bool hasInner = operand.inner == StrideClass::Strided;
      dims.insert(dims.end(), operand.strides.begin(),
                  operand.strides.end() - !hasInner);
    }
  }
  data.push_back(&raised);
}

/// Calls `launch.function` on rows [begin, end), of them only the columns of
/// `columns`.
static void callOnColumns(const LoopLaunch &launch, int64_t begin, int64_t end,
                          PartRange columns) {
  Arguments arguments = launch.arguments;
  for (std::size_t i = 0; i < launch.nest.operands.size(); ++i) {
    const PlannedOperand &operand = launch.nest.operands[i];
    // An integer, as it need not be an address.
    arguments.data[i] = reinterpret_cast<void *>(
        reinterpret_cast<uintptr_t>(operand.data) +
        columns.begin * operand.strides.back() * operand.pitch());
  }
  arguments.dims[launch.nest.sizes.size() - 1] = columns.end - columns.begin;
  launch.function(begin, end, arguments.data.data(), arguments.dims.data());
}

void LoopLaunch::operator()(int64_t part) const {
  const PartRange rows(part / columnParts, rowParts, extent, rowUnit);
  if (rows.begin == rows.end)
    return;
  if (columnParts == 1)
    function(rows.begin, rows.end, arguments.data.data(),
             arguments.dims.data());
  else
    callOnColumns(*this, rows.begin, rows.end,
                  PartRange(part % columnParts, columnParts, nest.sizes.back(),
                            kSplitElements));
}

/// Decides how to cut `launch`.
static void chooseSplit(const PlannedLoop &loop, const LaunchPlan &plan,
                        const ThreadPool &threads, LoopLaunch &launch) {
  const bool isFlat = launch.nest.sizes.size() == 1;
  int64_t rowCost = 0;
  for (int32_t number : loop.nests) {
    const PlannedNest &nest = plan.nests[number];
    rowCost += (isFlat ? 1 : nest.sizes.back()) * elementCost(nest);
  }
  const int64_t cost = rowCost * launch.extent;
  const int64_t units = (launch.extent + launch.rowUnit - 1) / launch.rowUnit;
  launch.rowParts = chooseParts(cost, units, threads);

  const int64_t wanted = threads.numThreads() * kPartsPerThread;
  const int64_t rowSize = launch.nest.sizes.back();
  if (isFlat || loop.nests.size() != 1 || launch.extent >= wanted ||
      rowSize < kMinSplitRow)
    return;
  // Few long rows: each is a part of its own, cut into columns.
  const int64_t parts =
      chooseParts(cost, launch.extent * (rowSize / kSplitElements), threads);
  if (parts == 1)
    return;
  launch.rowParts = launch.extent;
  launch.columnParts = (parts + launch.extent - 1) / launch.extent;
}

absl::Status divisionByZeroError() {
  return absl::InvalidArgumentError(
      "integer division or remainder by zero; the divisors must not be 0");
}

FusedKernelCPU::FusedKernelCPU(std::vector<LoopFunction> loops,
                               std::shared_ptr<void> owner,
                               std::function<std::string()> code)
    : loops(std::move(loops)), owner(std::move(owner)),
      printCode(std::move(code)) {}

absl::Status FusedKernelCPU::launch(const LaunchPlan &plan,
                                    ThreadPool &threads) const {
  if (loops.size() != plan.loops.size())
    return absl::InternalError("the kernel was not made for this plan: it has "
                               "another number of loops");
  // All threads may set it, to the same value.
  uint8_t raised = 0;
  for (std::size_t i = 0; i < loops.size(); ++i) {
    const PlannedLoop &loop = plan.loops[i];
    const PlannedNest &nest = plan.nests[loop.nests[0]];
    const Arguments arguments(loop, plan, raised);
    const int64_t rowUnit = nest.sizes.size() == 1 ? kSplitElements : 1;
    LoopLaunch launch{loops[i], arguments, nest, loop.extent, rowUnit};
    chooseSplit(loop, plan, threads, launch);
    const int64_t parts = launch.rowParts * launch.columnParts;
    if (parts == 1)
      launch(0);
    else
      threads.parallelFor(parts, [&launch](int64_t part) { launch(part); });
  }
  return raised ? divisionByZeroError() : absl::OkStatus();
}

std::string FusedKernelCPU::code() const {
  return printCode ? printCode() : std::string();
}

} // namespace fuser::runtime
