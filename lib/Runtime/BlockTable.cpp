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
  const bool hasV3 =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  const bool hasV4 = hasV3 && __builtin_cpu_supports("avx512f") &&
                     __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512cd") &&
                     __builtin_cpu_supports("avx512dq") &&
                     __builtin_cpu_supports("avx512vl");
  if (hasV4)
    return x86_64_v4::kBlockTable;
  if (hasV3)
    return x86_64_v3::kBlockTable;
#endif
  return baseline::kBlockTable;
}

const BlockTable &blockTable() {
  static const BlockTable &table = chooseTable();
  return table;
}

} // namespace fuser::runtime
