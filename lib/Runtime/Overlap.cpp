//===- Overlap.cpp - memory that inputs and outputs share -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Overlap.h"
#include "absl/strings/str_cat.h"
#include <algorithm>

namespace fuser::runtime {

namespace {

/// Elements at strided places in memory.
struct Places {
  explicit Places(const Tensor &tensor)
      : Places(tensor.data(), dtypeSize(tensor.dtype()), tensor.sizes(),
               tensor.strides()) {}
  Places(const PlannedOperand &operand, MemoryTable memory,
         absl::Span<const int64_t> sizes)
      : Places(operand.place(memory), dtypeSize(operand.dtype), sizes,
               operand.strides) {}

  /// The bytes from the first to the last; 0 if there are no elements.
  int64_t extent() const;
  bool operator==(const Places &other) const;

  uintptr_t begin;
  int64_t elementSize;
  absl::Span<const int64_t> sizes, strides;

private:
  Places(void *data, int64_t elementSize, absl::Span<const int64_t> sizes,
         absl::Span<const int64_t> strides)
      : begin(reinterpret_cast<uintptr_t>(data)), elementSize(elementSize),
        sizes(sizes), strides(strides) {}
};

/// Decides whether two strided boxes meet: whether the distance of their
/// starts is a sum of steps, each some times one of their strides.
class BoxMeeting {
public:
  BoxMeeting(const Places &a, const Places &b);
  /// True if it is hard to tell.
  bool mayMeet() { return reach(0, distance); }

private:
  /// A stride in bytes. The steps along it go from `least` to `most` times it.
  struct Axis {
    int64_t stride;
    int64_t most = 0, least = 0;
    /// What the steps along this and all smaller strides sum up to.
    int64_t mostSum = 0, leastSum = 0;
  };
  void add(const Places &places, int64_t Axis::*bound, int64_t sign);
  Axis &axisOf(int64_t stride);
  bool reach(std::size_t number, int64_t rest);

  int64_t distance;
  absl::InlinedVector<Axis, 8> axes;
  /// Tensors have few overlapping dimensions, so few attempts answer.
  int attemptsLeft = 200;
};

} // namespace

int64_t Places::extent() const {
  if (std::find(sizes.begin(), sizes.end(), 0) != sizes.end())
    return 0;
  int64_t last = 0;
  for (std::size_t dim = 0; dim < sizes.size(); ++dim)
    last += (sizes[dim] - 1) * strides[dim];
  return (last + 1) * elementSize;
}

/// Whether each element is where the other's is.
bool Places::operator==(const Places &other) const {
  if (begin != other.begin || elementSize != other.elementSize ||
      sizes != other.sizes)
    return false;
  for (std::size_t dim = 0; dim < sizes.size(); ++dim)
    if (sizes[dim] > 1 && strides[dim] != other.strides[dim])
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// Boxes
//===----------------------------------------------------------------------===//

BoxMeeting::BoxMeeting(const Places &a, const Places &b)
    : distance(static_cast<int64_t>(b.begin - a.begin)) {
  add(a, &Axis::most, 1);
  add(b, &Axis::least, -1);
  std::sort(axes.begin(), axes.end(),
            [](const Axis &x, const Axis &y) { return x.stride > y.stride; });
  for (std::size_t i = axes.size(); i-- > 0;) {
    const bool isLast = i + 1 == axes.size();
    axes[i].mostSum =
        axes[i].most * axes[i].stride + (isLast ? 0 : axes[i + 1].mostSum);
    axes[i].leastSum =
        axes[i].least * axes[i].stride + (isLast ? 0 : axes[i + 1].leastSum);
  }
}

/// Adds the steps from the start of `places` to each of its bytes, or back.
void BoxMeeting::add(const Places &places, int64_t Axis::*bound, int64_t sign) {
  axisOf(1).*bound += sign * (places.elementSize - 1);
  for (std::size_t dim = 0; dim < places.sizes.size(); ++dim)
    if (places.sizes[dim] > 1 && places.strides[dim] != 0)
      axisOf(places.strides[dim] * places.elementSize).*bound +=
          sign * (places.sizes[dim] - 1);
}

BoxMeeting::Axis &BoxMeeting::axisOf(int64_t stride) {
  for (Axis &axis : axes)
    if (axis.stride == stride)
      return axis;
  return axes.emplace_back(Axis{stride});
}

/// Whether steps along axis `number` and those after it sum up to `rest`.
bool BoxMeeting::reach(std::size_t number, int64_t rest) {
  if (number == axes.size())
    return rest == 0;
  // Only so many steps leave what the axes after it can sum up to.
  const auto [stride, most, least, mostSum, leastSum] = axes[number];
  const int64_t mostLeft = mostSum - most * stride;
  if (rest < leastSum)
    return false;
  int64_t step = std::min(most, (rest - leastSum) / stride + least);
  for (; step >= least && rest - step * stride <= mostLeft; --step)
    if (--attemptsLeft < 0 || reach(number + 1, rest - step * stride))
      return true;
  return false;
}

static bool mayOverlap(const Places &a, const Places &b) {
  const int64_t sizeA = a.extent(), sizeB = b.extent();
  if (sizeA == 0 || sizeB == 0 || a.begin >= b.begin + sizeB ||
      b.begin >= a.begin + sizeA)
    return false;
  // No sum of BoxMeeting overflows.
  constexpr int64_t kMost = int64_t(1) << 60;
  return sizeA > kMost || sizeB > kMost || BoxMeeting(a, b).mayMeet();
}

bool mayOverlap(const Tensor &a, const Tensor &b) {
  return mayOverlap(Places(a), Places(b));
}

bool mayOverlapItself(const Tensor &tensor) {
  // Sorted by stride, each dimension must step over all that are inside it.
  absl::InlinedVector<std::pair<int64_t, int64_t>, 6> dims;
  if (tensor.numElements() == 0)
    return false;
  for (int64_t dim = 0; dim < tensor.rank(); ++dim)
    if (tensor.sizes()[dim] > 1)
      dims.emplace_back(tensor.strides()[dim], tensor.sizes()[dim]);
  std::sort(dims.begin(), dims.end());
  int64_t extent = 1;
  for (auto [stride, size] : dims) {
    if (stride < extent)
      return true;
    extent += (size - 1) * stride;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

static bool hasPiece(const OutputNode &node, int32_t piece) {
  return node.parts.empty() ? node.piece == piece
                            : std::any_of(node.parts.begin(), node.parts.end(),
                                          [piece](const OutputNode &part) {
                                            return hasPiece(part, piece);
                                          });
}

static absl::Status refuse(const KernelSpec &spec, int32_t piece,
                           int32_t input) {
  std::size_t output = 0;
  while (!hasPiece(spec.outputs[output], piece))
    ++output;
  return absl::InvalidArgumentError(absl::StrCat(
      "output ", output, " may overlap input ", input,
      " other than in place: where an output replaces an input, both must have "
      "one address, element size and strides, and each element may be read "
      "for the one that replaces it alone; give the output memory of its own"));
}

/// Lets `operand`, one element of an input, read a copy of it that is made
/// before anything is stored.
static void readCopy(PlannedOperand &operand, LaunchPlan &plan) {
  PlannedOperand from = operand;
  from.inner = StrideClass::Strided;
  from.strides = {0};
  operand.memory = plan.copyMemory(plan.copies.size());
  operand.offset = 0;
  plan.copies.push_back({std::move(from), {1}, 1});
}

/// Checks what piece number `index` of `nest` stores against all that the loops
/// of `plan` read. Returns whether it replaces a leaf.
static absl::StatusOr<bool> checkStore(const KernelSpec &spec, LaunchPlan &plan,
                                       MemoryTable memory,
                                       const PlannedNest &nest,
                                       std::size_t index) {
  const Places store(nest.operands[nest.leaves.size() + index], memory,
                     nest.sizes);
  bool replaces = false;
  for (PlannedNest &reader : plan.nests)
    for (std::size_t i = 0; i < reader.leaves.size(); ++i) {
      PlannedOperand &operand = reader.operands[i];
      if (operand.isIndex() || operand.memory >= plan.numInputs)
        continue;
      const Places leaf(operand, memory, reader.sizes);
      if (&reader == &nest && leaf == store)
        replaces = true;
      else if (!mayOverlap(leaf, store))
        continue;
      else if (leaf.extent() == leaf.elementSize)
        readCopy(operand, plan);
      else
        return refuse(spec, nest.pieces[index],
                      spec.leaves[reader.leaves[i]].input);
    }
  return replaces;
}

absl::Status checkOverlap(const KernelSpec &spec,
                          absl::Span<const Tensor> inputs,
                          absl::Span<const Tensor> outputs, LaunchPlan &plan) {
  const bool isApart =
      std::none_of(outputs.begin(), outputs.end(), [&](const Tensor &output) {
        return std::any_of(
            inputs.begin(), inputs.end(),
            [&](const Tensor &input) { return mayOverlap(output, input); });
      });
  if (isApart)
    return absl::OkStatus();
  // Copies, which are new memory, have no place in it.
  absl::InlinedVector<void *, 16> memory;
  for (const Tensor &input : inputs)
    memory.push_back(input.data());
  for (const Tensor &output : outputs)
    memory.push_back(output.data());
  for (PlannedLoop &loop : plan.loops)
    for (int32_t number : loop.nests) {
      const PlannedNest &nest = plan.nests[number];
      for (std::size_t i = 0; i < nest.pieces.size(); ++i) {
        absl::StatusOr<bool> replaces = checkStore(spec, plan, memory, nest, i);
        if (!replaces.ok())
          return replaces.status();
        loop.inPlace |= *replaces;
      }
    }
  return absl::OkStatus();
}

} // namespace fuser::runtime
