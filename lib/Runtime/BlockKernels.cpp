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

#ifdef __F16C__
#include <immintrin.h>
#endif

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
  explicit Source(const void *block, int64_t begin = 0)
      : elements(static_cast<const typename Element<T>::Stored *>(block) +
                 begin) {}
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

/// Elements [begin, end) of `Op` with builder `b`; T is not a half.
template <class Op, class T, class Builder>
inline void runWith(Builder &b, int64_t begin, int64_t end,
                    const void *const *operands, void *result) {
  using R = ResultType<Op, T>;
  const int64_t n = end - begin;
  const Source<T> x(operands[0], begin);
  auto *to = static_cast<typename Element<R>::Stored *>(result) + begin;
  if constexpr (Op::arity == 1) {
    fill<R>(n, to, [&](int64_t i) { return Op::apply(b, x[i]); });
  } else if constexpr (Op::arity == 2) {
    const Source<T> y(operands[1], begin);
    fill<R>(n, to, [&](int64_t i) { return Op::apply(b, x[i], y[i]); });
  } else {
    const Source<T> y(operands[1], begin), z(operands[2], begin);
    fill<R>(n, to, [&](int64_t i) { return Op::apply(b, x[i], y[i], z[i]); });
  }
}

/// Computes what needs a slow way: a piece that has no such element once more
/// in the usual one, so that few of them do not slow down all.
template <class Op, class T>
[[gnu::noinline]] void runRare(int64_t n, const void *const *operands,
                               void *result) {
  constexpr int64_t piece = 64;
  for (int64_t begin = 0; begin < n; begin += piece) {
    const int64_t end = n - begin < piece ? n : begin + piece;
    math::Rarity rarity;
    math::UsualBuilder<T> usual(rarity);
    runWith<Op, T>(usual, begin, end, operands, result);
    if (!rarity)
      continue;
    math::ScalarBuilder<T> b;
    runWith<Op, T>(b, begin, end, operands, result);
  }
}

template <class Op, class T>
bool runOp(int64_t n, const void *const *operands, void *result) {
  math::ScalarBuilder<T> b;
  if constexpr (b.isFloat) {
    math::Rarity rarity;
    math::UsualBuilder<T> usual(rarity);
    runWith<Op, T>(usual, 0, n, operands, result);
    if (rarity)
      runRare<Op, T>(n, operands, result);
    return true;
  } else {
    runWith<Op, T>(b, 0, n, operands, result);
    if constexpr (opcodeRaises(Op::opcode, DTypeOf<T>::value))
      return !b.raised;
    return true;
  }
}

//===----------------------------------------------------------------------===//
// Halves
//===----------------------------------------------------------------------===//

/// Halves are computed as floats in pieces of this size, always whole ones:
/// loops of constant length.
constexpr int kPiece = 64;

/// The numbers that halves are.
template <class T>
inline void widen(const T *__restrict from, float *__restrict to) {
  // What toFloat() computes, but for the bits of a NaN.
#ifdef __AVX512F__
  if constexpr (DTypeOf<T>::value == DType::f16) {
    for (int i = 0; i < kPiece; i += 16)
      _mm512_storeu_ps(to + i,
                       _mm512_cvtph_ps(_mm256_loadu_si256(
                           reinterpret_cast<const __m256i *>(from + i))));
    return;
  }
#elif defined(__F16C__)
  if constexpr (DTypeOf<T>::value == DType::f16) {
    for (int i = 0; i < kPiece; i += 8)
      _mm256_storeu_ps(to + i,
                       _mm256_cvtph_ps(_mm_loadu_si128(
                           reinterpret_cast<const __m128i *>(from + i))));
    return;
  }
#endif
  for (int i = 0; i < kPiece; ++i)
    to[i] = toFloat(from[i]);
}

/// The halves next to numbers.
template <class T>
inline void narrow(const float *__restrict from, T *__restrict to) {
#ifdef __F16C__
  if constexpr (DTypeOf<T>::value == DType::f16) {
    for (int i = 0; i < kPiece; i += 8)
      _mm_storeu_si128(reinterpret_cast<__m128i *>(to + i),
                       _mm256_cvtps_ph(_mm256_loadu_ps(from + i),
                                       _MM_FROUND_TO_NEAREST_INT));
    return;
  }
#endif
  for (int i = 0; i < kPiece; ++i)
    to[i] = math::toElement<T>(from[i]);
}

/// Calls part(operands, result) on pieces of blocks of `From` and `To`. The
/// last one is filled up with copies of its first elements.
template <int Arity, class From, class To, class Part>
inline void forEachPiece(int64_t n, const void *const *operands, void *result,
                         Part part) {
  using In = typename Element<From>::Stored;
  using Out = typename Element<To>::Stored;
  In filledUp[Arity][kPiece];
  Out results[kPiece];
  for (int64_t begin = 0; begin < n; begin += kPiece) {
    const int64_t count = n - begin;
    const In *from[Arity];
    for (int k = 0; k < Arity; ++k) {
      from[k] = static_cast<const In *>(operands[k]) + begin;
      if (count >= kPiece)
        continue;
      for (int i = 0; i < kPiece; ++i)
        filledUp[k][i] = from[k][i < count ? i : 0];
      from[k] = filledUp[k];
    }
    Out *const to = static_cast<Out *>(result) + begin;
    part(from, count < kPiece ? results : to);
    for (int64_t i = 0; count < kPiece && i < count; ++i)
      to[i] = results[i];
  }
}

/// An op on halves: the float one between conversions.
template <class Op, class T>
bool runHalfOp(int64_t n, const void *const *operands, void *result) {
  using R = ResultType<Op, T>;
  alignas(64) float numbers[Op::arity][kPiece], results[kPiece];
  const void *inputs[Op::arity];
  for (int k = 0; k < Op::arity; ++k)
    inputs[k] = numbers[k];
  forEachPiece<Op::arity, T, R>(
      n, operands, result,
      [&](const T *const *from, typename Element<R>::Stored *to) {
        for (int k = 0; k < Op::arity; ++k)
          widen(from[k], numbers[k]);
        if constexpr (Op::result == Result::Bool) {
          runOp<Op, float>(kPiece, inputs, to);
        } else {
          runOp<Op, float>(kPiece, inputs, results);
          narrow(results, to);
        }
      });
  return true;
}

//===----------------------------------------------------------------------===//
// Ops with several types
//===----------------------------------------------------------------------===//

template <class T>
bool runSelect(int64_t n, const void *const *operands, void *result) {
  const Source<bool> condition(operands[0]);
  const Source<T> x(operands[1]), y(operands[2]);
  fill<T>(n, result, [&](int64_t i) {
    const T ifTrue = x[i], ifFalse = y[i]; // Both, so that it vectorises.
    if constexpr (DTypeOf<T>::value == DType::i1)
      return (condition[i] & ifTrue) | (!condition[i] & ifFalse);
    else
      return condition[i] ? ifTrue : ifFalse;
  });
  return true;
}

template <class From, class To>
bool runCast(int64_t n, const void *const *operands, void *result) {
  constexpr DType from = DTypeOf<From>::value, to = DTypeOf<To>::value;
  using In = typename Element<From>::Stored;
  using Out = typename Element<To>::Stored;
  alignas(64) float numbers[kPiece];
  const void *const input = numbers;
  if constexpr (isHalf(from)) {
    forEachPiece<1, From, To>(n, operands, result,
                              [&](const In *const *x, Out *to) {
                                widen(x[0], numbers);
                                runCast<float, To>(kPiece, &input, to);
                              });
  } else if constexpr (isHalf(to)) {
    forEachPiece<1, From, To>(
        n, operands, result, [&](const In *const *x, Out *to) {
          const void *const elements = x[0];
          runCast<From, float>(kPiece, &elements, numbers);
          narrow(numbers, to);
        });
  } else {
    const Source<From> x(operands[0]);
    fill<To>(n, result, [&](int64_t i) {
      if constexpr (from == DType::i1) // A choice, so that it vectorises.
        return x[i] ? To(1) : To(0);
      else
        return math::castScalar<To, From>(x[i]);
    });
  }
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
