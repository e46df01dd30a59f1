//===- Callee.cpp - one function of a program, for Python -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Callee.h"

#include <array>
#include <tvm/ffi/extra/c_env_api.h>

namespace fuser::python {

Callee::~Callee() {
  fuser_function_free(function);
  fuser_program_free(program);
}

void *newReference(const std::shared_ptr<Callee> &callee) {
  return new std::shared_ptr<Callee>(callee);
}

void deleteReference(void *self) {
  delete static_cast<std::shared_ptr<Callee> *>(self);
}

static Callee &calleeOf(void *self) {
  return **static_cast<std::shared_ptr<Callee> *>(self);
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

namespace {

/// `count` elements, on the stack where they are few.
template <typename T> class Buffer {
public:
  explicit Buffer(size_t count) {
    if (count > inlined.size())
      heap.reset(new T[count]);
    data = heap ? heap.get() : inlined.data();
  }
  T &operator[](size_t i) { return data[i]; }
  T *get() { return data; }

private:
  std::array<T, 12> inlined;
  std::unique_ptr<T[]> heap;
  T *data;
};

/// The values of one call. With `Bits`, ui16 tensors are seen as bf16.
template <bool Bits> class Values {
public:
  explicit Values(size_t count)
      : values(count), tensors(count), retyped(Bits ? count : 0) {}

  fuser_value *arguments() { return values.get(); }
  const DLTensor *const *outputs() { return tensors.get(); }
  /// Where the last tensor is.
  DLDevice device() const { return lastDevice; }

  int setArgument(const Callee &callee, size_t index, const TVMFFIAny &value);
  int setOutput(const Callee &callee, size_t index, const TVMFFIAny &value,
                size_t slot);

private:
  const DLTensor *tensorOf(const TVMFFIAny &value, size_t slot);

  Buffer<fuser_value> values;
  Buffer<const DLTensor *> tensors;
  Buffer<DLTensor> retyped;
  DLDevice lastDevice{kDLCPU, 0};
};

} // namespace

/// The tensor that `value` is, or NULL.
template <bool Bits>
const DLTensor *Values<Bits>::tensorOf(const TVMFFIAny &value, size_t slot) {
  const DLTensor *tensor = nullptr;
  if (value.type_index == kTVMFFITensor)
    tensor = TVMFFITensorGetDLTensorPtr(value.v_obj);
  else if (value.type_index == kTVMFFIDLTensorPtr)
    tensor = static_cast<const DLTensor *>(value.v_ptr);
  if (Bits && tensor && tensor->dtype.code == kDLUInt &&
      tensor->dtype.bits == 16) {
    retyped[slot] = *tensor;
    retyped[slot].dtype.code = kDLBfloat;
    tensor = &retyped[slot];
  }
  if (tensor)
    lastDevice = tensor->device;
  return tensor;
}

/// The stream that the package of the arrays has told tvm-ffi.
static void *streamOf(DLDevice device) {
  return device.device_type == kDLCPU
             ? nullptr
             : TVMFFIEnvGetStream(device.device_type, device.device_id);
}

static std::string argumentName(const Callee &callee, size_t index) {
  const char *name = fuser_function_argument(callee.function, index).name;
  if (name && *name)
    return std::string("argument '") + name + "'";
  return "argument " + std::to_string(index);
}

template <bool Bits>
int Values<Bits>::setArgument(const Callee &callee, size_t index,
                              const TVMFFIAny &value) {
  fuser_value &argument = values[index];
  if (const DLTensor *tensor = tensorOf(value, index)) {
    argument.kind = FUSER_TENSOR;
    argument.as.tensor = tensor;
    return 0;
  }
  switch (value.type_index) {
  case kTVMFFIFloat:
    argument.kind = FUSER_F64;
    argument.as.f64 = value.v_float64;
    return 0;
  case kTVMFFIInt:
    argument.kind = FUSER_I64;
    argument.as.i64 = value.v_int64;
    return 0;
  case kTVMFFIBool:
    // Python's bool is an int; what the program makes of it decides.
    argument.kind = callee.kinds[index] == FUSER_BOOL ? FUSER_BOOL : FUSER_I64;
    if (argument.kind == FUSER_BOOL)
      argument.as.boolean = value.v_int64 != 0;
    else
      argument.as.i64 = value.v_int64;
    return 0;
  default:
    return fail(kInvalidArgument, argumentName(callee, index) +
                                      " is neither an array nor a number");
  }
}

template <bool Bits>
int Values<Bits>::setOutput(const Callee &callee, size_t index,
                            const TVMFFIAny &value, size_t slot) {
  tensors[index] = tensorOf(value, slot);
  if (tensors[index])
    return 0;
  return fail(kInvalidArgument,
              "output " + std::to_string(index) + " is not an array");
}

static int failCount(const Callee &callee, size_t outputs, size_t found) {
  const char *name = fuser_function_name(callee.function);
  std::string message = std::string(name) + " takes " +
                        std::to_string(callee.kinds.size()) + " arguments";
  if (outputs)
    message += " and " + std::to_string(outputs) + " outputs";
  return fail(kInvalidArgument,
              message + ", there are " + std::to_string(found));
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

template <bool Bits>
static int callInto(const Callee &callee, const TVMFFIAny *args,
                    size_t numArgs) {
  const size_t numArguments = callee.kinds.size();
  if (numArgs != numArguments + callee.numResults)
    return failCount(callee, callee.numResults, numArgs);
  Values<Bits> values(numArgs);
  for (size_t i = 0; i < numArguments; ++i)
    if (values.setArgument(callee, i, args[i]))
      return -1;
  for (size_t i = 0; i < callee.numResults; ++i)
    if (values.setOutput(callee, i, args[numArguments + i], numArguments + i))
      return -1;
  const StreamScope scope(values.device(), streamOf(values.device()));
  return check(fuser_call_into(callee.function, values.arguments(),
                               numArguments, values.outputs(),
                               callee.numResults));
}

int intoPacked(void *self, const TVMFFIAny *args, int32_t numArgs,
               TVMFFIAny *) {
  return callInto<false>(calleeOf(self), args, numArgs);
}

int intoBitsPacked(void *self, const TVMFFIAny *args, int32_t numArgs,
                   TVMFFIAny *) {
  return callInto<true>(calleeOf(self), args, numArgs);
}

/// Makes a tensor of tvm-ffi of `managed`, which it takes, also if it fails.
template <bool Bits>
static int ownResult(DLManagedTensor *managed, TVMFFIAny &value) {
  DLDataType &dtype = managed->dl_tensor.dtype;
  if (Bits && dtype.code == kDLBfloat)
    dtype.code = kDLUInt;
  TVMFFIObjectHandle tensor = nullptr;
  if (TVMFFITensorFromDLPack(managed, 0, 0, &tensor)) {
    managed->deleter(managed);
    return -1;
  }
  value = {};
  value.type_index = kTVMFFITensor;
  value.v_obj = static_cast<TVMFFIObject *>(tensor);
  return 0;
}

/// Takes all of `managed`, also if it fails.
template <bool Bits>
static int returnResults(DLManagedTensor **managed, size_t count,
                         TVMFFIAny *result) {
  Buffer<TVMFFIAny> values(count);
  size_t made = 0;
  while (made < count && !ownResult<Bits>(managed[made], values[made]))
    ++made;
  if (made == count) {
    if (count != 1)
      return returnArray(values.get(), count, result);
    *result = values[0];
    return 0;
  }
  for (size_t i = 0; i < made; ++i)
    TVMFFIObjectDecRef(values[i].v_obj);
  for (size_t i = made + 1; i < count; ++i)
    managed[i]->deleter(managed[i]);
  return -1;
}

template <bool Bits>
static int call(const Callee &callee, const TVMFFIAny *args, size_t numArgs,
                TVMFFIAny *result) {
  if (numArgs != callee.kinds.size())
    return failCount(callee, 0, numArgs);
  Values<Bits> values(numArgs);
  for (size_t i = 0; i < numArgs; ++i)
    if (values.setArgument(callee, i, args[i]))
      return -1;
  Buffer<DLManagedTensor *> managed(callee.numResults);
  const StreamScope scope(values.device(), streamOf(values.device()));
  if (check(fuser_call(callee.function, values.arguments(), numArgs,
                       managed.get(), callee.numResults)))
    return -1;
  return returnResults<Bits>(managed.get(), callee.numResults, result);
}

int callPacked(void *self, const TVMFFIAny *args, int32_t numArgs,
               TVMFFIAny *result) {
  return call<false>(calleeOf(self), args, numArgs, result);
}

int callBitsPacked(void *self, const TVMFFIAny *args, int32_t numArgs,
                   TVMFFIAny *result) {
  return call<true>(calleeOf(self), args, numArgs, result);
}

int codePacked(void *self, const TVMFFIAny *args, int32_t numArgs,
               TVMFFIAny *result) {
  const Callee &callee = calleeOf(self);
  const size_t numArguments = callee.kinds.size();
  int64_t stage = 0;
  if (numArgs < 1 || !integerOf(args[0], stage))
    return fail(kInvalidArgument, "code takes a stage and arguments");
  if (static_cast<size_t>(numArgs) - 1 != numArguments)
    return failCount(callee, 0, numArgs - 1);
  Values<true> values(numArguments);
  for (size_t i = 0; i < numArguments; ++i)
    if (values.setArgument(callee, i, args[i + 1]))
      return -1;
  char *text = nullptr;
  if (check(fuser_function_code(callee.function, values.arguments(),
                                numArguments, static_cast<fuser_stage>(stage),
                                &text)))
    return -1;
  return returnOwnedText(text, result);
}

//===----------------------------------------------------------------------===//
// Descriptions
//===----------------------------------------------------------------------===//

/// `name` as a string of JSON.
static std::string quote(const char *name) {
  std::string text = "\"";
  for (; name && *name; ++name) {
    const auto byte = static_cast<unsigned char>(*name);
    if (byte < 0x20) {
      constexpr char kDigits[] = "0123456789abcdef";
      text += "\\u00";
      text += {kDigits[byte / 16], kDigits[byte % 16]};
      continue;
    }
    if (byte == '"' || byte == '\\')
      text += '\\';
    text += *name;
  }
  return text + '"';
}

static std::string describe(const fuser_signature &signature) {
  std::string text = "{\"name\": " + quote(signature.name);
  text += ", \"dtype\": [" + std::to_string(signature.dtype.code) + ", " +
          std::to_string(signature.dtype.bits) + "], \"scalar\": ";
  text += signature.is_scalar ? "true" : "false";
  text += ", \"shape\": [";
  for (int32_t i = 0; i < signature.ndim; ++i)
    text += (i ? ", " : "") + std::to_string(signature.shape[i]);
  return text + "]}";
}

static std::string describe(const Callee &callee) {
  std::string text =
      "{\"name\": " + quote(fuser_function_name(callee.function));
  text += ", \"groups\": " +
          std::to_string(fuser_function_num_groups(callee.function)) +
          ", \"arguments\": [";
  for (size_t i = 0; i < callee.kinds.size(); ++i)
    text +=
        (i ? ", " : "") + describe(fuser_function_argument(callee.function, i));
  text += "], \"results\": [";
  for (size_t i = 0; i < callee.numResults; ++i)
    text +=
        (i ? ", " : "") + describe(fuser_function_result(callee.function, i));
  return text + "]}";
}

int queryPacked(void *self, const TVMFFIAny *args, int32_t numArgs,
                TVMFFIAny *result) {
  const Callee &callee = calleeOf(self);
  std::string_view what;
  if (numArgs == 1)
    textOf(args[0], what);
  if (what == "signature")
    return returnText(describe(callee), result);
  if (what == "groups")
    return returnText(fuser_program_groups(callee.program), result);
  if (what == "reference") {
    result->type_index = kTVMFFIInt;
    result->v_int64 = reinterpret_cast<int64_t>(
        newReference(*static_cast<std::shared_ptr<Callee> *>(self)));
    return 0;
  }
  if (what != "explain")
    return fail(kInvalidArgument, "there is no such text");
  char *json = nullptr;
  if (check(fuser_program_explain(callee.program, &json)))
    return -1;
  return returnOwnedText(json, result);
}

} // namespace fuser::python
