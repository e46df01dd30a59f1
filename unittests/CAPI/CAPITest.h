//===- CAPITest.h - the C interface in tests --------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_UNITTESTS_CAPI_CAPITEST_H
#define FUSER_UNITTESTS_CAPI_CAPITEST_H

#include "fuser-c/fuser.h"
#include "gtest/gtest.h"
#include <memory>
#include <string>
#include <vector>

namespace fuser::capi {

/// The code and the message of an error, which is freed.
struct Outcome {
  Outcome(fuser_error *error)
      : code(fuser_error_code(error)), message(fuser_error_message(error)) {
    fuser_error_free(error);
  }
  fuser_code code;
  std::string message;
};

/// Expects that `outcome` is an error of `code` whose message has `text`.
inline void expectError(const Outcome &outcome, fuser_code code,
                        const std::string &text) {
  EXPECT_EQ(outcome.code, code) << outcome.message;
  EXPECT_NE(outcome.message.find(text), std::string::npos)
      << "found: " << outcome.message << "\nexpected: " << text;
}

inline void expectOk(const Outcome &outcome) {
  EXPECT_EQ(outcome.code, FUSER_OK) << outcome.message;
}

/// A DLTensor with the arrays that it points to.
struct TestTensor {
  TestTensor(void *data, DLDataType type, std::vector<int64_t> sizes,
             std::vector<int64_t> steps = {})
      : shape(std::move(sizes)), strides(std::move(steps)) {
    tensor.data = data;
    tensor.device = {kDLCPU, 0};
    tensor.ndim = static_cast<int>(shape.size());
    tensor.dtype = type;
    tensor.shape = shape.data();
    tensor.strides = strides.empty() ? nullptr : strides.data();
    tensor.byte_offset = 0;
  }
  TestTensor(const TestTensor &) = delete;
  TestTensor &operator=(const TestTensor &) = delete;

  std::vector<int64_t> shape, strides;
  DLTensor tensor;
};

inline constexpr DLDataType kF32{kDLFloat, 32, 1};
inline constexpr DLDataType kI64{kDLInt, 64, 1};
inline constexpr DLDataType kBool{6, 8, 1};

inline fuser_value valueOf(const TestTensor &tensor) {
  fuser_value value;
  value.kind = FUSER_TENSOR;
  value.as.tensor = &tensor.tensor;
  return value;
}
inline fuser_value valueOf(double number) {
  fuser_value value;
  value.kind = FUSER_F64;
  value.as.f64 = number;
  return value;
}
inline fuser_value valueOf(int64_t number) {
  fuser_value value;
  value.kind = FUSER_I64;
  value.as.i64 = number;
  return value;
}
inline fuser_value valueOf(bool truth) {
  fuser_value value;
  value.kind = FUSER_BOOL;
  value.as.boolean = truth;
  return value;
}

struct Free {
  void operator()(fuser_session *handle) const { fuser_session_free(handle); }
  void operator()(fuser_program *handle) const { fuser_program_free(handle); }
  void operator()(fuser_function *handle) const { fuser_function_free(handle); }
  void operator()(DLManagedTensor *tensor) const { tensor->deleter(tensor); }
  void operator()(char *text) const { fuser_string_free(text); }
};
using Session = std::unique_ptr<fuser_session, Free>;
using Program = std::unique_ptr<fuser_program, Free>;
using Function = std::unique_ptr<fuser_function, Free>;
using Result = std::unique_ptr<DLManagedTensor, Free>;
using Text = std::unique_ptr<char, Free>;

inline fuser_session_options sessionOptions() {
  fuser_session_options options{};
  options.size = sizeof options;
  return options;
}

inline Session makeSession(const fuser_session_options *options = nullptr) {
  fuser_session *session;
  expectOk(fuser_session_create(options, &session));
  return Session(session);
}

inline Program loadProgram(const Session &session, const std::string &text) {
  fuser_program *program;
  expectOk(fuser_program_load(session.get(), text.data(), text.size(), nullptr,
                              nullptr, &program));
  return Program(program);
}

inline Function findFunction(const Program &program,
                             const char *name = nullptr) {
  fuser_function *function;
  expectOk(fuser_program_function(program.get(), name, &function));
  return Function(function);
}

/// Calls a function into `outputs`.
inline Outcome callInto(const Function &function,
                        const std::vector<fuser_value> &arguments,
                        const std::vector<const TestTensor *> &outputs) {
  std::vector<const DLTensor *> pointers;
  for (const TestTensor *output : outputs)
    pointers.push_back(&output->tensor);
  return fuser_call_into(function.get(), arguments.data(), arguments.size(),
                         pointers.data(), pointers.size());
}

/// Calls a function of `numResults` results; as many, NULL after an error.
inline Outcome call(const Function &function,
                    const std::vector<fuser_value> &arguments,
                    size_t numResults, std::vector<Result> &results) {
  std::vector<DLManagedTensor *> given(
      numResults, reinterpret_cast<DLManagedTensor *>(&results));
  Outcome outcome = fuser_call(function.get(), arguments.data(),
                               arguments.size(), given.data(), numResults);
  results.clear();
  for (DLManagedTensor *result : given)
    results.emplace_back(result);
  return outcome;
}

/// The elements of a result of rank 1.
inline std::vector<float> floatsOf(const Result &result) {
  const DLTensor &tensor = result->dl_tensor;
  EXPECT_EQ(tensor.dtype.code, kDLFloat);
  EXPECT_EQ(tensor.dtype.bits, 32);
  EXPECT_EQ(tensor.ndim, 1);
  std::vector<float> elements;
  for (int64_t i = 0; i < tensor.shape[0]; ++i)
    elements.push_back(
        static_cast<const float *>(tensor.data)[i * tensor.strides[0]]);
  return elements;
}

/// y = a + b of vectors.
inline constexpr char kAdd[] = R"mlir(
func.func @add(%a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %y = fuser.add %a, %b : tensor<?xf32>
  return %y : tensor<?xf32>
}
)mlir";

} // namespace fuser::capi

#endif // FUSER_UNITTESTS_CAPI_CAPITEST_H
