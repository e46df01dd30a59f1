//===- DescribeGroup.h - group to kernel spec -------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERTRANSFORMS_DESCRIBEGROUP_H
#define FUSERTRANSFORMS_DESCRIBEGROUP_H

#include "FuserDialect/FuserDialect.h"
#include "FuserRuntime/KernelSpec.h"

namespace fuser {

/// A partitioned group as the runtime sees it, with the way back to the IR,
/// which must outlive it.
struct GroupDescription {
  runtime::KernelSpec spec;
  /// The op behind each instruction of the spec; null for the conversion that
  /// a `fuser.splat` does.
  llvm::SmallVector<mlir::Operation *> instructionOps;
};

/// Describes `group`, which `fuser-partition` has been run on. Emits an error
/// at the op that does not fit that form.
llvm::FailureOr<GroupDescription> describeGroup(GroupOp group);

} // namespace fuser

#endif // FUSERTRANSFORMS_DESCRIBEGROUP_H
