//===- InterpreterBenchmark.cpp - groups without kernels ------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// interpret/<expression>/<type>/<threads>/<elements>: one call into a given
// output. benchmarks/numexpr_rival.py runs the same expressions on the same
// sizes with numexpr.
//
//===----------------------------------------------------------------------===//

#include "FuserMath/Half.h"
#include "FuserRuntime/Session.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <benchmark/benchmark.h>

using namespace fuser;
using namespace fuser::runtime;

namespace {
/// An expression in postfix form: letters are inputs, numbers constants.
struct Expression {
  const char *name, *postfix;
};
} // namespace

static constexpr Expression kExpressions[] = {
    {"affine", "2 a mul 3 b mul add"},
    {"compare", "a b mul 4.1 a mul sub 2.5 b mul gt"},
    {"where", "a 0 lt b a select c mul"},
    {"logaddexp", "a b a sub exp log1p add"},
    {"gelu", "0.5 a mul 1 0.79788456 a 0.044715 a mul a mul a mul add mul tanh "
             "add mul"},
    {"sincos", "a sin a sin mul b cos b cos mul add"},
    {"ten", "a b mul 2 add c mul a sub 0.5 mul b add c sub a mul b mul 1 add"},
};

static Opcode opcodeOf(absl::string_view name) {
  static const auto *const table =
      new absl::flat_hash_map<absl::string_view, Opcode>{
#define FUSER_POINTWISE(MNEMONIC, ARITY, DOMAIN, RESULT)                       \
  {#MNEMONIC, Opcode::MNEMONIC},
#include "FuserMath/Ops.def"
          {"select", Opcode::select}};
  return table->at(name);
}

static uint64_t bitsOf(DType type, double number) {
  uint64_t bits = 0;
  if (type == DType::f64)
    std::memcpy(&bits, &number, 8);
  const float single = static_cast<float>(number);
  if (type == DType::f32)
    std::memcpy(&bits, &single, 4);
  const Half half = toHalf(single);
  if (type == DType::f16)
    std::memcpy(&bits, &half, 2);
  return bits;
}

static KernelSpec specOf(const Expression &expression, DType type) {
  KernelSpec spec;
  spec.text = absl::StrCat(expression.name, dtypeName(type));
  const std::vector<std::string> tokens =
      absl::StrSplit(expression.postfix, ' ');
  absl::flat_hash_map<std::string, ValueId> values;
  for (const std::string &token : tokens)
    if (token.size() == 1 && token[0] >= 'a' && !values.contains(token)) {
      values[token] = static_cast<ValueId>(spec.leaves.size());
      spec.leaves.push_back({static_cast<int32_t>(spec.inputs.size()), {}});
      spec.inputs.push_back({type, 1});
    }
  double number;
  for (const std::string &token : tokens)
    if (absl::SimpleAtod(token, &number) && !values.contains(token)) {
      values[token] = spec.firstResult();
      spec.constants.push_back({type, bitsOf(type, number), {}});
    }
  std::vector<ValueId> stack;
  for (const std::string &token : tokens) {
    if (auto known = values.find(token); known != values.end()) {
      stack.push_back(known->second);
      continue;
    }
    Instruction instruction{opcodeOf(token), type, type};
    if (instruction.opcode >= Opcode::eq && instruction.opcode <= Opcode::ge)
      instruction.resultType = DType::i1;
    for (int i = opcodeArity(instruction.opcode); i-- > 0; stack.pop_back())
      instruction.operands[i] = stack.back();
    stack.push_back(spec.firstResult() +
                    static_cast<ValueId>(spec.instructions.size()));
    spec.instructions.push_back(instruction);
  }
  spec.shapeGroups.emplace_back();
  for (ValueId leaf = 0; leaf < spec.firstConstant(); ++leaf)
    spec.shapeGroups[0].members.push_back(leaf);
  spec.pieces.push_back({stack.back(), 0, spec.valueType(stack.back())});
  spec.outputs.emplace_back();
  spec.outputs[0].piece = 0;
  return spec;
}

/// Values from -2 to 2 that do not repeat at any power of two.
static Tensor makeInput(DType type, int64_t size, int64_t seed,
                        Allocator &allocator) {
  Tensor tensor = *Tensor::allocate(type, {size}, allocator);
  for (int64_t i = 0; i < size; ++i) {
    const uint64_t bits = bitsOf(
        type, static_cast<double>((i * 37 + seed * 11) % 401 - 200) / 100);
    std::memcpy(static_cast<char *>(tensor.data()) + i * dtypeSize(type), &bits,
                dtypeSize(type));
  }
  return tensor;
}

static void interpret(benchmark::State &state, const Expression &expression,
                      DType type, int threads, int64_t size) {
  SessionOptions options;
  options.interpretOnly = true;
  options.threads = threads;
  Session session(options);
  CallSite site =
      *session.callSite(*session.registerFusion(specOf(expression, type)));
  const KernelSpec &spec = *session.findSpec(site.key());
  std::vector<Value> inputs;
  for (std::size_t i = 0; i < spec.inputs.size(); ++i)
    inputs.push_back(
        makeInput(type, size, static_cast<int64_t>(i), session.allocator()));
  const std::vector<Tensor> outputs = {
      *Tensor::allocate(spec.pieces[0].dtype, {size}, session.allocator())};
  for (auto _ : state)
    if (absl::Status status = site.run(inputs, outputs); !status.ok())
      state.SkipWithError(status.ToString().c_str());
}

static const bool kAreRegistered = [] {
  for (const Expression &expression : kExpressions)
    for (DType type : {DType::f32, DType::f64, DType::f16})
      for (int threads : {1, 2})
        for (int64_t size : {16, 1 << 10, 16 << 10, 256 << 10, 16 << 20})
          if (threads == 1 || size >= 16 << 10)
            benchmark::RegisterBenchmark(
                absl::StrCat("interpret/", expression.name, "/",
                             dtypeName(type), "/", threads, "/", size)
                    .c_str(),
                interpret, expression, type, threads, size)
                ->UseRealTime();
  return true;
}();
