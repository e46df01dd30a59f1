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
#include <cstring>

using namespace fuser;
using namespace fuser::benchmarks;
using runtime::Tensor;

namespace {
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
    arrays = freshArrays = {};
    outputBytes.clear();
  }

private:
  bool callFresh();

  CKernel kernel = nullptr;
  std::vector<Tensor> inputs, given;
  /// Inputs with given outputs, and with those that a call allocates.
  Arrays arrays, freshArrays;
  std::vector<std::size_t> outputBytes;
  /// Where inputs and given outputs are: on huge pages, the best for C.
  std::shared_ptr<runtime::Allocator> allocator =
      runtime::createCachingAllocator(0);
};
} // namespace

static Array asArray(const Tensor &tensor) {
  return {tensor.data(), {tensor.sizes().begin(), tensor.sizes().end()}};
}

absl::StatusOr<Json> CPeer::prepare(const Workload &workload) {
  kernel = findCKernel(workload.name);
  if (!kernel)
    return absl::NotFoundError(absl::StrCat("no C kernel for ", workload.name));
  for (const std::string &path : workload.inputs) {
    auto tensor = runner::readNpy(path, *allocator);
    if (!tensor.ok())
      return tensor.status();
    inputs.push_back(*tensor);
    arrays.inputs.push_back(asArray(*tensor));
  }
  for (const Workload::Output &output : workload.outputs) {
    auto tensor = Tensor::allocate(output.dtype, output.sizes, *allocator);
    if (!tensor.ok())
      return tensor.status();
    given.push_back(*tensor);
    arrays.outputs.push_back(asArray(*tensor));
    const std::size_t bytes = tensor->numElements() * dtypeSize(output.dtype);
    outputBytes.push_back((bytes + Tensor::kAlignment - 1) /
                          Tensor::kAlignment * Tensor::kAlignment);
  }
  freshArrays = arrays;
  const double first = runner::timeOf([&] { kernel(arrays); });
  return Json{{"first_ms", first * 1e3}};
}

/// False if there is no memory.
bool CPeer::callFresh() {
  bool hasMemory = true;
  for (size_t i = 0; i < outputBytes.size(); ++i) {
    void *block = std::aligned_alloc(Tensor::kAlignment, outputBytes[i]);
    freshArrays.outputs[i].data = block;
    hasMemory &= block != nullptr;
  }
  if (hasMemory)
    kernel(freshArrays);
  for (const Array &output : freshArrays.outputs)
    std::free(output.data);
  return hasMemory;
}

absl::Status CPeer::call(Mode mode) {
  if (mode == Mode::Fresh)
    return callFresh() ? absl::OkStatus()
                       : absl::ResourceExhaustedError("out of memory");
  kernel(arrays);
  return absl::OkStatus();
}

/// Those of the given outputs in either mode: the kernel is the same.
absl::StatusOr<std::vector<Tensor>> CPeer::results(Mode) {
  for (const Tensor &tensor : given)
    std::memset(tensor.data(), 0xFF,
                tensor.numElements() * dtypeSize(tensor.dtype()));
  kernel(arrays);
  return given;
}

std::unique_ptr<Peer> fuser::benchmarks::createCPeer() {
  return std::make_unique<CPeer>();
}
