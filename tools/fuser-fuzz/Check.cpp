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
#include "FuserRuntime/DeviceTensor.h"
#include "GuardedMemory.h"
#include "Moves.h"
#include "OpKind.h"
#include "RunGroups.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include <algorithm>

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

/// A session, and what has been loaded into it.
struct Checker::Room {
  explicit Room(const runtime::SessionOptions &options) : compiler(options) {}

  runtime::StatisticsSnapshot statistics() {
    return compiler.session().statistics();
  }

  Compiler compiler;
  Program fused, unfused;
  const ProgramFunction *function = nullptr, *reference = nullptr;
};

class Checker::Impl {
public:
  explicit Impl(CheckOptions options) : options(std::move(options)) {}

  Outcome check(const Case &program);
  CheckCounts totals() const;

private:
  Room &roomFor(const Case &program);
  Outcome load(const Case &program);
  Outcome checkCalls(const Case &program);
  Outcome checkCall(const Case &program, size_t call);
  Results runOnDevice(const std::vector<Value> &arguments);
  Outcome checkGroups(const Case &program, size_t call,
                      const std::vector<Argument> &arguments, OutputMode mode,
                      Random &random);
  Outcome checkRepeats(const Case &program);
  Outcome compare(const Case &program, size_t call, const Results &found);
  Outcome compareResult(const Case &program, size_t call,
                        const NodeShapes &shapes, size_t number,
                        const Tensor &found, const Tensor &expected);

  CheckOptions options;
  std::shared_ptr<GuardedAllocator> allocator =
      std::make_shared<GuardedAllocator>();
  std::shared_ptr<SwitchedPool> pool = std::make_shared<SwitchedPool>();
  std::unique_ptr<Room> large, small;
  CheckCounts counts;

  /// Of the program at hand.
  Room *room = nullptr;
  /// What its calls give op by op.
  std::vector<Results> expected;
};

Checker::Room &Checker::Impl::roomFor(const Case &program) {
  std::unique_ptr<Room> &place = program.fewKernels ? small : large;
  if (!place) {
    runtime::SessionOptions session;
    session.allocator = allocator;
    session.threadPool = pool;
    session.tiers = runtime::TierPolicy::FinalOnly;
    if (program.fewKernels) {
      session.tiers = runtime::TierPolicy::QuickOnly;
      session.maxKernels = 2;
      session.maxIdleSpecs = 1;
    }
    place = std::make_unique<Room>(session);
  }
  return *place;
}

CheckCounts Checker::Impl::totals() const {
  CheckCounts result = counts;
  for (Room *each : {large.get(), small.get()})
    if (each) {
      const runtime::StatisticsSnapshot statistics = each->statistics();
      result.kernels += each->compiler.session().nCompiledKernels();
      result.evicted += statistics.evictions;
      result.released += statistics.released;
    }
  return result;
}

/// Those that nobody asked for.
static int64_t fallbacks(const runtime::StatisticsSnapshot &statistics) {
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
  const ValueSignature &signature = room->function->results[number];
  const DType dtype = found.dtype();
  if (dtype != expected.dtype() || found.sizes() != expected.sizes() ||
      !signature.admits(found) || found.sizes() != absl::MakeConstSpan(sizes))
    return {Fault::Type,
            absl::StrCat("is a tensor<", found.typeString(), ">, op by op ",
                         expected.typeString(), ", by the program ",
                         signature.str(), " of sizes ",
                         runtime::shapeString(sizes))};
  // A true i1 is any byte but 0 in an argument, and 1 in all that is computed.
  const bool isArgument =
      static_cast<size_t>(room->function->returned[number]) <
      room->function->arguments.size();
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

/// Compares what call number `call` gave with what it gives op by op.
Outcome Checker::Impl::compare(const Case &program, size_t call,
                               const Results &found) {
  const NodeShapes shapes = *shapesInCall(program, call);
  const Results &expected = this->expected[call];
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

/// Calls group by group with `arguments`, which may be written to.
Outcome Checker::Impl::checkGroups(const Case &program, size_t number,
                                   const std::vector<Argument> &arguments,
                                   OutputMode mode, Random &random) {
  GroupRunner runner(room->compiler.session(), *room->function, mode, random,
                     counts);
  Outcome outcome = compare(program, number, runner.run(program, arguments));
  if (outcome.fault == Fault::None && !runner.overwritten().empty())
    outcome = {Fault::Overwrite, runner.overwritten()};
  outcome.onlyHere = outcome.fault != Fault::None;
  return outcome;
}

/// Runs the function on copies of `arguments` on the first CUDA device.
Results Checker::Impl::runOnDevice(const std::vector<Value> &arguments) {
  auto cuda = room->compiler.session().cudaRuntime();
  if (!cuda.ok())
    return cuda.status();
  std::vector<Value> moved = arguments;
  absl::Status status = runtime::moveToDevice(
      absl::MakeSpan(moved), {runtime::DeviceType::CUDA, 0}, **cuda);
  if (!status.ok())
    return status;
  Results results = room->fused.run(*room->function, moved);
  if (results.ok())
    status = runtime::moveToHost(absl::MakeSpan(*results), **cuda, *allocator);
  if (!status.ok())
    return status;
  return results;
}

/// The arguments of `call` in memory of their own; row-major if asked for.
static std::vector<Argument> copiedArguments(const Case &program,
                                             const Call &call, bool dense) {
  std::vector<Argument> copies = call.arguments;
  for (size_t i = 0; i < copies.size(); ++i) {
    Argument &copy = copies[i];
    if (dense)
      copy =
          denseArgument(copy.sizes, elementsOf(copy, program.nodes[i].dtype));
    else
      copy.storage = std::make_shared<std::vector<std::byte>>(*copy.storage);
  }
  return copies;
}

Outcome Checker::Impl::checkCall(const Case &program, size_t number) {
  const Call &call = program.calls[number];
  std::vector<Value> arguments;
  std::vector<Memory> storages;
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    arguments.push_back(valueOf(call.arguments[i], program.nodes[i]));
    storages.push_back(call.arguments[i].storage);
  }
  const WriteCheck written(storages);
  pool->threads = call.threads;

  Results found = room->fused.run(*room->function, arguments);
  expected.push_back(room->unfused.runFallback(*room->reference, arguments));
  if (!options.pretendWrong.empty() && hasKind(program, options.pretendWrong))
    flipBit(found);
  Outcome outcome = compare(program, number, found);
  const bool isRefused = outcome.isRefused;
  if (outcome.fault == Fault::None && options.onDevice) {
    outcome = compare(program, number, runOnDevice(arguments));
    if (outcome.fault != Fault::None)
      outcome.text = "on the device, " + outcome.text;
    outcome.onlyHere = true;
  }
  if (outcome.fault == Fault::None && call.givenOutputs) {
    Random random(*call.givenOutputs);
    const OutputMode mode =
        random.oneIn(3) ? OutputMode::Given : OutputMode::InPlace;
    outcome = checkGroups(program, number,
                          copiedArguments(program, call, false), mode, random);
  }
  if (outcome.fault == Fault::None && !written.onlyWrote({}))
    outcome = {Fault::Overwrite, "an argument"};
  outcome.isRefused = isRefused;
  return outcome;
}

/// Makes calls again, in two layouts of the arguments, so that some find the
/// plan of the one before and others that of an earlier one.
Outcome Checker::Impl::checkRepeats(const Case &program) {
  Random random(*program.repeats);
  for (int64_t i = random.between(3, 8); i > 0; --i) {
    const auto number = static_cast<size_t>(
        random.below(static_cast<int64_t>(program.calls.size())));
    const Call &call = program.calls[number];
    const bool isDense = random.oneIn(2);
    const OutputMode modes[] = {OutputMode::Allocated, OutputMode::Allocated,
                                OutputMode::Given, OutputMode::InPlace};
    pool->threads = call.threads;
    ++counts.repeats;
    Outcome outcome =
        checkGroups(program, number, copiedArguments(program, call, isDense),
                    modes[random.below(std::size(modes))], random);
    if (outcome.fault != Fault::None) {
      outcome.text =
          absl::StrCat("call ", number, ", made again: ", outcome.text);
      return outcome;
    }
  }
  return {};
}

Outcome Checker::Impl::load(const Case &program) {
  const std::string text = programText(program);
  LoadOptions everyOpAlone;
  everyOpAlone.maxOps = 1;
  absl::StatusOr<Program> whole = room->compiler.load(text, "fuzz.mlir");
  absl::StatusOr<Program> single =
      room->compiler.load(text, "fuzz.mlir", everyOpAlone);
  if (!whole.ok() || !single.ok())
    return {Fault::Load, absl::StrCat(whole.status().ToString(), "\nop by op ",
                                      single.status().ToString())};
  room->fused = *std::move(whole);
  room->unfused = *std::move(single);
  room->function = *room->fused.find("");
  room->reference = *room->unfused.find("");
  return {};
}

Outcome Checker::Impl::checkCalls(const Case &program) {
  Outcome result;
  expected.clear();
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
  if (!program.repeats)
    return result;
  Outcome outcome = checkRepeats(program);
  if (outcome.fault == Fault::None && allocator->takeOverwritten())
    outcome = {Fault::Overwrite,
               "memory beside an output, by calls made again"};
  outcome.isRefused = result.isRefused;
  return outcome;
}

Outcome Checker::Impl::check(const Case &program) {
  room = &roomFor(program);
  const int64_t fallbacksBefore = fallbacks(room->statistics());
  Outcome result = load(program);
  if (result.fault == Fault::None)
    result = checkCalls(program);
  if (result.fault != Fault::None)
    return result;
  const runtime::StatisticsSnapshot statistics = room->statistics();
  if (fallbacks(statistics) == fallbacksBefore)
    return result;
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
CheckCounts Checker::counts() const { return impl->totals(); }
