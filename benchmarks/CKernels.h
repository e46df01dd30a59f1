//===- CKernels.h - the workloads in C --------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_BENCHMARKS_CKERNELS_H
#define FUSER_BENCHMARKS_CKERNELS_H

#include <cstdint>
#include <string_view>
#include <vector>

namespace fuser::benchmarks {

/// A row-major array.
struct Array {
  void *data;
  std::vector<int64_t> sizes;

  int64_t numElements() const {
    int64_t count = 1;
    for (int64_t size : sizes)
      count *= size;
    return count;
  }
};

/// What a kernel reads and writes.
struct Arrays {
  std::vector<Array> inputs, outputs;
};

/// Runs a workload on the threads of OpenMP.
using CKernel = void (*)(const Arrays &arrays);

/// The kernel of the workload called `name` ("P01"), or null.
CKernel findCKernel(std::string_view name);

/// One way to move memory, and the most that it reached.
struct Bandwidth {
  const char *way;
  bool hugePages;
  double bytesPerSecond;
};

/// What memory can do: copies and triads (a = b + s c) of arrays of `bytes`
/// bytes, with plain and with non-temporal stores, in pages of 4 KiB and in
/// huge ones, each for `seconds` on the threads of OpenMP. Bytes are those of
/// the arrays: what a plain store reads first is not counted. Empty if there
/// is no memory.
std::vector<Bandwidth> measureBandwidth(int64_t bytes, double seconds);

} // namespace fuser::benchmarks

#endif // FUSER_BENCHMARKS_CKERNELS_H
