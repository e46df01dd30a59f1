//===- Program.cpp - programs and functions of the C interface ------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Errors.h"
#include "Handles.h"
#include "Options.h"
#include "Tensors.h"

using namespace fuser;
using namespace fuser::capi;

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

static absl::StatusOr<fuser_program *>
loadProgram(fuser_session *session, std::string_view text,
            std::string_view name, const fuser_load_options *given) {
  auto options = readOptions(given, "fuser_load_options");
  if (!options.ok())
    return options.status();
  if (options->max_ops < 0 || options->max_operands < 0)
    return absl::InvalidArgumentError(
        "options: expected max_ops and max_operands >= 0");
  LoadOptions load;
  if (options->max_ops > 0)
    load.maxOps = options->max_ops;
  if (options->max_operands > 0)
    load.maxOperands = options->max_operands;
  load.fast = options->fast;
  load.explain = options->explain;
  absl::StatusOr<Program> program = session->compiler->load(text, name, load);
  if (!program.ok())
    return program.status();
  return new fuser_program{std::make_shared<const LoadedProgram>(
      LoadedProgram{session->compiler, *std::move(program), load.explain})};
}

fuser_error *fuser_program_load(fuser_session *session, const char *text,
                                size_t length, const char *name,
                                const fuser_load_options *options,
                                fuser_program **program) FUSER_NOEXCEPT {
  if (!program)
    return invalid("program is NULL: expected where to put the handle");
  *program = nullptr;
  if (!session || !text)
    return invalid(session ? "text is NULL" : "session is NULL");
  auto loaded =
      loadProgram(session, {text, length}, name ? name : "program", options);
  if (!loaded.ok())
    return errorOf(loaded.status());
  *program = *loaded;
  return nullptr;
}

void fuser_program_free(fuser_program *program) FUSER_NOEXCEPT {
  delete program;
}

static const std::vector<ProgramFunction> &
functionsOf(const fuser_program *program) {
  return program->loaded->program.functions();
}

size_t
fuser_program_num_functions(const fuser_program *program) FUSER_NOEXCEPT {
  return program ? functionsOf(program).size() : 0;
}

const char *fuser_program_function_name(const fuser_program *program,
                                        size_t index) FUSER_NOEXCEPT {
  return index < fuser_program_num_functions(program)
             ? functionsOf(program)[index].name.c_str()
             : nullptr;
}

const char *fuser_program_groups(const fuser_program *program) FUSER_NOEXCEPT {
  return program ? program->loaded->program.groupsText().c_str() : "";
}

fuser_error *fuser_program_explain(const fuser_program *program,
                                   char **json) FUSER_NOEXCEPT {
  if (!json)
    return invalid("json is NULL: expected where to put the text");
  *json = nullptr;
  if (!program)
    return invalid("program is NULL");
  if (!program->loaded->hasExplanation)
    return invalid("the program was loaded without `explain`: set it in "
                   "fuser_load_options");
  return giveString(explanationJson(program->loaded->program.explanation()),
                    json);
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

static absl::StatusOr<fuser_function *> findFunction(fuser_program *program,
                                                     std::string_view name) {
  const LoadedProgram &loaded = *program->loaded;
  auto found = loaded.program.find(name);
  if (!found.ok())
    return found.status();
  ProgramFunction own = **found;
  for (ProgramFunction::Call &call : own.calls) {
    auto site = loaded.compiler->session().callSite(call.key);
    if (!site.ok())
      return site.status();
    call.site = std::make_shared<runtime::CallSite>(*std::move(site));
  }
  return new fuser_function{program->loaded, std::move(own)};
}

fuser_error *fuser_program_function(fuser_program *program, const char *name,
                                    fuser_function **function) FUSER_NOEXCEPT {
  if (!function)
    return invalid("function is NULL: expected where to put the handle");
  *function = nullptr;
  if (!program)
    return invalid("program is NULL");
  auto found = findFunction(program, name ? name : "");
  if (!found.ok())
    return errorOf(found.status());
  *function = *found;
  return nullptr;
}

void fuser_function_free(fuser_function *function) FUSER_NOEXCEPT {
  delete function;
}

const char *fuser_function_name(const fuser_function *function) FUSER_NOEXCEPT {
  return function ? function->function.name.c_str() : "";
}

size_t
fuser_function_num_arguments(const fuser_function *function) FUSER_NOEXCEPT {
  return function ? function->function.arguments.size() : 0;
}

size_t
fuser_function_num_results(const fuser_function *function) FUSER_NOEXCEPT {
  return function ? function->function.results.size() : 0;
}

size_t
fuser_function_num_groups(const fuser_function *function) FUSER_NOEXCEPT {
  return function ? function->function.calls.size() : 0;
}

static fuser_signature signatureOf(const ValueSignature &value) {
  return {value.name.c_str(), toDLPack(value.dtype),
          static_cast<int32_t>(value.sizes.size()), value.sizes.data(),
          value.isScalar};
}

fuser_signature fuser_function_argument(const fuser_function *function,
                                        size_t index) FUSER_NOEXCEPT {
  if (index >= fuser_function_num_arguments(function))
    return {};
  return signatureOf(function->function.arguments[index]);
}

fuser_signature fuser_function_result(const fuser_function *function,
                                      size_t index) FUSER_NOEXCEPT {
  if (index >= fuser_function_num_results(function))
    return {};
  return signatureOf(function->function.results[index]);
}
