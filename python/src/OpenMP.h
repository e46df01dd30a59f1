//===- OpenMP.h - the threads that PyTorch uses -----------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Kernels on the threads of the OpenMP library that is in the process already.
/// Its threads stay awake for some time after each loop. Beside a pool of our
/// own, whose threads want the same cores, both would be slow.
///
//===----------------------------------------------------------------------===//

#ifndef FUSER_PYTHON_OPENMP_H
#define FUSER_PYTHON_OPENMP_H

#include "fuser-c/fuser.h"

namespace fuser::python {

/// Has `options` run loops on OpenMP's threads, `numThreads` at the most.
/// False, and nothing is changed, if the process has no such library.
bool useOpenMP(fuser_session_options &options, int32_t numThreads);

} // namespace fuser::python

#endif // FUSER_PYTHON_OPENMP_H
