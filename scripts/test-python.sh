#!/usr/bin/env bash
# Builds the wheel of the Python package from a libfuser.so that is there,
# installs it into an environment below the build folder, and runs its tests.
set -euo pipefail

usage() {
  cat <<TEXT
Usage: scripts/test-python.sh [--help] [--build=DIR] [PYTEST ARGUMENT...]

  --build=DIR   where fuser was built (default: build); lib/libfuser.so in it
                goes into the wheel

Needs Python 3.11 with its headers, and the Python package index. The
environment, DIR/python, is kept for later runs.
TEXT
}

build=build
case "${1:-}" in
  --help) usage; exit 0 ;;
  --build=*) build="${1#--build=}"; shift ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build="$(realpath "$build")"
environment="$build/python"
pip=("$environment/bin/pip" --quiet --disable-pip-version-check)

if ! cmp --silent python/tests/requirements.txt \
         "$environment/requirements.txt"; then
  echo "Making $environment..."
  python3 -m venv --clear "$environment"
  "${pip[@]}" install --requirement python/tests/requirements.txt
  cp python/tests/requirements.txt "$environment/requirements.txt"
fi

echo "Building the wheel..."
rm -rf "$environment/wheel"
"${pip[@]}" wheel . --no-deps --no-build-isolation \
  --wheel-dir "$environment/wheel" \
  --config-settings "build-dir=$environment/build" \
  --config-settings "cmake.define.FUSER_LIBRARY=$build/lib/libfuser.so"
"${pip[@]}" install --no-deps --force-reinstall "$environment"/wheel/*.whl

echo "Running the tests..."
if [[ $# -eq 0 ]]; then
  set -- python/tests
fi
export FUSER_TESTS_SKIP_NOTHING=1
exec "$environment/bin/python" -m pytest --quiet -rs -p no:cacheprovider "$@"
