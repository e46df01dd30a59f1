//===- ReadSectionTest.cpp - what is retired goes in time -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReadSection.h"
#include "gtest/gtest.h"
#include <functional>
#include <mutex>
#include <optional>

using namespace fuser::runtime;

/// Something that calls `gone` when it goes.
static std::shared_ptr<const void> object(std::function<void()> gone) {
  return std::shared_ptr<const void>(
      nullptr, [gone = std::move(gone)](const void *) { gone(); });
}

TEST(ReadSection, RetireRunsNoDestructor) {
  std::mutex lock;
  int gone = 0;
  for (int i = 0; i < 2; ++i) {
    std::lock_guard<std::mutex> guard(lock);
    retire(object([&] {
      std::lock_guard<std::mutex> inner(lock);
      ++gone;
    }));
  }
  EXPECT_EQ(gone, 0);
  freeRetired();
  EXPECT_EQ(gone, 2);
}

TEST(ReadSection, ObjectsGoInTheOrderOfTheirReaders) {
  std::string gone;
  std::optional<ReadSection> outer(std::in_place);
  retire(object([&] { gone += 'a'; }));
  {
    const ReadSection nested;
  }
  freeRetired();
  EXPECT_EQ(gone, "");
  outer.reset();
  EXPECT_EQ(gone, "a");

  outer.emplace();
  retire(object([&] {
    gone += 'b';
    retire(object([&] { gone += 'c'; })); // By a destructor.
    const ReadSection section;
  }));
  outer.reset();
  freeRetired();
  EXPECT_EQ(gone, "abc");
}
