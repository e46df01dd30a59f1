//===- Packed.cpp - tvm-ffi's values and errors ---------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Packed.h"

namespace fuser::python {

const char *const kInvalidArgument = "fuser.InvalidArgument";

int fail(const char *kind, const std::string &message) {
  TVMFFIErrorSetRaisedFromCStr(kind, message.c_str());
  return -1;
}

static const char *kindOf(fuser_code code) {
  switch (code) {
  case FUSER_INVALID_ARGUMENT:
    return kInvalidArgument;
  case FUSER_NOT_FOUND:
    return "fuser.NotFound";
  case FUSER_OUT_OF_MEMORY:
    return "fuser.OutOfMemory";
  default:
    return "fuser.Error";
  }
}

int check(fuser_error *error) {
  if (!error)
    return 0;
  TVMFFIErrorSetRaisedFromCStr(kindOf(fuser_error_code(error)),
                               fuser_error_message(error));
  fuser_error_free(error);
  return -1;
}

bool textOf(const TVMFFIAny &value, std::string_view &text) {
  switch (value.type_index) {
  case kTVMFFISmallStr:
  case kTVMFFISmallBytes:
    text = {value.v_bytes, value.small_str_len};
    return true;
  case kTVMFFIRawStr:
    text = value.v_c_str;
    return true;
  case kTVMFFIStr:
  case kTVMFFIBytes: {
    const TVMFFIByteArray *bytes = TVMFFIBytesGetByteArrayPtr(value.v_obj);
    text = {bytes->data, bytes->size};
    return true;
  }
  default:
    return false;
  }
}

bool integerOf(const TVMFFIAny &value, int64_t &integer) {
  if (value.type_index != kTVMFFIInt && value.type_index != kTVMFFIBool)
    return false;
  integer = value.v_int64;
  return true;
}

int returnText(std::string_view text, TVMFFIAny *result) {
  const TVMFFIByteArray bytes = {text.data(), text.size()};
  return TVMFFIStringFromByteArray(&bytes, result);
}

int returnOwnedText(char *text, TVMFFIAny *result) {
  const int status = returnText(text, result);
  fuser_string_free(text);
  return status;
}

/// tvm-ffi's function that makes an Array of its arguments. Lives for ever.
static TVMFFIObjectHandle arrayMaker() {
  static const TVMFFIObjectHandle maker = [] {
    const TVMFFIByteArray name = {"ffi.Array", 9};
    TVMFFIObjectHandle function = nullptr;
    TVMFFIFunctionGetGlobal(&name, &function);
    return function;
  }();
  return maker;
}

int returnArray(TVMFFIAny *values, size_t count, TVMFFIAny *result) {
  int status = -1;
  if (TVMFFIObjectHandle maker = arrayMaker())
    status =
        TVMFFIFunctionCall(maker, values, static_cast<int32_t>(count), result);
  else
    fail("fuser.Error", "tvm-ffi has no function ffi.Array");
  for (size_t i = 0; i < count; ++i)
    TVMFFIObjectDecRef(values[i].v_obj);
  return status;
}

} // namespace fuser::python
