//===- ExhaustiveUlp.cpp - measures the error of the functions ------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures the greatest error of each function: for f32 over all 2^32 inputs
// against the double function of the C library, for f64 over a sample against
// the long double one. (glibc documents errors of a few ULP of those wider
// formats, so the figures hold to 1e-8 and, with the 11 bits that an x86 long
// double has more than a double, to 3e-3 ULP. AccuracyTest compares the same
// references with MPFR.) Prints the numbers that the headers state.
//
//===----------------------------------------------------------------------===//

#include "FuserMath/Semantics.h"
#include "Ulp.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

using namespace fuser::math;

namespace {

const char kHelp[] =
    "usage: fuser-ulp [--f64 SAMPLES] [FUNCTION...]\n"
    "\n"
    "Prints the greatest error, in ULP, of each FUNCTION (default: all) over\n"
    "all 2^32 f32 inputs, with two threads; minutes per function.\n"
    "  --f64 SAMPLES  measure the f64 functions on so many inputs instead\n"
    "  --help         print this text and the names of the functions\n";

/// Evaluates a function on `count` inputs.
template <class T> using Loop = void (*)(const T *x, T *y, size_t count);

struct Function {
  const char *name;
  Loop<float> f32;
  Loop<double> f64;
  double (*referenceF32)(double);
  long double (*referenceF64)(long double);
  /// Sampled f64 inputs, half of them uniform in here, half over all exponents.
  double low, high;
};

#define LOOP(NAME, T)                                                          \
  [](const T *x, T *y, size_t count) {                                         \
    ScalarBuilder<T> b;                                                        \
    for (size_t i = 0; i < count; ++i)                                         \
      y[i] = op::NAME(b, x[i]);                                                \
  }
#define FUNCTION(NAME, REFERENCE, LOW, HIGH)                                   \
  {#NAME,                                                                      \
   LOOP(NAME, float),                                                          \
   LOOP(NAME, double),                                                         \
   [](double x) -> double { return REFERENCE; },                               \
   [](long double x) -> long double { return REFERENCE; },                     \
   LOW,                                                                        \
   HIGH}

const Function kFunctions[] = {
    FUNCTION(exp, std::exp(x), -746, 710),
    FUNCTION(exp2, std::exp2(x), -1076, 1025),
    FUNCTION(expm1, std::expm1(x), -5, 5),
    FUNCTION(log, std::log(x), 0, 4),
    FUNCTION(log1p, std::log1p(x), -1, 4),
    FUNCTION(log2, std::log2(x), 0, 4),
    FUNCTION(log10, std::log10(x), 0, 4),
    FUNCTION(sinh, std::sinh(x), -5, 5),
    FUNCTION(cosh, std::cosh(x), -5, 5),
    FUNCTION(tanh, std::tanh(x), -3, 3),
    FUNCTION(asinh, std::asinh(x), -4, 4),
    FUNCTION(acosh, std::acosh(x), 1, 4),
    FUNCTION(atanh, std::atanh(x), -1, 1),
    FUNCTION(sigmoid, 1 / (1 + std::exp(-x)), -40, 40),
    FUNCTION(erf, std::erf(x), -6, 6),
    FUNCTION(erfc, std::erfc(x), -6, 27.3),
    FUNCTION(rsqrt, 1 / std::sqrt(x), 0, 4),
    // In f64 its error near the negative roots is bounded absolutely only.
    FUNCTION(lgamma, std::lgamma(x), 0, 100),
    FUNCTION(sin, std::sin(x), -10, 10),
    FUNCTION(cos, std::cos(x), -10, 10),
    FUNCTION(tan, std::tan(x), -10, 10),
    FUNCTION(asin, std::asin(x), -1, 1),
    FUNCTION(acos, std::acos(x), -1, 1),
    FUNCTION(atan, std::atan(x), -4, 4),
    FUNCTION(reciprocal, 1 / x, -4, 4),
};

template <class T, class Bits> T fromBits(Bits bits) {
  T x;
  static_assert(sizeof x == sizeof bits);
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

/// The greatest error seen and where.
struct Worst {
  double error = -1;
  double at = 0;

  void merge(double otherError, double otherAt) {
    if (otherError > error)
      *this = {otherError, otherAt};
  }
};

constexpr size_t kBlock = 1 << 12;
constexpr unsigned kThreads = 2;

/// Evaluates the inputs `input(block, i)` of blocks 0 to `numBlocks` - 1.
template <class T, class Input, class Reference>
Worst measure(const char *name, Loop<T> loop, Reference reference,
              uint64_t numBlocks, Input input) {
  std::atomic<uint64_t> next{0};
  Worst worst[kThreads];
  auto work = [&](Worst &worst) {
    std::vector<T> x(kBlock), y(kBlock);
    for (uint64_t block; (block = next++) < numBlocks;) {
      if (block % (numBlocks / 20 + 1) == 0)
        std::fprintf(stderr, "\r%s %d%% ", name, int(block * 100 / numBlocks));
      for (size_t i = 0; i < kBlock; ++i)
        x[i] = input(block, i);
      loop(x.data(), y.data(), kBlock);
      for (size_t i = 0; i < kBlock; ++i)
        worst.merge(ulpError(y[i], reference(x[i])), x[i]);
    }
  };
  std::vector<std::thread> threads;
  for (Worst &w : worst)
    threads.emplace_back([&work, &w] { work(w); });
  for (std::thread &thread : threads)
    thread.join();
  std::fprintf(stderr, "\r%20s\r", "");
  for (Worst &w : worst)
    worst[0].merge(w.error, w.at);
  return worst[0];
}

/// A pseudorandom number of a counter (splitmix64).
uint64_t hash(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

void run(const Function &function, uint64_t samples) {
  Worst worst;
  if (samples == 0) {
    worst = measure(function.name, function.f32, function.referenceF32,
                    (uint64_t(1) << 32) / kBlock, [](uint64_t block, size_t i) {
                      return fromBits<float>(
                          static_cast<uint32_t>(block * kBlock + i));
                    });
  } else {
    worst =
        measure(function.name, function.f64, function.referenceF64,
                samples / kBlock + 1, [&](uint64_t block, size_t i) {
                  uint64_t bits = hash(block * kBlock + i);
                  if (i % 2)
                    return fromBits<double>(bits);
                  double unit = double(bits >> 11) * 0x1p-53;
                  return function.low + (function.high - function.low) * unit;
                });
  }
  std::printf("%-10s %s max %.4f ULP at %a\n", function.name,
              samples == 0 ? "f32" : "f64", worst.error, worst.at);
  std::fflush(stdout);
}

int fail(const char *what, const char *value) {
  std::fprintf(stderr, "fuser-ulp: %s '%s'; see --help\n", what, value);
  return 2;
}

} // namespace

int main(int argc, char **argv) {
  uint64_t samples = 0;
  std::vector<const Function *> chosen;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--help")) {
      std::printf("%s\nfunctions:", kHelp);
      for (const Function &function : kFunctions)
        std::printf(" %s", function.name);
      std::printf("\n");
      return 0;
    }
    if (!std::strcmp(argv[i], "--f64")) {
      const char *count = i + 1 < argc ? argv[++i] : "";
      samples = std::strtoull(count, nullptr, 10);
      if (samples == 0)
        return fail("--f64 needs a positive number, not", count);
      continue;
    }
    const Function *found = nullptr;
    for (const Function &function : kFunctions)
      if (!std::strcmp(argv[i], function.name))
        found = &function;
    if (!found)
      return fail("unknown function", argv[i]);
    chosen.push_back(found);
  }
  if (chosen.empty())
    for (const Function &function : kFunctions)
      chosen.push_back(&function);
  for (const Function *function : chosen)
    run(*function, samples);
}
