//===- OpTableTest.cpp - the op table and the dialect agree ---------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserDialect/FuserDialect.h"
#include "FuserTransforms/DescribeGroup.h"
#include "FuserTransforms/Passes.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"
#include <map>

using namespace mlir;
using namespace fuser;

namespace {
class OpTable : public ::testing::Test {
protected:
  OpTable() {
    context.loadDialect<FuserDialect, func::FuncDialect>();
    context.getDiagEngine().registerHandler(
        [](Diagnostic &diagnostic) { ADD_FAILURE() << diagnostic.str(); });
  }

  /// A group with `body` on %a and %b of type tensor<2x?xf32> (or of what
  /// `input` says), which yields %r of type `result`.
  OwningOpRef<ModuleOp> parseGroup(const std::string &body,
                                   const std::string &input,
                                   const std::string &result) {
    std::string text =
        "func.func @f(%x: " + input + ", %y: " + input + ") -> " + result +
        " {\n  %g = fuser.group(%a = %x : " + input + ", %b = %y : " + input +
        ") -> " + result + " {\n" + body + "\n    fuser.yield %r : " + result +
        "\n  }\n  return %g : " + result + "\n}\n";
    OwningOpRef<ModuleOp> module =
        parseSourceString<ModuleOp>(text, ParserConfig(&context));
    EXPECT_TRUE(module) << text;
    return module;
  }

  static GroupOp groupOf(ModuleOp module) {
    GroupOp result;
    module.walk([&](GroupOp group) { result = group; });
    return result;
  }

  /// The opcode of the one pointwise op of a group.
  static std::optional<Opcode> onlyOpcode(ModuleOp module) {
    std::optional<Opcode> opcode;
    int count = 0;
    module.walk([&](PointwiseOpInterface op) {
      opcode = op.getOpcode();
      ++count;
    });
    EXPECT_EQ(count, 1);
    return opcode;
  }

  std::vector<RegisteredOperationName> fuserOps() {
    std::vector<RegisteredOperationName> names;
    for (RegisteredOperationName name : context.getRegisteredOperations())
      if (name.getDialectNamespace() == "fuser")
        names.push_back(name);
    return names;
  }

  MLIRContext context;
};
} // namespace

static const ComparePredicate kPredicates[] = {
    ComparePredicate::eq, ComparePredicate::ne, ComparePredicate::lt,
    ComparePredicate::le, ComparePredicate::gt, ComparePredicate::ge};

static std::string mnemonic(RegisteredOperationName name) {
  return name.getStringRef().split('.').second.str();
}

static bool isComparison(Opcode opcode) {
  return opcode >= Opcode::eq && opcode <= Opcode::ge;
}

/// A type that `opcode` takes.
static std::string operandType(Opcode opcode) {
  bool takesFloats = domainAdmits(opcodeDomain(opcode), DType::f32);
  return takesFloats ? "tensor<2x?xf32>" : "tensor<2x?xi32>";
}

/// The text of `opcode` on values %a and %b of `type`, and its result type.
static std::pair<std::string, std::string> opText(Opcode opcode,
                                                  const std::string &type) {
  const std::string mask = "tensor<2x?xi1>";
  std::string name = opcodeName(opcode);
  if (opcode == Opcode::select)
    return {"    %m = fuser.cast %a : " + type + " to " + mask +
                "\n    %r = fuser.select %m, %a, %b : " + type,
            type};
  if (opcode == Opcode::cast)
    return {"    %r = fuser.cast %a : " + type + " to " + mask, mask};
  if (opcode == Opcode::random)
    return {"    %i = fuser.iota like %a : " + type +
                " to tensor<2x?xi64>\n    %r = fuser.random %i, %i, %i : "
                "(tensor<2x?xi64>, tensor<2x?xi64>, tensor<2x?xi64>) -> " +
                type,
            type};
  if (isComparison(opcode))
    return {"    %r = fuser.compare " + name + ", %a, %b : " + type, mask};
  const char *const operands[] = {"", "%a", "%a, %b", "%a, %b, %a"};
  return {"    %r = fuser." + name + " " + operands[opcodeArity(opcode)] +
              " : " + type,
          opcodeGivesBool(opcode) ? mask : type};
}

/// Each row has one op that implements PointwiseOpInterface; compare has six.
TEST_F(OpTable, EveryRowHasAnOp) {
  std::map<std::string, int> rowsOf;
  for (int i = 0; i < kNumOpcodes; ++i) {
    Opcode opcode = Opcode(i);
    ++rowsOf[isComparison(opcode) ? "compare" : opcodeName(opcode)];
    if (opcode == Opcode::select)
      continue; // Its test text has a cast, too.
    auto [text, result] = opText(opcode, operandType(opcode));
    OwningOpRef<ModuleOp> module =
        parseGroup(text, operandType(opcode), result);
    ASSERT_TRUE(module);
    EXPECT_EQ(onlyOpcode(*module), opcode) << opcodeName(opcode);
  }
  std::map<std::string, int> expected;
  for (RegisteredOperationName name : fuserOps())
    if (name.hasInterface<PointwiseOpInterface>())
      expected[mnemonic(name)] = mnemonic(name) == "compare" ? 6 : 1;
  EXPECT_EQ(rowsOf, expected);
}

/// The other way round: each op's opcode is the row of its name, with as many
/// operands.
TEST_F(OpTable, EveryOpHasARow) {
  std::map<Opcode, std::string> opOf;
  OwningOpRef<ModuleOp> module;
  for (int i = 0; i < kNumOpcodes; ++i) {
    std::string type = operandType(Opcode(i));
    auto [text, result] = opText(Opcode(i), type);
    module = parseGroup(text, type, result);
    ASSERT_TRUE(module);
    module->walk([&](PointwiseOpInterface op) {
      Opcode opcode = op.getOpcode();
      std::string name = op->getName().stripDialect().str();
      EXPECT_TRUE(opOf.emplace(opcode, name).first->second == name) << name;
      EXPECT_EQ(int64_t(op->getNumOperands()), opcodeArity(opcode)) << name;
      EXPECT_EQ(op->getNumResults(), 1u) << name;
      if (auto compare = dyn_cast<CompareOp>(op.getOperation()))
        EXPECT_EQ(opcodeOf(compare.getPredicate()), opcode);
      else
        EXPECT_EQ(name, opcodeName(opcode));
    });
  }
  EXPECT_EQ(int(opOf.size()), kNumOpcodes);
  for (ComparePredicate predicate : kPredicates)
    EXPECT_EQ(stringifyComparePredicate(predicate),
              llvm::StringRef(opcodeName(opcodeOf(predicate))));
}

/// A domain is what the op's verifier admits.
TEST_F(OpTable, DomainsAreTheVerifiers) {
  context.getDiagEngine().registerHandler([](Diagnostic &) {});
  for (int i = 0; i < kNumOpcodes; ++i)
    for (int t = 0; t < kNumDTypes; ++t) {
      Opcode opcode = Opcode(i);
      std::string type = absl::StrCat("tensor<2x?x", dtypeName(DType(t)), ">");
      auto [text, result] = opText(opcode, type);
      std::string program = "func.func @f(%a: " + type + ", %b: " + type +
                            ") -> " + result + " {\n" + text +
                            "\n  return %r : " + result + "\n}\n";
      OwningOpRef<ModuleOp> module =
          parseSourceString<ModuleOp>(program, ParserConfig(&context));
      EXPECT_EQ(bool(module), domainAdmits(opcodeDomain(opcode), DType(t)))
          << program;
    }
}

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

namespace {
struct ViewCase {
  std::string text;   ///< %v of %a
  std::string result; ///< its type
  runtime::ViewStep::Kind kind;
};
} // namespace

static const std::map<std::string, ViewCase> &viewCases() {
  using Kind = runtime::ViewStep::Kind;
  static const std::map<std::string, ViewCase> cases = {
      {"broadcast_to",
       {"%v = fuser.broadcast_to %a sizes [4, 2, -1] : tensor<2x?xf32> to "
        "tensor<4x2x?xf32>",
        "tensor<4x2x?xf32>", Kind::BroadcastTo}},
      {"broadcast_like",
       {"%v = fuser.broadcast_like %a, %b : tensor<2x?xf32>, tensor<2x?xf32> "
        "to tensor<2x?xf32>",
        "tensor<2x?xf32>", Kind::BroadcastLike}},
      {"part_like",
       {"%u, %v = fuser.part_like %a of %a, %b dim -1 counts [2] dims [-1] : "
        "tensor<2x?xf32>, tensor<2x?xf32>, tensor<2x?xf32> to "
        "tensor<2x?xf32>, tensor<2x?xf32>",
        "tensor<2x?xf32>", Kind::PartLike}},
      {"transpose",
       {"%v = fuser.transpose %a permutation [1, 0] : tensor<2x?xf32> to "
        "tensor<?x2xf32>",
        "tensor<?x2xf32>", Kind::Transpose}},
      {"expand_dims",
       {"%v = fuser.expand_dims %a dim 1 : tensor<2x?xf32> to "
        "tensor<2x1x?xf32>",
        "tensor<2x1x?xf32>", Kind::ExpandDims}},
      {"squeeze",
       {"%v = fuser.squeeze %a dim -1 : tensor<2x?xf32> to tensor<2xf32>",
        "tensor<2xf32>", Kind::Squeeze}},
      {"reshape",
       {"%v = fuser.reshape %a sizes [-1] : tensor<2x?xf32> to tensor<?xf32>",
        "tensor<?xf32>", Kind::Reshape}},
      {"slice",
       {"%v = fuser.slice %a dim 0 start 0 end 1 : tensor<2x?xf32> to "
        "tensor<1x?xf32>",
        "tensor<1x?xf32>", Kind::Slice}},
      {"chunk",
       {"%u, %v = fuser.chunk %a dim -2 : tensor<2x?xf32> to tensor<1x?xf32>, "
        "tensor<1x?xf32>",
        "tensor<1x?xf32>", Kind::Chunk}}};
  return cases;
}

/// Every op with the View trait is a step that the runtime knows.
TEST_F(OpTable, EveryViewIsDescribed) {
  for (RegisteredOperationName name : fuserOps()) {
    if (!name.hasTrait<View>())
      continue;
    auto found = viewCases().find(mnemonic(name));
    ASSERT_NE(found, viewCases().end())
        << name.getStringRef().str() << " has no case in this test";
    const ViewCase &test = found->second;
    OwningOpRef<ModuleOp> module = parseGroup(
        "    " + test.text + "\n    %r = fuser.neg %v : " + test.result,
        "tensor<2x?xf32>", test.result);
    ASSERT_TRUE(module);
    FailureOr<runtime::KernelSpec> spec = describeGroup(groupOf(*module));
    ASSERT_TRUE(succeeded(spec)) << test.text;
    const auto &leaves = spec->leaves;
    ASSERT_FALSE(leaves.empty());
    // The other leaves of broadcast_like and part_like are read as they are.
    std::vector<runtime::ViewStep> steps;
    for (const runtime::Leaf &leaf : leaves)
      steps.insert(steps.end(), leaf.steps.begin(), leaf.steps.end());
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_EQ(steps[0].kind, test.kind) << test.text;
  }
}

/// Every op of the dialect is a row, a view, a composite, or one of these.
TEST_F(OpTable, EveryOpIsOfAKind) {
  for (RegisteredOperationName name : fuserOps()) {
    const std::string op = mnemonic(name);
    const bool isStructure = op == "constant" || op == "splat" ||
                             op == "iota" || op == "concat" || op == "group" ||
                             op == "nest" || op == "yield";
    EXPECT_EQ(int(name.hasInterface<PointwiseOpInterface>()) +
                  int(name.hasTrait<View>()) +
                  int(name.hasInterface<CompositeOpInterface>()) +
                  int(isStructure),
              1)
        << op;
  }
}
