//===- Specialize.cpp - group and layouts to kernel functions -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserTransforms/Specialize.h"
#include "FuserRuntime/LaunchPlan.h"
#include "FuserTransforms/DescribeGroup.h"
#include "FuserTransforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace fuser;
using runtime::ArgSpec;
using runtime::StrideClass;
using runtime::ValueId;

namespace fuser {
#define GEN_PASS_DEF_SPECIALIZEPASS
#include "FuserTransforms/Passes.h.inc"
} // namespace fuser

std::string fuser::loopFunctionName(int64_t loop) {
  return "kernel_" + std::to_string(loop);
}

LoopArguments fuser::loopArguments(const runtime::KernelSpec &spec,
                                   const ArgSpec &argSpec, int64_t loop) {
  LoopArguments arguments;
  arguments.pointers = spec.raises;
  bool isFirst = true;
  for (const ArgSpec::Nest &nest : argSpec.nests()) {
    if (nest.loop != loop)
      continue;
    if (isFirst)
      arguments.dims += nest.rank - 1;
    isFirst = false;
    arguments.pointers += nest.inner.size();
    arguments.dims += 1; // the inner size
    for (StrideClass inner : nest.inner)
      arguments.dims += nest.rank - 1 + (inner == StrideClass::Strided);
  }
  return arguments;
}

namespace {
/// Builds the function of one loop.
class LoopFunctionBuilder {
public:
  LoopFunctionBuilder(const runtime::KernelSpec &spec, const ArgSpec &argSpec,
                      int64_t loop, ModuleOp module)
      : spec(spec), argSpec(argSpec), loop(loop),
        b(module.getLoc(), OpBuilder::atBlockEnd(module.getBody())) {}

  void build();

private:
  SmallVector<Type> pointerTypes();
  void buildNest(const ArgSpec::Nest &nest);
  Value buildOperand(StrideClass inner, int64_t rank, Value innerSize);
  void buildBody(const ArgSpec::Nest &nest, NestOp op);
  Type elementType(ValueId value) {
    return elementTypeOf(spec.valueType(value), b.getContext());
  }

  const runtime::KernelSpec &spec;
  const ArgSpec &argSpec;
  int64_t loop;
  ImplicitLocOpBuilder b;
  func::FuncOp func;
  SmallVector<Value> outerSizes;
  int64_t nextPointer = 0, nextDim = 0;
};
} // namespace

/// In the order of runtime::LoopFunction's `data`.
SmallVector<Type> LoopFunctionBuilder::pointerTypes() {
  SmallVector<Type> types;
  auto add = [&](ValueId value) {
    types.push_back(MemRefType::get({}, storageTypeOf(elementType(value))));
  };
  for (const ArgSpec::Nest &nest : argSpec.nests()) {
    if (nest.loop != loop)
      continue;
    for (auto [index, leaf] : llvm::enumerate(nest.leaves))
      if (nest.isIndex[index])
        types.push_back(MemRefType::get({}, b.getIndexType()));
      else
        add(leaf);
    for (int32_t piece : nest.pieces)
      add(spec.pieces[piece].value);
  }
  if (spec.raises)
    types.push_back(MemRefType::get({}, b.getI8Type()));
  return types;
}

void LoopFunctionBuilder::build() {
  SmallVector<Type> pointers = pointerTypes();
  LoopArguments arguments = loopArguments(spec, argSpec, loop);
  SmallVector<Type> types(2, b.getIndexType());
  types.append(pointers);
  types.append(arguments.dims, b.getIndexType());
  func = func::FuncOp::create(b, loopFunctionName(loop),
                              b.getFunctionType(types, {}));
  if (argSpec.nonTemporal()[loop])
    func->setAttr(kNonTemporalAttr, b.getUnitAttr());
  if (argSpec.device().type != runtime::DeviceType::CPU)
    func->setAttr(kDeviceAttr, b.getUnitAttr());
  if (argSpec.isVectorAligned()[loop])
    func->setAttr(kVectorAlignedAttr, b.getUnitAttr());
  // In place, leaves and stores share memory; nothing shares the flag's.
  int64_t firstApart =
      argSpec.inPlace()[loop] ? arguments.pointers - spec.raises : 0;
  for (int64_t i = firstApart; i < arguments.pointers; ++i)
    func.setArgAttr(2 + i, "llvm.noalias", b.getUnitAttr());
  if (spec.raises)
    func.setArgAttr(1 + arguments.pointers, kRaisedAttr, b.getUnitAttr());
  b.setInsertionPointToStart(func.addEntryBlock());
  nextPointer = 2;
  nextDim = 2 + arguments.pointers;
  for (const ArgSpec::Nest &nest : argSpec.nests()) {
    if (nest.loop != loop)
      continue;
    while (static_cast<int64_t>(outerSizes.size()) < nest.rank - 1)
      outerSizes.push_back(func.getArgument(nextDim++));
    buildNest(nest);
  }
  func::ReturnOp::create(b);
}

/// A memref of the nest's rank, or of one less if the innermost dimension does
/// not move it. A stride of 1 that the class tells is a constant.
Value LoopFunctionBuilder::buildOperand(StrideClass inner, int64_t rank,
                                        Value innerSize) {
  Value pointer = func.getArgument(nextPointer++);
  SmallVector<OpFoldResult> sizes(outerSizes.begin(), outerSizes.end());
  SmallVector<OpFoldResult> strides;
  SmallVector<int64_t> staticStrides;
  auto addStride = [&](bool isOne) {
    strides.push_back(isOne ? OpFoldResult(b.getIndexAttr(1))
                            : func.getArgument(nextDim++));
    staticStrides.push_back(isOne ? 1 : ShapedType::kDynamic);
  };
  for (int64_t dim = 0; dim + 1 < rank; ++dim)
    addStride(inner == StrideClass::Transposed && dim + 2 == rank);
  if (inner != StrideClass::Broadcast) {
    sizes.push_back(innerSize);
    addStride(inner == StrideClass::Contiguous);
  }
  Type element = cast<MemRefType>(pointer.getType()).getElementType();
  auto type = MemRefType::get(
      SmallVector<int64_t>(sizes.size(), ShapedType::kDynamic), element,
      StridedLayoutAttr::get(b.getContext(), /*offset=*/0, staticStrides));
  return memref::ReinterpretCastOp::create(b, type, pointer, b.getIndexAttr(0),
                                           sizes, strides);
}

void LoopFunctionBuilder::buildNest(const ArgSpec::Nest &nest) {
  Value innerSize = func.getArgument(nextDim++);
  SmallVector<Value> inputs, outputs;
  for (auto [index, inner] : llvm::enumerate(nest.inner))
    (index < nest.leaves.size() ? inputs : outputs)
        .push_back(buildOperand(inner, nest.rank, innerSize));
  auto op = NestOp::create(b, inputs, outputs);
  buildBody(nest, op);
}

/// The dialect's op for `opcode`.
static Value buildOp(ImplicitLocOpBuilder &b, Opcode opcode,
                     ValueRange operands, Type type) {
  StringRef mnemonic = opcodeName(opcode);
  if (auto predicate = symbolizeComparePredicate(mnemonic))
    return CompareOp::create(b, type, *predicate, operands[0], operands[1]);
  SmallString<32> name("fuser.");
  name += mnemonic;
  OperationState state(b.getLoc(), name, operands, type);
  return b.create(state)->getResult(0);
}

/// The instructions that the nest's pieces need, on rank-0 tensors.
void LoopFunctionBuilder::buildBody(const ArgSpec::Nest &nest, NestOp op) {
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&op.getBody());
  DenseMap<ValueId, Value> values;
  auto rank0 = [&](ValueId id) {
    return RankedTensorType::get({}, elementType(id));
  };
  for (int32_t leaf : nest.leaves)
    values[leaf] = body->addArgument(rank0(leaf), b.getLoc());
  auto valueOf = [&](ValueId id) -> Value {
    if (Value known = values.lookup(id))
      return known;
    // Not computed yet, so a constant.
    const runtime::Constant &constant =
        spec.constants[id - spec.firstConstant()];
    RankedTensorType type = rank0(id);
    APInt bits(type.getElementTypeBitWidth(), constant.bits, false, true);
    Attribute element =
        isa<FloatType>(type.getElementType())
            ? Attribute(
                  FloatAttr::get(type.getElementType(),
                                 APFloat(cast<FloatType>(type.getElementType())
                                             .getFloatSemantics(),
                                         bits)))
            : Attribute(IntegerAttr::get(type.getElementType(), bits));
    return values[id] =
               ConstantOp::create(b, DenseElementsAttr::get(type, element));
  };
  llvm::SetVector<int32_t> needed;
  for (int32_t piece : nest.pieces)
    needed.insert_range(spec.pieces[piece].instructions);
  SmallVector<int32_t> order = needed.takeVector();
  llvm::sort(order);
  for (int32_t index : order) {
    const runtime::Instruction &instruction = spec.instructions[index];
    SmallVector<Value> operands;
    for (ValueId operand : instruction.operands)
      if (operand >= 0)
        operands.push_back(valueOf(operand));
    ValueId result = spec.firstResult() + index;
    values[result] = buildOp(b, instruction.opcode, operands, rank0(result));
  }
  SmallVector<Value> stored;
  for (int32_t piece : nest.pieces)
    stored.push_back(valueOf(spec.pieces[piece].value));
  YieldOp::create(b, stored);
}

void fuser::specialize(const runtime::KernelSpec &spec, const ArgSpec &argSpec,
                       ModuleOp module) {
  for (size_t loop = 0; loop < argSpec.nonTemporal().size(); ++loop)
    LoopFunctionBuilder(spec, argSpec, loop, module).build();
}

//===----------------------------------------------------------------------===//
// The pass: layouts from text
//===----------------------------------------------------------------------===//

namespace {
struct SpecializePass : fuser::impl::SpecializePassBase<SpecializePass> {
  using SpecializePassBase::SpecializePassBase;
  void runOnOperation() override;

private:
  LogicalResult specializeGroup(GroupOp group, ModuleOp into);
};
} // namespace

/// "4x8xf32:1x4" as a tensor without memory; none if malformed.
static std::optional<runtime::Tensor> parseLayout(StringRef text,
                                                  runtime::Device device) {
  auto [typeText, stridesText] = text.split(':');
  SmallVector<StringRef> parts;
  typeText.split(parts, 'x');
  // "xf32" after the sizes; the dtype itself has no x.
  std::optional<DType> dtype;
#define FUSER_DTYPE(NAME, TYPE)                                                \
  if (parts.back() == #NAME)                                                   \
    dtype = DType::NAME;
  FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
  parts.pop_back();
  runtime::Dims sizes, strides;
  auto parseAll = [](ArrayRef<StringRef> parts, runtime::Dims &dims) {
    for (StringRef part : parts)
      if (part.getAsInteger(10, dims.emplace_back()) || dims.back() < 0)
        return false;
    return true;
  };
  if (!dtype || !parseAll(parts, sizes))
    return std::nullopt;
  strides = runtime::rowMajorStrides(sizes);
  if (!stridesText.empty()) {
    parts.clear();
    strides.clear();
    stridesText.split(parts, 'x');
    if (!parseAll(parts, strides) || strides.size() != sizes.size())
      return std::nullopt;
  }
  return runtime::Tensor::borrow(reinterpret_cast<void *>(4096), *dtype, sizes,
                                 strides, /*owner=*/nullptr, device);
}

static std::string layoutText(Type type) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    for (int64_t extent : tensor.getShape())
      os << (ShapedType::isDynamic(extent) ? "?" : std::to_string(extent))
         << 'x';
    type = tensor.getElementType();
  }
  os << type;
  return text;
}

LogicalResult SpecializePass::specializeGroup(GroupOp group, ModuleOp into) {
  FailureOr<runtime::KernelSpec> spec = describeGroup(group);
  if (failed(spec))
    return failure();
  runtime::Device target;
  if (device == runtime::deviceTypeName(runtime::DeviceType::CUDA))
    target.type = runtime::DeviceType::CUDA;
  else if (device != runtime::deviceTypeName(target.type))
    return group.emitOpError() << "can't be specialized for the device '"
                               << device << "': expected cpu or cuda";
  SmallVector<runtime::Tensor> tensors;
  SmallVector<std::string> layouts(inputs.begin(), inputs.end());
  if (layouts.empty())
    for (Type type : group.getOperandTypes())
      layouts.push_back(layoutText(type));
  for (StringRef layout : layouts) {
    std::optional<runtime::Tensor> tensor = parseLayout(layout, target);
    if (!tensor)
      return group.emitOpError() << "has the layout '" << layout
                                 << "': expected <sizes>x<dtype>[:<strides>] "
                                    "of static sizes, as in "
                                    "inputs=4x8xf32:1x4";
    tensors.push_back(*tensor);
  }
  absl::StatusOr<runtime::LaunchPlan> plan =
      runtime::planLaunch(*spec, tensors, {});
  if (!plan.ok())
    return group.emitOpError() << "can't be called with these inputs: "
                               << std::string(plan.status().message());
  for (runtime::PlannedLoop &loop : plan->loops)
    loop.inPlace = inPlace;
  specialize(*spec, ArgSpec(target, *plan), into);
  return success();
}

void SpecializePass::runOnOperation() {
  ModuleOp module = getOperation();
  SmallVector<GroupOp> groups;
  module.walk([&](GroupOp group) { groups.push_back(group); });
  OpBuilder builder(module.getContext());
  SmallVector<OwningOpRef<ModuleOp>> kernels;
  for (GroupOp group : groups) {
    kernels.push_back(ModuleOp::create(builder, group.getLoc()));
    if (failed(specializeGroup(group, *kernels.back())))
      return signalPassFailure();
  }
  for (Operation &op :
       llvm::make_early_inc_range(llvm::reverse(*module.getBody())))
    op.erase();
  // The kernel functions of group i are named kernel_0, ... in group 0, and
  // group<i>_kernel_0, ... in the others.
  for (auto [index, kernel] : llvm::enumerate(kernels))
    for (Operation &op : llvm::make_early_inc_range(*kernel->getBody())) {
      op.moveBefore(module.getBody(), module.getBody()->end());
      auto func = cast<func::FuncOp>(op);
      if (index > 0)
        func.setName("group" + std::to_string(index) + "_" +
                     func.getName().str());
    }
}
