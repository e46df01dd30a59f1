//===- FuserPeer.cpp - fuser as a rival -----------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Compiler.h"
#include "Peer.h"
#include "absl/strings/str_cat.h"
#include "tools/fuser-runner/Npy.h"
#include "tools/fuser-runner/Timing.h"
#include <fstream>
#include <optional>
#include <sstream>

using namespace fuser;
using namespace fuser::benchmarks;
using runtime::Tensor;
using runtime::Value;

namespace {
class FuserPeer : public Peer {
public:
  FuserPeer(int threads, bool fast) : threads(threads) { options.fast = fast; }

  std::string version() const override {
    return options.fast ? "fuser, fast mode" : "fuser";
  }
  absl::StatusOr<Json> prepare(const Workload &workload) override;
  bool supports(Mode mode) const override {
    return mode == Mode::Fresh || state->site;
  }
  absl::Status call(Mode mode) override;
  absl::StatusOr<std::vector<Tensor>> results(Mode mode) override;
  std::string complaint() const override;
  void release() override { state.reset(); }

private:
  /// A session of its own for every workload, so that no kernel is there
  /// already.
  struct State {
    explicit State(int threads)
        : compiler([=] {
            runtime::SessionOptions options;
            options.threads = threads;
            return options;
          }()) {}
    Compiler compiler;
    std::optional<Program> program;
    const ProgramFunction *function = nullptr;
    std::vector<Value> arguments;
    /// The only call, where there is only one: its handle, what it is given,
    /// and memory for its outputs.
    runtime::CallSite *site = nullptr;
    std::vector<Value> inputs;
    std::vector<Tensor> outputs;
    runtime::Stack stack;
  };
  absl::Status readInputs(const Workload &workload);
  absl::Status load(const std::string &text, const std::string &name);
  absl::Status findSite();
  Json describe() const;

  const int threads;
  LoadOptions options;
  std::unique_ptr<State> state;
};
} // namespace

absl::Status FuserPeer::readInputs(const Workload &workload) {
  for (const std::string &path : workload.inputs) {
    auto tensor = runner::readNpy(path, state->compiler.session().allocator());
    if (!tensor.ok())
      return tensor.status();
    state->arguments.push_back(*tensor);
  }
  return absl::OkStatus();
}

absl::Status FuserPeer::load(const std::string &text, const std::string &name) {
  absl::StatusOr<Program> program = state->compiler.load(text, name, options);
  if (!program.ok())
    return program.status();
  state->program = *std::move(program);
  auto function = state->program->find("");
  if (!function.ok())
    return function.status();
  state->function = *function;
  return absl::OkStatus();
}

absl::Status FuserPeer::findSite() {
  if (state->function->calls.size() != 1)
    return absl::OkStatus();
  runtime::Session &session = state->compiler.session();
  return state->program->forEachCall(
      *state->function, state->arguments,
      [&](const ProgramFunction::Call &call,
          absl::Span<const Value> values) -> absl::Status {
        auto plan = session.plan(call.key, values);
        if (!plan.ok())
          return plan.status();
        for (const runtime::PlannedOutput &planned : plan->outputs) {
          auto output = planned.allocate(session.allocator());
          if (!output.ok())
            return output.status();
          state->outputs.push_back(*output);
        }
        state->inputs.assign(values.begin(), values.end());
        state->site = call.site.get();
        return absl::OkStatus();
      });
}

Json FuserPeer::describe() const {
  const auto statistics = state->compiler.session().statistics();
  Json stages = Json::object();
  for (const runtime::CompileRecord &record : statistics.compiles)
    for (const auto &[stage, milliseconds] : record.times.stages)
      stages[stage] = stages.value(stage, 0.0) + milliseconds;
  return {{"groups", state->function->calls.size()},
          {"compiles", statistics.compiles.size()},
          {"compile_stages_ms", stages}};
}

absl::StatusOr<Json> FuserPeer::prepare(const Workload &workload) {
  std::ifstream file(workload.program);
  std::stringstream text;
  if (!(text << file.rdbuf()))
    return absl::NotFoundError(absl::StrCat("cannot read ", workload.program));
  state = std::make_unique<State>(threads);
  absl::Status status = readInputs(workload);
  if (!status.ok())
    return status;
  double loaded = 0;
  const double first = runner::timeOf([&] {
    loaded = runner::timeOf([&] { status = load(text.str(), workload.name); });
    if (status.ok())
      status = state->program->run(*state->function, state->arguments).status();
  });
  if (status.ok())
    status = findSite();
  if (!status.ok())
    return status;
  // What is measured from here on is the steady state.
  state->compiler.session().waitForCompilations();
  Json result = describe();
  result["first_ms"] = first * 1e3;
  result["load_ms"] = loaded * 1e3;
  return result;
}

absl::Status FuserPeer::call(Mode mode) {
  if (mode == Mode::Given)
    return state->site->run(state->inputs, state->outputs);
  if (!state->site)
    return state->program->run(*state->function, state->arguments).status();
  state->stack.assign(state->inputs.begin(), state->inputs.end());
  absl::Status status = state->site->run(state->stack);
  state->stack.clear();
  return status;
}

absl::StatusOr<std::vector<Tensor>> FuserPeer::results(Mode mode) {
  if (mode == Mode::Fresh)
    return state->program->run(*state->function, state->arguments);
  absl::Status status = call(mode);
  if (!status.ok())
    return status;
  std::vector<Tensor> results;
  for (int32_t id : state->function->returned)
    results.push_back(
        state->outputs[id - state->function->calls[0].firstOutput]);
  return results;
}

std::string FuserPeer::complaint() const {
  const int64_t fallbacks =
      state->compiler.session().statistics().totalFallbacks();
  return fallbacks == 0 ? ""
                        : absl::StrCat(fallbacks, " calls were interpreted");
}

std::unique_ptr<Peer> fuser::benchmarks::createFuserPeer(int threads,
                                                         bool fast) {
  return std::make_unique<FuserPeer>(threads, fast);
}
