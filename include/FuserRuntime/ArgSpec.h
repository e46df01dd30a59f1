//===- ArgSpec.h - what a kernel is specialised for -------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The key of a compiled kernel within its kernel spec: how many nests, which
// pieces they compute, how many coalesced dimensions they have and how each
// operand moves along the innermost one. Never a size.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_ARGSPEC_H
#define FUSERRUNTIME_ARGSPEC_H

#include "FuserRuntime/Device.h"
#include "FuserRuntime/LaunchPlan.h"
#include <string>

namespace fuser::runtime {

class ArgSpec {
public:
  struct Nest {
    int32_t loop;
    int32_t rank;
    absl::InlinedVector<int32_t, 4> pieces;
    absl::InlinedVector<int32_t, 8> leaves;
    /// One a leaf, then one a piece.
    absl::InlinedVector<StrideClass, 8> inner;
  };

  ArgSpec() = default;
  ArgSpec(Device device, const LaunchPlan &plan);

  Device device() const { return target; }
  absl::Span<const Nest> nests() const { return allNests; }
  /// One flag a loop; its size is the number of loops.
  absl::Span<const uint8_t> nonTemporal() const { return loopNonTemporal; }
  uint64_t hash() const { return hashValue; }

  bool operator==(const ArgSpec &other) const { return words == other.words; }
  bool operator!=(const ArgSpec &other) const { return !(*this == other); }

  /// "cpu loop 0: nest rank 2, pieces [0], leaves [0:c 1:b], stores [c]"; c, b
  /// and s are the stride classes.
  std::string str() const;

private:
  Device target;
  absl::InlinedVector<Nest, 2> allNests;
  absl::InlinedVector<uint8_t, 2> loopNonTemporal;
  absl::InlinedVector<uint32_t, 16> words;
  uint64_t hashValue = 0;
};

} // namespace fuser::runtime

#endif // FUSERRUNTIME_ARGSPEC_H
