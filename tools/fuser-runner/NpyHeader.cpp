//===- NpyHeader.cpp - the header of .npy files ---------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Limits.h"
#include "Npy.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <optional>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error ".npy files are read and written as little-endian memory"
#endif

namespace fuser::runner {

/// NumPy's name of an element type, without the byte order. NumPy itself has no
/// bf16: extensions store it as two bytes of anything, which have no order.
static const char *npyKind(DType dtype) {
  switch (dtype) {
  case DType::i1:
    return "b1";
  case DType::ui8:
    return "u1";
  case DType::i8:
    return "i1";
  case DType::i16:
    return "i2";
  case DType::i32:
    return "i4";
  case DType::i64:
    return "i8";
  case DType::f16:
    return "f2";
  case DType::bf16:
    return "V2";
  case DType::f32:
    return "f4";
  case DType::f64:
    return "f8";
  }
  return "";
}

static absl::StatusOr<DType> parseDescr(absl::string_view descr) {
  const char *const supported =
      "expected |b1, |u1, |i1, <i2, <i4, <i8, <f2, |V2 (bf16), <f4 or <f8";
  const char order = descr.empty() ? 0 : descr[0];
  if (order == '>')
    return absl::InvalidArgumentError(absl::StrCat(
        "dtype '", excerpt(descr), "' is big-endian; ", supported));
  if (order == '|' || order == '<' || order == '=')
    for (int i = 0; i < kNumDTypes; ++i)
      if (const DType dtype = static_cast<DType>(i);
          descr.substr(1) == npyKind(dtype) &&
          (order != '|' || dtypeSize(dtype) == 1 || dtype == DType::bf16))
        return dtype;
  return absl::InvalidArgumentError(
      absl::StrCat("dtype '", excerpt(descr), "'",
                   absl::StrContains(descr, 'O') ? " (objects)" : "",
                   " is not supported; ", supported));
}

namespace {
/// Reads the subset of Python literals that headers are made of.
class LiteralParser {
public:
  explicit LiteralParser(absl::string_view text) : rest(text) {}

  absl::StatusOr<NpyHeader> parse();

private:
  void skipSpace() {
    while (!rest.empty() && (rest[0] == ' ' || rest[0] == '\n' ||
                             rest[0] == '\t' || rest[0] == '\r'))
      rest.remove_prefix(1);
  }
  bool take(absl::string_view token) {
    skipSpace();
    if (!absl::StartsWith(rest, token))
      return false;
    rest.remove_prefix(token.size());
    return true;
  }
  absl::Status expected(absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(
        "malformed header: expected ", what,
        rest.empty() ? std::string(" before its end")
                     : absl::StrCat(", found '", rest.substr(0, 20), "'")));
  }
  std::optional<absl::string_view> takeString();
  std::optional<int64_t> takeNumber();
  absl::Status parseEntry(NpyHeader &header);
  absl::Status parseShape(runtime::Dims &shape);

  absl::string_view rest;
  bool hasDescr = false, hasOrder = false, hasShape = false;
};
} // namespace

std::optional<absl::string_view> LiteralParser::takeString() {
  skipSpace();
  if (rest.empty() || (rest[0] != '\'' && rest[0] != '"'))
    return std::nullopt;
  const size_t end = rest.find(rest[0], 1);
  if (end == absl::string_view::npos)
    return std::nullopt;
  const absl::string_view result = rest.substr(1, end - 1);
  rest.remove_prefix(end + 1);
  return result;
}

std::optional<int64_t> LiteralParser::takeNumber() {
  skipSpace();
  int64_t value = 0;
  bool any = false;
  while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
    if (__builtin_mul_overflow(value, int64_t(10), &value) ||
        __builtin_add_overflow(value, int64_t(rest[0] - '0'), &value))
      return std::nullopt;
    rest.remove_prefix(1);
    any = true;
  }
  take("L"); // Python 2 wrote long numbers so
  return any ? std::optional<int64_t>(value) : std::nullopt;
}

absl::Status LiteralParser::parseShape(runtime::Dims &shape) {
  if (!take("("))
    return expected("a shape like (3, 4)");
  while (!take(")")) {
    const std::optional<int64_t> size = takeNumber();
    if (!size)
      return expected("an extent that fits 63 bits");
    shape.push_back(*size);
    skipSpace();
    if (!take(",") && !absl::StartsWith(rest, ")"))
      return expected("',' or ')'");
  }
  return absl::OkStatus();
}

absl::Status LiteralParser::parseEntry(NpyHeader &header) {
  const std::optional<absl::string_view> key = takeString();
  if (!key || !take(":"))
    return expected("'descr':, 'fortran_order': or 'shape':");
  if (*key == "descr" && !hasDescr) {
    hasDescr = true;
    skipSpace();
    if (absl::StartsWith(rest, "["))
      return absl::InvalidArgumentError(absl::StrCat(
          "structured dtype ", excerpt(rest.substr(0, rest.find("],") + 1)),
          " is not supported; expected |b1, |u1, <i4, <i8, <f4 or <f8"));
    const std::optional<absl::string_view> descr = takeString();
    if (!descr)
      return expected("a dtype like '<f4'");
    const absl::StatusOr<DType> dtype = parseDescr(*descr);
    if (!dtype.ok())
      return dtype.status();
    header.dtype = *dtype;
    return absl::OkStatus();
  }
  if (*key == "fortran_order" && !hasOrder) {
    hasOrder = true;
    header.fortranOrder = take("True");
    return header.fortranOrder || take("False") ? absl::OkStatus()
                                                : expected("True or False");
  }
  if (*key == "shape" && !hasShape) {
    hasShape = true;
    return parseShape(header.shape);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "malformed header: unexpected or repeated key '", excerpt(*key),
      "'; expected descr, fortran_order and shape"));
}

absl::StatusOr<NpyHeader> LiteralParser::parse() {
  NpyHeader header;
  if (!take("{"))
    return expected("'{'");
  while (!take("}")) {
    if (absl::Status status = parseEntry(header); !status.ok())
      return status;
    skipSpace();
    if (!take(",") && !absl::StartsWith(rest, "}"))
      return expected("',' or '}'");
  }
  skipSpace();
  if (!rest.empty())
    return expected("nothing after '}'");
  if (!hasDescr || !hasOrder || !hasShape)
    return absl::InvalidArgumentError(
        "malformed header: expected descr, fortran_order and shape");

  // Extents of 0 count as 1, so that no stride overflows either.
  int64_t reach = dtypeSize(header.dtype);
  bool empty = false;
  for (int64_t size : header.shape) {
    empty |= size == 0;
    if (__builtin_mul_overflow(reach, size == 0 ? 1 : size, &reach))
      return absl::InvalidArgumentError(
          absl::StrCat("shape (", excerpt(absl::StrJoin(header.shape, ", ")),
                       ") is larger than any memory"));
  }
  header.bytes = empty ? 0 : reach;
  return header;
}

absl::StatusOr<NpyHeader> parseNpyHeader(absl::string_view text) {
  return LiteralParser(text).parse();
}

std::string npyHeaderText(DType dtype, absl::Span<const int64_t> shape) {
  return absl::StrCat("{'descr': '", dtypeSize(dtype) == 1 ? "|" : "<",
                      npyKind(dtype), "', 'fortran_order': False, 'shape': (",
                      absl::StrJoin(shape, ", "), shape.size() == 1 ? "," : "",
                      "), }");
}

} // namespace fuser::runner
