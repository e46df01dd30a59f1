//===- GivenOutputs.cpp - calls into memory of the caller -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GivenOutputs.h"
#include "FuserRuntime/TensorMemory.h"
#include "absl/strings/str_cat.h"
#include <algorithm>

using namespace fuser;
using runtime::Tensor;
using runtime::Value;

static bool contains(const std::vector<int32_t> &list, int32_t id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

/// Whether it is 0, 1, 2 ...
static bool isIota(const std::vector<int32_t> &list) {
  for (size_t i = 0; i < list.size(); ++i)
    if (list[i] != static_cast<int32_t>(i))
      return false;
  return true;
}

static absl::Status checkOutputs(const ProgramFunction &function,
                                 absl::Span<const Tensor> outputs) {
  if (outputs.size() != function.results.size())
    return absl::InvalidArgumentError(absl::StrCat(
        "function '", function.name, "' has ", function.results.size(),
        " results, but ", outputs.size(), " outputs were given"));
  for (size_t i = 0; i < outputs.size(); ++i)
    if (!function.results[i].admits(outputs[i]))
      return absl::InvalidArgumentError(
          absl::StrCat("output ", i, " of function '", function.name,
                       "': expected ", function.results[i].str(),
                       ", found tensor<", outputs[i].typeString(), ">"));
  return absl::OkStatus();
}

namespace {

/// A call of a function into outputs. It is gone through twice: first every
/// group is planned, then each runs.
class CallInto {
public:
  /// `constants` are those of the function, on the device of the arguments.
  CallInto(const ProgramFunction &function, absl::Span<const Value> arguments,
           absl::Span<const Tensor> constants, absl::Span<const Tensor> outputs)
      : function(function), arguments(arguments), constants(constants),
        outputs(outputs) {}

  /// InvalidArgument if something that was given does not fit.
  absl::Status check();
  absl::Status run() { return go(/*isPlanning=*/false); }
  /// Both, where one group is all there is.
  absl::Status runOne() const;

private:
  using Tensors = absl::InlinedVector<Tensor, 4>;

  absl::Status checkOverlap() const;
  absl::Status checkReplaces(int32_t output, int32_t argument) const;
  absl::Status go(bool isPlanning);
  absl::StatusOr<Tensors> outputsOf(const ProgramFunction::Call &call,
                                    absl::Span<const Value> inputs,
                                    bool isPlanning);
  absl::Status copyResults(bool isPlanning) const;
  /// Groups refuse tensors on several.
  runtime::Device device() const {
    return outputs.empty() ? runtime::Device() : outputs.front().device();
  }

  const ProgramFunction &function;
  const absl::Span<const Value> arguments;
  const absl::Span<const Tensor> constants, outputs;
  absl::InlinedVector<Value, 8> values;
  /// Where planned tensors seem to be: where no process has memory.
  uintptr_t nextPlace = uintptr_t(1) << 63;
};

} // namespace

absl::Status CallInto::check() {
  for (size_t i = 0; i < arguments.size(); ++i)
    if (auto *tensor = std::get_if<Tensor>(&arguments[i]))
      if (auto status = checkUsable(*tensor, "argument", i); !status.ok())
        return status;
  for (size_t i = 0; i < outputs.size(); ++i)
    if (auto status = checkUsable(outputs[i], "output", i); !status.ok())
      return status;
  absl::Status status = checkOverlap();
  return status.ok() ? go(/*isPlanning=*/true) : status;
}

/// Groups look at their own inputs and outputs only.
absl::Status CallInto::checkOverlap() const {
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (mayOverlapItself(outputs[i]))
      return absl::InvalidArgumentError(
          absl::StrCat("output ", i,
                       " may store several elements in the same place; give "
                       "one whose elements do not overlap"));
    for (size_t j = 0; j < i; ++j)
      if (mayOverlap(outputs[i], outputs[j]))
        return absl::InvalidArgumentError(
            absl::StrCat("outputs ", j, " and ", i,
                         " may overlap; give each its own memory"));
    for (size_t j = 0; j < arguments.size(); ++j)
      if (auto *tensor = std::get_if<Tensor>(&arguments[j]))
        if (mayOverlap(outputs[i], *tensor))
          if (auto status = checkReplaces(i, j); !status.ok())
            return status;
  }
  return absl::OkStatus();
}

/// Whether the group that computes `output` is the last one to need `argument`.
/// If it replaces that element by element is for the group to say.
absl::Status CallInto::checkReplaces(int32_t output, int32_t argument) const {
  auto call = std::find_if(
      function.calls.begin(), function.calls.end(),
      [&](const auto &each) { return contains(each.results, output); });
  if (call != function.calls.end() && contains(call->inputs, argument) &&
      !contains(function.returned, argument) &&
      std::none_of(call + 1, function.calls.end(), [&](const auto &later) {
        return contains(later.inputs, argument);
      }))
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "output ", output, " of function '", function.name,
      "' may overlap argument ", argument,
      ", which is not what it is computed from at last; give it memory of its "
      "own"));
}

/// The given outputs of `call`, and new ones for what is no result, which are
/// without memory if it is planned only.
absl::StatusOr<CallInto::Tensors>
CallInto::outputsOf(const ProgramFunction::Call &call,
                    absl::Span<const Value> inputs, bool isPlanning) {
  Tensors targets(call.numOutputs);
  absl::InlinedVector<runtime::PlannedOutput, 2> planned;
  if (contains(call.results, -1)) {
    auto plan = call.site->plan(inputs);
    if (!plan.ok())
      return plan.status();
    planned = *std::move(plan);
  }
  for (int32_t i = 0; i < call.numOutputs; ++i) {
    if (call.results[i] >= 0) {
      targets[i] = outputs[call.results[i]];
      continue;
    }
    const auto &[dtype, sizes, strides, bytes, isAligned] = planned[i];
    if (isPlanning) {
      targets[i] = Tensor::borrow(reinterpret_cast<void *>(nextPlace), dtype,
                                  sizes, strides, nullptr, device());
      nextPlace += (static_cast<uintptr_t>(bytes) | 63) + 1;
      continue;
    }
    auto tensor = call.site->allocate(planned[i], device());
    if (!tensor.ok())
      return tensor.status();
    targets[i] = *std::move(tensor);
  }
  return targets;
}

/// Plans, or runs, all groups.
absl::Status CallInto::go(bool isPlanning) {
  values.assign(arguments.begin(), arguments.end());
  values.insert(values.end(), constants.begin(), constants.end());
  absl::InlinedVector<Value, 8> inputs;
  for (const ProgramFunction::Call &call : function.calls) {
    inputs.clear();
    for (int32_t id : call.inputs)
      inputs.push_back(values[id]);
    auto targets = outputsOf(call, inputs, isPlanning);
    if (!targets.ok())
      return targets.status();
    absl::Status status = isPlanning
                              ? call.site->plan(inputs, *targets).status()
                              : call.site->run(inputs, *targets);
    if (!status.ok())
      return status;
    inputs.clear();
    values.insert(values.end(), targets->begin(), targets->end());
    if (!isPlanning)
      for (int32_t id : call.lastUses)
        values[id] = false; // Gives its memory back.
  }
  return copyResults(isPlanning);
}

absl::Status CallInto::runOne() const {
  const ProgramFunction::Call &call = function.calls.front();
  // Mostly its operands are the function's.
  absl::InlinedVector<Value, 8> inputs;
  absl::Span<const Value> operands = arguments;
  if (!isIota(call.inputs)) {
    for (int32_t id : call.inputs)
      inputs.push_back(id < static_cast<int64_t>(arguments.size())
                           ? arguments[id]
                           : Value(constants[id - arguments.size()]));
    operands = inputs;
  }
  if (isIota(call.results))
    return call.site->run(operands, outputs);
  Tensors targets;
  for (int32_t result : call.results)
    targets.push_back(outputs[result]);
  return call.site->run(operands, targets);
}

/// Copies what no group stores.
absl::Status CallInto::copyResults(bool isPlanning) const {
  for (int32_t result : function.copied) {
    const Tensor &source = std::get<Tensor>(values[function.returned[result]]);
    const Tensor &output = outputs[result];
    if (source.sizes() != output.sizes())
      return absl::InvalidArgumentError(
          absl::StrCat("output ", result, " must have the shape ",
                       runtime::shapeString(source.sizes()), ", got ",
                       runtime::shapeString(output.sizes())));
    if (source.device() != output.device() ||
        source.device().type != runtime::DeviceType::CPU)
      return absl::UnimplementedError(
          absl::StrCat("result ", result,
                       " must be copied, which only the CPU "
                       "can"));
    if (!isPlanning)
      copyElements(source, output);
  }
  return absl::OkStatus();
}

absl::Status fuser::runInto(const ProgramFunction &function,
                            absl::Span<const Value> arguments,
                            absl::Span<const Tensor> outputs) {
  if (absl::Status status = checkArguments(function, arguments); !status.ok())
    return status;
  if (absl::Status status = checkOutputs(function, outputs); !status.ok())
    return status;
  auto constants = constantsBeside(function, arguments);
  if (!constants.ok())
    return constants.status();
  CallInto call(function, arguments, *constants, outputs);
  if (function.isOneCall)
    return call.runOne();
  absl::Status status = call.check();
  return status.ok() ? call.run() : status;
}
