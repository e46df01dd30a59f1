//===- MLIRHeaders.cpp - holds the precompiled header ---------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See AddFuser.cmake: the other targets reuse the header of this one.
//
//===----------------------------------------------------------------------===//

namespace fuser {
extern const int precompiledHeaders;
const int precompiledHeaders = 1;
} // namespace fuser
