//===- Harness.h - fused runs against an unfused oracle ---------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program is loaded twice: as it is, to run on kernels, and with one op a
// group, to run on the interpreter. The results must agree bit for bit.
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_UNITTESTS_COMPILER_HARNESS_H
#define FUSER_UNITTESTS_COMPILER_HARNESS_H

#include "FuserCompiler/Compiler.h"
#include "gtest/gtest.h"
#include <map>

namespace fuser {

using runtime::Dims;
using runtime::Tensor;
using runtime::Value;

/// How a test input lies in memory.
enum class Layout {
  Contiguous,
  Transposed,    ///< dense, the first dimension varying fastest
  Sliced,        ///< cut out of something wider, from an odd address
  Expanded,      ///< stride 0 in the first dimension
  ExpandedInner, ///< stride 0 in the last dimension
  InnerStride,   ///< stride 2 in the last dimension
};
inline constexpr int kNumLayouts = 6;
const char *layoutName(Layout layout);

/// What a test input holds.
enum class Data {
  Wild,     ///< special values, random bits and small numbers, mixed
  Tame,     ///< floats in [-1, 1), integers in [-10, 10]
  Divisors, ///< as Wild, but no integer is 0
};

/// Random elements; equal arguments give equal tensors.
Tensor makeInput(DType dtype, const Dims &sizes,
                 Layout layout = Layout::Contiguous, uint64_t seed = 1,
                 Data data = Data::Wild);

/// A row-major tensor of `elements`.
template <class T>
Tensor makeTensor(const Dims &sizes, std::vector<T> elements) {
  auto owner = std::make_shared<std::vector<T>>(std::move(elements));
  return Tensor::borrow(owner->data(), dtypeOfScalar<T>(), sizes,
                        runtime::rowMajorStrides(sizes), owner);
}

/// A vector of i1, whose elements are stored as `bytes`. (makeTensor<bool>
/// would borrow from a std::vector<bool>.)
Tensor truths(std::vector<uint8_t> bytes);

/// The elements in row-major order, as doubles.
std::vector<double> doubles(const Tensor &tensor);

/// Equal dtypes, shapes and bits, where any NaN equals any NaN, and an i1 is 0
/// or 1.
::testing::AssertionResult sameBits(const Tensor &found,
                                    const Tensor &expected);

/// |found - expected| <= atol + rtol * |expected|, element by element.
::testing::AssertionResult isNear(const Tensor &found,
                                  const std::vector<double> &expected,
                                  double rtol = 1e-5, double atol = 1e-6);

/// A compiler with the programs it has loaded.
class Harness {
public:
  explicit Harness(runtime::SessionOptions options = {},
                   TargetOptions target = {})
      : compiler(std::move(options), std::move(target)) {}

  /// Runs the only function of `text` on kernels and checks the results against
  /// the oracle and the function's signature. A run that gives elements must
  /// have launched a kernel, and none must have fallen back. Returns no results
  /// if a run failed. With FUSER_TEST_DEVICE=cuda kernels run on copies of the
  /// arguments on the first CUDA device, the oracle on the host.
  std::vector<Tensor> check(const std::string &text,
                            const std::vector<Value> &arguments);

  /// The message of the error that running `text` gives; it must be
  /// InvalidArgument, and the oracle must fail, too.
  std::string runError(const std::string &text,
                       const std::vector<Value> &arguments);

  /// The only function of `text`, loaded to run on kernels. Null if it can't be
  /// loaded.
  const ProgramFunction *function(const std::string &text);

  Compiler compiler;

private:
  struct Loaded {
    Program fused, unfused;
  };
  absl::StatusOr<std::vector<Tensor>> run(const Program &program,
                                          const std::vector<Value> &arguments);
  const Loaded *load(const std::string &text);

  std::map<std::string, Loaded> programs;
};

/// Runs the only function of `text` as Harness::check does and compares its
/// only result with `expected`, bit for bit.
void expectResult(const std::string &text, const std::vector<Value> &arguments,
                  const Tensor &expected);

} // namespace fuser

#endif // FUSER_UNITTESTS_COMPILER_HARNESS_H
