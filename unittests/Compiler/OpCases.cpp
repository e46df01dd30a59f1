//===- OpCases.cpp - programs of every op on every type -------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpCases.h"
#include "absl/strings/str_cat.h"

using namespace fuser;

static bool isComparison(Opcode opcode) {
  return opcode >= Opcode::eq && opcode <= Opcode::ge;
}

DType OpCase::resultType() const {
  return opcodeGivesBool(opcode) ? DType::i1 : to;
}

std::vector<DType> OpCase::operandTypes() const {
  std::vector<DType> types(opcodeArity(opcode), type);
  if (opcode == Opcode::select)
    types.front() = DType::i1;
  if (opcode == Opcode::random)
    types.assign(types.size(), DType::i64);
  return types;
}

static std::string tensorType(DType dtype, int64_t rank) {
  std::string text = "tensor<";
  for (int64_t dim = 0; dim < rank; ++dim)
    text += "?x";
  return absl::StrCat(text, dtypeName(dtype), ">");
}

std::string OpCase::program(int64_t rank) const {
  std::string arguments, operands, list;
  const std::vector<DType> types = operandTypes();
  for (std::size_t i = 0; i < types.size(); ++i) {
    absl::StrAppend(&arguments, i ? ", " : "", "%", i, ": ",
                    tensorType(types[i], rank));
    absl::StrAppend(&operands, i ? ", " : "", "%", i);
    absl::StrAppend(&list, i ? ", " : "", tensorType(types[i], rank));
  }
  std::string op = absl::StrCat(opcodeName(opcode), " ");
  if (isComparison(opcode))
    op = absl::StrCat("compare ", op, ", ");
  const std::string result = tensorType(resultType(), rank);
  std::string signature = tensorType(type, rank);
  if (opcode == Opcode::cast)
    absl::StrAppend(&signature, " to ", result);
  if (opcode == Opcode::random)
    signature = absl::StrCat("(", list, ") -> ", result);
  return absl::StrCat("func.func @f(", arguments, ") -> ", result,
                      " {\n  %r = fuser.", op, operands, " : ", signature,
                      "\n  return %r : ", result, "\n}\n");
}

std::vector<Value>
OpCase::inputs(const Dims &sizes,
               const std::function<Layout(std::size_t)> &layout) const {
  const std::vector<DType> types = operandTypes();
  std::vector<Value> values;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const bool isDivisor = i == 1 && opcodeRaises(opcode, type);
    values.push_back(makeInput(types[i], sizes, layout(i),
                               17 * sizes.size() + i,
                               isDivisor ? Data::Divisors : Data::Wild));
  }
  return values;
}

std::string OpCase::name() const {
  return absl::StrCat(opcodeName(opcode), "_", dtypeName(type),
                      opcode == Opcode::cast ? absl::StrCat("_", dtypeName(to))
                                             : "");
}

std::vector<OpCase> fuser::allOpCases() {
  std::vector<OpCase> cases;
  for (int opcode = 0; opcode < kNumOpcodes; ++opcode)
    for (int type = 0; type < kNumDTypes; ++type) {
      const OpCase test{Opcode(opcode), DType(type), DType(type)};
      if (!domainAdmits(opcodeDomain(test.opcode), test.type))
        continue;
      if (test.opcode != Opcode::cast) {
        cases.push_back(test);
        continue;
      }
      for (int to = 0; to < kNumDTypes; ++to)
        cases.push_back({test.opcode, test.type, DType(to)});
    }
  return cases;
}
