//===- Call.cpp - calls of the C interface --------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Errors.h"
#include "FuserRuntime/DeviceTensor.h"
#include "FuserRuntime/TensorMemory.h"
#include "Handles.h"
#include "Tensors.h"
#include "absl/strings/str_cat.h"
#include <algorithm>
#include <numeric>

using namespace fuser;
using namespace fuser::capi;
using runtime::Tensor;
using runtime::Value;

namespace {
/// Of few values, no memory is allocated for them.
using Values = absl::InlinedVector<Value, 8>;
using Tensors = absl::InlinedVector<Tensor, 4>;
} // namespace

//===----------------------------------------------------------------------===//
// Arguments and outputs
//===----------------------------------------------------------------------===//

static runtime::Session &sessionOf(const fuser_function *function) {
  return function->loaded->compiler->session();
}

static std::string describe(const fuser_function *function, const char *kind,
                            size_t index, absl::string_view name) {
  return absl::StrCat(kind, " ", index,
                      name.empty() ? "" : absl::StrCat(" ('", name, "')"),
                      " of function '", function->function.name, "'");
}

static const char *kindName(fuser_kind kind) {
  switch (kind) {
  case FUSER_TENSOR:
    return "a tensor";
  case FUSER_F64:
    return "an f64";
  case FUSER_I64:
    return "an i64";
  case FUSER_BOOL:
    return "a boolean";
  }
  return "a value of an unknown kind";
}

/// The number that `value` is for a scalar argument of type `dtype`; false if
/// it is of another kind.
static bool readNumber(const fuser_value &value, DType dtype, Value &number) {
  if (value.kind == FUSER_F64 && dtype == DType::f64)
    number = value.as.f64;
  else if (value.kind == FUSER_I64 && dtype == DType::f64)
    number = static_cast<double>(value.as.i64);
  else if (value.kind == FUSER_I64 && dtype == DType::i64)
    number = value.as.i64;
  else if (value.kind == FUSER_BOOL && dtype == DType::i1)
    number = value.as.boolean != 0;
  else
    return false;
  return true;
}

static absl::Status readArguments(const fuser_function *function,
                                  absl::Span<const fuser_value> given,
                                  Values &values) {
  const auto &signatures = function->function.arguments;
  if (given.size() != signatures.size())
    return absl::InvalidArgumentError(absl::StrCat(
        "function '", function->function.name, "' takes ", signatures.size(),
        " arguments, but ", given.size(), " were given"));
  for (size_t i = 0; i < given.size(); ++i) {
    const ValueSignature &expected = signatures[i];
    auto what = [&] {
      return describe(function, "argument", i, expected.name);
    };
    if (given[i].kind == FUSER_TENSOR && !expected.isScalar) {
      Tensor &tensor =
          std::get<Tensor>(values.emplace_back(std::in_place_type<Tensor>));
      absl::Status status =
          fromDLPack(given[i].as.tensor, expected.dtype, what, tensor);
      if (!status.ok())
        return status;
      continue;
    }
    if (!expected.isScalar ||
        !readNumber(given[i], expected.dtype, values.emplace_back(false)))
      return absl::InvalidArgumentError(absl::StrCat(
          what(), ": expected ", expected.isScalar ? "a number of type " : "",
          expected.str(), ", found ", kindName(given[i].kind)));
  }
  return absl::OkStatus();
}

static absl::Status readOutputs(const fuser_function *function,
                                absl::Span<const DLTensor *const> given,
                                Tensors &outputs) {
  const auto &signatures = function->function.results;
  if (given.size() != signatures.size())
    return absl::InvalidArgumentError(absl::StrCat(
        "function '", function->function.name, "' has ", signatures.size(),
        " results, but ", given.size(), " outputs were given"));
  for (size_t i = 0; i < given.size(); ++i) {
    absl::Status status = fromDLPack(
        given[i], signatures[i].dtype,
        [&] { return describe(function, "output", i, ""); },
        outputs.emplace_back());
    if (!status.ok())
      return status;
  }
  return absl::OkStatus();
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// A copy that keeps the order of the dimensions in memory.
static absl::StatusOr<Tensor> copyOf(const Tensor &tensor,
                                     runtime::Session &session) {
  runtime::Allocator &allocator = session.allocator();
  if (tensor.device().type != runtime::DeviceType::CPU) {
    auto cuda = session.cudaRuntime();
    if (!cuda.ok())
      return cuda.status();
    auto onHost = copyToHost(tensor, **cuda, allocator);
    auto copy = onHost.ok() ? copyOf(*onHost, session) : onHost;
    return copy.ok() ? copyToDevice(*copy, tensor.device(), **cuda) : copy;
  }
  runtime::Dims order(tensor.rank());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return tensor.strides()[a] > tensor.strides()[b];
  });
  auto copy =
      Tensor::allocate(tensor.dtype(), tensor.sizes(), order, allocator);
  if (copy.ok())
    runtime::copyElements(tensor, *copy);
  return copy;
}

/// The results of a call; those that it does not compute are copied.
static absl::StatusOr<std::vector<Tensor>> call(const fuser_function *function,
                                                const Values &arguments) {
  const ProgramFunction &callee = function->function;
  auto results = function->loaded->program.run(callee, arguments);
  if (!results.ok())
    return results;
  const size_t firstComputed =
      callee.arguments.size() + callee.constants.size();
  for (size_t i = 0; i < results->size(); ++i) {
    const auto id = static_cast<size_t>(callee.returned[i]);
    if (id >= firstComputed)
      continue;
    const auto first =
        std::find(callee.returned.begin(), callee.returned.end(), id) -
        callee.returned.begin();
    if (static_cast<size_t>(first) < i) {
      (*results)[i] = (*results)[first];
      continue;
    }
    auto copy = copyOf((*results)[i], sessionOf(function));
    if (!copy.ok())
      return copy.status();
    (*results)[i] = *std::move(copy);
  }
  return results;
}

/// All of them, or none.
static fuser_error *giveResults(std::vector<Tensor> tensors,
                                DLManagedTensor **results) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    results[i] = giveTensor(std::move(tensors[i]));
    if (results[i])
      continue;
    for (size_t made = 0; made < i; ++made) {
      results[made]->deleter(results[made]);
      results[made] = nullptr;
    }
    return outOfMemory();
  }
  return nullptr;
}

//===----------------------------------------------------------------------===//
// The public face
//===----------------------------------------------------------------------===//

fuser_error *fuser_call(fuser_function *function, const fuser_value *arguments,
                        size_t num_arguments, DLManagedTensor **results,
                        size_t num_results) FUSER_NOEXCEPT {
  if (num_results > 0 && !results)
    return invalid("results is NULL: expected where to put the results");
  std::fill_n(results, num_results, nullptr);
  if (!function || (num_arguments > 0 && !arguments))
    return invalid(function ? "arguments is NULL" : "function is NULL");
  if (num_results != function->function.results.size())
    return invalid(absl::StrCat("function '", function->function.name, "' has ",
                                function->function.results.size(),
                                " results, but there is room for ",
                                num_results));
  Values values;
  absl::Status status =
      readArguments(function, {arguments, num_arguments}, values);
  if (!status.ok())
    return errorOf(status);
  auto tensors = call(function, values);
  if (!tensors.ok())
    return errorOf(tensors.status());
  return giveResults(*std::move(tensors), results);
}

fuser_error *fuser_call_into(fuser_function *function,
                             const fuser_value *arguments, size_t num_arguments,
                             const DLTensor *const *outputs,
                             size_t num_outputs) FUSER_NOEXCEPT {
  if (!function)
    return invalid("function is NULL");
  if ((num_arguments > 0 && !arguments) || (num_outputs > 0 && !outputs))
    return invalid(arguments ? "outputs is NULL" : "arguments is NULL");
  Values values;
  Tensors tensors;
  absl::Status status =
      readArguments(function, {arguments, num_arguments}, values);
  if (status.ok())
    status = readOutputs(function, {outputs, num_outputs}, tensors);
  if (status.ok())
    status = function->loaded->program.run(function->function, values, tensors);
  return errorOf(status);
}

fuser_error *fuser_function_code(fuser_function *function,
                                 const fuser_value *arguments,
                                 size_t num_arguments, fuser_stage stage,
                                 char **text) FUSER_NOEXCEPT {
  if (!text)
    return invalid("text is NULL: expected where to put the text");
  *text = nullptr;
  if (!function || (num_arguments > 0 && !arguments))
    return invalid(function ? "arguments is NULL" : "function is NULL");
  if (stage < FUSER_STAGE_LINALG || stage > FUSER_STAGE_PTX)
    return invalid(absl::StrCat("stage is ", static_cast<int>(stage),
                                ": expected a fuser_stage"));
  Values values;
  absl::Status status =
      readArguments(function, {arguments, num_arguments}, values);
  if (!status.ok())
    return errorOf(status);
  const LoadedProgram &loaded = *function->loaded;
  auto code = loaded.compiler->emit(loaded.program, function->function, values,
                                    static_cast<EmitStage>(stage));
  return code.ok() ? giveString(*code, text) : errorOf(code.status());
}
