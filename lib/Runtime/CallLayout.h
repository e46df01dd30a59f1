//===- CallLayout.h - what of a call decides its plan --------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_CALLLAYOUT_H
#define FUSER_LIB_RUNTIME_CALLLAYOUT_H

#include "FuserRuntime/Value.h"
#include "absl/types/span.h"
#include <vector>

namespace fuser::runtime {

/// All that planLaunch looks at in the values of a call, as numbers: types,
/// devices, sizes and strides; whether there is memory, and whether it is
/// aligned; how given outputs overlap inputs. Calls of one group with equal
/// layouts have equal plans, or fail alike.
class CallLayout {
public:
  CallLayout(absl::Span<const Value> inputs, absl::Span<const Tensor> outputs);

  /// Whether a call has this layout. Allocates nothing.
  bool isOf(absl::Span<const Value> inputs,
            absl::Span<const Tensor> outputs) const;

  /// A hash of the layout of a call. Allocates nothing.
  static uint64_t hash(absl::Span<const Value> inputs,
                       absl::Span<const Tensor> outputs);

private:
  std::vector<int64_t> words;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_CALLLAYOUT_H
