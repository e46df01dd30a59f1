//===- Check.cpp - a program on kernels against op by op ------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Check.h"
#include "Data.h"
#include "FuserCompiler/Compiler.h"
#include "GuardedMemory.h"
#include "Moves.h"
#include "OpKind.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include <algorithm>
#include <cstring>

using namespace fuser;
using namespace fuser::fuzz;
using runtime::Tensor;
using runtime::Value;
using Results = absl::StatusOr<std::vector<Tensor>>;

const char *fuzz::faultName(Fault fault) {
  static const char *const names[kNumFaults] = {
      "none",     "load error", "run error", "wrong type",
      "mismatch", "fallback",   "overwrite", "crash"};
  return names[static_cast<int>(fault)];
}

namespace {
/// As many threads as the call at hand asks for.
class SwitchedPool : public runtime::ThreadPool {
public:
  int numThreads() const override { return current().numThreads(); }
  void parallelFor(int64_t parts,
                   const std::function<void(int64_t)> &body) override {
    current().parallelFor(parts, body);
  }

  int threads = 1;

private:
  runtime::ThreadPool &current() const { return threads == 1 ? *one : *two; }
  std::shared_ptr<runtime::ThreadPool> one = runtime::createThreadPool(1);
  std::shared_ptr<runtime::ThreadPool> two = runtime::createThreadPool(2);
};
} // namespace

class Checker::Impl {
public:
  explicit Impl(CheckOptions options)
      : options(std::move(options)), compiler(sessionOptions()) {}

  Outcome check(const Case &program);

  CheckOptions options;
  std::shared_ptr<GuardedAllocator> allocator =
      std::make_shared<GuardedAllocator>();
  std::shared_ptr<SwitchedPool> pool = std::make_shared<SwitchedPool>();
  Compiler compiler;

private:
  runtime::SessionOptions sessionOptions() {
    runtime::SessionOptions result;
    result.allocator = allocator;
    result.threadPool = pool;
    return result;
  }
  Outcome checkCall(const Case &program, size_t call);
  Outcome compare(const Case &program, size_t call, const NodeShapes &shapes,
                  const Results &found, const Results &expected);
  Outcome compareResult(const Case &program, size_t call,
                        const NodeShapes &shapes, size_t number,
                        const Tensor &found, const Tensor &expected);
  Results runGiven(const std::vector<Value> &arguments, uint64_t seed,
                   std::vector<GuardedOutput> &outputs);
  int64_t fallbacks();

  Program fused, unfused;
  const ProgramFunction *function = nullptr, *reference = nullptr;
};

/// Those that nobody asked for.
int64_t Checker::Impl::fallbacks() {
  const runtime::StatisticsSnapshot statistics =
      compiler.session().statistics();
  return statistics.totalFallbacks() -
         statistics
             .fallbacks[static_cast<int>(runtime::FallbackReason::Requested)];
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

/// The representations of the elements, in row-major order; `asTruth` makes a 1
/// of all but 0.
static std::vector<uint64_t> bitsOf(const Tensor &tensor, bool asTruth) {
  std::vector<uint64_t> elements;
  const Dims sizes(tensor.sizes().begin(), tensor.sizes().end());
  forEachIndex(sizes, [&](const Dims &index) {
    const uint64_t bits = loadElement(tensor.dataAs<std::byte>() +
                                          placeOf(index, tensor.strides()) *
                                              dtypeSize(tensor.dtype()),
                                      tensor.dtype());
    elements.push_back(asTruth ? bits != 0 : bits);
  });
  return elements;
}

/// Says where the first element is that differs, if any does.
static std::string firstDifference(const Dims &sizes, DType dtype,
                                   const std::vector<uint64_t> &found,
                                   const std::vector<uint64_t> &expected,
                                   absl::string_view expectedBy) {
  std::string text;
  size_t i = 0;
  forEachIndex(sizes, [&](const Dims &index) {
    const uint64_t x = found[i], y = expected[i];
    ++i;
    if (text.empty() && x != y && !(isNaN(dtype, x) && isNaN(dtype, y)))
      text = absl::StrFormat("%s is 0x%0*x, %s 0x%0*x",
                             runtime::shapeString(index), 2 * dtypeSize(dtype),
                             x, expectedBy, 2 * dtypeSize(dtype), y);
  });
  return text;
}

Outcome Checker::Impl::compareResult(const Case &program, size_t call,
                                     const NodeShapes &shapes, size_t number,
                                     const Tensor &found,
                                     const Tensor &expected) {
  const Use value = program.outputs[number];
  const Dims &sizes = shapes[value.node][value.result];
  const ValueSignature &signature = function->results[number];
  const DType dtype = found.dtype();
  if (dtype != expected.dtype() || found.sizes() != expected.sizes() ||
      !signature.admits(found) || found.sizes() != absl::MakeConstSpan(sizes))
    return {Fault::Type,
            absl::StrCat("is a tensor<", found.typeString(), ">, op by op ",
                         expected.typeString(), ", by the program ",
                         signature.str(), " of sizes ",
                         runtime::shapeString(sizes))};
  // A true i1 is any byte but 0 in an argument, and 1 in all that is computed.
  const bool isArgument = static_cast<size_t>(function->returned[number]) <
                          function->arguments.size();
  const bool asTruth = isArgument && dtype == DType::i1;
  const std::vector<uint64_t> elements = bitsOf(found, asTruth);
  std::string text = firstDifference(sizes, dtype, elements,
                                     bitsOf(expected, asTruth), "op by op");
  std::optional<std::vector<uint64_t>> moved =
      movedElements(program, call, shapes, value);
  if (moved && text.empty()) {
    if (dtype == DType::i1)
      for (uint64_t &bits : *moved)
        bits = bits != 0;
    text = firstDifference(sizes, dtype, elements, *moved,
                           "as op by op, but in the argument");
  }
  return {text.empty() ? Fault::None : Fault::Elements, std::move(text)};
}

Outcome Checker::Impl::compare(const Case &program, size_t call,
                               const NodeShapes &shapes, const Results &found,
                               const Results &expected) {
  if (!found.ok() || !expected.ok()) {
    const bool isFoundRight =
        found.ok()
            ? mayFailUnneeded(program, shapes)
            : absl::IsInvalidArgument(found.status()) && mayFail(program);
    if (absl::IsInvalidArgument(expected.status()) && isFoundRight) {
      Outcome outcome;
      outcome.isRefused = true;
      return outcome;
    }
    return {Fault::Error,
            absl::StrCat("fused ", found.status().ToString(), ", op by op ",
                         expected.status().ToString())};
  }
  const size_t count = program.outputs.size();
  if (found->size() != count || expected->size() != count)
    return {Fault::Type, absl::StrCat(found->size(), " results")};
  for (size_t i = 0; i < count; ++i) {
    Outcome outcome =
        compareResult(program, call, shapes, i, (*found)[i], (*expected)[i]);
    if (outcome.fault != Fault::None) {
      outcome.text = absl::StrCat("result ", i, " ", outcome.text);
      return outcome;
    }
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

/// Runs the groups one after another into outputs of our own.
Results Checker::Impl::runGiven(const std::vector<Value> &arguments,
                                uint64_t seed,
                                std::vector<GuardedOutput> &outputs) {
  Random random(seed);
  std::vector<Value> values = arguments;
  values.insert(values.end(), function->constants.begin(),
                function->constants.end());
  for (const ProgramFunction::Call &call : function->calls) {
    std::vector<Value> inputs;
    for (int32_t id : call.inputs)
      inputs.push_back(values[id]);
    const absl::StatusOr<runtime::LaunchPlan> plan =
        compiler.session().plan(call.key, inputs);
    if (!plan.ok())
      return plan.status();
    std::vector<Tensor> given;
    for (const runtime::PlannedOutput &output : plan->outputs) {
      outputs.emplace_back(random, output.dtype, output.sizes);
      given.push_back(outputs.back().tensor());
    }
    if (absl::Status status =
            compiler.session().runFusion(call.key, inputs, given);
        !status.ok())
      return status;
    values.insert(values.end(), given.begin(), given.end());
  }
  std::vector<Tensor> results;
  for (int32_t id : function->returned)
    results.push_back(std::get<Tensor>(values[id]));
  return results;
}

static Value valueOf(const Argument &argument, const Node &node) {
  std::byte *data =
      argument.storage->data() + argument.offset * dtypeSize(node.dtype);
  if (node.kind != &scalarArgument())
    return Tensor::borrow(data, node.dtype, argument.sizes, argument.strides,
                          argument.storage);
  const uint64_t bits = loadElement(data, node.dtype);
  if (node.dtype == DType::i64)
    return static_cast<int64_t>(bits);
  if (node.dtype == DType::i1)
    return bits != 0;
  double number;
  std::memcpy(&number, &bits, sizeof number);
  return number;
}

static bool hasKind(const Case &program, const std::string &name) {
  return std::any_of(program.nodes.begin(), program.nodes.end(),
                     [&](const Node &node) { return node.kind->name == name; });
}

/// Another bit in the first element that there is.
static void flipBit(Results &results) {
  for (size_t i = 0; results.ok() && i < results->size(); ++i)
    if ((*results)[i].numElements() > 0) {
      *(*results)[i].dataAs<uint8_t>() ^= 1;
      return;
    }
}

Outcome Checker::Impl::checkCall(const Case &program, size_t number) {
  const Call &call = program.calls[number];
  const NodeShapes shapes = *shapesInCall(program, number);
  std::vector<Value> arguments;
  std::vector<std::vector<std::byte>> before;
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    arguments.push_back(valueOf(call.arguments[i], program.nodes[i]));
    before.push_back(*call.arguments[i].storage);
  }
  pool->threads = call.threads;

  Results found = fused.run(*function, arguments);
  const Results expected = unfused.runFallback(*reference, arguments);
  if (!options.pretendWrong.empty() && hasKind(program, options.pretendWrong))
    flipBit(found);
  Outcome outcome = compare(program, number, shapes, found, expected);
  const bool isRefused = outcome.isRefused;
  if (outcome.fault == Fault::None && call.givenOutputs) {
    std::vector<GuardedOutput> outputs;
    outcome =
        compare(program, number, shapes,
                runGiven(arguments, *call.givenOutputs, outputs), expected);
    for (size_t i = 0; i < outputs.size() && outcome.fault == Fault::None; ++i)
      if (!outputs[i].isIntact())
        outcome = {Fault::Overwrite, "memory beside a given output"};
    outcome.onlyGiven = outcome.fault != Fault::None;
  }
  for (size_t i = 0; i < before.size() && outcome.fault == Fault::None; ++i)
    if (before[i] != *call.arguments[i].storage)
      outcome = {Fault::Overwrite, absl::StrCat("argument ", i)};
  outcome.isRefused = isRefused;
  return outcome;
}

Outcome Checker::Impl::check(const Case &program) {
  const std::string text = programText(program);
  LoadOptions everyOpAlone;
  everyOpAlone.maxOps = 1;
  absl::StatusOr<Program> whole = compiler.load(text, "fuzz.mlir");
  absl::StatusOr<Program> single =
      compiler.load(text, "fuzz.mlir", everyOpAlone);
  if (!whole.ok() || !single.ok())
    return {Fault::Load, absl::StrCat(whole.status().ToString(), "\nop by op ",
                                      single.status().ToString())};
  fused = *std::move(whole);
  unfused = *std::move(single);
  function = *fused.find("");
  reference = *unfused.find("");
  const int64_t fallbacksBefore = fallbacks();
  Outcome result;
  for (size_t call = 0; call < program.calls.size(); ++call) {
    Outcome outcome = checkCall(program, call);
    if (outcome.fault == Fault::None && allocator->takeOverwritten())
      outcome = {Fault::Overwrite, "memory beside an output"};
    if (outcome.fault != Fault::None) {
      outcome.text = absl::StrCat("call ", call, ": ", outcome.text);
      return outcome;
    }
    result.isRefused |= outcome.isRefused;
  }
  if (fallbacks() == fallbacksBefore)
    return result;
  const runtime::StatisticsSnapshot statistics =
      compiler.session().statistics();
  for (auto record = statistics.compiles.rbegin();
       record != statistics.compiles.rend(); ++record)
    if (!record->error.empty())
      return {Fault::Fallback, record->error};
  return {Fault::Fallback, "a kernel was not launched"};
}

Checker::Checker(CheckOptions options)
    : impl(std::make_unique<Impl>(std::move(options))) {}
Checker::~Checker() = default;
Outcome Checker::check(const Case &program) { return impl->check(program); }
int64_t Checker::kernels() const {
  return impl->compiler.session().nCompiledKernels();
}
