#!/usr/bin/env bash
# Builds fuser and runs all of its tests.
set -euo pipefail

usage() {
  cat <<TEXT
Usage: scripts/test.sh [--help] [CTEST ARGUMENT...]

Installs what is missing, builds into build/ and runs ctest there, e.g.
scripts/test.sh -R Runtime for the tests of that name only.
TEXT
}

if [[ "${1:-}" == --help ]]; then
  usage
  exit 0
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/install-deps.sh
bash scripts/build.sh
cd build
echo "Running the tests..."
exec ctest --output-on-failure --no-tests=error -j"$(nproc)" "$@"
