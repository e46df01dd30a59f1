//===- runtime.cpp - the installed C++ runtime ----------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Session.h"
#include <iostream>

using namespace fuser;
using namespace fuser::runtime;

/// A session, memory and a tensor, and an error of a wrong call.
int main() {
  Session session;
  auto tensor = Tensor::allocate(DType::f32, {2, 3}, session.allocator());
  Stack stack;
  const absl::Status status = session.runFusion(7, stack);
  std::cout << tensor->typeString() << ": " << status.message() << "\n";
  return tensor.ok() && absl::IsNotFound(status) ? 0 : 1;
}
