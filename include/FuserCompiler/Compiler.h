//===- Compiler.h - where IR meets the runtime ------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERCOMPILER_COMPILER_H
#define FUSERCOMPILER_COMPILER_H

#include "FuserCompiler/Program.h"
#include "FuserRuntime/Session.h"
#include "absl/status/statusor.h"
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mlir {
class MLIRContext;
} // namespace mlir

namespace fuser {

class GroupOp;

/// A form that a kernel goes through; see Compiler::emit.
enum class EmitStage {
  Linalg,   ///< linalg.generic over arith and math
  LLVM,     ///< LLVM IR, after optimisation
  Assembly, ///< machine code of the host
  // Of the same call with tensors in the memory of a GPU, at multiples of 16
  // bytes; there need not be one.
  Gpu,  ///< the gpu dialect
  NVVM, ///< the NVVM dialect
  PTX,  ///< assembly of NVIDIA's GPUs
};
/// Whether it is a form of kernels for GPUs.
inline bool isGpuStage(EmitStage stage) { return stage >= EmitStage::Gpu; }

struct LoadOptions {
  /// Ops in one group, at most. 1 runs every op by itself: the program as if
  /// nothing were fused.
  int64_t maxOps = 500;
  /// Inputs and outputs of one group, at most; one op may have more.
  int64_t maxOperands = 256;
  /// Lets groups leave out roundings (`fuser-fast-math`): products may contract
  /// with additions to fma, and f16 and bf16 values within a group are f32.
  /// Results then depend on what is fused.
  bool fast = false;
  /// Keeps why ops were fused or not: Program::explanation.
  bool explain = false;
};

/// The processor that kernels are made for: this machine's unless something is
/// set.
struct TargetOptions {
  /// A name that LLVM knows, such as "x86-64", "x86-64-v3" or "skylake".
  std::string cpu;
  /// What `cpu`, or this machine, is to have (+) or to lack (-) beside, such as
  /// "-avx512f,+fma".
  std::string features;
  /// The GPU that Compiler::emit makes code for, such as "sm_90", and the
  /// version of PTX, such as "7.8"; the oldest that has the GPU if empty.
  /// Kernels that run are made for the device that they run on.
  std::string gpuArch = "sm_80";
  std::string ptx;
};

/// Parses programs, registers their groups with a session and compiles the
/// kernels that the session asks for. Thread-safe: programs are loaded one at a
/// time, kernels are compiled on several threads at once. Its session must
/// outlive its programs.
class Compiler {
public:
  /// Starts a session whose backend is this compiler. Without a usable code
  /// generator for `target` the session interprets, and says so in its
  /// statistics.
  explicit Compiler(runtime::SessionOptions options = {},
                    TargetOptions target = {});
  /// The same for a session that there is, which must outlive the compiler.
  /// Several compilers may work for one session.
  explicit Compiler(runtime::Session &session, TargetOptions target = {});
  ~Compiler();
  Compiler(const Compiler &) = delete;
  Compiler &operator=(const Compiler &) = delete;

  /// Parses MLIR text (or bytecode), forms and registers the groups of every
  /// function. `name` stands for the source in messages. Fails with
  /// InvalidArgument and the diagnostics, one a line, whatever the text holds.
  /// Bytecode must be as it was written, or a part of it: MLIR's reader does
  /// not survive all that is damaged.
  absl::StatusOr<Program> load(std::string_view text, std::string_view name,
                               const LoadOptions &options = {});

  /// Registers one group and returns its key. Groups that differ in names and
  /// sizes only have one key, which Session::releaseFusion gives back. The
  /// group is of the form that fuser-form-groups makes: no composites,
  /// constants whose elements are all equal, concats of yielded values only. To
  /// be called within withContext. Fails with InvalidArgument and the
  /// diagnostics. `fast` as in LoadOptions.
  absl::StatusOr<int64_t> registerFusion(GroupOp group, bool fast = false);

  /// The text of the kernel that group `key` has for these inputs.
  absl::StatusOr<std::string>
  emit(int64_t key, absl::Span<const runtime::Value> inputs, EmitStage stage);

  /// The texts of the kernels that such a call of `function`, of `program`,
  /// uses, each below a comment with the number and the ops of its group.
  absl::StatusOr<std::string> emit(const Program &program,
                                   const ProgramFunction &function,
                                   absl::Span<const runtime::Value> arguments,
                                   EmitStage stage);

  /// OK if there is a code generator. InvalidArgument that says why if `target`
  /// names what LLVM does not know or needs what this machine lacks.
  absl::Status checkTarget();

  /// The session that programs and groups of this compiler run in.
  runtime::Session &session();

  /// The CPU backend that the session starts with, to be wrapped, or registered in
  /// another session. It makes kernels of any spec, for the target of this
  /// compiler, which it may outlive, on several threads at once.
  runtime::FusedKernelConstructor backend() const;

  /// Calls `body` with the MLIR context while nothing else uses it: the only
  /// way to build groups for registerFusion. No program is loaded meanwhile.
  /// Does nothing once the process exits.
  void withContext(const std::function<void(mlir::MLIRContext &)> &body);

private:
  class Impl;
  void setBackends();
  std::unique_ptr<Impl> impl;
};

} // namespace fuser

#endif // FUSERCOMPILER_COMPILER_H
