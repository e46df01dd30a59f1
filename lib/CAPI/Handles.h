//===- Handles.h - what the handles of the C interface are ------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A handle shares what it was made from, so that handles can be freed in any
// order.

#ifndef FUSER_LIB_CAPI_HANDLES_H
#define FUSER_LIB_CAPI_HANDLES_H

#include "FuserCompiler/Compiler.h"
#include "fuser-c/fuser.h"
#include <memory>

namespace fuser::capi {

struct LoadedProgram {
  std::shared_ptr<Compiler> compiler; ///< outlives `program`
  Program program;
  bool hasExplanation;
};

} // namespace fuser::capi

struct fuser_session {
  std::shared_ptr<fuser::Compiler> compiler;
};

struct fuser_program {
  std::shared_ptr<const fuser::capi::LoadedProgram> loaded;
};

struct fuser_function {
  std::shared_ptr<const fuser::capi::LoadedProgram> loaded;
  /// Of the program, with call sites of its own.
  const fuser::ProgramFunction function;
};

#endif // FUSER_LIB_CAPI_HANDLES_H
