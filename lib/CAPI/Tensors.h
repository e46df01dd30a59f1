//===- Tensors.h - DLPack's tensors and ours --------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_CAPI_TENSORS_H
#define FUSER_LIB_CAPI_TENSORS_H

#include "FuserCompiler/Compiler.h"
#include "absl/functional/function_ref.h"
#include "fuser-c/fuser.h"

namespace fuser::capi {

DLDataType toDLPack(DType dtype);

/// A view of what `tensor` describes, into `result`, or InvalidArgument, in
/// whose message it is `what()`. It is of type `likely`, mostly.
absl::Status fromDLPack(const DLTensor *tensor, DType likely,
                        absl::FunctionRef<std::string()> what,
                        runtime::Tensor &result);

/// A tensor that keeps the memory of `tensor`; NULL if there is no memory for
/// its description.
DLManagedTensor *giveTensor(runtime::Tensor tensor);

} // namespace fuser::capi

#endif // FUSER_LIB_CAPI_TENSORS_H
