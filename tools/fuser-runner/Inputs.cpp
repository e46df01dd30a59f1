//===- Inputs.cpp - values for the arguments of a function ----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Inputs.h"
#include "Generate.h"
#include "Limits.h"
#include "Npy.h"
#include "Place.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include <algorithm>
#include <optional>
#include <tuple>

using fuser::runtime::Tensor;
using fuser::runtime::Value;

namespace fuser::runner {

std::string argumentName(const ProgramFunction &function, size_t index) {
  const std::string &name = function.arguments[index].name;
  return name.empty() ? absl::StrCat("arg", index) : name;
}

static bool isNameCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
         c == '$' || c == '.' || c == '-';
}

static bool isName(absl::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), isNameCharacter);
}

std::vector<std::string> makeResultNames(const ProgramFunction &function) {
  std::vector<std::string> names(function.results.size());
  auto isTaken = [&names](const std::string &name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string &name = function.results[i].name;
    if (isName(name) && name[0] != '.' && !isTaken(name))
      names[i] = name;
  }
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string name = absl::StrCat("result", i);
    std::string free = name;
    for (int number = 2; names[i].empty() && isTaken(free); ++number)
      free = absl::StrCat(name, "_", number);
    if (names[i].empty())
      names[i] = free;
  }
  return names;
}

std::string typeString(const Value &value) {
  if (const auto *tensor = std::get_if<Tensor>(&value))
    return absl::StrCat("tensor<", tensor->typeString(), ">");
  if (std::holds_alternative<double>(value))
    return "f64";
  return std::holds_alternative<int64_t>(value) ? "i64" : "i1";
}

//===----------------------------------------------------------------------===//
// One value
//===----------------------------------------------------------------------===//

/// A runtime scalar of the type of `element`, the only element of a tensor.
static Value scalarFrom(const Tensor &element) {
  switch (element.dtype()) {
  case DType::f64:
    return *element.dataAs<double>();
  case DType::i64:
    return *element.dataAs<int64_t>();
  case DType::i1:
    return *element.dataAs<uint8_t>() != 0;
  default:
    return element; // does not fit; Program says so
  }
}

static absl::StatusOr<Value> parseScalar(DType dtype, absl::string_view text) {
  double real;
  int64_t integer;
  bool truth;
  if (dtype == DType::f64 && absl::SimpleAtod(text, &real))
    return real;
  if (dtype == DType::i64 && absl::SimpleAtoi(text, &integer))
    return integer;
  if (dtype == DType::i1 && absl::SimpleAtob(text, &truth))
    return truth;
  return absl::InvalidArgumentError(
      absl::StrCat("expected ",
                   dtype == DType::f64   ? "a number like 3.5"
                   : dtype == DType::i64 ? "an integer of 64 bits like 7"
                                         : "true or false",
                   ", found '", excerpt(text), "'"));
}

/// What "random" without a type stands for.
static absl::StatusOr<GeneratedType> ownType(const ValueSignature &signature,
                                             absl::string_view filling) {
  for (int64_t size : signature.sizes)
    if (size < 0)
      return absl::InvalidArgumentError(absl::StrCat(
          "its type ", signature.str(),
          " has dynamic extents; give a shape: ", filling, ":",
          absl::StrJoin(signature.sizes, "x",
                        [](auto *out, auto size) {
                          absl::StrAppend(out, size < 0 ? 8 : size);
                        }),
          "x", dtypeName(signature.dtype)));
  return GeneratedType{signature.dtype, signature.sizes};
}

static bool looksLikeNumber(absl::string_view text) {
  double real;
  return absl::SimpleAtod(text, &real) || text == "true" || text == "false";
}

/// Splits "SPEC@1x4+2" into SPEC and what is said of the layout; leaves alone
/// what does not end so.
static std::pair<absl::string_view, absl::string_view>
splitLayout(absl::string_view spec) {
  const size_t at = spec.rfind('@');
  if (at == absl::string_view::npos ||
      spec.find_first_not_of("0123456789x+", at + 1) != absl::string_view::npos)
    return {spec, {}};
  return {spec.substr(0, at), spec.substr(at)};
}

/// Reads "@1x4+2": strides, and the place of the first element.
static absl::StatusOr<Placement> parseLayout(absl::string_view text,
                                             size_t rank) {
  Placement placement;
  const size_t plus = text.find('+');
  bool isValid = plus == absl::string_view::npos ||
                 absl::SimpleAtoi(text.substr(plus + 1), &placement.offset);
  for (absl::string_view word :
       absl::StrSplit(text.substr(1, plus - 1), 'x', absl::SkipEmpty()))
    isValid &= absl::SimpleAtoi(word, &placement.strides.emplace_back());
  if (isValid && placement.strides.size() == rank)
    return placement;
  return absl::InvalidArgumentError(
      absl::StrCat("expected a layout of ", rank,
                   " strides and perhaps an offset like @8x1+2, found '",
                   excerpt(text), "'"));
}

static absl::StatusOr<Value> makeValue(const ValueSignature &signature,
                                       absl::string_view spec, uint64_t seed,
                                       uint64_t stream,
                                       runtime::Allocator &allocator) {
  absl::string_view layout;
  std::tie(spec, layout) = splitLayout(spec);
  absl::StatusOr<Tensor> tensor;
  const size_t colon = spec.find(':');
  const absl::string_view word = spec.substr(0, colon);
  if (const std::optional<Filling> filling = findFilling(word)) {
    const absl::StatusOr<GeneratedType> type =
        colon == absl::string_view::npos
            ? ownType(signature, word)
            : parseGeneratedType(spec.substr(colon + 1));
    if (!type.ok())
      return type.status();
    tensor = generate(*filling, *type, seed, stream, allocator);
  } else if (signature.isScalar &&
             (spec.size() < 4 || spec.substr(spec.size() - 4) != ".npy")) {
    return parseScalar(signature.dtype, spec);
  } else if (looksLikeNumber(spec)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "expected a .npy file or random:, zeros:, ones: or iota: with a type "
        "for ",
        signature.str(), ", found '", excerpt(spec), "'"));
  } else {
    tensor = readNpy(std::string(spec), allocator);
  }
  if (tensor.ok() && !layout.empty()) {
    const absl::StatusOr<Placement> placement =
        parseLayout(layout, tensor->sizes().size());
    tensor = placement.ok() ? placeTensor(*tensor, *placement, allocator)
                            : placement.status();
  }
  if (!tensor.ok())
    return tensor.status();
  if (signature.isScalar && tensor->rank() == 0)
    return scalarFrom(*tensor);
  return *tensor;
}

//===----------------------------------------------------------------------===//
// All values
//===----------------------------------------------------------------------===//

static std::string listArguments(const ProgramFunction &function) {
  std::vector<std::string> names;
  for (size_t i = 0; i < function.arguments.size(); ++i)
    names.push_back(absl::StrCat(argumentName(function, i), ": ",
                                 function.arguments[i].str()));
  return names.empty() ? "none" : absl::StrJoin(names, ", ");
}

/// The spec of each argument; empty where there is none.
static absl::StatusOr<std::vector<std::string>>
assignSpecs(const ProgramFunction &function,
            absl::Span<const std::string> specs) {
  const size_t numArguments = function.arguments.size();
  std::vector<std::string> assigned(numArguments);
  std::vector<absl::string_view> unnamed;
  for (absl::string_view spec : specs) {
    const size_t equals = spec.find('=');
    const absl::string_view name = spec.substr(0, equals);
    if (spec.empty() || equals + 1 == spec.size())
      return absl::InvalidArgumentError(absl::StrCat(
          "--input: expected NAME=SPEC or SPEC, found '", spec, "'"));
    if (equals == absl::string_view::npos || !isName(name)) {
      unnamed.push_back(spec);
      continue;
    }
    size_t index = 0;
    while (index < numArguments && function.arguments[index].name != name)
      ++index;
    for (size_t i = 0; index == numArguments && i < numArguments; ++i)
      if (name == absl::StrCat("arg", i))
        index = i;
    if (index == numArguments)
      return absl::InvalidArgumentError(absl::StrCat(
          "--input: function '", function.name, "' has no argument '", name,
          "'; its arguments: ", listArguments(function)));
    if (!assigned[index].empty())
      return absl::InvalidArgumentError(
          absl::StrCat("--input: argument '", name, "' is given twice"));
    assigned[index] = std::string(spec.substr(equals + 1));
  }
  auto next = assigned.begin();
  for (absl::string_view spec : unnamed) {
    next = std::find(next, assigned.end(), "");
    if (next == assigned.end())
      return absl::InvalidArgumentError(
          absl::StrCat("--input: function '", function.name, "' takes ",
                       numArguments, " arguments (", listArguments(function),
                       "), found ", specs.size(), " inputs"));
    *next = std::string(spec);
  }
  return assigned;
}

static absl::Status missingInputs(const ProgramFunction &function,
                                  absl::Span<const std::string> assigned) {
  std::vector<std::string> missing;
  std::string example;
  for (size_t i = 0; i < assigned.size(); ++i) {
    if (!assigned[i].empty())
      continue;
    const ValueSignature &signature = function.arguments[i];
    missing.push_back(
        absl::StrCat(argumentName(function, i), ": ", signature.str()));
    if (!example.empty())
      continue;
    example = absl::StrCat("--input ", argumentName(function, i), "=");
    if (signature.isScalar) {
      absl::StrAppend(&example, signature.dtype == DType::i1 ? "true" : "2");
      continue;
    }
    absl::StrAppend(&example, "random:");
    for (int64_t size : signature.sizes)
      absl::StrAppend(&example, size < 0 ? 8 : size, "x");
    absl::StrAppend(&example, dtypeName(signature.dtype));
  }
  if (missing.empty())
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "function '", function.name, "' needs inputs for ",
      absl::StrJoin(missing, ", "), "; give each one like ", example));
}

absl::StatusOr<std::vector<Value>>
makeInputs(const ProgramFunction &function, absl::Span<const std::string> specs,
           uint64_t seed, runtime::Allocator &allocator) {
  const absl::StatusOr<std::vector<std::string>> assigned =
      assignSpecs(function, specs);
  if (!assigned.ok())
    return assigned.status();
  if (absl::Status status = missingInputs(function, *assigned); !status.ok())
    return status;
  std::vector<Value> values;
  for (size_t i = 0; i < assigned->size(); ++i) {
    absl::StatusOr<Value> value =
        makeValue(function.arguments[i], (*assigned)[i], seed, i, allocator);
    if (!value.ok())
      return absl::InvalidArgumentError(
          absl::StrCat("input '", argumentName(function, i),
                       "': ", value.status().message()));
    values.push_back(std::move(*value));
  }
  return values;
}

} // namespace fuser::runner
