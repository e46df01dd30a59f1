//===- Reproduce.cpp - findings as files and command lines ----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reproduce.h"
#include "../fuser-runner/Npy.h"
#include "Data.h"
#include "FuserCompiler/Compiler.h"
#include "OpKind.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include <cstring>
#include <filesystem>
#include <fstream>

using namespace fuser;
using namespace fuser::fuzz;

/// The program as people write it; as it is if it can't be read back so.
static std::string prettyText(const std::string &text) {
  runtime::SessionOptions options;
  options.interpretOnly = true;
  options.threads = 1;
  Compiler compiler(options);
  std::string pretty;
  compiler.withContext([&](mlir::MLIRContext &context) {
    mlir::ScopedDiagnosticHandler quiet(
        &context, [](mlir::Diagnostic &) { return mlir::success(); });
    auto module = mlir::parseSourceString<mlir::ModuleOp>(
        text, mlir::ParserConfig(&context));
    if (module)
      for (mlir::Operation &function : *module->getBody()) {
        llvm::raw_string_ostream stream(pretty);
        function.print(stream, mlir::OpPrintingFlags().useLocalScope());
        stream << "\n";
      }
  });
  return compiler.load(pretty, "pretty").ok() ? pretty : text;
}

/// What fuser-runner takes for the value of a scalar argument.
static std::string scalarText(const Argument &argument, DType dtype) {
  const uint64_t bits = loadElement(
      argument.storage->data() + argument.offset * dtypeSize(dtype), dtype);
  if (dtype != DType::f64)
    return elementText(dtype, bits);
  double number;
  std::memcpy(&number, &bits, sizeof number);
  return absl::StrFormat("%.17g", number);
}

/// "@1x4+2": what fuser-runner takes for a layout; empty for a dense one.
static std::string layoutText(const Argument &argument) {
  if (argument.strides == runtime::rowMajorStrides(argument.sizes) &&
      argument.offset == 0)
    return "";
  return absl::StrCat("@", absl::StrJoin(argument.strides, "x"),
                      argument.offset ? absl::StrCat("+", argument.offset)
                                      : "");
}

static absl::StatusOr<std::string> inputText(const Argument &argument,
                                             const Node &node,
                                             const std::string &path,
                                             runtime::Allocator &allocator) {
  if (node.kind == &scalarArgument())
    return scalarText(argument, node.dtype);
  std::byte *data =
      argument.storage->data() + argument.offset * dtypeSize(node.dtype);
  absl::Status status = runner::writeNpy(
      path,
      runtime::Tensor::borrow(data, node.dtype, argument.sizes,
                              argument.strides, argument.storage),
      allocator);
  if (!status.ok())
    return status;
  return absl::StrCat(path, layoutText(argument));
}

static std::string asComment(absl::string_view text) {
  return absl::StrCat(
      "// ",
      absl::StrReplaceAll(absl::StripTrailingAsciiWhitespace(text),
                          {{"\n", "\n// "}}),
      "\n");
}

absl::StatusOr<std::string>
fuzz::writeReproduction(const Case &program, const std::string &folder,
                        const std::string &name, const std::string &comment) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::string stem = absl::StrCat(folder, "/", name);
  const auto allocator = runtime::createCachingAllocator();
  std::string commands;
  for (size_t call = 0; call < program.calls.size(); ++call) {
    absl::StrAppend(&commands, "fuser-runner ", stem, ".mlir");
    for (size_t i = 0; i < program.calls[call].arguments.size(); ++i) {
      const std::string path =
          absl::StrCat(stem, "-", call ? absl::StrCat("call", call, "-") : "",
                       "arg", i, ".npy");
      const absl::StatusOr<std::string> input = inputText(
          program.calls[call].arguments[i], program.nodes[i], path, *allocator);
      if (!input.ok())
        return input.status();
      absl::StrAppend(&commands, " --input arg", i, "=", *input);
    }
    absl::StrAppend(&commands, " --threads ", program.calls[call].threads,
                    " --verify\n");
  }
  std::ofstream file(absl::StrCat(stem, ".mlir"));
  file << asComment(absl::StrCat(comment, commands))
       << prettyText(programText(program));
  file.close();
  if (!file)
    return absl::InvalidArgumentError(
        absl::StrCat("'", stem, ".mlir' cannot be written"));
  return commands;
}
