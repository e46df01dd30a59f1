//===- DeviceCopies.cpp - copies of and to a device -----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DeviceCopies.h"
#include "Copies.h"
#include "StridedWalk.h"
#include "Views.h"
#include "absl/strings/str_cat.h"

namespace fuser::runtime {

/// A copy of more pieces than this goes through the host.
static constexpr int64_t kMaxPieces = 64;

//===----------------------------------------------------------------------===//
// Pieces of contiguous memory
//===----------------------------------------------------------------------===//

namespace {
/// The elements of a strided view as pieces of contiguous memory, in row-major
/// order.
struct Pieces {
  Pieces(absl::Span<const int64_t> sizes, absl::Span<const int64_t> strides);

  /// Calls visit(position, offset) for each, both counted in elements, until
  /// that is not OK.
  template <class Visit> absl::Status forEach(Visit &&visit) const;

  /// Elements of each, and how many there are.
  int64_t length = 1, count = 1;

private:
  /// Without the dimensions within a piece.
  Dims outerSizes, outerStrides;
};
} // namespace

Pieces::Pieces(absl::Span<const int64_t> sizes,
               absl::Span<const int64_t> strides) {
  std::size_t dim = sizes.size();
  for (; dim > 0 && (sizes[dim - 1] == 1 || strides[dim - 1] == length); --dim)
    length *= sizes[dim - 1];
  outerSizes.assign(sizes.begin(), sizes.begin() + dim);
  outerStrides.assign(strides.begin(), strides.begin() + dim);
  for (int64_t size : outerSizes)
    count *= size;
}

template <class Visit> absl::Status Pieces::forEach(Visit &&visit) const {
  absl::Status status = absl::OkStatus();
  forEachRun(outerSizes, outerStrides, 0, count,
             [&](int64_t position, int64_t offset, int64_t stride, int64_t n) {
               for (int64_t i = 0; i < n && status.ok(); ++i)
                 status = visit((position + i) * length, offset + i * stride);
             });
  return status;
}

//===----------------------------------------------------------------------===//
// A call on the host
//===----------------------------------------------------------------------===//

namespace {
/// What a call on a device reads and writes, on the host.
class HostCall {
public:
  explicit HostCall(const DeviceCall &call)
      : call(call), plan(call.cached.plan) {}

  /// Copies the inputs that `isRead` (all if it is empty) and waits for them.
  absl::Status readInputs(absl::Span<const bool> isRead);
  absl::Status openOutputs();
  /// Instead, where nobody looks at them.
  void skipOutputs() { addresses.resize(plan.numInputs + plan.outputs.size()); }
  absl::Status makePlannedCopies();
  absl::Status writeOutputs() const;
  absl::Status writePlannedCopies() const;
  absl::Status finish() const {
    return call.runtime.synchronize(call.cached.device, call.stream);
  }
  MemoryTable memory() const { return addresses; }

private:
  absl::StatusOr<void *> allocate(int64_t bytes);
  absl::Status write(void *to, const void *from, int64_t bytes) const {
    return call.runtime.copyToDevice(call.cached.device, call.stream, to, from,
                                     bytes);
  }

  const DeviceCall &call;
  const LaunchPlan &plan;
  absl::InlinedVector<void *, kUsualOperands> addresses;
  std::vector<Tensor> blocks;
};
} // namespace

absl::StatusOr<void *> HostCall::allocate(int64_t bytes) {
  if (bytes == 0)
    return nullptr;
  absl::StatusOr<Tensor> block =
      Tensor::allocate(DType::i8, {bytes}, call.allocator);
  if (!block.ok())
    return block.status();
  blocks.push_back(*std::move(block));
  return blocks.back().data();
}

absl::Status HostCall::readInputs(absl::Span<const bool> isRead) {
  addresses.assign(call.memory.begin(), call.memory.begin() + plan.numInputs);
  for (int32_t i = 0; i < plan.numInputs; ++i) {
    const Tensor *tensor = std::get_if<Tensor>(&call.inputs[i]);
    if (!tensor || (!isRead.empty() && !isRead[i]))
      continue;
    const ByteRange range(*tensor);
    const auto bytes = static_cast<int64_t>(range.end - range.begin);
    absl::StatusOr<void *> block = allocate(bytes);
    if (!block.ok())
      return block.status();
    addresses[i] = *block;
    if (bytes == 0)
      continue;
    if (absl::Status status = call.runtime.copyToHost(
            call.cached.device, call.stream, *block, tensor->data(), bytes);
        !status.ok())
      return status;
  }
  return finish();
}

absl::Status HostCall::openOutputs() {
  for (const PlannedOutput &output : plan.outputs) {
    absl::StatusOr<void *> block = allocate(output.bytes);
    if (!block.ok())
      return block.status();
    addresses.push_back(*block);
  }
  return absl::OkStatus();
}

/// After openOutputs.
absl::Status HostCall::makePlannedCopies() {
  for (const PlannedCopy &copy : plan.copies) {
    absl::StatusOr<void *> block = allocate(copy.bytes());
    if (!block.ok())
      return block.status();
    addresses.push_back(*block);
  }
  makeCopies(plan, addresses, call.threads);
  return absl::OkStatus();
}

absl::Status HostCall::writePlannedCopies() const {
  for (std::size_t i = 0; i < plan.copies.size(); ++i) {
    const int32_t memory = plan.copyMemory(i);
    if (absl::Status status = write(call.memory[memory], addresses[memory],
                                    plan.copies[i].bytes());
        !status.ok())
      return status;
  }
  return absl::OkStatus();
}

absl::Status HostCall::writeOutputs() const {
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
    const PlannedOutput &output = plan.outputs[i];
    if (output.bytes == 0)
      continue;
    // The outermost dimension first, for as few pieces as there are.
    Dims order(output.sizes.size()), sizes, strides;
    for (std::size_t dim = 0; dim < order.size(); ++dim)
      order[dim] = static_cast<int64_t>(dim);
    sortByStride(output.strides, order);
    for (int64_t dim : order) {
      sizes.push_back(output.sizes[dim]);
      strides.push_back(output.strides[dim]);
    }
    const Pieces pieces(sizes, strides);
    const int64_t size = dtypeSize(output.dtype);
    const int32_t memory = plan.outputMemory(i);
    absl::Status status = pieces.forEach([&](int64_t, int64_t offset) {
      return write(static_cast<char *>(call.memory[memory]) + offset * size,
                   static_cast<const char *>(addresses[memory]) + offset * size,
                   pieces.length * size);
    });
    if (!status.ok())
      return status;
  }
  return absl::OkStatus();
}

absl::Status interpretOnHost(const DeviceCall &call) {
  HostCall host(call);
  absl::Status status = host.readInputs({});
  if (status.ok())
    status = host.openOutputs();
  if (status.ok())
    status = host.makePlannedCopies();
  if (status.ok())
    status =
        call.cached.interpreter(call.spec).run(host.memory(), call.threads);
  if (status.ok())
    status = host.writeOutputs();
  // What was begun refers to memory of the host.
  const absl::Status finished = host.finish();
  return status.ok() ? finished : status;
}

//===----------------------------------------------------------------------===//
// Planned copies
//===----------------------------------------------------------------------===//

static absl::Status copyPieces(const DeviceCall &call, std::size_t number,
                               const Pieces &pieces) {
  const LaunchPlan &plan = call.cached.plan;
  const PlannedOperand &from = plan.copies[number].from;
  const int64_t size = dtypeSize(from.dtype);
  char *const to = static_cast<char *>(call.memory[plan.copyMemory(number)]);
  const char *const source = static_cast<char *>(from.place(call.memory));
  return pieces.forEach([&](int64_t position, int64_t offset) {
    return call.runtime.copyOnDevice(
        call.cached.device, call.stream, to + position * size,
        source + offset * size, pieces.length * size);
  });
}

/// Whether the device can make all copies: none of a runtime scalar or of
/// indices, none of many pieces.
static bool canCopyOnDevice(const DeviceCall &call) {
  const LaunchPlan &plan = call.cached.plan;
  return std::all_of(
      plan.copies.begin(), plan.copies.end(), [&](const PlannedCopy &copy) {
        const int32_t memory = copy.from.memory;
        const bool isInMemory =
            memory >= plan.numInputs ||
            (memory != kIndices &&
             std::holds_alternative<Tensor>(call.inputs[memory]));
        return isInMemory &&
               Pieces(copy.sizes, copy.from.strides).count <= kMaxPieces;
      });
}

absl::Status makeCopiesOnDevice(const DeviceCall &call) {
  const LaunchPlan &plan = call.cached.plan;
  if (canCopyOnDevice(call)) {
    for (std::size_t i = 0; i < plan.copies.size(); ++i) {
      const PlannedCopy &copy = plan.copies[i];
      if (absl::Status status =
              copyPieces(call, i, Pieces(copy.sizes, copy.from.strides));
          !status.ok())
        return status;
    }
    return absl::OkStatus();
  }
  absl::StatusOr<bool> isCapturing =
      call.runtime.isCapturing(call.cached.device, call.stream);
  if (!isCapturing.ok())
    return isCapturing.status();
  if (*isCapturing)
    return absl::FailedPreconditionError(
        "a call that copies an input for a reshape can't be captured");
  absl::InlinedVector<bool, 16> isRead(plan.numInputs, false);
  for (const PlannedCopy &copy : plan.copies)
    if (copy.from.memory >= 0 && copy.from.memory < plan.numInputs)
      isRead[copy.from.memory] = true;
  HostCall host(call);
  absl::Status status = host.readInputs(isRead);
  host.skipOutputs();
  if (status.ok())
    status = host.makePlannedCopies();
  if (status.ok())
    status = host.writePlannedCopies();
  const absl::Status finished = host.finish();
  return status.ok() ? finished : status;
}

} // namespace fuser::runtime
