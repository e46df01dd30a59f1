//===- Errors.cpp - statuses as errors of the C interface -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Errors.h"
#include <cstdlib>
#include <cstring>
#include <new>

using namespace fuser::capi;

struct fuser_error {
  fuser_code code;
  char *message; ///< owned, unless the error is outOfMemory()
};

/// Needs no memory, so there is one for all, which is never freed.
static fuser_error noMemory{FUSER_OUT_OF_MEMORY,
                            const_cast<char *>("there is no memory")};

fuser_error *fuser::capi::outOfMemory() { return &noMemory; }

/// A copy that ends with a 0, or NULL if there is no memory.
static char *copyText(std::string_view text) {
  auto *copy = static_cast<char *>(std::malloc(text.size() + 1));
  if (!copy)
    return nullptr;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = 0;
  return copy;
}

static fuser_error *makeError(fuser_code code, std::string_view message) {
  char *copy = copyText(message);
  auto *error = copy ? new (std::nothrow) fuser_error{code, copy} : nullptr;
  if (error)
    return error;
  std::free(copy);
  return outOfMemory();
}

static fuser_code codeOf(absl::StatusCode code) {
  switch (code) {
  case absl::StatusCode::kOk:
    return FUSER_OK;
  case absl::StatusCode::kInvalidArgument:
    return FUSER_INVALID_ARGUMENT;
  case absl::StatusCode::kNotFound:
    return FUSER_NOT_FOUND;
  case absl::StatusCode::kResourceExhausted:
    return FUSER_OUT_OF_MEMORY;
  case absl::StatusCode::kUnimplemented:
  case absl::StatusCode::kFailedPrecondition:
  case absl::StatusCode::kUnavailable:
    return FUSER_UNSUPPORTED;
  default:
    return FUSER_INTERNAL;
  }
}

fuser_error *fuser::capi::errorOf(const absl::Status &status) {
  if (status.ok())
    return nullptr;
  absl::string_view message = status.message();
  return makeError(codeOf(status.code()), {message.data(), message.size()});
}

fuser_error *fuser::capi::invalid(std::string_view message) {
  return makeError(FUSER_INVALID_ARGUMENT, message);
}

fuser_error *fuser::capi::giveString(std::string_view text, char **copy) {
  *copy = copyText(text);
  return *copy ? nullptr : outOfMemory();
}

fuser_code fuser_error_code(const fuser_error *error) FUSER_NOEXCEPT {
  return error ? error->code : FUSER_OK;
}

const char *fuser_error_message(const fuser_error *error) FUSER_NOEXCEPT {
  return error ? error->message : "";
}

void fuser_error_free(fuser_error *error) FUSER_NOEXCEPT {
  if (!error || error == &noMemory)
    return;
  std::free(error->message);
  delete error;
}

void fuser_string_free(char *string) FUSER_NOEXCEPT { std::free(string); }
