//===- TransposeTile.cpp - copying lines to columns -----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TransposeTile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace fuser;

namespace {
class TransposedCopy {
public:
  TransposedCopy(ImplicitLocOpBuilder &b, Lines from, Lines to)
      : b(b), from(from), to(to),
        element(cast<MemRefType>(from.memory.getType()).getElementType()) {}

  void emitSquares(Value numLines, Value length);
  void emitElements(Value numLines, Value length, Value doneLines,
                    Value doneLength);
  /// The lines of a square, and the elements of each.
  int64_t width() const {
    return element.getIntOrFloatBitWidth() == 64 ? 8 : 16;
  }
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }

private:
  void emitSquare(Value line, Value position);
  void emitElement(Value line, Value position);
  void loop(Value begin, Value end, int64_t step,
            function_ref<void(Value)> body);
  Value place(const Lines &lines, Value line, Value position);

  ImplicitLocOpBuilder &b;
  Lines from, to;
  Type element;
};
} // namespace

void TransposedCopy::loop(Value begin, Value end, int64_t step,
                          function_ref<void(Value)> body) {
  auto op = scf::ForOp::create(b, begin, end, constant(step));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.getBody());
  body(op.getInductionVar());
}

Value TransposedCopy::place(const Lines &lines, Value line, Value position) {
  return arith::AddIOp::create(b, arith::MulIOp::create(b, line, lines.stride),
                               position);
}

/// Transposes the square matrix of which `rows` are the rows. Each of its
/// stages, of which there are as many as the number of rows has bits, swaps two
/// off-diagonal blocks of half the size of the last stage's.
static void transposeSquare(ImplicitLocOpBuilder &b,
                            MutableArrayRef<Value> rows) {
  int64_t n = rows.size();
  for (int64_t half = n / 2; half > 0; half /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < n; ++lane) {
      low.push_back(lane & half ? n + lane - half : lane);
      high.push_back(lane & half ? n + lane : lane + half);
    }
    for (int64_t i = 0; i < n; ++i) {
      if (i & half)
        continue;
      Value first = rows[i], second = rows[i + half];
      rows[i] = vector::ShuffleOp::create(b, first, second, low);
      rows[i + half] = vector::ShuffleOp::create(b, first, second, high);
    }
  }
}

void TransposedCopy::emitSquare(Value line, Value position) {
  auto type = VectorType::get({width()}, element);
  SmallVector<Value> rows;
  Value index = place(from, line, position);
  for (int64_t i = 0; i < width(); ++i) {
    if (i > 0)
      index = arith::AddIOp::create(b, index, from.stride);
    rows.push_back(vector::LoadOp::create(b, type, from.memory, index));
  }
  transposeSquare(b, rows);
  index = place(to, position, line);
  for (int64_t i = 0; i < width(); ++i) {
    if (i > 0)
      index = arith::AddIOp::create(b, index, to.stride);
    vector::StoreOp::create(b, rows[i], to.memory, index);
  }
}

void TransposedCopy::emitSquares(Value numLines, Value length) {
  loop(constant(0), numLines, width(), [&](Value line) {
    loop(constant(0), length, width(),
         [&](Value position) { emitSquare(line, position); });
  });
}

void TransposedCopy::emitElement(Value line, Value position) {
  Value value =
      memref::LoadOp::create(b, from.memory, place(from, line, position));
  memref::StoreOp::create(b, value, to.memory, place(to, position, line));
}

/// All elements but the first `doneLength` of the first `doneLines` lines.
void TransposedCopy::emitElements(Value numLines, Value length, Value doneLines,
                                  Value doneLength) {
  loop(constant(0), numLines, 1, [&](Value line) {
    Value isDone =
        arith::CmpIOp::create(b, arith::CmpIPredicate::ult, line, doneLines);
    Value first = arith::SelectOp::create(b, isDone, doneLength, constant(0));
    loop(first, length, 1,
         [&](Value position) { emitElement(line, position); });
  });
}

void fuser::emitTransposedCopy(ImplicitLocOpBuilder &b, Lines from,
                               Value numLines, Value length, Lines to,
                               bool useVectors) {
  TransposedCopy copy(b, from, to);
  Value doneLines = copy.constant(0), doneLength = doneLines;
  if (useVectors) {
    auto roundDown = [&](Value n) -> Value {
      Value rest = arith::RemUIOp::create(b, n, copy.constant(copy.width()));
      return arith::SubIOp::create(b, n, rest);
    };
    doneLines = roundDown(numLines);
    doneLength = roundDown(length);
    copy.emitSquares(doneLines, doneLength);
  }
  copy.emitElements(numLines, length, doneLines, doneLength);
}
