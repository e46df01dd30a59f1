//===- Program.cpp - running a loaded program -----------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DeviceConstants.h"
#include "GivenOutputs.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

using namespace fuser;
using runtime::Tensor;
using runtime::Value;

std::string ValueSignature::str() const {
  if (isScalar)
    return dtypeName(dtype);
  std::string text = "tensor<";
  for (int64_t size : sizes)
    absl::StrAppend(&text, size < 0 ? "?" : absl::StrCat(size), "x");
  return absl::StrCat(text, dtypeName(dtype), ">");
}

absl::StatusOr<const ProgramFunction *>
Program::find(std::string_view name) const {
  if (name.empty() && allFunctions.size() == 1)
    return &allFunctions.front();
  for (const ProgramFunction &function : allFunctions)
    if (function.name == name)
      return &function;
  std::string names =
      absl::StrJoin(allFunctions, ", ",
                    [](std::string *out, const ProgramFunction &function) {
                      absl::StrAppend(out, "'", function.name, "'");
                    });
  if (name.empty())
    return absl::NotFoundError(
        absl::StrCat("the program has ", allFunctions.size(),
                     " functions: name one of them (", names, ")"));
  return absl::NotFoundError(absl::StrCat(
      "the program has no function '", std::string(name), "': it has ", names));
}

/// What was found where a value of some signature was expected.
static std::string describe(const Value &value) {
  if (auto *tensor = std::get_if<Tensor>(&value))
    return absl::StrCat("tensor<", tensor->typeString(), ">");
  if (std::holds_alternative<double>(value))
    return "f64";
  return std::holds_alternative<int64_t>(value) ? "i64" : "i1";
}

bool ValueSignature::admits(const Value &value) const {
  if (auto *tensor = std::get_if<Tensor>(&value))
    return admits(*tensor);
  return isScalar && describe(value) == dtypeName(dtype);
}

bool ValueSignature::admits(const Tensor &tensor) const {
  if (isScalar || tensor.dtype() != dtype ||
      tensor.sizes().size() != sizes.size())
    return false;
  for (size_t dim = 0; dim < sizes.size(); ++dim)
    if (sizes[dim] >= 0 && sizes[dim] != tensor.sizes()[dim])
      return false;
  return true;
}

absl::Status fuser::checkArguments(const ProgramFunction &function,
                                   absl::Span<const Value> arguments) {
  if (arguments.size() != function.arguments.size())
    return absl::InvalidArgumentError(absl::StrCat(
        "function '", function.name, "' takes ", function.arguments.size(),
        " arguments, but ", arguments.size(), " were given"));
  for (size_t i = 0; i < arguments.size(); ++i) {
    const ValueSignature &expected = function.arguments[i];
    if (!expected.admits(arguments[i]))
      return absl::InvalidArgumentError(absl::StrCat(
          "argument ", i,
          expected.name.empty() ? "" : absl::StrCat(" ('", expected.name, "')"),
          " of function '", function.name, "': expected ", expected.str(),
          ", found ", describe(arguments[i])));
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::Span<const Tensor>>
fuser::constantsBeside(const ProgramFunction &function,
                       absl::Span<const Value> arguments) {
  if (!function.deviceConstants)
    return absl::Span<const Tensor>();
  return function.deviceConstants->beside(arguments);
}

/// Runs the calls of `function` by `runGroup`, which replaces the inputs on a
/// stack by the outputs.
static absl::StatusOr<std::vector<Tensor>>
runCalls(const ProgramFunction &function, absl::Span<const Value> arguments,
         const std::function<absl::Status(const ProgramFunction::Call &,
                                          runtime::Stack &)> &runGroup) {
  absl::Status status = checkArguments(function, arguments);
  if (!status.ok())
    return status;
  auto constants = constantsBeside(function, arguments);
  if (!constants.ok())
    return constants.status();
  std::vector<Value> values(arguments.begin(), arguments.end());
  values.insert(values.end(), constants->begin(), constants->end());
  runtime::Stack stack;
  for (const ProgramFunction::Call &call : function.calls) {
    stack.clear();
    for (int32_t input : call.inputs)
      stack.push_back(values[input]);
    status = runGroup(call, stack);
    if (!status.ok())
      return status;
    values.insert(values.end(), stack.begin(), stack.end());
    stack.clear();
    for (int32_t id : call.lastUses)
      values[id] = false; // Gives its memory back.
  }
  std::vector<Tensor> results;
  for (int32_t id : function.returned)
    results.push_back(std::get<Tensor>(values[id]));
  return results;
}

absl::StatusOr<std::vector<Tensor>>
Program::run(const ProgramFunction &function,
             absl::Span<const Value> arguments) const {
  return runCalls(function, arguments,
                  [&](const ProgramFunction::Call &call,
                      runtime::Stack &stack) { return call.site->run(stack); });
}

absl::Status Program::run(const ProgramFunction &function,
                          absl::Span<const Value> arguments,
                          absl::Span<const Tensor> outputs) const {
  return runInto(function, arguments, outputs);
}

absl::StatusOr<std::vector<Tensor>>
Program::runFallback(const ProgramFunction &function,
                     absl::Span<const Value> arguments) const {
  return runCalls(
      function, arguments,
      [&](const ProgramFunction::Call &call, runtime::Stack &stack) {
        return call.site->runFallback(stack);
      });
}

absl::Status Program::forEachCall(
    const ProgramFunction &function, absl::Span<const Value> arguments,
    const std::function<absl::Status(const ProgramFunction::Call &,
                                     absl::Span<const Value>)> &visit) const {
  return runCalls(function, arguments,
                  [&](const ProgramFunction::Call &call,
                      runtime::Stack &stack) -> absl::Status {
                    absl::Status status = visit(call, stack);
                    return status.ok() ? call.site->run(stack) : status;
                  })
      .status();
}
