//===- Session.cpp - sessions of the C interface --------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Errors.h"
#include "FuserRuntime/CudaRuntime.h"
#include "Handles.h"
#include "Options.h"

using namespace fuser;
using namespace fuser::capi;

//===----------------------------------------------------------------------===//
// What the host brings
//===----------------------------------------------------------------------===//

namespace {

class HostAllocator : public runtime::Allocator {
public:
  explicit HostAllocator(const fuser_session_options &options)
      : give(options.allocate), take(options.deallocate),
        context(options.allocator_context) {}

  void *allocate(size_t bytes) override {
    void *block = give(context, bytes, runtime::Tensor::kAlignment);
    // Kernels would end the process.
    if (reinterpret_cast<uintptr_t>(block) % runtime::Tensor::kAlignment == 0)
      return block;
    take(context, block, bytes);
    return nullptr;
  }
  void deallocate(void *block, size_t bytes) override {
    take(context, block, bytes);
  }

private:
  decltype(fuser_session_options::allocate) const give;
  decltype(fuser_session_options::deallocate) const take;
  void *const context;
};

class HostThreads : public runtime::ThreadPool {
public:
  explicit HostThreads(const fuser_session_options &options)
      : parallel(options.parallel_for), context(options.parallel_context),
        threads(options.num_threads) {}

  int numThreads() const override { return threads; }

  void parallelFor(int64_t parts,
                   const std::function<void(int64_t)> &body) override {
    parallel(
        context, parts,
        [](void *argument, int64_t part) {
          (*static_cast<const std::function<void(int64_t)> *>(argument))(part);
        },
        const_cast<std::function<void(int64_t)> *>(&body));
  }

private:
  decltype(fuser_session_options::parallel_for) const parallel;
  void *const context;
  const int threads;
};

} // namespace

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

static absl::Status checkOptions(const fuser_session_options &options) {
  auto refuse = [](const auto &...why) {
    return absl::InvalidArgumentError(absl::StrCat("options: ", why...));
  };
  if (options.num_threads < 0)
    return refuse("num_threads is ", options.num_threads, ": expected >= 0");
  if (options.tier < FUSER_TIER_DEFAULT || options.tier > FUSER_TIER_FINAL_ONLY)
    return refuse("tier is ", static_cast<int>(options.tier),
                  ": expected a fuser_tier");
  if (!options.allocate != !options.deallocate)
    return refuse("expected both allocate and deallocate, or neither");
  if (options.allocate && options.max_cached_bytes != 0)
    return refuse("max_cached_bytes is of the library's own allocator: "
                  "expected 0 with allocate");
  if (options.parallel_for && options.num_threads == 0)
    return refuse("num_threads is 0: expected > 0 with parallel_for");
  return absl::OkStatus();
}

static runtime::TierPolicy policyOf(fuser_tier tier) {
  switch (tier) {
  case FUSER_TIER_ASYNC:
    return runtime::TierPolicy::Async;
  case FUSER_TIER_SYNC:
    return runtime::TierPolicy::Sync;
  case FUSER_TIER_QUICK_ONLY:
    return runtime::TierPolicy::QuickOnly;
  case FUSER_TIER_FINAL_ONLY:
    return runtime::TierPolicy::FinalOnly;
  case FUSER_TIER_DEFAULT:
    break;
  }
  return runtime::TierPolicy::FromEnvironment;
}

static runtime::SessionOptions optionsOf(const fuser_session_options &given) {
  runtime::SessionOptions options;
  options.threads = given.num_threads;
  options.interpretOnly = given.interpret_only;
  options.tiers = policyOf(given.tier);
  if (given.max_kernels > 0)
    options.maxKernels = given.max_kernels;
  if (given.max_cached_bytes != 0)
    options.maxCachedBytes = std::max<int64_t>(given.max_cached_bytes, 0);
  if (given.allocate)
    options.allocator = std::make_shared<HostAllocator>(given);
  if (given.parallel_for)
    options.threadPool = std::make_shared<HostThreads>(given);
  return options;
}

static absl::StatusOr<fuser_session *>
createSession(const fuser_session_options *given) {
  auto options = readOptions(given, "fuser_session_options");
  if (!options.ok())
    return options.status();
  if (absl::Status status = checkOptions(*options); !status.ok())
    return status;
  TargetOptions target;
  target.cpu = options->cpu ? options->cpu : "";
  target.features = options->features ? options->features : "";
  const bool hasTarget = !target.cpu.empty() || !target.features.empty();
  auto compiler =
      std::make_shared<Compiler>(optionsOf(*options), std::move(target));
  if (hasTarget)
    if (absl::Status status = compiler->checkTarget(); !status.ok())
      return status;
  return new fuser_session{std::move(compiler)};
}

//===----------------------------------------------------------------------===//
// The public face
//===----------------------------------------------------------------------===//

uint32_t fuser_version(void) FUSER_NOEXCEPT {
  return FUSER_VERSION_MAJOR * 10000 + FUSER_VERSION_MINOR * 100 +
         FUSER_VERSION_PATCH;
}

#define FUSER_TEXT(NUMBER) FUSER_TEXT_OF(NUMBER)
#define FUSER_TEXT_OF(NUMBER) #NUMBER
const char *fuser_version_string(void) FUSER_NOEXCEPT {
  return FUSER_TEXT(FUSER_VERSION_MAJOR) "." FUSER_TEXT(
      FUSER_VERSION_MINOR) "." FUSER_TEXT(FUSER_VERSION_PATCH);
}

fuser_error *fuser_session_create(const fuser_session_options *options,
                                  fuser_session **session) FUSER_NOEXCEPT {
  if (!session)
    return invalid("session is NULL: expected where to put the handle");
  *session = nullptr;
  auto created = createSession(options);
  if (!created.ok())
    return errorOf(created.status());
  *session = *created;
  return nullptr;
}

void fuser_session_free(fuser_session *session) FUSER_NOEXCEPT {
  delete session;
}

int32_t fuser_session_num_threads(const fuser_session *session) FUSER_NOEXCEPT {
  return session ? session->compiler->session().threads().numThreads() : 0;
}

void fuser_session_wait(fuser_session *session) FUSER_NOEXCEPT {
  if (session)
    session->compiler->session().waitForCompilations();
}

int32_t fuser_session_can_fuse_on_gpu(fuser_session *session) FUSER_NOEXCEPT {
  return session &&
         session->compiler->session().canFuseOn(runtime::DeviceType::CUDA);
}

static runtime::Device cudaDevice(int32_t index) {
  return {runtime::DeviceType::CUDA, index};
}

void *fuser_set_stream(int32_t device, void *stream) FUSER_NOEXCEPT {
  return runtime::setCurrentStream(cudaDevice(device), stream);
}

void fuser_session_forget_stream(fuser_session *session, int32_t device,
                                 void *stream) FUSER_NOEXCEPT {
  if (!session)
    return;
  auto cuda = session->compiler->session().cudaRuntime();
  if (cuda.ok())
    (*cuda)->forgetStream(cudaDevice(device), stream);
}

void fuser_session_trim(fuser_session *session,
                        size_t bytes_to_keep) FUSER_NOEXCEPT {
  if (session)
    session->compiler->session().allocator().trim(bytes_to_keep);
}

void fuser_session_set_cache_limit(fuser_session *session,
                                   size_t bytes) FUSER_NOEXCEPT {
  if (session)
    session->compiler->session().allocator().setCacheLimit(bytes);
}

fuser_error *fuser_session_statistics(fuser_session *session,
                                      char **json) FUSER_NOEXCEPT {
  if (!json)
    return invalid("json is NULL: expected where to put the text");
  *json = nullptr;
  if (!session)
    return invalid("session is NULL");
  return giveString(session->compiler->session().statistics().json(), json);
}
