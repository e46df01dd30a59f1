//===- GpuTargetTest.cpp - what GPU code is made for ----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserTransforms/GpuTarget.h"
#include "gtest/gtest.h"

using namespace fuser;

/// "sm_90 +ptx78", or the error.
static std::string textOf(const absl::StatusOr<GpuTarget> &target) {
  return target.ok() ? target->chip() + " " + target->features()
                     : std::string(target.status().message());
}

TEST(GpuTarget, OfDevices) {
  EXPECT_EQ(textOf(gpuTargetFor(7, 5)), "sm_75 +ptx63");
  EXPECT_EQ(textOf(gpuTargetFor(8, 0)), "sm_80 +ptx70");
  EXPECT_EQ(textOf(gpuTargetFor(9, 0)), "sm_90 +ptx78");
  EXPECT_EQ(textOf(gpuTargetFor(10, 0)), "sm_100 +ptx86");
}

/// The newest one before it.
TEST(GpuTarget, OfUnknownDevices) {
  EXPECT_EQ(textOf(gpuTargetFor(8, 8)), "sm_87 +ptx74");
  EXPECT_EQ(textOf(gpuTargetFor(9, 9)), "sm_90 +ptx78");
  EXPECT_EQ(textOf(gpuTargetFor(11, 0)), "sm_103 +ptx88");
  EXPECT_EQ(textOf(gpuTargetFor(99, 0)), "sm_121 +ptx88");
  EXPECT_EQ(textOf(gpuTargetFor(7, 0)),
            "the device has compute capability 7.0; expected 7.5 or newer");
  EXPECT_FALSE(gpuTargetFor(-1, -1).ok());
}

TEST(GpuTarget, ByName) {
  EXPECT_EQ(textOf(parseGpuTarget("sm_86", "")), "sm_86 +ptx71");
  EXPECT_EQ(textOf(parseGpuTarget("sm_86", "8.0")), "sm_86 +ptx80");
  EXPECT_FALSE(parseGpuTarget("sm_86", "7.0").ok());
  EXPECT_FALSE(parseGpuTarget("sm_90a", "").ok());
  EXPECT_FALSE(parseGpuTarget("", "").ok());
}
