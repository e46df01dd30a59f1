//===- Stress.cpp - many threads do everything at once --------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Threads load programs, run and interpret them, drop them, call groups by key
// and through call sites of their own, replace backends, ask for statistics
// and, now and then, replace the compiler with all of its kernels. Sessions
// keep few kernels and few idle specs, so both go all the time.
// Every result is compared, bit for bit, with what the interpreter gave before
// there were threads. In the end every call must have been counted once.
//
//===----------------------------------------------------------------------===//

#include "FuserCompiler/Compiler.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <random>
#include <thread>

using namespace fuser;
using runtime::Tensor;
using runtime::Value;

//===----------------------------------------------------------------------===//
// Programs and data
//===----------------------------------------------------------------------===//

/// Distinct programs: the kernels of all of them are not made at once.
static constexpr int kPrograms = 48;

/// Each is one group, a spec of its own by its number.
static std::string programText(int number) {
  static const char *const bodies[] = {
      R"mlir(
  %0 = fuser.mul %x, %c : (!t, tensor<f32>) -> !t
  %1 = fuser.add %0, %y : !t
  %r = fuser.relu %1 : !t
)mlir",
      R"mlir(
  %0 = fuser.sub %x, %y : !t
  %1 = fuser.tanh %0 : !t
  %r = fuser.fma %1, %c, %x : (!t, tensor<f32>, !t) -> !t
)mlir",
      R"mlir(
  %0 = fuser.compare gt, %x, %c : (!t, tensor<f32>) -> tensor<?x?xi1>
  %1 = fuser.exp %y : !t
  %r = fuser.select %0, %1, %x : (tensor<?x?xi1>, !t, !t) -> !t
)mlir",
  };
  return absl::StrCat("!t = tensor<?x?xf32>\n"
                      "func.func @f(%x: !t, %y: !t) -> !t {\n"
                      "  %c = fuser.constant dense<",
                      number, ".5> : tensor<f32>",
                      bodies[number % std::size(bodies)],
                      "  return %r : !t\n}\n");
}

/// Two inputs of one shape. `step` is the stride along the last dimension.
static std::vector<Value> makeInputs(int64_t rows, int64_t columns,
                                     int64_t step) {
  std::vector<Value> inputs;
  for (int i = 0; i < 2; ++i) {
    auto owner = std::make_shared<std::vector<float>>(rows * columns * step);
    std::mt19937 random(i + 1);
    for (float &element : *owner)
      element = static_cast<float>(random() % 2001) / 100.0f - 10.0f;
    inputs.push_back(Tensor::borrow(owner->data(), DType::f32, {rows, columns},
                                    {columns * step, step}, owner));
  }
  return inputs;
}

/// Of one kernel, of another one, and for several threads.
static const std::vector<std::vector<Value>> &allInputs() {
  static const std::vector<std::vector<Value>> inputs = {
      makeInputs(3, 5, 1), makeInputs(64, 33, 1), makeInputs(64, 33, 2),
      makeInputs(700, 129, 1)};
  return inputs;
}

static std::vector<float> elementsOf(const Tensor &tensor) {
  std::vector<float> elements;
  for (int64_t i = 0; i < tensor.sizes()[0]; ++i)
    for (int64_t j = 0; j < tensor.sizes()[1]; ++j)
      elements.push_back(tensor.dataAs<float>()[i * tensor.strides()[0] +
                                                j * tensor.strides()[1]]);
  return elements;
}

namespace {
/// What programs give for each of allInputs().
struct Expected {
  std::vector<std::vector<float>> results[kPrograms];
};
} // namespace

static Expected interpretAll() {
  runtime::SessionOptions options;
  options.interpretOnly = true;
  Compiler compiler(options);
  Expected expected;
  for (int number = 0; number < kPrograms; ++number) {
    auto program = compiler.load(programText(number), "stress.mlir");
    if (!program.ok()) {
      std::fprintf(stderr, "%s\n", program.status().ToString().c_str());
      std::exit(1);
    }
    for (const std::vector<Value> &inputs : allInputs()) {
      auto results = program->run(program->functions()[0], inputs);
      expected.results[number].push_back(elementsOf(results->front()));
    }
  }
  return expected;
}

//===----------------------------------------------------------------------===//
// What the threads share
//===----------------------------------------------------------------------===//

namespace {
/// A compiler with what it has loaded. Goes when the last thread lets go of it.
class Generation {
public:
  explicit Generation(runtime::TierPolicy tiers)
      : compiler([&] {
          runtime::SessionOptions options;
          options.tiers = tiers;
          options.maxKernels = 40; // All programs have more.
          options.maxIdleSpecs = 2;
          return options;
        }()) {}

  std::shared_ptr<const Program> program(int number) {
    std::lock_guard<std::mutex> guard(mutex);
    return programs[number];
  }
  void setProgram(int number, std::shared_ptr<const Program> program) {
    std::lock_guard<std::mutex> guard(mutex);
    programs[number] = std::move(program);
  }

  Compiler compiler;
  /// Calls of groups that did not fail.
  std::atomic<int64_t> calls{0};

private:
  std::mutex mutex;
  std::shared_ptr<const Program> programs[kPrograms];
};

struct Options {
  int threads = 16;
  int seconds = 5;
  uint64_t seed = 1;
};

class Stress {
public:
  explicit Stress(const Options &options)
      : options(options), expected(interpretAll()),
        current(std::make_shared<Generation>(runtime::TierPolicy::Async)) {}

  /// The exit code.
  int run();

private:
  using Random = std::mt19937_64;

  void work(uint64_t seed);
  void runProgram(Generation &generation, Random &random, bool mustInterpret);
  void loadProgram(Generation &generation, int number);
  void callGroup(Generation &generation, Random &random);
  void check(int number, std::size_t which, const Tensor &found);
  void replaceBackend(Generation &generation, bool mustFail);
  void replaceGeneration(Random &random);
  void retire(Generation &generation);
  void report(const std::string &text);
  std::shared_ptr<Generation> generation() {
    std::lock_guard<std::mutex> guard(mutex);
    return current;
  }

  const Options options;
  const Expected expected;
  std::atomic<bool> mustStop{false};
  std::atomic<int64_t> wrong{0}, calls{0}, loads{0}, compiles{0}, launches{0},
      fallbacks{0}, early{0}, swaps{0}, evictions{0}, released{0},
      generations{1};
  std::mutex mutex;
  std::shared_ptr<Generation> current;
};
} // namespace

//===----------------------------------------------------------------------===//
// What they do
//===----------------------------------------------------------------------===//

void Stress::report(const std::string &text) {
  if (wrong++ < 10)
    std::fprintf(stderr, "fuser-stress: %s\n", text.c_str());
}

void Stress::loadProgram(Generation &generation, int number) {
  auto program = generation.compiler.load(programText(number), "stress.mlir");
  if (!program.ok())
    return report(program.status().ToString());
  ++loads;
  generation.setProgram(number,
                        std::make_shared<const Program>(*std::move(program)));
}

void Stress::runProgram(Generation &generation, Random &random,
                        bool mustInterpret) {
  const int number = static_cast<int>(random() % kPrograms);
  const std::size_t which = random() % allInputs().size();
  auto program = generation.program(number);
  if (!program)
    return loadProgram(generation, number);
  const ProgramFunction &function = program->functions()[0];
  auto results = mustInterpret
                     ? program->runFallback(function, allInputs()[which])
                     : program->run(function, allInputs()[which]);
  if (!results.ok())
    return report(results.status().ToString());
  ++generation.calls;
  ++calls;
  check(number, which, results->front());
}

void Stress::check(int number, std::size_t which, const Tensor &found) {
  const std::vector<float> elements = elementsOf(found);
  const std::vector<float> &right = expected.results[number][which];
  if (elements.size() != right.size() ||
      std::memcmp(elements.data(), right.data(),
                  elements.size() * sizeof(float)))
    report(absl::StrCat("program ", number, " gave a wrong result for input ",
                        which));
}

/// Calls the group of a program through a call site of its own, which keeps it,
/// and by its key, which others may release meanwhile.
void Stress::callGroup(Generation &generation, Random &random) {
  const int number = static_cast<int>(random() % kPrograms);
  auto program = generation.program(number);
  if (!program)
    return;
  const ProgramFunction::Call &call = program->functions()[0].calls[0];
  const int64_t key = call.key;
  const std::vector<int32_t> ids = call.inputs;
  runtime::Session &session = generation.compiler.session();
  auto site = session.callSite(key);
  if (!site.ok())
    return report(site.status().ToString());
  program = nullptr;
  for (int i = 0; i < 8; ++i) {
    const std::size_t which = random() % allInputs().size();
    runtime::Stack stack;
    for (int32_t id : ids)
      stack.push_back(allInputs()[which][id]);
    const bool isByKey = random() % 2;
    const absl::Status status =
        isByKey ? session.runFusion(key, stack) : site->run(stack);
    if (isByKey && absl::IsNotFound(status))
      continue;
    if (!status.ok())
      return report(status.ToString());
    ++generation.calls;
    ++calls;
    check(number, which, std::get<Tensor>(stack.at(0)));
  }
}

/// A backend that fails, or the compiler's again.
void Stress::replaceBackend(Generation &generation, bool mustFail) {
  runtime::FusedKernelConstructor backend = generation.compiler.backend();
  if (mustFail)
    backend = [](const runtime::KernelSpec &, const runtime::ArgSpec &, int64_t,
                 runtime::Device, runtime::Tier)
        -> absl::StatusOr<std::shared_ptr<runtime::FusedKernel>> {
      return absl::InternalError("a backend that fails");
    };
  generation.compiler.session().registerFusionBackend(runtime::DeviceType::CPU,
                                                      std::move(backend));
}

/// Starts anew, so that all kernels of the old compiler go while others may
/// still run them.
void Stress::replaceGeneration(Random &random) {
  using runtime::TierPolicy;
  constexpr TierPolicy policies[] = {TierPolicy::Async, TierPolicy::Sync,
                                     TierPolicy::QuickOnly,
                                     TierPolicy::FinalOnly};
  auto next = std::make_shared<Generation>(policies[random() % 4]);
  ++generations;
  std::lock_guard<std::mutex> guard(mutex);
  retire(*current);
  current = std::move(next);
}

/// Looks at the counters that say what has been done so far.
void Stress::retire(Generation &generation) {
  const auto statistics = generation.compiler.session().statistics();
  compiles += generation.compiler.session().nCompiledKernels();
  evictions += statistics.evictions;
  released += statistics.released;
  launches += statistics.launches;
  fallbacks += statistics.totalFallbacks();
  early += statistics.interpretedFirst;
  swaps += statistics.swaps;
}

void Stress::work(uint64_t seed) {
  Random random(seed);
  while (!mustStop) {
    auto mine = generation();
    const uint64_t action = random() % 1000;
    if (action < 800)
      runProgram(*mine, random, false);
    else if (action < 900)
      runProgram(*mine, random, true);
    else if (action < 925)
      loadProgram(*mine, static_cast<int>(random() % kPrograms));
    else if (action < 950)
      mine->setProgram(static_cast<int>(random() % kPrograms), nullptr);
    else if (action < 970)
      callGroup(*mine, random);
    else if (action < 994)
      static_cast<void>(mine->compiler.session().statistics().json());
    else if (action < 999)
      replaceBackend(*mine, random() % 4 == 0);
    else if (random() % 20 == 0)
      replaceGeneration(random);
  }
}

int Stress::run() {
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < options.threads; ++i)
    threads.emplace_back([this, i] { work(options.seed * 1000003 + i); });
  std::this_thread::sleep_for(std::chrono::seconds(options.seconds));
  mustStop = true;
  for (std::thread &thread : threads)
    thread.join();
  retire(*current);
  const auto statistics = current->compiler.session().statistics();
  if (statistics.launches + statistics.totalFallbacks() +
          statistics.interpretedFirst !=
      current->calls)
    report(absl::StrCat(current->calls.load(), " calls, but ",
                        statistics.launches + statistics.interpretedFirst,
                        " launches or first interpretations and ",
                        statistics.totalFallbacks(), " fallbacks"));
  const std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - start;
  std::printf(
      "fuser-stress: %d threads, %.1f s, seed %llu: %lld calls "
      "(%lld launches, %lld fallbacks, %lld interpreted first), %lld loads, "
      "%lld compiles, %lld swaps, "
      "%lld evictions, %lld specs released, %lld compilers, "
      "%lld wrong\n",
      options.threads, elapsed.count(),
      static_cast<unsigned long long>(options.seed),
      static_cast<long long>(calls), static_cast<long long>(launches),
      static_cast<long long>(fallbacks), static_cast<long long>(early),
      static_cast<long long>(loads), static_cast<long long>(compiles),
      static_cast<long long>(swaps), static_cast<long long>(evictions),
      static_cast<long long>(released), static_cast<long long>(generations),
      static_cast<long long>(wrong));
  return wrong == 0 && calls > 0 ? 0 : 1;
}

//===----------------------------------------------------------------------===//
// The command line
//===----------------------------------------------------------------------===//

static const char *const usage =
    "Usage: fuser-stress [--threads=N] [--seconds=N] [--seed=N]\n"
    "N threads load, run, interpret and replace what runs for N seconds (16, "
    "5).\nExit codes: 0 every result was right, 1 one was not, 2 a command "
    "line that\nmakes no sense.\n";

int main(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    absl::string_view text = argv[i];
    if (text == "--help") {
      std::fputs(usage, stdout);
      return 0;
    }
    const bool isFine =
        absl::ConsumePrefix(&text, "--threads=")
            ? absl::SimpleAtoi(text, &options.threads) && options.threads > 0
        : absl::ConsumePrefix(&text, "--seconds=")
            ? absl::SimpleAtoi(text, &options.seconds) && options.seconds > 0
            : absl::ConsumePrefix(&text, "--seed=") &&
                  absl::SimpleAtoi(text, &options.seed);
    if (!isFine) {
      std::fputs(usage, stderr);
      return 2;
    }
  }
  return Stress(options).run();
}
