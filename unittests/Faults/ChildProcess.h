//===- ChildProcess.h - tests that end their process ------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_UNITTESTS_FAULTS_CHILDPROCESS_H
#define FUSER_UNITTESTS_FAULTS_CHILDPROCESS_H

#include "gtest/gtest.h"
#include <string>
#include <vector>

namespace fuser {

/// How a child ended, and what it wrote to stderr.
struct ChildResult {
  /// The exit code; 128 + N for signal N, which is SIGKILL (137) if it took
  /// longer than two minutes.
  int code;
  std::string errors;
};

/// Starts this program again to run the scene `name`, with `variables`
/// ("NAME=value") added to its environment.
ChildResult runScene(const std::string &name,
                     const std::vector<std::string> &variables = {});

/// Waits for the process `child` as runScene does.
int waitFor(int child);

/// FUSER_SCENE(name) { ... return code; } is the main function of a child that
/// runScene(#name) starts.
struct SceneRegistration {
  SceneRegistration(const char *name, int (*body)());
};
#define FUSER_SCENE(NAME)                                                      \
  static int scene_##NAME();                                                   \
  static const SceneRegistration registration_##NAME(#NAME, scene_##NAME);     \
  static int scene_##NAME()

} // namespace fuser

#endif // FUSER_UNITTESTS_FAULTS_CHILDPROCESS_H
