//===- DeviceTensor.cpp - tensors from and to devices ---------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/DeviceTensor.h"
#include "FuserRuntime/Stream.h"
#include "Views.h"
#include "absl/strings/str_cat.h"

namespace fuser::runtime {

namespace {
/// Memory for the copy of a tensor.
struct Place {
  std::shared_ptr<void> block;
  char *begin = nullptr;
};
} // namespace

/// As aligned as `range` is. Nothing for no bytes.
static absl::StatusOr<Place> allocateLike(const ByteRange &range,
                                          Allocator &allocator) {
  Place place;
  const std::size_t before = range.begin % Tensor::kAlignment;
  const std::size_t bytes = before + (range.end - range.begin);
  if (range.begin == range.end)
    return place;
  void *block = allocator.allocate(bytes);
  if (!block)
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory for ", bytes, " bytes of a copied tensor"));
  place.block = std::shared_ptr<void>(
      block, [keeper = allocator.weak_from_this().lock(), &allocator,
              bytes](void *freed) { allocator.deallocate(freed, bytes); });
  place.begin = static_cast<char *>(block) + before;
  return place;
}

/// What is copied is waited for, which is not possible in a capture and would
/// make it void.
static absl::Status checkNotCaptured(const CudaRuntime &cuda, Device device,
                                     Stream stream) {
  absl::StatusOr<bool> isCapturing = cuda.isCapturing(device, stream);
  if (!isCapturing.ok() || !*isCapturing)
    return isCapturing.status();
  return absl::FailedPreconditionError(
      "a tensor can't be copied between the host and a device while the stream "
      "is captured");
}

/// A tensor like `tensor` on device `home` in new memory of `allocator`, which
/// `copy(to, from, bytes)` fills in the order of the current stream of
/// `device`.
template <class Copy>
static absl::StatusOr<Tensor> copyTensor(const Tensor &tensor, Device home,
                                         Device device, CudaRuntime &cuda,
                                         Allocator &allocator, Copy copy) {
  const ByteRange range(tensor);
  absl::StatusOr<Place> place = allocateLike(range, allocator);
  if (!place.ok())
    return place.status();
  if (place->begin) {
    absl::Status status =
        copy(place->begin, tensor.data(), range.end - range.begin);
    if (status.ok())
      status = cuda.synchronize(device, currentStream(device));
    if (!status.ok())
      return status;
  }
  return Tensor::borrow(place->begin, tensor.dtype(), tensor.sizes(),
                        tensor.strides(), std::move(place->block), home);
}

absl::StatusOr<Tensor> copyToDevice(const Tensor &tensor, Device device,
                                    CudaRuntime &cuda) {
  const Stream stream = currentStream(device);
  if (absl::Status status = checkNotCaptured(cuda, device, stream);
      !status.ok())
    return status;
  auto allocator = cuda.allocator(device, stream);
  if (!allocator.ok())
    return allocator.status();
  return copyTensor(tensor, device, device, cuda, **allocator,
                    [&](void *to, const void *from, std::size_t bytes) {
                      return cuda.copyToDevice(device, stream, to, from, bytes);
                    });
}

absl::StatusOr<Tensor> copyToHost(const Tensor &tensor, CudaRuntime &cuda,
                                  Allocator &allocator) {
  const Device device = tensor.device();
  const Stream stream = currentStream(device);
  if (absl::Status status = checkNotCaptured(cuda, device, stream);
      !status.ok())
    return status;
  return copyTensor(tensor, Device(), device, cuda, allocator,
                    [&](void *to, const void *from, std::size_t bytes) {
                      return cuda.copyToHost(device, stream, to, from, bytes);
                    });
}

absl::Status moveToDevice(absl::Span<Value> values, Device device,
                          CudaRuntime &cuda) {
  for (Value &value : values) {
    auto *tensor = std::get_if<Tensor>(&value);
    if (!tensor || tensor->device().type != DeviceType::CPU)
      continue;
    absl::StatusOr<Tensor> copy = copyToDevice(*tensor, device, cuda);
    if (!copy.ok())
      return copy.status();
    *tensor = *std::move(copy);
  }
  return absl::OkStatus();
}

absl::Status moveToHost(absl::Span<Tensor> tensors, CudaRuntime &cuda,
                        Allocator &allocator) {
  for (Tensor &tensor : tensors) {
    if (tensor.device().type == DeviceType::CPU)
      continue;
    absl::StatusOr<Tensor> copy = copyToHost(tensor, cuda, allocator);
    if (!copy.ok())
      return copy.status();
    tensor = *std::move(copy);
  }
  return absl::OkStatus();
}

} // namespace fuser::runtime
