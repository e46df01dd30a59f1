//===- SplitBenchmark.cpp - what another thread costs ---------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// split/<KiB moved>/<parts>: y = 2.5 x + 1 on the session's pool of two
// threads, from call to return; 0 KiB is the pool alone. Where lib/Runtime/
// LoopSplit.h has its thresholds from.
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Allocator.h"
#include "FuserRuntime/Parallel.h"
#include <algorithm>
#include <benchmark/benchmark.h>

using namespace fuser::runtime;

static void split(benchmark::State &state) {
  static const std::shared_ptr<ThreadPool> pool = createThreadPool(2);
  static const std::shared_ptr<Allocator> allocator = createCachingAllocator();
  const int64_t moved = state.range(0) << 10, parts = state.range(1);
  const int64_t lines = moved / 2 / 64;
  const std::size_t bytes = std::max<std::size_t>(moved / 2, 64);
  auto *x = static_cast<float *>(allocator->allocate(bytes));
  auto *y = static_cast<float *>(allocator->allocate(bytes));
  std::fill_n(x, bytes / sizeof(float), 1.0f);
  std::fill_n(y, bytes / sizeof(float), 0.0f);
  for (auto _ : state)
    pool->parallelFor(parts, [&](int64_t part) {
      const int64_t end = lines * (part + 1) / parts * 16;
      for (int64_t i = lines * part / parts * 16; i < end; ++i)
        y[i] = 2.5f * x[i] + 1;
    });
  allocator->deallocate(x, bytes);
  allocator->deallocate(y, bytes);
}
BENCHMARK(split)
    ->ArgsProduct({{0, 64, 128, 256, 512, 1024, 4096, 131072}, {1, 2, 4, 8}})
    ->UseRealTime();
