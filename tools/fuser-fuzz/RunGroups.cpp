//===- RunGroups.cpp - ways to call the groups of a program ---------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunGroups.h"
#include "Data.h"
#include "OpKind.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <algorithm>
#include <cstring>

using namespace fuser;
using namespace fuser::fuzz;
using runtime::Tensor;
using runtime::Value;

Value fuzz::valueOf(const Argument &argument, const Node &node) {
  std::byte *data =
      argument.storage->data() + argument.offset * dtypeSize(node.dtype);
  if (node.kind != &scalarArgument())
    return Tensor::borrow(data, node.dtype, argument.sizes, argument.strides,
                          argument.storage);
  const uint64_t bits = loadElement(data, node.dtype);
  if (node.dtype == DType::i64)
    return static_cast<int64_t>(bits);
  if (node.dtype == DType::i1)
    return bits != 0;
  double number;
  std::memcpy(&number, &bits, sizeof number);
  return number;
}

void GroupRunner::addValue(Value value, Memory memory) {
  values.push_back(std::move(value));
  memories.push_back(std::move(memory));
}

absl::StatusOr<std::vector<Tensor>>
GroupRunner::run(const Case &program, const std::vector<Argument> &arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const bool isScalar = program.nodes[i].kind == &scalarArgument();
    addValue(valueOf(arguments[i], program.nodes[i]),
             isScalar ? nullptr : arguments[i].storage);
  }
  for (const Tensor &constant : function.constants)
    addValue(constant, nullptr);
  for (const GroupCall &call : function.calls) {
    Inputs inputs;
    for (int32_t id : call.inputs)
      inputs.push_back(values[id]);
    if (absl::Status status = mode == OutputMode::Allocated
                                  ? runAllocated(call, std::move(inputs))
                                  : runGiven(call, inputs);
        !status.ok())
      return status;
  }
  std::vector<Tensor> results;
  for (int32_t id : function.returned)
    results.push_back(std::get<Tensor>(values[id]));
  return results;
}

absl::Status GroupRunner::runAllocated(const GroupCall &call, Inputs inputs) {
  const WriteCheck check(memories);
  runtime::Stack stack = std::move(inputs);
  const absl::Status status = random.oneIn(2)
                                  ? call.site->run(stack)
                                  : session.runFusion(call.key, stack);
  if (!check.onlyWrote({}))
    fault = "memory of an input";
  if (status.ok())
    for (Value &output : stack)
      addValue(std::move(output), nullptr);
  return status;
}

//===----------------------------------------------------------------------===//
// Given outputs
//===----------------------------------------------------------------------===//

/// Tensors in memory that only this value has.
std::vector<int32_t> GroupRunner::unneededInputs(const GroupCall &call) const {
  std::vector<int32_t> found;
  for (int32_t id : call.lastUses)
    if (std::find(call.inputs.begin(), call.inputs.end(), id) !=
            call.inputs.end() &&
        memories[id])
      found.push_back(id);
  return found;
}

/// True if a box of `sizes` is part of one of `whole`.
static bool isPart(absl::Span<const int64_t> sizes,
                   absl::Span<const int64_t> whole) {
  return sizes.size() == whole.size() &&
         std::equal(sizes.begin(), sizes.end(), whole.begin(),
                    [](int64_t size, int64_t all) { return size <= all; });
}

/// Mostly where an input of equal sizes is; else some part of one, as a slice
/// of it shows; else anywhere in its memory. Takes the input from `candidates`.
std::optional<GuardedTensor>
GroupRunner::placeInInput(const runtime::PlannedOutput &output,
                          std::vector<int32_t> &candidates) {
  if (candidates.empty() || random.oneIn(4))
    return std::nullopt;
  const int64_t size = dtypeSize(output.dtype);
  auto fits = [&](int32_t id) {
    const Tensor &input = std::get<Tensor>(values[id]);
    return dtypeSize(input.dtype()) == size &&
           input.sizes() == absl::MakeConstSpan(output.sizes);
  };
  if (!random.oneIn(8))
    std::stable_partition(candidates.begin(), candidates.end(),
                          [&](int32_t id) { return !fits(id); });
  const size_t last = candidates.size() - 1;
  if (!fits(candidates[last]))
    std::swap(candidates[random.below(candidates.size())], candidates[last]);
  const int32_t id = candidates[last];
  const Tensor &input = std::get<Tensor>(values[id]);
  const Memory &memory = memories[id];
  auto *data = input.dataAs<std::byte>();
  Dims strides = output.strides;
  if (dtypeSize(input.dtype()) == size && isPart(output.sizes, input.sizes())) {
    strides.assign(input.strides().begin(), input.strides().end());
    for (size_t dim = 0; dim < strides.size(); ++dim)
      data += random.between(0, input.sizes()[dim] - output.sizes[dim]) *
              strides[dim] * size;
  } else {
    const int64_t rest = static_cast<int64_t>(memory->size()) - output.bytes;
    if (rest < 0)
      return std::nullopt;
    data = memory->data() + random.between(0, rest / size) * size;
  }
  candidates.pop_back();
  return GuardedTensor{
      Tensor::borrow(data, output.dtype, output.sizes, strides, memory),
      memory};
}

absl::Status GroupRunner::runInto(const GroupCall &call, const Inputs &inputs,
                                  const std::vector<GuardedTensor> &outputs) {
  std::vector<Memory> all = memories;
  std::vector<Tensor> tensors;
  for (const GuardedTensor &output : outputs) {
    all.push_back(output.memory);
    tensors.push_back(output.tensor);
  }
  const WriteCheck check(std::move(all));
  const absl::Status status =
      random.oneIn(2) ? call.site->run(inputs, tensors)
                      : session.runFusion(call.key, inputs, tensors);
  const bool isOverlap = absl::StrContains(status.message(), "overlap");
  if (isOverlap && !check.onlyWrote({}))
    fault = "memory, by a call that is refused";
  else if (!check.onlyWrote(tensors))
    fault = "memory beside a given output";
  return status;
}

absl::Status GroupRunner::runGiven(const GroupCall &call,
                                   const Inputs &inputs) {
  const absl::StatusOr<runtime::LaunchPlan> plan =
      session.plan(call.key, inputs);
  if (!plan.ok())
    return plan.status();
  std::vector<GuardedTensor> outputs;
  uint64_t inPlace = 0;
  bool shares = false;
  std::vector<int32_t> candidates;
  if (mode == OutputMode::InPlace)
    candidates = unneededInputs(call);
  for (const runtime::PlannedOutput &output : plan->outputs) {
    const std::optional<GuardedTensor> shared =
        placeInInput(output, candidates);
    shares |= shared.has_value();
    outputs.push_back(
        shared ? *shared : guardedTensor(random, output.dtype, output.sizes));
  }
  absl::Status status = runInto(call, inputs, outputs);
  if (shares && absl::IsInvalidArgument(status) &&
      absl::StrContains(status.message(), "overlap")) {
    ++counts.overlapsRefused;
    for (GuardedTensor &output : outputs)
      output =
          guardedTensor(random, output.tensor.dtype(), output.tensor.sizes());
    status = runInto(call, inputs, outputs);
  }
  if (!status.ok())
    return status;
  for (const Value &value : inputs)
    if (const Tensor *input = std::get_if<Tensor>(&value))
      inPlace += std::any_of(outputs.begin(), outputs.end(),
                             [&](const GuardedTensor &output) {
                               return output.tensor.data() == input->data() &&
                                      output.tensor.sizes() == input->sizes() &&
                                      output.tensor.numElements() > 0;
                             });
  counts.inPlace += inPlace;
  for (GuardedTensor &output : outputs)
    addValue(std::move(output.tensor), std::move(output.memory));
  return status;
}
