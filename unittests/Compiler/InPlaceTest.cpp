//===- InPlaceTest.cpp - outputs that replace inputs ----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <algorithm>
#include <cstring>

using namespace fuser;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// The bytes from the first to the last element.
static int64_t extentOf(const Tensor &tensor) {
  int64_t last = 0;
  for (int64_t dim = 0; dim < tensor.rank(); ++dim)
    last += (tensor.sizes()[dim] - 1) * tensor.strides()[dim];
  return tensor.numElements() == 0 ? 0 : (last + 1) * dtypeSize(tensor.dtype());
}

/// Equal elements and strides in memory of its own, with all that lies between
/// the elements.
static Tensor clone(const Tensor &tensor) {
  const int64_t bytes = extentOf(tensor);
  // Aligned as an allocator's, for stores past the caches.
  std::shared_ptr<void> memory(std::aligned_alloc(64, (bytes + 64) & ~63),
                               std::free);
  std::memcpy(memory.get(), tensor.data(), bytes);
  return Tensor::borrow(memory.get(), tensor.dtype(), tensor.sizes(),
                        tensor.strides(), memory);
}

/// `tensor`'s memory as elements of another type of that size.
static Tensor as(DType dtype, const Tensor &tensor) {
  return Tensor::borrow(tensor.data(), dtype, tensor.sizes(), tensor.strides());
}

/// Whether `changed` is `original` in all bytes that are of no element.
static bool gapsAreKept(const Tensor &changed, const Tensor &original) {
  const int64_t bytes = extentOf(original), size = dtypeSize(original.dtype());
  if (bytes == original.numElements() * size)
    return true;
  std::vector<bool> isElement(bytes, false);
  for (int64_t i = 0; i < original.numElements(); ++i) {
    int64_t rest = i, offset = 0;
    for (int64_t dim = original.rank(); dim-- > 0;) {
      offset += rest % original.sizes()[dim] * original.strides()[dim];
      rest /= original.sizes()[dim];
    }
    std::fill_n(isElement.begin() + offset * size, size, true);
  }
  for (int64_t i = 0; i < bytes; ++i)
    if (!isElement[i] &&
        changed.dataAs<char>()[i] != original.dataAs<char>()[i])
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

namespace {
/// A program of one group, on kernels and on the interpreter.
class Group {
public:
  explicit Group(const std::string &text, int threads = 1)
      : kernels(options(threads, false)), interpreter(options(threads, true)),
        onKernels(load(kernels, text)), onInterpreter(load(interpreter, text)) {
  }

  /// Runs the group where result i replaces argument replaced[i], or has memory
  /// of its own if that is -1, and compares with a run that replaces nothing.
  void check(const std::vector<Tensor> &arguments,
             const std::vector<int> &replaced);

  Compiler kernels, interpreter;

private:
  static runtime::SessionOptions options(int threads, bool interpretOnly) {
    runtime::SessionOptions result;
    result.threads = threads;
    result.interpretOnly = interpretOnly;
    return result;
  }
  static Program load(Compiler &compiler, const std::string &text) {
    absl::StatusOr<Program> program = compiler.load(text, "test.mlir");
    EXPECT_TRUE(program.ok()) << program.status() << text;
    return program.ok() ? *program : Program();
  }
  void checkOn(Compiler &compiler, const Program &program,
               const std::vector<Tensor> &arguments,
               const std::vector<int> &replaced,
               const std::vector<Tensor> &expected);

  Program onKernels, onInterpreter;
};
} // namespace

void Group::checkOn(Compiler &compiler, const Program &program,
                    const std::vector<Tensor> &arguments,
                    const std::vector<int> &replaced,
                    const std::vector<Tensor> &expected) {
  const ProgramFunction &function = **program.find("");
  ASSERT_EQ(function.calls.size(), 1u);
  const ProgramFunction::Call &call = function.calls[0];
  std::vector<Tensor> copies, outputs(call.numOutputs);
  for (const Tensor &argument : arguments)
    copies.push_back(clone(argument));
  std::vector<Value> inputs;
  for (int32_t id : call.inputs)
    inputs.push_back(copies[id]);
  for (std::size_t i = 0; i < replaced.size(); ++i)
    outputs[function.returned[i] - call.firstOutput] =
        replaced[i] == -1 ? clone(expected[i])
                          : as(expected[i].dtype(), copies[replaced[i]]);
  const absl::Status status =
      compiler.session().runFusion(call.key, inputs, outputs);
  ASSERT_TRUE(status.ok()) << status;
  for (std::size_t i = 0; i < replaced.size(); ++i)
    EXPECT_TRUE(
        sameBits(outputs[function.returned[i] - call.firstOutput], expected[i]))
        << "result " << i;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    EXPECT_TRUE(gapsAreKept(copies[i], arguments[i])) << "argument " << i;
    if (std::find(replaced.begin(), replaced.end(), i) == replaced.end())
      EXPECT_TRUE(sameBits(copies[i], arguments[i])) << "argument " << i;
  }
}

void Group::check(const std::vector<Tensor> &arguments,
                  const std::vector<int> &replaced) {
  auto expected =
      onKernels.run(**onKernels.find(""),
                    std::vector<Value>(arguments.begin(), arguments.end()));
  ASSERT_TRUE(expected.ok()) << expected.status();
  const auto before = kernels.session().statistics();
  checkOn(kernels, onKernels, arguments, replaced, *expected);
  const auto after = kernels.session().statistics();
  EXPECT_EQ(after.launches, before.launches + 1);
  EXPECT_EQ(after.totalFallbacks(), 0);
  checkOn(interpreter, onInterpreter, arguments, replaced, *expected);
  EXPECT_EQ(interpreter.session().statistics().launches, 0);
}

/// Two results of two operands each, of which one is the same.
static std::string twoResults(DType dtype, int64_t rank) {
  const bool isBool = dtype == DType::i1;
  std::string type = "tensor<";
  for (int64_t dim = 0; dim < rank; ++dim)
    type += "?x";
  return absl::StrReplaceAll(
      R"mlir(
func.func @f(%a: !t, %b: !t) -> (!t, !t) {
  %0 = fuser.FIRST %a, %b : !t
  %1 = fuser.SECOND %a, %b : !t
  return %0, %1 : !t, !t
}
)mlir",
      {{"!t", absl::StrCat(type, dtypeName(dtype), ">")},
       {"FIRST", isBool ? "bitwise_xor" : "sub"},
       {"SECOND", isBool ? "bitwise_or" : "mul"}});
}

/// All ways to replace the arguments of twoResults.
static const std::vector<int> kWays[] = {{0, -1}, {-1, 0}, {1, -1},
                                         {-1, 1}, {0, 1},  {1, 0}};

static const DType kTypes[] = {DType::f32, DType::f64, DType::f16, DType::bf16,
                               DType::i1,  DType::ui8, DType::i64};

static void checkWays(Group &group, const Tensor &a, const Tensor &b) {
  for (const std::vector<int> &way : kWays) {
    SCOPED_TRACE(absl::StrCat(a.typeString(), " ",
                              runtime::shapeString(a.strides()), ", results ",
                              way[0], " ", way[1]));
    group.check({a, b}, way);
  }
}

TEST(InPlace, VectorsAndTails) {
  for (DType dtype : kTypes) {
    Group group(twoResults(dtype, 1));
    for (int64_t size = 1; size <= 70; ++size)
      for (Layout layout : {Layout::Contiguous, Layout::InnerStride})
        checkWays(group, makeInput(dtype, {size}, layout, 1),
                  makeInput(dtype, {size}, layout, 2));
  }
}

/// As an optimizer counts its steps beside the parameters, for which it reads
/// the old count and the new one.
TEST(InPlace, OneElementThatOthersRead) {
  Group group(R"mlir(
func.func @f(%step: tensor<f32>, %x: tensor<?xf32>) -> (tensor<f32>, tensor<?xf32>) {
  %one = fuser.constant dense<1.0> : tensor<f32>
  %next = fuser.add %step, %one : tensor<f32>
  %0 = fuser.mul %x, %next : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %y = fuser.sub %0, %step : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  return %next, %y : tensor<f32>, tensor<?xf32>
}
)mlir");
  for (int64_t size : {1, 5, 100, 100000})
    for (const std::vector<int> &way :
         {std::vector<int>{0, -1}, {-1, 1}, {0, 1}})
      group.check({makeInput(DType::f32, {}, Layout::Contiguous, 1),
                   makeInput(DType::f32, {size}, Layout::Contiguous, 2)},
                  way);
}

TEST(InPlace, RowsOfOtherLayouts) {
  for (DType dtype : kTypes) {
    Group group(twoResults(dtype, 3));
    for (const Dims &sizes : {Dims{3, 1, 17}, Dims{2, 5, 33}, Dims{1, 1, 1}})
      for (Layout layout :
           {Layout::Sliced, Layout::Transposed, Layout::InnerStride})
        checkWays(group, makeInput(dtype, sizes, layout, 1),
                  makeInput(dtype, sizes, layout, 2));
  }
}

/// What threads share out: elements, rows, and the columns of few rows.
TEST(InPlace, OnSeveralThreads) {
  for (const Dims &sizes :
       {Dims{1, 200003}, Dims{700, 301}, Dims{3, 70001}, Dims{1, 600}}) {
    Group group(twoResults(DType::f32, 2), 8);
    for (Layout layout : {Layout::Contiguous, Layout::Sliced})
      checkWays(group, makeInput(DType::f32, sizes, layout, 1),
                makeInput(DType::f32, sizes, layout, 2));
  }
}

TEST(InPlace, PastTheCaches) {
  Group group(twoResults(DType::f32, 2), 2);
  const Dims sizes{2, (int64_t(5) << 18) + 48};
  const Tensor a = makeInput(DType::f32, sizes, Layout::Contiguous, 1),
               b = makeInput(DType::f32, sizes, Layout::Contiguous, 2);
  group.check({a, b}, {0, -1});
  group.check({a, b}, {1, 0});
  bool bypassed = false;
  for (const auto &compile : group.kernels.session().statistics().compiles)
    bypassed |=
        compile.argSpec.find("(non-temporal) (in place)") != std::string::npos;
  EXPECT_TRUE(bypassed);
}

/// Elements of another type and equal size.
TEST(InPlace, OfAnotherType) {
  Group group(R"mlir(
func.func @f(%a: tensor<?xf32>, %b: tensor<?xi32>) -> (tensor<?xi32>, tensor<?xf32>) {
  %0 = fuser.cast %a : tensor<?xf32> to tensor<?xi32>
  %1 = fuser.add %0, %b : tensor<?xi32>
  %2 = fuser.cast %b : tensor<?xi32> to tensor<?xf32>
  return %1, %2 : tensor<?xi32>, tensor<?xf32>
}
)mlir");
  for (int64_t size : {1, 16, 35})
    checkWays(group, makeInput(DType::f32, {size}),
              makeInput(DType::i32, {size}));
}

/// A result that is an argument itself, which another one replaces: the
/// interpreter must not read it from there.
TEST(InPlace, ResultsThatAreArguments) {
  Group group(R"mlir(
func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>)
    -> (tensor<?xf32>, tensor<?xf32>) {
  %0 = fuser.sub %a, %b : tensor<?xf32>
  %1 = fuser.concat %a, %b dim 0
      : tensor<?xf32>, tensor<?xf32> to tensor<?xf32>
  return %0, %1 : tensor<?xf32>, tensor<?xf32>
}
)mlir");
  for (int64_t size : {1, 15, 16, 40, 511, 512, 1500})
    for (int replaced : {0, 1})
      group.check({makeInput(DType::f32, {size}, Layout::Contiguous, 1),
                   makeInput(DType::f32, {size}, Layout::Contiguous, 2)},
                  {replaced, -1});
}

/// Each part of the concat replaces a chunk of the argument: its own, or the
/// other one, which the same nest loads.
TEST(InPlace, ConcatOfChunks) {
  const std::string text = R"mlir(
func.func @f(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %a, %b = fuser.chunk %x dim DIM
      : tensor<?x?xf32> to tensor<?x?xf32>, tensor<?x?xf32>
  %0 = fuser.tanh %a : tensor<?x?xf32>
  %1 = fuser.neg %b : tensor<?x?xf32>
  %y = fuser.concat PARTS dim DIM
      : tensor<?x?xf32>, tensor<?x?xf32> to tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
)mlir";
  for (const char *dim : {"0", "1"})
    for (const char *parts : {"%0, %1", "%1, %0"}) {
      Group group(absl::StrReplaceAll(text, {{"DIM", dim}, {"PARTS", parts}}),
                  4);
      for (const Dims &sizes : {Dims{2, 2}, Dims{6, 34}, Dims{300, 400}})
        for (Layout layout : {Layout::Contiguous, Layout::Transposed,
                              Layout::Sliced, Layout::InnerStride})
          group.check({makeInput(DType::f32, sizes, layout)}, {0});
    }
  // Unequal chunks are nests of their own.
  Group group(absl::StrReplaceAll(text, {{"DIM", "1"}, {"PARTS", "%0, %1"}}),
              4);
  for (const Dims &sizes : {Dims{1, 1}, Dims{5, 35}, Dims{300, 401}})
    group.check({makeInput(DType::f32, sizes)}, {0});
}

/// The last factor is loaded once a row, and lies elsewhere.
TEST(InPlace, BesideABroadcast) {
  Group group(R"mlir(
func.func @f(%x: tensor<?x?xf32>, %row: tensor<?xf32>, %col: tensor<?x1xf32>)
    -> tensor<?x?xf32> {
  %0 = fuser.mul %x, %row : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %1 = fuser.add %0, %col : (tensor<?x?xf32>, tensor<?x1xf32>) -> tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}
)mlir",
              4);
  for (const Dims &sizes : {Dims{1, 1}, Dims{5, 35}, Dims{300, 400}})
    group.check({makeInput(DType::f32, sizes),
                 makeInput(DType::f32, {sizes[1]}),
                 makeInput(DType::f32, {sizes[0], 1})},
                {0});
}

/// A division by zero is found, in place, too.
TEST(InPlace, Division) {
  Group group(R"mlir(
func.func @f(%a: tensor<?xi32>, %b: tensor<?xi32>) -> tensor<?xi32> {
  %0 = fuser.div_floor %a, %b : tensor<?xi32>
  return %0 : tensor<?xi32>
}
)mlir");
  for (int64_t size : {1, 16, 35})
    for (int replaced : {0, 1})
      group.check({makeInput(DType::i32, {size}, Layout::Contiguous, 1),
                   makeInput(DType::i32, {size}, Layout::Contiguous, 2,
                             Data::Divisors)},
                  {replaced});
}

/// A scheduler of instructions that thought all pointers apart would load %z,
/// which is needed last, behind the store of %0.
TEST(InPlace, NoLoadMovesBehindTheStore) {
  for (DType dtype : {DType::f32, DType::f64}) {
    const std::string name(dtypeName(dtype));
    Group group(absl::StrReplaceAll(R"mlir(
func.func @f(%w: !t, %x: !t, %y: !t, %z: !t) -> (!t, !t) {
  %0 = fuser.neg %w : !t
  %1 = fuser.maximum %x, %y : !t
  %2 = fuser.log %1 : !t
  %3 = fuser.tanh %2 : !t
  %4 = fuser.add %3, %z : !t
  return %0, %4 : !t, !t
}
)mlir",
                                    {{"!t", "tensor<?x" + name + ">"}}));
    std::vector<Tensor> arguments;
    for (uint64_t i = 0; i < 4; ++i)
      arguments.push_back(
          makeInput(dtype, {150}, Layout::Contiguous, i + 1, Data::Tame));
    group.check(arguments, {3, -1});
  }
}
