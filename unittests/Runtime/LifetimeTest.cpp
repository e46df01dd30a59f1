//===- LifetimeTest.cpp - eviction and release ----------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeBackend.h"
#include "ReadSection.h"
#include "absl/strings/str_cat.h"
#include <thread>

using namespace fuser;
using namespace fuser::runtime;

/// A spec of another text for each `number`.
static KernelSpec specNumber(int number) {
  return addSpec(1, 1, absl::StrCat("number ", number));
}

TEST(Eviction, DropsTheKernelThatWasNotUsedForLongest) {
  FakeBackend backend;
  SessionOptions options = oneThread();
  options.maxKernels = 3;
  Session session(options);
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  std::vector<int64_t> keys;
  for (int i = 0; i < 4; ++i)
    keys.push_back(*session.registerFusion(specNumber(i)));
  for (int i = 0; i < 3; ++i)
    firstElement(session, keys[i]);
  firstElement(session, keys[0]);
  EXPECT_EQ(session.statistics().evictions, 0);

  firstElement(session, keys[3]); // drops 1
  EXPECT_EQ(session.statistics().evictions, 1);
  EXPECT_EQ(*backend.alive, 3);
  firstElement(session, keys[0]);
  EXPECT_EQ(backend.calls, 4);
  EXPECT_EQ(firstElement(session, keys[1]), 4711); // made again, drops 2
  EXPECT_EQ(backend.calls, 5);
  EXPECT_EQ(session.nCompiledKernels(), 5);
  firstElement(session, keys[0]);
  firstElement(session, keys[3]);
  EXPECT_EQ(backend.calls, 5);
  EXPECT_EQ(*backend.alive, 3);
}

TEST(Eviction, RunningKernelsStay) {
  // The backend of one kernel runs another group meanwhile, which evicts it.
  struct Nested : FusedKernel {
    absl::Status launch(const LaunchPlan &, MemoryTable,
                        ThreadPool &) const override {
      meanwhile();
      *canary = 1; // Crashes under a sanitizer if this kernel has gone.
      return absl::OkStatus();
    }
    std::string code() const override { return ""; }
    std::function<void()> meanwhile;
    std::unique_ptr<int> canary = std::make_unique<int>(0);
  };
  SessionOptions options = oneThread();
  options.maxKernels = 1;
  Session session(options);
  const int64_t outer = *session.registerFusion(specNumber(0));
  const int64_t inner = *session.registerFusion(specNumber(1));
  FakeBackend backend;
  std::weak_ptr<FusedKernel> made;
  session.registerFusionBackend(
      DeviceType::CPU,
      [&](const KernelSpec &spec, const ArgSpec &argSpec, int64_t size,
          Device device,
          Tier tier) -> absl::StatusOr<std::shared_ptr<FusedKernel>> {
        if (spec.text == "number 1")
          return backend.constructor()(spec, argSpec, size, device, tier);
        auto kernel = std::make_shared<Nested>();
        kernel->meanwhile = [&] {
          firstElement(session, inner);
          EXPECT_EQ(session.statistics().evictions, 1);
          EXPECT_FALSE(made.expired());
        };
        made = kernel;
        return std::shared_ptr<FusedKernel>(std::move(kernel));
      });
  firstElement(session, outer);
  EXPECT_TRUE(made.expired());
}

TEST(Release, AKeyIsUnknownUntilItsSpecComesAgain) {
  FakeBackend backend;
  Session session(oneThread());
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  const int64_t key = *session.registerFusion(specNumber(0));
  EXPECT_EQ(*session.registerFusion(specNumber(0)), key);
  EXPECT_TRUE(session.releaseFusion(key).ok());
  firstElement(session, key);
  EXPECT_TRUE(session.releaseFusion(key).ok());

  Stack stack = {iota({3}), iota({3})};
  EXPECT_TRUE(absl::IsNotFound(session.runFusion(key, stack)));
  EXPECT_TRUE(absl::IsNotFound(session.releaseFusion(key)));
  EXPECT_TRUE(absl::IsNotFound(session.callSite(key).status()));
  EXPECT_EQ(session.findSpec(key), nullptr);
  EXPECT_EQ(stack.size(), 2u);

  EXPECT_EQ(*session.registerFusion(specNumber(0)), key);
  firstElement(session, key);
  EXPECT_EQ(backend.calls, 1);
  EXPECT_EQ(session.statistics().released, 0);
}

TEST(Release, SpecsThatAreIdleForLongestGo) {
  FakeBackend backend;
  SessionOptions options = oneThread();
  options.maxIdleSpecs = 2;
  Session session(options);
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  std::vector<int64_t> keys;
  for (int i = 0; i < 4; ++i) {
    keys.push_back(*session.registerFusion(specNumber(i)));
    firstElement(session, keys[i]);
  }
  for (int64_t key : keys)
    EXPECT_TRUE(session.releaseFusion(key).ok());
  EXPECT_EQ(session.statistics().released, 2);
  EXPECT_EQ(*backend.alive, 2);
  EXPECT_EQ(*session.registerFusion(specNumber(3)), keys[3]);
  EXPECT_EQ(*session.registerFusion(specNumber(2)), keys[2]);
  const int64_t again = *session.registerFusion(specNumber(0));
  EXPECT_NE(again, keys[0]); // An old key never means another group.
  EXPECT_EQ(session.findSpec(keys[0]), nullptr);
  EXPECT_EQ(session.findSpec(keys[1]), nullptr);
  EXPECT_EQ(session.findSpec(again)->text, "number 0");
  firstElement(session, again);
  EXPECT_EQ(backend.calls, 5);
}

TEST(Release, CallSitesKeepTheirGroup) {
  FakeBackend backend;
  SessionOptions options = oneThread();
  options.maxIdleSpecs = 0;
  Session session(options);
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  const int64_t key = *session.registerFusion(specNumber(0));
  {
    CallSite site = *session.callSite(key);
    EXPECT_TRUE(session.releaseFusion(key).ok());
    EXPECT_TRUE(absl::IsNotFound(session.releaseFusion(key)));
    Stack stack = {iota({3}), iota({3})};
    EXPECT_TRUE(site.run(stack).ok());
    EXPECT_EQ(std::get<Tensor>(stack[0]).dataAs<float>()[0], 4711);
    EXPECT_EQ(session.statistics().released, 0);
  }
  EXPECT_EQ(session.statistics().released, 1);
  EXPECT_EQ(*backend.alive, 0);
}

TEST(Release, WhileOthersRun) {
  FakeBackend backend;
  SessionOptions options = oneThread();
  options.maxKernels = 2;
  options.maxIdleSpecs = 1;
  Session session(options);
  session.registerFusionBackend(DeviceType::CPU, backend.constructor());
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 500; ++i) {
        const int64_t key =
            *session.registerFusion(specNumber((i * 7 + thread) % 5));
        CallSite site = *session.callSite(key);
        EXPECT_EQ(firstElement(session, key), 4711);
        EXPECT_TRUE(session.releaseFusion(key).ok());
        Stack stack = {iota({3}), iota({3})};
        EXPECT_TRUE(site.run(stack).ok());
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  freeRetired(); // The threads may have left it to each other.
  EXPECT_LE(*backend.alive, 2);
  EXPECT_GT(session.statistics().evictions, 0);
}
