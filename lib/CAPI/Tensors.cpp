//===- Tensors.cpp - DLPack's tensors and ours ----------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tensors.h"
#include "FuserRuntime/TensorMemory.h"
#include "absl/strings/str_cat.h"
#include <new>

using namespace fuser;
using namespace fuser::capi;
using runtime::Dims;
using runtime::Tensor;

//===----------------------------------------------------------------------===//
// Types and devices
//===----------------------------------------------------------------------===//

/// DLPack's codes of types; older headers lack some.
enum TypeCode : uint8_t {
  kInt = 0,
  kUInt = 1,
  kFloat = 2,
  kBfloat = 4,
  kBool = 6,
};

DLDataType fuser::capi::toDLPack(DType dtype) {
  uint8_t code = kInt;
  if (dtype == DType::i1)
    code = kBool;
  else if (dtype == DType::ui8)
    code = kUInt;
  else if (dtype == DType::bf16)
    code = kBfloat;
  else if (isFloat(dtype))
    code = kFloat;
  return {code, static_cast<uint8_t>(8 * dtypeSize(dtype)), 1};
}

static bool isOf(DLDataType type, DType dtype) {
  const DLDataType expected = toDLPack(dtype);
  return type.code == expected.code && type.bits == expected.bits &&
         type.lanes == expected.lanes;
}

/// Looks at `dtype` first. False if there is no such type.
static bool fromDLPack(DLDataType type, DType &dtype) {
  if (isOf(type, dtype))
    return true;
  for (int i = 0; i < kNumDTypes; ++i) {
    dtype = static_cast<DType>(i);
    if (isOf(type, dtype))
      return true;
  }
  return false;
}

static bool fromDLPack(DLDevice device, runtime::Device &result) {
  result = {};
  if (device.device_type == kDLCPU)
    return true;
  result = {runtime::DeviceType::CUDA, device.device_id};
  return device.device_type == kDLCUDA;
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

/// More than any framework has; a larger number comes from memory that holds
/// something else.
static constexpr int kMaxRank = 1024;

absl::Status fuser::capi::fromDLPack(const DLTensor *tensor, DType likely,
                                     absl::FunctionRef<std::string()> what,
                                     Tensor &result) {
  auto refuse = [&](const auto &...why) {
    return absl::InvalidArgumentError(absl::StrCat(what(), ": ", why...));
  };
  if (!tensor)
    return refuse("expected a tensor, found NULL");
  if (tensor->ndim < 0 || tensor->ndim > kMaxRank)
    return refuse("ndim is ", tensor->ndim, ": expected 0 to ", kMaxRank);
  if (tensor->ndim > 0 && !tensor->shape)
    return refuse("shape is NULL: expected ", tensor->ndim, " sizes");
  DType dtype = likely;
  if (!::fromDLPack(tensor->dtype, dtype))
    return refuse("dtype has code ", tensor->dtype.code, ", ",
                  tensor->dtype.bits, " bits and ", tensor->dtype.lanes,
                  " lanes: expected one lane of ", kDTypeNames);
  runtime::Device device;
  if (!::fromDLPack(tensor->device, device))
    return refuse("is on a device of type ",
                  static_cast<int>(tensor->device.device_type),
                  ": expected kDLCPU (1), as the session has no kernels for "
                  "others");
  const absl::Span<const int64_t> sizes(tensor->shape, tensor->ndim);
  void *data = tensor->data
                   ? static_cast<char *>(tensor->data) + tensor->byte_offset
                   : nullptr;
  result =
      tensor->strides
          ? Tensor::borrow(data, dtype, sizes, {tensor->strides, sizes.size()},
                           nullptr, device)
          : Tensor::borrow(data, dtype, sizes, runtime::rowMajorStrides(sizes),
                           nullptr, device);
  if (absl::string_view why = runtime::whyUnusable(result); !why.empty())
    return refuse("a tensor of shape ", runtime::shapeString(sizes), " ", why);
  return absl::OkStatus();
}

namespace {
/// What a result's deleter deletes.
struct Result {
  explicit Result(Tensor given) : tensor(std::move(given)) {
    managed.dl_tensor.data = tensor.data();
    managed.dl_tensor.device = {kDLCPU, tensor.device().index};
    if (tensor.device().type == runtime::DeviceType::CUDA)
      managed.dl_tensor.device.device_type = kDLCUDA;
    managed.dl_tensor.ndim = static_cast<int>(tensor.rank());
    managed.dl_tensor.dtype = toDLPack(tensor.dtype());
    // DLPack has no const; nobody may change them.
    managed.dl_tensor.shape = const_cast<int64_t *>(tensor.sizes().data());
    managed.dl_tensor.strides = const_cast<int64_t *>(tensor.strides().data());
    managed.dl_tensor.byte_offset = 0;
    managed.manager_ctx = this;
    managed.deleter = [](DLManagedTensor *self) {
      delete static_cast<Result *>(self->manager_ctx);
    };
  }

  DLManagedTensor managed;
  const Tensor tensor;
};
} // namespace

DLManagedTensor *fuser::capi::giveTensor(Tensor tensor) {
  auto *result = new (std::nothrow) Result(std::move(tensor));
  return result ? &result->managed : nullptr;
}
