//===- CKernelFamilies.h - kernels of other files ---------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_BENCHMARKS_CKERNELFAMILIES_H
#define FUSER_BENCHMARKS_CKERNELFAMILIES_H

#include "CKernels.h"

namespace fuser::benchmarks {

// CHalfKernels.cpp: 16-bit floats.
void cResidualGelu(const Arrays &arrays);
void cGeluBFloat16(const Arrays &arrays);
void cSiluHalf(const Arrays &arrays);
void cCastToBFloat16(const Arrays &arrays);

// CLayoutKernels.cpp: what is not one run of elements.
void cTransposedAdd(const Arrays &arrays);
void cChannelsLast(const Arrays &arrays);
void cRowsOf19(const Arrays &arrays);
void cStridedRows(const Arrays &arrays);
void cInnerBroadcast(const Arrays &arrays);
void cManyChunks(const Arrays &arrays);
void cInnerConcat(const Arrays &arrays);
void cCastBytes(const Arrays &arrays);

} // namespace fuser::benchmarks

#endif // FUSER_BENCHMARKS_CKERNELFAMILIES_H
