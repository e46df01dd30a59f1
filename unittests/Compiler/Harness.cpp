//===- Harness.cpp - fused runs against an unfused oracle -----------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "FuserMath/Cast.h"
#include "FuserRuntime/DeviceTensor.h"
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>

using namespace fuser;

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

const char *fuser::layoutName(Layout layout) {
  static const char *const names[kNumLayouts] = {
      "contiguous", "transposed",     "sliced",
      "expanded",   "expanded inner", "inner stride"};
  return names[static_cast<int>(layout)];
}

using Random = std::mt19937_64;

template <class T> static T randomBits(Random &random) {
  uint64_t bits = random();
  T result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

template <class T> static T tame(Random &random) {
  if constexpr (std::is_floating_point_v<T>)
    return static_cast<T>(static_cast<double>(random() >> 11) * 0x1p-52 - 1);
  else
    return static_cast<T>(static_cast<int64_t>(random() % 21) - 10);
}

template <class T> static T special(Random &random) {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::is_floating_point_v<T>) {
    const T values[] = {T(0),
                        -T(0),
                        T(1),
                        T(-1),
                        Limits::infinity(),
                        -Limits::infinity(),
                        Limits::quiet_NaN(),
                        -Limits::quiet_NaN(),
                        Limits::denorm_min(),
                        -Limits::denorm_min(),
                        Limits::min() / 3,
                        Limits::min(),
                        Limits::max(),
                        Limits::lowest(),
                        T(255.5),
                        T(2147483648.0),
                        T(-9223372036854775808.0)};
    return values[random() % std::size(values)];
  } else {
    const T values[] = {T(0),          T(1),
                        T(-1),         Limits::min(),
                        Limits::max(), static_cast<T>(Limits::max() / 2 + 1)};
    return values[random() % std::size(values)];
  }
}

template <class T> static T element(Random &random, Data data) {
  if constexpr (std::is_same_v<T, bool>) {
    return random() & 1;
  } else if constexpr (isHalf(dtypeOfScalar<T>())) {
    if (data != Data::Tame && random() % 4 == 0)
      return randomBits<T>(random);
    return math::toElement<T>(element<float>(random, data));
  } else {
    if (data == Data::Tame)
      return tame<T>(random);
    if (data == Data::Divisors) {
      const T number = element<T>(random, Data::Wild);
      return std::is_integral_v<T> && number == 0 ? T(1) : number;
    }
    switch (random() % 4) {
    case 0:
      return special<T>(random);
    case 1:
      return randomBits<T>(random);
    default:
      return static_cast<T>(tame<T>(random) * 4);
    }
  }
}

namespace {
/// Where the elements of an input are: strides, and the place of the first.
struct Placement {
  Dims strides;
  int64_t offset = 0;
};
} // namespace

static Placement place(const Dims &sizes, Layout layout) {
  const std::size_t rank = sizes.size();
  Placement result{runtime::rowMajorStrides(sizes)};
  switch (layout) {
  case Layout::Contiguous:
    break;
  case Layout::Transposed: {
    Dims reversed(sizes.rbegin(), sizes.rend());
    Dims strides = runtime::rowMajorStrides(reversed);
    result.strides.assign(strides.rbegin(), strides.rend());
    break;
  }
  case Layout::Sliced: {
    Dims wider = sizes;
    for (int64_t &size : wider)
      size += 2;
    result.strides = runtime::rowMajorStrides(wider);
    result.offset = 1;
    for (int64_t stride : result.strides)
      result.offset += stride;
    break;
  }
  case Layout::Expanded:
    if (rank > 0)
      result.strides.front() = 0;
    break;
  case Layout::ExpandedInner:
    if (rank > 0)
      result.strides.back() = 0;
    break;
  case Layout::InnerStride:
    for (int64_t &stride : result.strides)
      stride *= 2;
    break;
  }
  return result;
}

template <class T>
static Tensor makeInputOf(const Dims &sizes, Layout layout, uint64_t seed,
                          Data data) {
  Placement placement = place(sizes, layout);
  int64_t extent = placement.offset + 1;
  for (std::size_t dim = 0; dim < sizes.size(); ++dim)
    extent = sizes[dim] == 0
                 ? placement.offset + 1
                 : extent + (sizes[dim] - 1) * placement.strides[dim];
  Random random(seed);
  // As long as needed and no longer, so that a sanitizer sees what is read
  // beyond.
  std::shared_ptr<T[]> memory(new T[extent]);
  for (int64_t i = 0; i < extent; ++i)
    memory[i] = element<T>(random, data);
  return Tensor::borrow(memory.get() + placement.offset, dtypeOfScalar<T>(),
                        sizes, placement.strides, memory);
}

Tensor fuser::makeInput(DType dtype, const Dims &sizes, Layout layout,
                        uint64_t seed, Data data) {
  switch (dtype) {
#define FUSER_DTYPE(NAME, TYPE)                                                \
  case DType::NAME:                                                            \
    return makeInputOf<TYPE>(sizes, layout, seed, data);
    FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
  }
  return Tensor();
}

Tensor fuser::truths(std::vector<uint8_t> bytes) {
  auto owner = std::make_shared<std::vector<uint8_t>>(std::move(bytes));
  const auto size = static_cast<int64_t>(owner->size());
  return Tensor::borrow(owner->data(), DType::i1, {size}, {1}, owner);
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

static Tensor dense(const Tensor &tensor) {
  static const std::shared_ptr<runtime::Allocator> allocator =
      runtime::createCachingAllocator();
  absl::StatusOr<Tensor> copy = tensor.contiguous(*allocator);
  EXPECT_TRUE(copy.ok()) << copy.status();
  return copy.ok() ? *copy : Tensor();
}

template <class T> static double asDouble(T value) {
  return math::castScalar<double>(value);
}

/// The representation of an i1 is a byte.
template <class T>
using Stored = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;

template <class T> static bool isSame(T a, T b) {
  if (std::isnan(asDouble(a)) && std::isnan(asDouble(b)))
    return true;
  return std::memcmp(&a, &b, sizeof a) == 0;
}

template <class T>
static ::testing::AssertionResult sameElements(const Tensor &found,
                                               const Tensor &expected) {
  const Tensor a = dense(found), b = dense(expected);
  const T *x = a.dataAs<T>(), *y = b.dataAs<T>();
  for (int64_t i = 0; i < a.numElements(); ++i)
    if (!isSame(x[i], y[i])) {
      auto result = ::testing::AssertionFailure();
      result << "element " << i << " of " << a.numElements() << " ("
             << a.typeString() << ") is " << asDouble(x[i]) << ", expected "
             << asDouble(y[i]);
      return result;
    }
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult fuser::sameBits(const Tensor &found,
                                           const Tensor &expected) {
  if (found.dtype() != expected.dtype() || found.sizes() != expected.sizes())
    return ::testing::AssertionFailure()
           << "type is " << found.typeString() << ", expected "
           << expected.typeString();
  switch (found.dtype()) {
#define FUSER_DTYPE(NAME, TYPE)                                                \
  case DType::NAME:                                                            \
    return sameElements<Stored<TYPE>>(found, expected);
    FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
  }
  return ::testing::AssertionFailure();
}

std::vector<double> fuser::doubles(const Tensor &tensor) {
  const Tensor copy = dense(tensor);
  std::vector<double> result;
  for (int64_t i = 0; i < copy.numElements(); ++i) {
    switch (copy.dtype()) {
#define FUSER_DTYPE(NAME, TYPE)                                                \
  case DType::NAME:                                                            \
    result.push_back(asDouble(copy.dataAs<TYPE>()[i]));                        \
    break;
      FUSER_FOR_EACH_DTYPE(FUSER_DTYPE)
#undef FUSER_DTYPE
    }
  }
  return result;
}

::testing::AssertionResult fuser::isNear(const Tensor &found,
                                         const std::vector<double> &expected,
                                         double rtol, double atol) {
  const std::vector<double> elements = doubles(found);
  if (elements.size() != expected.size())
    return ::testing::AssertionFailure()
           << elements.size() << " elements, expected " << expected.size();
  for (std::size_t i = 0; i < elements.size(); ++i)
    if (!(std::abs(elements[i] - expected[i]) <=
          atol + rtol * std::abs(expected[i])))
      return ::testing::AssertionFailure()
             << "element " << i << " is " << elements[i] << ", expected "
             << expected[i];
  return ::testing::AssertionSuccess();
}

//===----------------------------------------------------------------------===//
// Harness
//===----------------------------------------------------------------------===//

const Harness::Loaded *Harness::load(const std::string &text) {
  auto found = programs.find(text);
  if (found != programs.end())
    return &found->second;
  LoadOptions unfusedOptions;
  unfusedOptions.maxOps = 1;
  absl::StatusOr<Program> fused = compiler.load(text, "test.mlir");
  absl::StatusOr<Program> unfused =
      compiler.load(text, "test.mlir", unfusedOptions);
  EXPECT_TRUE(fused.ok()) << fused.status() << "\n" << text;
  EXPECT_TRUE(unfused.ok()) << unfused.status() << "\n" << text;
  if (!fused.ok() || !unfused.ok())
    return nullptr;
  return &programs.emplace(text, Loaded{*fused, *unfused}).first->second;
}

const ProgramFunction *Harness::function(const std::string &text) {
  const Loaded *loaded = load(text);
  return loaded ? *loaded->fused.find("") : nullptr;
}

static bool isOnCuda() {
  const char *device = std::getenv("FUSER_TEST_DEVICE");
  return device && std::string(device) == "cuda";
}

absl::StatusOr<std::vector<Tensor>>
Harness::run(const Program &program, const std::vector<Value> &arguments) {
  const ProgramFunction &function = **program.find("");
  if (!isOnCuda())
    return program.run(function, arguments);
  auto cuda = compiler.session().cudaRuntime();
  if (!cuda.ok())
    return cuda.status();
  std::vector<Value> moved = arguments;
  absl::Status status = runtime::moveToDevice(
      absl::MakeSpan(moved), {runtime::DeviceType::CUDA, 0}, **cuda);
  if (!status.ok())
    return status;
  auto results = program.run(function, moved);
  if (results.ok())
    status = runtime::moveToHost(absl::MakeSpan(*results), **cuda,
                                 compiler.session().allocator());
  if (!status.ok())
    return status;
  return results;
}

std::vector<Tensor> Harness::check(const std::string &text,
                                   const std::vector<Value> &arguments) {
  const Loaded *loaded = load(text);
  if (!loaded)
    return {};
  const ProgramFunction &function = **loaded->fused.find("");
  const auto before = compiler.session().statistics();
  auto results = run(loaded->fused, arguments);
  const auto after = compiler.session().statistics();
  auto oracle =
      loaded->unfused.runFallback(**loaded->unfused.find(""), arguments);
  EXPECT_TRUE(results.ok()) << results.status() << "\n" << text;
  EXPECT_TRUE(oracle.ok()) << oracle.status() << "\n" << text;
  if (!results.ok() || !oracle.ok() || results->size() != oracle->size())
    return {};
  // What is returned without being computed needs no kernel.
  const std::size_t firstComputed =
      function.arguments.size() + function.constants.size();
  bool mustLaunch = false;
  for (std::size_t i = 0; i < results->size(); ++i) {
    const Tensor &result = (*results)[i];
    mustLaunch |=
        result.numElements() > 0 &&
        static_cast<std::size_t>(function.returned[i]) >= firstComputed;
    EXPECT_TRUE(sameBits(result, (*oracle)[i])) << "result " << i << " of\n"
                                                << text;
    EXPECT_TRUE(function.results[i].admits(result))
        << "result " << i << " is " << result.typeString() << ", declared as "
        << function.results[i].str() << "\n"
        << text;
  }
  if (mustLaunch) {
    EXPECT_GT(after.launches, before.launches) << text;
  }
  EXPECT_EQ(after.totalFallbacks(), before.totalFallbacks())
      << (after.compiles.empty() ? "" : after.compiles.back().error) << "\n"
      << text;
  return *std::move(results);
}

std::string Harness::runError(const std::string &text,
                              const std::vector<Value> &arguments) {
  const Loaded *loaded = load(text);
  if (!loaded)
    return "";
  auto fused = run(loaded->fused, arguments);
  auto unfused =
      loaded->unfused.runFallback(**loaded->unfused.find(""), arguments);
  EXPECT_EQ(fused.status().code(), absl::StatusCode::kInvalidArgument)
      << fused.status() << "\n"
      << text;
  EXPECT_EQ(unfused.status().code(), absl::StatusCode::kInvalidArgument)
      << unfused.status() << "\n"
      << text;
  return std::string(fused.status().message());
}

void fuser::expectResult(const std::string &text,
                         const std::vector<Value> &arguments,
                         const Tensor &expected) {
  Harness harness;
  const std::vector<Tensor> results = harness.check(text, arguments);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(sameBits(results[0], expected)) << text;
}
