//===- ChildProcess.cpp - tests that end their process --------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChildProcess.h"
#include <chrono>
#include <csignal>
#include <cstdio>
#include <map>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace fuser;

static std::map<std::string, int (*)()> &scenes() {
  static std::map<std::string, int (*)()> scenes;
  return scenes;
}

SceneRegistration::SceneRegistration(const char *name, int (*body)()) {
  scenes()[name] = body;
}

int fuser::waitFor(int child) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + std::chrono::minutes(2);
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (Clock::now() > end)
      kill(child, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

ChildResult fuser::runScene(const std::string &name,
                            const std::vector<std::string> &variables) {
  std::FILE *errors = std::tmpfile();
  if (!errors)
    return {-1, "no temporary file"};
  const int child = fork();
  if (child == 0) {
    dup2(fileno(errors), 2);
    for (const std::string &variable : variables)
      putenv(const_cast<char *>(variable.c_str()));
    execl("/proc/self/exe", "FuserFaultTests", "--scene", name.c_str(),
          nullptr);
    _exit(126);
  }
  ChildResult result;
  result.code = waitFor(child);
  std::rewind(errors);
  for (int c = std::fgetc(errors); c != EOF; c = std::fgetc(errors))
    result.errors += static_cast<char>(c);
  std::fclose(errors);
  return result;
}

int main(int argc, char **argv) {
  if (argc == 3 && std::string(argv[1]) == "--scene") {
    auto scene = scenes().find(argv[2]);
    return scene == scenes().end() ? 125 : scene->second();
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
