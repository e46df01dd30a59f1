//===- CPeer.cpp - C as a rival -------------------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CKernels.h"
#include "Peer.h"
#include "absl/strings/str_cat.h"
#include "tools/fuser-runner/Npy.h"
#include "tools/fuser-runner/Timing.h"
#include <cstdlib>

using namespace fuser;
using namespace fuser::benchmarks;
using runtime::Tensor;

namespace {
/// The C library's memory, as a C program would get it.
class MallocAllocator : public runtime::Allocator {
public:
  void *allocate(std::size_t bytes) override {
    return std::aligned_alloc(Tensor::kAlignment,
                              (bytes + Tensor::kAlignment - 1) /
                                  Tensor::kAlignment * Tensor::kAlignment);
  }
  void deallocate(void *block, std::size_t) override { std::free(block); }
};

class CPeer : public Peer {
public:
  std::string version() const override {
    return "g++ " __VERSION__ ", -O3 -march=native -ffast-math, OpenMP";
  }
  absl::StatusOr<Json> prepare(const Workload &workload) override;
  absl::Status call(Mode mode) override;
  absl::StatusOr<std::vector<Tensor>> results(Mode mode) override;
  void release() override {
    inputs.clear();
    given.clear();
    arrays = {};
  }

private:
  absl::StatusOr<std::vector<Tensor>> run(Mode mode);

  CKernel kernel = nullptr;
  std::vector<Workload::Output> outputs;
  std::vector<Tensor> inputs, given;
  Arrays arrays;
  /// Where inputs and given outputs are: on huge pages, the best for C.
  std::shared_ptr<runtime::Allocator> allocator =
      runtime::createCachingAllocator(0);
  std::shared_ptr<runtime::Allocator> fresh =
      std::make_shared<MallocAllocator>();
};
} // namespace

static Array asArray(const Tensor &tensor) {
  return {tensor.data(), {tensor.sizes().begin(), tensor.sizes().end()}};
}

absl::StatusOr<std::vector<Tensor>>
fuser::benchmarks::allocateOutputs(const std::vector<Workload::Output> &outputs,
                                   runtime::Allocator &allocator) {
  std::vector<Tensor> tensors;
  for (const Workload::Output &output : outputs) {
    auto tensor = Tensor::allocate(output.dtype, output.sizes, allocator);
    if (!tensor.ok())
      return tensor.status();
    tensors.push_back(*tensor);
  }
  return tensors;
}

absl::StatusOr<Json> CPeer::prepare(const Workload &workload) {
  kernel = findCKernel(workload.name);
  if (!kernel)
    return absl::NotFoundError(absl::StrCat("no C kernel for ", workload.name));
  outputs = workload.outputs;
  for (const std::string &path : workload.inputs) {
    auto tensor = runner::readNpy(path, *allocator);
    if (!tensor.ok())
      return tensor.status();
    inputs.push_back(*tensor);
    arrays.inputs.push_back(asArray(*tensor));
  }
  auto tensors = allocateOutputs(outputs, *allocator);
  if (!tensors.ok())
    return tensors.status();
  given = *std::move(tensors);
  absl::Status status;
  const double first = runner::timeOf([&] { status = call(Mode::Given); });
  if (!status.ok())
    return status;
  return Json{{"first_ms", first * 1e3}};
}

absl::StatusOr<std::vector<Tensor>> CPeer::run(Mode mode) {
  auto tensors = mode == Mode::Given ? given : allocateOutputs(outputs, *fresh);
  if (!tensors.ok())
    return tensors;
  arrays.outputs.clear();
  for (const Tensor &tensor : *tensors)
    arrays.outputs.push_back(asArray(tensor));
  kernel(arrays);
  return tensors;
}

absl::Status CPeer::call(Mode mode) {
  // Given outputs are the same in every call: C would not describe them again.
  if (mode == Mode::Given && !arrays.outputs.empty() &&
      arrays.outputs[0].data == given[0].data()) {
    kernel(arrays);
    return absl::OkStatus();
  }
  return run(mode).status();
}

absl::StatusOr<std::vector<Tensor>> CPeer::results(Mode mode) {
  return run(mode);
}

std::unique_ptr<Peer> fuser::benchmarks::createCPeer() {
  return std::make_unique<CPeer>();
}
