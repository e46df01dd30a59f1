#!/usr/bin/env bash
# Builds fuser with the address and undefined-behaviour sanitizers and runs all
# of its tests, or with the thread sanitizer and runs those with threads.
set -euo pipefail

usage() {
  cat <<TEXT
Usage: scripts/sanitize.sh [--help] [--thread [SECONDS] | CTEST ARGUMENT...]

Installs what is missing, builds into build-sanitize/ (-O1, assertions, both
sanitizers) and runs ctest there. With --thread: builds into build-tsan/ and
runs the unit tests that start threads, and fuser-stress for SECONDS (60).
TEXT
}

if [[ "${1:-}" == --help ]]; then
  usage
  exit 0
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/install-deps.sh

if [[ "${1:-}" == --thread ]]; then
  bash scripts/build.sh --tsan FuserRuntimeTests FuserCompilerTests \
    FuserFaultTests fuser-stress
  bin=build-tsan/bin
  tsan="halt_on_error=0:second_deadlock_stack=1:allocator_may_return_null=1"
  tsan+=":suppressions=$PWD/scripts/tsan-suppressions.txt"
  export TSAN_OPTIONS="${TSAN_OPTIONS:-$tsan}"
  # Its shadow memory has no room for addresses as random as Linux makes them.
  fixed=(setarch "$(uname -m)" --addr-no-randomize)
  status=0
  echo "Running the tests..."
  "${fixed[@]}" "$bin/FuserRuntimeTests" --gtest_brief=1 || status=1
  "${fixed[@]}" "$bin/FuserCompilerTests" --gtest_brief=1 \
    --gtest_filter='*Thread*:*Cache*:*Lstm*:Tiers*' || status=1
  "${fixed[@]}" "$bin/FuserFaultTests" --gtest_brief=1 \
    --gtest_filter='Backend.*:Allocation.*:Process.Kernels*' || status=1
  # Its threads are its own; oneTBB's would only add what can't be judged.
  FUSER_NUM_THREADS=1 "${fixed[@]}" "$bin/fuser-stress" --threads=16 "--seconds=${2:-60}" ||
    status=1
  exit "$status"
fi

bash scripts/build.sh --sanitize
cd build-sanitize

# LLVM's own libraries are not instrumented: containers that cross the border
# would be taken for overflows. Tests ask for more memory than there is.
asan=detect_container_overflow=0:allocator_may_return_null=1
export ASAN_OPTIONS="${ASAN_OPTIONS:-$asan}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
echo "Running the tests..."
exec ctest --output-on-failure --no-tests=error -j"$(nproc)" "$@"
