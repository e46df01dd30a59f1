//===- ProgramLoader.cpp - program text to a list of calls ----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProgramLoader.h"
#include "DeviceConstants.h"
#include "DiagnosticText.h"
#include "FuserTransforms/Passes.h"
#include "FuserTransforms/Pipelines.h"
#include "absl/strings/str_cat.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/AsmParser/AsmParserState.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace fuser;

ProgramLoader::ArgumentNames
ProgramLoader::argumentNames(ModuleOp module, const AsmParserState &state) {
  ArgumentNames names;
  for (auto func : module.getOps<func::FuncOp>()) {
    if (func.isExternal())
      continue;
    auto *block = state.getBlockDef(&func.getBody().front());
    if (!block)
      continue;
    for (const AsmParserState::SMDefinition &argument : block->arguments) {
      StringRef name(argument.loc.Start.getPointer(),
                     argument.loc.End.getPointer() -
                         argument.loc.Start.getPointer());
      names[func.getName()].push_back(name.ltrim('%').str());
    }
  }
  return names;
}

/// MLIR's parser calls itself for each bracket within another.
static constexpr int64_t kMaxNesting = 256;

/// How deep brackets are nested in `text`, as far as it opens more than it
/// closes. Those in strings and comments, and the heads of arrows, are none.
static int64_t nestingOf(StringRef text) {
  int64_t depth = 0, deepest = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
    case '(':
    case '[':
    case '{':
    case '<':
      deepest = std::max(deepest, ++depth);
      break;
    case '>':
      depth -= i == 0 || text[i - 1] != '-';
      break;
    case ')':
    case ']':
    case '}':
      --depth;
      break;
    case '"':
      while (++i < text.size() && text[i] != '"' && text[i] != '\n')
        i += text[i] == '\\';
      break;
    case '/':
      if (text.substr(i).starts_with("//"))
        i = std::min(text.find('\n', i), text.size());
      break;
    }
    depth = std::max<int64_t>(depth, 0);
  }
  return deepest;
}

absl::StatusOr<OwningOpRef<ModuleOp>>
ProgramLoader::parse(std::string_view text, std::string_view name,
                     ArgumentNames &names) {
  DiagnosticText diagnostics(&context);
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(StringRef(text), StringRef(name)),
      llvm::SMLoc());
  // Bytecode has no names to remember.
  AsmParserState state;
  OwningOpRef<ModuleOp> module =
      OwningOpRef<ModuleOp>(ModuleOp::create(UnknownLoc::get(&context)));
  bool isBytecode =
      mlir::isBytecode(*sources.getMemoryBuffer(sources.getMainFileID()));
  if (!isBytecode && nestingOf(StringRef(text)) > kMaxNesting)
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(name),
                     " is nested too deeply: expected brackets within at most ",
                     kMaxNesting, " others"));
  if (isBytecode)
    module = parseSourceFile<ModuleOp>(sources, ParserConfig(&context));
  else if (failed(parseAsmSourceFile(sources, module->getBody(),
                                     ParserConfig(&context), &state)))
    module = nullptr;
  if (!module)
    return diagnostics.status("the program can't be parsed");
  // The text may hold a module of its own.
  auto inner = module->getOps<ModuleOp>();
  if (!inner.empty() && !llvm::hasSingleElement(*module->getBody()))
    return absl::InvalidArgumentError(
        std::string(name) +
        " has a module beside other ops: expected functions, "
        "or one module of functions");
  ModuleOp program = inner.empty() ? *module : *inner.begin();
  names = argumentNames(program, state);
  if (program != *module) {
    program->remove();
    module = program;
  }
  if (failed(verify(*module)))
    return diagnostics.status("the program is not valid");
  return module;
}

absl::Status
ProgramLoader::formGroupsIn(ModuleOp module, const LoadOptions &options,
                            std::vector<FunctionExplanation> &explanations) {
  DiagnosticText diagnostics(&context);
  PassManager passes(&context);
  buildSimplifyPipeline(passes);
  if (failed(passes.run(module)))
    return diagnostics.status("the program can't be simplified");
  FormGroupsPassOptions formation;
  formation.maxOps = options.maxOps;
  formation.maxOperands = options.maxOperands;
  for (auto func : module.getOps<func::FuncOp>())
    formGroups(func, formation,
               options.explain ? &explanations.emplace_back() : nullptr);
  return absl::OkStatus();
}

static absl::StatusOr<ValueSignature> signatureOf(Type type) {
  ValueSignature signature;
  Type element = getElementTypeOrSelf(type);
  std::optional<DType> dtype = dtypeOf(element);
  bool isTensor = isa<RankedTensorType>(type);
  bool isScalar =
      type.isF64() || type.isSignlessInteger(64) || type.isSignlessInteger(1);
  if (!dtype || !(isTensor || isScalar)) {
    std::string text;
    llvm::raw_string_ostream(text) << type;
    return absl::InvalidArgumentError(
        absl::StrCat("has type ", text, ": expected a ranked tensor of ",
                     kDTypeNames, ", or a scalar of f64, i64 or i1"));
  }
  signature.dtype = *dtype;
  signature.isScalar = !isTensor;
  if (isTensor)
    for (int64_t extent : cast<RankedTensorType>(type).getShape())
      signature.sizes.push_back(ShapedType::isDynamic(extent) ? -1 : extent);
  return signature;
}

/// The elements of `attr` in row-major order, in the runtime's representation.
template <class T>
static void fillConstant(DenseElementsAttr attr, runtime::Tensor &tensor) {
  T *out = tensor.dataAs<T>();
  if constexpr (isFloat(dtypeOfScalar<T>())) {
    for (APFloat value : attr.getValues<APFloat>()) {
      uint64_t bits = value.bitcastToAPInt().getZExtValue();
      std::memcpy(out++, &bits, sizeof(T)); // little-endian, as the kernels
    }
  } else {
    for (APInt value : attr.getValues<APInt>())
      *out++ = static_cast<T>(value.getZExtValue());
  }
}

static absl::StatusOr<runtime::Tensor>
constantTensor(ConstantOp op, runtime::Allocator &allocator) {
  auto attr = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!attr)
    return absl::InvalidArgumentError(
        "a fuser.constant has elements that are not in the program: expected "
        "dense<...>");
  auto type = cast<RankedTensorType>(op.getType());
  auto tensor = runtime::Tensor::allocate(*dtypeOf(type.getElementType()),
                                          type.getShape(), allocator);
  if (!tensor.ok())
    return tensor;
  switch (tensor->dtype()) {
#define FUSER_DTYPE(NAME, TYPE)                                                \
  case DType::NAME:                                                            \
    fillConstant<TYPE>(attr, *tensor);                                         \
    break;
    FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
  }
  return tensor;
}

absl::StatusOr<ProgramFunction>
ProgramLoader::loadFunction(func::FuncOp func,
                            const std::vector<std::string> &argumentNames) {
  ProgramFunction function;
  function.name = func.getName().str();
  // C strings, JSON and messages hold names.
  if (!llvm::json::isUTF8(function.name) ||
      function.name.find('\0') != std::string::npos)
    return absl::InvalidArgumentError(
        "the name of a function is not UTF-8, or has a zero byte");
  auto addSignature = [&](Type type, absl::string_view kind, size_t index,
                          std::vector<ValueSignature> &into) -> absl::Status {
    auto signature = signatureOf(type);
    if (!signature.ok())
      return absl::InvalidArgumentError(
          absl::StrCat(kind, " ", index, " of function '", function.name, "' ",
                       signature.status().message()));
    into.push_back(*signature);
    return absl::OkStatus();
  };
  for (auto [index, type] : llvm::enumerate(func.getArgumentTypes())) {
    absl::Status status =
        addSignature(type, "argument", index, function.arguments);
    if (!status.ok())
      return status;
    if (index < argumentNames.size())
      function.arguments.back().name = argumentNames[index];
  }
  for (auto [index, type] : llvm::enumerate(func.getResultTypes())) {
    absl::Status status = addSignature(type, "result", index, function.results);
    if (!status.ok())
      return status;
    if (function.results.back().isScalar)
      return absl::InvalidArgumentError(
          absl::StrCat("result ", index, " of function '", function.name,
                       "' is a scalar: expected a tensor"));
  }
  absl::Status status = loadBody(func, function);
  if (!status.ok())
    return status;
  return function;
}

/// Says of each call which values it is the last to need.
static void findLastUses(ProgramFunction &function) {
  llvm::DenseSet<int32_t> needed(function.returned.begin(),
                                 function.returned.end());
  for (ProgramFunction::Call &call : llvm::reverse(function.calls)) {
    auto noteIfLast = [&](int32_t id) {
      if (needed.insert(id).second)
        call.lastUses.push_back(id);
    };
    for (int32_t id : call.inputs)
      noteIfLast(id);
    for (int32_t i = 0; i < call.numOutputs; ++i)
      noteIfLast(call.firstOutput + i);
  }
}

/// Says of each output which result it is, and which results no group stores.
static void findResults(ProgramFunction &function) {
  std::vector<int32_t *> resultOf(function.arguments.size() +
                                  function.constants.size());
  for (ProgramFunction::Call &call : function.calls) {
    call.results.assign(call.numOutputs, -1);
    for (int32_t &result : call.results)
      resultOf.push_back(&result);
  }
  for (auto [number, id] : llvm::enumerate(function.returned)) {
    int32_t *result = resultOf[id];
    if (result && *result < 0)
      *result = number;
    else
      function.copied.push_back(number);
  }
  if (function.calls.size() != 1 || !function.copied.empty())
    return;
  const ProgramFunction::Call &call = function.calls.front();
  function.isOneCall = !llvm::is_contained(call.results, -1);
  for (size_t i = 0; i < function.arguments.size(); ++i)
    function.isOneCall &= llvm::is_contained(call.inputs, i);
}

/// A call site of a group that was just registered; the registration goes with
/// it.
static std::shared_ptr<runtime::CallSite> siteOf(int64_t key,
                                                 runtime::Session &session) {
  return std::shared_ptr<runtime::CallSite>(
      new runtime::CallSite(*session.callSite(key)),
      [key, &session](runtime::CallSite *site) {
        delete site;
        (void)session.releaseFusion(key); // It is registered.
      });
}

/// Numbers the values of `func` and lists its calls; registers its groups.
absl::Status ProgramLoader::loadBody(func::FuncOp func,
                                     ProgramFunction &function) {
  DenseMap<Value, int32_t> ids;
  Block &body = func.getBody().front();
  auto number = [&](Value value) {
    ids.try_emplace(value, static_cast<int32_t>(ids.size()));
  };
  for (Value argument : body.getArguments())
    number(argument);
  for (auto constant : body.getOps<ConstantOp>()) {
    auto tensor = constantTensor(constant, session.allocator());
    if (!tensor.ok())
      return tensor.status();
    function.constants.push_back(*tensor);
    number(constant.getResult());
  }
  if (!function.constants.empty())
    function.deviceConstants =
        std::make_shared<DeviceConstants>(session, function.constants);
  auto idsOf = [&](ValueRange values) {
    std::vector<int32_t> list;
    for (Value value : values)
      list.push_back(ids.at(value));
    return list;
  };
  for (Operation &op : body.without_terminator()) {
    if (isa<ConstantOp>(op))
      continue;
    auto group = dyn_cast<GroupOp>(op);
    if (!group)
      return absl::InvalidArgumentError(
          absl::StrCat("function '", function.name, "' uses ",
                       op.getName().getStringRef().str(),
                       ": expected ops of the fuser dialect only"));
    auto key = registerFusion(group);
    if (!key.ok())
      return key.status();
    ProgramFunction::Call call{*key,
                               siteOf(*key, session),
                               idsOf(group.getInputs()),
                               static_cast<int32_t>(ids.size()),
                               static_cast<int32_t>(group.getNumResults()),
                               {},
                               {},
                               {}};
    for (Operation &inner : group.getBody().front().without_terminator())
      if (!isa<ConstantOp>(inner))
        call.ops.push_back(inner.getName().stripDialect().str());
    for (Value result : group.getResults())
      number(result);
    function.calls.push_back(std::move(call));
  }
  if (!isa<func::ReturnOp>(body.getTerminator()))
    return absl::InvalidArgumentError(
        absl::StrCat("function '", function.name, "' ends with ",
                     body.getTerminator()->getName().getStringRef().str(),
                     ": expected func.return"));
  function.returned = idsOf(body.getTerminator()->getOperands());
  findLastUses(function);
  findResults(function);
  return absl::OkStatus();
}

absl::StatusOr<Program> ProgramLoader::load(std::string_view text,
                                            std::string_view name,
                                            const LoadOptions &options) {
  ArgumentNames names;
  auto module = parse(text, name, names);
  if (!module.ok())
    return module.status();
  Program program;
  absl::Status status = formGroupsIn(**module, options, program.explanations);
  if (!status.ok())
    return status;
  for (auto func : (*module)->getOps<func::FuncOp>()) {
    if (func.isExternal())
      continue;
    auto function = loadFunction(func, names[func.getName()]);
    if (!function.ok())
      return function.status();
    program.allFunctions.push_back(std::move(*function));
  }
  if (program.allFunctions.empty())
    return absl::InvalidArgumentError(
        std::string(name) +
        " has no function: expected at least one func.func");
  DiagnosticText diagnostics(&context);
  for (auto func : (*module)->getOps<func::FuncOp>())
    for (auto group : func.getOps<GroupOp>())
      if (failed(partition(group)))
        return diagnostics.status("a group can't be partitioned");
  llvm::raw_string_ostream(program.text) << **module;
  return program;
}
