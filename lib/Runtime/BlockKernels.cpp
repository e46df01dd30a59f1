//===- BlockKernels.cpp - the interpreter's instructions on blocks --------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Compiled once for each instruction set level, FUSER_ISA being the namespace
// of the result. So that the linker cannot take a function for one level from
// another, everything in this file has internal linkage but the table, the
// math library has a namespace of its own in each level, and no templates of
// the standard library are used.
//
//===----------------------------------------------------------------------===//

#include "BlockKernels.h"
#include "FuserMath/Cast.h"
#include "FuserMath/Philox.h"
#include "FuserMath/Semantics.h"

#ifndef FUSER_ISA
#error "define FUSER_ISA, the namespace of this instruction set level"
#endif

namespace fuser::runtime::FUSER_ISA {

namespace {

/// How an element lies in memory: as itself, but for bool, of which any byte
/// may come.
template <class T> struct Element {
  using Stored = T;
  static constexpr T load(Stored stored) { return stored; }
};
template <> struct Element<bool> {
  using Stored = uint8_t;
  static constexpr bool load(Stored stored) { return stored != 0; }
};

template <class T> struct DTypeOf;
#define FUSER_DTYPE(NAME, TYPE)                                                \
  template <> struct DTypeOf<TYPE> {                                           \
    static constexpr DType value = DType::NAME;                                \
  };
FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE

/// A block as an instruction reads it.
template <class T> struct Source {
  explicit Source(const void *block)
      : elements(static_cast<const typename Element<T>::Stored *>(block)) {}
  T operator[](int64_t i) const { return Element<T>::load(elements[i]); }
  const typename Element<T>::Stored *elements;
};

/// Stores value(i) for every element of a block of `T`.
template <class T, class Value>
inline void fill(int64_t n, void *result, Value value) {
  auto *__restrict to = static_cast<typename Element<T>::Stored *>(result);
  for (int64_t i = 0; i < n; ++i)
    to[i] = value(i);
}

// One struct for each row of Ops.def: what it computes and where it applies.
enum class Result { Same, Bool };
#define FUSER_POINTWISE(MNEMONIC, ARITY, DOMAIN, RESULT)                       \
  struct Op_##MNEMONIC {                                                       \
    static constexpr Opcode opcode = Opcode::MNEMONIC;                         \
    static constexpr int arity = ARITY;                                        \
    static constexpr Domain domain = Domain::DOMAIN;                           \
    static constexpr Result result = Result::RESULT;                           \
    template <class Builder, class... Values>                                  \
    static auto apply(Builder &b, Values... values) {                          \
      return math::op::MNEMONIC(b, values...);                                 \
    }                                                                          \
  };
#include "FuserMath/Ops.def"

template <class Op, bool IsBool, class T> struct ResultOf {
  using Type = T;
};
template <class Op, class T> struct ResultOf<Op, true, T> {
  using Type = bool;
};
template <class Op, class T>
using ResultType = typename ResultOf<Op, Op::result == Result::Bool, T>::Type;

/// The elements of `Op` with builder `b`; T is not a half.
template <class Op, class T, class Builder>
inline void runWith(Builder &b, int64_t n, const void *const *operands,
                    void *result) {
  using R = ResultType<Op, T>;
  const Source<T> x(operands[0]);
  if constexpr (Op::arity == 1) {
    fill<R>(n, result, [&](int64_t i) { return Op::apply(b, x[i]); });
  } else if constexpr (Op::arity == 2) {
    const Source<T> y(operands[1]);
    fill<R>(n, result, [&](int64_t i) { return Op::apply(b, x[i], y[i]); });
  } else {
    const Source<T> y(operands[1]), z(operands[2]);
    fill<R>(n, result,
            [&](int64_t i) { return Op::apply(b, x[i], y[i], z[i]); });
  }
}

template <class Op, class T>
bool runOp(int64_t n, const void *const *operands, void *result) {
  math::ScalarBuilder<T> b;
  if constexpr (b.isFloat) {
    math::Rarity rarity;
    math::UsualBuilder<T> usual(rarity);
    runWith<Op, T>(usual, n, operands, result);
    if (rarity)
      runWith<Op, T>(b, n, operands, result);
    return true;
  } else {
    runWith<Op, T>(b, n, operands, result);
    if constexpr (opcodeRaises(Op::opcode, DTypeOf<T>::value))
      return !b.raised;
    return true;
  }
}

/// An op on halves: the float one between conversions, piece by piece.
template <class Op, class T>
bool runHalfOp(int64_t n, const void *const *operands, void *result) {
  constexpr int64_t piece = 64;
  float numbers[Op::arity][piece], results[piece];
  for (int64_t begin = 0; begin < n; begin += piece) {
    const int64_t count = n - begin < piece ? n - begin : piece;
    const void *inputs[Op::arity];
    for (int k = 0; k < Op::arity; ++k) {
      const T *from = static_cast<const T *>(operands[k]) + begin;
      for (int64_t i = 0; i < count; ++i)
        numbers[k][i] = toFloat(from[i]);
      inputs[k] = numbers[k];
    }
    if constexpr (Op::result == Result::Bool) {
      runOp<Op, float>(count, inputs, static_cast<uint8_t *>(result) + begin);
    } else {
      runOp<Op, float>(count, inputs, results);
      T *__restrict to = static_cast<T *>(result) + begin;
      for (int64_t i = 0; i < count; ++i)
        to[i] = math::toElement<T>(results[i]);
    }
  }
  return true;
}

template <class T>
bool runSelect(int64_t n, const void *const *operands, void *result) {
  const Source<bool> condition(operands[0]);
  const Source<T> x(operands[1]), y(operands[2]);
  fill<T>(n, result, [&](int64_t i) {
    const T ifTrue = x[i], ifFalse = y[i]; // Both, so that it vectorises.
    return condition[i] ? ifTrue : ifFalse;
  });
  return true;
}

template <class From, class To>
bool runCast(int64_t n, const void *const *operands, void *result) {
  const Source<From> x(operands[0]);
  fill<To>(n, result,
           [&](int64_t i) { return math::castScalar<To, From>(x[i]); });
  return true;
}

template <class T>
bool runRandom(int64_t n, const void *const *operands, void *result) {
  const Source<int64_t> index(operands[0]), seed(operands[1]),
      offset(operands[2]);
  fill<T>(n, result, [&](int64_t i) {
    return math::randomScalar<T>(index[i], seed[i], offset[i]);
  });
  return true;
}

template <class Op, class T> constexpr BlockFunction opEntry() {
  if constexpr (!domainAdmits(Op::domain, DTypeOf<T>::value))
    return nullptr;
  else if constexpr (isHalf(DTypeOf<T>::value))
    return &runHalfOp<Op, T>;
  else
    return &runOp<Op, T>;
}

template <class T> constexpr void addType(BlockTable &table) {
  constexpr int type = static_cast<int>(DTypeOf<T>::value);
#define FUSER_POINTWISE(MNEMONIC, ARITY, DOMAIN, RESULT)                       \
  table.op[static_cast<int>(Opcode::MNEMONIC)][type] =                         \
      opEntry<Op_##MNEMONIC, T>();
#include "FuserMath/Ops.def"
  table.op[static_cast<int>(Opcode::select)][type] = &runSelect<T>;
  if constexpr (isFloat(DTypeOf<T>::value))
    table.op[static_cast<int>(Opcode::random)][type] = &runRandom<T>;
#define FUSER_DTYPE(NAME, TYPE)                                                \
  table.cast[type][static_cast<int>(DType::NAME)] = &runCast<T, TYPE>;
  FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
}

constexpr BlockTable makeTable() {
  BlockTable table{};
#define FUSER_DTYPE(NAME, TYPE) addType<TYPE>(table);
  FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
  return table;
}

// makeTable() expands every row of Ops.def, and a row without semantics does
// not compile; what else is an opcode must be added there by hand.
constexpr int kNumRows = 0
#define FUSER_POINTWISE(MNEMONIC, ARITY, DOMAIN, RESULT) +1
#include "FuserMath/Ops.def"
    ;
static_assert(kNumOpcodes == kNumRows + 3,
              "besides the rows of Ops.def there are select, cast and random");

} // namespace

constexpr BlockTable kTable = makeTable();
const BlockTable kBlockTable = kTable;

} // namespace fuser::runtime::FUSER_ISA
