//===- TierOfTests.cpp - when the sessions of tests compile ---------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Linked into every unit test: unless FUSER_TIER says otherwise, sessions that
// do not choose make each kernel once, at the call that needs it first. So
// tests of something else can count compilations and launches.
//
//===----------------------------------------------------------------------===//

#include <cstdlib>

[[maybe_unused]] static const int hasSetTier =
    setenv("FUSER_TIER", "2", /*overwrite=*/0);
