//===- SpecBuilder.h - kernel specs and tensors for tests -------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_UNITTESTS_RUNTIME_SPECBUILDER_H
#define FUSER_UNITTESTS_RUNTIME_SPECBUILDER_H

#include "FuserRuntime/LaunchPlan.h"
#include "FuserRuntime/Tensor.h"
#include "gtest/gtest.h"
#include <cstring>

namespace fuser::runtime {

/// Builds a kernel spec. Values are numbered leaves first, then constants, then
/// results, so they must be added in that order.
class SpecBuilder {
public:
  int32_t input(DType dtype, int64_t rank, bool isScalar = false) {
    spec.inputs.push_back({dtype, rank, isScalar});
    return static_cast<int32_t>(spec.inputs.size()) - 1;
  }
  ValueId leaf(int32_t input, std::vector<ViewStep> steps = {}) {
    EXPECT_TRUE(spec.constants.empty() && spec.instructions.empty());
    spec.leaves.push_back({input, std::move(steps)});
    return spec.firstConstant() - 1;
  }
  /// An input with one leaf.
  ValueId arg(DType dtype, int64_t rank, std::vector<ViewStep> steps = {}) {
    return leaf(input(dtype, rank), std::move(steps));
  }
  ValueId iota(Iota indices, std::vector<ViewStep> steps = {}) {
    const ValueId id = leaf(-1, std::move(steps));
    spec.leaves[id].iota = std::move(indices);
    return id;
  }
  template <class T> ValueId constant(DType dtype, T element, Dims shape = {}) {
    EXPECT_TRUE(spec.instructions.empty());
    uint64_t bits = 0;
    std::memcpy(&bits, &element, sizeof element);
    spec.constants.push_back({dtype, bits, std::move(shape)});
    return spec.firstResult() - 1;
  }
  ValueId op(Opcode opcode, ValueId a, ValueId b = -1, ValueId c = -1) {
    const DType type = spec.valueType(opcode == Opcode::select ? b : a);
    const bool isComparison = opcode >= Opcode::eq && opcode <= Opcode::ge;
    return add({opcode, type, isComparison ? DType::i1 : type, {a, b, c}});
  }
  ValueId cast(ValueId a, DType to) {
    return add({Opcode::cast, spec.valueType(a), to, {a, -1, -1}});
  }
  int32_t group(std::vector<ValueId> members) {
    spec.shapeGroups.push_back({std::move(members)});
    return static_cast<int32_t>(spec.shapeGroups.size()) - 1;
  }
  OutputNode piece(ValueId value, std::vector<ValueId> members) {
    const int32_t shapeGroup = group(std::move(members));
    spec.pieces.push_back({value, shapeGroup, spec.valueType(value)});
    OutputNode node;
    node.piece = static_cast<int32_t>(spec.pieces.size()) - 1;
    return node;
  }
  static OutputNode concat(int64_t dim, std::vector<OutputNode> parts) {
    OutputNode node;
    node.dim = dim;
    node.parts = std::move(parts);
    return node;
  }
  SpecBuilder &output(OutputNode node) {
    spec.outputs.push_back(std::move(node));
    return *this;
  }
  /// An output of one piece whose shape is that of all leaves.
  SpecBuilder &output(ValueId value) {
    std::vector<ValueId> all(spec.firstResult());
    for (std::size_t i = 0; i < all.size(); ++i)
      all[i] = static_cast<ValueId>(i);
    return output(piece(value, std::move(all)));
  }

  /// The spec as it is.
  KernelSpec take(std::string text = "test") {
    spec.text = std::move(text);
    return std::move(spec);
  }
  /// The spec, finalized.
  KernelSpec build(std::string text = "test") {
    KernelSpec result = take(std::move(text));
    const absl::Status status = result.finalize();
    EXPECT_TRUE(status.ok()) << status;
    return result;
  }

private:
  ValueId add(Instruction instruction) {
    spec.instructions.push_back(instruction);
    return spec.firstResult() + static_cast<ValueId>(spec.instructions.size()) -
           1;
  }

  KernelSpec spec;
};

/// out = a + b, f32 of the given ranks.
inline KernelSpec addSpec(int64_t rankA, int64_t rankB,
                          std::string text = "add") {
  SpecBuilder b;
  const ValueId x = b.arg(DType::f32, rankA), y = b.arg(DType::f32, rankB);
  return b.output(b.op(Opcode::add, x, y)).build(std::move(text));
}

inline ViewStep step(ViewStep::Kind kind) {
  ViewStep result;
  result.kind = kind;
  return result;
}
inline ViewStep transpose(Dims dims) {
  ViewStep result = step(ViewStep::Kind::Transpose);
  result.dims = std::move(dims);
  return result;
}
inline ViewStep slice(int64_t dim, int64_t start, int64_t end, int64_t by = 1) {
  ViewStep result = step(ViewStep::Kind::Slice);
  result.dim = dim;
  result.start = start;
  result.end = end;
  result.step = by;
  return result;
}
inline ViewStep chunk(int64_t dim, int64_t index, int64_t count) {
  ViewStep result = step(ViewStep::Kind::Chunk);
  result.dim = dim;
  result.index = index;
  result.count = count;
  return result;
}
inline ViewStep expandDims(int64_t dim) {
  ViewStep result = step(ViewStep::Kind::ExpandDims);
  result.dim = dim;
  return result;
}
inline ViewStep squeeze(int64_t dim) {
  ViewStep result = step(ViewStep::Kind::Squeeze);
  result.dim = dim;
  return result;
}
inline ViewStep reshape(Dims dims) {
  ViewStep result = step(ViewStep::Kind::Reshape);
  result.dims = std::move(dims);
  return result;
}
inline ViewStep broadcastTo(Dims dims) {
  ViewStep result = step(ViewStep::Kind::BroadcastTo);
  result.dims = std::move(dims);
  return result;
}
inline ViewStep broadcastLike(int64_t group) {
  ViewStep result = step(ViewStep::Kind::BroadcastLike);
  result.index = group;
  return result;
}

inline ViewStep partLike(int64_t dim, std::vector<PartRef> parts,
                         bool isExact = false) {
  ViewStep result = step(ViewStep::Kind::PartLike);
  result.dim = dim;
  result.parts = std::move(parts);
  result.isExact = isExact;
  return result;
}

/// The allocator of all tests.
inline Allocator &testAllocator() {
  static const std::shared_ptr<Allocator> allocator = createCachingAllocator();
  return *allocator;
}

/// A new tensor whose dimensions lie in memory in `order` (row-major if empty),
/// element number i in row-major order being value(i).
template <class T, class Fn>
Tensor makeTensor(DType dtype, Dims sizes, Fn value, Dims order = {}) {
  absl::StatusOr<Tensor> tensor =
      order.empty() ? Tensor::allocate(dtype, sizes, testAllocator())
                    : Tensor::allocate(dtype, sizes, order, testAllocator());
  EXPECT_TRUE(tensor.ok()) << tensor.status();
  Dims index(sizes.size(), 0);
  for (int64_t i = 0; i < tensor->numElements(); ++i) {
    int64_t rest = i, offset = 0;
    for (int64_t dim = tensor->rank() - 1; dim >= 0; --dim) {
      offset += rest % sizes[dim] * tensor->strides()[dim];
      rest /= sizes[dim];
    }
    tensor->dataAs<T>()[offset] = static_cast<T>(value(i));
  }
  return *tensor;
}

/// A row-major f32 tensor of 0, 1, 2, ...
inline Tensor iota(Dims sizes, Dims order = {}) {
  return makeTensor<float>(
      DType::f32, std::move(sizes), [](int64_t i) { return i; },
      std::move(order));
}

/// The memory of a call of `plan`: its outputs and copies are allocated.
struct TestMemory {
  TestMemory(const LaunchPlan &plan, const std::vector<Tensor> &inputs,
             std::vector<Tensor> given = {})
      : outputs(std::move(given)) {
    for (const Tensor &input : inputs)
      addresses.push_back(input.data());
    if (outputs.empty())
      for (const PlannedOutput &output : plan.outputs)
        outputs.push_back(*output.allocate(testAllocator()));
    for (const Tensor &output : outputs)
      addresses.push_back(output.data());
    for (const PlannedCopy &copy : plan.copies) {
      copies.push_back(*Tensor::allocate(copy.from.dtype, {copy.numElements},
                                         testAllocator()));
      addresses.push_back(copies.back().data());
    }
  }
  std::vector<Tensor> outputs, copies;
  std::vector<void *> addresses;
};

/// The elements in row-major order.
template <class T> std::vector<T> elements(const Tensor &tensor) {
  absl::StatusOr<Tensor> dense = tensor.contiguous(testAllocator());
  EXPECT_TRUE(dense.ok()) << dense.status();
  return std::vector<T>(dense->dataAs<T>(),
                        dense->dataAs<T>() + dense->numElements());
}

} // namespace fuser::runtime

#endif // FUSER_UNITTESTS_RUNTIME_SPECBUILDER_H
