#!/usr/bin/env bash
# Builds fuser with the address and undefined-behaviour sanitizers and runs all
# of its tests.
set -euo pipefail

usage() {
  cat <<TEXT
Usage: scripts/sanitize.sh [--help] [CTEST ARGUMENT...]

Installs what is missing, builds into build-sanitize/ (-O1, assertions, both
sanitizers) and runs ctest there.
TEXT
}

if [[ "${1:-}" == --help ]]; then
  usage
  exit 0
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/install-deps.sh
bash scripts/build.sh --sanitize
cd build-sanitize

# LLVM's own libraries are not instrumented: containers that cross the border
# would be taken for overflows. Tests ask for more memory than there is.
asan=detect_container_overflow=0:allocator_may_return_null=1
export ASAN_OPTIONS="${ASAN_OPTIONS:-$asan}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
echo "Running the tests..."
exec ctest --output-on-failure --no-tests=error -j"$(nproc)" "$@"
