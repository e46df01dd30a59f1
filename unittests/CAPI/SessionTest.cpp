//===- SessionTest.cpp - sessions, programs and their options in C --------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CAPITest.h"
#include <atomic>
#include <cstdlib>
#include <cstring>

using namespace fuser::capi;

static Outcome create(const fuser_session_options &options) {
  fuser_session *session = reinterpret_cast<fuser_session *>(1);
  Outcome outcome = fuser_session_create(&options, &session);
  EXPECT_EQ(session == nullptr, outcome.code != FUSER_OK);
  fuser_session_free(session);
  return outcome;
}

TEST(CSession, Version) {
  EXPECT_EQ(fuser_version(), FUSER_VERSION_MAJOR * 10000u +
                                 FUSER_VERSION_MINOR * 100u +
                                 FUSER_VERSION_PATCH);
  EXPECT_STREQ(fuser_version_string(), "0.1.0");
}

TEST(CSession, OptionsOfOtherVersions) {
  fuser_session_options options{};
  expectError(create(options), FUSER_INVALID_ARGUMENT, "size is 0");
  options.size = sizeof options - 1;
  expectError(create(options), FUSER_INVALID_ARGUMENT, "fuser_session_options");
  struct Later {
    fuser_session_options options;
    int64_t field;
  } later{};
  later.options.size = sizeof later;
  expectOk(create(later.options));
  later.field = 1;
  expectError(create(later.options), FUSER_INVALID_ARGUMENT, "does not know");
  later.options.size = SIZE_MAX;
  expectError(create(later.options), FUSER_INVALID_ARGUMENT, "does not know");
}

static void *noBlock(void *, size_t, size_t) { return nullptr; }
static void noLoop(void *, int64_t, void (*)(void *, int64_t), void *) {}

TEST(CSession, WrongOptions) {
  const fuser_session_options fine = sessionOptions();
  fuser_session_options options = fine;
  options.num_threads = -1;
  expectError(create(options), FUSER_INVALID_ARGUMENT, "num_threads is -1");
  options = fine;
  options.tier = static_cast<fuser_tier>(5);
  expectError(create(options), FUSER_INVALID_ARGUMENT, "tier is 5");
  options = fine;
  options.allocate = noBlock;
  expectError(create(options), FUSER_INVALID_ARGUMENT, "allocate and dealloc");
  options = fine;
  options.parallel_for = noLoop;
  expectError(create(options), FUSER_INVALID_ARGUMENT, "num_threads is 0");
  options = fine;
  options.cpu = "no-such-cpu";
  expectError(create(options), FUSER_INVALID_ARGUMENT, "no-such-cpu");
  options = fine;
  options.features = "avx2";
  expectError(create(options), FUSER_INVALID_ARGUMENT, "avx2");
  expectError(fuser_session_create(nullptr, nullptr), FUSER_INVALID_ARGUMENT,
              "session is NULL");
}

TEST(CSession, NullHandles) {
  fuser_error_free(nullptr);
  fuser_string_free(nullptr);
  fuser_session_free(nullptr);
  fuser_program_free(nullptr);
  fuser_function_free(nullptr);
  fuser_session_wait(nullptr);
  fuser_session_trim(nullptr, 0);
  fuser_session_set_cache_limit(nullptr, 0);
  EXPECT_EQ(fuser_session_num_threads(nullptr), 0);
  EXPECT_EQ(fuser_error_code(nullptr), FUSER_OK);
  EXPECT_STREQ(fuser_error_message(nullptr), "");
  EXPECT_EQ(fuser_program_num_functions(nullptr), 0u);
  EXPECT_EQ(fuser_program_function_name(nullptr, 0), nullptr);
  EXPECT_STREQ(fuser_program_groups(nullptr), "");
  EXPECT_STREQ(fuser_function_name(nullptr), "");
  EXPECT_EQ(fuser_function_num_arguments(nullptr), 0u);
  EXPECT_EQ(fuser_function_num_results(nullptr), 0u);
  EXPECT_EQ(fuser_function_num_groups(nullptr), 0u);
  EXPECT_EQ(fuser_function_argument(nullptr, 0).shape, nullptr);
  char *text;
  expectError(fuser_session_statistics(nullptr, &text), FUSER_INVALID_ARGUMENT,
              "session is NULL");
  expectError(fuser_program_explain(nullptr, &text), FUSER_INVALID_ARGUMENT,
              "program is NULL");
  fuser_program *program;
  expectError(fuser_program_load(nullptr, kAdd, 1, nullptr, nullptr, &program),
              FUSER_INVALID_ARGUMENT, "session is NULL");
  fuser_function *function;
  expectError(fuser_program_function(nullptr, nullptr, &function),
              FUSER_INVALID_ARGUMENT, "program is NULL");
  expectError(fuser_call_into(nullptr, nullptr, 0, nullptr, 0),
              FUSER_INVALID_ARGUMENT, "function is NULL");
}

TEST(CSession, Statistics) {
  const Session session = makeSession();
  EXPECT_GT(fuser_session_num_threads(session.get()), 0);
  char *json;
  expectOk(fuser_session_statistics(session.get(), &json));
  const Text owner(json);
  EXPECT_NE(std::strstr(json, "\"launches\": 0"), nullptr) << json;
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

TEST(CProgram, Functions) {
  const Session session = makeSession();
  const Program program = loadProgram(session, R"mlir(
func.func @one(%x: tensor<?x3xi1>, %n: i64, %s: f64, %b: i1)
    -> (tensor<?x3xi1>, tensor<2xbf16>) {
  %c = fuser.constant dense<[1.0, 2.0]> : tensor<2xbf16>
  return %x, %c : tensor<?x3xi1>, tensor<2xbf16>
}
func.func @two() { return }
)mlir");
  EXPECT_EQ(fuser_program_num_functions(program.get()), 2u);
  EXPECT_STREQ(fuser_program_function_name(program.get(), 0), "one");
  EXPECT_STREQ(fuser_program_function_name(program.get(), 1), "two");
  EXPECT_EQ(fuser_program_function_name(program.get(), 2), nullptr);

  const Function one = findFunction(program, "one");
  EXPECT_STREQ(fuser_function_name(one.get()), "one");
  EXPECT_EQ(fuser_function_num_groups(one.get()), 0u);
  ASSERT_EQ(fuser_function_num_arguments(one.get()), 4u);
  const fuser_signature x = fuser_function_argument(one.get(), 0);
  EXPECT_STREQ(x.name, "x");
  EXPECT_EQ(x.dtype.code, 6);
  EXPECT_EQ(x.dtype.bits, 8);
  ASSERT_EQ(x.ndim, 2);
  EXPECT_EQ(x.shape[0], -1);
  EXPECT_EQ(x.shape[1], 3);
  EXPECT_FALSE(x.is_scalar);
  const fuser_signature n = fuser_function_argument(one.get(), 1);
  EXPECT_TRUE(n.is_scalar);
  EXPECT_EQ(n.dtype.code, kDLInt);
  EXPECT_EQ(n.dtype.bits, 64);
  ASSERT_EQ(fuser_function_num_results(one.get()), 2u);
  const fuser_signature c = fuser_function_result(one.get(), 1);
  EXPECT_EQ(c.dtype.code, 4);
  EXPECT_EQ(c.dtype.bits, 16);
  EXPECT_EQ(c.dtype.lanes, 1);
  EXPECT_EQ(fuser_function_argument(one.get(), 4).shape, nullptr);

  fuser_function *none;
  expectError(fuser_program_function(program.get(), "three", &none),
              FUSER_NOT_FOUND, "'one', 'two'");
  EXPECT_EQ(none, nullptr);
  expectError(fuser_program_function(program.get(), nullptr, &none),
              FUSER_NOT_FOUND, "name one of them");
}

TEST(CProgram, Errors) {
  const Session session = makeSession();
  fuser_program *program = reinterpret_cast<fuser_program *>(1);
  const std::string wrong = "func.func @f(%x: tensor<?xf32>) {\n  return %y";
  expectError(fuser_program_load(session.get(), wrong.data(), wrong.size(),
                                 "wrong.mlir", nullptr, &program),
              FUSER_INVALID_ARGUMENT, "wrong.mlir:2:11");
  EXPECT_EQ(program, nullptr);
  expectError(
      fuser_program_load(session.get(), nullptr, 0, nullptr, nullptr, &program),
      FUSER_INVALID_ARGUMENT, "text is NULL");
  expectError(
      fuser_program_load(session.get(), kAdd, 0, nullptr, nullptr, &program),
      FUSER_INVALID_ARGUMENT, "no function");
  fuser_load_options options{};
  expectError(fuser_program_load(session.get(), kAdd, sizeof kAdd - 1, nullptr,
                                 &options, &program),
              FUSER_INVALID_ARGUMENT, "size is 0");
  options.size = sizeof options;
  options.max_ops = -1;
  expectError(fuser_program_load(session.get(), kAdd, sizeof kAdd - 1, nullptr,
                                 &options, &program),
              FUSER_INVALID_ARGUMENT, "max_ops");
}

TEST(CProgram, NamesAreText) {
  const Session session = makeSession();
  for (const char *name : {"a\\FF", "a\\00b"}) {
    const std::string text = std::string("func.func @\"") + name +
                             "\"(%x: tensor<?xf32>) -> tensor<?xf32> {\n"
                             "  return %x : tensor<?xf32>\n}\n";
    fuser_program *program = nullptr;
    expectError(fuser_program_load(session.get(), text.data(), text.size(),
                                   nullptr, nullptr, &program),
                FUSER_INVALID_ARGUMENT, "not UTF-8, or has a zero byte");
    EXPECT_EQ(program, nullptr);
  }
}

TEST(CProgram, TextNeedNotEndWithZero) {
  const Session session = makeSession();
  const std::string text = std::string(kAdd) + "this is not part of it";
  fuser_program *program;
  expectOk(fuser_program_load(session.get(), text.data(), sizeof kAdd - 1,
                              nullptr, nullptr, &program));
  const Program owner(program);
  EXPECT_NE(std::strstr(fuser_program_groups(program), "fuser.group"), nullptr);
}

TEST(CProgram, ExplainsIfAsked) {
  const Session session = makeSession();
  fuser_load_options options{};
  options.size = sizeof options;
  options.explain = 1;
  options.max_ops = 1;
  fuser_program *program;
  expectOk(fuser_program_load(session.get(), kAdd, sizeof kAdd - 1, nullptr,
                              &options, &program));
  const Program owner(program);
  char *json;
  expectOk(fuser_program_explain(program, &json));
  EXPECT_NE(std::strstr(json, "fuser.add"), nullptr) << json;
  fuser_string_free(json);
  const Program silent = loadProgram(session, kAdd);
  expectError(fuser_program_explain(silent.get(), &json),
              FUSER_INVALID_ARGUMENT, "explain");
  EXPECT_EQ(json, nullptr);
}

//===----------------------------------------------------------------------===//
// What the host brings
//===----------------------------------------------------------------------===//

namespace {
struct Host {
  std::atomic<int64_t> bytes{0}, parts{0};
  bool isFull = false, isCrooked = false;
  size_t alignment = 0;

  fuser_session_options options() {
    fuser_session_options options = sessionOptions();
    options.num_threads = 4;
    options.allocator_context = this;
    options.parallel_context = this;
    options.allocate = [](void *context, size_t bytes,
                          size_t alignment) -> void * {
      Host &host = *static_cast<Host *>(context);
      host.alignment = alignment;
      if (host.isFull)
        return nullptr;
      host.bytes += bytes;
      char *block = static_cast<char *>(
          std::aligned_alloc(alignment, (bytes / alignment + 2) * alignment));
      return host.isCrooked ? block + 1 : block;
    };
    options.deallocate = [](void *context, void *block, size_t bytes) {
      Host &host = *static_cast<Host *>(context);
      host.bytes -= bytes;
      std::free(static_cast<char *>(block) - (host.isCrooked ? 1 : 0));
    };
    options.parallel_for = [](void *context, int64_t parts,
                              void (*body)(void *, int64_t), void *argument) {
      static_cast<Host *>(context)->parts += parts;
      for (int64_t part = parts; part-- > 0;)
        body(argument, part);
    };
    return options;
  }
};
} // namespace

TEST(CHost, MemoryAndThreads) {
  Host host;
  const fuser_session_options options = host.options();
  Session session = makeSession(&options);
  EXPECT_EQ(fuser_session_num_threads(session.get()), 4);
  Function add = findFunction(loadProgram(session, kAdd));
  std::vector<float> data(1 << 20, 1.5f);
  const TestTensor x(data.data(), kF32, {1 << 20});
  std::vector<Result> results;
  expectOk(call(add, {valueOf(x), valueOf(x)}, 1, results));
  EXPECT_EQ(host.bytes, 4 << 20);
  EXPECT_GE(host.alignment, 64u);
  EXPECT_GT(host.parts, 1);
  EXPECT_EQ(floatsOf(results[0]), std::vector<float>(1 << 20, 3.0f));
  // It works until the last output is freed.
  session.reset();
  add.reset();
  EXPECT_EQ(host.bytes, 4 << 20);
  results.clear();
  EXPECT_EQ(host.bytes, 0);
}

TEST(CHost, NoMemory) {
  Host host;
  const fuser_session_options options = host.options();
  const Session session = makeSession(&options);
  const Function add = findFunction(loadProgram(session, kAdd));
  float data[4] = {};
  const TestTensor x(data, kF32, {4});
  std::vector<Result> results;
  host.isFull = true;
  expectError(call(add, {valueOf(x), valueOf(x)}, 1, results),
              FUSER_OUT_OF_MEMORY, "no memory for a tensor of 16 bytes");
  EXPECT_EQ(results[0], nullptr);
  host.isFull = false;
  host.isCrooked = true;
  expectError(call(add, {valueOf(x), valueOf(x)}, 1, results),
              FUSER_OUT_OF_MEMORY, "no memory");
  EXPECT_EQ(host.bytes, 0);
  host.isCrooked = false;
  expectOk(call(add, {valueOf(x), valueOf(x)}, 1, results));
}

TEST(CHost, NotWithACache) {
  Host host;
  fuser_session_options options = host.options();
  options.max_cached_bytes = 1;
  expectError(create(options), FUSER_INVALID_ARGUMENT, "max_cached_bytes");
}
