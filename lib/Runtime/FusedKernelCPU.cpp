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

/// The pointers of a loop's function.
using Pointers = absl::InlinedVector<void *, kUsualOperands>;

namespace {

/// One loop of one call, cut into rowParts * columnParts parts.
struct LoopLaunch {
  LoopLaunch(LoopFunction function, const PlannedLoop &loop,
             const LaunchPlan &plan, const ThreadPool &threads);

  void operator()(int64_t part) const;
  int64_t numParts() const { return rowParts * columnParts; }

  const LoopFunction function;
  const PlannedLoop &loop;
  /// The only nest of a loop whose rows are cut.
  const PlannedNest &nest;
  const int64_t rowUnit;
  Pointers pointers;
  int64_t rowParts = 1, columnParts = 1;

private:
  void chooseSplit(const ThreadPool &threads);
  void callOnColumns(const PartRange &rows, const PartRange &columns) const;
  void callOnRows(int64_t begin, int64_t end) const;
};

} // namespace

/// Of how many rows (or elements, for rank 1) parts have a multiple. Where that
/// left too few parts, two threads may share a line at the end of one.
static int64_t rowUnitFor(const PlannedLoop &loop, const LaunchPlan &plan,
                          const ThreadPool &threads) {
  if (plan.nests[loop.nests[0]].sizes.size() == 1)
    return kSplitElements;
  int64_t unit = 1;
  if (!plan.nests[loop.nests[0]].hasBlocks()) // Those have rows enough.
    for (int32_t nest : loop.nests)
      unit = std::max(unit, wholeLineRows(plan.nests[nest]));
  return loop.extent >= unit * threads.numThreads() * kPartsPerThread ? unit
                                                                      : 1;
}

LoopLaunch::LoopLaunch(LoopFunction function, const PlannedLoop &loop,
                       const LaunchPlan &plan, const ThreadPool &threads)
    : function(function), loop(loop), nest(plan.nests[loop.nests[0]]),
      rowUnit(rowUnitFor(loop, plan, threads)) {
  chooseSplit(threads);
}

/// Calls the function on whole rows, and on a shorter last one if they end
/// there.
void LoopLaunch::callOnRows(int64_t begin, int64_t end) const {
  function(begin, end, pointers.data(), loop.dims.data());
  if (nest.lastRow == 0 || end < loop.extent)
    return;
  auto dims = loop.dims;
  dims[nest.sizes.size() - 1] = nest.lastRow;
  function(end, end + 1, pointers.data(), dims.data());
}

/// Calls the function on columns [columns.begin, columns.end) of some rows.
void LoopLaunch::callOnColumns(const PartRange &rows,
                               const PartRange &columns) const {
  Pointers moved = pointers;
  for (std::size_t i = 0; i < nest.operands.size(); ++i) {
    const PlannedOperand &operand = nest.operands[i];
    // An integer, as it need not be an address.
    moved[i] = reinterpret_cast<void *>(
        reinterpret_cast<uintptr_t>(pointers[i]) +
        columns.begin * operand.strides.back() * operand.pitch());
  }
  auto dims = loop.dims;
  dims[nest.sizes.size() - 1] = columns.end - columns.begin;
  function(rows.begin, rows.end, moved.data(), dims.data());
}

void LoopLaunch::operator()(int64_t part) const {
  if (numParts() == 1)
    return callOnRows(0, loop.extent);
  const PartRange rows(part / columnParts, rowParts, loop.extent, rowUnit);
  if (rows.begin == rows.end)
    return;
  if (columnParts == 1)
    callOnRows(rows.begin, rows.end);
  else
    callOnColumns(rows, PartRange(part % columnParts, columnParts,
                                  nest.sizes.back(), kSplitElements));
}

/// Cuts the loop by rows, or, if it has few long ones, by columns too.
void LoopLaunch::chooseSplit(const ThreadPool &threads) {
  const int64_t cost = loop.cost * loop.extent;
  const int64_t units = (loop.extent + rowUnit - 1) / rowUnit;
  rowParts = chooseParts(cost, units, threads);

  const int64_t wanted = threads.numThreads() * kPartsPerThread;
  const int64_t rowSize = nest.sizes.back();
  if (nest.sizes.size() == 1 || loop.nests.size() != 1 || nest.lastRow > 0 ||
      loop.extent >= wanted || rowSize < kMinSplitRow)
    return;
  // Few long rows: each is a part of its own, cut into columns.
  const int64_t parts =
      chooseParts(cost, loop.extent * (rowSize / kSplitElements), threads);
  if (parts == 1)
    return;
  rowParts = loop.extent;
  columnParts = (parts + loop.extent - 1) / loop.extent;
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

absl::Status FusedKernelCPU::launch(const LaunchPlan &plan, MemoryTable memory,
                                    ThreadPool &threads) const {
  if (loops.size() != plan.loops.size())
    return absl::InternalError("the kernel was not made for this plan: it has "
                               "another number of loops");
  // All threads may set it, to the same value.
  uint8_t raised = 0;
  for (std::size_t i = 0; i < loops.size(); ++i) {
    LoopLaunch launch(loops[i], plan.loops[i], plan, threads);
    for (int32_t number : plan.loops[i].nests)
      for (const PlannedOperand &operand : plan.nests[number].operands)
        launch.pointers.push_back(operand.place(memory));
    launch.pointers.push_back(&raised);
    if (launch.numParts() == 1)
      launch(0);
    else
      threads.parallelFor(launch.numParts(),
                          [&launch](int64_t part) { launch(part); });
  }
  return raised ? divisionByZeroError() : absl::OkStatus();
}

std::string FusedKernelCPU::code() const {
  return printCode ? printCode() : std::string();
}

} // namespace fuser::runtime
