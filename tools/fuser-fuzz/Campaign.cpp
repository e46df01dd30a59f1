//===- Campaign.cpp - many programs in several processes ------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Campaign.h"
#include "OpKind.h"
#include "Reproduce.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <map>
#include <new>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace fuser;
using namespace fuser::fuzz;

/// A process gives its memory back after so many programs.
static constexpr uint64_t kProgramsPerProcess = 500;
/// No program takes so many seconds.
static constexpr unsigned kHangSeconds = 120;
static constexpr int kRenew = 42; ///< exit code of a process that is replaced
static constexpr size_t kMaxKinds = 1024;
static constexpr uint32_t kMaxFound = 1000;
static constexpr int kMaxProcesses = 256;

/// The numbers of CheckCounts.
static constexpr uint64_t CheckCounts::*const kCheckCounts[] = {
    &CheckCounts::kernels, &CheckCounts::inPlace, &CheckCounts::overlapsRefused,
    &CheckCounts::repeats, &CheckCounts::evicted, &CheckCounts::released};

namespace {
struct Found {
  uint64_t index;
  Fault fault;
};

/// What parent and children share.
struct Board {
  std::atomic<uint64_t> next{0};
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> programs{0}, calls{0}, ops{0}, refused{0};
  std::atomic<uint64_t> checks[std::size(kCheckCounts)];
  std::atomic<uint64_t> kinds[kMaxKinds], dtypes[kNumDTypes];
  std::atomic<uint32_t> numFound{0};
  Found found[kMaxFound];
  /// The program that each process is at.
  std::atomic<uint64_t> current[kMaxProcesses];

  void add(Found finding) {
    const uint32_t place = numFound++;
    if (place < kMaxFound)
      found[place] = finding;
  }
};

class Campaign {
public:
  Campaign(const Options &options, std::FILE *report);
  ~Campaign() { munmap(board, sizeof *board); }
  Summary run();

private:
  [[noreturn]] void work(int process);
  void count(const Case &program);
  void count(const CheckCounts &before, const CheckCounts &after);
  void startWorker(int process);
  void startInvestigation(bool isolated);
  void handleExit(pid_t pid, int status);
  double seconds() const;
  void tellProgress();
  Summary summary() const;

  const Options &options;
  std::FILE *report;
  Board *board;
  std::map<pid_t, int> workers;
  /// The process that shrinks a finding, and which one.
  pid_t investigator = 0;
  bool isIsolated = false;
  uint32_t numInvestigated = 0;
  double lastTold = 0;
  std::chrono::steady_clock::time_point begin =
      std::chrono::steady_clock::now();
};
} // namespace

//===----------------------------------------------------------------------===//
// One finding
//===----------------------------------------------------------------------===//

/// Lets no process live on when its parent is killed.
static void endWithParent() { prctl(PR_SET_PDEATHSIG, SIGKILL); }

/// Checks `program` in a process of its own.
static Fault checkApart(const Case &program, const CheckOptions &options) {
  const pid_t pid = fork();
  if (pid == 0) {
    endWithParent();
    alarm(kHangSeconds);
    _exit(static_cast<int>(Checker(options).check(program).fault));
  }
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid)
    return Fault::None;
  return WIFEXITED(status) && WEXITSTATUS(status) < kNumFaults
             ? static_cast<Fault>(WEXITSTATUS(status))
             : Fault::Crash;
}

/// Shrinks a finding, writes it and tells about it. If `isolated`, every
/// program runs in a process of its own.
static void investigate(const Options &options, Found found, bool isolated,
                        std::FILE *report) {
  auto faultOf = [&](const Case &program) {
    return isolated ? checkApart(program, options.check)
                    : Checker(options.check).check(program).fault;
  };
  const Case original =
      generateCase(options.seed, found.index, options.generate);
  const bool isRepeated = faultOf(original) == found.fault;
  const Case program = isRepeated
                           ? shrink(
                                 original,
                                 [&](const Case &candidate) {
                                   return faultOf(candidate) == found.fault;
                                 },
                                 options.shrink)
                           : original;
  Outcome outcome{found.fault, found.fault == Fault::Crash
                                   ? "the process died or hung"
                                   : ""};
  if (!isolated && isRepeated)
    outcome = Checker(options.check).check(program);
  std::string text = absl::StrCat(faultName(found.fault), ": ", outcome.text,
                                  "\nfound by fuser-fuzz --seed=", options.seed,
                                  " --max-ops=", options.generate.maxOps,
                                  " --first=", found.index, " --programs=1\n");
  if (isRepeated)
    absl::StrAppend(&text, "shrunk from ", original.numOps(), " ops to ",
                    program.numOps(), "\n");
  else
    absl::StrAppend(&text, "not found again by this program alone: it needs "
                           "those before it\n");
  if (outcome.onlyHere)
    absl::StrAppend(&text, "with groups called one by one, into given outputs "
                           "or again, which fuser-runner does not do\n");
  if (program.fewKernels)
    absl::StrAppend(&text, "in a session that keeps 2 kernels\n");
  if (program.calls.size() > 1)
    absl::StrAppend(&text, "by several calls in one session\n");
  const absl::StatusOr<std::string> commands = writeReproduction(
      program, options.out,
      absl::StrCat("seed", options.seed, "-", found.index), text);
  absl::FPrintF(report, "\n%s%s", text,
                commands.ok() ? *commands : commands.status().ToString());
  std::fflush(report);
}

//===----------------------------------------------------------------------===//
// Workers
//===----------------------------------------------------------------------===//

Campaign::Campaign(const Options &options, std::FILE *report)
    : options(options), report(report) {
  void *memory = mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    std::perror("fuser-fuzz: error: no memory");
    std::exit(2);
  }
  board = new (memory) Board();
  board->next = options.first;
}

void Campaign::count(const Case &program) {
  ++board->programs;
  board->calls += program.calls.size();
  board->ops += static_cast<uint64_t>(program.numOps());
  for (const Node &node : program.nodes) {
    board->dtypes[static_cast<int>(node.dtype)] +=
        static_cast<uint64_t>(node.numResults);
    if (!isArgument(node))
      ++board->kinds[node.kind - opKinds().data()];
  }
}

void Campaign::count(const CheckCounts &before, const CheckCounts &after) {
  for (size_t i = 0; i < std::size(kCheckCounts); ++i)
    board->checks[i] += after.*kCheckCounts[i] - before.*kCheckCounts[i];
}

void Campaign::work(int process) {
  Checker checker(options.check);
  CheckCounts before;
  for (uint64_t done = 0; done < kProgramsPerProcess; ++done) {
    if (board->stop)
      _exit(0);
    const uint64_t index = board->next++;
    if (options.programs && index - options.first >= options.programs)
      _exit(0);
    board->current[process] = index;
    alarm(kHangSeconds);
    const Case program = generateCase(options.seed, index, options.generate);
    count(program);
    const Outcome outcome = checker.check(program);
    board->refused += outcome.isRefused;
    const CheckCounts after = checker.counts();
    count(before, after);
    before = after;
    if (outcome.fault != Fault::None)
      board->add({index, outcome.fault});
  }
  _exit(kRenew);
}

void Campaign::startWorker(int process) {
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid == 0) {
    endWithParent();
    work(process);
  }
  if (pid > 0)
    workers[pid] = process;
}

void Campaign::startInvestigation(bool isolated) {
  const Found found = board->found[numInvestigated];
  isIsolated = isolated || found.fault == Fault::Crash;
  std::fflush(nullptr);
  investigator = fork();
  if (investigator != 0)
    return;
  endWithParent();
  investigate(options, found, isIsolated, report);
  _exit(0);
}

void Campaign::handleExit(pid_t pid, int status) {
  const bool crashed = WIFSIGNALED(status);
  if (pid == investigator) {
    if (crashed && !isIsolated)
      return startInvestigation(/*isolated=*/true);
    investigator = 0;
    ++numInvestigated;
    return;
  }
  const auto worker = workers.find(pid);
  if (worker == workers.end())
    return;
  const int process = worker->second;
  workers.erase(worker);
  const bool isDone = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  const bool isRenewed = WIFEXITED(status) && WEXITSTATUS(status) == kRenew;
  if (!isDone && !isRenewed)
    board->add({board->current[process], Fault::Crash});
  if (!isDone)
    startWorker(process);
}

//===----------------------------------------------------------------------===//
// The parent
//===----------------------------------------------------------------------===//

double Campaign::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
      .count();
}

void Campaign::tellProgress() {
  constexpr double interval = 15;
  const double now = seconds();
  if (now < lastTold + interval)
    return;
  lastTold = now;
  absl::FPrintF(stderr, "fuser-fuzz: %d s, %d programs, %.1f/s, %d findings\n",
                static_cast<int64_t>(now), board->programs.load(),
                static_cast<double>(board->programs) / now,
                board->numFound.load());
}

Summary Campaign::run() {
  const int processes =
      options.threads
          ? options.threads
          : static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u,
                                        static_cast<unsigned>(kMaxProcesses)));
  for (int process = 0; process < processes; ++process)
    startWorker(process);
  const uint32_t maxFindings = static_cast<uint32_t>(options.maxFindings);
  for (;;) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid > 0)
      handleExit(pid, status);
    const uint32_t numFound = std::min(board->numFound.load(), maxFindings);
    if (!investigator && numInvestigated < numFound)
      startInvestigation(/*isolated=*/false);
    if (numFound == maxFindings ||
        (options.seconds > 0 && seconds() > options.seconds))
      board->stop = true;
    if (workers.empty() && !investigator && numInvestigated >= numFound)
      return summary();
    tellProgress();
    if (pid <= 0)
      usleep(10000);
  }
}

//===----------------------------------------------------------------------===//
// Summary
//===----------------------------------------------------------------------===//

Summary Campaign::summary() const {
  Summary result;
  result.programs = board->programs;
  result.calls = board->calls;
  result.ops = board->ops;
  for (size_t i = 0; i < std::size(kCheckCounts); ++i)
    result.checks.*kCheckCounts[i] = board->checks[i];
  result.refused = board->refused;
  result.findings = board->numFound;
  result.written = numInvestigated;
  result.seconds = seconds();
  for (size_t i = 0; i < opKinds().size(); ++i)
    result.kinds.emplace_back(opKinds()[i].name, board->kinds[i]);
  for (int i = 0; i < kNumDTypes; ++i)
    result.dtypes.emplace_back(dtypeName(static_cast<DType>(i)),
                               board->dtypes[i]);
  return result;
}

static std::string
countsText(const std::vector<std::pair<std::string, uint64_t>> &counts) {
  std::string text, line = " ";
  for (const auto &[name, count] : counts) {
    const std::string item = absl::StrCat(" ", name, " ", count);
    if (line.size() + item.size() > 79) {
      absl::StrAppend(&text, line, "\n");
      line = " ";
    }
    absl::StrAppend(&line, item, ",");
  }
  line.pop_back();
  return absl::StrCat(text, line, "\n");
}

std::string Summary::text() const {
  return absl::StrCat(
      programs, " programs, ", ops, " ops, ", calls, " calls, ", checks.kernels,
      " kernels in ", absl::StrFormat("%.1f", seconds),
      " s: ", absl::StrFormat("%.1f", static_cast<double>(programs) / seconds),
      " programs/s\n", refused, " of them divide integers by 0\n",
      checks.repeats, " calls made again\n", checks.inPlace,
      " outputs in place of inputs, ", checks.overlapsRefused,
      " calls refused for overlaps\n", checks.evicted, " kernels evicted, ",
      checks.released, " groups released\n", "ops:\n", countsText(kinds),
      "values:\n", countsText(dtypes),
      findings ? absl::StrCat(findings, " findings, ", written, " written\n")
               : "no findings\n");
}

static std::string
countsJson(const std::vector<std::pair<std::string, uint64_t>> &counts) {
  return absl::StrCat("{",
                      absl::StrJoin(counts, ", ",
                                    [](std::string *out, const auto &count) {
                                      absl::StrAppend(out, "\"", count.first,
                                                      "\": ", count.second);
                                    }),
                      "}");
}

std::string Summary::json() const {
  return absl::StrCat(
      "{\n  \"programs\": ", programs, ",\n  \"ops\": ", ops,
      ",\n  \"calls\": ", calls, ",\n  \"kernels\": ", checks.kernels,
      ",\n  \"repeats\": ", checks.repeats,
      ",\n  \"in_place\": ", checks.inPlace,
      ",\n  \"overlaps_refused\": ", checks.overlapsRefused,
      ",\n  \"evicted\": ", checks.evicted,
      ",\n  \"released\": ", checks.released, ",\n  \"refused\": ", refused,
      ",\n  \"seconds\": ", absl::StrFormat("%.3f", seconds),
      ",\n  \"findings\": ", findings, ",\n  \"written\": ", written,
      ",\n  \"ops_by_kind\": ", countsJson(kinds),
      ",\n  \"values_by_dtype\": ", countsJson(dtypes), "\n}\n");
}

Summary fuzz::runCampaign(const Options &options, std::FILE *report) {
  return Campaign(options, report).run();
}
