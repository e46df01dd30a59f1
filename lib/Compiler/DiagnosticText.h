//===- DiagnosticText.h - diagnostics as a status ---------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_COMPILER_DIAGNOSTICTEXT_H
#define FUSER_LIB_COMPILER_DIAGNOSTICTEXT_H

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "mlir/IR/Diagnostics.h"
#include <string>

namespace fuser {

/// Collects the diagnostics of its scope instead of printing them.
class DiagnosticText {
public:
  explicit DiagnosticText(mlir::MLIRContext *context)
      : handler(context, [this](mlir::Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() != mlir::DiagnosticSeverity::Error)
            return mlir::success();
          llvm::raw_string_ostream os(text);
          if (!text.empty())
            os << '\n';
          if (auto loc = llvm::dyn_cast<mlir::FileLineColLoc>(
                  diagnostic.getLocation()))
            os << loc.getFilename().getValue() << ':' << loc.getLine() << ':'
               << loc.getColumn() << ": ";
          os << diagnostic.str();
          return mlir::success();
        }) {}

  /// InvalidArgument with the diagnostics, one a line, or `otherwise` if there
  /// were none.
  absl::Status status(absl::string_view otherwise) const {
    return absl::InvalidArgumentError(text.empty() ? otherwise : text);
  }

private:
  std::string text;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace fuser

#endif // FUSER_LIB_COMPILER_DIAGNOSTICTEXT_H
