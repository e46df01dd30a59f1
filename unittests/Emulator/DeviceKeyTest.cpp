//===- DeviceKeyTest.cpp - aligned vectors in the keys of kernels ---------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestBackend.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

using namespace fuser;
using namespace fuser::runtime;

namespace {
class DeviceKeyTest : public EmulatedTest {
protected:
  /// A view of device memory that begins `offset` elements behind a multiple of
  /// 256 bytes.
  template <class T>
  Tensor view(DType dtype, Dims sizes, Dims strides, int64_t offset) {
    int64_t last = 0;
    for (std::size_t dim = 0; dim < sizes.size(); ++dim)
      last += (sizes[dim] - 1) * strides[dim];
    const Tensor memory =
        newOnDevice(dtype, {last + 1}, offset * int64_t(sizeof(T)));
    return Tensor::borrow(memory.data(), dtype, sizes, strides,
                          std::make_shared<Tensor>(memory), device);
  }
  Tensor f32(Dims sizes, Dims strides, int64_t offset = 0) {
    return view<float>(DType::f32, sizes, strides, offset);
  }
  /// Whether all loops of the call are aligned.
  static bool isAligned(const KernelSpec &spec,
                        const std::vector<Tensor> &inputs,
                        const std::vector<Tensor> &outputs = {}) {
    const auto plan = planLaunch(spec, inputs, outputs);
    EXPECT_TRUE(plan.ok()) << plan.status();
    for (const PlannedLoop &loop : plan->loops)
      if (!loop.isVectorAligned)
        return false;
    return true;
  }
};
} // namespace

TEST_F(DeviceKeyTest, Addresses) {
  const KernelSpec spec = addSpec(1, 1);
  const Tensor x = f32({100}, {1});
  EXPECT_TRUE(isAligned(spec, {x, x}));
  for (int64_t offset = 1; offset <= 8; ++offset)
    EXPECT_EQ(isAligned(spec, {x, f32({100}, {1}, offset)}), offset % 4 == 0)
        << offset;
  // Given outputs count.
  EXPECT_TRUE(isAligned(spec, {x, x}, {f32({100}, {1}, 4)}));
  EXPECT_FALSE(isAligned(spec, {x, x}, {f32({100}, {1}, 3)}));
  // One element, and what is repeated or strided, need not be aligned.
  EXPECT_TRUE(isAligned(spec, {x, f32({1}, {1}, 1)}));
  EXPECT_TRUE(isAligned(spec, {x, f32({100}, {2}, 1)}));
  EXPECT_TRUE(isAligned(spec, {f32({1}, {1}, 1), f32({1}, {1}, 1)}));
}

TEST_F(DeviceKeyTest, Rows) {
  const KernelSpec spec = addSpec(2, 2);
  const Tensor x = f32({10, 100}, {100, 1});
  EXPECT_TRUE(isAligned(spec, {x, f32({10, 100}, {104, 1})}));
  EXPECT_FALSE(isAligned(spec, {x, f32({10, 100}, {102, 1})}));
  EXPECT_FALSE(isAligned(spec, {x, f32({10, 100}, {104, 1}, 1)}));
  EXPECT_TRUE(isAligned(spec, {f32({10, 7}, {7, 1}), f32({10, 7}, {7, 1})}));
  // The output's rows are dense.
  EXPECT_FALSE(isAligned(spec, {f32({10, 7}, {8, 1}), f32({10, 7}, {8, 1})}));
  // A dimension of size 1 has no stride that matters.
  EXPECT_TRUE(isAligned(spec, {f32({1, 100}, {3, 1}), f32({1, 100}, {5, 1})}));
  // Of a transposed operand only the outer strides of others count.
  EXPECT_TRUE(isAligned(spec, {x, f32({10, 100}, {1, 11})}));
}

/// The widest element in memory decides how many a thread takes.
TEST_F(DeviceKeyTest, Widths) {
  const auto sum = [](DType narrow, DType wide) {
    SpecBuilder s;
    const ValueId x = s.arg(narrow, 1), y = s.arg(wide, 1);
    return s.output(s.op(Opcode::add, s.cast(x, wide), y)).build();
  };
  const Tensor wide = view<double>(DType::f64, {64}, {1}, 0);
  const KernelSpec halfAndDouble = sum(DType::f16, DType::f64);
  for (int64_t offset = 0; offset < 8; ++offset)
    EXPECT_EQ(isAligned(halfAndDouble,
                        {view<uint16_t>(DType::f16, {64}, {1}, offset), wide}),
              offset % 2 == 0)
        << offset;
  const KernelSpec halfAndFloat = sum(DType::f16, DType::f32);
  for (int64_t offset = 0; offset < 8; ++offset)
    EXPECT_EQ(
        isAligned(halfAndFloat, {view<uint16_t>(DType::f16, {64}, {1}, offset),
                                 f32({64}, {1})}),
        offset % 4 == 0)
        << offset;
  // A runtime scalar is in no memory.
  SpecBuilder s;
  const ValueId x = s.arg(DType::f32, 1);
  const ValueId factor = s.leaf(s.input(DType::f64, 0, /*isScalar=*/true));
  const KernelSpec scaled =
      s.output(s.op(Opcode::mul, x, s.cast(factor, DType::f32))).build();
  double element = 0;
  const Tensor scalar = Tensor::borrow(&element, DType::f64, {}, {});
  EXPECT_TRUE(isAligned(scaled, {f32({64}, {1}), scalar}));
  EXPECT_FALSE(isAligned(scaled, {f32({64}, {1}, 2), scalar}));
}

TEST_F(DeviceKeyTest, NothingOfThisOnTheCPU) {
  const KernelSpec spec = addSpec(1, 1);
  const Tensor x = iota({100});
  EXPECT_FALSE(isAligned(spec, {x, x}));
  const ArgSpec there(
      device, *planLaunch(spec, {f32({100}, {1}), f32({100}, {1})}, {}));
  EXPECT_EQ(there.isVectorAligned().size(), 1u);
  EXPECT_TRUE(there.isVectorAligned()[0]);
  EXPECT_TRUE(absl::StrContains(there.str(), "(aligned)"));
  const ArgSpec here(Device(), *planLaunch(spec, {x, x}, {}));
  EXPECT_FALSE(here.isVectorAligned()[0]);
  EXPECT_FALSE(absl::StrContains(here.str(), "aligned"));
}

/// On a device stores do not bypass the caches of the CPU.
TEST_F(DeviceKeyTest, NoNonTemporalStores) {
  const Dims sizes = {16 << 20};
  int element = 0;
  const auto huge = [&](Device home) {
    return Tensor::borrow(reinterpret_cast<void *>(uintptr_t(&element) & ~63),
                          DType::f32, sizes, {1}, nullptr, home);
  };
  const KernelSpec spec = addSpec(1, 1);
  const Tensor here = huge(Device()), there = huge(device);
  EXPECT_TRUE(planLaunch(spec, {here, here}, {})->loops[0].nonTemporal);
  EXPECT_FALSE(planLaunch(spec, {there, there}, {})->loops[0].nonTemporal);
}

/// The plan of a call is remembered by layout: of addresses only how they are
/// aligned matters.
TEST_F(DeviceKeyTest, PlansAndKernels) {
  auto session = newSession();
  const int64_t key = *session->registerFusion(addSpec(1, 1));
  CallSite site = *session->callSite(key);
  const auto call = [&](int64_t offset) {
    const Tensor x = f32({100}, {1}, offset);
    CudaRuntime::Binding binding(*runtime, device);
    EXPECT_EQ(emulator::driver().cuMemsetD8Async(
                  reinterpret_cast<CudaAddress>(x.data()), 0, 400, nullptr),
              0);
    Stack stack = {x, x};
    const absl::Status status = site.run(stack);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(toHost(std::get<Tensor>(stack[0])).dataAs<float>()[99], 0);
  };
  for (int64_t offset : {0, 4, 8, 0})
    call(offset);
  EXPECT_EQ(session->statistics().plans, 1);
  EXPECT_EQ(backend.calls, 1);
  for (int64_t offset : {1, 5, 9, 1})
    call(offset);
  EXPECT_EQ(session->statistics().plans, 2);
  EXPECT_EQ(backend.calls, 2);
  // A plan for each place within a vector, as views begin elsewhere; the same
  // kernel.
  for (int64_t offset : {2, 6, 3, 7})
    call(offset);
  EXPECT_EQ(session->statistics().plans, 4);
  EXPECT_EQ(backend.calls, 2);
  const StatisticsSnapshot statistics = session->statistics();
  EXPECT_EQ(statistics.compiles[1].newInKey,
            "piece 0: vectors are not aligned");
  EXPECT_EQ(takeReport().misaligned, 0);
}
