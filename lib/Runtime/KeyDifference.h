//===- KeyDifference.h - what is new in the key of a kernel -----*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_KEYDIFFERENCE_H
#define FUSER_LIB_RUNTIME_KEYDIFFERENCE_H

#include "FuserRuntime/ArgSpec.h"
#include <string>
#include <vector>

namespace fuser::runtime {

/// How `now` differs from `before`, two argument specs of one kernel spec, each
/// difference a clause: "leaf 2: inner stride class c -> s". Empty if and only
/// if they are equal. Nests that compute other pieces than before are compared
/// with the nest that computed their first one.
std::vector<std::string> keyDifferences(const ArgSpec &before,
                                        const ArgSpec &now);

/// Why a kernel had to be made for `now`: "first kernel of this group" if
/// `earlier`, the argument specs of the kernels that there were, is empty; else
/// how it differs from the nearest of them, which is the latest one with the
/// fewest differences. Says so if there was an equal one.
std::string whatIsNew(absl::Span<const ArgSpec> earlier, const ArgSpec &now);

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_KEYDIFFERENCE_H
