//===- Hash.h - hashing words --------------------------------- -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_HASH_H
#define FUSER_LIB_RUNTIME_HASH_H

#include <cstdint>

namespace fuser::runtime {

/// Hashes numbers as they come: FNV-1a a word at a time, then the finalizer of
/// MurmurHash3 so that the low bits, which index tables, depend on all of it.
class WordHash {
public:
  void add(uint64_t word) { hash = (hash ^ word) * 0x100000001b3; }
  uint64_t value() const {
    const uint64_t mixed = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
    return mixed ^ (mixed >> 33);
  }

private:
  uint64_t hash = 0xcbf29ce484222325;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_HASH_H
