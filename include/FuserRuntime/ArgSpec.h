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
// operand moves along the innermost one. Never a size itself; of the sizes only
// what can be said in these few ways:
//   - which pieces have equal shapes (they form one nest), and which nests of
//     rank 2 and more have equal outer sizes (they form one loop);
//   - which pieces are empty (they are in no nest);
//   - which dimensions coalesce, as those of size 1 always do;
//   - which leaves are indices of elements, without memory;
//   - whether a loop stores past the caches, by the bytes that it stores;
//   - whether it stores to memory that it loads from, element by element;
//   - on devices other than the CPU, whether addresses and outer strides are so
//     that vectors are aligned.
// So the kernels of a spec are bounded in number, whatever the sizes.
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_ARGSPEC_H
#define FUSERRUNTIME_ARGSPEC_H

#include "FuserRuntime/Device.h"
#include "FuserRuntime/LaunchPlan.h"
#include <string>

namespace fuser::runtime {

/// An ArgSpec as a lookup in the kernel cache needs it: one that finds a kernel
/// makes nothing else. Equal keys are equal specs.
class ArgKey {
public:
  ArgKey() = default;
  ArgKey(Device device, const LaunchPlan &plan);

  uint64_t hash() const { return hashValue; }
  bool operator==(const ArgKey &other) const { return words == other.words; }
  bool operator!=(const ArgKey &other) const { return !(*this == other); }

private:
  absl::InlinedVector<uint32_t, 32> words;
  uint64_t hashValue = 0;
};

class ArgSpec {
public:
  struct Nest {
    int32_t loop;
    int32_t rank;
    absl::InlinedVector<int32_t, 4> pieces;
    absl::InlinedVector<int32_t, 8> leaves;
    /// One a leaf, then one a piece.
    absl::InlinedVector<StrideClass, 8> inner;
    /// One a leaf: PlannedOperand::isIndex. A leaf of an iota is memory where a
    /// reshape had to copy it.
    absl::InlinedVector<bool, 8> isIndex;
  };

  ArgSpec() = default;
  ArgSpec(Device device, const LaunchPlan &plan);

  Device device() const { return target; }
  absl::Span<const Nest> nests() const { return allNests; }
  /// One flag a loop; its size is the number of loops.
  absl::Span<const uint8_t> nonTemporal() const { return loopNonTemporal; }
  /// One flag a loop, too: PlannedLoop::inPlace.
  absl::Span<const uint8_t> inPlace() const { return loopInPlace; }
  /// And PlannedLoop::isVectorAligned, all false on the CPU.
  absl::Span<const uint8_t> isVectorAligned() const { return loopAligned; }
  const ArgKey &key() const { return argKey; }
  uint64_t hash() const { return argKey.hash(); }

  bool operator==(const ArgSpec &other) const { return argKey == other.argKey; }
  bool operator!=(const ArgSpec &other) const { return !(*this == other); }

  /// "cpu loop 0: nest rank 2, pieces [0], leaves [0:c 1:b 2:ic], stores [c]";
  /// b, c, s and t are the stride classes, i marks indices, which are no
  /// memory.
  std::string str() const;

private:
  Device target;
  absl::InlinedVector<Nest, 2> allNests;
  absl::InlinedVector<uint8_t, 2> loopNonTemporal, loopInPlace, loopAligned;
  ArgKey argKey;
};

} // namespace fuser::runtime

#endif // FUSERRUNTIME_ARGSPEC_H
