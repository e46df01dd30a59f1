//===- Peer.h - who runs workloads ------------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_BENCHMARKS_PEER_H
#define FUSER_BENCHMARKS_PEER_H

#include "FuserRuntime/Tensor.h"
#include "absl/status/statusor.h"
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace fuser::benchmarks {

using Json = nlohmann::ordered_json;

/// A workload as the driver describes it.
struct Workload {
  std::string name;                ///< of the C kernel
  std::string program;             ///< path of the MLIR text
  std::vector<std::string> inputs; ///< paths of .npy files
  struct Output {
    DType dtype;
    runtime::Dims sizes;
  };
  std::vector<Output> outputs;
};

/// How a call gets its outputs.
enum class Mode {
  Fresh, ///< allocates them, and gives them back
  Given, ///< writes into tensors that there are
};

/// One of the rivals. Holds one workload at a time; not thread-safe.
class Peer {
public:
  virtual ~Peer() = default;

  /// What it is, for people.
  virtual std::string version() const = 0;

  /// Loads the inputs, compiles and runs the workload once. The result says
  /// what that took: "first_ms", from the program's text to the outputs of the
  /// first call, and what else is of interest.
  virtual absl::StatusOr<Json> prepare(const Workload &workload) = 0;

  /// Whether `call` can work in that mode.
  virtual bool supports(Mode mode) const { return true; }

  /// Runs the workload once.
  virtual absl::Status call(Mode mode) = 0;

  /// The outputs of one more call.
  virtual absl::StatusOr<std::vector<runtime::Tensor>> results(Mode mode) = 0;

  /// What is wrong with the calls made since prepare, or nothing.
  virtual std::string complaint() const { return ""; }

  /// Gives the memory of the workload back.
  virtual void release() = 0;
};

/// fuser, on so many threads; `fast` as in LoadOptions.
std::unique_ptr<Peer> createFuserPeer(int threads, bool fast);

/// Kernels written in C, on as many threads as OpenMP has.
std::unique_ptr<Peer> createCPeer();

} // namespace fuser::benchmarks

#endif // FUSER_BENCHMARKS_PEER_H
