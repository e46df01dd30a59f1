//===- Shrink.cpp - smaller programs that are as wrong --------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Shrink.h"
#include "Data.h"
#include "OpKind.h"
#include <algorithm>
#include <chrono>
#include <set>

using namespace fuser;
using namespace fuser::fuzz;

namespace {
/// Tries changes, one after another, and keeps those that leave the program
/// interesting.
class Shrinker {
public:
  Shrinker(Case program, const Interesting &isInteresting,
           const ShrinkOptions &options)
      : program(std::move(program)), isInteresting(isInteresting),
        options(options) {}

  Case run();

private:
  /// Keeps `candidate` if it is valid and interesting.
  bool accept(Case candidate);
  bool isExhausted() const;

  bool dropCalls();
  bool simplifyCalling();
  bool dropOutputs();
  bool startAtValues();
  bool replaceNodes();
  bool replaceValue(Use value);
  bool dropOperands();
  bool simplifyNodes();
  bool trySizes(int64_t size, const std::function<Case(int64_t, bool)> &make);
  bool shrinkSizes();
  bool simplifyLayouts();
  bool simplifyElements();
  bool simplifyArgument(size_t call, size_t argument);

  Case program;
  const Interesting &isInteresting;
  const ShrinkOptions &options;
  int64_t tries = 0;
  std::chrono::steady_clock::time_point begin =
      std::chrono::steady_clock::now();
};
} // namespace

bool Shrinker::isExhausted() const {
  const std::chrono::duration<double> spent =
      std::chrono::steady_clock::now() - begin;
  return tries >= options.maxTries || spent.count() > options.maxSeconds;
}

bool Shrinker::accept(Case candidate) {
  if (isExhausted() || !isValid(candidate))
    return false;
  ++tries;
  if (!isInteresting(candidate))
    return false;
  program = std::move(candidate);
  return true;
}

//===----------------------------------------------------------------------===//
// Calls and outputs
//===----------------------------------------------------------------------===//

bool Shrinker::dropCalls() {
  bool changed = false;
  for (size_t i = 0; i < program.calls.size() && program.calls.size() > 1;
       ++i) {
    Case candidate = program;
    candidate.calls = {program.calls[i]};
    changed |= accept(std::move(candidate));
  }
  for (size_t i = program.calls.size(); i-- > 0 && program.calls.size() > 1;) {
    Case candidate = program;
    candidate.calls.erase(candidate.calls.begin() + i);
    changed |= accept(std::move(candidate));
  }
  return changed;
}

/// How calls are made.
bool Shrinker::simplifyCalling() {
  bool changed = false;
  auto tryWithout = [&](bool isThere, auto &&change) {
    Case candidate = program;
    change(candidate);
    if (isThere)
      changed |= accept(std::move(candidate));
  };
  tryWithout(program.repeats.has_value(),
             [](Case &candidate) { candidate.repeats.reset(); });
  tryWithout(program.fewKernels,
             [](Case &candidate) { candidate.fewKernels = false; });
  for (size_t i = 0; i < program.calls.size(); ++i) {
    tryWithout(program.calls[i].givenOutputs.has_value(), [i](Case &candidate) {
      candidate.calls[i].givenOutputs.reset();
    });
    tryWithout(program.calls[i].threads != 1,
               [i](Case &candidate) { candidate.calls[i].threads = 1; });
  }
  return changed;
}

bool Shrinker::dropOutputs() {
  bool changed = false;
  for (size_t i = 0; i < program.outputs.size() && program.outputs.size() > 1;
       ++i) {
    Case candidate = program;
    candidate.outputs = {program.outputs[i]};
    removeUnused(candidate);
    changed |= accept(std::move(candidate));
  }
  for (size_t i = program.outputs.size();
       i-- > 0 && program.outputs.size() > 1;) {
    Case candidate = program;
    candidate.outputs.erase(candidate.outputs.begin() + i);
    removeUnused(candidate);
    changed |= accept(std::move(candidate));
  }
  return changed;
}

/// Ends the program at the first value that is interesting by itself.
bool Shrinker::startAtValues() {
  for (int32_t i = 0; i < static_cast<int32_t>(program.nodes.size()); ++i) {
    if (program.nodes[i].kind == &scalarArgument())
      continue;
    for (int32_t result = 0; result < program.nodes[i].numResults; ++result) {
      Case candidate = program;
      candidate.outputs = {{i, result}};
      removeUnused(candidate);
      if (candidate.numOps() < program.numOps() && accept(std::move(candidate)))
        return true;
    }
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

static void replaceUses(Case &program, Use from, Use to) {
  for (Node &node : program.nodes)
    std::replace(node.operands.begin(), node.operands.end(), from, to);
  std::replace(program.outputs.begin(), program.outputs.end(), from, to);
}

/// Puts a new argument in the place of `value`, with the value's sizes.
static Case withArgument(const Case &program, Use value) {
  const int32_t numArguments = program.numArguments();
  Case result = program;
  const DType dtype = program.nodes[value.node].dtype;
  for (size_t call = 0; call < program.calls.size(); ++call) {
    const NodeShapes shapes = *shapesInCall(program, call);
    Random random(1, call);
    Argument argument{shapes[value.node][value.result], {}, 0, nullptr};
    argument.strides = runtime::rowMajorStrides(argument.sizes);
    const int64_t size = dtypeSize(dtype), extent = storageExtent(argument);
    argument.storage = std::make_shared<std::vector<std::byte>>(extent * size);
    for (int64_t i = 0; i < extent; ++i)
      storeElement(&(*argument.storage)[i * size], dtype,
                   dtype == DType::i1
                       ? random.below(2)
                       : randomElement(random, dtype, Filling::Mixed));
    result.calls[call].arguments.push_back(std::move(argument));
  }
  for (Node &node : result.nodes)
    for (Use &use : node.operands)
      use.node += use.node >= numArguments;
  for (Use &use : result.outputs)
    use.node += use.node >= numArguments;
  Node argument{&tensorArgument(), dtype};
  argument.openDims = ~uint64_t(0);
  result.nodes.insert(result.nodes.begin() + numArguments, argument);
  replaceUses(result, {value.node + 1, value.result}, {numArguments, 0});
  return result;
}

bool Shrinker::replaceValue(Use value) {
  auto tryCandidate = [&](Case candidate) {
    removeUnused(candidate);
    return candidate.numOps() < program.numOps() &&
           accept(std::move(candidate));
  };
  const NodeShapes shapes = *shapesInCall(program, 0);
  const DType dtype = program.nodes[value.node].dtype;
  const Dims sizes = shapes[value.node][value.result];
  std::vector<Use> others = program.nodes[value.node].operands;
  for (int32_t i = 0; i < value.node; ++i)
    for (int32_t result = 0; result < program.nodes[i].numResults; ++result)
      if (shapes[i][result] == sizes)
        others.push_back({i, result});
  for (Use other : others) {
    if (program.nodes[other.node].dtype != dtype ||
        program.nodes[other.node].kind == &scalarArgument())
      continue;
    Case candidate = program;
    replaceUses(candidate, value, other);
    if (tryCandidate(std::move(candidate)))
      return true;
  }
  return tryCandidate(withArgument(program, value));
}

bool Shrinker::replaceNodes() {
  bool changed = false;
  for (int32_t i = static_cast<int32_t>(program.nodes.size()); i-- > 0;) {
    for (int32_t result = 0; i < static_cast<int32_t>(program.nodes.size()) &&
                             result < program.nodes[i].numResults;
         ++result)
      if (!isArgument(program.nodes[i]) && replaceValue({i, result})) {
        changed = true;
        i = static_cast<int32_t>(program.nodes.size());
        break;
      }
  }
  return changed;
}

/// Parts of concatenations.
bool Shrinker::dropOperands() {
  bool changed = false;
  for (size_t i = 0; i < program.nodes.size(); ++i)
    for (size_t j = 0;
         i < program.nodes.size() && program.nodes[i].kind->name == "concat" &&
         program.nodes[i].operands.size() > 1 &&
         j < program.nodes[i].operands.size();
         ++j) {
      Case candidate = program;
      auto &operands = candidate.nodes[i].operands;
      operands.erase(operands.begin() + static_cast<int64_t>(j));
      removeUnused(candidate);
      changed |= accept(std::move(candidate));
    }
  return changed;
}

/// Types, attributes and constants.
bool Shrinker::simplifyNodes() {
  bool changed = false;
  auto tryOn = [&](size_t index, auto &&change) {
    if (index >= program.nodes.size())
      return;
    Case candidate = program;
    if (change(candidate.nodes[index]))
      changed |= accept(std::move(candidate));
  };
  for (size_t i = 0; i < program.nodes.size(); ++i) {
    tryOn(i, [](Node &node) {
      return node.openDims ? (node.openDims = 0, true) : false;
    });
    for (size_t j = 0; j < program.nodes[i].numbers.size(); ++j)
      for (int64_t value : {0, 1})
        tryOn(i, [&](Node &node) {
          const bool isOther =
              node.numbers[j] != value && (value == 0 || node.numbers[j] != 0);
          node.numbers[j] = value;
          return isOther && node.kind->name != "transpose" &&
                 !(node.kind->name == "slice" && node.numbers[3] < 1);
        });
    for (uint64_t bits :
         {zeroOf(program.nodes[i].dtype), oneOf(program.nodes[i].dtype)})
      tryOn(i, [&](Node &node) {
        const bool isOther = node.bits.size() > 1 ||
                             (node.bits.size() == 1 && node.bits[0] != bits &&
                              node.bits[0] != zeroOf(node.dtype));
        node.bits = {bits};
        return isOther;
      });
  }
  return changed;
}

//===----------------------------------------------------------------------===//
// Sizes, layouts, elements
//===----------------------------------------------------------------------===//

/// Leaves `size` elements of dimension `dim`: the first or the last ones.
static void crop(Argument &argument, size_t dim, int64_t size, bool last) {
  if (last)
    argument.offset += (argument.sizes[dim] - size) * argument.strides[dim];
  argument.sizes[dim] = size;
}

/// Takes `to` elements wherever a dimension has `from`.
static Case withSize(const Case &program, int64_t from, int64_t to, bool last) {
  Case result = program;
  for (Call &call : result.calls)
    for (Argument &argument : call.arguments)
      for (size_t dim = 0; dim < argument.sizes.size(); ++dim)
        if (argument.sizes[dim] == from)
          crop(argument, dim, to, last);
  for (Node &node : result.nodes)
    if (node.kind->op == "constant" || node.kind->op == "splat" ||
        node.kind->op == "iota" || node.kind->op == "broadcast_to" ||
        node.kind->op == "reshape")
      std::replace(node.numbers.begin(), node.numbers.end(), from, to);
  return result;
}

/// Tries smaller sizes than `size`; `make` changes the program.
bool Shrinker::trySizes(int64_t size,
                        const std::function<Case(int64_t, bool)> &make) {
  for (int64_t smaller :
       {int64_t(1), int64_t(2), size / 4, size / 2, size - size / 8, size - 1})
    for (bool last : {false, true})
      if (smaller > 0 && smaller < size && accept(make(smaller, last)))
        return true;
  return false;
}

bool Shrinker::shrinkSizes() {
  bool changed = false;
  std::set<int64_t, std::greater<int64_t>> sizes;
  for (const Call &call : program.calls)
    for (const Argument &argument : call.arguments)
      sizes.insert(argument.sizes.begin(), argument.sizes.end());
  for (int64_t size : sizes)
    changed |= trySizes(size, [&](int64_t smaller, bool last) {
      return withSize(program, size, smaller, last);
    });
  for (size_t call = 0; call < program.calls.size(); ++call)
    for (size_t i = 0; i < program.calls[call].arguments.size(); ++i)
      for (size_t dim = 0; dim < program.calls[call].arguments[i].sizes.size();
           ++dim)
        changed |= trySizes(program.calls[call].arguments[i].sizes[dim],
                            [&](int64_t smaller, bool last) {
                              Case candidate = program;
                              crop(candidate.calls[call].arguments[i], dim,
                                   smaller, last);
                              return candidate;
                            });
  return changed;
}

static bool isDense(const Argument &argument, DType dtype) {
  return argument.strides == runtime::rowMajorStrides(argument.sizes) &&
         argument.storage->size() ==
             static_cast<size_t>(numElements(argument.sizes) *
                                 dtypeSize(dtype));
}

bool Shrinker::simplifyLayouts() {
  bool changed = false;
  for (size_t call = 0; call < program.calls.size(); ++call)
    for (size_t i = 0; i < program.calls[call].arguments.size(); ++i) {
      const Argument &argument = program.calls[call].arguments[i];
      const DType dtype = program.nodes[i].dtype;
      if (isDense(argument, dtype))
        continue;
      Case candidate = program;
      candidate.calls[call].arguments[i] =
          denseArgument(argument.sizes, elementsOf(argument, dtype));
      changed |= accept(std::move(candidate));
    }
  return changed;
}

/// Sets ever shorter runs of elements to 0, or else to 1.
bool Shrinker::simplifyArgument(size_t call, size_t argument) {
  bool changed = false;
  const DType dtype = program.nodes[argument].dtype;
  const int64_t size = dtypeSize(dtype);
  const int64_t count = static_cast<int64_t>(
      program.calls[call].arguments[argument].storage->size() / size);
  auto trySet = [&](int64_t first, int64_t last, uint64_t bits) {
    Case candidate = program;
    Argument &target = candidate.calls[call].arguments[argument];
    auto storage = std::make_shared<std::vector<std::byte>>(*target.storage);
    bool isOther = false;
    for (int64_t i = first; i < last; ++i) {
      std::byte *element = &(*storage)[i * size];
      isOther |= loadElement(element, dtype) > bits;
      storeElement(element, dtype, bits);
    }
    target.storage = std::move(storage);
    const bool accepted = isOther && accept(std::move(candidate));
    changed |= accepted;
    return accepted || !isOther;
  };
  for (int64_t length = count; length > 0; length /= 2) {
    if (count / length > 64)
      break;
    for (int64_t first = 0; first < count; first += length) {
      const int64_t last = std::min(first + length, count);
      if (!trySet(first, last, zeroOf(dtype)))
        trySet(first, last, oneOf(dtype));
    }
  }
  return changed;
}

bool Shrinker::simplifyElements() {
  bool changed = false;
  for (size_t call = 0; call < program.calls.size(); ++call)
    for (size_t i = 0; i < program.calls[call].arguments.size(); ++i)
      changed |= simplifyArgument(call, i);
  return changed;
}

Case Shrinker::run() {
  Case candidate = program;
  removeUnused(candidate);
  accept(std::move(candidate));
  bool changed = true;
  while (changed && !isExhausted()) {
    changed = dropCalls();
    changed |= simplifyCalling();
    changed |= dropOutputs();
    changed |= startAtValues();
    changed |= replaceNodes();
    changed |= dropOperands();
    changed |= simplifyNodes();
    changed |= shrinkSizes();
    changed |= simplifyLayouts();
  }
  for (changed = true; changed && !isExhausted();)
    changed = simplifyElements();
  return program;
}

Case fuzz::shrink(Case program, const Interesting &isInteresting,
                  const ShrinkOptions &options) {
  return Shrinker(std::move(program), isInteresting, options).run();
}
