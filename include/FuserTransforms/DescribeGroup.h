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

/// Describes `group`, which `fuser-partition` has been run on, as the runtime
/// sees it, but for KernelSpec::text. Emits an error at the op that does not
/// fit that form.
llvm::FailureOr<runtime::KernelSpec> describeGroup(GroupOp group);

} // namespace fuser

#endif // FUSERTRANSFORMS_DESCRIBEGROUP_H
