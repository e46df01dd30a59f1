//===- AllocatorBenchmark.cpp - what the memory of an output costs --------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The caching allocator beside malloc, which LD_PRELOAD makes jemalloc's or
// mimalloc's: pairs<bytes> allocates and frees one block, rounds<bytes> 32 of
// them, filled<bytes> writes the block before it is freed.
//
//===----------------------------------------------------------------------===//

#include "FuserRuntime/Allocator.h"
#include <array>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <cstring>

using fuser::runtime::Allocator;

namespace {
struct Malloc {
  static void *allocate(std::size_t bytes) {
    return std::aligned_alloc(64, bytes);
  }
  static void deallocate(void *block, std::size_t) { std::free(block); }
};

template <bool KeepsBlocks> struct Caching {
  static Allocator &get() {
    static const std::shared_ptr<Allocator> allocator =
        fuser::runtime::createCachingAllocator(
            KeepsBlocks ? fuser::runtime::kDefaultCacheLimit : 0);
    return *allocator;
  }
  static void *allocate(std::size_t bytes) { return get().allocate(bytes); }
  static void deallocate(void *block, std::size_t bytes) {
    get().deallocate(block, bytes);
  }
};
using Kept = Caching<true>;
using Fresh = Caching<false>;
} // namespace

template <class Source> static void pairs(benchmark::State &state) {
  const std::size_t bytes = state.range(0);
  for (auto _ : state) {
    void *block = Source::allocate(bytes);
    benchmark::DoNotOptimize(block);
    Source::deallocate(block, bytes);
  }
}

template <class Source> static void rounds(benchmark::State &state) {
  const std::size_t bytes = state.range(0);
  std::array<void *, 32> blocks;
  for (auto _ : state) {
    for (void *&block : blocks)
      block = Source::allocate(bytes);
    benchmark::DoNotOptimize(blocks);
    for (void *block : blocks)
      Source::deallocate(block, bytes);
  }
  state.SetItemsProcessed(state.iterations() * blocks.size());
}

template <class Source> static void filled(benchmark::State &state) {
  const std::size_t bytes = state.range(0);
  for (auto _ : state) {
    void *block = Source::allocate(bytes);
    std::memset(block, 1, bytes);
    benchmark::DoNotOptimize(block);
    Source::deallocate(block, bytes);
  }
}

#define FUSER_SMALL(FUNCTION)                                                  \
  BENCHMARK_TEMPLATE(FUNCTION, Malloc)                                         \
      ->RangeMultiplier(32)                                                    \
      ->Range(64, 64 << 10)                                                    \
      ->ThreadRange(1, 2)                                                      \
      ->UseRealTime();                                                         \
  BENCHMARK_TEMPLATE(FUNCTION, Kept)                                           \
      ->RangeMultiplier(32)                                                    \
      ->Range(64, 64 << 10)                                                    \
      ->ThreadRange(1, 2)                                                      \
      ->UseRealTime();
FUSER_SMALL(pairs)
FUSER_SMALL(rounds)
BENCHMARK_TEMPLATE(filled, Malloc)->Arg(1 << 20)->Arg(16 << 20)->Arg(64 << 20);
BENCHMARK_TEMPLATE(filled, Fresh)->Arg(1 << 20)->Arg(16 << 20)->Arg(64 << 20);
BENCHMARK_TEMPLATE(filled, Kept)->Arg(1 << 20)->Arg(16 << 20)->Arg(64 << 20);
