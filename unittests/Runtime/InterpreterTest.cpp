//===- InterpreterTest.cpp - the interpreter against plain loops ----------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BlockKernels.h"
#include "FuserMath/Cast.h"
#include "FuserMath/Semantics.h"
#include "FuserRuntime/Session.h"
#include "SpecBuilder.h"
#include <cmath>
#include <limits>

using namespace fuser;
using namespace fuser::runtime;

/// Interprets `spec` on `threads` threads.
static std::vector<Tensor> interpret(KernelSpec spec, std::vector<Value> inputs,
                                     int threads = 1) {
  SessionOptions options;
  options.threads = threads;
  Session session(options);
  absl::StatusOr<int64_t> key = session.registerFusion(std::move(spec));
  EXPECT_TRUE(key.ok()) << key.status();
  const absl::Status status = session.runFallback(*key, inputs);
  EXPECT_TRUE(status.ok()) << status;
  std::vector<Tensor> outputs;
  for (const Value &value : inputs)
    outputs.push_back(std::get<Tensor>(value));
  return outputs;
}

/// Bits equal, any NaN equal to any other.
template <class T> static bool same(T a, T b) {
  return (a != a && b != b) || std::memcmp(&a, &b, sizeof a) == 0;
}

static constexpr int64_t kSizes[] = {0, 1, 7, 64, 513, 1000003};

/// A number for each index: small and large ones, zeros, infinities, NaN.
static double sample(int64_t i) {
  switch (i % 11) {
  case 3:
    return std::numeric_limits<double>::quiet_NaN();
  case 5:
    return std::numeric_limits<double>::infinity();
  case 7:
    return -std::numeric_limits<double>::infinity();
  case 9:
    return -0.0;
  default:
    return (i % 2 ? 1 : -1) * std::ldexp(1 + (i % 1000) / 1000.0, i % 40 - 20);
  }
}

template <class T> static Tensor samples(DType dtype, Dims sizes, int shift) {
  return makeTensor<T>(dtype, sizes, [=](int64_t i) {
    return math::castScalar<T, double>(sample(i + shift));
  });
}

/// Checks opcode(x, y) of T against the math library on one element.
template <class T, class Fn>
static void checkBinary(Opcode opcode, DType dtype, Fn reference) {
  for (int64_t size : kSizes) {
    Tensor x = samples<T>(dtype, {size}, 0), y = samples<T>(dtype, {size}, 4);
    SpecBuilder b;
    const ValueId a = b.arg(dtype, 1), c = b.arg(dtype, 1);
    const Tensor out =
        interpret(b.output(b.op(opcode, a, c)).build(), {x, y}, 2)[0];
    using R = decltype(reference(T(), T()));
    ASSERT_EQ(out.numElements(), size);
    for (int64_t i = 0; i < size; ++i)
      ASSERT_TRUE(same(out.dataAs<R>()[i],
                       reference(x.dataAs<T>()[i], y.dataAs<T>()[i])))
          << opcodeName(opcode) << " " << dtypeName(dtype) << " at " << i;
  }
}

TEST(Interpreter, BinaryOps) {
  checkBinary<float>(Opcode::add, DType::f32,
                     [](float x, float y) { return x + y; });
  checkBinary<double>(Opcode::div, DType::f64,
                      [](double x, double y) { return x / y; });
  checkBinary<float>(Opcode::lt, DType::f32,
                     [](float x, float y) { return x < y; });
  checkBinary<double>(Opcode::ne, DType::f64,
                      [](double x, double y) { return x != y; });
  checkBinary<int32_t>(Opcode::mul, DType::i32, [](int32_t x, int32_t y) {
    return static_cast<int32_t>(static_cast<uint32_t>(x) *
                                static_cast<uint32_t>(y));
  });
  checkBinary<int64_t>(Opcode::maximum, DType::i64,
                       [](int64_t x, int64_t y) { return x > y ? x : y; });
  checkBinary<uint8_t>(Opcode::sub, DType::ui8, [](uint8_t x, uint8_t y) {
    return static_cast<uint8_t>(x - y);
  });
  checkBinary<bool>(Opcode::ge, DType::i1,
                    [](bool x, bool y) { return x >= y; });
  checkBinary<float>(Opcode::minimum, DType::f32, [](float x, float y) {
    math::ScalarBuilder<float> b;
    return math::op::minimum(b, x, y);
  });
}

TEST(Interpreter, ChainsReuseTheirBlocks) {
  // A chain and its own middle, both stored; the interpreter must keep it.
  for (int64_t size : kSizes) {
    SpecBuilder b;
    const ValueId x = b.arg(DType::f32, 1);
    const ValueId one = b.constant(DType::f32, 1.0f);
    ValueId v = x, middle = x;
    for (int i = 0; i < 20; ++i) {
      v = b.op(Opcode::add, b.op(Opcode::mul, v, v), one);
      v = b.op(Opcode::sqrt, v);
      if (i == 10)
        middle = v;
    }
    const KernelSpec spec =
        b.output(b.piece(v, {x})).output(b.piece(middle, {x})).build();
    Tensor input = samples<float>(DType::f32, {size}, 1);
    const std::vector<Tensor> out = interpret(spec, {input}, 2);
    for (int64_t i = 0; i < size; ++i) {
      float expected = input.dataAs<float>()[i], inTheMiddle = 0;
      for (int round = 0; round < 20; ++round) {
        const float square = expected * expected;
        expected = std::sqrt(square + 1.0f);
        if (round == 10)
          inTheMiddle = expected;
      }
      ASSERT_TRUE(same(out[0].dataAs<float>()[i], expected)) << i;
      ASSERT_TRUE(same(out[1].dataAs<float>()[i], inTheMiddle)) << i;
    }
  }
}

TEST(Interpreter, Layouts) {
  // out = transposed + every third column + a row + a scalar.
  SpecBuilder b;
  const ValueId t = b.arg(DType::f32, 2, {transpose({1, 0})});
  const ValueId s = b.arg(DType::f32, 2, {slice(1, 1, 1000, 3)});
  const ValueId r = b.arg(DType::f32, 1), k = b.arg(DType::f32, 0);
  const ValueId sum =
      b.op(Opcode::add, b.op(Opcode::add, t, s), b.op(Opcode::add, r, k));
  const KernelSpec spec = b.output(sum).build();
  for (int64_t rows : {1, 3, 70})
    for (int64_t columns : {1, 5, 80, 300}) {
      const int64_t wide = 3 * columns + 1;
      const Tensor out = interpret(
          spec,
          {iota({columns, rows}), iota({rows, wide}), iota({columns}),
           makeTensor<float>(DType::f32, {}, [](int64_t) { return 7; })},
          2)[0];
      const std::vector<float> got = elements<float>(out);
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j)
          ASSERT_EQ(got[i * columns + j], float(j * rows + i) +
                                              float(i * wide + 1 + 3 * j) +
                                              float(j) + 7.0f)
              << i << ", " << j;
    }
}

TEST(Interpreter, ConcatAndEmptyParts) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::i32, 2), y = b.arg(DType::i32, 2);
  const ValueId z = b.arg(DType::i32, 2);
  const ValueId n = b.op(Opcode::neg, y);
  const KernelSpec spec =
      b
          .output(SpecBuilder::concat(
              1, {b.piece(x, {x}),
                  SpecBuilder::concat(1, {b.piece(n, {y}), b.piece(z, {z})})}))
          .build();
  auto ints = [](Dims sizes, int32_t from) {
    return makeTensor<int32_t>(DType::i32, sizes,
                               [=](int64_t i) { return from + i; });
  };
  const Tensor out =
      interpret(spec, {ints({2, 2}, 0), ints({2, 3}, 10), ints({2, 0}, 0)})[0];
  EXPECT_EQ(elements<int32_t>(out),
            (std::vector<int32_t>{0, 1, -10, -11, -12, 2, 3, -13, -14, -15}));
}

TEST(Interpreter, AnyNonzeroByteIsTrue) {
  Tensor flags = makeTensor<uint8_t>(DType::ui8, {1000},
                                     [](int64_t i) { return i % 5 * 50; });
  Tensor bools = Tensor::borrow(flags.data(), DType::i1, {1000}, {1});
  SpecBuilder b;
  const ValueId x = b.arg(DType::i1, 1);
  const ValueId t = b.constant<uint8_t>(DType::i1, 77);
  const ValueId n = b.cast(x, DType::i32);
  const KernelSpec spec = b.output(b.piece(x, {x}))
                              .output(b.piece(n, {x}))
                              .output(b.piece(b.op(Opcode::eq, x, t), {x}))
                              .build();
  const std::vector<Tensor> out = interpret(spec, {bools});
  for (int64_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(out[0].dataAs<uint8_t>()[i], i % 5 != 0);
    ASSERT_EQ(out[1].dataAs<int32_t>()[i], i % 5 != 0);
    ASSERT_EQ(out[2].dataAs<uint8_t>()[i], i % 5 != 0);
  }
}

TEST(Interpreter, SelectAndCasts) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f64, 1), y = b.arg(DType::i64, 1);
  const ValueId less = b.op(Opcode::lt, b.cast(x, DType::i64), y);
  const ValueId chosen =
      b.op(Opcode::select, less, b.cast(x, DType::ui8), b.cast(y, DType::ui8));
  const KernelSpec spec = b.output(chosen).build();
  Tensor f = samples<double>(DType::f64, {5000}, 2);
  Tensor i = samples<int64_t>(DType::i64, {5000}, 5);
  const Tensor out = interpret(spec, {f, i})[0];
  for (int64_t n = 0; n < 5000; ++n) {
    const double d = f.dataAs<double>()[n];
    const int64_t k = i.dataAs<int64_t>()[n];
    ASSERT_EQ(out.dataAs<uint8_t>()[n], math::castScalar<int64_t>(d) < k
                                            ? math::castScalar<uint8_t>(d)
                                            : math::castScalar<uint8_t>(k));
  }
}

TEST(Interpreter, TheSplitDoesNotMatter) {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, 2), y = b.arg(DType::f32, 1);
  const KernelSpec spec =
      b.output(b.op(Opcode::tanh, b.op(Opcode::mul, x, y))).build();
  Tensor input = samples<float>(DType::f32, {1001, 333}, 0);
  Tensor row = samples<float>(DType::f32, {333}, 1);
  const Tensor one = interpret(spec, {input, row}, 1)[0];
  for (int threads : {2, 3}) {
    const Tensor many = interpret(spec, {input, row}, threads)[0];
    for (int64_t i = 0; i < one.numElements(); ++i)
      ASSERT_TRUE(same(one.dataAs<float>()[i], many.dataAs<float>()[i])) << i;
  }
}

/// Runs the functions of two tables on the same blocks; those that give floats
/// are left to compareFloatOps, as the payload of a NaN is not defined.
static void compareTables(const BlockTable &a, const BlockTable &b) {
  constexpr int64_t n = 509;
  auto compare = [](BlockFunction f, BlockFunction g, DType type,
                    bool isSelect) {
    alignas(64) unsigned char blocks[3][n * 8], results[2][n * 8];
    for (int k = 0; k < 3; ++k)
      for (int64_t i = 0; i < n; ++i) {
        const double d = sample(i * (k + 1) + k);
        if (type == DType::f32)
          reinterpret_cast<float *>(blocks[k])[i] = static_cast<float>(d);
        else if (type == DType::f64)
          reinterpret_cast<double *>(blocks[k])[i] = d;
        else
          for (int64_t byte = 0; byte < dtypeSize(type); ++byte)
            blocks[k][i * dtypeSize(type) + byte] =
                type == DType::i1 || (isSelect && k == 0)
                    ? (i + k) & 1
                    : (i + byte) * (k + 37);
      }
    std::memset(results, 0, sizeof results);
    const void *operands[] = {blocks[0], blocks[1], blocks[2]};
    f(n, operands, results[0]);
    g(n, operands, results[1]);
    return std::memcmp(results[0], results[1], sizeof results[0]) == 0;
  };
  for (int op = 0; op < kNumOpcodes; ++op)
    for (int type = 0; type < kNumDTypes; ++type) {
      const DType dtype = static_cast<DType>(type);
      const bool isRandom = static_cast<Opcode>(op) == Opcode::random;
      if (a.op[op][type] && (!isFloat(dtype) || isRandom ||
                             opcodeGivesBool(static_cast<Opcode>(op)))) {
        EXPECT_TRUE(compare(a.op[op][type], b.op[op][type],
                            isRandom ? DType::i64 : dtype,
                            static_cast<Opcode>(op) == Opcode::select))
            << op << " " << type;
      }
    }
  for (int from = 0; from < kNumDTypes; ++from)
    for (int to = 0; to < kNumDTypes; ++to)
      if (!isFloat(static_cast<DType>(from)) ||
          !isFloat(static_cast<DType>(to))) {
        EXPECT_TRUE(compare(a.cast[from][to], b.cast[from][to],
                            static_cast<DType>(from), false))
            << from << " to " << to;
      }
}

TEST(Interpreter, EveryOpcodeHasItsFunctions) {
  const BlockTable &table = blockTable();
  for (int type = 0; type < kNumDTypes; ++type) {
    for (int op = 0; op < kNumOpcodes; ++op) {
      const Opcode opcode = static_cast<Opcode>(op);
      EXPECT_EQ(
          table.op[op][type] != nullptr,
          opcode != Opcode::cast &&
              domainAdmits(opcodeDomain(opcode), static_cast<DType>(type)))
          << opcodeName(opcode) << " " << type;
    }
    for (int to = 0; to < kNumDTypes; ++to)
      EXPECT_NE(table.cast[type][to], nullptr);
  }
}

/// All levels that this machine can run.
static std::vector<const BlockTable *> runnableTables() {
  std::vector<const BlockTable *> tables{&baseline::kBlockTable};
#ifdef __x86_64__
  if (__builtin_cpu_supports("x86-64-v3"))
    tables.push_back(&x86_64_v3::kBlockTable);
  if (__builtin_cpu_supports("x86-64-v4"))
    tables.push_back(&x86_64_v4::kBlockTable);
#endif
  return tables;
}

TEST(Interpreter, RunsTheHighestLevel) {
  EXPECT_EQ(&blockTable(), runnableTables().back());
}

TEST(Interpreter, InstructionSetLevelsAgree) {
  for (const BlockTable *table : runnableTables())
    compareTables(baseline::kBlockTable, *table);
}

/// Float ops of a level on a block, NaNs being equal.
template <class T>
static void compareFloatOps(DType dtype, const BlockTable &table) {
  constexpr int64_t n = 4099;
  std::vector<T> x(n), y(n), z(n), r(n), s(n);
  for (int64_t i = 0; i < n; ++i) {
    x[i] = static_cast<T>(sample(i));
    y[i] = static_cast<T>(sample(2 * i + 1));
    z[i] = static_cast<T>(sample(3 * i + 2));
  }
  const void *operands[] = {x.data(), y.data(), z.data()};
  for (int op = 0; op < static_cast<int>(Opcode::select); ++op) {
    const int type = static_cast<int>(dtype);
    if (!table.op[op][type] || opcodeGivesBool(static_cast<Opcode>(op)))
      continue;
    baseline::kBlockTable.op[op][type](n, operands, r.data());
    table.op[op][type](n, operands, s.data());
    for (int64_t i = 0; i < n; ++i)
      ASSERT_TRUE(same(r[i], s[i]))
          << opcodeName(static_cast<Opcode>(op)) << " of " << x[i];
  }
}

TEST(Interpreter, InstructionSetLevelsAgreeOnFloats) {
  for (const BlockTable *table : runnableTables()) {
    compareFloatOps<float>(DType::f32, *table);
    compareFloatOps<double>(DType::f64, *table);
  }
}
