//===- DeviceTensor.h - tensors from and to devices -------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_DEVICETENSOR_H
#define FUSERRUNTIME_DEVICETENSOR_H

#include "FuserRuntime/CudaRuntime.h"
#include "FuserRuntime/Tensor.h"
#include "FuserRuntime/Value.h"
#include "absl/types/span.h"

namespace fuser::runtime {

/// A copy on `device`, a CUDA device, of a usable tensor of the host: with its
/// strides, and an address that is aligned as the tensor's is, up to 64 bytes.
/// What is between its elements is copied, too. The copy is there when this
/// returns; its memory is for the current stream. FailedPrecondition if that is
/// captured.
absl::StatusOr<Tensor> copyToDevice(const Tensor &tensor, Device device,
                                    CudaRuntime &cuda);

/// A copy on the host of a usable tensor of a CUDA device, after what was given
/// to the current stream before; otherwise as copyToDevice.
absl::StatusOr<Tensor> copyToHost(const Tensor &tensor, CudaRuntime &cuda,
                                  Allocator &allocator);

/// Replaces the tensors among `values` that are on the host by copies on
/// `device`; after an error some may be replaced.
absl::Status moveToDevice(absl::Span<Value> values, Device device,
                          CudaRuntime &cuda);

/// Replaces those of `tensors` that are on CUDA devices by copies on the host;
/// after an error some may be replaced.
absl::Status moveToHost(absl::Span<Tensor> tensors, CudaRuntime &cuda,
                        Allocator &allocator);

} // namespace fuser::runtime

#endif // FUSERRUNTIME_DEVICETENSOR_H
