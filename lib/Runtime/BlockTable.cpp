//===- BlockTable.cpp - choosing the instruction set level ----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BlockKernels.h"

namespace fuser::runtime {

static const BlockTable &chooseTable() {
#ifdef __x86_64__
  // The very names that -march got.
  if (__builtin_cpu_supports("x86-64-v4"))
    return x86_64_v4::kBlockTable;
  if (__builtin_cpu_supports("x86-64-v3"))
    return x86_64_v3::kBlockTable;
#endif
  return baseline::kBlockTable;
}

const BlockTable &blockTable() {
  static const BlockTable &table = chooseTable();
  return table;
}

} // namespace fuser::runtime
