#!/usr/bin/env bash
# Installs what fuser is built and tested with, as far as it is missing. When
# nothing is, it changes nothing and needs neither root nor a network.
set -euo pipefail

packages=(
  # MLIR and LLVM 22, their test tools (FileCheck, not, split-file, lit)
  libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools lld-22
  clang-format-22
  # building
  cmake ninja-build g++ ccache
  # libraries
  libtbb-dev libabsl-dev libgtest-dev libbenchmark-dev nlohmann-json3-dev
  libmpfr-dev libdlpack-dev
  # tests and scripts; another LLVM to live beside
  python3 python3-numpy python3-dev python3-venv libllvm14 pkg-config
)

usage() {
  cat <<TEXT
Usage: scripts/install-deps.sh [--help] [--list]

Installs the Debian packages that fuser needs and that are missing. Needs root
for that; does nothing if all are there.

  --list   print the names of all packages and stop
TEXT
}

case "${1:-}" in
  "") ;;
  --help) usage; exit 0 ;;
  --list) printf '%s\n' "${packages[@]}"; exit 0 ;;
  *) echo "install-deps.sh: error: expected --list or nothing, found '$1'" >&2
     exit 2 ;;
esac

is_installed() {
  # What is on the PATH or importable need not come from a package.
  case "$1" in
    cmake) command -v cmake > /dev/null && return ;;
    ninja-build) command -v ninja > /dev/null && return ;;
    g++) command -v g++ > /dev/null && return ;;
    python3) command -v python3 > /dev/null && return ;;
    python3-dev)
      python3 -c 'import os.path, sys, sysconfig
sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' &&
        return ;;
    python3-venv) python3 -c 'import ensurepip' 2> /dev/null && return ;;
    python3-numpy) python3 -c 'import numpy' 2> /dev/null && return ;;
  esac
  [[ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" \
        2> /dev/null)" == installed ]]
}

find_missing() {
  missing=()
  for package in "${packages[@]}"; do
    is_installed "$package" || missing+=("$package")
  done
}

if ! command -v dpkg-query > /dev/null; then
  echo "install-deps.sh: error: expected Debian (12) or a relative of it;" \
       "elsewhere install by hand what --list names" >&2
  exit 1
fi

echo "Checking dependencies..."
find_missing
if [[ ${#missing[@]} -gt 0 ]]; then
  command="apt-get update && apt-get install --yes ${missing[*]}"
  if [[ $EUID -ne 0 ]]; then
    echo "install-deps.sh: error: missing packages: ${missing[*]}" >&2
    echo "  as root run: $command" >&2
    exit 1
  fi
  echo "Installing ${missing[*]}..."
  export DEBIAN_FRONTEND=noninteractive
  if ! apt-get update --quiet; then
    echo "install-deps.sh: error: 'apt-get update' failed (its messages are" \
         "above); check the network and the apt sources, then run this again" >&2
    exit 1
  fi
  unknown=()
  for package in "${missing[@]}"; do
    apt-cache show "$package" > /dev/null 2>&1 || unknown+=("$package")
  done
  if [[ ${#unknown[@]} -gt 0 ]]; then
    echo "install-deps.sh: error: no apt source has ${unknown[*]};" \
         "add one with MLIR and LLVM 22 for this release" >&2
    exit 1
  fi
  apt-get install --yes --quiet --no-install-recommends "${missing[@]}"
  find_missing
  if [[ ${#missing[@]} -gt 0 ]]; then
    echo "install-deps.sh: error: still missing: ${missing[*]}" >&2
    exit 1
  fi
fi

# The packages serve Debian's own Python, which need not be the first on the
# PATH.
if ! python3 -c 'import numpy' 2> /dev/null; then
  echo "install-deps.sh: error: $(command -v python3 || echo python3), the first" \
       "python3 on the PATH, cannot import numpy; run 'python3 -m pip install" \
       "numpy', or put /usr/bin first on the PATH" >&2
  exit 1
fi

# lit comes with llvm-22-tools, in one of several places.
tools="$(llvm-config-22 --prefix)"
for lit in "$(command -v lit-22 || true)" "$(command -v lit || true)" \
           "$tools/bin/lit" "$tools/build/utils/lit/lit.py"; do
  if [[ -n "$lit" && -e "$lit" ]]; then
    echo "All dependencies are there."
    exit 0
  fi
done
echo "install-deps.sh: error: lit not found: expected lit-22 from" \
     "llvm-22-tools on the PATH or in $tools" >&2
exit 1
