//===- Packed.h - tvm-ffi's values and errors -------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// tvm-ffi by its C interface, which needs no exceptions. Functions that can
/// fail return 0, or -1 with an error set, as tvm-ffi's do.
///
//===----------------------------------------------------------------------===//

#ifndef FUSER_PYTHON_PACKED_H
#define FUSER_PYTHON_PACKED_H

#include "fuser-c/fuser.h"

#include <tvm/ffi/c_api.h>

#include <string>
#include <string_view>

namespace fuser::python {

/// Kinds of error, which the Python side maps to its classes.
extern const char *const kInvalidArgument;

/// Sets an error and returns -1.
int fail(const char *kind, const std::string &message);
/// Sets what `error` says, frees it, and returns -1; 0 for NULL.
int check(fuser_error *error);

/// Whether `value` is a string or bytes, and then its characters, which live as
/// long as `value`.
bool textOf(const TVMFFIAny &value, std::string_view &text);
bool integerOf(const TVMFFIAny &value, int64_t &integer);

int returnText(std::string_view text, TVMFFIAny *result);
/// Takes `text`, which fuser_string_free frees.
int returnOwnedText(char *text, TVMFFIAny *result);
/// An Array of `count` values, whose references it takes, also if it fails.
int returnArray(TVMFFIAny *values, size_t count, TVMFFIAny *result);

} // namespace fuser::python

#endif // FUSER_PYTHON_PACKED_H
