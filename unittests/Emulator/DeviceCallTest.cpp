//===- DeviceCallTest.cpp - calls on an emulated device -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReadSection.h"
#include "TestBackend.h"
#include <numeric>
#include <thread>

using namespace fuser;
using namespace fuser::runtime;

namespace {
class DeviceCallTest : public EmulatedTest {
protected:
  /// Runs group `key` and returns its first output.
  static Tensor run(Session &session, int64_t key, Stack stack) {
    const absl::Status status = session.runFusion(key, stack);
    EXPECT_TRUE(status.ok()) << status;
    return status.ok() ? std::get<Tensor>(stack[0]) : Tensor();
  }
  /// The elements in row-major order, when the current stream has come so far.
  template <class T> std::vector<T> read(const Tensor &tensor) {
    return elements<T>(toHost(tensor));
  }
};
} // namespace

static std::vector<float> doubled(int64_t count) {
  std::vector<float> result(count);
  for (int64_t i = 0; i < count; ++i)
    result[i] = static_cast<float>(2 * i);
  return result;
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

TEST_F(DeviceCallTest, LaunchesAndDoesNotWait) {
  auto session = newSession();
  EXPECT_TRUE(session->canFuseOn(DeviceType::CUDA));
  const int64_t key = *session->registerFusion(addSpec(1, 1));
  const Tensor x = toDevice(iota({1000}));
  const Tensor y = run(*session, key, {x, x});
  EXPECT_EQ(y.device(), device);
  EXPECT_EQ(takeReport().stores, 0);
  EXPECT_EQ(read<float>(y), doubled(1000));
  EXPECT_EQ(takeReport().stores, 1000);
  EXPECT_EQ(backend.calls, 1);
  const StatisticsSnapshot statistics = session->statistics();
  EXPECT_EQ(statistics.launches, 1);
  EXPECT_EQ(statistics.totalFallbacks(), 0);
  EXPECT_EQ(statistics.interpretedFirst, 0);
  EXPECT_EQ(statistics.compiles[0].argSpec,
            "cuda loop 0 (aligned): nest rank 1, pieces [0], leaves [0:c 1:c], "
            "stores [c]");
  EXPECT_EQ(statistics.deviceMemory.bytesInUse, 2 * 4096);
  EXPECT_EQ((*session->kernelFor(key, {x, x}))->code(), "test");
}

/// Every element once, whatever the sizes are; the results are right, too.
TEST_F(DeviceCallTest, EveryElementOnce) {
  const int64_t sizes[] = {1, 2, 3, 31, 32, 33, 255, 256, 257, 1023, 4099};
  for (int32_t lanes : {1, 4, 8}) {
    backend.lanes = lanes;
    auto session = newSession(); // Its kernels have so many lanes.
    const int64_t flat = *session->registerFusion(addSpec(1, 1));
    const int64_t rows = *session->registerFusion(addSpec(2, 1, "rows"));
    for (int64_t n : sizes) {
      const Tensor x = toDevice(iota({n}));
      EXPECT_EQ(read<float>(run(*session, flat, {x, x})), doubled(n));
      EXPECT_EQ(takeReport().stores, n);
    }
    for (int64_t m : {1, 2, 3, 7, 64, 300})
      for (int64_t n : {2, 3, 31, 64, 257, 2050}) {
        const Tensor x = iota({m, n}), bias = iota({n});
        const Tensor y = run(*session, rows, {toDevice(x), toDevice(bias)});
        std::vector<float> expected(m * n);
        for (int64_t i = 0; i < m * n; ++i)
          expected[i] = static_cast<float>(i) + static_cast<float>(i % n);
        ASSERT_EQ(read<float>(y), expected) << m << "x" << n;
        ASSERT_EQ(takeReport().stores, m * n) << m << "x" << n;
      }
  }
}

TEST_F(DeviceCallTest, Geometry) {
  emulator::Options options;
  options.multiprocessors = 2; // 64 blocks at the most
  start(options);
  auto session = newSession();
  backend.lanes = 4;
  const int64_t flat = *session->registerFusion(addSpec(1, 1));
  const int64_t rows = *session->registerFusion(addSpec(2, 2, "rows"));
  struct Case {
    Dims sizes;
    int64_t pitch;
    unsigned gridX, gridY, blockX, blockY;
  };
  const Case cases[] = {
      {{3}, 3, 1, 1, 1, 1},
      {{4 * 40}, 160, 1, 1, 64, 1},
      {{4 * 256 * 3 + 1}, 3073, 4, 1, 256, 1},
      {{4 * 256 * 100}, 102400, 64, 1, 256, 1},
      {{5, 10}, 16, 1, 1, 4, 8},
      {{1000, 10}, 16, 1, 16, 4, 64},
      {{10000, 10}, 16, 1, 64, 4, 64},
      {{100, 2000}, 2048, 2, 32, 256, 1},
  };
  for (const Case &c : cases) {
    int64_t last = c.pitch;
    for (int64_t i = 0; i + 1 < int64_t(c.sizes.size()); ++i)
      last *= c.sizes[i];
    const Tensor wide = toDevice(iota({last}));
    const Dims strides = c.sizes.size() == 1 ? Dims{1} : Dims{c.pitch, 1};
    const Tensor x = Tensor::borrow(wide.data(), DType::f32, c.sizes, strides,
                                    nullptr, device);
    const auto before = emulator::launches().size();
    run(*session, c.sizes.size() == 1 ? flat : rows, {x, x});
    ASSERT_EQ(emulator::launches().size(), before + 1);
    const emulator::Launch launch = emulator::launches().back();
    EXPECT_EQ(launch.gridX, c.gridX) << shapeString(c.sizes);
    EXPECT_EQ(launch.gridY, c.gridY) << shapeString(c.sizes);
    EXPECT_EQ(launch.blockX, c.blockX) << shapeString(c.sizes);
    EXPECT_EQ(launch.blockY, c.blockY) << shapeString(c.sizes);
    ASSERT_TRUE(runtime->synchronize(device, nullptr).ok());
    takeReport();
  }
}

TEST_F(DeviceCallTest, EmptyOutputsNeedNoKernel) {
  auto session = newSession();
  const int64_t key = *session->registerFusion(addSpec(2, 2));
  const Tensor x = toDevice(iota({0, 5}));
  const Tensor y = run(*session, key, {x, x});
  EXPECT_EQ(y.sizes()[0], 0);
  EXPECT_EQ(y.device(), device);
  EXPECT_EQ(backend.calls, 0);
  EXPECT_TRUE(emulator::launches().empty());
}

TEST_F(DeviceCallTest, TransposedAndStridedOperands) {
  auto session = newSession();
  const int64_t key = *session->registerFusion(addSpec(2, 2));
  const Tensor a = iota({300, 50}), b = iota({300, 50}, {1, 0});
  const Tensor y = run(*session, key, {toDevice(a), toDevice(b)});
  EXPECT_EQ(read<float>(y), doubled(15000));
  // One launch that counts rows, not blocks of them.
  EXPECT_EQ(emulator::launches().size(), 1u);
  const Tensor memory = toDevice(iota({60}));
  const Tensor even = Tensor::borrow(memory.data(), DType::f32, {5, 6}, {12, 2},
                                     nullptr, device);
  const std::vector<float> sums = read<float>(run(*session, key, {even, even}));
  for (int64_t i = 0; i < 30; ++i)
    EXPECT_EQ(sums[i], 4 * i);
}

TEST_F(DeviceCallTest, NestsOfOneLoop) {
  SpecBuilder s;
  const ValueId x = s.arg(DType::f32, 2), y = s.arg(DType::f32, 2);
  const ValueId twice = s.op(Opcode::add, x, x), minus = s.op(Opcode::neg, y);
  const OutputNode first = s.piece(twice, {x}), second = s.piece(minus, {y});
  auto session = newSession();
  const int64_t key = *session->registerFusion(
      s.output(SpecBuilder::concat(1, {first, second})).build());
  const Tensor out =
      run(*session, key, {toDevice(iota({40, 6})), toDevice(iota({40, 10}))});
  std::vector<float> expected;
  for (int64_t row = 0; row < 40; ++row) {
    for (int64_t i = 0; i < 6; ++i)
      expected.push_back(static_cast<float>(2 * (row * 6 + i)));
    for (int64_t i = 0; i < 10; ++i)
      expected.push_back(-static_cast<float>(row * 10 + i));
  }
  EXPECT_EQ(read<float>(out), expected);
  EXPECT_EQ(emulator::launches().size(), 1u);
}

TEST_F(DeviceCallTest, ScalarsArePassedByValue) {
  SpecBuilder s;
  const ValueId x = s.arg(DType::f64, 1);
  const ValueId factor = s.leaf(s.input(DType::f64, 0, /*isScalar=*/true));
  auto session = newSession();
  const int64_t key =
      *session->registerFusion(s.output(s.op(Opcode::mul, x, factor)).build());
  const Tensor there = toDevice(
      makeTensor<double>(DType::f64, {9}, [](int64_t i) { return double(i); }));
  Stack stack = {there, 0.5};
  ASSERT_TRUE(session->runFusion(key, stack).ok());
  Stack again = {there, 3.0};
  ASSERT_TRUE(session->runFusion(key, again).ok());
  // They were read when the call was made.
  for (double factor : {0.5, 3.0}) {
    const Tensor out = std::get<Tensor>(factor == 0.5 ? stack[0] : again[0]);
    std::vector<double> expected(9);
    for (int i = 0; i < 9; ++i)
      expected[i] = factor * i;
    EXPECT_EQ(read<double>(out), expected);
  }
  EXPECT_EQ(backend.calls, 1);
}

TEST_F(DeviceCallTest, IndicesAreNumbers) {
  SpecBuilder s;
  const ValueId x = s.arg(DType::i64, 2);
  Iota indices;
  indices.shapeGroup = s.group({x});
  indices.dim = 0;
  const ValueId i = s.iota(indices, {slice(0, 1, INT64_MAX)});
  const ValueId rest = s.leaf(0, {slice(0, 1, INT64_MAX)});
  auto session = newSession();
  const int64_t key = *session->registerFusion(
      s.output(s.piece(s.op(Opcode::add, i, rest), {i, rest})).build());
  const Tensor there = toDevice(makeTensor<int64_t>(
      DType::i64, {4, 3}, [](int64_t n) { return 100 * n; }));
  EXPECT_EQ(
      read<int64_t>(run(*session, key, {there})),
      (std::vector<int64_t>{301, 401, 501, 602, 702, 802, 903, 1003, 1103}));
}

/// More operands than 4,096 bytes of parameters hold.
TEST_F(DeviceCallTest, ParametersInMemory) {
  backend.parametersInMemory = true;
  SpecBuilder s;
  constexpr int kInputs = 200;
  std::vector<ValueId> leaves;
  for (int i = 0; i < kInputs; ++i)
    leaves.push_back(s.arg(DType::f32, 2));
  ValueId sum = leaves[0];
  for (int i = 1; i < kInputs; ++i)
    sum = s.op(Opcode::add, sum, leaves[i]);
  auto session = newSession();
  const int64_t key = *session->registerFusion(s.output(sum).build());
  const Tensor wide = toDevice(iota({5, 20}));
  const Tensor x = Tensor::borrow(wide.data(), DType::f32, {5, 10}, {20, 1},
                                  nullptr, device);
  const Tensor y = run(*session, key, Stack(kInputs, x));
  const std::vector<float> result = read<float>(y);
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(result[i], kInputs * (i / 10 * 20 + i % 10)) << i;
  EXPECT_EQ(emulator::launches().back().parameterBytes, 8u);

  // Said to fit although they do not: interpreted.
  backend.parametersInMemory = false;
  auto other = newSession();
  const int64_t more = [&] {
    SpecBuilder s;
    std::vector<ValueId> leaves;
    for (int i = 0; i < 300; ++i)
      leaves.push_back(s.arg(DType::f32, 2));
    ValueId sum = leaves[0];
    for (int i = 1; i < 300; ++i)
      sum = s.op(Opcode::add, sum, leaves[i]);
    return *other->registerFusion(s.output(sum).build());
  }();
  const Tensor z = run(*other, more, Stack(300, x));
  EXPECT_EQ(read<float>(z)[49], 300 * 89);
  EXPECT_EQ(fallbacksFor(*other, FallbackReason::LaunchFailed), 1);
}

TEST_F(DeviceCallTest, DivisionByZero) {
  auto session = newSession();
  SpecBuilder s;
  const ValueId x = s.arg(DType::i64, 1), y = s.arg(DType::i64, 1);
  const int64_t key =
      *session->registerFusion(s.output(s.op(Opcode::div_trunc, x, y)).build());
  const auto values = [&](int64_t first) {
    return toDevice(makeTensor<int64_t>(
        DType::i64, {100}, [first](int64_t i) { return first + i; }));
  };
  const Tensor dividend = values(0), zero = values(-50), one = values(1);
  for (int i = 0; i < 3; ++i) {
    Stack wrong = {dividend, zero};
    const absl::Status status = session->runFusion(key, wrong);
    EXPECT_EQ(status, divisionByZeroError());
    EXPECT_EQ(wrong.size(), 2u);
    EXPECT_EQ(read<int64_t>(run(*session, key, {one, one})),
              std::vector<int64_t>(100, 1)); // The byte was set back.
  }
  EXPECT_EQ(session->statistics().totalFallbacks(), 0);
  EXPECT_EQ(session->statistics().launches, 6);
  // The interpreter says the same.
  Stack wrong = {dividend, zero};
  EXPECT_EQ(session->runFallback(key, wrong), divisionByZeroError());
}

TEST_F(DeviceCallTest, InPlace) {
  auto session = newSession();
  const int64_t key = *session->registerFusion(addSpec(1, 1));
  const Tensor x = toDevice(iota({77}));
  ASSERT_TRUE(session->runFusion(key, {x, x}, {x}).ok());
  EXPECT_EQ(read<float>(x), doubled(77));
  EXPECT_EQ(session->statistics().compiles[0].argSpec,
            "cuda loop 0 (in place) (aligned): nest rank 1, pieces [0], leaves "
            "[0:c 1:c], stores [c]");
  // And on the interpreter, whose copies share no memory.
  session->overrideCanFuseOn(DeviceType::CUDA, false);
  ASSERT_TRUE(session->runFusion(key, {x, x}, {x}).ok());
  std::vector<float> expected = doubled(77);
  for (float &value : expected)
    value *= 2;
  EXPECT_EQ(read<float>(x), expected);
}

/// A given output with gaps: nothing is written between its elements.
TEST_F(DeviceCallTest, GapsOfGivenOutputsStay) {
  auto session = newSession();
  const int64_t key = *session->registerFusion(addSpec(2, 2));
  const Tensor x = toDevice(iota({3, 4}));
  for (bool interpret : {false, true}) {
    session->overrideCanFuseOn(DeviceType::CUDA, !interpret);
    const Tensor memory = toDevice(
        makeTensor<float>(DType::f32, {48}, [](int64_t) { return -1; }));
    const Tensor out = Tensor::borrow(memory.data(), DType::f32, {3, 4},
                                      {2, 10}, nullptr, device);
    ASSERT_TRUE(session->runFusion(key, {x, x}, {out}).ok());
    const std::vector<float> result = read<float>(memory);
    for (int64_t i = 0; i < 48; ++i) {
      const int64_t row = i % 10 / 2, column = i / 10;
      const bool isElement = i % 2 == 0 && row < 3 && column < 4;
      EXPECT_EQ(result[i], isElement ? 2 * (4 * row + column) : -1) << i;
    }
  }
}

TEST_F(DeviceCallTest, CopiesForReshapes) {
  auto session = newSession();
  SpecBuilder s;
  const ValueId x = s.arg(DType::f32, 2, {transpose({1, 0}), reshape({-1})});
  const int64_t key =
      *session->registerFusion(s.output(s.op(Opcode::add, x, x)).build());
  // Many small pieces, through the host; few, on the device.
  const Dims shapes[] = {{30, 20}, {2, 20}};
  for (const Dims &shape : shapes) {
    const int64_t toHost = emulator::numCalls("cuMemcpyDtoHAsync");
    const Tensor y = run(*session, key, {toDevice(iota(shape))});
    const bool isByHost = emulator::numCalls("cuMemcpyDtoHAsync") > toHost;
    EXPECT_EQ(isByHost, shape[0] == 30);
    const std::vector<float> result = read<float>(y);
    const int64_t m = shape[0], n = shape[1];
    for (int64_t i = 0; i < m * n; ++i)
      ASSERT_EQ(result[i], 2 * (i % m * n + i / m)) << i;
    // The interpreter makes the copy itself.
    Stack stack = {toDevice(iota(shape))};
    ASSERT_TRUE(session->runFallback(key, stack).ok());
    EXPECT_EQ(read<float>(std::get<Tensor>(stack[0])), result);
  }
  EXPECT_EQ(session->statistics().copies, 4);
}

//===----------------------------------------------------------------------===//
// Streams, devices, threads
//===----------------------------------------------------------------------===//

TEST_F(DeviceCallTest, RunsOnTheCurrentStream) {
  auto session = newSession();
  const int64_t key = *session->registerFusion(addSpec(1, 1));
  const CudaStream a = newStream(kCudaStreamNonBlocking),
                   b = newStream(kCudaStreamNonBlocking);
  Tensor x, y;
  {
    StreamScope scope(device, a);
    x = toDevice(iota({64}));
    y = run(*session, key, {x, x});
  }
  EXPECT_EQ(emulator::launches().back().stream, a);
  ASSERT_TRUE(runtime->synchronize(device, b).ok()); // the wrong one
  EXPECT_EQ(takeReport().stores, 0);
  {
    StreamScope scope(device, a);
    EXPECT_EQ(read<float>(y), doubled(64));
    y = Tensor();
    x = Tensor();
  }
  EXPECT_EQ(takeReport().stores, 64);
}

TEST_F(DeviceCallTest, SeveralDevices) {
  emulator::Options options;
  options.numDevices = 2;
  start(options);
  auto session = newSession();
  const int64_t key = *session->registerFusion(addSpec(1, 1));
  const Tensor x = toDevice(iota({64}), 0), y = toDevice(iota({64}), 1);
  EXPECT_EQ(read<float>(run(*session, key, {x, x})), doubled(64));
  EXPECT_EQ(read<float>(run(*session, key, {y, y})), doubled(64));
  EXPECT_EQ(backend.calls, 2);
  Stack mixed = {x, y};
  EXPECT_TRUE(absl::IsInvalidArgument(session->runFusion(key, mixed)));
  const Tensor nowhere = Tensor::borrow(x.data(), DType::f32, {64}, {1},
                                        nullptr, {DeviceType::CUDA, 5});
  Stack stack = {nowhere, nowhere};
  const absl::Status status = session->runFusion(key, stack);
  EXPECT_EQ(status.message(),
            "there is no device cuda:5; the CUDA driver has 2");
}

/// Threads have no context at first, and streams of their own.
TEST_F(DeviceCallTest, ThreadsAtOnce) {
  auto session = newSession();
  const int64_t key = *session->registerFusion(addSpec(1, 1));
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread)
    threads.emplace_back([&, stream = newStream(kCudaStreamNonBlocking)] {
      StreamScope scope(device, stream);
      for (int64_t i = 0; i < 30; ++i) {
        const Tensor x = toDevice(iota({10 + i}));
        EXPECT_EQ(read<float>(run(*session, key, {x, x})), doubled(10 + i));
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(backend.calls, 1);
  EXPECT_EQ(session->statistics().launches, 240);
}

TEST_F(DeviceCallTest, EvictionUnloadsModules) {
  SessionOptions options;
  options.threads = 1;
  options.maxKernels = 2;
  options.cuda = runtime;
  {
    Session session(options);
    session.registerFusionBackend(DeviceType::CUDA,
                                  backend.constructor(runtime));
    const Tensor x = toDevice(iota({64}));
    for (int i = 0; i < 5; ++i) {
      const int64_t key =
          *session.registerFusion(addSpec(1, 1, std::to_string(i)));
      run(session, key, {x, x});
      freeRetired();
      // Kernels that are still to run are waited for.
      EXPECT_EQ(emulator::live().modules, std::min(i + 1, 2));
    }
    EXPECT_EQ(session.statistics().evictions, 3);
  }
  EXPECT_EQ(emulator::live().modules, 0);
}

//===----------------------------------------------------------------------===//
// Tiers
//===----------------------------------------------------------------------===//

TEST_F(DeviceCallTest, FirstCallsAreInterpretedUntilThereIsAKernel) {
  auto session = newSession(TierPolicy::Async);
  const int64_t key = *session->registerFusion(addSpec(1, 1));
  const Tensor x = toDevice(iota({64}));
  EXPECT_EQ(read<float>(run(*session, key, {x, x})), doubled(64));
  EXPECT_EQ(session->statistics().interpretedFirst, 1);
  EXPECT_EQ(takeReport().stores, 0);
  session->waitForCompilations();
  EXPECT_EQ(read<float>(run(*session, key, {x, x})), doubled(64));
  EXPECT_EQ(takeReport().stores, 64);
  const StatisticsSnapshot statistics = session->statistics();
  EXPECT_EQ(statistics.interpretedFirst, 1);
  EXPECT_EQ(statistics.launches, 1);
  EXPECT_EQ(statistics.totalFallbacks(), 0);
  ASSERT_EQ(statistics.compiles.size(), 1u);
  EXPECT_TRUE(statistics.compiles[0].isInBackground);
}

/// One tier: the kernel that was to be there soon is not made again.
TEST_F(DeviceCallTest, LargeCallsMakeTheirKernelAtOnce) {
  auto session = newSession(TierPolicy::Async);
  const int64_t key = *session->registerFusion(addSpec(1, 1));
  const Tensor x = newOnDevice(DType::f32, {8 << 20});
  Stack stack = {x, x};
  ASSERT_TRUE(session->runFusion(key, stack).ok());
  EXPECT_EQ(backend.lastTier, Tier::Quick);
  session->waitForCompilations();
  EXPECT_EQ(backend.calls, 1);
  EXPECT_EQ(session->statistics().launches, 1);
  EXPECT_EQ(session->statistics().swaps, 0);
  // (What is given but not run: it would take the test's kernel minutes.)
  emulator::failExecution(cudaresult::kLaunchFailed);
  EXPECT_FALSE(runtime->synchronize(device, nullptr).ok());
  emulator::clearFaults();
}
