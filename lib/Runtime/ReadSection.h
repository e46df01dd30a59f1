//===- ReadSection.h - reading what others replace ------------ -*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Data that is read without locks can be replaced at any time, but must not be
// freed under its readers. Readers say where they begin and end; what was
// replaced is retired, and freed when all readers that may still see it are
// done (epoch-based reclamation: K. Fraser, "Practical lock-freedom", 2004).
//
// A pointer to such data is a std::atomic that is read and written with
// sequential consistency.
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_READSECTION_H
#define FUSER_LIB_RUNTIME_READSECTION_H

#include <memory>

namespace fuser::runtime {

/// While one lives, nothing is freed that its thread could have found since it
/// began and that was retired since then. May nest. Takes no lock, and
/// allocates memory only at a thread's first one.
class ReadSection {
public:
  ReadSection();
  ~ReadSection();
  ReadSection(const ReadSection &) = delete;
  ReadSection &operator=(const ReadSection &) = delete;
};

/// Has `object`, which no new reader can find, let go of when all sections that
/// are open now have ended: by the next freeRetired() after that. Runs no
/// destructor, so locks may be held. Thread-safe.
void retire(std::shared_ptr<const void> object);

/// Lets go of what can be, here and now. So does the end of a section that is
/// within no other. To be called without locks that destructors take.
void freeRetired();

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_READSECTION_H
