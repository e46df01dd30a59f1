//===- FusedKernelCPUTest.cpp - what a CPU kernel is called with ----------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Copies.h"
#include "FuserRuntime/Session.h"
#include "SpecBuilder.h"
#include <atomic>
#include <mutex>
#include <set>

using namespace fuser;
using namespace fuser::runtime;

static std::atomic<int64_t> numCalls, numElements;

/// out = a + b as a compiler would make it for a nest of `Rank` whose operands
/// have the classes A, B and S; reads its arguments as LoopFunction says.
template <int Rank, StrideClass A, StrideClass B, StrideClass S>
static void addLoop(int64_t begin, int64_t end, void *const *data,
                    const int64_t *dims) {
  ++numCalls;
  constexpr StrideClass classes[] = {A, B, S};
  constexpr int outer = Rank - 1;
  const int64_t *outerSizes = dims;
  dims += outer;
  const int64_t inner = *dims++;
  int64_t strides[3][Rank];
  for (int k = 0; k < 3; ++k) {
    const bool isTransposed = classes[k] == StrideClass::Transposed;
    for (int d = 0; d < outer; ++d)
      strides[k][d] = isTransposed && d == outer - 1 ? 1 : *dims++;
    strides[k][outer] = isTransposed || classes[k] == StrideClass::Strided
                            ? *dims++
                        : classes[k] == StrideClass::Contiguous ? 1
                                                                : 0;
  }
  auto add = [&](const int64_t *offsets, int64_t from, int64_t to) {
    const float *a = static_cast<const float *>(data[0]) + offsets[0];
    const float *b = static_cast<const float *>(data[1]) + offsets[1];
    float *s = static_cast<float *>(data[2]) + offsets[2];
    for (int64_t j = from; j < to; ++j)
      s[j * strides[2][outer]] =
          a[j * strides[0][outer]] + b[j * strides[1][outer]];
    numElements += to - from;
  };
  if (Rank == 1) {
    const int64_t offsets[3] = {0, 0, 0};
    return add(offsets, begin, end);
  }
  constexpr bool hasBlocks = A == StrideClass::Transposed ||
                             B == StrideClass::Transposed ||
                             S == StrideClass::Transposed;
  constexpr int64_t step = hasBlocks ? kBlockRows : 1;
  for (int64_t block = begin; block < end; ++block)
    for (int64_t row = 0; row < step; ++row) {
      int64_t offsets[3] = {0, 0, 0};
      const int64_t size = outerSizes[outer - 1];
      const int64_t blocks = (size + step - 1) / step;
      const int64_t last = block % blocks * step + row;
      if (last >= size)
        break;
      int64_t rest = block / blocks;
      for (int d = outer - 1; d >= 0; --d) {
        const int64_t index = d == outer - 1 ? last : rest % outerSizes[d];
        if (d != outer - 1)
          rest /= outerSizes[d];
        for (int k = 0; k < 3; ++k)
          offsets[k] += index * strides[k][d];
      }
      add(offsets, 0, inner);
    }
}

/// A pool that says it has `count` threads on every machine.
class FixedPool : public ThreadPool {
public:
  explicit FixedPool(int count) : count(count) {}
  int numThreads() const override { return count; }
  void parallelFor(int64_t parts,
                   const std::function<void(int64_t)> &body) override {
    pool->parallelFor(parts, body);
  }

private:
  const int count;
  std::shared_ptr<ThreadPool> pool = createThreadPool();
};

/// Launches `loop` for a + b and compares with the interpreter.
static void checkLaunch(LoopFunction loop, Tensor a, Tensor b, int threads,
                        int64_t expectedCalls = 0) {
  KernelSpec spec = addSpec(a.rank(), b.rank());
  std::vector<Tensor> inputs = {a, b};
  absl::StatusOr<LaunchPlan> plan = planLaunch(spec, inputs, {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->loops.size(), 1u);

  numCalls = numElements = 0;
  const FusedKernelCPU kernel({loop}, nullptr, [] { return "add"; });
  FixedPool pool(threads);
  const TestMemory memory(*plan, inputs);
  makeCopies(*plan, memory.addresses, pool);
  const absl::Status status = kernel.launch(*plan, memory.addresses, pool);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(numElements, memory.outputs[0].numElements());
  if (expectedCalls) {
    EXPECT_EQ(numCalls, expectedCalls);
  }

  Session session;
  Stack stack = {a, b};
  ASSERT_TRUE(
      session.runFallback(*session.registerFusion(std::move(spec)), stack)
          .ok());
  EXPECT_EQ(elements<float>(memory.outputs[0]),
            elements<float>(std::get<Tensor>(stack[0])));
}

constexpr StrideClass C = StrideClass::Contiguous;
constexpr StrideClass B = StrideClass::Broadcast;
constexpr StrideClass S = StrideClass::Strided;
constexpr StrideClass T = StrideClass::Transposed;

/// Every second row and column of `big`.
static Tensor everySecond(const Tensor &big) {
  return Tensor::borrow(big.data(), DType::f32,
                        {big.sizes()[0] / 2, big.sizes()[1] / 2},
                        {big.strides()[0] * 2, big.strides()[1] * 2},
                        std::make_shared<Tensor>(big));
}

TEST(FusedKernelCPU, RankOne) {
  checkLaunch(addLoop<1, C, C, C>, iota({100}), iota({100}), 2, 1);
  checkLaunch(addLoop<1, C, B, C>, iota({100}), iota({}), 2, 1);
  Tensor wide = iota({100, 3});
  Tensor column = Tensor::borrow(wide.data(), DType::f32, {100}, {3},
                                 std::make_shared<Tensor>(wide));
  checkLaunch(addLoop<1, S, C, C>, column, iota({100}), 2, 1);
  // 300000 elements are worth 8 parts of 13 bytes an element.
  checkLaunch(addLoop<1, C, C, C>, iota({300000}), iota({300000}), 2, 8);
  checkLaunch(addLoop<1, C, C, C>, iota({300000}), iota({300000}), 1, 1);
}

TEST(FusedKernelCPU, RankTwo) {
  checkLaunch(addLoop<2, C, C, C>, iota({40, 50}), iota({50}), 2, 1);
  checkLaunch(addLoop<2, S, C, C>, everySecond(iota({40, 50})), iota({20, 25}),
              2, 1);
  checkLaunch(addLoop<2, S, C, C>, everySecond(iota({2000, 600})),
              iota({1000, 300}), 2, 8);
}

TEST(FusedKernelCPU, RankThree) {
  // Three strides that nothing joins.
  Tensor big = iota({7, 9, 12});
  Tensor a = Tensor::borrow(big.data(), DType::f32, {6, 5, 4}, {108, 12, 1},
                            std::make_shared<Tensor>(big));
  checkLaunch(addLoop<3, C, C, C>, a, iota({6, 5, 4}), 2, 1);
  checkLaunch(addLoop<3, C, T, C>, a, iota({6, 5, 4}, {2, 1, 0}), 2, 1);
  Tensor large = iota({70, 60, 50});
  Tensor b = Tensor::borrow(large.data(), DType::f32, {70, 60, 40},
                            {3000, 50, 1}, std::make_shared<Tensor>(large));
  checkLaunch(addLoop<3, C, C, C>, b, iota({70, 1, 40}), 2, 8);
}

/// Rows by blocks of 64, the last of which are shorter.
TEST(FusedKernelCPU, Blocks) {
  checkLaunch(addLoop<2, C, T, C>, iota({70, 9}), iota({70, 9}, {1, 0}), 2, 1);
  checkLaunch(addLoop<2, C, T, C>, iota({1000, 300}), iota({1000, 300}, {1, 0}),
              2, 8);
  checkLaunch(addLoop<3, C, T, C>, iota({70, 5, 9}),
              iota({70, 5, 9}, {2, 1, 0}), 2, 1);
  // One block of long rows.
  checkLaunch(addLoop<2, C, T, C>, iota({60, 20001}), iota({60, 20001}, {1, 0}),
              2, 8);
}

/// What is one call of long rows, and one of the shorter last row.
TEST(FusedKernelCPU, JoinedRows) {
  checkLaunch(addLoop<2, C, C, C>, iota({10000, 3}), iota({3}), 1, 2);
  checkLaunch(addLoop<2, C, C, C>, iota({704 * 8, 3}), iota({3}), 1, 1);
  checkLaunch(addLoop<2, C, C, C>, iota({100001, 7}), iota({7}), 2, 9);
}

static std::mutex firstRowsLock;
static std::set<int64_t> firstRows;

TEST(FusedKernelCPU, PartsBeginWithALine) {
  const LoopFunction recordRow = [](int64_t begin, int64_t, void *const *,
                                    const int64_t *) {
    std::lock_guard<std::mutex> guard(firstRowsLock);
    firstRows.insert(begin);
  };
  const FusedKernelCPU kernel({recordRow}, nullptr, nullptr);
  FixedPool pool(2);
  for (DType dtype : {DType::ui8, DType::bf16, DType::f32, DType::f64})
    for (int64_t columns : {1, 25, 50, 64, 100, 1001}) {
      const int64_t rows = 8000000 / columns;
      SpecBuilder b;
      const ValueId x = b.arg(dtype, 2), y = b.arg(dtype, 1);
      const KernelSpec spec = b.output(b.op(Opcode::add, x, y)).build();
      // What is planned looks at no element.
      std::vector<Tensor> inputs = {
          Tensor::borrow(&firstRows, dtype, {rows, columns}, {columns + 3, 1}),
          Tensor::borrow(&firstRows, dtype, {columns}, {1})};
      absl::StatusOr<LaunchPlan> plan = planLaunch(spec, inputs, {});
      ASSERT_TRUE(plan.ok()) << plan.status();
      const bool hasRows = plan->nests[0].sizes.size() == 2;
      EXPECT_EQ(hasRows, columns > 1);
      const std::vector<void *> memory(plan->numMemories());
      firstRows.clear();
      ASSERT_TRUE(kernel.launch(*plan, memory, pool).ok());
      EXPECT_EQ(firstRows.size(), 8u);
      for (int64_t row : firstRows)
        EXPECT_EQ(row * columns * dtypeSize(dtype) % 64, 0)
            << dtypeName(dtype) << " row " << row << " of " << columns;
    }
}

TEST(FusedKernelCPU, FewLongRowsAreCut) {
  // Three rows of 100000: each is cut into three.
  checkLaunch(addLoop<2, C, C, C>, iota({3, 100000}), iota({100000}), 2, 9);
  checkLaunch(addLoop<2, C, B, C>, iota({2, 150001}), iota({2, 1}), 2, 8);
  Tensor wide = iota({2, 100002});
  Tensor second = Tensor::borrow(wide.data(), DType::f32, {2, 50000},
                                 {100002, 2}, std::make_shared<Tensor>(wide));
  checkLaunch(addLoop<2, S, C, C>, second, iota({2, 50000}), 2);
}

TEST(FusedKernelCPU, SharedLoopsPackNestByNest) {
  // Concatenates a and -b along the inner dimension.
  SpecBuilder builder;
  const ValueId a = builder.arg(DType::i64, 2), b = builder.arg(DType::i32, 2);
  const OutputNode left = builder.piece(a, {a});
  const OutputNode right = builder.piece(b, {b});
  const KernelSpec spec = builder.output(left).output(right).build();
  auto longs =
      makeTensor<int64_t>(DType::i64, {3, 4}, [](int64_t i) { return i; });
  auto ints = makeTensor<int32_t>(DType::i32, {3, 2},
                                  [](int64_t i) { return 100 + i; });
  std::vector<int64_t> room(3 * 8);
  std::vector<int32_t> room32(3 * 5);
  std::vector<Tensor> inputs = {longs, ints};
  std::vector<Tensor> outputs = {
      Tensor::borrow(room.data(), DType::i64, {3, 4}, {8, 1}),
      Tensor::borrow(room32.data(), DType::i32, {3, 2}, {5, 2})};
  absl::StatusOr<LaunchPlan> plan = planLaunch(spec, inputs, outputs);
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->loops.size(), 1u);

  LoopFunction check = [](int64_t begin, int64_t end, void *const *data,
                          const int64_t *dims) {
    EXPECT_EQ(begin, 0);
    EXPECT_EQ(end, 3);
    // Outer size; inner size, outer strides; the second nest's inner size,
    // outer stride of its leaf, outer and inner stride of its store.
    const std::vector<int64_t> expected = {3, 4, 4, 8, 2, 2, 5, 2};
    EXPECT_EQ(std::vector<int64_t>(dims, dims + 8), expected);
    EXPECT_EQ(static_cast<int64_t *>(data[0])[11], 11);
    EXPECT_EQ(static_cast<int32_t *>(data[2])[5], 105);
    static_cast<int64_t *>(data[1])[1] = 1;
    static_cast<int32_t *>(data[3])[1] = 2;
  };
  const FusedKernelCPU kernel({check}, nullptr, nullptr);
  std::shared_ptr<ThreadPool> pool = createThreadPool(2);
  const TestMemory memory(*plan, inputs, outputs);
  EXPECT_TRUE(kernel.launch(*plan, memory.addresses, *pool).ok());
  EXPECT_EQ(room[1], 1);
  EXPECT_EQ(room32[1], 2);
  EXPECT_EQ(kernel.code(), "");
}

TEST(FusedKernelCPU, RefusesAPlanOfAnotherKernel) {
  std::shared_ptr<ThreadPool> pool = createThreadPool(1);
  EXPECT_EQ(FusedKernelCPU({addLoop<1, C, C, C>}, nullptr, nullptr)
                .launch(LaunchPlan(), {}, *pool)
                .code(),
            absl::StatusCode::kInternal);
}
